//! The queue: an [`order`] of entries with a revision, undo and redo.

mod order;
mod saved;

use std::collections::{HashSet, VecDeque};

use fastrand::Rng;
use imbl::Vector;

pub use order::Entry;
pub(crate) use order::{Order, Removal, Step};
pub use saved::SavedQueue;

use crate::{ClientKind, EntryId, QueueEdit, QueueEditKind, QueuePosition, QueueState, Repeat, TrackId};

/// How many edits can be taken back.
const UNDO_STEPS: usize = 50;

/// See the module.
#[derive(Debug, Clone, Default)]
pub(crate) struct Queue {
    order: Order,
    pub(crate) repeat: Repeat,
    /// Whose wish is being carried out.
    pub(crate) editor: ClientKind,
    edited_by: Option<ClientKind>,
    next_id: u64,
    revision: u64,
    undo: VecDeque<Turn>,
    redo: Vec<Turn>,
}

/// An edit and the order on its other side.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Turn {
    edit: QueueEdit,
    order: Order,
}

impl Queue {
    /// The queue as it was kept, standing at `current`, or at its start if that is gone.
    pub(crate) fn restore(saved: SavedQueue, current: Option<EntryId>, repeat: Repeat) -> Self {
        let SavedQueue { mut order, undo, redo, next_id } = saved;
        let known = current.and_then(|id| order.position(id));
        order.current = known.or((!order.entries.is_empty()).then_some(0));
        let orders = undo.iter().chain(&redo).map(|turn| &turn.order).chain([&order]);
        let highest = orders.flat_map(|order| &order.entries).map(|entry| entry.id.0 + 1).max().unwrap_or(0);
        Queue { order, repeat, next_id: next_id.max(highest), undo, redo, ..Queue::default() }
    }

    pub(crate) fn saved(&self) -> SavedQueue {
        SavedQueue {
            order: Order { current: None, ..self.order.clone() },
            undo: self.undo.clone(),
            redo: self.redo.clone(),
            next_id: self.next_id,
        }
    }

    pub(crate) fn state(&self) -> QueueState {
        QueueState {
            revision: self.revision,
            length: self.order.entries.len() as u32,
            current: self.order.current.map(|index| index as u32),
            edited_by: self.edited_by,
            undo: self.undo.len() as u32,
            undo_edit: self.undo.back().map(|turn| turn.edit),
            redo: self.redo.len() as u32,
            redo_edit: self.redo.last().map(|turn| turn.edit),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.order.entries.len()
    }

    pub(crate) fn is_shuffled(&self) -> bool {
        self.order.unshuffled.is_some()
    }

    pub(crate) fn current(&self) -> Option<Entry> {
        self.order.current_entry()
    }

    pub(crate) fn current_index(&self) -> Option<usize> {
        self.order.current
    }

    /// The tracks of an entry and of those before and behind it.
    pub(crate) fn around(&self, index: usize) -> impl Iterator<Item = TrackId> {
        let first = index.saturating_sub(1);
        self.window(first, index + 2 - first).into_iter().map(|entry| entry.track)
    }

    /// Entries `offset..offset + limit`, as far as they exist.
    pub(crate) fn window(&self, offset: usize, limit: usize) -> Vec<Entry> {
        self.order.entries.skip(offset.min(self.len())).iter().take(limit).copied().collect()
    }

    /// A new context in place of the old one, started at `start`.
    pub(crate) fn play(&mut self, tracks: Vec<TrackId>, start: usize, shuffled: bool, rng: &mut Rng) {
        let context = self.new_entries(tracks, false);
        self.edit(QueueEditKind::Play, context.len(), |order| order.play(context, start, shuffled, rng));
    }

    /// A new context in place of all there is, started at `start`.
    pub(crate) fn replace(&mut self, tracks: Vec<TrackId>, start: usize, shuffled: bool, rng: &mut Rng) {
        let context = self.new_entries(tracks, false);
        self.edit(QueueEditKind::Play, context.len(), |order| order.replace(context, start, shuffled, rng));
    }

    pub(crate) fn insert(&mut self, tracks: Vec<TrackId>, place: QueuePosition) {
        if tracks.is_empty() {
            return;
        }
        let entries = self.new_entries(tracks, place != QueuePosition::End);
        self.edit(QueueEditKind::Insert, entries.len(), |order| order.insert(place, entries));
    }

    /// `None` if one of them is not in the queue; then nothing changes.
    pub(crate) fn remove(&mut self, ids: &[EntryId]) -> Option<Removal> {
        let doomed = self.order.indexes_of(ids)?;
        if doomed.is_empty() {
            return Some(Removal::Others);
        }
        Some(self.edit(QueueEditKind::Remove, doomed.len(), |order| order.remove(&doomed)))
    }

    /// `None` if one of them is not in the queue; then nothing changes.
    pub(crate) fn move_before(&mut self, ids: &[EntryId], before: Option<EntryId>) -> Option<()> {
        let indexes = self.order.indexes_of(ids)?;
        let before = match before {
            Some(id) => Some(self.order.position(id)?),
            None => None,
        };
        if !indexes.is_empty() {
            self.edit(QueueEditKind::Move, indexes.len(), |order| order.move_before(ids, &indexes, before));
        }
        Some(())
    }

    pub(crate) fn clear(&mut self) {
        self.edit(QueueEditKind::Clear, self.len(), |order| {
            *order = Order { unshuffled: order.unshuffled.as_ref().map(|_| Vector::new()), ..Order::default() }
        });
    }

    pub(crate) fn set_shuffled(&mut self, shuffled: bool, rng: &mut Rng) {
        if shuffled != self.is_shuffled() {
            let kind = if shuffled { QueueEditKind::Shuffle } else { QueueEditKind::Unshuffle };
            self.edit(kind, self.len(), |order| if shuffled { order.shuffle(rng) } else { order.unshuffle() });
        }
    }

    /// Takes the last edit back. False if there is none.
    pub(crate) fn undo(&mut self) -> bool {
        let Some(turn) = self.undo.pop_back() else { return false };
        let undone = self.return_to(turn);
        self.redo.push(undone);
        true
    }

    /// Makes the edit again that was taken back last. False if there is none.
    pub(crate) fn redo(&mut self) -> bool {
        let Some(turn) = self.redo.pop() else { return false };
        let redone = self.return_to(turn);
        self.undo.push_back(redone);
        true
    }

    pub(crate) fn jump(&mut self, id: EntryId) -> bool {
        let Some(index) = self.order.position(id) else { return false };
        self.moving(|order| order.jump(index));
        true
    }

    /// What is heard after the current entry.
    pub(crate) fn following(&self, by_itself: bool, broken: &HashSet<EntryId>) -> Option<(Step, Entry)> {
        let step = self.order.following(self.repeat, by_itself, broken)?;
        Some((step, self.order.entries[step.index()]))
    }

    pub(crate) fn take(&mut self, step: Step, rng: &mut Rng) {
        self.moving(|order| order.take(step, rng));
    }

    /// Whether the listener put the current entry into the queue, not a context.
    pub(crate) fn current_was_queued(&self) -> bool {
        self.order.current_was_queued
    }

    /// To the entry in front of the current one that is not `broken`. False if there is none.
    pub(crate) fn step_back(&mut self, broken: &HashSet<EntryId>) -> bool {
        self.order.step_back(broken)
    }

    fn edit<T>(&mut self, kind: QueueEditKind, entries: usize, change: impl FnOnce(&mut Order) -> T) -> T {
        let edit = QueueEdit { kind, entries: entries as u32, by: self.editor };
        self.edited_by = Some(self.editor);
        self.undo.push_back(Turn { edit, order: self.order.clone() });
        if self.undo.len() > UNDO_STEPS {
            self.undo.pop_front();
        }
        self.redo.clear();
        self.revision += 1;
        change(&mut self.order)
    }

    /// Going through the queue is no edit, though it may bring entries into another order.
    fn moving(&mut self, change: impl FnOnce(&mut Order)) {
        let entries = self.order.entries.clone();
        change(&mut self.order);
        if !entries.ptr_eq(&self.order.entries) && entries != self.order.entries {
            self.revision += 1;
        }
    }

    /// Puts an earlier order in force, standing at the entry that is current now if it has it. Returns today's.
    fn return_to(&mut self, Turn { edit, mut order }: Turn) -> Turn {
        if let Some(index) = self.current().and_then(|entry| order.position(entry.id)) {
            order.current = Some(index);
        }
        self.revision += 1;
        self.edited_by = Some(self.editor);
        Turn { edit, order: std::mem::replace(&mut self.order, order) }
    }

    fn new_entries(&mut self, tracks: Vec<TrackId>, queued: bool) -> Vector<Entry> {
        let first = self.next_id;
        self.next_id += tracks.len() as u64;
        (first..).zip(tracks).map(|(id, track)| Entry { id: EntryId(id), track, queued }).collect()
    }
}

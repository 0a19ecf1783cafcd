//! The queue: a [`QueueOrder`] of entries with a revision, undo and redo.

mod order;
mod saved;

use std::collections::{HashSet, VecDeque};

use fastrand::Rng;
use imbl::Vector;

pub use order::Entry;
pub(crate) use order::{NextEntry, QueueOrder, RemoveOutcome};
pub use saved::SavedQueue;

use crate::{ClientKind, EntryId, QueueEdit, QueueEditKind, QueuePosition, QueueState, Repeat, TrackId};

/// Number of edits that can be undone.
const MAX_UNDO_STEPS: usize = 50;

/// The queue. See the module.
#[derive(Debug, Clone, Default)]
pub(crate) struct Queue {
    order: QueueOrder,
    pub(crate) repeat: Repeat,
    /// The client whose command is being run.
    pub(crate) current_client: ClientKind,
    edited_by: Option<ClientKind>,
    next_id: u64,
    revision: u64,
    undo: VecDeque<UndoStep>,
    redo: Vec<UndoStep>,
}

/// An edit and the order that it replaced.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct UndoStep {
    edit: QueueEdit,
    order: QueueOrder,
}

impl Queue {
    /// Restores a saved queue with the given current entry, or the first one if that is gone.
    pub(crate) fn restore(saved: SavedQueue, current: Option<EntryId>, repeat: Repeat) -> Self {
        let SavedQueue { mut order, undo, redo, next_id } = saved;
        let index = current.and_then(|id| order.position(id));
        order.current = index.or((!order.entries.is_empty()).then_some(0));
        let orders = undo.iter().chain(&redo).map(|step| &step.order).chain([&order]);
        let highest = orders.flat_map(|order| &order.entries).map(|entry| entry.id.0 + 1).max().unwrap_or(0);
        Queue { order, repeat, next_id: next_id.max(highest), undo, redo, ..Queue::default() }
    }

    pub(crate) fn saved(&self) -> SavedQueue {
        SavedQueue {
            order: QueueOrder { current: None, ..self.order.clone() },
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
            undo_count: self.undo.len() as u32,
            next_undo: self.undo.back().map(|step| step.edit),
            redo_count: self.redo.len() as u32,
            next_redo: self.redo.last().map(|step| step.edit),
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

    /// Returns the tracks of an entry and of the entries before and after it.
    pub(crate) fn neighbours(&self, index: usize) -> impl Iterator<Item = TrackId> {
        let first = index.saturating_sub(1);
        self.slice(first, index + 2 - first).into_iter().map(|entry| entry.track)
    }

    /// Returns the entries from `offset`, at most `limit`.
    pub(crate) fn slice(&self, offset: usize, limit: usize) -> Vec<Entry> {
        self.order.entries.skip(offset.min(self.len())).iter().take(limit).copied().collect()
    }

    /// Replaces the context (everything but "Up next") and makes the entry at `start` current.
    pub(crate) fn play(&mut self, tracks: Vec<TrackId>, start: usize, shuffled: bool, rng: &mut Rng) {
        let context = self.new_entries(tracks, false);
        self.edit(QueueEditKind::Play, context.len(), |order| order.play(context, start, shuffled, rng));
    }

    /// Replaces everything and makes the entry at `start` current.
    pub(crate) fn replace(&mut self, tracks: Vec<TrackId>, start: usize, shuffled: bool, rng: &mut Rng) {
        let context = self.new_entries(tracks, false);
        self.edit(QueueEditKind::Play, context.len(), |order| order.replace(context, start, shuffled, rng));
    }

    pub(crate) fn insert(&mut self, tracks: Vec<TrackId>, position: QueuePosition) {
        if tracks.is_empty() {
            return;
        }
        let entries = self.new_entries(tracks, position != QueuePosition::End);
        self.edit(QueueEditKind::Insert, entries.len(), |order| order.insert(position, entries));
    }

    /// Returns `None`, and changes nothing, if one of the entries is not in the queue.
    pub(crate) fn remove(&mut self, ids: &[EntryId]) -> Option<RemoveOutcome> {
        let to_remove = self.order.indexes_of(ids)?;
        if to_remove.is_empty() {
            return Some(RemoveOutcome::CurrentKept);
        }
        Some(self.edit(QueueEditKind::Remove, to_remove.len(), |order| order.remove(&to_remove)))
    }

    /// Returns `None`, and changes nothing, if one of the entries is not in the queue.
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
            let unshuffled = order.unshuffled.as_ref().map(|_| Vector::new());
            *order = QueueOrder { unshuffled, ..QueueOrder::default() };
        });
    }

    pub(crate) fn set_shuffled(&mut self, shuffled: bool, rng: &mut Rng) {
        if shuffled != self.is_shuffled() {
            let kind = if shuffled { QueueEditKind::Shuffle } else { QueueEditKind::Unshuffle };
            self.edit(kind, self.len(), |order| if shuffled { order.shuffle(rng) } else { order.unshuffle() });
        }
    }

    /// Undoes the last edit. Returns whether there was one.
    pub(crate) fn undo(&mut self) -> bool {
        let Some(step) = self.undo.pop_back() else { return false };
        let undone = self.swap_order(step);
        self.redo.push(undone);
        true
    }

    /// Redoes the edit that was undone last. Returns whether there was one.
    pub(crate) fn redo(&mut self) -> bool {
        let Some(step) = self.redo.pop() else { return false };
        let redone = self.swap_order(step);
        self.undo.push_back(redone);
        true
    }

    /// Makes an entry current. Returns whether it is in the queue.
    pub(crate) fn jump_to(&mut self, id: EntryId) -> bool {
        let Some(index) = self.order.position(id) else { return false };
        self.move_current(|order| order.jump_to(index));
        true
    }

    /// Returns what plays after the current entry. `auto_advance`: the track ended; the user did not press Next.
    pub(crate) fn next_entry(&self, auto_advance: bool, unplayable: &HashSet<EntryId>) -> Option<(NextEntry, Entry)> {
        let next = self.order.next_entry(self.repeat, auto_advance, unplayable)?;
        Some((next, self.order.entries[next.index()]))
    }

    /// Goes on to the next entry.
    pub(crate) fn advance(&mut self, next: NextEntry, rng: &mut Rng) {
        self.move_current(|order| order.advance(next, rng));
    }

    /// Whether the user added the current entry to "Up next".
    pub(crate) fn current_was_user_queued(&self) -> bool {
        self.order.current_was_user_queued
    }

    /// Goes back to the previous playable entry. Returns whether there is one.
    pub(crate) fn step_back(&mut self, unplayable: &HashSet<EntryId>) -> bool {
        self.order.step_back(unplayable)
    }

    fn edit<T>(&mut self, kind: QueueEditKind, entries: usize, change: impl FnOnce(&mut QueueOrder) -> T) -> T {
        let edit = QueueEdit { kind, entries: entries as u32, client: self.current_client };
        self.edited_by = Some(self.current_client);
        self.undo.push_back(UndoStep { edit, order: self.order.clone() });
        if self.undo.len() > MAX_UNDO_STEPS {
            self.undo.pop_front();
        }
        self.redo.clear();
        self.revision += 1;
        change(&mut self.order)
    }

    /// Changes the current entry. That is not an edit, but it may reorder entries.
    fn move_current(&mut self, change: impl FnOnce(&mut QueueOrder)) {
        let entries = self.order.entries.clone();
        change(&mut self.order);
        if !entries.ptr_eq(&self.order.entries) && entries != self.order.entries {
            self.revision += 1;
        }
    }

    /// Swaps in another order and returns the replaced one. The current entry stays current if the other order has it.
    fn swap_order(&mut self, UndoStep { edit, mut order }: UndoStep) -> UndoStep {
        if let Some(index) = self.current().and_then(|entry| order.position(entry.id)) {
            order.current = Some(index);
        }
        self.revision += 1;
        self.edited_by = Some(self.current_client);
        UndoStep { edit, order: std::mem::replace(&mut self.order, order) }
    }

    fn new_entries(&mut self, tracks: Vec<TrackId>, user_queued: bool) -> Vector<Entry> {
        let first = self.next_id;
        self.next_id += tracks.len() as u64;
        (first..).zip(tracks).map(|(id, track)| Entry { id: EntryId(id), track, user_queued }).collect()
    }
}

//! The queue: a [`QueueOrder`] of entries with a revision, and the history of all edits.

mod history;
mod order;
mod saved;

use std::collections::HashSet;

use fastrand::Rng;
use imbl::Vector;

pub(crate) use history::{Change, EditHistory, Step, UndoStep};
pub use order::Entry;
pub(crate) use order::{NextEntry, QueueOrder, RemoveOutcome};
pub use saved::SavedQueue;

use crate::{ClientKind, EditKind, EditSummary, EntryId, QueuePosition, QueueState, Repeat, TrackId};

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
    pub(crate) history: EditHistory,
}

impl Queue {
    /// Restores a saved queue with the given current entry, or the first one if that is gone.
    pub(crate) fn restore(saved: SavedQueue, current: Option<EntryId>, repeat: Repeat) -> Self {
        let SavedQueue { mut order, undo, redo, next_id } = saved;
        let index = current.and_then(|id| order.position(id));
        order.current = index.or((!order.entries.is_empty()).then_some(0));
        let orders = undo.iter().chain(&redo).filter_map(UndoStep::order).chain([&order]);
        let highest = orders.flat_map(|order| &order.entries).map(|entry| entry.id.0 + 1).max().unwrap_or(0);
        let history = EditHistory::restore(undo, redo);
        Queue { order, repeat, next_id: next_id.max(highest), history, ..Queue::default() }
    }

    pub(crate) fn saved(&self) -> SavedQueue {
        SavedQueue {
            order: QueueOrder { current: None, ..self.order.clone() },
            undo: self.history.undo.clone(),
            redo: self.history.redo.clone(),
            next_id: self.next_id,
        }
    }

    pub(crate) fn state(&self) -> QueueState {
        QueueState {
            revision: self.revision,
            length: self.order.entries.len() as u32,
            current: self.order.current.map(|index| index as u32),
            edited_by: self.edited_by,
            undo_count: self.history.undo.len() as u32,
            next_undo: self.history.undo.back().map(|step| step.edit.clone()),
            redo_count: self.history.redo.len() as u32,
            next_redo: self.history.redo.last().map(|step| step.edit.clone()),
            last_edit: self.history.last.clone(),
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
        self.edit(EditKind::Play, context.len(), |order| order.play(context, start, shuffled, rng));
    }

    /// Replaces everything and makes the entry at `start` current.
    pub(crate) fn replace(&mut self, tracks: Vec<TrackId>, start: usize, shuffled: bool, rng: &mut Rng) {
        let context = self.new_entries(tracks, false);
        self.edit(EditKind::Play, context.len(), |order| order.replace(context, start, shuffled, rng));
    }

    /// Adds tracks: before an entry, or without one at `position`. Returns `None`, and changes nothing, if the entry is
    /// not in the queue.
    pub(crate) fn insert(
        &mut self,
        tracks: Vec<TrackId>,
        position: QueuePosition,
        before: Option<EntryId>,
    ) -> Option<()> {
        let before = match before {
            Some(id) => Some(self.order.position(id)?),
            None => None,
        };
        if !tracks.is_empty() {
            let entries = self.new_entries(tracks, before.is_some() || position != QueuePosition::End);
            self.edit(EditKind::Insert, entries.len(), |order| match before {
                Some(index) => order.insert_at(index, entries),
                None => order.insert(position, entries),
            });
        }
        Some(())
    }

    /// Returns `None`, and changes nothing, if one of the entries is not in the queue.
    pub(crate) fn remove(&mut self, ids: &[EntryId]) -> Option<RemoveOutcome> {
        let to_remove = self.order.indexes_of(ids)?;
        if to_remove.is_empty() {
            return Some(RemoveOutcome::Kept);
        }
        Some(self.edit(EditKind::Remove, to_remove.len(), |order| order.remove(&to_remove)))
    }

    /// Returns `None`, and changes nothing, if one of the entries is not in the queue.
    pub(crate) fn move_before(&mut self, ids: &[EntryId], before: Option<EntryId>) -> Option<()> {
        let indexes = self.order.indexes_of(ids)?;
        let before = match before {
            Some(id) => Some(self.order.position(id)?),
            None => None,
        };
        if !indexes.is_empty() {
            self.edit(EditKind::Move, indexes.len(), |order| order.move_before(ids, &indexes, before));
        }
        Some(())
    }

    pub(crate) fn clear(&mut self) {
        self.edit(EditKind::Clear, self.len(), |order| {
            let unshuffled = order.unshuffled.as_ref().map(|_| Vector::new());
            *order = QueueOrder { unshuffled, ..QueueOrder::default() };
        });
    }

    pub(crate) fn set_shuffled(&mut self, shuffled: bool, rng: &mut Rng) {
        if shuffled != self.is_shuffled() {
            let kind = if shuffled { EditKind::Shuffle } else { EditKind::Unshuffle };
            self.edit(kind, self.len(), |order| if shuffled { order.shuffle(rng) } else { order.unshuffle() });
        }
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

    fn edit<T>(&mut self, kind: EditKind, entries: usize, change: impl FnOnce(&mut QueueOrder) -> T) -> T {
        let edit = EditSummary::new(kind, entries, self.current_client, "");
        self.edited_by = Some(self.current_client);
        self.history.push(UndoStep { edit, change: Change::Queue(self.order.clone()) });
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

    /// Undoes or redoes an edit of the queue. The current entry stays current if the other order has it.
    pub(crate) fn apply_step(&mut self, step: Step, mut order: QueueOrder) {
        if let Some(index) = self.current().and_then(|entry| order.position(entry.id)) {
            order.current = Some(index);
        }
        self.revision += 1;
        self.edited_by = Some(self.current_client);
        let replaced = std::mem::replace(&mut self.order, order);
        self.history.complete(step, Change::Queue(replaced));
    }

    /// Returns a number that changes whenever [`Queue::saved`] does.
    pub(crate) fn saved_revision(&self) -> u64 {
        self.revision + self.history.revision
    }

    fn new_entries(&mut self, tracks: Vec<TrackId>, user_queued: bool) -> Vector<Entry> {
        let first = self.next_id;
        self.next_id += tracks.len() as u64;
        (first..).zip(tracks).map(|(id, track)| Entry { id: EntryId(id), track, user_queued }).collect()
    }
}

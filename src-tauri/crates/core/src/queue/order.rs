//! The order of the queue: its entries, which of them is current, and what comes next.
//!
//! Entries before the current one have been played. The `user_queued` ones directly after it are "Up next". The rest is
//! the context: the album, list or search result that was started. Clones share their structure, so old orders kept for
//! undo only cost what an edit changed.

use std::collections::{HashMap, HashSet};

use fastrand::Rng;
use imbl::Vector;
use serde::{Deserialize, Serialize};

use crate::{EntryId, QueuePosition, Repeat, TrackId};

/// An entry of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(EntryId, TrackId, bool)", into = "(EntryId, TrackId, bool)")]
pub struct Entry {
    /// Its id.
    pub id: EntryId,
    /// The track it plays.
    pub track: TrackId,
    /// Whether it is in "Up next": added by the user, not part of the context.
    pub user_queued: bool,
}

impl From<(EntryId, TrackId, bool)> for Entry {
    fn from((id, track, user_queued): (EntryId, TrackId, bool)) -> Self {
        Entry { id, track, user_queued }
    }
}

impl From<Entry> for (EntryId, TrackId, bool) {
    fn from(entry: Entry) -> Self {
        (entry.id, entry.track, entry.user_queued)
    }
}

/// See the module. Invariant: there is a current entry if and only if there are entries.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct QueueOrder {
    pub(crate) entries: Vector<Entry>,
    pub(crate) current: Option<usize>,
    /// Whether the current entry was in "Up next" before it became current.
    pub(crate) current_was_user_queued: bool,
    /// The original order; present if and only if the queue is shuffled.
    pub(crate) unshuffled: Option<Vector<Entry>>,
    /// Determines the first entry when a shuffled queue starts again, so that it can be prepared.
    pub(crate) reshuffle_seed: u64,
}

/// What plays next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NextEntry {
    /// The entry at this index.
    At(usize),
    /// The queue starts again with the entry at this index of the current order. A shuffled queue is shuffled again with
    /// that entry first.
    WrapTo(usize),
}

impl NextEntry {
    /// Returns the entry's index in the current order.
    pub(crate) fn index(self) -> usize {
        let (NextEntry::At(index) | NextEntry::WrapTo(index)) = self;
        index
    }
}

impl QueueOrder {
    pub(crate) fn position(&self, id: EntryId) -> Option<usize> {
        self.entries.iter().position(|entry| entry.id == id)
    }

    pub(crate) fn current_entry(&self) -> Option<Entry> {
        self.current.map(|index| self.entries[index])
    }

    /// Returns the index after the last entry of "Up next".
    fn up_next_end(&self) -> usize {
        let Some(current) = self.current else { return 0 };
        current + 1 + self.entries.skip(current + 1).iter().take_while(|entry| entry.user_queued).count()
    }

    /// Replaces the context and makes its entry at `start` current. "Up next" stays in front of the rest.
    pub(crate) fn play(&mut self, context: Vector<Entry>, start: usize, shuffled: bool, rng: &mut Rng) {
        let up_next = match self.current {
            Some(current) => self.entries.clone().slice(current + 1..self.up_next_end()),
            None => Vector::new(),
        };
        self.replace(context, start, shuffled, rng);
        let at = self.current.map_or(0, |current| current + 1);
        self.insert_at(at, up_next);
    }

    /// Replaces everything and makes the entry at `start` current.
    pub(crate) fn replace(&mut self, context: Vector<Entry>, start: usize, shuffled: bool, rng: &mut Rng) {
        self.entries = context;
        self.current = (!self.entries.is_empty()).then_some(start);
        self.current_was_user_queued = false;
        self.unshuffled = None;
        if shuffled {
            self.shuffle(rng);
        }
    }

    pub(crate) fn insert(&mut self, position: QueuePosition, new: Vector<Entry>) {
        let at = match position {
            QueuePosition::Next => self.current.map_or(0, |current| current + 1),
            QueuePosition::UpNext => self.up_next_end(),
            QueuePosition::End => self.entries.len(),
        };
        self.insert_at(at, new);
    }

    pub(crate) fn insert_at(&mut self, at: usize, new: Vector<Entry>) {
        let count = new.len();
        let rest = self.entries.split_off(at);
        self.entries.append(new);
        self.entries.append(rest);
        self.current = match self.current {
            Some(current) if at <= current => Some(current + count),
            Some(current) => Some(current),
            None => (count > 0).then_some(0),
        };
    }

    /// Removes the entries at these sorted indexes. If the current entry is removed, its successor becomes current, or the
    /// last remaining entry if it had none.
    pub(crate) fn remove(&mut self, to_remove: &[usize]) -> RemoveOutcome {
        let Some(current) = self.current else { return RemoveOutcome::Kept };
        let before = to_remove.partition_point(|&index| index < current);
        let removes_current = to_remove.get(before) == Some(&current);
        for &index in to_remove.iter().rev() {
            self.entries.remove(index);
        }
        let successor = current - before;
        self.set_current(self.entries.len().checked_sub(1).map(|last| successor.min(last)));
        match (removes_current, self.current) {
            (false, _) => RemoveOutcome::Kept,
            (true, Some(index)) if index == successor => RemoveOutcome::Replaced,
            (true, _) => RemoveOutcome::Removed,
        }
    }

    /// Moves entries, in the order of `ids`, in front of the one at `before`, or to the end. The current entry stays
    /// current.
    pub(crate) fn move_before(&mut self, ids: &[EntryId], indexes: &[usize], before: Option<usize>) {
        let current = self.current_entry();
        // If the target itself moves, use the next entry that does not.
        let target = before.and_then(|index| (index..self.entries.len()).find(|at| indexes.binary_search(at).is_err()));
        let mut moving: Vec<Entry> = indexes.iter().map(|&index| self.entries[index]).collect();
        let rank: HashMap<EntryId, usize> = ids.iter().enumerate().map(|(at, &id)| (id, at)).collect();
        moving.sort_by_key(|entry| rank.get(&entry.id).copied());
        for &index in indexes.iter().rev() {
            self.entries.remove(index);
        }
        let at = target.map_or(self.entries.len(), |at| at - indexes.partition_point(|&moved| moved < at));
        let rest = self.entries.split_off(at);
        self.entries.append(moving.into());
        self.entries.append(rest);
        self.current = current.and_then(|entry| self.position(entry.id));
    }

    /// Makes an entry current at the user's request. If it is a context entry, "Up next" still follows it. In a shuffled
    /// order it is moved behind the current entry, so that everything before it has been played.
    pub(crate) fn jump_to(&mut self, index: usize) {
        let Some(current) = self.current else { return };
        let up_next = current + 1..self.up_next_end();
        if index == current || up_next.contains(&index) {
            // Skipped entries leave "Up next".
            for skipped in up_next.start..index {
                self.entries[skipped].user_queued = false;
            }
            self.set_current(Some(index));
        } else if index > current && self.unshuffled.is_some() {
            let target = self.entries.remove(index);
            self.entries.insert(current + 1, target);
            self.set_current(Some(current + 1));
        } else {
            let moved_up = if index > current { up_next.len() } else { 0 };
            let entries = self.entries.slice(up_next);
            self.set_current(Some(index - moved_up));
            self.insert_at(index - moved_up + 1, entries);
        }
    }

    /// Makes an entry current. It leaves "Up next".
    fn set_current(&mut self, index: Option<usize>) {
        self.current = index;
        let from_up_next = index.filter(|&index| self.entries[index].user_queued);
        self.current_was_user_queued = from_up_next.is_some();
        if let Some(index) = from_up_next {
            self.entries[index].user_queued = false;
        }
    }

    /// Goes back to the previous playable entry. Returns whether there is one.
    pub(crate) fn step_back(&mut self, unplayable: &HashSet<EntryId>) -> bool {
        let is_playable = |index: &usize| !unplayable.contains(&self.entries[*index].id);
        let Some(previous) = (0..self.current.unwrap_or(0)).rev().find(is_playable) else { return false };
        self.set_current(Some(previous));
        true
    }

    /// Shuffles the queue: the current entry first, then "Up next", then the rest in random order.
    pub(crate) fn shuffle(&mut self, rng: &mut Rng) {
        self.reshuffle_seed = rng.u64(..);
        self.unshuffled = Some(self.entries.clone());
        let Some(current) = self.current else { return };
        let up_next_end = self.up_next_end();
        let front = self.entries.clone().slice(current..up_next_end);
        let mut rest: Vec<Entry> = self
            .entries
            .iter()
            .enumerate()
            .filter(|(at, _)| !(current..up_next_end).contains(at))
            .map(|(_, e)| *e)
            .collect();
        rng.shuffle(&mut rest);
        self.entries = front;
        self.entries.append(rest.into());
        self.current = Some(0);
    }

    /// Restores the original order. Entries removed meanwhile stay removed; entries added meanwhile stay behind the entry
    /// that they follow now.
    pub(crate) fn unshuffle(&mut self) {
        let Some(unshuffled) = self.unshuffled.take() else { return };
        let current = self.current_entry().map(|entry| entry.id);
        let present: HashSet<EntryId> = self.entries.iter().map(|entry| entry.id).collect();
        let original: HashSet<EntryId> = unshuffled.iter().map(|entry| entry.id).collect();
        let mut added_after: HashMap<Option<EntryId>, Vec<Entry>> = Default::default();
        let mut predecessor = None;
        for entry in &self.entries {
            if original.contains(&entry.id) {
                predecessor = Some(entry.id);
            } else {
                added_after.entry(predecessor).or_default().push(*entry);
            }
        }
        let mut entries: Vector<Entry> = added_after.remove(&None).unwrap_or_default().into();
        for entry in unshuffled.iter().filter(|entry| present.contains(&entry.id)) {
            entries.push_back(*entry);
            if let Some(added) = added_after.remove(&Some(entry.id)) {
                entries.append(added.into());
            }
        }
        self.entries = entries;
        self.current = current.and_then(|id| self.position(id));
    }

    /// Returns what plays after the current entry. `auto_advance`: the track ended; the user did not press Next.
    pub(crate) fn next_entry(
        &self,
        repeat: Repeat,
        auto_advance: bool,
        unplayable: &HashSet<EntryId>,
    ) -> Option<NextEntry> {
        let current = self.current?;
        let is_playable = |index: &usize| !unplayable.contains(&self.entries[*index].id);
        if auto_advance && repeat == Repeat::One && is_playable(&current) {
            return Some(NextEntry::At(current));
        }
        if let Some(index) = (current + 1..self.entries.len()).find(is_playable) {
            return Some(NextEntry::At(index));
        }
        // While one track repeats, Next at the end of the queue still wraps around.
        if repeat == Repeat::None || (repeat == Repeat::One && auto_advance) {
            return None;
        }
        let first = if self.unshuffled.is_some() { self.wrap_start(current) } else { 0 };
        (first..self.entries.len()).chain(0..first).find(is_playable).map(NextEntry::WrapTo)
    }

    /// Returns the index with which a shuffled queue starts again: a random one, but not of the track that just played if
    /// there is another.
    fn wrap_start(&self, current: usize) -> usize {
        let len = self.entries.len();
        let start = Rng::with_seed(self.reshuffle_seed).usize(..len);
        let last_played = self.entries[current].track;
        (start..len).chain(0..start).find(|&index| self.entries[index].track != last_played).unwrap_or(start)
    }

    /// Goes on to the next entry.
    pub(crate) fn advance(&mut self, next: NextEntry, rng: &mut Rng) {
        match next {
            NextEntry::At(index) => self.set_current(Some(index)),
            NextEntry::WrapTo(index) => {
                self.set_current(Some(index));
                if let Some(unshuffled) = self.unshuffled.take() {
                    self.shuffle(rng);
                    self.unshuffled = Some(unshuffled);
                }
            }
        }
    }

    /// Returns the sorted indexes of the entries, or `None` if one of them is not in the queue.
    pub(crate) fn indexes_of(&self, ids: &[EntryId]) -> Option<Vec<usize>> {
        let mut wanted = ids.to_vec();
        wanted.sort_unstable();
        wanted.dedup();
        // Searching a short sorted list is much faster than hashing every entry of a long queue.
        let is_wanted = |entry: &Entry| wanted.binary_search(&entry.id).is_ok();
        let indexes: Vec<usize> =
            self.entries.iter().enumerate().filter(|(_, entry)| is_wanted(entry)).map(|(index, _)| index).collect();
        (indexes.len() == wanted.len()).then_some(indexes)
    }
}

/// The effect of a removal on the current entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RemoveOutcome {
    /// It is still current.
    Kept,
    /// Its successor is current.
    Replaced,
    /// It was removed and had no successor.
    Removed,
}

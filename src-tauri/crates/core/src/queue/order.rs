//! The order of the queue: which entries, where the listener is among them, and what comes next.
//!
//! Entries before the current one are history, the `queued` ones directly after it are the listener's, the rest is
//! the context (album, list, search result). A clone shares its structure with the original, so keeping old orders
//! for undo costs only what an edit touched.

use std::collections::{HashMap, HashSet};

use fastrand::Rng;
use imbl::Vector;
use serde::{Deserialize, Serialize};

use crate::{EntryId, QueuePosition, Repeat, TrackId};

/// One place in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(EntryId, TrackId, bool)", into = "(EntryId, TrackId, bool)")]
pub struct Entry {
    /// Names it.
    pub id: EntryId,
    /// What it plays.
    pub track: TrackId,
    /// Put there by the listener, not by a context.
    pub queued: bool,
}

impl From<(EntryId, TrackId, bool)> for Entry {
    fn from((id, track, queued): (EntryId, TrackId, bool)) -> Self {
        Entry { id, track, queued }
    }
}

impl From<Entry> for (EntryId, TrackId, bool) {
    fn from(entry: Entry) -> Self {
        (entry.id, entry.track, entry.queued)
    }
}

/// See the module. Invariant: there is a current entry exactly when there are entries.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Order {
    pub(crate) entries: Vector<Entry>,
    pub(crate) current: Option<usize>,
    /// Whether the current entry was one of the listener's own before it became that.
    pub(crate) current_was_queued: bool,
    /// The order before shuffling; present exactly while shuffled.
    pub(crate) unshuffled: Option<Vector<Entry>>,
    /// Decides the permutation that follows when a shuffled queue starts again, so that it can be told before.
    pub(crate) wrap_seed: u64,
}

/// Where playing goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// To the entry at this index.
    To(usize),
    /// Around, to the entry at this index of today's order; a shuffled order is shuffled anew with it in front.
    Around(usize),
}

impl Step {
    /// Of the entry, in today's order.
    pub(crate) fn index(self) -> usize {
        let (Step::To(index) | Step::Around(index)) = self;
        index
    }
}

impl Order {
    pub(crate) fn position(&self, id: EntryId) -> Option<usize> {
        self.entries.iter().position(|entry| entry.id == id)
    }

    pub(crate) fn current_entry(&self) -> Option<Entry> {
        self.current.map(|index| self.entries[index])
    }

    /// Index after the listener's own entries that wait behind the current one.
    fn queued_end(&self) -> usize {
        let Some(current) = self.current else { return 0 };
        current + 1 + self.entries.skip(current + 1).iter().take_while(|entry| entry.queued).count()
    }

    /// A new context, started at `start`. What the listener queued stays in front of the rest of it.
    pub(crate) fn play(&mut self, context: Vector<Entry>, start: usize, shuffled: bool, rng: &mut Rng) {
        let waiting = match self.current {
            Some(current) => self.entries.clone().slice(current + 1..self.queued_end()),
            None => Vector::new(),
        };
        self.replace(context, start, shuffled, rng);
        let at = self.current.map_or(0, |current| current + 1);
        self.insert_at(at, waiting);
    }

    pub(crate) fn replace(&mut self, context: Vector<Entry>, start: usize, shuffled: bool, rng: &mut Rng) {
        self.entries = context;
        self.current = (!self.entries.is_empty()).then_some(start);
        self.current_was_queued = false;
        self.unshuffled = None;
        if shuffled {
            self.shuffle(rng);
        }
    }

    pub(crate) fn insert(&mut self, place: QueuePosition, new: Vector<Entry>) {
        let at = match place {
            QueuePosition::Next => self.current.map_or(0, |current| current + 1),
            QueuePosition::Queue => self.queued_end(),
            QueuePosition::End => self.entries.len(),
        };
        self.insert_at(at, new);
    }

    fn insert_at(&mut self, at: usize, new: Vector<Entry>) {
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

    /// Takes entries out. The successor of a removed current entry becomes current; with none, the last entry left.
    pub(crate) fn remove(&mut self, doomed: &[usize]) -> Removal {
        let Some(current) = self.current else { return Removal::Others };
        let before = doomed.partition_point(|&index| index < current);
        let current_doomed = doomed.get(before) == Some(&current);
        for &index in doomed.iter().rev() {
            self.entries.remove(index);
        }
        let successor = current - before;
        self.arrive(self.entries.len().checked_sub(1).map(|last| successor.min(last)));
        match (current_doomed, self.current) {
            (false, _) => Removal::Others,
            (true, Some(index)) if index == successor => Removal::CurrentReplaced,
            (true, _) => Removal::CurrentGone,
        }
    }

    /// Moves entries, named in the order wanted, in front of the one at `before`, or to the end. What is current stays
    /// current.
    pub(crate) fn move_before(&mut self, ids: &[EntryId], indexes: &[usize], before: Option<usize>) {
        let current = self.current_entry();
        // The target itself may be among those that move: then the first that stays behind it counts.
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

    /// Makes an entry current. What the listener queued and has not heard stays next when a context entry is chosen;
    /// a shuffled order closes up behind the listener, so that it remains the order in which things were heard.
    pub(crate) fn jump(&mut self, index: usize) {
        let Some(current) = self.current else { return };
        let waiting = current + 1..self.queued_end();
        if index == current || waiting.contains(&index) {
            // The listener's own that are passed over no longer wait.
            for passed in waiting.start..index {
                self.entries[passed].queued = false;
            }
            self.arrive(Some(index));
        } else if index > current && self.unshuffled.is_some() {
            let target = self.entries.remove(index);
            self.entries.insert(current + 1, target);
            self.arrive(Some(current + 1));
        } else {
            let moved_up = if index > current { waiting.len() } else { 0 };
            let queued = self.entries.slice(waiting);
            self.arrive(Some(index - moved_up));
            self.insert_at(index - moved_up + 1, queued);
        }
    }

    /// Makes an entry current. From here on it is one that was heard, no longer one that the listener has waiting.
    fn arrive(&mut self, index: Option<usize>) {
        self.current = index;
        let queued = index.filter(|&index| self.entries[index].queued);
        self.current_was_queued = queued.is_some();
        if let Some(index) = queued {
            self.entries[index].queued = false;
        }
    }

    /// To the entry in front of the current one, leaving out those of `broken`. False if there is none.
    pub(crate) fn step_back(&mut self, broken: &HashSet<EntryId>) -> bool {
        let heard = |index: &usize| !broken.contains(&self.entries[*index].id);
        let Some(previous) = (0..self.current.unwrap_or(0)).rev().find(heard) else { return false };
        self.arrive(Some(previous));
        true
    }

    /// One permutation: the current entry first, the listener's own behind it, then the rest by chance.
    pub(crate) fn shuffle(&mut self, rng: &mut Rng) {
        self.wrap_seed = rng.u64(..);
        self.unshuffled = Some(self.entries.clone());
        let Some(current) = self.current else { return };
        let queued_end = self.queued_end();
        let front = self.entries.clone().slice(current..queued_end);
        let mut rest: Vec<Entry> = self
            .entries
            .iter()
            .enumerate()
            .filter(|(at, _)| !(current..queued_end).contains(at))
            .map(|(_, e)| *e)
            .collect();
        rng.shuffle(&mut rest);
        self.entries = front;
        self.entries.append(rest.into());
        self.current = Some(0);
    }

    /// Back to the order before shuffling. Entries removed meanwhile stay gone; those added stay behind the entry
    /// that they follow now.
    pub(crate) fn unshuffle(&mut self) {
        let Some(unshuffled) = self.unshuffled.take() else { return };
        let current = self.current_entry().map(|entry| entry.id);
        let here: HashSet<EntryId> = self.entries.iter().map(|entry| entry.id).collect();
        let known: HashSet<EntryId> = unshuffled.iter().map(|entry| entry.id).collect();
        let mut added_behind: HashMap<Option<EntryId>, Vec<Entry>> = Default::default();
        let mut anchor = None;
        for entry in &self.entries {
            if known.contains(&entry.id) {
                anchor = Some(entry.id);
            } else {
                added_behind.entry(anchor).or_default().push(*entry);
            }
        }
        let mut entries: Vector<Entry> = added_behind.remove(&None).unwrap_or_default().into();
        for entry in unshuffled.iter().filter(|entry| here.contains(&entry.id)) {
            entries.push_back(*entry);
            if let Some(added) = added_behind.remove(&Some(entry.id)) {
                entries.append(added.into());
            }
        }
        self.entries = entries;
        self.current = current.and_then(|id| self.position(id));
    }

    /// What follows the current entry, leaving out those of `broken`. `by_itself`: the track ended, nobody asked.
    pub(crate) fn following(&self, repeat: Repeat, by_itself: bool, broken: &HashSet<EntryId>) -> Option<Step> {
        let current = self.current?;
        let plays = |index: &usize| !broken.contains(&self.entries[*index].id);
        if by_itself && repeat == Repeat::One && plays(&current) {
            return Some(Step::To(current));
        }
        if let Some(index) = (current + 1..self.entries.len()).find(plays) {
            return Some(Step::To(index));
        }
        // A listener who repeats one track still expects Next to lead somewhere at the end of the queue.
        if repeat == Repeat::None || (repeat == Repeat::One && by_itself) {
            return None;
        }
        let first = if self.unshuffled.is_some() { self.wrap_start(current) } else { 0 };
        (first..self.entries.len()).chain(0..first).find(plays).map(Step::Around)
    }

    /// With which entry a shuffled queue starts again: any, but not the track that was just heard if there is another.
    fn wrap_start(&self, current: usize) -> usize {
        let len = self.entries.len();
        let start = Rng::with_seed(self.wrap_seed).usize(..len);
        let heard = self.entries[current].track;
        (start..len).chain(0..start).find(|&index| self.entries[index].track != heard).unwrap_or(start)
    }

    pub(crate) fn take(&mut self, step: Step, rng: &mut Rng) {
        match step {
            Step::To(index) => self.arrive(Some(index)),
            Step::Around(index) => {
                self.arrive(Some(index));
                if let Some(unshuffled) = self.unshuffled.take() {
                    self.shuffle(rng);
                    self.unshuffled = Some(unshuffled);
                }
            }
        }
    }

    /// Where these entries stand, from first to last; `None` if one of them does not.
    pub(crate) fn indexes_of(&self, ids: &[EntryId]) -> Option<Vec<usize>> {
        let mut wanted = ids.to_vec();
        wanted.sort_unstable();
        wanted.dedup();
        // A search in a short sorted list is much quicker than hashing every entry of a long queue.
        let is_wanted = |entry: &Entry| wanted.binary_search(&entry.id).is_ok();
        let indexes: Vec<usize> =
            self.entries.iter().enumerate().filter(|(_, entry)| is_wanted(entry)).map(|(index, _)| index).collect();
        (indexes.len() == wanted.len()).then_some(indexes)
    }
}

/// What removing entries did to the current one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Removal {
    /// It is still there.
    Others,
    /// Its successor took its place.
    CurrentReplaced,
    /// It had no successor.
    CurrentGone,
}

//! The queue as it is kept over a restart, with what can be undone.
//!
//! Every order is written as what differs from the one after it: an edit of a long queue costs a few entries, not
//! the queue again.

use std::collections::VecDeque;

use imbl::Vector;
use serde::{Deserialize, Serialize};

use super::{Entry, Order, Turn};
use crate::QueueEdit;

/// How many entries the older orders may take together, beside the queue itself; what is older than that is not kept.
/// Only shuffling a queue of 100,000 again and again gets there.
const MOST_ENTRIES: usize = 1_000_000;

/// A queue as it is kept over a restart. Where the listener is in it is kept apart, because that changes each second.
/// Cheap to clone; the cost is in writing it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct SavedQueue {
    pub(super) order: Order,
    pub(super) undo: VecDeque<Turn>,
    pub(super) redo: Vec<Turn>,
    pub(super) next_id: u64,
}

/// What is written.
#[derive(Serialize, Deserialize)]
struct Stored {
    entries: Vector<Entry>,
    /// In the order before shuffling, while shuffled.
    unshuffled: Option<Vector<Entry>>,
    #[serde(default)]
    current_was_queued: bool,
    #[serde(default)]
    wrap_seed: u64,
    next_id: u64,
    /// From the newest to the oldest.
    #[serde(default)]
    undo: Vec<StoredTurn>,
    #[serde(default)]
    redo: Vec<StoredTurn>,
}

#[derive(Serialize, Deserialize)]
struct StoredTurn {
    edit: QueueEdit,
    current: Option<usize>,
    current_was_queued: bool,
    entries: Difference,
    unshuffled: Option<Difference>,
    wrap_seed: u64,
}

/// The middle of a list whose beginning and end are those of another.
#[derive(Serialize, Deserialize)]
struct Difference {
    /// Whether that other list is the one before shuffling.
    of_unshuffled: bool,
    first: usize,
    last: usize,
    between: Vector<Entry>,
}

impl From<SavedQueue> for Stored {
    fn from(saved: SavedQueue) -> Self {
        let mut room = MOST_ENTRIES;
        let undo = store(&saved.order, saved.undo.iter().rev(), &mut room);
        let redo = store(&saved.order, saved.redo.iter().rev(), &mut room);
        Stored {
            entries: saved.order.entries,
            unshuffled: saved.order.unshuffled,
            current_was_queued: saved.order.current_was_queued,
            wrap_seed: saved.order.wrap_seed,
            next_id: saved.next_id,
            undo,
            redo,
        }
    }
}

impl From<Stored> for SavedQueue {
    fn from(stored: Stored) -> Self {
        let Stored { entries, unshuffled, current_was_queued, wrap_seed, .. } = stored;
        let order = Order { entries, current: None, current_was_queued, unshuffled, wrap_seed };
        let undo = restore(&order, stored.undo).collect::<VecDeque<_>>().into_iter().rev().collect();
        let mut redo: Vec<_> = restore(&order, stored.redo).collect();
        redo.reverse();
        SavedQueue { order, undo, redo, next_id: stored.next_id }
    }
}

fn store<'a>(today: &'a Order, turns: impl Iterator<Item = &'a Turn>, room: &mut usize) -> Vec<StoredTurn> {
    let mut next = today;
    let mut stored = Vec::new();
    for turn in turns {
        let order = &turn.order;
        let entries = Difference::to(next, &order.entries);
        let unshuffled = order.unshuffled.as_ref().map(|unshuffled| Difference::to(next, unshuffled));
        let cost = entries.between.len() + unshuffled.as_ref().map_or(0, |difference| difference.between.len());
        let Some(left) = room.checked_sub(cost) else { break };
        *room = left;
        let Order { current, current_was_queued, wrap_seed, .. } = *order;
        let edit = turn.edit;
        stored.push(StoredTurn { edit, current, current_was_queued, entries, unshuffled, wrap_seed });
        next = order;
    }
    stored
}

fn restore(today: &Order, turns: Vec<StoredTurn>) -> impl Iterator<Item = Turn> {
    let restored = turns.into_iter().scan(today.clone(), |next, turn| {
        let entries = turn.entries.of(next)?;
        let unshuffled = match turn.unshuffled {
            Some(difference) => Some(difference.of(next)?),
            None => None,
        };
        let current = match turn.current {
            Some(index) => Some(index.min(entries.len().checked_sub(1)?)),
            None => None,
        };
        let current = current.or((!entries.is_empty()).then_some(0));
        let StoredTurn { current_was_queued, wrap_seed, .. } = turn;
        *next = Order { entries, current, current_was_queued, unshuffled, wrap_seed };
        Some(Turn { edit: turn.edit, order: next.clone() })
    });
    restored.collect::<Vec<_>>().into_iter()
}

impl Difference {
    /// From whichever list of `next` is nearer.
    fn to(next: &Order, list: &Vector<Entry>) -> Self {
        let plain = Difference::between(&next.entries, list, false);
        match &next.unshuffled {
            Some(unshuffled) if !plain.between.is_empty() => {
                let other = Difference::between(unshuffled, list, true);
                if other.between.len() < plain.between.len() { other } else { plain }
            }
            _ => plain,
        }
    }

    fn between(base: &Vector<Entry>, list: &Vector<Entry>, of_unshuffled: bool) -> Self {
        if base.ptr_eq(list) {
            return Difference { of_unshuffled, first: list.len(), last: 0, between: Vector::new() };
        }
        let shorter = base.len().min(list.len());
        let first = base.iter().zip(list).take_while(|(a, b)| a == b).count();
        let same_end = base.iter().rev().zip(list.iter().rev()).take_while(|(a, b)| a == b).count();
        let last = same_end.min(shorter - first);
        let between = list.skip(first).take(list.len() - first - last);
        Difference { of_unshuffled, first, last, between }
    }

    /// `None` if this cannot be of that order: a file that was tampered with must not bring the player down.
    fn of(self, next: &Order) -> Option<Vector<Entry>> {
        let base = if self.of_unshuffled { next.unshuffled.as_ref()? } else { &next.entries };
        let end = base.len().checked_sub(self.last)?;
        if self.first > base.len() {
            return None;
        }
        let mut list = base.take(self.first);
        list.append(self.between);
        list.append(base.skip(end));
        Some(list)
    }
}

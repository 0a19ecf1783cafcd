//! The queue as it is saved across restarts, with its undo history.
//!
//! Every older order is stored as a delta to the one after it, so an edit of a long queue costs only a few entries.

use std::collections::VecDeque;

use imbl::Vector;
use serde::{Deserialize, Serialize};

use super::{Change, Entry, QueueOrder, UndoStep};
use crate::{EditSummary, LibraryEditId};

/// Largest number of entries that all older orders together may store besides the queue itself. Older steps are dropped.
/// Only repeated shuffling of a queue of 100,000 entries reaches it.
const MAX_UNDO_ENTRIES: usize = 1_000_000;

/// A queue as it is saved. The current entry is saved separately, because it changes more often. Cheap to clone; the
/// cost is in serializing it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "SerializedQueue", into = "SerializedQueue")]
pub struct SavedQueue {
    pub(super) order: QueueOrder,
    pub(super) undo: VecDeque<UndoStep>,
    pub(super) redo: Vec<UndoStep>,
    pub(super) next_id: u64,
}

#[derive(Serialize, Deserialize)]
struct SerializedQueue {
    entries: Vector<Entry>,
    /// The original order, while shuffled.
    unshuffled: Option<Vector<Entry>>,
    #[serde(default, rename = "current_was_queued")]
    current_was_user_queued: bool,
    #[serde(default, rename = "wrap_seed")]
    reshuffle_seed: u64,
    next_id: u64,
    /// From the newest to the oldest.
    #[serde(default)]
    undo: Vec<SerializedUndoStep>,
    #[serde(default)]
    redo: Vec<SerializedUndoStep>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum SerializedUndoStep {
    Library { edit: EditSummary, library_edit: LibraryEditId },
    Queue(SerializedQueueStep),
}

#[derive(Serialize, Deserialize)]
struct SerializedQueueStep {
    edit: EditSummary,
    current: Option<usize>,
    #[serde(rename = "current_was_queued")]
    current_was_user_queued: bool,
    entries: ListDelta,
    unshuffled: Option<ListDelta>,
    #[serde(rename = "wrap_seed")]
    reshuffle_seed: u64,
}

/// A list of entries, stored as the part that differs from a base list.
#[derive(Serialize, Deserialize)]
struct ListDelta {
    /// Whether the base is the original order instead of the shuffled one.
    #[serde(rename = "of_unshuffled")]
    base_is_unshuffled: bool,
    /// Number of entries at the start that are those of the base.
    #[serde(rename = "first")]
    prefix_len: usize,
    /// Number of entries at the end that are those of the base.
    #[serde(rename = "last")]
    suffix_len: usize,
    /// The entries between them.
    #[serde(rename = "between")]
    inserted: Vector<Entry>,
}

impl From<SavedQueue> for SerializedQueue {
    fn from(saved: SavedQueue) -> Self {
        let mut entry_budget = MAX_UNDO_ENTRIES;
        let undo = serialize_steps(&saved.order, saved.undo.iter().rev(), &mut entry_budget);
        let redo = serialize_steps(&saved.order, saved.redo.iter().rev(), &mut entry_budget);
        SerializedQueue {
            entries: saved.order.entries,
            unshuffled: saved.order.unshuffled,
            current_was_user_queued: saved.order.current_was_user_queued,
            reshuffle_seed: saved.order.reshuffle_seed,
            next_id: saved.next_id,
            undo,
            redo,
        }
    }
}

impl From<SerializedQueue> for SavedQueue {
    fn from(serialized: SerializedQueue) -> Self {
        let SerializedQueue { entries, unshuffled, current_was_user_queued, reshuffle_seed, .. } = serialized;
        let order = QueueOrder { entries, current: None, current_was_user_queued, unshuffled, reshuffle_seed };
        let undo = deserialize_steps(&order, serialized.undo).into_iter().rev().collect();
        let mut redo = deserialize_steps(&order, serialized.redo);
        redo.reverse();
        SavedQueue { order, undo, redo, next_id: serialized.next_id }
    }
}

fn serialize_steps<'a>(
    current: &'a QueueOrder,
    steps: impl Iterator<Item = &'a UndoStep>,
    entry_budget: &mut usize,
) -> Vec<SerializedUndoStep> {
    let mut base = current;
    let mut serialized = Vec::new();
    for step in steps {
        let order = match &step.change {
            Change::Queue(order) => order,
            Change::Library(id) => {
                serialized.push(SerializedUndoStep::Library { edit: step.edit.clone(), library_edit: *id });
                continue;
            }
        };
        let entries = ListDelta::nearest(base, &order.entries);
        let unshuffled = order.unshuffled.as_ref().map(|unshuffled| ListDelta::nearest(base, unshuffled));
        let cost = entries.inserted.len() + unshuffled.as_ref().map_or(0, |delta| delta.inserted.len());
        let Some(left) = entry_budget.checked_sub(cost) else { break };
        *entry_budget = left;
        serialized.push(SerializedUndoStep::Queue(SerializedQueueStep {
            edit: step.edit.clone(),
            current: order.current,
            current_was_user_queued: order.current_was_user_queued,
            entries,
            unshuffled,
            reshuffle_seed: order.reshuffle_seed,
        }));
        base = order;
    }
    serialized
}

/// Stops at the first step that does not fit its base.
fn deserialize_steps(current: &QueueOrder, steps: Vec<SerializedUndoStep>) -> Vec<UndoStep> {
    let restored = steps.into_iter().scan(current.clone(), |base, step| {
        let step = match step {
            SerializedUndoStep::Queue(step) => step,
            SerializedUndoStep::Library { edit, library_edit } => return Some(UndoStep::library(edit, library_edit)),
        };
        let entries = step.entries.apply(base)?;
        let unshuffled = match step.unshuffled {
            Some(delta) => Some(delta.apply(base)?),
            None => None,
        };
        let current = match step.current {
            Some(index) => Some(index.min(entries.len().checked_sub(1)?)),
            None => None,
        };
        let current = current.or((!entries.is_empty()).then_some(0));
        *base = QueueOrder {
            entries,
            current,
            current_was_user_queued: step.current_was_user_queued,
            unshuffled,
            reshuffle_seed: step.reshuffle_seed,
        };
        Some(UndoStep { edit: step.edit, change: Change::Queue(base.clone()) })
    });
    restored.collect()
}

impl ListDelta {
    /// Returns the delta to whichever list of `base` is nearer.
    fn nearest(base: &QueueOrder, list: &Vector<Entry>) -> Self {
        let delta = ListDelta::compute(&base.entries, list, false);
        match &base.unshuffled {
            Some(unshuffled) if !delta.inserted.is_empty() => {
                let other = ListDelta::compute(unshuffled, list, true);
                if other.inserted.len() < delta.inserted.len() { other } else { delta }
            }
            _ => delta,
        }
    }

    fn compute(base: &Vector<Entry>, list: &Vector<Entry>, base_is_unshuffled: bool) -> Self {
        if base.ptr_eq(list) {
            return ListDelta { base_is_unshuffled, prefix_len: list.len(), suffix_len: 0, inserted: Vector::new() };
        }
        let shorter = base.len().min(list.len());
        let prefix_len = base.iter().zip(list).take_while(|(a, b)| a == b).count();
        let same_end = base.iter().rev().zip(list.iter().rev()).take_while(|(a, b)| a == b).count();
        let suffix_len = same_end.min(shorter - prefix_len);
        let inserted = list.skip(prefix_len).take(list.len() - prefix_len - suffix_len);
        ListDelta { base_is_unshuffled, prefix_len, suffix_len, inserted }
    }

    /// Returns the list, or `None` if the delta does not fit the base: a damaged file must not crash the player.
    fn apply(self, base: &QueueOrder) -> Option<Vector<Entry>> {
        let base = if self.base_is_unshuffled { base.unshuffled.as_ref()? } else { &base.entries };
        let end = base.len().checked_sub(self.suffix_len)?;
        if self.prefix_len > base.len() {
            return None;
        }
        let mut list = base.take(self.prefix_len);
        list.append(self.inserted);
        list.append(base.skip(end));
        Some(list)
    }
}

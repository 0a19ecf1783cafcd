//! The queue and its undo history.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ClientKind;

/// The queue, without its rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct QueueState {
    /// Increases with every edit. The rows are queried with [`crate::ListQuery::Queue`].
    #[ts(type = "number")]
    pub revision: u64,
    /// Number of entries.
    pub length: u32,
    /// Index of the current entry.
    pub current: Option<u32>,
    /// The client that made the last edit.
    pub edited_by: Option<ClientKind>,
    /// Number of edits that can be undone.
    #[serde(rename = "undo")]
    pub undo_count: u32,
    /// The edit that the next undo takes back.
    #[serde(rename = "undo_edit")]
    pub next_undo: Option<QueueEdit>,
    /// Number of edits that can be redone.
    #[serde(rename = "redo")]
    pub redo_count: u32,
    /// The edit that the next redo makes again.
    #[serde(rename = "redo_edit")]
    pub next_redo: Option<QueueEdit>,
}

/// An edit of the queue, as a menu shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QueueEdit {
    /// The kind of edit.
    pub kind: QueueEditKind,
    /// Number of entries that were edited.
    pub entries: u32,
    /// The client that made it.
    #[serde(rename = "by")]
    pub client: ClientKind,
}

/// The kinds of queue edits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum QueueEditKind {
    /// Other tracks were started.
    Play,
    /// Tracks were added.
    Insert,
    /// Entries were removed.
    Remove,
    /// Entries were moved.
    Move,
    /// The queue was emptied.
    Clear,
    /// The queue was shuffled.
    Shuffle,
    /// The original order was restored.
    Unshuffle,
}

//! The queue.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ClientKind, EditSummary, LastEdit};

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
    /// Number of edits that can be undone, of the queue and of the library: there is one history for all edits.
    #[serde(rename = "undo")]
    pub undo_count: u32,
    /// The edit that the next undo takes back.
    #[serde(rename = "undo_edit")]
    pub next_undo: Option<EditSummary>,
    /// Number of edits that can be redone.
    #[serde(rename = "redo")]
    pub redo_count: u32,
    /// The edit that the next redo makes again.
    #[serde(rename = "redo_edit")]
    pub next_redo: Option<EditSummary>,
    /// The last edit that was made, undone or redone, so that clients can announce it.
    pub last_edit: Option<LastEdit>,
}

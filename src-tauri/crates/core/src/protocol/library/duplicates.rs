//! Tracks that seem to be in the library more than once.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::TrackRow;

/// Why tracks count as duplicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateReason {
    /// Their files are identical.
    #[serde(rename = "content")]
    SameFile,
    /// Their analyses match: the same recording, possibly in different formats.
    #[serde(rename = "sound")]
    SameAudio,
    /// They have the same title, artist and length.
    #[serde(rename = "tags")]
    SameTags,
}

/// A row of the list of duplicates. Rows of one group are adjacent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Duplicate {
    /// Group number, from 0. Tracks of one group are duplicates of each other.
    pub group: u32,
    /// Why they are in one group.
    #[serde(rename = "by")]
    pub reason: DuplicateReason,
    /// One of the tracks.
    pub track: TrackRow,
}

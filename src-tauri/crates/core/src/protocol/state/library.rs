//! The library's totals and scans.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ScanProgress, ScanSummary};

/// The library, without its rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct LibraryState {
    /// Increases whenever a list may look different.
    #[ts(type = "number")]
    pub revision: u64,
    /// Number of tracks.
    pub tracks: u32,
    /// Number of albums.
    pub albums: u32,
    /// Number of artists.
    pub artists: u32,
    /// Number of library folders.
    pub roots: u32,
    /// The running scan.
    pub scan: Option<ScanProgress>,
    /// The result of the last scan.
    pub last_scan: Option<ScanSummary>,
}

//! Progress and results of library scans.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Progress of the running scan.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct ScanProgress {
    /// Audio files found so far.
    pub found: u32,
    /// Whether file discovery is finished, so that `found` is the total.
    #[serde(rename = "counted")]
    pub discovery_done: bool,
    /// Files processed: read, unchanged or failed.
    pub done: u32,
    /// New tracks.
    pub added: u32,
    /// Tracks whose file had changed.
    pub updated: u32,
    /// Files that could not be read. The list `scan_failures` names them.
    pub failed: u32,
    /// Files processed per second, averaged over the last few seconds.
    pub files_per_s: u32,
    /// Estimated remaining time in seconds, once `discovery_done` is set.
    #[serde(rename = "left_s")]
    pub remaining_s: Option<u32>,
}

/// Result of a finished scan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ScanSummary {
    /// The last progress.
    pub progress: ScanProgress,
    /// Duration in seconds.
    #[serde(rename = "seconds")]
    pub duration_s: f64,
    /// Whether the user cancelled it.
    pub cancelled: bool,
}

/// A file that a scan could not read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ScanFailure {
    /// The file.
    pub path: String,
    /// The reason, to be shown to the user.
    pub reason: String,
}

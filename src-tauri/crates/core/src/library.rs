//! The interface to the library: what the core asks of it, and what it reports.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{
    AnalysisState, DataExport, EditableTags, RootId, ScanProgress, ScanSummary, TrackId, TrackSelection, UserDataEdit,
};

/// An event of the library.
#[derive(Debug, Clone, PartialEq)]
pub enum LibraryEvent {
    /// Its content changed; any list may look different.
    Changed {
        /// The new revision. Every later [`crate::RowPage`] carries it.
        revision: u64,
        /// Number of tracks.
        tracks: u32,
        /// Number of albums.
        albums: u32,
        /// Number of artists.
        artists: u32,
        /// Number of library folders.
        roots: u32,
    },
    /// Progress of the running scan, at most ten times a second.
    ScanProgressed(ScanProgress),
    /// The scan ended.
    ScanEnded(ScanSummary),
    /// The scan could not be finished.
    ScanFailed {
        /// The folder or database that failed.
        subject: String,
        /// The reason, to be shown to the user.
        reason: String,
    },
    /// A playlist was imported, but some of its entries were not found.
    PlaylistIncomplete {
        /// The playlist file.
        subject: String,
        /// The reason, to be shown to the user.
        reason: String,
    },
    /// Tracks were analysed. No list looks different.
    Analysed {
        /// Tracks with a new analysis of their own or of their album.
        tracks: Vec<TrackId>,
        /// The progress of the analysis.
        state: AnalysisState,
    },
}

/// Identifies an edit that the library can undo. Ids increase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LibraryEditId(pub i64);

/// An edit that the library made and can undo.
#[derive(Debug, Clone, PartialEq)]
pub struct EditRecord {
    /// Its id.
    pub id: LibraryEditId,
    /// Number of tracks, playlist entries or listens that were edited.
    pub count: usize,
    /// The name of the edited playlist, or empty.
    pub name: String,
}

/// A command that the library runs.
#[derive(Debug, Clone, PartialEq)]
pub enum LibraryCommand {
    /// Add a folder and scan it.
    AddRoot {
        /// An absolute path.
        path: PathBuf,
    },
    /// Remove a folder and its tracks. The files stay.
    RemoveRoot {
        /// The folder.
        root: RootId,
    },
    /// Scan every folder. A scan that is already running starts over when it is done.
    Scan,
    /// Stop the running scan. What it has read is kept.
    CancelScan,
    /// Change the user's data.
    Edit(UserDataEdit),
    /// Export the user's data to a file.
    Export(DataExport),
    /// Change tags in the files of tracks.
    EditTags {
        /// The tracks.
        tracks: TrackSelection,
        /// The new values.
        tags: Box<EditableTags>,
    },
    /// Undo an edit, or redo it if it is undone.
    RevertEdit {
        /// The edit.
        edit: LibraryEditId,
    },
    /// Set the names that scans ignore.
    SetIgnorePatterns {
        /// All patterns.
        patterns: Vec<String>,
    },
}

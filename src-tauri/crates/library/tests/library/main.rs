//! What the library promises, tried on files that are made for it.

#![allow(clippy::unwrap_used)]

mod fixture;
mod test_library;

mod analyses;
mod bad_files;
mod covers;
mod cue_sheets;
mod database;
mod disk_failures;
mod external_files;
mod home;
mod import_export;
mod lists;
mod playlists;
mod rescan;
mod scan_progress;
mod search;
mod tag_edits;
mod tag_reading;
mod undo;
mod user_data;
mod watching;

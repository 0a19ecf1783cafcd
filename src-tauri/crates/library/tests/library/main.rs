//! What the library promises, tried on files that are made for it.

#![allow(clippy::unwrap_used)]

mod fixture;
mod hanging_disk;
mod mounts;
mod test_library;

mod analyses;
mod bad_files;
mod covers;
mod cue_sheets;
mod damage;
mod database;
mod disk_failures;
mod external_files;
mod hangs;
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

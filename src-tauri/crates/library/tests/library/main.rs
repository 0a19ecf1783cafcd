//! What the library promises, tried on files that are made for it.

#![allow(clippy::unwrap_used)]

mod fixture;
mod shelf;

mod analyses;
mod bad_files;
mod changes;
mod covers;
mod cue_sheets;
mod database;
mod exchange;
mod listener;
mod lists;
mod loose;
mod mounts;
mod playlists;
mod running;
mod search;
mod tag_edits;
mod tagged;
mod watching;

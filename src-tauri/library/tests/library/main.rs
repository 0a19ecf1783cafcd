//! What the library promises, tried on files that are made for it.

#![allow(clippy::unwrap_used)]

mod fixture;
mod shelf;

mod bad_files;
mod changes;
mod covers;
mod database;
mod listener;
mod lists;
mod loose;
mod playlists;
mod running;
mod search;
mod tagged;

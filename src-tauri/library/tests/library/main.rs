//! What the library promises, tried on files that are made for it.

#![allow(clippy::unwrap_used)]

mod fixture;
mod shelf;

mod bad_files;
mod changes;
mod covers;
mod database;
mod lists;
mod loose;
mod running;
mod search;
mod tagged;

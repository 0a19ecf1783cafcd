//! What the library promises, tried on files that are made for it.

#![allow(clippy::unwrap_used)]

mod fixture;
mod shelf;

mod changes;
mod tagged;

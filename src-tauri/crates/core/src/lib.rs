//! The player's rules and state, and every type on the wire.
//!
//! This crate has no threads, clocks, files or unseeded randomness: time and random seeds are arguments, and everything
//! it wants done is returned as a value. So every rule can be tested with a table of inputs and outputs.

mod engine;
mod library;
mod player;
mod protocol;
mod queue;

pub use engine::*;
pub use library::*;
pub use player::{CommandId, Core, Effect, Input, RestoredState, SavedPlayback};
pub use protocol::*;
pub use queue::{Entry, SavedQueue};

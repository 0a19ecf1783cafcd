//! What is true: the player's state, what may be asked of it, and everything that goes over the wire.
//!
//! Nothing here knows of threads, clocks, files or unseeded chance: time and randomness come in as arguments,
//! wishes for the outside go out as values. So every rule of the player can be tested by a table.

mod engine;
mod player;
mod protocol;
mod queue;

pub use engine::*;
pub use player::{CommandId, Core, Effect, Input, RestoredState, SavedPlayback};
pub use protocol::*;
pub use queue::{Entry, SavedQueue};

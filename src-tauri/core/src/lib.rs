//! What is true: the player's state, what may be asked of it, and everything that goes over the wire.
//!
//! Nothing here knows of threads, clocks, files or unseeded chance: time and randomness come in as arguments,
//! wishes for the outside go out as values. So every rule of the player can be tested by a table.

mod command;
mod desktop;
mod edit;
mod engine;
mod export;
mod history;
mod ids;
mod library;
mod loudness;
mod mastering;
mod message;
mod output;
mod player;
mod playlist;
mod profile;
mod question;
mod queue;
mod remote;
mod scrobbling;
mod search;
mod settings;
mod signal;
mod tags;
mod text;

pub use command::*;
pub use desktop::*;
pub use edit::*;
pub use engine::*;
pub use export::*;
pub use history::*;
pub use ids::*;
pub use library::*;
pub use loudness::*;
pub use mastering::*;
pub use message::*;
pub use output::*;
pub use player::{CommandId, Core, Effect, Input, Restored, SavedPlace};
pub use playlist::*;
pub use profile::*;
pub use question::*;
pub use queue::{Entry, SavedQueue};
pub use remote::*;
pub use scrobbling::*;
pub use search::*;
pub use settings::*;
pub use signal::*;
pub use tags::*;

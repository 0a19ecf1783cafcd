//! The rules of the player, as scripts.

mod desk;
mod properties;
mod queue;
mod sound;
mod transport;
mod wire;

//! The rules of the player, as scripts.

mod desk;
mod properties;
mod queue;
mod transport;
mod wire;

//! The rules of the player, as scripts.

mod desk;
mod history;
mod mastering;
mod model;
mod properties;
mod queue;
mod sound;
mod transport;
mod wire;

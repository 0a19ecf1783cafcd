//! The rules of the player, as scripts.

mod command_properties;
mod desk;
mod history;
mod invariants;
mod mastering;
mod model;
mod queue;
mod sound;
mod transport;
mod wire;

//! Tests of the player's rules.

mod command_properties;
mod edit_history;
mod fixture;
mod history;
mod invariants;
mod mastering;
mod model;
mod offline;
mod processing;
mod queue;
mod sleep;
mod transport;
mod wire;

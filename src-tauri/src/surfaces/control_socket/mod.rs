//! Unix control socket and single-instance lock: the protocol's messages for programs of the same user, one JSON text per
//! line.
//!
//! The command line connects here, and a second start of the app, which forwards the files it was to open. Both work
//! without a session bus and with the HTTP server off.

mod client;
mod instance;
mod server;

pub use client::{Client, ClientError};
pub use instance::{Instance, InstanceError};

//! The door for programs of the same user: the protocol's messages over a Unix socket, one JSON text a line.
//!
//! The command line comes in here, and a second start of the app, which hands over what it was to open. So both work
//! without a session bus and with the remote door shut. The socket's folder is the user's own; nobody else gets in.

mod client;
mod instance;
mod server;

pub use client::{Client, ClientError};
pub use instance::{Instance, InstanceError};

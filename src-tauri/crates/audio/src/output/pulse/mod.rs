//! A client for PulseAudio, and for PipeWire's PulseAudio server.
//!
//! cpal has one, too, and so has the `pulseaudio` crate, whose message types are used here. This one requests smaller
//! pieces, which gives the same safety at less latency; uses the server's own time for what is heard; and counts
//! underruns the server reports. The crate's client ignores underrun messages and clears a megabyte for each message.
//! Each connection has one thread that waits for messages.

mod connection;
mod server;
mod sink_watcher;
mod stream;

pub use server::Server;
use stream::StreamHandle;

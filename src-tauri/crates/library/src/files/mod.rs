//! Files on the disk, whatever is in them.

pub(crate) mod atomic;
pub(crate) mod filesystem;
pub(crate) mod heartbeat;
pub(crate) mod playlist_format;
pub(crate) mod regular;
pub(crate) mod seek_buffer;

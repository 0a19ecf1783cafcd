//! What was listened to: the history, its statistics, and the queue of scrobbles.

pub(crate) mod history;
pub(crate) mod home;
pub(crate) mod scrobble_queue;
pub(crate) mod statistics;

//! Where the library's events go.

use std::sync::Arc;

use auralis_core::LibraryEvent;

/// Receives every [`LibraryEvent`], from any thread. It must not block.
pub(crate) type EventSink = Arc<dyn Fn(LibraryEvent) + Send + Sync>;

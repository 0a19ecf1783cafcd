//! The state updates of one client: the complete state first, then the changes.

use std::sync::Arc;

use auralis_core::{Hello, StateUpdate};
use serde::Serialize;
use tokio::sync::watch;

use super::publish::{EncodedUpdate, Snapshot};
use super::remote_policy;

/// Pending updates of one client. Slow clients skip intermediate states but always get the latest.
pub struct StateStream {
    snapshots: watch::Receiver<Arc<Snapshot>>,
    last_rev: Option<u64>,
    is_remote: bool,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum HelloMessage {
    Hello(Hello),
}

impl StateStream {
    pub(super) fn new(snapshots: watch::Receiver<Arc<Snapshot>>, is_remote: bool) -> Self {
        StateStream { snapshots, last_rev: None, is_remote }
    }

    /// Waits until there may be updates. Returns false when the player has stopped.
    pub async fn changed(&mut self) -> bool {
        self.snapshots.changed().await.is_ok()
    }

    /// Returns the messages that the client has not been sent, as JSON; the first time, the hello message.
    pub fn pending_messages(&mut self) -> Vec<Arc<str>> {
        let snapshot = self.snapshots.borrow_and_update().clone();
        let messages = match self.last_rev {
            None => encode(&HelloMessage::Hello(self.hello(&snapshot))).into_iter().collect(),
            Some(rev) => snapshot.newer_than(rev).filter_map(|update| self.message(update)).collect(),
        };
        self.last_rev = Some(snapshot.rev());
        messages
    }

    fn hello(&self, snapshot: &Snapshot) -> Hello {
        let hello = snapshot.hello();
        if self.is_remote { remote_policy::redact_hello(hello) } else { hello }
    }

    fn message(&self, update: &EncodedUpdate) -> Option<Arc<str>> {
        let redacted = self.is_remote.then(|| remote_policy::redact_message(&update.message)).flatten();
        redacted.map_or(Some(update.json.clone()), |message: StateUpdate| encode(&message))
    }
}

fn encode(message: &impl Serialize) -> Option<Arc<str>> {
    serde_json::to_string(message)
        .inspect_err(|error| tracing::error!(%error, "failed to encode a message"))
        .ok()
        .map(Arc::from)
}

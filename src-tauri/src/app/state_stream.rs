//! The stream of one client: the whole truth first, then what it has not seen.

use std::sync::Arc;

use auralis_core::{Hello, StateUpdate};
use serde::Serialize;
use tokio::sync::watch;

use super::{Published, Snapshot, remote_policy};

/// What is new to one client. One that is slow misses steps in between, never the last state.
pub struct Feed {
    snapshots: watch::Receiver<Arc<Snapshot>>,
    seen: Option<u64>,
    elsewhere: bool,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Greeting {
    Hello(Hello),
}

impl Feed {
    pub(super) fn new(snapshots: watch::Receiver<Arc<Snapshot>>, elsewhere: bool) -> Self {
        Feed { snapshots, seen: None, elsewhere }
    }

    /// Waits until there may be something new. False when the player has stopped.
    pub async fn changed(&mut self) -> bool {
        self.snapshots.changed().await.is_ok()
    }

    /// The messages that the client has not been given, as JSON: the hello to one that has none yet.
    pub fn news(&mut self) -> Vec<Arc<str>> {
        let snapshot = self.snapshots.borrow_and_update().clone();
        let news = match self.seen {
            None => encode(&Greeting::Hello(self.hello(&snapshot))).into_iter().collect(),
            Some(rev) => snapshot.newer_than(rev).filter_map(|published| self.message(published)).collect(),
        };
        self.seen = Some(snapshot.rev());
        news
    }

    fn hello(&self, snapshot: &Snapshot) -> Hello {
        let hello = snapshot.hello();
        if self.elsewhere { remote_policy::hello(hello) } else { hello }
    }

    fn message(&self, published: &Published) -> Option<Arc<str>> {
        let reduced = self.elsewhere.then(|| remote_policy::message(&published.message)).flatten();
        reduced.map_or(Some(published.json.clone()), |message: StateUpdate| encode(&message))
    }
}

fn encode(message: &impl Serialize) -> Option<Arc<str>> {
    serde_json::to_string(message)
        .inspect_err(|error| tracing::error!(%error, "a message cannot be encoded"))
        .ok()
        .map(Arc::from)
}

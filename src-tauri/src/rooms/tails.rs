//! Silence at once: the groups of rooms are muted while they would still play what has been cut off.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::sync::{Notify, mpsc, watch};

use super::rpc::Rpc;
use super::status::Group;

/// How long before the end of a tail its rooms are unmuted: what a player has mixed already stays muted.
const UNMUTE_EARLY: Duration = Duration::from_millis(20);

/// The groups that play our stream, and which of them we hold muted.
#[derive(Debug, Default)]
pub struct Tails {
    groups: watch::Sender<Vec<String>>,
    held: Mutex<HashSet<String>>,
    /// Notified when groups were unmuted, because the server does not report changes of ours.
    pub released: Notify,
}

impl Tails {
    /// Takes in what the server says. Groups that somebody else has muted are left alone.
    pub fn learn(&self, groups: &[Group], stream: &str) {
        let held = self.held();
        let ours =
            groups.iter().filter(|group| group.stream_id == stream && (!group.muted || held.contains(&group.id)));
        let ours: Vec<_> = ours.map(|group| group.id.clone()).collect();
        drop(held);
        self.groups.send_if_modified(|known| {
            let changed = *known != ours;
            *known = ours;
            changed
        });
    }

    /// Whether we mute a group.
    pub fn holds(&self, group: &str) -> bool {
        self.held().contains(group)
    }

    fn held(&self) -> MutexGuard<'_, HashSet<String>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Mutes the groups from each cut until its tail is over, and while `silent`.
    pub async fn mute(
        &self,
        rpc: &Rpc,
        cuts: &mut mpsc::UnboundedReceiver<Instant>,
        mut silent: watch::Receiver<bool>,
    ) {
        let mut groups = self.groups.subscribe();
        let mut until: Option<Instant> = None;
        loop {
            let over = tokio::time::sleep_until(until.unwrap_or_else(Instant::now).into());
            tokio::select! {
                Some(heard_until) = cuts.recv() => until = until.max(Some(heard_until - UNMUTE_EARLY)),
                _ = silent.changed() => {}
                _ = groups.changed() => {}
                () = over, if until.is_some() => {}
            }
            until = until.filter(|until| *until > Instant::now());
            let wanted = until.is_some() || *silent.borrow_and_update();
            let known = groups.borrow_and_update().clone();
            if wanted {
                self.set(rpc, known.into_iter().filter(|group| !self.holds(group)).collect(), true).await;
            } else {
                let held: Vec<_> = self.held().iter().cloned().collect();
                if !held.is_empty() {
                    self.set(rpc, held, false).await;
                    self.released.notify_one();
                }
            }
        }
    }

    /// Lets go of every group.
    pub async fn release(&self, rpc: &Rpc) {
        let held: Vec<_> = self.held().iter().cloned().collect();
        self.set(rpc, held, false).await;
    }

    async fn set(&self, rpc: &Rpc, groups: Vec<String>, mute: bool) {
        if mute {
            self.held().extend(groups.iter().cloned());
        }
        let all = groups.iter().map(|group| rpc.call("Group.SetMute", json!({"id": group, "mute": mute})));
        for (group, result) in groups.iter().zip(futures_util::future::join_all(all).await) {
            if let Err(error) = result {
                tracing::warn!(%error, mute, "a group of rooms cannot be muted or unmuted");
            }
            if !mute {
                self.held().remove(group);
            }
        }
    }
}

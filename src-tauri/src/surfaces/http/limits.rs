//! Connection limits. A client that has not been identified yet can only crowd out others like it.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::client_access::ClientAccess;

/// Limit of connections of paired devices.
const MAX_PAIRED: usize = 128;
/// Limit of local connections that know the secret.
const MAX_LOCAL: usize = 2_048;
/// Limit of local connections without the secret, for each user of this machine.
const MAX_PER_USER: usize = 512;
/// Limit of unidentified connections from this machine, and from all others.
const MAX_UNIDENTIFIED: usize = 128;
/// Limit of unidentified connections from one other machine.
const MAX_UNIDENTIFIED_PER_SOURCE: usize = 32;

/// Where a connection comes from, as far as limits distinguish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Local,
    /// Another machine: its address, or its /64 network, in which it can choose addresses freely.
    Remote(IpAddr),
}

impl Source {
    pub(super) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            address if address.is_loopback() => Source::Local,
            IpAddr::V6(address) => Source::Remote(Ipv6Addr::from(u128::from(address) & !0 << 64).into()),
            address => Source::Remote(address),
        }
    }
}

/// The limits of one server.
#[derive(Debug)]
pub(super) struct ConnectionLimits {
    unidentified: Mutex<VecDeque<Unidentified>>,
    paired: Arc<Semaphore>,
    local: Arc<Semaphore>,
    by_user: Mutex<HashMap<Option<u32>, Arc<Semaphore>>>,
}

/// A connection that has sent no accepted request yet.
#[derive(Debug)]
struct Unidentified {
    source: Source,
    evicted: Arc<Notify>,
}

impl ConnectionLimits {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(ConnectionLimits {
            unidentified: Mutex::default(),
            paired: Arc::new(Semaphore::new(MAX_PAIRED)),
            local: Arc::new(Semaphore::new(MAX_LOCAL)),
            by_user: Mutex::default(),
        })
    }

    /// Admits a new connection. If there are too many unidentified ones, closes the oldest of the same source, or of the
    /// same kind: a client that is served at once is identified before its turn comes.
    pub(super) fn admit(self: &Arc<Self>, source: Source) -> Slot {
        let evicted = Arc::new(Notify::new());
        let mut unidentified = self.lock();
        let same_source = |other: &Unidentified| other.source == source;
        let same_kind = |other: &Unidentified| (other.source == Source::Local) == (source == Source::Local);
        let count =
            |matches: &dyn Fn(&Unidentified) -> bool| unidentified.iter().filter(|other| matches(other)).count();
        let oldest = if source != Source::Local && count(&same_source) >= MAX_UNIDENTIFIED_PER_SOURCE {
            unidentified.iter().position(same_source)
        } else if count(&same_kind) >= MAX_UNIDENTIFIED {
            unidentified.iter().position(same_kind)
        } else {
            None
        };
        if let Some(oldest) = oldest.and_then(|index| unidentified.remove(index)) {
            oldest.evicted.notify_one();
        }
        unidentified.push_back(Unidentified { source, evicted: evicted.clone() });
        Slot { limits: self.clone(), evicted }
    }

    /// Returns the permit for an identified client; `None` if there are too many of its kind. `user` is the user ID of a
    /// local client without the secret, if it is known.
    pub(super) fn identify(&self, access: ClientAccess, user: Option<u32>) -> Option<OwnedSemaphorePermit> {
        let permits = match access {
            ClientAccess::Full => self.local.clone(),
            ClientAccess::Paired => self.paired.clone(),
            ClientAccess::V1Only => {
                let mut by_user = self.by_user.lock().unwrap_or_else(PoisonError::into_inner);
                by_user.entry(user).or_insert_with(|| Arc::new(Semaphore::new(MAX_PER_USER))).clone()
            }
        };
        permits.try_acquire_owned().ok()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Unidentified>> {
        self.unidentified.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of an unidentified connection.
#[derive(Debug)]
pub(super) struct Slot {
    limits: Arc<ConnectionLimits>,
    /// Notified when the connection must be closed for another.
    pub(super) evicted: Arc<Notify>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.limits.lock().retain(|other| !Arc::ptr_eq(&other.evicted, &self.evicted));
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn is_evicted(slot: &Slot) -> bool {
        !slot.limits.lock().iter().any(|other| Arc::ptr_eq(&other.evicted, &slot.evicted))
    }

    #[test]
    fn half_open_connections_crowd_out_only_their_own_kind() {
        let limits = ConnectionLimits::new();
        let device = |last| Source::of(Ipv4Addr::new(10, 0, 0, last).into());
        let phone = limits.admit(device(1));
        let local = limits.admit(Source::of(Ipv4Addr::LOCALHOST.into()));
        let flood: Vec<_> = (0..200).map(|_| limits.admit(device(2))).collect();
        assert!(!is_evicted(&phone) && !is_evicted(&local));
        let left = flood.iter().filter(|slot| !is_evicted(slot)).count();
        assert_eq!(left, MAX_UNIDENTIFIED_PER_SOURCE, "the newest of the flood stay");
        assert!(!is_evicted(&flood[199]) && is_evicted(&flood[0]));
        assert!(limits.identify(ClientAccess::Paired, None).is_some());
    }

    #[test]
    fn a_user_of_this_machine_does_not_take_the_places_of_another() {
        let limits = ConnectionLimits::new();
        let mut flood = Vec::new();
        while let Some(permit) = limits.identify(ClientAccess::V1Only, Some(1001)) {
            flood.push(permit);
        }
        assert_eq!(flood.len(), MAX_PER_USER);
        assert!(limits.identify(ClientAccess::V1Only, Some(1000)).is_some());
        assert!(limits.identify(ClientAccess::Full, None).is_some());
    }

    #[test]
    fn addresses_of_one_ipv6_network_are_one_source() {
        let source = |text: &str| Source::of(text.parse().expect("an address"));
        assert_eq!(source("fd00::1"), source("fd00::ffff:2"));
        assert_ne!(source("fd00::1"), source("fd00:0:0:1::1"));
        assert_eq!(source("::ffff:127.0.0.1"), Source::Local);
    }
}

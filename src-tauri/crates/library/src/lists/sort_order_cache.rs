//! Caches complete sort orders in memory. A list that no index can sort is answered by filtering a cached order instead of
//! sorting in SQLite.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::{
    database::counts::Counts,
    query::{compiled_list::CompiledList, sort_order::SortOrder},
};

/// Size of the smallest library that is cached. In a smaller one SQLite is fast enough.
const MIN_CACHED_TRACKS: u32 = 20_000;

/// How many orders are cached, each with four bytes a track.
const MAX_CACHED_ORDERS: usize = 4;

/// Cooldown before a rebuild, as a multiple of the last build time: at most 5 % of a core during a scan.
const REBUILD_COOLDOWN: u32 = 20;

/// The most recently used orders, the latest first.
#[derive(Default)]
pub(crate) struct SortOrderCache(Mutex<Vec<CacheSlot>>);

struct CacheSlot {
    index: &'static str,
    /// The revision that the order was built from.
    revision: i64,
    order: Option<Arc<SortOrder>>,
    /// When it may be built again; `None` while it is being built.
    next_build: Option<Instant>,
}

/// The answer of [`SortOrderCache::look_up`].
pub(crate) struct Lookup {
    pub order: Option<Arc<SortOrder>>,
    /// The caller must build the order and [`SortOrderCache::store`] it.
    pub must_rebuild: bool,
}

impl SortOrderCache {
    /// Returns the order of a list at the revision of `counts`.
    pub fn look_up(&self, list: &CompiledList, counts: &Counts) -> Lookup {
        if !list.is_of_tracks() || counts.tracks < MIN_CACHED_TRACKS {
            return Lookup { order: None, must_rebuild: false };
        }
        let index = list.index();
        let mut slots = self.slots();
        let slot = slots.iter().position(|slot| slot.index == index).map(|at| slots.remove(at));
        let new_slot = || CacheSlot { index, revision: 0, order: None, next_build: Some(Instant::now()) };
        let mut slot = slot.unwrap_or_else(new_slot);
        let order = slot.order.clone().filter(|_| slot.revision == list.depends_on_revision(counts));
        let must_rebuild = order.is_none() && slot.next_build.is_some_and(|next| next <= Instant::now());
        if must_rebuild {
            slot.next_build = None;
        }
        slots.insert(0, slot);
        slots.truncate(MAX_CACHED_ORDERS);
        Lookup { order, must_rebuild }
    }

    /// Stores the result of a build and its revision, or `None` if the build failed.
    pub fn store(&self, index: &'static str, built: Option<(i64, Option<SortOrder>)>, build_time: Duration) {
        let mut slots = self.slots();
        let Some(slot) = slots.iter_mut().find(|slot| slot.index == index) else { return };
        slot.next_build = Some(Instant::now() + build_time.max(Duration::from_millis(1)) * REBUILD_COOLDOWN);
        if let Some((revision, order)) = built {
            (slot.revision, slot.order) = (revision, order.map(Arc::new));
        }
    }

    fn slots(&self) -> MutexGuard<'_, Vec<CacheSlot>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.slots().len()
    }
}

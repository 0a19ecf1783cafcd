//! The orders of all tracks, kept in memory. What a broad list shows of an order other than its own is then found by one look
//! through that, where the database would have to sort all that the list has, or to walk through what it has not.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::{
    database::{Counts, Database},
    error::LibraryError,
    folders::Folders,
    rows::year_rows,
    select::Selection,
};

/// In a library of fewer tracks the database is fast enough.
const FEW: u32 = 20_000;

/// How many orders are kept, four bytes a track each.
const KEPT: usize = 4;

/// An order that goes out of date all the time, as in a scan, is made anew after this many times what it took to make: so
/// that costs a twentieth of a processor at most.
const REST: u32 = 20;

/// All tracks in one order.
pub(crate) struct Order {
    pub ids: Vec<u32>,
    pub all: Ids,
}

impl Order {
    /// Nothing where ids are so large that a set of them would be.
    fn of(ids: &[i64]) -> Option<Order> {
        let end = ids.iter().max().map_or(0, |last| last + 1);
        if usize::try_from(end).ok()? > ids.len().saturating_mul(100) {
            return None;
        }
        let all = Ids::of(usize::try_from(end).ok()?, ids.iter().copied());
        Some(Order { ids: ids.iter().map(|id| u32::try_from(*id)).collect::<Result<_, _>>().ok()?, all })
    }
}

/// A set of ids, a bit for each that there may be.
#[derive(Clone)]
pub(crate) struct Ids(Vec<u64>);

impl Ids {
    /// Those below `end`.
    fn of(end: usize, ids: impl Iterator<Item = i64>) -> Ids {
        let mut bits = vec![0; end.div_ceil(64)];
        for id in ids.filter_map(|id| usize::try_from(id).ok()) {
            if let Some(word) = bits.get_mut(id / 64) {
                *word |= 1 << (id % 64);
            }
        }
        Ids(bits)
    }

    pub fn contains(&self, id: u32) -> bool {
        self.0.get(id as usize / 64).is_some_and(|word| word & (1 << (id % 64)) != 0)
    }

    pub fn count(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// Keeps those that are among `ids`, or those that are not.
    pub fn keep(&mut self, ids: impl Iterator<Item = i64>, among: bool) {
        let Ids(others) = Ids::of(self.0.len() * 64, ids);
        for (word, other) in self.0.iter_mut().zip(others) {
            *word &= if among { other } else { !other };
        }
    }
}

/// The orders that were asked for last, first the latest.
#[derive(Default)]
pub(crate) struct Orders(Mutex<Vec<Slot>>);

struct Slot {
    index: &'static str,
    /// The state of the library that it is of.
    of: i64,
    order: Option<Arc<Order>>,
    /// When it may be made again; nothing while it is being made.
    next: Option<Instant>,
}

impl Orders {
    /// The order of a list of tracks as `counts` has it, if it is at hand. Else it is made for who asks next, and nobody waits.
    pub fn get(database: &Database, list: &Selection, counts: &Counts) -> Option<Arc<Order>> {
        if !list.is_of_tracks() || counts.tracks < FEW {
            return None;
        }
        let index = list.index();
        let mut slots = database.orders.slots();
        let slot = slots.iter().position(|slot| slot.index == index).map(|at| slots.remove(at));
        let mut slot = slot.unwrap_or_else(|| Slot { index, of: 0, order: None, next: Some(Instant::now()) });
        let found = slot.order.clone().filter(|_| slot.of == list.state(counts));
        if found.is_none() && slot.next.is_some_and(|next| next <= Instant::now()) {
            slot.next = None;
            Orders::make(database, list.everything());
        }
        slots.insert(0, slot);
        slots.truncate(KEPT);
        found
    }

    fn make(database: &Database, list: Selection) {
        let (orders, reading) = (database.orders.clone(), database.reading());
        let (folders, years) = (database.folders.clone(), database.years.clone());
        tokio::spawn(async move {
            let began = Instant::now();
            let made = async {
                let (mut view, counts) = reading.await?;
                let ids = list.all_ids(&mut view).await?;
                // Whatever else takes a look at all tracks is at hand, too, by the time that it is opened.
                folders.get(&mut view, counts.content, Folders::load).await?;
                years.get(&mut view, counts.content, year_rows).await?;
                Ok::<_, LibraryError>((list.state(&counts), Order::of(&ids)))
            };
            let made = made.await;
            let mut slots = orders.slots();
            let Some(slot) = slots.iter_mut().find(|slot| slot.index == list.index()) else { return };
            slot.next = Some(Instant::now() + began.elapsed().max(Duration::from_millis(1)) * REST);
            match made {
                Ok((of, order)) => (slot.of, slot.order) = (of, order.map(Arc::new)),
                // Whoever asked has been answered; and a library that is closed meanwhile is no failure.
                Err(error) => tracing::debug!(%error, "an order of the tracks was not made"),
            }
        });
    }

    fn slots(&self) -> MutexGuard<'_, Vec<Slot>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use auralis_core::{AlbumId, GenreId, TrackFilter, TrackList, TrackSort};
    use sqlx::{Connection, Executor, SqliteConnection};

    use super::*;
    use crate::{query::Query, rows::View, select::tracks};

    /// Three hundred tracks, and one of no root.
    async fn filled(dir: &std::path::Path) -> Database {
        let path = dir.join("library.db");
        Database::open(&path).await.unwrap().0.close().await;
        let mut database = SqliteConnection::connect(path.to_str().unwrap()).await.unwrap();
        for sql in [
            "INSERT INTO roots (id, path) VALUES (1, x'2f')",
            "INSERT INTO folders (id, root_id, path) VALUES (1, 1, x'2f61'), (2, 0, x'2f62')",
            "INSERT INTO genres (id, key, name, sort) VALUES (1, 'a', 'A', 'a')",
            "INSERT INTO albums (id, key, title, artist, title_sort, artist_sort) VALUES (1, 'a', 'A', 'A', 'a', 'a')",
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= 300)
             INSERT INTO tracks (id, folder_id, name, inode, size, mtime_ns, tags_version, added_s, title, artist, album, album_id,
                 genre, composer, codec, duration_s, year, title_sort, artist_sort, album_sort, plays, favourite_s)
             SELECT i, 1 + (i > 300), CAST(i AS BLOB), i, 1, 1, 1, i % 7, 't', 'a', 'b', CASE WHEN i % 9 = 0 THEN 1 END, '', '', '', i % 11,
                 i % 5, i * 31 % 97, i * 17 % 89, 'b', i % 3, CASE WHEN i % 8 = 0 THEN i * 13 % 17 END FROM n",
            "INSERT INTO track_genres SELECT id, 0, 1 FROM tracks WHERE id % 4 = 0 AND id <= 300",
            "INSERT INTO track_words (rowid, title) SELECT id, 'word' || (id % 6) FROM tracks WHERE id <= 300",
            "UPDATE totals SET revision = 1, content = 1, tracks = 300",
        ] {
            database.execute(sql).await.unwrap();
        }
        database.close().await.unwrap();
        Database::open(&path).await.unwrap().0
    }

    #[tokio::test]
    async fn a_look_through_an_order_finds_what_the_database_does() {
        let dir = tempfile::tempdir().unwrap();
        let database = filled(dir.path()).await;
        let mut view = View::new(&database).await.unwrap();
        let filter = TrackFilter::default;
        for filter in [
            filter(),
            TrackFilter { genre: Some(GenreId(1)), ..filter() },
            TrackFilter { album: Some(AlbumId(1)), ..filter() },
            TrackFilter { favourite: Some(true), ..filter() },
            TrackFilter { favourite: Some(false), ..filter() },
            TrackFilter { played: Some(false), genre: Some(GenreId(1)), year: Some(2), ..filter() },
            TrackFilter { search: Some("word3 -year:1".into()), played: Some(true), ..filter() },
            TrackFilter { search: Some("nothing".into()), ..filter() },
        ] {
            for (sort, descending) in TrackSort::ALL.into_iter().flat_map(|sort| [(sort, false), (sort, true)]) {
                let list = TrackList { filter: filter.clone(), sort, descending };
                let mut selection = tracks(&mut view, &list).await.unwrap();
                let ids = selection.everything().all_ids(&mut view.connection).await.unwrap();
                let order = Order::of(&ids).unwrap();
                for (most, offset, limit) in [(None, 0, -1), (None, 5, 20), (Some(10), 3, -1), (Some(10), 3, 100)] {
                    selection.most = most;
                    let total = selection.count(&mut view.connection, 300).await.unwrap();
                    let expected = selection.ids(&mut view.connection, 0.0, offset, limit).await.unwrap();
                    let found = selection.ids_by(&order, &mut view.connection, offset, limit).await.unwrap();
                    assert_eq!(found, (total, expected), "{list:?} {most:?} {offset} {limit}");
                }
            }
        }
    }

    #[tokio::test]
    async fn a_narrow_condition_changes_nothing_but_the_way() {
        let dir = tempfile::tempdir().unwrap();
        let database = filled(dir.path()).await;
        let mut view = View::new(&database).await.unwrap();
        for (typed, narrow) in [
            ("word3 year:1", true),
            ("-word3 word year:1..2 disc:1", true),
            ("word favourite:yes -plays:0", true),
            ("word composer:x", false),
            ("word -year:1", false),
        ] {
            let plain = Query::parse(typed).set().unwrap();
            let weighed = Query::parse(typed).weighed(&mut view.connection).await.unwrap().set().unwrap();
            assert_eq!(weighed.sql.contains("+rowid"), narrow, "{typed}");
            let mut found = Vec::new();
            for set in [plain, weighed] {
                let sql = sqlx::AssertSqlSafe(set.sql.to_string());
                found
                    .push(set.bound(sqlx::query_scalar::<_, i64>(sql)).fetch_all(&mut *view.connection).await.unwrap());
            }
            assert_eq!(found[0], found[1], "{typed}");
            assert_eq!(found[0].is_empty(), typed.contains("composer") || typed.contains("disc"), "{typed}");
        }
    }

    #[tokio::test]
    async fn an_order_is_at_hand_until_what_it_depends_on_has_changed() {
        let dir = tempfile::tempdir().unwrap();
        let database = filled(dir.path()).await;
        let at_hand = async |sort| {
            let mut view = View::new(&database).await.unwrap();
            let list = tracks(&mut view, &TrackList { sort, ..TrackList::default() }).await.unwrap();
            Orders::get(&database, &list, &view.counts)
        };
        let soon = async |sort| {
            while at_hand(sort).await.is_none() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        assert!(at_hand(TrackSort::Artist).await.is_none());
        assert!(database.orders.slots().is_empty(), "a small library needs none");
        let change = async |sql: &'static str| {
            let mut change = database.write().await.unwrap();
            change.execute(sql).await.unwrap();
            change.commit().await.unwrap();
        };
        change("UPDATE totals SET tracks = 20000").await;
        soon(TrackSort::Artist).await;
        soon(TrackSort::Plays).await;
        change("UPDATE totals SET revision = revision + 1").await;
        assert!(at_hand(TrackSort::Artist).await.is_some(), "a rating moves no artist");
        assert!(at_hand(TrackSort::Plays).await.is_none());
        soon(TrackSort::Plays).await;
        change("UPDATE totals SET revision = revision + 1, content = revision + 1").await;
        assert!(at_hand(TrackSort::Artist).await.is_none());
        for sort in TrackSort::ALL {
            soon(sort).await;
        }
        assert_eq!(database.orders.slots().len(), KEPT);
    }

    #[test]
    fn ids_far_apart_are_no_order() {
        assert!(Order::of(&[1_000_000]).is_none());
        assert!(Order::of(&[7, 3]).is_some());
    }
}

//! Everything that is computed from all tracks and kept until they change.

use std::{sync::Arc, time::Instant};

use auralis_core::YearRow;

use crate::{
    database::{Database, cached::Cached, counts::Counts, snapshot::ReadSnapshot},
    duplicates::DuplicateCache,
    error::LibraryError,
    lists::{rows::year_rows, sort_order_cache::SortOrderCache},
    query::{compiled_list::CompiledList, sort_order::SortOrder},
    roots::folder_tree::FolderTree,
};

/// The caches of all lists.
#[derive(Default)]
pub(crate) struct ListCaches {
    pub orders: Arc<SortOrderCache>,
    pub folders: Arc<Cached<FolderTree>>,
    pub years: Arc<Cached<Vec<YearRow>>>,
    pub duplicates: DuplicateCache,
}

impl ListCaches {
    /// Returns the cached order of a list of tracks at the revision of `counts`. If there is none, it is built in the
    /// background for the next request, and nobody waits.
    pub fn sort_order(&self, database: &Database, list: &CompiledList, counts: &Counts) -> Option<Arc<SortOrder>> {
        let lookup = self.orders.look_up(list, counts);
        if lookup.must_rebuild {
            self.rebuild(database, list.unfiltered());
        }
        lookup.order
    }

    fn rebuild(&self, database: &Database, list: CompiledList) {
        let (database, orders) = (database.clone(), self.orders.clone());
        let (folders, years) = (self.folders.clone(), self.years.clone());
        tokio::spawn(async move {
            let started = Instant::now();
            let build = async {
                let ReadSnapshot { mut connection, counts } = ReadSnapshot::begin(&database).await?;
                let ids = list.all_ids(&mut connection).await?;
                // The other caches of all tracks are filled too, before their views are opened.
                folders.get(&mut connection, counts.tracks_revision, FolderTree::load).await?;
                years.get(&mut connection, counts.tracks_revision, year_rows).await?;
                Ok::<_, LibraryError>((list.depends_on_revision(&counts), SortOrder::new(&ids)))
            };
            let built = build.await;
            if let Err(error) = &built {
                // The request has been answered by SQLite. This also happens when the library is closed meanwhile.
                tracing::debug!(%error, "a sort order could not be built");
            }
            orders.store(list.index(), built.ok(), started.elapsed());
        });
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::Duration;

    use auralis_core::{AlbumId, GenreId, TrackFilter, TrackList, TrackSort};
    use sqlx::{Connection, Executor, SqliteConnection};

    use super::*;
    use crate::{lists::page::ListReader, query::parser::Query};

    /// Returns a database with 300 tracks and one external track.
    async fn database_with_300_tracks(dir: &std::path::Path) -> Database {
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
    async fn filtering_a_cached_order_returns_the_same_rows_as_sqlite() {
        let dir = tempfile::tempdir().unwrap();
        let database = database_with_300_tracks(dir.path()).await;
        let caches = ListCaches::default();
        let mut reader = ListReader::begin(&database, &caches).await.unwrap();
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
                let mut selection = reader.compile(&list).await.unwrap();
                let ids = selection.unfiltered().all_ids(&mut reader.snapshot.connection).await.unwrap();
                let order = SortOrder::new(&ids).unwrap();
                for (max_rows, offset, limit) in [(None, 0, -1), (None, 5, 20), (Some(10), 3, -1), (Some(10), 3, 100)] {
                    selection.max_rows = max_rows;
                    let total = selection.count(&mut reader.snapshot.connection, 300).await.unwrap();
                    let expected = selection.ids(&mut reader.snapshot.connection, 0.0, offset, limit).await.unwrap();
                    let found =
                        selection.ids_by_order(&order, &mut reader.snapshot.connection, offset, limit).await.unwrap();
                    assert_eq!(found, (total, expected), "{list:?} {max_rows:?} {offset} {limit}");
                }
            }
        }
    }

    #[tokio::test]
    async fn selective_condition_returns_the_same_rows() {
        let dir = tempfile::tempdir().unwrap();
        let database = database_with_300_tracks(dir.path()).await;
        let caches = ListCaches::default();
        let mut reader = ListReader::begin(&database, &caches).await.unwrap();
        for (typed, selective) in [
            ("word3 year:1", true),
            ("-word3 word year:1..2 disc:1", true),
            ("word favourite:yes -plays:0", true),
            ("word composer:x", false),
            ("word -year:1", false),
        ] {
            let plain = Query::parse(typed).into_id_query().unwrap();
            let selective_first = Query::parse(typed)
                .with_selective_condition(&mut reader.snapshot.connection)
                .await
                .unwrap()
                .into_id_query()
                .unwrap();
            assert_eq!(selective_first.sql.contains("+rowid"), selective, "{typed}");
            let mut found = Vec::new();
            for query in [plain, selective_first] {
                let sql = sqlx::AssertSqlSafe(query.sql.to_string());
                found.push(
                    query
                        .bind_to(sqlx::query_scalar::<_, i64>(sql))
                        .fetch_all(&mut *reader.snapshot.connection)
                        .await
                        .unwrap(),
                );
            }
            assert_eq!(found[0], found[1], "{typed}");
            assert_eq!(found[0].is_empty(), typed.contains("composer") || typed.contains("disc"), "{typed}");
        }
    }

    #[tokio::test]
    async fn an_order_is_cached_until_its_revision_changes() {
        let dir = tempfile::tempdir().unwrap();
        let database = database_with_300_tracks(dir.path()).await;
        let caches = ListCaches::default();
        let cached = async |sort| {
            let mut reader = ListReader::begin(&database, &caches).await.unwrap();
            let list = reader.compile(&TrackList { sort, ..TrackList::default() }).await.unwrap();
            caches.sort_order(&database, &list, &reader.snapshot.counts)
        };
        let wait_for = async |sort| {
            while cached(sort).await.is_none() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        assert!(cached(TrackSort::Artist).await.is_none());
        assert!(caches.orders.len() == 0, "a small library needs no cache");
        let execute = async |sql: &'static str| {
            let mut tx = database.begin_write().await.unwrap();
            tx.execute(sql).await.unwrap();
            tx.commit().await.unwrap();
        };
        execute("UPDATE totals SET tracks = 20000").await;
        wait_for(TrackSort::Artist).await;
        wait_for(TrackSort::Plays).await;
        execute("UPDATE totals SET revision = revision + 1").await;
        assert!(cached(TrackSort::Artist).await.is_some(), "a rating does not change the order by artist");
        assert!(cached(TrackSort::Plays).await.is_none());
        wait_for(TrackSort::Plays).await;
        execute("UPDATE totals SET revision = revision + 1, content = revision + 1").await;
        assert!(cached(TrackSort::Artist).await.is_none());
        for sort in TrackSort::ALL {
            wait_for(sort).await;
        }
        assert_eq!(caches.orders.len(), 4);
    }
}

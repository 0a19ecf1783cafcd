//! Which rows a list has and in what order, as SQL. Values are bound, never written into a statement.

use auralis_core::{AlbumId, AlbumSort, ArtistId, TrackList, TrackSort};
use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::error::LibraryError;

/// One list of the library.
pub(crate) struct Selection {
    table: &'static str,
    /// The index that has the whole order.
    index: &'static str,
    /// Its columns; the id comes last by itself.
    order: &'static [&'static str],
    descending: bool,
    /// Queries for ids, with the value of every `?` in them; the list has the rows that are in all, or every row if
    /// there is none.
    sets: Vec<(&'static str, Value)>,
}

enum Value {
    Id(i64),
    Words(String),
}

/// A list of tracks.
pub(crate) fn tracks(list: &TrackList) -> Selection {
    const PLACE: [&str; 6] = ["album_sort", "album_id", "disc_number", "track_number", "folder_id", "name"];
    const fn after(first: &'static str) -> [&'static str; 7] {
        [first, PLACE[0], PLACE[1], PLACE[2], PLACE[3], PLACE[4], PLACE[5]]
    }
    let (index, order): (_, &[_]) = match list.sort {
        TrackSort::Title => ("tracks_by_title", const { &after("title_sort") }),
        TrackSort::Artist => ("tracks_by_artist", const { &after("artist_sort") }),
        TrackSort::Album => ("tracks_by_album", &PLACE),
        TrackSort::Duration => ("tracks_by_duration", const { &after("duration_s") }),
        TrackSort::Year => ("tracks_by_year", const { &after("year") }),
        TrackSort::Added => ("tracks_by_added", const { &after("added_s") }),
    };
    let search = list.filter.search.as_deref().and_then(words);
    let sets = [
        search.map(|words| ("SELECT rowid AS id FROM track_words WHERE track_words MATCH ?", words)),
        list.filter.album.map(|AlbumId(id)| ("SELECT id FROM tracks WHERE album_id = ?", Value::Id(id))),
        list.filter.artist.map(|ArtistId(id)| {
            let either = "SELECT id FROM (SELECT track_id AS id FROM track_artists WHERE artist_id = ?
                UNION SELECT tracks.id FROM albums JOIN tracks ON album_id = albums.id WHERE artist_id = ?)";
            (either, Value::Id(id))
        }),
    ];
    Selection { table: "tracks", index, order, descending: list.descending, sets: sets.into_iter().flatten().collect() }
}

/// A list of albums.
pub(crate) fn albums(
    search: Option<&str>,
    artist: Option<ArtistId>,
    album: Option<AlbumId>,
    sort: AlbumSort,
    descending: bool,
) -> Selection {
    let (index, order): (_, &[_]) = match sort {
        AlbumSort::Title => ("albums_by_title", &["title_sort", "artist_sort"]),
        AlbumSort::Artist => ("albums_by_artist", &["artist_sort", "year", "title_sort"]),
        AlbumSort::Year => ("albums_by_year", &["year", "artist_sort", "title_sort"]),
        AlbumSort::Added => ("albums_by_added", &["added_s", "artist_sort", "title_sort"]),
    };
    let sets = [
        search.and_then(words).map(|words| ("SELECT rowid AS id FROM album_words WHERE album_words MATCH ?", words)),
        artist.map(|ArtistId(id)| ("SELECT id FROM albums WHERE artist_id = ?", Value::Id(id))),
        album.map(|AlbumId(id)| ("SELECT id FROM albums WHERE id = ?", Value::Id(id))),
    ];
    Selection { table: "albums", index, order, descending, sets: sets.into_iter().flatten().collect() }
}

/// Artists by name.
pub(crate) fn artists(search: Option<&str>, artist: Option<ArtistId>) -> Selection {
    let sets = [
        search.and_then(words).map(|words| ("SELECT rowid AS id FROM artist_words WHERE artist_words MATCH ?", words)),
        artist.map(|ArtistId(id)| ("SELECT id FROM artists WHERE id = ?", Value::Id(id))),
    ];
    Selection {
        table: "artists",
        index: "artists_by_name",
        order: &["sort"],
        descending: false,
        sets: sets.into_iter().flatten().collect(),
    }
}

/// What the listener typed as a full-text query: every word must be there, the last may be a beginning. `None` if
/// nothing was typed. Each word is quoted, so that nothing in it is syntax (<https://sqlite.org/fts5.html#fts5_strings>).
fn words(typed: &str) -> Option<Value> {
    let typed = typed.replace('\0', " ");
    let all: Vec<&str> = typed.split_whitespace().collect();
    // The index has no marks: "-" between words is nothing to look for, unless there is nothing else.
    let mut words: Vec<&str> = all.iter().copied().filter(|word| word.contains(char::is_alphanumeric)).collect();
    if words.is_empty() {
        words = all;
    }
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{}\"", word.replace('"', "\"\""))).collect();
    (!quoted.is_empty()).then(|| Value::Words(format!("{}*", quoted.join(" "))))
}

impl Selection {
    /// How many rows the list has; `all` is how many the table has.
    pub async fn count(&self, connection: &mut SqliteConnection, all: u32) -> Result<u32, LibraryError> {
        if self.sets.is_empty() {
            return Ok(all);
        }
        let sql = format!("SELECT count(*) FROM ({})", self.matching());
        let mut query = sqlx::query_scalar(AssertSqlSafe(sql));
        for value in self.values() {
            query = match value {
                Value::Id(id) => query.bind(id),
                Value::Words(words) => query.bind(words),
            };
        }
        Ok(query.fetch_one(connection).await?)
    }

    /// The ids of `limit` rows (-1: of all) from `offset` on, in order. `share` is how much of the table the list has.
    pub async fn ids(
        &self,
        connection: &mut SqliteConnection,
        share: f64,
        offset: u32,
        limit: i64,
    ) -> Result<Vec<i64>, LibraryError> {
        let mut query = sqlx::query_scalar(AssertSqlSafe(self.sql(share)));
        for value in self.values() {
            query = match value {
                Value::Id(id) => query.bind(id),
                Value::Words(words) => query.bind(words),
            };
        }
        // One text and not a row for each: half a million of these would take a second on their way here.
        let ids: Option<String> = query.bind(limit).bind(offset).fetch_one(connection).await?;
        Ok(ids.unwrap_or_default().split(',').filter_map(|id| id.parse().ok()).collect())
    }

    fn values(&self) -> impl Iterator<Item = &Value> {
        self.sets.iter().flat_map(|(sql, value)| sql.matches('?').map(move |_| value))
    }

    fn sql(&self, share: f64) -> String {
        let Selection { table, index, .. } = self;
        let direction = if self.descending { " DESC" } else { "" };
        let columns = self.order.iter().chain(&["id"]);
        let order: Vec<String> = columns.map(|column| format!("{table}.{column}{direction}")).collect();
        let rows = if self.sets.is_empty() {
            let visible = if *table == "tracks" { VISIBLE } else { "" };
            format!("{table} INDEXED BY {index}{visible}")
        } else if share > BROAD {
            format!("{table} INDEXED BY {index} WHERE id IN ({})", self.matching())
        } else {
            format!("({}) AS matching CROSS JOIN {table} ON {table}.id = matching.id", self.matching())
        };
        let order = order.join(", ");
        format!("SELECT group_concat(id) FROM (SELECT {table}.id FROM {rows} ORDER BY {order} LIMIT ? OFFSET ?)")
    }

    fn matching(&self) -> String {
        let sets: Vec<&str> = self.sets.iter().map(|(sql, _)| *sql).collect();
        sets.join(" INTERSECT ")
    }
}

/// Leaves out tracks of no root. Every set of a list holds visible tracks alone, so only a list without one needs it.
const VISIBLE: &str = " WHERE folder_id NOT IN (SELECT id FROM folders WHERE root_id = 0)";

/// The share of a table from which on it is faster to walk its order and leave out what does not match than to sort
/// what does.
const BROAD: f64 = 0.1;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use auralis_core::TrackFilter;
    use sqlx::{Connection, Row, SqliteConnection};

    use super::*;

    /// A list whose query looks at more than it shows is slow only where there are many tracks: so the plans are tested.
    #[tokio::test]
    async fn every_list_is_read_by_an_index() {
        let mut database = SqliteConnection::connect(":memory:").await.unwrap();
        sqlx::migrate!().run(&mut database).await.unwrap();
        let track_sorts = [
            TrackSort::Title,
            TrackSort::Artist,
            TrackSort::Album,
            TrackSort::Duration,
            TrackSort::Year,
            TrackSort::Added,
        ];
        let filters = [
            TrackFilter::default(),
            TrackFilter { search: Some("a".into()), ..TrackFilter::default() },
            TrackFilter { album: Some(AlbumId(1)), ..TrackFilter::default() },
            TrackFilter { artist: Some(ArtistId(1)), ..TrackFilter::default() },
        ];
        let mut lists = vec![artists(None, None), artists(Some("a"), None), artists(None, Some(ArtistId(1)))];
        for descending in [false, true] {
            for sort in track_sorts {
                lists.extend(filters.clone().map(|filter| tracks(&TrackList { filter, sort, descending })));
            }
            for sort in [AlbumSort::Title, AlbumSort::Artist, AlbumSort::Year, AlbumSort::Added] {
                lists.push(albums(None, None, None, sort, descending));
                lists.push(albums(Some("a"), None, None, sort, descending));
                lists.push(albums(None, Some(ArtistId(1)), None, sort, descending));
                lists.push(albums(None, None, Some(AlbumId(1)), sort, descending));
            }
        }
        for list in lists {
            for share in [0.0, 1.0] {
                let sql = list.sql(share);
                let plan = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")));
                let plan: Vec<String> =
                    plan.map(|row: sqlx::sqlite::SqliteRow| row.get(3)).fetch_all(&mut database).await.unwrap();
                let whole = |step: &&String| step.starts_with("SCAN") && !step.contains("VIRTUAL TABLE");
                let scanned: Vec<_> = plan.iter().filter(whole).filter(|step| !step.contains(" (")).collect();
                let walks_its_order = list.sets.is_empty() || share > BROAD;
                let in_order = format!("SCAN {} USING COVERING INDEX {}", list.table, list.index);
                assert_eq!(plan.contains(&in_order), walks_its_order, "{sql}: {plan:#?}");
                let allowed = |step: &&String| **step == in_order || step.as_str() == "SCAN matching";
                assert!(scanned.iter().all(allowed), "{sql}: {plan:#?}");
                assert!(!walks_its_order || !plan.iter().any(|step| step.contains("FOR ORDER BY")), "{sql}: {plan:#?}");
            }
        }
    }
}

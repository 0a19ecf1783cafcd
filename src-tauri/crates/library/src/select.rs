//! Which rows a list has and in what order, as SQL. Values are bound, never written into a statement.

use std::{borrow::Cow, collections::HashSet};

use auralis_core::{AlbumId, AlbumSort, ArtistId, ComposerId, GenreId, TrackFilter, TrackList, TrackSort};
use sqlx::{AssertSqlSafe, Sqlite, SqliteConnection, query::QueryScalar, sqlite::SqliteArguments};

use crate::{
    database::Counts,
    derived::json,
    error::LibraryError,
    fold::fold,
    orders::{Ids, Order},
    query::Query,
    rows::View,
};

type Scalar<'q, O> = QueryScalar<'q, Sqlite, O, SqliteArguments>;

/// One list of the library.
pub(crate) struct Selection {
    table: &'static str,
    /// The index that has the whole order.
    index: &'static str,
    /// Its columns; the id comes last by itself.
    order: &'static [&'static str],
    descending: bool,
    /// The list has the rows that are in all of these, or every row if there is none.
    sets: Vec<Set>,
    /// At most so many rows, the first of the order.
    pub most: Option<u32>,
}

/// A query for ids, with the value of every `?` in it.
pub(crate) struct Set {
    pub sql: Cow<'static, str>,
    pub values: Vec<Value>,
    /// The same as a condition on a row, with the same values: what a walk through the order asks of each.
    pub condition: Option<&'static str>,
    /// What it leaves out, where that is much less.
    pub rest: Option<&'static str>,
}

impl Set {
    pub fn bound<'q, O>(&self, query: Scalar<'q, O>) -> Scalar<'q, O> {
        self.values.iter().cloned().fold(query, |query, value| match value {
            Value::Number(number) => query.bind(number),
            Value::Real(number) => query.bind(number),
            Value::Text(text) => query.bind(text),
        })
    }
}

/// Ids as they come from the database: one text and not a row for each, as half a million of these would take a second on
/// their way here.
fn numbers(ids: Option<String>) -> impl Iterator<Item = i64> {
    let mut rest = 0;
    let ids = ids.unwrap_or_default();
    std::iter::from_fn(move || {
        let bytes = ids.as_bytes().get(rest..).filter(|bytes| !bytes.is_empty())?;
        let digits = bytes.iter().position(|byte| *byte == b',').unwrap_or(bytes.len());
        rest += digits + 1;
        Some(bytes[..digits].iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
    })
}

#[derive(Clone)]
pub(crate) enum Value {
    Number(i64),
    Real(f64),
    Text(String),
}

fn set(sql: &'static str, value: Value) -> Set {
    Set { sql: sql.into(), values: vec![value], condition: None, rest: None }
}

macro_rules! visible {
    ($condition:literal) => {
        concat!(
            "SELECT id FROM tracks WHERE ",
            $condition,
            " AND folder_id NOT IN (SELECT id FROM folders WHERE root_id = 0)"
        )
    };
}

const FAVOURITES: Set = Set {
    sql: Cow::Borrowed(visible!("favourite_s IS NOT NULL")),
    values: Vec::new(),
    condition: Some("favourite_s IS NOT NULL"),
    rest: None,
};
const NO_FAVOURITES: Set = Set {
    sql: Cow::Borrowed(visible!("favourite_s IS NULL")),
    values: Vec::new(),
    condition: Some("favourite_s IS NULL"),
    rest: Some(visible!("favourite_s IS NOT NULL")),
};
const PLAYED: Set =
    Set { sql: Cow::Borrowed(visible!("plays > 0")), values: Vec::new(), condition: Some("plays > 0"), rest: None };
const NEVER_PLAYED: Set = Set {
    sql: Cow::Borrowed(visible!("plays = 0")),
    values: Vec::new(),
    condition: Some("plays = 0"),
    rest: Some(visible!("plays > 0")),
};

/// A list of tracks.
pub(crate) async fn tracks(view: &mut View<'_>, list: &TrackList) -> Result<Selection, LibraryError> {
    const PLACE: [&str; 6] = ["album_sort", "album_id", "disc_number", "track_number", "folder_id", "name"];
    const fn after(first: &'static str) -> [&'static str; 7] {
        [first, PLACE[0], PLACE[1], PLACE[2], PLACE[3], PLACE[4], PLACE[5]]
    }
    let (index, order): (_, &[_]) = match list.sort {
        TrackSort::Title => ("tracks_by_title", &["title_sort"]),
        TrackSort::Artist => ("tracks_by_artist", const { &after("artist_sort") }),
        TrackSort::Album => ("tracks_by_album", &PLACE),
        TrackSort::Duration => ("tracks_by_duration", &["duration_s"]),
        TrackSort::Year => ("tracks_by_year", const { &after("year") }),
        TrackSort::Added => ("tracks_by_added", const { &after("added_s") }),
        TrackSort::Rating => ("tracks_by_rating", &["rating"]),
        TrackSort::Plays => ("tracks_by_plays", &["plays"]),
        TrackSort::Played => ("tracks_by_played", &["played_s"]),
        TrackSort::Favourited => ("tracks_by_favourited", &["favourite_s"]),
    };
    let TrackFilter { search, album, artist, genre, composer, year, folder, favourite, played } = &list.filter;
    let mut sets = Vec::new();
    if let Some(typed) = search {
        sets.extend(Query::parse(typed).weighed(&mut view.connection).await?.set());
    }
    sets.extend(album.map(|AlbumId(id)| set("SELECT id FROM tracks WHERE album_id = ?", Value::Number(id))));
    sets.extend(artist.map(|ArtistId(id)| {
        Set {
            sql: "SELECT id FROM (SELECT track_id AS id FROM track_artists WHERE artist_id = ?
              UNION SELECT tracks.id FROM albums JOIN tracks ON album_id = albums.id WHERE artist_id = ?)"
                .into(),
            values: vec![Value::Number(id), Value::Number(id)],
            condition: None,
            rest: None,
        }
    }));
    sets.extend(genre.map(|GenreId(id)| Set {
        condition: Some("EXISTS (SELECT 1 FROM track_genres WHERE genre_id = ? AND track_id = tracks.id)"),
        ..set("SELECT track_id AS id FROM track_genres WHERE genre_id = ?", Value::Number(id))
    }));
    sets.extend(composer.map(|ComposerId(id)| {
        set("SELECT track_id AS id FROM track_composers WHERE composer_id = ?", Value::Number(id))
    }));
    sets.extend(
        year.map(|year| Set { condition: Some("year = ?"), ..set(visible!("year = ?"), Value::Number(year.into())) }),
    );
    if let Some(folder) = folder {
        let folders = view.folders().await?.below(*folder)?;
        let within = "SELECT tracks.id FROM json_each(?) AS wanted JOIN tracks ON folder_id = wanted.value";
        sets.push(set(within, Value::Text(json(&folders))));
    }
    sets.extend(favourite.map(|is| if is { FAVOURITES } else { NO_FAVOURITES }));
    sets.extend(played.map(|is| if is { PLAYED } else { NEVER_PLAYED }));
    Ok(Selection { table: "tracks", index, order, descending: list.descending, sets, most: None })
}

/// Which albums.
#[derive(Default)]
pub(crate) struct AlbumFilter<'a> {
    pub search: Option<&'a str>,
    pub artist: Option<ArtistId>,
    pub album: Option<AlbumId>,
    pub genre: Option<GenreId>,
    pub year: Option<i32>,
}

/// A list of albums.
pub(crate) fn albums(filter: &AlbumFilter<'_>, sort: AlbumSort, descending: bool) -> Selection {
    let (index, order): (_, &[_]) = match sort {
        AlbumSort::Title => ("albums_by_title", &["title_sort", "artist_sort"]),
        AlbumSort::Artist => ("albums_by_artist", &["artist_sort", "year", "title_sort"]),
        AlbumSort::Year => ("albums_by_year", &["year", "artist_sort", "title_sort"]),
        AlbumSort::Added => ("albums_by_added", &["added_s", "artist_sort", "title_sort"]),
    };
    let AlbumFilter { search, artist, album, genre, year } = filter;
    let sets = [
        search
            .and_then(words)
            .map(|words| set("SELECT rowid AS id FROM album_words WHERE album_words MATCH ?", Value::Text(words))),
        artist.map(|ArtistId(id)| set("SELECT id FROM albums WHERE artist_id = ?", Value::Number(id))),
        album.map(|AlbumId(id)| set("SELECT id FROM albums WHERE id = ?", Value::Number(id))),
        genre.map(|GenreId(id)| {
            let with_a_track = "SELECT DISTINCT album_id AS id FROM track_genres JOIN tracks ON tracks.id = track_id
                WHERE genre_id = ? AND album_id IS NOT NULL";
            set(with_a_track, Value::Number(id))
        }),
        year.map(|year| set("SELECT id FROM albums WHERE year = ?", Value::Number(year.into()))),
    ];
    Selection { table: "albums", index, order, descending, sets: sets.into_iter().flatten().collect(), most: None }
}

/// Artists by name.
pub(crate) fn artists(search: Option<&str>, artist: Option<ArtistId>, with_albums: bool) -> Selection {
    let sets = [
        search
            .and_then(words)
            .map(|words| set("SELECT rowid AS id FROM artist_words WHERE artist_words MATCH ?", Value::Text(words))),
        artist.map(|ArtistId(id)| set("SELECT id FROM artists WHERE id = ?", Value::Number(id))),
        with_albums.then(|| Set {
            sql: "SELECT id FROM artists INDEXED BY artists_with_albums WHERE albums > 0".into(),
            values: Vec::new(),
            condition: Some("albums > 0"),
            rest: None,
        }),
    ];
    Selection {
        table: "artists",
        index: "artists_by_name",
        order: &["sort"],
        descending: false,
        sets: sets.into_iter().flatten().collect(),
        most: None,
    }
}

/// What the listener typed as a full-text query: every word must be there, the last may be a beginning. `None` if
/// nothing was typed. Each word is quoted, so that nothing in it is syntax (<https://sqlite.org/fts5.html#fts5_strings>).
pub(crate) fn words(typed: &str) -> Option<String> {
    let typed = typed.replace('\0', " ");
    let all: Vec<&str> = typed.split_whitespace().collect();
    // The index has no marks: "-" between words is nothing to look for, unless there is nothing else.
    let mut words: Vec<&str> = all.iter().copied().filter(|word| word.contains(char::is_alphanumeric)).collect();
    if words.is_empty() {
        words = all;
    }
    let quoted: Vec<String> = words.into_iter().map(phrase).collect();
    (!quoted.is_empty()).then(|| format!("{}*", quoted.join(" ")))
}

/// A text as the index has it, in quotes.
pub(crate) fn phrase(text: &str) -> String {
    format!("\"{}\"", fold(text).replace('"', "\"\""))
}

impl Selection {
    /// How many rows the list has; `all` is how many the table has.
    pub async fn count(&self, connection: &mut SqliteConnection, all: u32) -> Result<u32, LibraryError> {
        if self.sets.is_empty() {
            return Ok(self.most.map_or(all, |most| most.min(all)));
        }
        if let [Set { rest: Some(rest), .. }] = self.sets.as_slice() {
            let rest: u32 = sqlx::query_scalar(AssertSqlSafe(format!("SELECT count(*) FROM ({rest})")))
                .fetch_one(connection)
                .await?;
            let count = all.saturating_sub(rest);
            return Ok(self.most.map_or(count, |most| most.min(count)));
        }
        let sql = format!("SELECT count(*) FROM ({})", self.matching());
        let count: u32 = self.bound(sqlx::query_scalar(AssertSqlSafe(sql))).fetch_one(connection).await?;
        Ok(self.most.map_or(count, |most| most.min(count)))
    }

    /// The ids of `limit` rows (-1: of all) from `offset` on, in order. `share` is how much of the table the list has.
    pub async fn ids(
        &self,
        connection: &mut SqliteConnection,
        share: f64,
        offset: u32,
        limit: i64,
    ) -> Result<Vec<i64>, LibraryError> {
        let query = self.bound(sqlx::query_scalar(AssertSqlSafe(self.sql(share))));
        let query = query.bind(self.limited(offset, limit)).bind(offset);
        Ok(numbers(query.fetch_one(connection).await?).collect())
    }

    /// The ids of all tracks in the order. Those of no root are few: to take them out is faster than to look at the folder of
    /// each.
    pub async fn all_ids(&self, connection: &mut SqliteConnection) -> Result<Vec<i64>, LibraryError> {
        let loose: HashSet<i64> = numbers(sqlx::query_scalar(LOOSE).fetch_one(&mut *connection).await?).collect();
        let query = sqlx::query_scalar(AssertSqlSafe(self.all_sql()));
        Ok(numbers(query.fetch_one(connection).await?).filter(|id| !loose.contains(id)).collect())
    }

    fn all_sql(&self) -> String {
        let Selection { index, order, .. } = self;
        let direction = if self.descending { " DESC" } else { "" };
        let order = order.join(&format!("{direction}, "));
        format!(
            "SELECT group_concat(id) FROM (SELECT id FROM tracks INDEXED BY {index} ORDER BY {order}{direction}, id{direction})"
        )
    }

    /// Whether it is a list of tracks with nothing left out.
    pub fn is_of_all_tracks(&self) -> bool {
        self.is_of_tracks() && self.sets.is_empty() && self.most.is_none()
    }

    /// The same, and how many rows the list has, by the order of all tracks.
    pub async fn ids_by(
        &self,
        order: &Order,
        connection: &mut SqliteConnection,
        offset: u32,
        limit: i64,
    ) -> Result<(u32, Vec<i64>), LibraryError> {
        let mut found: Ids = order.all.clone();
        for set in &self.sets {
            let sql = format!("SELECT group_concat(id) FROM ({})", set.rest.unwrap_or(&set.sql));
            let query = set.bound(sqlx::query_scalar(AssertSqlSafe(sql)));
            found.keep(numbers(query.fetch_one(&mut *connection).await?), set.rest.is_none());
        }
        let total = found.count();
        let limit = usize::try_from(self.limited(offset, limit)).unwrap_or(usize::MAX);
        let part = |ids: &mut dyn Iterator<Item = &u32>| {
            let found = ids.filter(|id| found.contains(**id)).skip(offset as usize);
            found.take(limit).map(|id| i64::from(*id)).collect()
        };
        let ids = if self.descending { part(&mut order.ids.iter().rev()) } else { part(&mut order.ids.iter()) };
        Ok((self.most.map_or(total, |most| most.min(total)), ids))
    }

    fn limited(&self, offset: u32, limit: i64) -> i64 {
        match self.most {
            None => limit,
            Some(most) if limit < 0 => most.saturating_sub(offset).into(),
            Some(most) => limit.min(most.saturating_sub(offset).into()),
        }
    }

    /// All rows of the table in the same order, ascending.
    pub fn everything(&self) -> Selection {
        let Selection { table, index, order, .. } = *self;
        Selection { table, index, order, descending: false, sets: Vec::new(), most: None }
    }

    pub fn is_of_tracks(&self) -> bool {
        self.table == "tracks"
    }

    pub fn index(&self) -> &'static str {
        self.index
    }

    /// Names the state of the library that the order depends on.
    pub fn state(&self, counts: &Counts) -> i64 {
        let of_the_listener = ["rating", "plays", "played_s", "favourite_s"].contains(&self.order[0]);
        if of_the_listener { counts.revision.cast_signed() } else { counts.content }
    }

    fn bound<'q, O>(&self, query: Scalar<'q, O>) -> Scalar<'q, O> {
        self.sets.iter().fold(query, |query, set| set.bound(query))
    }

    fn sql(&self, share: f64) -> String {
        let Selection { table, index, .. } = self;
        let direction = if self.descending { " DESC" } else { "" };
        let columns = self.order.iter().chain(&["id"]);
        let order: Vec<String> = columns.map(|column| format!("{table}.{column}{direction}")).collect();
        let rows = if self.sets.is_empty() {
            let visible = if *table == "tracks" { VISIBLE } else { "" };
            format!("{table} INDEXED BY {index}{visible}")
        } else if self.walks(share) {
            let conditions: Option<Vec<&str>> = self.sets.iter().map(|set| set.condition).collect();
            let visible = if *table == "tracks" { VISIBLE } else { " WHERE 1" };
            match conditions {
                Some(conditions) => format!("{table} INDEXED BY {index}{visible} AND {}", conditions.join(" AND ")),
                None => format!("{table} INDEXED BY {index} WHERE id IN ({})", self.matching()),
            }
        } else {
            format!("({}) AS matching CROSS JOIN {table} ON {table}.id = matching.id", self.matching())
        };
        let order = order.join(", ");
        format!("SELECT group_concat(id) FROM (SELECT {table}.id FROM {rows} ORDER BY {order} LIMIT ? OFFSET ?)")
    }

    /// Whether the order is walked through, and what does not match left out: where much matches, or what matches stands
    /// together in it.
    fn walks(&self, share: f64) -> bool {
        let together = |condition: &str| condition.starts_with(self.order[0]);
        share > BROAD
            || self.sets.iter().all(|set| set.condition.is_some())
                && self.sets.iter().any(|set| set.condition.is_some_and(together))
    }

    fn matching(&self) -> String {
        let sets: Vec<&str> = self.sets.iter().map(|set| &*set.sql).collect();
        sets.join(" INTERSECT ")
    }
}

/// Leaves out tracks of no root. Every set of a list holds visible tracks alone, so only a list without one needs it.
pub(crate) const VISIBLE: &str = " WHERE folder_id NOT IN (SELECT id FROM folders WHERE root_id = 0)";

/// The tracks of no root.
const LOOSE: &str =
    "SELECT group_concat(tracks.id) FROM folders JOIN tracks ON folder_id = folders.id WHERE root_id = 0";

/// The share of a table from which on it is faster to walk its order and leave out what does not match than to sort
/// what does.
const BROAD: f64 = 0.1;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::database::{Database, plan};

    /// A list whose query looks at more than it shows is slow only where there are many tracks: so the plans are tested.
    #[tokio::test]
    async fn every_list_is_read_by_an_index() {
        let dir = tempfile::tempdir().unwrap();
        let (database, _) = Database::open(&dir.path().join("library.db")).await.unwrap();
        let mut view = View::new(&database).await.unwrap();
        let filter = TrackFilter::default;
        let filters = [
            filter(),
            TrackFilter { search: Some("a".into()), ..filter() },
            TrackFilter { search: Some("a -b genre:c year:1990..1999 rating:>3 added:<30d".into()), ..filter() },
            TrackFilter { album: Some(AlbumId(1)), ..filter() },
            TrackFilter { artist: Some(ArtistId(1)), ..filter() },
            TrackFilter { genre: Some(GenreId(1)), ..filter() },
            TrackFilter { composer: Some(ComposerId(1)), ..filter() },
            TrackFilter { year: Some(1999), ..filter() },
            TrackFilter { favourite: Some(true), ..filter() },
            TrackFilter { played: Some(false), ..filter() },
        ];
        let mut lists = vec![
            artists(None, None, false),
            artists(Some("a"), None, false),
            artists(None, Some(ArtistId(1)), false),
            artists(None, None, true),
        ];
        for descending in [false, true] {
            for sort in TrackSort::ALL {
                for filter in filters.clone() {
                    lists.push(tracks(&mut view, &TrackList { filter, sort, descending }).await.unwrap());
                }
            }
            let filters = || {
                [
                    AlbumFilter::default(),
                    AlbumFilter { search: Some("a"), ..AlbumFilter::default() },
                    AlbumFilter { artist: Some(ArtistId(1)), ..AlbumFilter::default() },
                    AlbumFilter { album: Some(AlbumId(1)), ..AlbumFilter::default() },
                    AlbumFilter { genre: Some(GenreId(1)), ..AlbumFilter::default() },
                    AlbumFilter { year: Some(1999), ..AlbumFilter::default() },
                ]
            };
            for sort in [AlbumSort::Title, AlbumSort::Artist, AlbumSort::Year, AlbumSort::Added] {
                lists.extend(filters().map(|filter| albums(&filter, sort, descending)));
            }
        }
        for list in lists {
            if list.is_of_all_tracks() {
                let plan = plan(&mut view.connection, &list.all_sql()).await;
                assert!(plan.iter().any(|step| step.contains(list.index)), "{plan:#?}");
                assert!(!plan.iter().any(|step| step.contains("FOR ORDER BY")), "{plan:#?}");
            }
            for share in [0.0, 1.0] {
                let sql = list.sql(share);
                let plan = plan(&mut view.connection, &sql).await;
                assert!(!plan.is_empty(), "{sql}");
                let whole = |step: &&String| step.starts_with("SCAN") && !step.contains("VIRTUAL TABLE");
                let scanned: Vec<_> = plan.iter().filter(whole).filter(|step| !step.contains(" (")).collect();
                let walks_its_order = list.sets.is_empty() || list.walks(share);
                // The order's own index: whole or a part of it, alone or with a look at each row.
                let index = format!("INDEX {}", list.index);
                let in_order = |step: &String| {
                    ["SCAN", "SEARCH"].iter().any(|verb| step.starts_with(&format!("{verb} {} USING", list.table)))
                        && step.split(" (").next().is_some_and(|step| step.ends_with(&index))
                };
                assert!(!walks_its_order || plan.iter().any(in_order), "{sql}: {plan:#?}");
                let allowed = |step: &&String| {
                    in_order(step)
                        || ["SCAN matching", "SCAN artists USING INDEX artists_with_albums"].contains(&step.as_str())
                };
                assert!(scanned.iter().all(allowed), "{sql}: {plan:#?}");
                assert!(!walks_its_order || !plan.iter().any(|step| step.contains("FOR ORDER BY")), "{sql}: {plan:#?}");
            }
        }
    }
}

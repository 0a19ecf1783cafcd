//! The best that a search finds of each kind.
//!
//! Half a million tracks have an "a". So not everything that is found is ranked, but two small sets: what begins with the
//! words, which the indexes of the orders know, and the first that the index of words has.

use std::cmp::Reverse;

use auralis_core::SearchResults;
use sqlx::AssertSqlSafe;

use crate::{
    error::LibraryError,
    fold::{fold, name_sort_key, sort_key},
    playlists,
    query::Query,
    rows::{View, album_rows, artist_rows, track_rows},
    select::{Set, VISIBLE, Value, words},
};

/// How many rows of each set are ranked.
const RANKED: u32 = 200;

/// What is searched: its table, the table of its words, the columns that are compared with what was typed (the name
/// first), and how often it is played or how much there is of it.
struct Kind {
    table: &'static str,
    words: &'static str,
    /// The column of each order, and the columns that are compared.
    begins: &'static [&'static str],
    name: &'static str,
    artist: &'static str,
    weight: &'static str,
}

const ARTISTS: Kind =
    Kind { table: "artists", words: "artist_words", begins: &["sort"], name: "name", artist: "''", weight: "tracks" };
const ALBUMS: Kind = Kind {
    table: "albums",
    words: "album_words",
    begins: &["title_sort", "artist_sort"],
    name: "title",
    artist: "artist",
    weight: "tracks",
};
const TRACKS: Kind = Kind {
    table: "tracks",
    words: "track_words",
    begins: &["title_sort", "artist_sort"],
    name: "title",
    artist: "artist",
    weight: "plays",
};

pub(crate) async fn results(view: &mut View<'_>, typed: &str) -> Result<SearchResults, LibraryError> {
    let query = Query::parse(typed).weighed(&mut view.connection).await?;
    let typed = query.plain.clone();
    let problem = query.problem.clone();
    let tracks = best_tracks(view, query).await?;
    let tracks = track_rows(&mut view.connection, &tracks).await?.into_iter().flatten().collect();
    let Some(words) = words(&typed) else {
        return Ok(SearchResults { tracks, error: problem, ..SearchResults::default() });
    };
    let artists = best_named(view, &ARTISTS, &typed, &words).await?;
    let albums = best_named(view, &ALBUMS, &typed, &words).await?;
    let typed = fold(&typed);
    let mut playlists = playlists::rows(&mut view.connection).await?;
    playlists.retain(|playlist| {
        fold(&playlist.name).split(' ').any(|word| word.starts_with(&typed)) || fold(&playlist.name).starts_with(&typed)
    });
    playlists.truncate(SearchResults::MAX_GROUPS as usize);
    Ok(SearchResults {
        artists: artist_rows(&mut view.connection, &artists).await?,
        albums: album_rows(&mut view.connection, &albums).await?,
        tracks,
        playlists,
        error: problem,
    })
}

async fn best_tracks(view: &mut View<'_>, query: Query) -> Result<Vec<i64>, LibraryError> {
    let plain = query.plain.clone();
    best(view, &TRACKS, track_sets(query), &plain, SearchResults::MAX_TRACKS).await
}

fn track_sets(query: Query) -> Vec<Set> {
    let begins = query.only_words().then(|| sort_key(&query.plain));
    let limited = |set: Set| Set { sql: format!("{} LIMIT {RANKED}", set.sql).into(), ..set };
    let mut sets: Vec<Set> = query.set().map(limited).into_iter().collect();
    sets.extend(begins.iter().flat_map(|key| beginnings(&TRACKS, key)));
    sets
}

async fn best_named(view: &mut View<'_>, kind: &Kind, typed: &str, words: &str) -> Result<Vec<i64>, LibraryError> {
    best(view, kind, named_sets(kind, typed, words), typed, SearchResults::MAX_GROUPS).await
}

fn named_sets(kind: &Kind, typed: &str, words: &str) -> Vec<Set> {
    let table = kind.words;
    let sql = format!("SELECT rowid AS id FROM {table} WHERE {table} MATCH ? LIMIT {RANKED}");
    let mut sets = vec![Set { sql: sql.into(), values: vec![Value::Text(words.into())], condition: None, rest: None }];
    sets.extend(beginnings(kind, &name_sort_key(typed)));
    sets
}

/// The first rows of each order that begin with a key.
fn beginnings(kind: &Kind, key: &str) -> impl Iterator<Item = Set> {
    let Kind { table, begins, .. } = kind;
    let visible = if *table == "tracks" { VISIBLE } else { " WHERE 1" };
    begins.iter().map(move |column| {
        let sql = format!(
            "SELECT id FROM {table}{visible} AND {column} >= ? AND {column} < ? || char(0x10ffff) ORDER BY {column} LIMIT {RANKED}"
        );
        Set { sql: sql.into(), values: vec![Value::Text(key.into()), Value::Text(key.into())], condition: None, rest: None }
    })
}

/// The ids of the best of what is in any of the sets, best first.
async fn best(
    view: &mut View<'_>,
    kind: &Kind,
    sets: Vec<Set>,
    typed: &str,
    most: u32,
) -> Result<Vec<i64>, LibraryError> {
    if sets.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = sqlx::query_scalar(AssertSqlSafe(found(kind, &sets)));
    for value in sets.into_iter().flat_map(|set| set.values) {
        query = match value {
            Value::Number(number) => query.bind(number),
            Value::Real(number) => query.bind(number),
            Value::Text(text) => query.bind(text),
        };
    }
    let found: String = query.fetch_one(&mut *view.connection).await?;
    let found: Vec<(i64, String, String, i64)> =
        serde_json::from_str(&found).map_err(|error| LibraryError::Database(error.to_string()))?;
    let typed = fold(typed);
    let rank = |(id, name, artist, weight): &(i64, String, String, i64)| {
        let (name, artist) = (fold(name), fold(artist));
        (closeness(&name, &typed).min(closeness(&artist, &typed) + 1), Reverse(*weight), name, *id)
    };
    let mut ranked: Vec<_> = found.iter().map(rank).collect();
    ranked.sort();
    Ok(ranked.into_iter().map(|(.., id)| id).take(most as usize).collect())
}

/// The query for id, name, artist and weight of the rows that are in any of the sets: as one text, because rows take several times as long to come here as to
/// be found.
fn found(kind: &Kind, sets: &[Set]) -> String {
    let Kind { table, name, artist, weight, .. } = kind;
    let found: Vec<String> = sets.iter().map(|set| format!("SELECT * FROM ({})", set.sql)).collect();
    format!(
        "SELECT json_group_array(json_array({table}.id, {name}, {artist}, {weight}))
         FROM ({}) AS found JOIN {table} ON {table}.id = found.id",
        found.join(" UNION ")
    )
}

/// How far a name is from what was typed: 0 if it is that.
fn closeness(name: &str, typed: &str) -> u8 {
    let bare = ["the ", "a ", "an "].iter().find_map(|article| name.strip_prefix(article)).unwrap_or(name);
    if name == typed || bare == typed {
        0
    } else if name.starts_with(typed) || bare.starts_with(typed) {
        2
    } else if name.match_indices(typed).any(|(at, _)| name[..at].ends_with(' ')) {
        4
    } else {
        6
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::database::{Database, plan};

    /// What looks at more than it finds is slow only where there is much: so the plans are tested.
    #[tokio::test]
    async fn whatever_is_typed_is_found_by_an_index() {
        let dir = tempfile::tempdir().unwrap();
        let (database, _) = Database::open(&dir.path().join("library.db")).await.unwrap();
        let mut view = database.read().await.unwrap();
        let mut queries: Vec<String> =
            [ARTISTS, ALBUMS].iter().map(|kind| found(kind, &named_sets(kind, "a", "\"a\"*"))).collect();
        let by_an_index =
            ["year:1999", "rating:>3", "plays:>0", "played:<7d", "added:<7d", "loudness:<-14", "length:>9:00"];
        for typed in ["a", "a b", "\"a b\" -c", "artist:a", "a year:1999 rating:>3 folder:x"].iter().chain(&by_an_index)
        {
            queries.push(found(&TRACKS, &track_sets(Query::parse(typed))));
            let weighed = Query::parse(typed).weighed(&mut view).await.unwrap();
            queries.push(found(&TRACKS, &track_sets(weighed)));
        }
        for sql in queries {
            let plan = plan(&mut view, &sql).await;
            assert!(!plan.is_empty(), "{sql}");
            let whole =
                |step: &String| ["tracks", "albums", "artists"].iter().any(|table| *step == format!("SCAN {table}"));
            assert!(!plan.iter().any(whole), "{sql}: {plan:#?}");
        }
    }
}

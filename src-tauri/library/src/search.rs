//! The best that a search finds of each kind.
//!
//! Half a million tracks have an "a". So not everything that is found is ranked, but two small sets: what begins with the
//! words, which the indexes of the orders know, and the first that the index of words has.

use std::{cmp::Reverse, collections::HashSet};

use auralis_core::SearchResults;
use sqlx::{AssertSqlSafe, Row, sqlite::SqliteRow};

use crate::{
    error::LibraryError,
    fold::{fold, name_sort_key, sort_key},
    playlists,
    rows::{View, album_rows, artist_rows, track_rows},
    select::{Value, words},
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
    let Some(words) = words(typed) else { return Ok(SearchResults::default()) };
    let artists = best(view, &ARTISTS, typed, &words, SearchResults::MOST_GROUPS).await?;
    let albums = best(view, &ALBUMS, typed, &words, SearchResults::MOST_GROUPS).await?;
    let tracks = best(view, &TRACKS, typed, &words, SearchResults::MOST_TRACKS).await?;
    let typed = fold(typed);
    let mut playlists = playlists::rows(&mut view.connection).await?;
    playlists.retain(|playlist| {
        fold(&playlist.name).split(' ').any(|word| word.starts_with(&typed)) || fold(&playlist.name).starts_with(&typed)
    });
    playlists.truncate(SearchResults::MOST_GROUPS as usize);
    Ok(SearchResults {
        artists: artist_rows(&mut view.connection, &artists).await?,
        albums: album_rows(&mut view.connection, &albums).await?,
        tracks: track_rows(&mut view.connection, &tracks).await?.into_iter().flatten().collect(),
        playlists,
        problem: None,
    })
}

/// The ids of the best finds, best first.
async fn best(
    view: &mut View<'_>,
    kind: &Kind,
    typed: &str,
    words: &Value,
    most: u32,
) -> Result<Vec<i64>, LibraryError> {
    let Kind { table, words: word_table, begins, name, artist, weight } = kind;
    let Value::Text(words) = words else { return Ok(Vec::new()) };
    let mut sets = vec![format!("SELECT rowid AS id FROM {word_table} WHERE {word_table} MATCH ?1 LIMIT {RANKED}")];
    for column in *begins {
        sets.push(format!("SELECT id FROM {table} WHERE {column} >= ?2 AND {column} < ?2 || char(0x10ffff) ORDER BY {column} LIMIT {RANKED}"));
    }
    let sets: Vec<String> = sets.into_iter().map(|set| format!("SELECT * FROM ({set})")).collect();
    let sql = format!(
        "SELECT {table}.id, {name}, {artist}, {weight} FROM ({}) AS found JOIN {table} ON {table}.id = found.id",
        sets.join(" UNION ")
    );
    let key = if *table == "tracks" { sort_key(typed) } else { name_sort_key(typed) };
    let found = sqlx::query(AssertSqlSafe(sql)).bind(words).bind(&key).fetch_all(&mut *view.connection).await?;
    let typed = fold(typed);
    let rank = |row: &SqliteRow| {
        let (name, artist) = (fold(row.get(1)), fold(row.get(2)));
        (closeness(&name, &typed).min(closeness(&artist, &typed) + 1), Reverse(row.get::<i64, _>(3)), name)
    };
    let mut ranked: Vec<_> = found.iter().map(|row| (rank(row), row.get(0))).collect();
    ranked.sort();
    let mut met = HashSet::new();
    ranked.retain(|(_, id)| met.insert(*id));
    Ok(ranked.into_iter().map(|(_, id)| id).take(most as usize).collect())
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

//! Ranked search results of each target.
//!
//! A search for "a" matches almost every track of a large library. So only two small queries are ranked: names that begin with
//! the words, found by the sort indexes, and the first matches of the full-text index.

use std::cmp::Reverse;

use auralis_core::SearchResults;
use sqlx::AssertSqlSafe;

use crate::{
    error::LibraryError,
    lists::{
        page::ListReader,
        rows::{album_rows, artist_rows, track_rows},
    },
    playlists,
    query::{
        full_text::fts_query,
        parser::Query,
        selection::{ALBUMS_OF_TRACKS, ARTISTS_OF_TRACKS, conditions_on_tracks},
        sql::{IN_LIBRARY, IdQuery, SqlValue, bind_all},
    },
    text::{name_sort_key, normalize, sort_key},
};

/// How many rows of each set are ranked.
const MAX_CANDIDATES: u32 = 200;

/// A searchable entity.
struct SearchTarget {
    table: &'static str,
    /// The full-text table.
    fts_table: &'static str,
    /// Sort columns that are searched by prefix.
    prefix_columns: &'static [&'static str],
    name: &'static str,
    artist: &'static str,
    /// Ranks entities whose names match equally.
    popularity: &'static str,
}

const ARTIST_TARGET: SearchTarget = SearchTarget {
    table: "artists",
    fts_table: "artist_words",
    prefix_columns: &["sort"],
    name: "name",
    artist: "''",
    popularity: "tracks",
};
const ALBUM_TARGET: SearchTarget = SearchTarget {
    table: "albums",
    fts_table: "album_words",
    prefix_columns: &["title_sort", "artist_sort"],
    name: "title",
    artist: "artist",
    popularity: "tracks",
};
const TRACK_TARGET: SearchTarget = SearchTarget {
    table: "tracks",
    fts_table: "track_words",
    prefix_columns: &["title_sort", "artist_sort"],
    name: "title",
    artist: "artist",
    popularity: "plays",
};

/// Returns the best results for what the listener typed.
pub(crate) async fn results(reader: &mut ListReader<'_>, search: &str) -> Result<SearchResults, LibraryError> {
    let query = Query::parse(search).with_selective_condition(&mut reader.snapshot.connection).await?;
    let typed = query.plain.clone();
    let problem = query.warning.clone();
    let tracks = best_tracks(reader, query).await?;
    let tracks = track_rows(&mut reader.snapshot.connection, &tracks).await?.into_iter().flatten().collect();
    let words = fts_query(&typed);
    let artists = conditions_on_tracks(search, ARTISTS_OF_TRACKS);
    let artists = best_named(reader, &ARTIST_TARGET, &typed, words.as_deref(), artists).await?;
    let albums = conditions_on_tracks(search, ALBUMS_OF_TRACKS);
    let albums = best_named(reader, &ALBUM_TARGET, &typed, words.as_deref(), albums).await?;
    let typed = normalize(&typed);
    let mut playlists = playlists::rows(&mut reader.snapshot.connection).await?;
    // A playlist has no year or rating of its own.
    let has_conditions = Query::parse_conditions(search).into_id_query().is_some();
    playlists.retain(|_| words.is_some() && !has_conditions);
    playlists.retain(|playlist| {
        normalize(&playlist.name).split(' ').any(|word| word.starts_with(&typed))
            || normalize(&playlist.name).starts_with(&typed)
    });
    playlists.truncate(SearchResults::MAX_GROUPS as usize);
    Ok(SearchResults {
        artists: artist_rows(&mut reader.snapshot.connection, &artists).await?,
        albums: album_rows(&mut reader.snapshot.connection, &albums).await?,
        tracks,
        playlists,
        error: problem,
    })
}

async fn best_tracks(reader: &mut ListReader<'_>, query: Query) -> Result<Vec<i64>, LibraryError> {
    let plain = query.plain.clone();
    best(reader, &TRACK_TARGET, track_queries(query), &plain, SearchResults::MAX_TRACKS).await
}

fn track_queries(query: Query) -> Vec<IdQuery> {
    let prefix = query.is_plain_text().then(|| sort_key(&query.plain));
    let limited = |query: IdQuery| IdQuery { sql: format!("{} LIMIT {MAX_CANDIDATES}", query.sql).into(), ..query };
    let mut queries: Vec<IdQuery> = query.into_id_query().map(limited).into_iter().collect();
    queries.extend(prefix.iter().flat_map(|key| prefix_queries(&TRACK_TARGET, key)));
    queries
}

async fn best_named(
    reader: &mut ListReader<'_>,
    target: &SearchTarget,
    typed: &str,
    words: Option<&str>,
    conditions: Option<IdQuery>,
) -> Result<Vec<i64>, LibraryError> {
    let queries = match (words, conditions) {
        (None, None) => return Ok(Vec::new()),
        (None, Some(conditions)) => vec![conditions],
        (Some(words), None) => name_queries(target, typed, words),
        (Some(words), Some(conditions)) => {
            let both = |name: IdQuery| {
                let sql = format!("SELECT id FROM ({}) WHERE id IN ({})", name.sql, conditions.sql);
                let values = name.values.into_iter().chain(conditions.values.iter().cloned()).collect();
                IdQuery { sql: sql.into(), values, condition: None, complement: None }
            };
            name_queries(target, typed, words).into_iter().map(both).collect()
        }
    };
    best(reader, target, queries, typed, SearchResults::MAX_GROUPS).await
}

fn name_queries(target: &SearchTarget, typed: &str, words: &str) -> Vec<IdQuery> {
    let table = target.fts_table;
    let sql = format!("SELECT rowid AS id FROM {table} WHERE {table} MATCH ? LIMIT {MAX_CANDIDATES}");
    let mut queries = vec![IdQuery {
        sql: sql.into(),
        values: vec![SqlValue::Text(words.into())],
        condition: None,
        complement: None,
    }];
    queries.extend(prefix_queries(target, &name_sort_key(typed)));
    queries
}

/// Returns queries for the first rows of each sort order that begin with a key.
fn prefix_queries(target: &SearchTarget, key: &str) -> impl Iterator<Item = IdQuery> {
    let SearchTarget { table, prefix_columns, .. } = target;
    let filter = if *table == "tracks" { IN_LIBRARY } else { " WHERE 1" };
    prefix_columns.iter().map(move |column| {
        let sql = format!(
            "SELECT id FROM {table}{filter} AND {column} >= ? AND {column} < ? || char(0x10ffff) ORDER BY {column} LIMIT {MAX_CANDIDATES}"
        );
        IdQuery { sql: sql.into(), values: vec![SqlValue::Text(key.into()), SqlValue::Text(key.into())], condition: None, complement: None }
    })
}

/// Ranks the rows that any of the queries returns. Returns the best ids, best first.
async fn best(
    reader: &mut ListReader<'_>,
    target: &SearchTarget,
    queries: Vec<IdQuery>,
    typed: &str,
    limit: u32,
) -> Result<Vec<i64>, LibraryError> {
    if queries.is_empty() {
        return Ok(Vec::new());
    }
    let query = sqlx::query_scalar(AssertSqlSafe(candidates_sql(target, &queries)));
    let query = bind_all(query, queries.into_iter().flat_map(|query| query.values));
    let candidates: String = query.fetch_one(&mut *reader.snapshot.connection).await?;
    let candidates: Vec<(i64, String, String, i64)> =
        serde_json::from_str(&candidates).map_err(|error| LibraryError::Database(error.to_string()))?;
    let typed = normalize(typed);
    let rank = |(id, name, artist, popularity): &(i64, String, String, i64)| {
        let (name, artist) = (normalize(name), normalize(artist));
        (match_distance(&name, &typed).min(match_distance(&artist, &typed) + 1), Reverse(*popularity), name, *id)
    };
    let mut ranked: Vec<_> = candidates.iter().map(rank).collect();
    ranked.sort();
    Ok(ranked.into_iter().map(|(.., id)| id).take(limit as usize).collect())
}

/// Returns the query for id, name, artist and popularity of all candidates. Its result is one text: fetching rows takes several
/// times longer than finding them.
fn candidates_sql(target: &SearchTarget, queries: &[IdQuery]) -> String {
    let SearchTarget { table, name, artist, popularity, .. } = target;
    let found: Vec<String> = queries.iter().map(|query| format!("SELECT * FROM ({})", query.sql)).collect();
    format!(
        "SELECT json_group_array(json_array({table}.id, {name}, {artist}, {popularity}))
         FROM ({}) AS found JOIN {table} ON {table}.id = found.id",
        found.join(" UNION ")
    )
}

/// Returns how far a name is from what was typed: 0 if equal.
fn match_distance(name: &str, typed: &str) -> u8 {
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
    use crate::database::{Database, query_plan};

    /// A slow plan shows only in a large library, so the plans themselves are tested.
    #[tokio::test]
    async fn every_search_uses_an_index() {
        let dir = tempfile::tempdir().unwrap();
        let (database, _) = Database::open(&dir.path().join("library.db")).await.unwrap();
        let mut connection = database.begin_read().await.unwrap();
        let mut queries: Vec<String> = [ARTIST_TARGET, ALBUM_TARGET]
            .iter()
            .map(|target| candidates_sql(target, &name_queries(target, "a", "\"a\"*")))
            .collect();
        let by_an_index =
            ["year:1999", "rating:>3", "plays:>0", "played:<7d", "added:<7d", "loudness:<-14", "length:>9:00"];
        for typed in ["a", "a b", "\"a b\" -c", "artist:a", "a year:1999 rating:>3 folder:x"].iter().chain(&by_an_index)
        {
            queries.push(candidates_sql(&TRACK_TARGET, &track_queries(Query::parse(typed))));
            let planned = Query::parse(typed).with_selective_condition(&mut connection).await.unwrap();
            queries.push(candidates_sql(&TRACK_TARGET, &track_queries(planned)));
        }
        for sql in queries {
            let plan = query_plan(&mut connection, &sql).await;
            assert!(!plan.is_empty(), "{sql}");
            let whole =
                |step: &String| ["tracks", "albums", "artists"].iter().any(|table| *step == format!("SCAN {table}"));
            assert!(!plan.iter().any(whole), "{sql}: {plan:#?}");
        }
    }
}

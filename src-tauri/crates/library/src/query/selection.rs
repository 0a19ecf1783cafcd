//! Lists of tracks, albums and artists, compiled from what a client asked for.

use std::borrow::Cow;

use auralis_core::{AlbumId, AlbumSort, ArtistId, ComposerId, GenreId, TrackFilter, TrackList, TrackSort};

use crate::{
    database::{cached::Cached, json_ids::json_ids, snapshot::ReadSnapshot},
    error::LibraryError,
    query::{
        compiled_list::CompiledList,
        full_text::fts_query,
        parser::Query,
        sql::{IdQuery, SqlValue, id_query, in_library},
    },
    roots::folder_tree::FolderTree,
};

const FAVOURITES: IdQuery = IdQuery {
    sql: Cow::Borrowed(in_library!("favourite_s IS NOT NULL")),
    values: Vec::new(),
    condition: Some("favourite_s IS NOT NULL"),
    complement: None,
};
const NO_FAVOURITES: IdQuery = IdQuery {
    sql: Cow::Borrowed(in_library!("favourite_s IS NULL")),
    values: Vec::new(),
    condition: Some("favourite_s IS NULL"),
    complement: Some(in_library!("favourite_s IS NOT NULL")),
};
const PLAYED: IdQuery = IdQuery {
    sql: Cow::Borrowed(in_library!("plays > 0")),
    values: Vec::new(),
    condition: Some("plays > 0"),
    complement: None,
};
const NEVER_PLAYED: IdQuery = IdQuery {
    sql: Cow::Borrowed(in_library!("plays = 0")),
    values: Vec::new(),
    condition: Some("plays = 0"),
    complement: Some(in_library!("plays > 0")),
};

/// Compiles a list of tracks. The snapshot is used to plan a search and to find the folders below one.
pub(crate) async fn tracks(
    snapshot: &mut ReadSnapshot,
    folders: &Cached<FolderTree>,
    list: &TrackList,
) -> Result<CompiledList, LibraryError> {
    const ALBUM_ORDER: [&str; 6] = ["album_sort", "album_id", "disc_number", "track_number", "folder_id", "name"];
    const fn after(first: &'static str) -> [&'static str; 7] {
        [first, ALBUM_ORDER[0], ALBUM_ORDER[1], ALBUM_ORDER[2], ALBUM_ORDER[3], ALBUM_ORDER[4], ALBUM_ORDER[5]]
    }
    let (index, order): (_, &[_]) = match list.sort {
        TrackSort::Title => ("tracks_by_title", &["title_sort"]),
        TrackSort::Artist => ("tracks_by_artist", const { &after("artist_sort") }),
        TrackSort::Album => ("tracks_by_album", &ALBUM_ORDER),
        TrackSort::Duration => ("tracks_by_duration", &["duration_s"]),
        TrackSort::Year => ("tracks_by_year", const { &after("year") }),
        TrackSort::Added => ("tracks_by_added", const { &after("added_s") }),
        TrackSort::Rating => ("tracks_by_rating", &["rating"]),
        TrackSort::Plays => ("tracks_by_plays", &["plays"]),
        TrackSort::Played => ("tracks_by_played", &["played_s"]),
        TrackSort::Favourited => ("tracks_by_favourited", &["favourite_s"]),
    };
    let TrackFilter { search, album, artist, genre, composer, year, folder, favourite, played } = &list.filter;
    let mut filters = Vec::new();
    if let Some(typed) = search {
        let query = Query::parse(typed).with_selective_condition(&mut snapshot.connection).await?;
        filters.extend(query.into_id_query());
    }
    filters.extend(album.map(|AlbumId(id)| id_query("SELECT id FROM tracks WHERE album_id = ?", SqlValue::Number(id))));
    filters.extend(artist.map(|ArtistId(id)| {
        IdQuery {
            sql: "SELECT id FROM (SELECT track_id AS id FROM track_artists WHERE artist_id = ?
              UNION SELECT tracks.id FROM albums JOIN tracks ON album_id = albums.id WHERE artist_id = ?)"
                .into(),
            values: vec![SqlValue::Number(id), SqlValue::Number(id)],
            condition: None,
            complement: None,
        }
    }));
    filters.extend(genre.map(|GenreId(id)| IdQuery {
        condition: Some("EXISTS (SELECT 1 FROM track_genres WHERE genre_id = ? AND track_id = tracks.id)"),
        ..id_query("SELECT track_id AS id FROM track_genres WHERE genre_id = ?", SqlValue::Number(id))
    }));
    filters.extend(composer.map(|ComposerId(id)| {
        id_query("SELECT track_id AS id FROM track_composers WHERE composer_id = ?", SqlValue::Number(id))
    }));
    filters.extend(year.map(|year| IdQuery {
        condition: Some("year = ?"),
        ..id_query(in_library!("year = ?"), SqlValue::Number(year.into()))
    }));
    if let Some(folder) = folder {
        let folders = folders.get(&mut snapshot.connection, snapshot.counts.tracks_revision, FolderTree::load).await?;
        let folders = folders.descendant_ids(*folder)?;
        let within = "SELECT tracks.id FROM json_each(?) AS wanted JOIN tracks ON folder_id = wanted.value";
        filters.push(id_query(within, SqlValue::Text(json_ids(&folders))));
    }
    filters.extend(favourite.map(|is| if is { FAVOURITES } else { NO_FAVOURITES }));
    filters.extend(played.map(|is| if is { PLAYED } else { NEVER_PLAYED }));
    Ok(CompiledList { table: "tracks", index, order, descending: list.descending, filters, max_rows: None })
}

/// The conditions of a list of albums; all must hold.
#[derive(Default)]
pub(crate) struct AlbumFilter<'a> {
    pub search: Option<&'a str>,
    pub artist: Option<ArtistId>,
    pub album: Option<AlbumId>,
    pub genre: Option<GenreId>,
    pub year: Option<i32>,
}

/// The albums and artists of tracks.
pub(crate) const ALBUMS_OF_TRACKS: &str =
    "SELECT DISTINCT album_id AS id FROM tracks WHERE album_id IS NOT NULL AND tracks.id IN";
pub(crate) const ARTISTS_OF_TRACKS: &str = "SELECT DISTINCT artist_id AS id FROM track_artists WHERE track_id IN";

/// Returns the query for the albums or artists that have a track which satisfies the conditions in a search, such as
/// `year:1999`; `None` if there are none.
pub(crate) fn conditions_on_tracks(typed: &str, of_tracks: &str) -> Option<IdQuery> {
    let tracks = Query::parse_conditions(typed).into_id_query()?;
    Some(IdQuery { sql: format!("{of_tracks} ({})", tracks.sql).into(), ..tracks })
}

/// Compiles a list of albums.
pub(crate) fn albums(filter: &AlbumFilter<'_>, sort: AlbumSort, descending: bool) -> CompiledList {
    let (index, order): (_, &[_]) = match sort {
        AlbumSort::Title => ("albums_by_title", &["title_sort", "artist_sort"]),
        AlbumSort::Artist => ("albums_by_artist", &["artist_sort", "year", "title_sort"]),
        AlbumSort::Year => ("albums_by_year", &["year", "artist_sort", "title_sort"]),
        AlbumSort::Added => ("albums_by_added", &["added_s", "artist_sort", "title_sort"]),
    };
    let AlbumFilter { search, artist, album, genre, year } = filter;
    let filters = [
        search.and_then(|typed| fts_query(&Query::parse(typed).plain)).map(|words| {
            id_query("SELECT rowid AS id FROM album_words WHERE album_words MATCH ?", SqlValue::Text(words))
        }),
        search.and_then(|typed| conditions_on_tracks(typed, ALBUMS_OF_TRACKS)),
        artist.map(|ArtistId(id)| id_query("SELECT id FROM albums WHERE artist_id = ?", SqlValue::Number(id))),
        album.map(|AlbumId(id)| id_query("SELECT id FROM albums WHERE id = ?", SqlValue::Number(id))),
        genre.map(|GenreId(id)| {
            let with_a_track = "SELECT DISTINCT album_id AS id FROM track_genres JOIN tracks ON tracks.id = track_id
                WHERE genre_id = ? AND album_id IS NOT NULL";
            id_query(with_a_track, SqlValue::Number(id))
        }),
        year.map(|year| id_query("SELECT id FROM albums WHERE year = ?", SqlValue::Number(year.into()))),
    ];
    CompiledList {
        table: "albums",
        index,
        order,
        descending,
        filters: filters.into_iter().flatten().collect(),
        max_rows: None,
    }
}

/// Compiles a list of artists by name.
pub(crate) fn artists(search: Option<&str>, artist: Option<ArtistId>, with_albums: bool) -> CompiledList {
    let filters = [
        search.and_then(|typed| fts_query(&Query::parse(typed).plain)).map(|words| {
            id_query("SELECT rowid AS id FROM artist_words WHERE artist_words MATCH ?", SqlValue::Text(words))
        }),
        search.and_then(|typed| conditions_on_tracks(typed, ARTISTS_OF_TRACKS)),
        artist.map(|ArtistId(id)| id_query("SELECT id FROM artists WHERE id = ?", SqlValue::Number(id))),
        with_albums.then(|| IdQuery {
            sql: "SELECT id FROM artists INDEXED BY artists_with_albums WHERE albums > 0".into(),
            values: Vec::new(),
            condition: Some("albums > 0"),
            complement: None,
        }),
    ];
    CompiledList {
        table: "artists",
        index: "artists_by_name",
        order: &["sort"],
        descending: false,
        filters: filters.into_iter().flatten().collect(),
        max_rows: None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::database::{Database, query_plan};

    /// A slow plan shows only in a large library, so the plans themselves are tested.
    #[tokio::test]
    async fn every_list_is_read_by_an_index() {
        let dir = tempfile::tempdir().unwrap();
        let (database, _) = Database::open(&dir.path().join("library.db")).await.unwrap();
        let folders = Cached::default();
        let mut snapshot = ReadSnapshot::begin(&database).await.unwrap();
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
                    lists.push(tracks(&mut snapshot, &folders, &TrackList { filter, sort, descending }).await.unwrap());
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
                let plan = query_plan(&mut snapshot.connection, &list.all_sql()).await;
                assert!(plan.iter().any(|step| step.contains(list.index)), "{plan:#?}");
                assert!(!plan.iter().any(|step| step.contains("FOR ORDER BY")), "{plan:#?}");
            }
            for selectivity in [0.0, 1.0] {
                let sql = list.sql(selectivity);
                let plan = query_plan(&mut snapshot.connection, &sql).await;
                assert!(!plan.is_empty(), "{sql}");
                let whole = |step: &&String| step.starts_with("SCAN") && !step.contains("VIRTUAL TABLE");
                let scanned: Vec<_> = plan.iter().filter(whole).filter(|step| !step.contains(" (")).collect();
                let reads_in_order = list.filters.is_empty() || list.reads_in_order(selectivity);
                // A scan or search of the order's own index, covering or not.
                let index = format!("INDEX {}", list.index);
                let in_order = |step: &String| {
                    ["SCAN", "SEARCH"].iter().any(|verb| step.starts_with(&format!("{verb} {} USING", list.table)))
                        && step.split(" (").next().is_some_and(|step| step.ends_with(&index))
                };
                assert!(!reads_in_order || plan.iter().any(in_order), "{sql}: {plan:#?}");
                let allowed = |step: &&String| {
                    in_order(step)
                        || ["SCAN matching", "SCAN artists USING INDEX artists_with_albums"].contains(&step.as_str())
                };
                assert!(scanned.iter().all(allowed), "{sql}: {plan:#?}");
                assert!(!reads_in_order || !plan.iter().any(|step| step.contains("FOR ORDER BY")), "{sql}: {plan:#?}");
            }
        }
    }
}

//! Answers list requests: each kind of list is dispatched to the module that reads it.

use auralis_core::{Duplicate, LibraryEvent, ListQuery, RowItems, RowPage, RowQuery, TrackList};

use crate::{
    database::{Database, snapshot::ReadSnapshot},
    duplicates::{self, DuplicateSet},
    edits,
    error::LibraryError,
    file_access::FileAccess,
    listening::{history, home, statistics},
    lists::{caches::ListCaches, page::ListReader, rows},
    playlists,
    query::selection::{self, AlbumFilter},
    roots::ignore_rules,
    search,
    tags::{details, lyrics},
};

/// Returns a window of a list. All its rows are of one state of the library. The event is there if a file in the request was
/// unknown and became a track.
pub(crate) async fn list_window(
    database: &Database,
    caches: &ListCaches,
    files: &FileAccess,
    query: &RowQuery,
) -> Result<(RowPage, Option<LibraryEvent>), LibraryError> {
    if query.limit > RowQuery::MAX_ROWS {
        return Err(LibraryError::WindowTooLarge(query.limit));
    }
    match &query.list {
        ListQuery::Queue {} => Err(LibraryError::QueueNotAList),
        ListQuery::Details { .. } | ListQuery::Lyrics { .. } | ListQuery::Tags { .. } | ListQuery::Duplicates {} => {
            window_of_files(database, caches, files, query).await
        }
        _ => Ok((window_of_rows(database, caches, files, query).await?, None)),
    }
}

/// Returns a window that only needs the database.
async fn window_of_rows(
    database: &Database,
    caches: &ListCaches,
    files: &FileAccess,
    query: &RowQuery,
) -> Result<RowPage, LibraryError> {
    let mut reader = ListReader::begin(database, caches).await?;
    let counts = reader.snapshot.counts;
    // Whoever opens any list is likely to open the list of all tracks next, or to play it.
    let all_tracks = reader.compile(&TrackList::default()).await?;
    reader.prepare(&all_tracks);
    let (total, items) = match &query.list {
        ListQuery::Tracks { tracks: list } => {
            let list = reader.compile(list).await?;
            let (total, ids) = reader.page_of_ids(&list, counts.tracks, query).await?;
            let rows = rows::track_rows(&mut reader.snapshot.connection, &ids).await?;
            (total, RowItems::Tracks(rows.into_iter().flatten().collect()))
        }
        ListQuery::Albums { search, artist, album, genre, year, sort, descending } => {
            let filter =
                AlbumFilter { search: search.as_deref(), artist: *artist, album: *album, genre: *genre, year: *year };
            let list = selection::albums(&filter, *sort, *descending);
            let (total, ids) = reader.page_of_ids(&list, counts.albums, query).await?;
            (total, RowItems::Albums(rows::album_rows(&mut reader.snapshot.connection, &ids).await?))
        }
        ListQuery::Artists { search, artist, with_albums } => {
            let list = selection::artists(search.as_deref(), *artist, *with_albums);
            let (total, ids) = reader.page_of_ids(&list, counts.artists, query).await?;
            (total, RowItems::Artists(rows::artist_rows(&mut reader.snapshot.connection, &ids).await?))
        }
        ListQuery::Years {} => slice_window(&reader.years().await?, query, RowItems::Years),
        ListQuery::Folders { parent } => {
            slice_window(&reader.folders().await?.children(*parent)?, query, RowItems::Folders)
        }
        ListQuery::FolderPath { folder } => {
            slice_window(&reader.folders().await?.ancestors(*folder)?, query, RowItems::Folders)
        }
        ListQuery::Search { search } => (1, RowItems::SearchResults(vec![search::results(&mut reader, search).await?])),
        ListQuery::Playlist { playlist } => {
            let (total, rows) = playlists::entries(&mut reader, *playlist, query).await?;
            (total, RowItems::Playlist(rows))
        }
        _ => window_of_tables(&mut reader.snapshot, files, query).await?,
    };
    Ok(RowPage { revision: counts.revision, total, offset: query.offset, items })
}

/// Returns a window of a list that is one table.
async fn window_of_tables(
    snapshot: &mut ReadSnapshot,
    files: &FileAccess,
    query: &RowQuery,
) -> Result<(u32, RowItems), LibraryError> {
    let roots = snapshot.counts.roots;
    let connection = &mut *snapshot.connection;
    Ok(match &query.list {
        ListQuery::Genres {} => slice_window(&rows::genre_rows(connection).await?, query, RowItems::Genres),
        ListQuery::Composers {} => slice_window(&rows::composer_rows(connection).await?, query, RowItems::Composers),
        ListQuery::Playlists {} => slice_window(&playlists::rows(connection).await?, query, RowItems::Playlists),
        ListQuery::IgnorePatterns {} => {
            slice_window(&ignore_rules::patterns(connection).await?, query, RowItems::IgnorePatterns)
        }
        ListQuery::History { track } => {
            let (total, rows) = history::rows(connection, *track, query).await?;
            (total, RowItems::History(rows))
        }
        ListQuery::Statistics { from_s, to_s } => {
            (1, RowItems::Statistics(vec![statistics::of(connection, *from_s, *to_s).await?]))
        }
        ListQuery::Home {} => (1, RowItems::Home(vec![home::home(connection).await?])),
        ListQuery::Roots {} => {
            (roots, RowItems::Roots(rows::root_rows(connection, |root| files.is_responding(root), query).await?))
        }
        ListQuery::ScanFailures {} => {
            let total = sqlx::query_scalar("SELECT count(*) FROM scan_failures").fetch_one(&mut *connection).await?;
            (total, RowItems::ScanFailures(rows::failure_rows(connection, query).await?))
        }
        _ => return Err(LibraryError::QueueNotAList),
    })
}

/// Returns a window for which files are read. No connection is held meanwhile.
async fn window_of_files(
    database: &Database,
    caches: &ListCaches,
    files: &FileAccess,
    query: &RowQuery,
) -> Result<(RowPage, Option<LibraryEvent>), LibraryError> {
    let ReadSnapshot { mut connection, counts } = ReadSnapshot::begin(database).await?;
    let mut event = None;
    let (total, items) = match &query.list {
        ListQuery::Details { track } => {
            let path = rows::track_path(&mut connection, *track).await?;
            drop(connection);
            let details = files.run(&path.clone(), move || details::read_track_details(&path)).await?;
            slice_window(&[details], query, RowItems::Details)
        }
        ListQuery::Lyrics { track } => {
            let path = rows::track_path(&mut connection, *track).await?;
            drop(connection);
            let lines = files.run(&path.clone(), move || lyrics::read_lyrics(&path)).await?;
            slice_window(&lines, query, RowItems::Lyrics)
        }
        ListQuery::Tags { tracks } => {
            drop(connection);
            let ids;
            (ids, event) = edits::track_ids(database, caches, files, tracks).await?;
            slice_window(&[edits::tags::common_fields(database, files, &ids).await?], query, RowItems::Tags)
        }
        _ => {
            drop(connection);
            window_of_duplicates(database, caches, files, query).await?
        }
    };
    let page = RowPage { revision: counts.revision, total, offset: query.offset, items };
    Ok((page, event))
}

async fn window_of_duplicates(
    database: &Database,
    caches: &ListCaches,
    files: &FileAccess,
    query: &RowQuery,
) -> Result<(u32, RowItems), LibraryError> {
    let sets = duplicates::find_cached(database, files, &caches.duplicates).await?;
    let all = (0u32..).zip(sets.iter());
    let all = all.flat_map(|(group, DuplicateSet { by, tracks })| tracks.iter().map(move |id| (group, *by, *id)));
    let total = sets.iter().map(|set| set.tracks.len() as u32).sum();
    let page: Vec<_> = all.skip(query.offset as usize).take(query.limit as usize).collect();
    let ids: Vec<i64> = page.iter().map(|(.., id)| *id).collect();
    let tracks = rows::track_rows(&mut *database.begin_read().await?, &ids).await?;
    let row = |((group, by, _), track): (_, Option<_>)| Some(Duplicate { group, reason: by, track: track? });
    Ok((total, RowItems::Duplicates(page.into_iter().zip(tracks).filter_map(row).collect())))
}

/// Returns the window of a complete list.
fn slice_window<T: Clone>(all: &[T], query: &RowQuery, items: impl FnOnce(Vec<T>) -> RowItems) -> (u32, RowItems) {
    let rows = all.iter().skip(query.offset as usize).take(query.limit as usize);
    (all.len() as u32, items(rows.cloned().collect()))
}

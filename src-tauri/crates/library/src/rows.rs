//! Windows of lists. The ids of a page come from the index of its order alone; then only those rows are read.

use std::{collections::HashMap, path::PathBuf, sync::Arc};

use auralis_core::*;
use sqlx::{Row, Sqlite, SqliteConnection, Transaction, sqlite::SqliteRow};

use crate::{
    analyses,
    cover::CoverHash,
    database::{Counts, Database},
    derived::json,
    details,
    duplicates::{self, Group},
    error::LibraryError,
    folders::Folders,
    history, ignored, lyrics,
    orders::Orders,
    paths, playlists, search,
    select::{AlbumFilter, Selection, albums, artists, tracks},
    statistics,
};

/// One state of the library, for as long as it is held.
pub(crate) struct View<'d> {
    database: &'d Database,
    pub connection: Transaction<'static, Sqlite>,
    pub counts: Counts,
}

impl<'d> View<'d> {
    pub async fn new(database: &'d Database) -> Result<View<'d>, LibraryError> {
        let mut connection = database.read().await?;
        let counts = database.counts(&mut connection).await?;
        Ok(View { database, connection, counts })
    }

    pub async fn folders(&mut self) -> Result<Arc<Folders>, LibraryError> {
        self.database.folders.get(&mut self.connection, self.counts.content, Folders::load).await
    }

    async fn years(&mut self) -> Result<Arc<Vec<YearRow>>, LibraryError> {
        self.database.years.get(&mut self.connection, self.counts.content, year_rows).await
    }

    async fn duplicates(&mut self) -> Result<Arc<Vec<Group>>, LibraryError> {
        let analysed = sqlx::query_scalar("SELECT count(*) FROM analyses").fetch_one(&mut *self.connection).await?;
        let of = (self.counts.content, analysed);
        self.database.duplicates.get(&mut self.connection, of, duplicates::find).await
    }

    /// A window of a list, and how many rows it has; `all` is how many its table has.
    pub async fn page(
        &mut self,
        list: Selection,
        all: u32,
        window: &RowQuery,
    ) -> Result<(u32, Vec<i64>), LibraryError> {
        self.ids(&list, all, window.offset, window.limit.into()).await
    }

    /// The ids of all tracks of a list, in its order.
    pub async fn list_ids(&mut self, list: &Selection) -> Result<Vec<TrackId>, LibraryError> {
        let (_, ids) = self.ids(list, self.counts.tracks, 0, -1).await?;
        Ok(ids.into_iter().map(TrackId).collect())
    }

    async fn ids(
        &mut self,
        list: &Selection,
        all: u32,
        offset: u32,
        limit: i64,
    ) -> Result<(u32, Vec<i64>), LibraryError> {
        if let Some(order) = Orders::get(self.database, list, &self.counts) {
            return list.ids_by(&order, &mut self.connection, offset, limit).await;
        }
        if limit < 0 && list.is_of_all_tracks() {
            return Ok((all, list.all_ids(&mut self.connection).await?));
        }
        let total = list.count(&mut self.connection, all).await?;
        let share = f64::from(total) / f64::from(all.max(1));
        Ok((total, list.ids(&mut self.connection, share, offset, limit).await?))
    }
}

/// The rows of a window, all of one state of the library.
pub(crate) async fn window(database: &Database, window: &RowQuery) -> Result<RowPage, LibraryError> {
    if window.limit > RowQuery::MAX_ROWS {
        return Err(LibraryError::WindowTooLarge(window.limit));
    }
    let mut view = View::new(database).await?;
    let counts = view.counts;
    // Whoever looks at anything of the library is about to look at tracks, or to play all of them.
    let usual = tracks(&mut view, &TrackList::default()).await?;
    Orders::get(database, &usual, &counts);
    let (total, items) = match &window.list {
        // Files are read for it; see `Library::rows`.
        ListQuery::Queue {} | ListQuery::Tags { .. } => return Err(LibraryError::NotOfTheLibrary),
        ListQuery::Tracks { tracks: list } => {
            let list = tracks(&mut view, list).await?;
            let (total, ids) = view.page(list, counts.tracks, window).await?;
            let rows = track_rows(&mut view.connection, &ids).await?;
            (total, RowItems::Tracks(rows.into_iter().flatten().collect()))
        }
        ListQuery::Albums { search, artist, album, genre, year, sort, descending } => {
            let filter =
                AlbumFilter { search: search.as_deref(), artist: *artist, album: *album, genre: *genre, year: *year };
            let (total, ids) = view.page(albums(&filter, *sort, *descending), counts.albums, window).await?;
            (total, RowItems::Albums(album_rows(&mut view.connection, &ids).await?))
        }
        ListQuery::Artists { search, artist, with_albums } => {
            let list = artists(search.as_deref(), *artist, *with_albums);
            let (total, ids) = view.page(list, counts.artists, window).await?;
            (total, RowItems::Artists(artist_rows(&mut view.connection, &ids).await?))
        }
        ListQuery::Genres {} => part(&genre_rows(&mut view.connection).await?, window, RowItems::Genres),
        ListQuery::Composers {} => part(&composer_rows(&mut view.connection).await?, window, RowItems::Composers),
        ListQuery::Years {} => part(&view.years().await?, window, RowItems::Years),
        ListQuery::Folders { parent } => part(&view.folders().await?.in_folder(*parent)?, window, RowItems::Folders),
        ListQuery::FolderPath { folder } => part(&view.folders().await?.path_to(*folder)?, window, RowItems::Folders),
        ListQuery::Search { search } => (1, RowItems::SearchResults(vec![search::results(&mut view, search).await?])),
        ListQuery::Playlists {} => part(&playlists::rows(&mut view.connection).await?, window, RowItems::Playlists),
        ListQuery::Playlist { playlist } => {
            let (total, rows) = playlists::entries(&mut view, *playlist, window).await?;
            (total, RowItems::Playlist(rows))
        }
        ListQuery::History { track } => {
            let (total, rows) = history::rows(&mut view.connection, *track, window).await?;
            (total, RowItems::History(rows))
        }
        ListQuery::Statistics { from_s, to_s } => {
            (1, RowItems::Statistics(vec![statistics::of(&mut view.connection, *from_s, *to_s).await?]))
        }
        ListQuery::Roots {} => (counts.roots, RowItems::Roots(root_rows(&mut view.connection, window).await?)),
        ListQuery::ScanFailures {} => {
            let total =
                sqlx::query_scalar("SELECT count(*) FROM scan_failures").fetch_one(&mut *view.connection).await?;
            (total, RowItems::ScanFailures(failure_rows(&mut view.connection, window).await?))
        }
        ListQuery::IgnorePatterns {} => {
            part(&ignored::patterns(&mut view.connection).await?, window, RowItems::IgnorePatterns)
        }
        ListQuery::Duplicates {} => {
            let groups = view.duplicates().await?;
            let all = (0u32..).zip(groups.iter());
            let all = all.flat_map(|(group, Group { by, tracks })| tracks.iter().map(move |id| (group, *by, *id)));
            let total = groups.iter().map(|group| group.tracks.len() as u32).sum();
            let shown: Vec<_> = all.skip(window.offset as usize).take(window.limit as usize).collect();
            let ids: Vec<i64> = shown.iter().map(|(.., id)| *id).collect();
            let tracks = track_rows(&mut view.connection, &ids).await?;
            let row = |((group, by, _), track): (_, Option<_>)| Some(Duplicate { group, reason: by, track: track? });
            (total, RowItems::Duplicates(shown.into_iter().zip(tracks).filter_map(row).collect()))
        }
        ListQuery::Details { track } => {
            let details = details::read(file(&mut view.connection, *track).await?).await?;
            (1, RowItems::Details(vec![details].into_iter().skip(window.offset as usize).collect()))
        }
        ListQuery::Lyrics { track } => {
            part(&lyrics::read(file(&mut view.connection, *track).await?).await?, window, RowItems::Lyrics)
        }
    };
    Ok(RowPage { revision: counts.revision, total, offset: window.offset, items })
}

/// The window's part of a list that is there as a whole.
fn part<T: Clone>(all: &[T], window: &RowQuery, items: impl FnOnce(Vec<T>) -> RowItems) -> (u32, RowItems) {
    let rows = all.iter().skip(window.offset as usize).take(window.limit as usize);
    (all.len() as u32, items(rows.cloned().collect()))
}

/// The rows of tracks, one for each id; `None` where there is no such track.
pub(crate) async fn track_rows(
    view: &mut SqliteConnection,
    ids: &[i64],
) -> Result<Vec<Option<TrackRow>>, LibraryError> {
    let rows = sqlx::query(
        "SELECT tracks.id, title, artist, album, album_id, duration_s, coalesce(tracks.cover, folders.cover), artist_id,
             track_number, disc_number, year, genre, online, original_year, composer, bpm, added_s, codec,
             favourite_s IS NOT NULL, rating, plays, played_s
         FROM json_each(?) AS wanted
         LEFT JOIN tracks ON tracks.id = wanted.value
         LEFT JOIN folders ON folders.id = folder_id
         LEFT JOIN roots ON roots.id = root_id
         LEFT JOIN track_artists ON track_id = tracks.id AND position = 0
         ORDER BY wanted.key",
    );
    let track = |row: SqliteRow| {
        row.get::<Option<i64>, _>(0).map(|id| TrackRow {
            track: TrackSummary {
                id: TrackId(id),
                title: cut(row.get(1)),
                artist: cut(row.get(2)),
                album: cut(row.get(3)),
                album_id: row.get::<Option<_>, _>(4).map(AlbumId),
                artist_id: row.get::<Option<_>, _>(7).map(ArtistId),
                duration_s: row.get(5),
                cover: cover(&row, 6),
                favourite: row.get(18),
                rating: row.get(19),
            },
            track_number: row.get(8),
            disc_number: row.get(9),
            year: row.get(10),
            genre: cut(row.get(11)),
            available: row.get(12),
            original_year: row.get(13),
            composer: cut(row.get(14)),
            bpm: row.get(15),
            added_s: row.get(16),
            codec: row.get(17),
            plays: row.get(20),
            played_s: row.get(21),
        })
    };
    let mut found = rows.bind(json(ids)).map(track).fetch_all(&mut *view).await?;
    if found.iter().any(Option::is_none) {
        let lost = lost_rows(view, ids).await?;
        for (row, id) in found.iter_mut().zip(ids).filter(|(row, _)| row.is_none()) {
            *row = lost.get(id).cloned();
        }
    }
    Ok(found)
}

/// The rows of tracks whose file went.
async fn lost_rows(view: &mut SqliteConnection, ids: &[i64]) -> Result<HashMap<i64, TrackRow>, LibraryError> {
    let rows = sqlx::query(
        "SELECT id, title, artist, album, duration_s, favourite_s IS NOT NULL, rating, added_s, plays, played_s
         FROM lost_tracks WHERE id IN (SELECT value FROM json_each(?))",
    );
    let track = |row: SqliteRow| {
        let summary = TrackSummary {
            id: TrackId(row.get(0)),
            title: cut(row.get(1)),
            artist: cut(row.get(2)),
            album: cut(row.get(3)),
            album_id: None,
            artist_id: None,
            duration_s: row.get(4),
            cover: None,
            favourite: row.get(5),
            rating: row.get(6),
        };
        let track = TrackRow {
            track: summary,
            track_number: None,
            disc_number: None,
            year: None,
            original_year: None,
            genre: String::new(),
            composer: String::new(),
            bpm: None,
            codec: String::new(),
            added_s: row.get(7),
            plays: row.get(8),
            played_s: row.get(9),
            available: false,
        };
        (row.get(0), track)
    };
    Ok(rows.bind(json(ids)).map(track).fetch_all(view).await?.into_iter().collect())
}

/// A track and its file. Its album's profile is for those to make who know how.
pub(crate) async fn track(view: &mut SqliteConnection, id: TrackId) -> Result<Option<Track>, LibraryError> {
    let Some(row) = track_rows(view, &[id.0]).await?.pop().flatten() else { return Ok(None) };
    let file = sqlx::query(
        "SELECT path, name, start_s, end_s, track_gain_db, track_peak, album_gain_db, album_peak
         FROM tracks JOIN folders ON folders.id = folder_id WHERE tracks.id = ?",
    );
    let Some(file) = file.bind(id.0).fetch_optional(&mut *view).await? else { return Ok(None) };
    let start_s: Option<f64> = file.get(2);
    Ok(Some(Track {
        summary: row.track,
        path: paths::path(file.get(0)).join(paths::name(file.get(1))),
        range: start_s.map(|start_s| TimeRange { start_s, end_s: file.get(3) }),
        loudness: Loudness {
            track_gain_db: file.get(4),
            track_peak: file.get(5),
            album_gain_db: file.get(6),
            album_peak: file.get(7),
        },
        profile: analyses::profile(view, id).await?.map(Arc::new),
        album_profile: None,
    }))
}

/// Where a track's file is.
async fn file(view: &mut SqliteConnection, id: TrackId) -> Result<PathBuf, LibraryError> {
    let file = sqlx::query("SELECT path, name FROM tracks JOIN folders ON folders.id = folder_id WHERE tracks.id = ?");
    let file = file.bind(id.0).fetch_optional(view).await?.ok_or(LibraryError::UnknownTrack(id))?;
    Ok(paths::path(file.get(0)).join(paths::name(file.get(1))))
}

/// The files of tracks, one for each id; `None` where there is no such track.
pub(crate) async fn track_paths(
    view: &mut SqliteConnection,
    ids: &[TrackId],
) -> Result<Vec<Option<PathBuf>>, LibraryError> {
    let rows = sqlx::query(
        "SELECT folders.path, tracks.name
         FROM json_each(?) AS wanted
         LEFT JOIN tracks ON tracks.id = wanted.value
         LEFT JOIN folders ON folders.id = folder_id
         ORDER BY wanted.key",
    );
    let path = |row: SqliteRow| {
        let name = row.get::<Option<Vec<u8>>, _>(1)?;
        Some(paths::path(row.get(0)).join(paths::name(name)))
    };
    Ok(rows.bind(json(ids.iter().map(|TrackId(id)| id))).map(path).fetch_all(view).await?)
}

/// How much music there is.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LibrarySize {
    /// The length of all tracks together, in seconds.
    pub duration_s: f64,
    /// The size of all their files.
    pub bytes: u64,
}

pub(crate) async fn size(view: &mut SqliteConnection) -> Result<LibrarySize, LibraryError> {
    // A file that a cue sheet cuts into tracks counts once.
    let row = sqlx::query(
        "SELECT coalesce(sum(duration_s), 0.0), coalesce(sum(size), 0)
         FROM (SELECT sum(duration_s) AS duration_s, max(size) AS size
               FROM tracks JOIN folders ON folders.id = folder_id WHERE root_id <> 0
               GROUP BY folder_id, name)",
    );
    let row = row.fetch_one(view).await?;
    Ok(LibrarySize { duration_s: row.get(0), bytes: row.get::<i64, _>(1).unsigned_abs() })
}

/// Fails with the first id that no track has.
pub(crate) async fn expect_tracks(view: &mut SqliteConnection, ids: &[TrackId]) -> Result<(), LibraryError> {
    let unknown: Option<i64> = sqlx::query_scalar(
        "SELECT value FROM json_each(?) WHERE NOT EXISTS (SELECT 1 FROM tracks WHERE id = value) ORDER BY key LIMIT 1",
    )
    .bind(json(ids.iter().map(|TrackId(id)| id)))
    .fetch_optional(view)
    .await?;
    unknown.map_or(Ok(()), |id| Err(LibraryError::UnknownTrack(TrackId(id))))
}

async fn genre_rows(view: &mut SqliteConnection) -> Result<Vec<GenreRow>, LibraryError> {
    let rows = sqlx::query("SELECT id, name, tracks FROM genres ORDER BY sort, id");
    let genre = |row: SqliteRow| GenreRow { id: GenreId(row.get(0)), name: cut(row.get(1)), tracks: row.get(2) };
    Ok(rows.map(genre).fetch_all(view).await?)
}

async fn composer_rows(view: &mut SqliteConnection) -> Result<Vec<ComposerRow>, LibraryError> {
    let rows = sqlx::query("SELECT id, name, tracks FROM composers ORDER BY sort, id");
    let composer =
        |row: SqliteRow| ComposerRow { id: ComposerId(row.get(0)), name: cut(row.get(1)), tracks: row.get(2) };
    Ok(rows.map(composer).fetch_all(view).await?)
}

pub(crate) async fn year_rows(view: &mut SqliteConnection) -> Result<Vec<YearRow>, LibraryError> {
    // To take off those of no root, which are few, is faster than to look at the folder of each.
    let rows = sqlx::query(
        "SELECT year, sum(counted) AS tracks
         FROM (SELECT year, count(*) AS counted FROM tracks INDEXED BY tracks_by_year WHERE year IS NOT NULL GROUP BY year
               UNION ALL
               SELECT year, -count(*) FROM folders JOIN tracks ON folder_id = folders.id
               WHERE root_id = 0 AND year IS NOT NULL GROUP BY year)
         GROUP BY year HAVING sum(counted) > 0 ORDER BY year DESC",
    );
    Ok(rows.map(|row: SqliteRow| YearRow { year: row.get(0), tracks: row.get(1) }).fetch_all(view).await?)
}

pub(crate) async fn album_rows(view: &mut SqliteConnection, ids: &[i64]) -> Result<Vec<AlbumRow>, LibraryError> {
    let rows = sqlx::query(
        "SELECT albums.id, title, artist, artist_id, year, tracks, duration_s, cover
         FROM json_each(?) AS wanted JOIN albums ON albums.id = wanted.value ORDER BY wanted.key",
    );
    let album = |row: SqliteRow| AlbumRow {
        id: AlbumId(row.get(0)),
        title: cut(row.get(1)),
        artist: cut(row.get(2)),
        artist_id: row.get::<Option<_>, _>(3).map(ArtistId),
        year: row.get(4),
        tracks: row.get(5),
        duration_s: row.get(6),
        cover: cover(&row, 7),
    };
    Ok(rows.bind(json(ids)).map(album).fetch_all(view).await?)
}

pub(crate) async fn artist_rows(view: &mut SqliteConnection, ids: &[i64]) -> Result<Vec<ArtistRow>, LibraryError> {
    let rows = sqlx::query(
        "SELECT artists.id, name, albums, tracks, cover
         FROM json_each(?) AS wanted JOIN artists ON artists.id = wanted.value ORDER BY wanted.key",
    );
    let artist = |row: SqliteRow| ArtistRow {
        id: ArtistId(row.get(0)),
        name: cut(row.get(1)),
        albums: row.get(2),
        tracks: row.get(3),
        cover: cover(&row, 4),
    };
    Ok(rows.bind(json(ids)).map(artist).fetch_all(view).await?)
}

async fn root_rows(view: &mut SqliteConnection, window: &RowQuery) -> Result<Vec<RootRow>, LibraryError> {
    let rows = sqlx::query(
        "SELECT id, path, online,
             (SELECT count(*) FROM folders JOIN tracks ON folder_id = folders.id WHERE root_id = roots.id)
         FROM roots WHERE id <> 0 ORDER BY path LIMIT ? OFFSET ?",
    );
    let root = |row: SqliteRow| RootRow {
        id: RootId(row.get(0)),
        path: paths::shown(&paths::path(row.get(1))),
        online: row.get(2),
        tracks: row.get(3),
    };
    Ok(rows.bind(window.limit).bind(window.offset).map(root).fetch_all(view).await?)
}

async fn failure_rows(view: &mut SqliteConnection, window: &RowQuery) -> Result<Vec<ScanFailure>, LibraryError> {
    let rows = sqlx::query("SELECT path, reason FROM scan_failures ORDER BY path LIMIT ? OFFSET ?");
    let failure = |row: SqliteRow| ScanFailure { path: paths::shown(&paths::path(row.get(0))), reason: row.get(1) };
    Ok(rows.bind(window.limit).bind(window.offset).map(failure).fetch_all(view).await?)
}

pub(crate) fn cover(row: &SqliteRow, column: usize) -> Option<String> {
    CoverHash::digits(&row.get::<Option<Vec<u8>>, _>(column)?)
}

/// A text as short as a summary has it.
pub(crate) fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(TrackSummary::MAX_TEXT_CHARS) {
        text.truncate(end);
    }
    text
}

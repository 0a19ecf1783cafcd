//! Writes what was read, many rows at a time.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ffi::OsStr,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use auralis_core::{LibraryEvent, TrackId};
use sqlx::{AssertSqlSafe, QueryBuilder, Row, Sqlite, SqliteConnection, Transaction};

use super::{
    read::{Album, FolderImage, Name, Outcome, ReadFile, ReadTrack},
    walk::{FoundFile, Walked},
};
use crate::{
    database::Database,
    derived::{Touched, json},
    edits::now_s,
    error::LibraryError,
    paths,
    roots::LOOSE,
    tags::TAGS_VERSION,
};

/// Rows of one statement: mostly the same number, so that the statement is prepared once.
const ROWS: usize = 128;

/// A track on its way into the table.
struct TrackRow<'r> {
    id: i64,
    /// Whether there is a row of that id.
    known: bool,
    folder: i64,
    album: Option<i64>,
    file: &'r FoundFile,
    track: &'r ReadTrack,
}

/// What one change of a scan leaves to the next.
#[derive(Default)]
pub(crate) struct Left {
    /// Pictures of folders that have no track yet.
    images: Vec<FolderImage>,
    /// The highest id that a track ever had, unless others than the scan have added tracks since it began.
    last_id: Option<i64>,
}

impl Left {
    /// To the first change of a scan that looked at the library as `connection` sees it.
    pub async fn at_first(connection: &mut SqliteConnection) -> Result<Left, LibraryError> {
        Ok(Left { last_id: Some(last_id(connection).await?), ..Left::default() })
    }
}

async fn last_id(connection: &mut SqliteConnection) -> Result<i64, LibraryError> {
    let last_id = sqlx::query_scalar("SELECT seq FROM sqlite_sequence WHERE name = 'tracks'");
    Ok(last_id.fetch_optional(connection).await?.unwrap_or(0))
}

/// One change of the library by a scan: a transaction, and what must follow before it is committed.
pub(crate) struct Change {
    transaction: Transaction<'static, Sqlite>,
    touched: Touched,
    /// The highest id that a track ever had.
    last_id: i64,
    /// Whether all tracks are the scan's or were there when it began.
    alone: bool,
    now_s: i64,
    /// See [`Left::images`].
    images: Vec<FolderImage>,
}

impl Change {
    /// Begins one that goes on with what the last one left.
    pub async fn begin(database: &Database, left: Left) -> Result<Change, LibraryError> {
        let mut transaction = database.write().await?;
        let last_id = last_id(&mut transaction).await?;
        let alone = left.last_id == Some(last_id);
        Ok(Change { transaction, touched: Touched::default(), last_id, alone, now_s: now_s(), images: left.images })
    }

    /// To be looked at, and changed, as it will be.
    pub fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.transaction
    }

    /// Writes outcomes of the scan, without committing them.
    pub async fn write(&mut self, outcomes: impl Iterator<Item = Outcome>) -> Result<(), LibraryError> {
        let mut files = Vec::new();
        for outcome in outcomes {
            match outcome {
                Outcome::File(file) => files.push(*file),
                Outcome::Image(image) => self.images.push(image),
                Outcome::Failed { path, reason, .. } => self.failure(&path, &reason).await?,
            }
        }
        self.files(&files).await?;
        for image in std::mem::take(&mut self.images) {
            if !self.image(&image).await? {
                self.images.push(image);
            }
        }
        Ok(())
    }

    /// Deletes what the scan did not meet again.
    pub async fn end(&mut self, walked: &Walked, mended: &[PathBuf]) -> Result<(), LibraryError> {
        for lot in walked.vanished.chunks(10_000) {
            let ids = json(lot.iter().map(|TrackId(id)| id));
            self.touched.delete_tracks(&mut self.transaction, &ids).await?;
        }
        sqlx::query("DELETE FROM folders WHERE NOT EXISTS (SELECT 1 FROM tracks WHERE folder_id = folders.id)")
            .execute(&mut *self.transaction)
            .await?;
        for (root, online) in &walked.online {
            sqlx::query("UPDATE roots SET online = ? WHERE id = ?")
                .bind(online)
                .bind(root.0)
                .execute(&mut *self.transaction)
                .await?;
        }
        for path in mended {
            sqlx::query("DELETE FROM scan_failures WHERE path = ?")
                .bind(paths::bytes(path))
                .execute(&mut *self.transaction)
                .await?;
        }
        Ok(())
    }

    /// Makes it true; gives back the event to tell, and what is left to the next.
    pub async fn commit(mut self, database: &Database) -> Result<(LibraryEvent, Left), LibraryError> {
        self.touched.refresh(&mut self.transaction).await?;
        let left = Left { images: self.images, last_id: self.alone.then_some(self.last_id) };
        Ok((database.commit(self.transaction).await?, left))
    }

    async fn failure(&mut self, path: &Path, reason: &str) -> Result<(), LibraryError> {
        sqlx::query(
            "INSERT INTO scan_failures VALUES (?, ?) ON CONFLICT (path) DO UPDATE SET reason = excluded.reason",
        )
        .bind(paths::bytes(path))
        .bind(reason)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Notes the picture of a folder; false if the folder has no track yet.
    async fn image(&mut self, image: &FolderImage) -> Result<bool, LibraryError> {
        let (file, hash) = image.image.as_ref().map(|(file, hash)| (file, hash)).unzip();
        let folder: Option<i64> = sqlx::query_scalar(
            "UPDATE folders SET image = ?, image_size = ?, image_mtime_ns = ?, cover = ? WHERE path = ? RETURNING id",
        )
        .bind(file.map(|(name, _)| paths::bytes(name)))
        .bind(file.map(|(_, stamp)| stamp.size))
        .bind(file.map(|(_, stamp)| stamp.mtime_ns))
        .bind(hash.map(|hash| hash.bytes()))
        .bind(paths::bytes(&image.folder.path))
        .fetch_optional(&mut *self.transaction)
        .await?;
        if let Some(folder) = folder {
            self.touched.folder(&mut self.transaction, folder).await?;
        }
        Ok(folder.is_some())
    }

    async fn files(&mut self, files: &[ReadFile]) -> Result<(), LibraryError> {
        if files.is_empty() {
            return Ok(());
        }
        self.forget(files).await?;
        let folders = self.folders(files).await?;
        let met = self.met_meanwhile(files, &folders).await?;
        let tracks: Vec<(&FoundFile, &ReadTrack)> =
            files.iter().flat_map(|read| read.tracks.iter().map(|track| (&read.file, track))).collect();
        // Files that belong to no root are on no list, so nothing has to be found by them.
        let listed: Vec<&ReadTrack> =
            tracks.iter().filter(|(file, _)| file.folder.root != LOOSE).map(|(_, track)| *track).collect();
        let album_artists = listed.iter().filter_map(|track| track.album.as_ref()?.artist.as_ref());
        let artists = listed.iter().flat_map(|track| &track.artists).chain(album_artists);
        let artists = self.names("artists", artists).await?;
        artists.values().for_each(|id| self.touched.artist(*id));
        let genres = self.names("genres", listed.iter().flat_map(|track| &track.genres)).await?;
        genres.values().for_each(|id| self.touched.genre(*id));
        let composers = self.names("composers", listed.iter().flat_map(|track| &track.composers)).await?;
        composers.values().for_each(|id| self.touched.composer(*id));
        let albums = self.albums(&listed, &artists).await?;

        let mut rows = Vec::with_capacity(tracks.len());
        for (file, track) in tracks {
            let folder = folders[file.folder.path.as_path()];
            let known = file.tracks.iter().find(|(cue, _)| *cue == track.cue).map(|(_, id)| id.0);
            let known = known.or_else(|| met.get(&(folder, paths::bytes(&file.name), track.cue)).copied());
            let id = known.unwrap_or_else(|| {
                self.last_id += 1;
                self.last_id
            });
            let album = track.album.as_ref().and_then(|album| albums.get(album.key.as_str()).copied());
            rows.push(TrackRow { id, known: known.is_some(), folder, album, file, track });
        }
        self.rows(&rows).await?;
        self.credits("track_artists", "artist_id", &artists, &rows, |track| &track.artists).await?;
        self.credits("track_genres", "genre_id", &genres, &rows, |track| &track.genres).await?;
        self.credits("track_composers", "composer_id", &composers, &rows, |track| &track.composers).await?;
        self.words(&rows).await
    }

    /// Writes the words by which tracks are found. Loose ones are not found.
    async fn words(&mut self, rows: &[TrackRow<'_>]) -> Result<(), LibraryError> {
        let known = json(rows.iter().filter(|row| row.known).map(|row| &row.id));
        sqlx::query("DELETE FROM track_words WHERE rowid IN (SELECT value FROM json_each(?))")
            .bind(known)
            .execute(&mut *self.transaction)
            .await?;
        let listed: Vec<_> = rows.iter().filter(|row| row.file.folder.root != LOOSE).collect();
        for rows in listed.chunks(ROWS) {
            let mut insert = QueryBuilder::new("INSERT INTO track_words (rowid, title, artist, album, genre) ");
            insert.push_values(rows, |mut row, TrackRow { id, track, .. }| {
                row.push_bind(id);
                for words in &track.words {
                    row.push_bind(words);
                }
            });
            insert.build().execute(&mut *self.transaction).await?;
        }
        Ok(())
    }

    /// Takes back what the library says of known files, before they say it anew.
    async fn forget(&mut self, files: &[ReadFile]) -> Result<(), LibraryError> {
        let known: Vec<i64> = files.iter().flat_map(|read| &read.file.tracks).map(|(_, TrackId(id))| *id).collect();
        if !known.is_empty() {
            let known = json(&known);
            self.touched.tracks(&mut self.transaction, &known).await?;
            for forgotten in [
                "DELETE FROM track_artists WHERE track_id IN (SELECT value FROM json_each(?))",
                "DELETE FROM track_genres WHERE track_id IN (SELECT value FROM json_each(?))",
                "DELETE FROM track_composers WHERE track_id IN (SELECT value FROM json_each(?))",
            ] {
                sqlx::query(forgotten).bind(&known).execute(&mut *self.transaction).await?;
            }
        }
        for read in files {
            for displaced in &read.file.displaced {
                self.displace(*displaced, &read.file).await?;
            }
            // A cue sheet that came, changed or went.
            let is_left = |cue: &u32| !read.tracks.iter().any(|track| track.cue == *cue);
            let left: Vec<i64> =
                read.file.tracks.iter().filter(|(cue, _)| is_left(cue)).map(|(_, TrackId(id))| *id).collect();
            if !left.is_empty() {
                self.touched.delete_tracks(&mut self.transaction, &json(&left)).await?;
            }
        }
        Ok(())
    }

    /// Tracks of files that are new to the scan, and which these became since it began by being opened.
    async fn met_meanwhile<'f>(
        &mut self,
        files: &'f [ReadFile],
        folders: &HashMap<&Path, i64>,
    ) -> Result<HashMap<(i64, &'f [u8], u32), i64>, LibraryError> {
        if self.alone {
            return Ok(HashMap::new());
        }
        let new = files.iter().map(|read| &read.file).filter(|file| file.tracks.is_empty());
        let new: HashMap<(i64, &[u8]), &[u8]> = new
            .map(|file| (folders[file.folder.path.as_path()], paths::bytes(&file.name)))
            .map(|(folder, name)| ((folder, name), name))
            .collect();
        let within: BTreeSet<i64> = new.keys().map(|(folder, _)| *folder).collect();
        let known = "SELECT id, folder_id, name, cue FROM tracks WHERE folder_id IN (SELECT value FROM json_each(?))";
        let known = sqlx::query(known).bind(json(&within)).fetch_all(&mut *self.transaction).await?;
        let met = known.iter().filter_map(|row| {
            let name = new.get(&(row.get(1), row.get::<&[u8], _>(2)))?;
            Some(((row.get(1), *name, row.get(3)), row.get(0)))
        });
        Ok(met.collect())
    }

    /// Says whom the tracks name, in order and each once.
    async fn credits(
        &mut self,
        table: &str,
        column: &str,
        ids: &HashMap<&str, i64>,
        rows: &[TrackRow<'_>],
        names: impl Fn(&ReadTrack) -> &Vec<Name>,
    ) -> Result<(), LibraryError> {
        let mut credits = Vec::with_capacity(rows.len());
        for TrackRow { id, track, .. } in rows {
            let named = names(track).iter().filter_map(|name| ids.get(name.key.as_str()));
            credits.extend((0i64..).zip(named).map(|(position, named)| (*id, position, *named)));
        }
        for credits in credits.chunks(ROWS) {
            let mut insert = QueryBuilder::new(format!("INSERT INTO {table} (track_id, position, {column}) "));
            insert.push_values(credits, |mut row, (track, position, named)| {
                row.push_bind(track).push_bind(position).push_bind(named);
            });
            insert.build().execute(&mut *self.transaction).await?;
        }
        Ok(())
    }

    /// Moves a track whose place another now has out of the way, under a name that no file can have. If its file is
    /// met elsewhere it gets that place; if not, it goes with the vanished ones.
    async fn displace(&mut self, displaced: TrackId, file: &FoundFile) -> Result<(), LibraryError> {
        sqlx::query(
            "UPDATE tracks SET name = CAST('/' || id AS BLOB)
             WHERE id = ? AND name = ? AND folder_id = (SELECT id FROM folders WHERE path = ?)",
        )
        .bind(displaced.0)
        .bind(paths::bytes(&file.name))
        .bind(paths::bytes(&file.folder.path))
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Ids of the files' folders, by path.
    async fn folders<'a>(&mut self, files: &'a [ReadFile]) -> Result<HashMap<&'a Path, i64>, LibraryError> {
        // In order, and with them their ids.
        let folders: BTreeMap<&Path, i64> =
            files.iter().map(|read| (read.file.folder.path.as_path(), read.file.folder.root.0)).collect();
        let mut ids = HashMap::with_capacity(folders.len());
        for chunk in folders.iter().collect::<Vec<_>>().chunks(ROWS) {
            let mut insert = QueryBuilder::new("INSERT INTO folders (root_id, path) ");
            insert.push_values(chunk, |mut row, (path, root)| {
                row.push_bind(**root).push_bind(paths::bytes(path));
            });
            insert.push(" ON CONFLICT (path) DO UPDATE SET root_id = excluded.root_id RETURNING id, path");
            for row in insert.build().fetch_all(&mut *self.transaction).await? {
                let path = folders.get_key_value(Path::new(OsStr::from_bytes(row.get(1))));
                ids.extend(path.map(|(path, _)| (*path, row.get(0))));
            }
        }
        Ok(ids)
    }

    /// Ids of names in a table of such, by key.
    async fn names<'n>(
        &mut self,
        table: &str,
        names: impl Iterator<Item = &'n Name>,
    ) -> Result<HashMap<&'n str, i64>, LibraryError> {
        let mut by_key: HashMap<&str, &Name> = HashMap::new();
        for name in names {
            let known = by_key.entry(&name.key).or_insert(name);
            if name.sort_told {
                *known = name;
            }
        }
        let told: Vec<&Name> = by_key.values().copied().filter(|name| name.sort_told).collect();
        let mut ids = self.ids(table, by_key.keys().copied()).await?;
        let new: Vec<&Name> = by_key.into_values().filter(|name| !ids.contains_key(name.key.as_str())).collect();
        for names in new.chunks(ROWS) {
            let mut insert = QueryBuilder::new(format!("INSERT INTO {table} (key, name, sort) "));
            insert.push_values(names, |mut row, name| {
                row.push_bind(&name.key).push_bind(&name.name).push_bind(&name.sort);
            });
            insert.build().execute(&mut *self.transaction).await?;
        }
        ids.extend(self.ids(table, new.iter().map(|name| name.key.as_str())).await?);
        let update = format!("UPDATE {table} SET sort = ?1 WHERE id = ?2 AND sort <> ?1");
        for name in told {
            let update = sqlx::query(AssertSqlSafe(update.clone())).bind(&name.sort).bind(ids.get(name.key.as_str()));
            update.execute(&mut *self.transaction).await?;
        }
        Ok(ids)
    }

    /// Ids of all albums of the tracks, by key.
    async fn albums<'t>(
        &mut self,
        tracks: &[&'t ReadTrack],
        artists: &HashMap<&str, i64>,
    ) -> Result<HashMap<&'t str, i64>, LibraryError> {
        let mut by_key: HashMap<&str, (&str, &Album)> = HashMap::new();
        for track in tracks {
            let title = track.tags.album.as_deref().unwrap_or_default();
            let Some(album) = &track.album else { continue };
            let known = by_key.entry(&album.key).or_insert((title, album));
            if album.sort_told {
                *known = (title, album);
            }
        }
        let told: Vec<&Album> = by_key.values().map(|(_, album)| *album).filter(|album| album.sort_told).collect();
        let mut ids = self.ids("albums", by_key.keys().copied()).await?;
        let new: Vec<_> = by_key.into_values().filter(|(_, album)| !ids.contains_key(album.key.as_str())).collect();
        for albums in new.chunks(ROWS) {
            let mut insert =
                QueryBuilder::new("INSERT INTO albums (key, title, artist, artist_id, title_sort, artist_sort) ");
            insert.push_values(albums, |mut row, (title, album)| {
                let Album { key, title_sort, artist, .. } = album;
                let artist = artist.as_ref();
                row.push_bind(key)
                    .push_bind(title)
                    .push_bind(artist.map(|artist| artist.name.as_str()).unwrap_or_default())
                    .push_bind(artist.and_then(|artist| artists.get(artist.key.as_str())))
                    .push_bind(title_sort)
                    .push_bind(artist.map(|artist| artist.sort.as_str()).unwrap_or_default());
            });
            insert.build().execute(&mut *self.transaction).await?;
        }
        ids.extend(self.ids("albums", new.iter().map(|(_, album)| album.key.as_str())).await?);
        for album in told {
            sqlx::query(
                "UPDATE albums SET title_sort = ?1, artist_sort = ?2
                 WHERE id = ?3 AND (title_sort, artist_sort) <> (?1, ?2)",
            )
            .bind(&album.title_sort)
            .bind(album.artist.as_ref().map(|artist| artist.sort.as_str()).unwrap_or_default())
            .bind(ids.get(album.key.as_str()))
            .execute(&mut *self.transaction)
            .await?;
        }
        ids.values().for_each(|id| self.touched.album(*id));
        Ok(ids)
    }

    /// The ids of those keys that a table has.
    async fn ids<'k>(
        &mut self,
        table: &str,
        keys: impl Iterator<Item = &'k str>,
    ) -> Result<HashMap<&'k str, i64>, LibraryError> {
        let keys: Vec<&str> = keys.collect();
        let wanted = serde_json::to_string(&keys).unwrap_or_default();
        let select =
            format!("SELECT wanted.key, {table}.id FROM json_each(?) AS wanted JOIN {table} ON {table}.key = value");
        let found = sqlx::query(AssertSqlSafe(select)).bind(wanted).fetch_all(&mut *self.transaction).await?;
        Ok(found.iter().filter_map(|row| Some((*keys.get(row.get::<i64, _>(0) as usize)?, row.get(1)))).collect())
    }

    async fn rows(&mut self, rows: &[TrackRow<'_>]) -> Result<(), LibraryError> {
        for rows in rows.chunks(ROWS) {
            let mut insert = QueryBuilder::new(
                "INSERT INTO tracks (id, folder_id, name, cue, start_s, end_s, inode, size, mtime_ns, tags_version, added_s, title, artist,
                 album, album_id, disc_number, track_number, year, original_year, genre, composer, bpm, rating, codec,
                 duration_s, track_gain_db, track_peak, album_gain_db, album_peak, loudness_lufs, cover, title_sort,
                 artist_sort, album_sort) ",
            );
            insert.push_values(rows, |mut row, TrackRow { id, folder, album: album_id, file, track, .. }| {
                let ReadTrack { tags, range, .. } = track;
                let album = tags.album.as_deref().unwrap_or_default();
                row.push_bind(id).push_bind(folder).push_bind(paths::bytes(&file.name)).push_bind(track.cue);
                row.push_bind(range.map(|range| range.start_s)).push_bind(range.and_then(|range| range.end_s));
                row.push_bind(file.stamp.inode).push_bind(file.stamp.size).push_bind(file.stamp.mtime_ns);
                row.push_bind(TAGS_VERSION).push_bind(self.now_s);
                row.push_bind(&track.title).push_bind(&tags.artist).push_bind(album).push_bind(album_id);
                row.push_bind(tags.disc_number).push_bind(tags.track_number).push_bind(tags.year);
                row.push_bind(tags.original_year).push_bind(tags.genres.join(", "));
                row.push_bind(tags.composers.join(", ")).push_bind(tags.bpm).push_bind(tags.rating);
                row.push_bind(tags.codec).push_bind(tags.duration_s);
                row.push_bind(tags.loudness.track_gain_db).push_bind(tags.loudness.track_peak);
                row.push_bind(tags.loudness.album_gain_db).push_bind(tags.loudness.album_peak);
                row.push_bind(tags.loudness.track_lufs());
                row.push_bind(tags.cover.as_ref().map(|hash| hash.bytes()));
                row.push_bind(&track.title_sort).push_bind(&track.artist_sort).push_bind(&track.album_sort);
            });
            insert.push(
                " ON CONFLICT (id) DO UPDATE SET folder_id = excluded.folder_id, name = excluded.name,
                 cue = excluded.cue, start_s = excluded.start_s, end_s = excluded.end_s, inode = excluded.inode, size = excluded.size, mtime_ns = excluded.mtime_ns,
                 tags_version = excluded.tags_version, title = excluded.title, artist = excluded.artist,
                 album = excluded.album, album_id = excluded.album_id, disc_number = excluded.disc_number,
                 track_number = excluded.track_number, year = excluded.year, original_year = excluded.original_year,
                 genre = excluded.genre, composer = excluded.composer, bpm = excluded.bpm,
                 rating = coalesce(tracks.rating, excluded.rating), codec = excluded.codec,
                 duration_s = excluded.duration_s, track_gain_db = excluded.track_gain_db,
                 track_peak = excluded.track_peak, album_gain_db = excluded.album_gain_db,
                 album_peak = excluded.album_peak,
                 loudness_lufs = coalesce(excluded.loudness_lufs, tracks.loudness_lufs),
                 cover = excluded.cover, title_sort = excluded.title_sort,
                 artist_sort = excluded.artist_sort, album_sort = excluded.album_sort",
            );
            insert.build().execute(&mut *self.transaction).await?;
        }
        Ok(())
    }
}

//! Writes what was read, many rows at a time.

use std::{
    collections::HashMap,
    ffi::OsStr,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use auralis_core::{LibraryEvent, TrackId};
use sqlx::{QueryBuilder, Row, Sqlite, Transaction};

use super::{
    read::{FolderImage, Outcome, ReadTrack},
    walk::{FoundFile, Walked},
};
use crate::{
    database::Database,
    derived::{Touched, json, write_words},
    error::LibraryError,
    fold::{fold, name_sort_key, sort_key},
    paths,
    roots::LOOSE,
    tags::{TAGS_VERSION, Tags, title_of},
};

/// Rows of one statement: mostly the same number, so that the statement is prepared once.
const ROWS: usize = 64;

/// The album artist of a compilation that names none.
const VARIOUS_ARTISTS: &str = "Various Artists";

/// One change of the library by a scan: a transaction, and what must follow before it is committed.
pub(crate) struct Change {
    transaction: Transaction<'static, Sqlite>,
    touched: Touched,
    /// The highest id that a track ever had.
    last_id: i64,
    now_s: i64,
    /// Pictures of folders that have no track yet.
    images: Vec<FolderImage>,
}

impl Change {
    /// Begins one. It goes on with the `images` that the last one could not place.
    pub async fn begin(database: &Database, images: Vec<FolderImage>) -> Result<Change, LibraryError> {
        let mut transaction = database.write().await?;
        let last_id = sqlx::query_scalar("SELECT seq FROM sqlite_sequence WHERE name = 'tracks'");
        let last_id = last_id.fetch_optional(&mut *transaction).await?.unwrap_or(0);
        let now_s = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs() as i64);
        Ok(Change { transaction, touched: Touched::default(), last_id, now_s, images })
    }

    /// Writes outcomes of the scan, without committing them.
    pub async fn write(&mut self, outcomes: impl Iterator<Item = Outcome>) -> Result<(), LibraryError> {
        let mut tracks = Vec::new();
        for outcome in outcomes {
            match outcome {
                Outcome::Track(track) => tracks.push(*track),
                Outcome::Image(image) => self.images.push(image),
                Outcome::Failed { path, reason, .. } => self.failure(&path, &reason).await?,
            }
        }
        self.tracks(tracks).await?;
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

    /// Makes it true; gives back the event to tell, and the pictures that have no place yet.
    pub async fn commit(mut self, database: &Database) -> Result<(LibraryEvent, Vec<FolderImage>), LibraryError> {
        self.touched.refresh(&mut self.transaction).await?;
        Ok((database.commit(self.transaction).await?, self.images))
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

    async fn tracks(&mut self, tracks: Vec<ReadTrack>) -> Result<(), LibraryError> {
        if tracks.is_empty() {
            return Ok(());
        }
        let known = json(tracks.iter().filter_map(|track| track.file.track.as_ref().map(|TrackId(id)| id)));
        self.touched.tracks(&mut self.transaction, &known).await?;
        for forgotten in [
            "DELETE FROM track_artists WHERE track_id IN (SELECT value FROM json_each(?))",
            "DELETE FROM track_genres WHERE track_id IN (SELECT value FROM json_each(?))",
            "DELETE FROM track_composers WHERE track_id IN (SELECT value FROM json_each(?))",
        ] {
            sqlx::query(forgotten).bind(&known).execute(&mut *self.transaction).await?;
        }
        for track in &tracks {
            if let Some(displaced) = track.file.displaced {
                self.displace(displaced, &track.file).await?;
            }
        }

        let folders = self.folders(&tracks).await?;
        let new = self.met_meanwhile(&tracks, &folders).await?;
        // Files that belong to no root are on no list, so nothing has to be found by them.
        let listed: Vec<&ReadTrack> = tracks.iter().filter(|track| track.file.folder.root != LOOSE).collect();
        let named = listed.iter().flat_map(|track| track.tags.artists.iter().map(String::as_str));
        let artists = named.chain(listed.iter().filter_map(|track| album_artist(&track.tags)));
        let artists = self.names("artists", artists).await?;
        artists.values().for_each(|id| self.touched.artist(*id));
        let genres = listed.iter().flat_map(|track| track.tags.genres.iter().map(String::as_str));
        let genres = self.names("genres", genres).await?;
        genres.values().for_each(|id| self.touched.genre(*id));
        let composers = listed.iter().flat_map(|track| track.tags.composers.iter().map(String::as_str));
        let composers = self.names("composers", composers).await?;
        composers.values().for_each(|id| self.touched.composer(*id));
        let albums = self.albums(&listed, &artists).await?;

        let mut rows = Vec::with_capacity(tracks.len());
        for (track, met) in tracks.iter().zip(new) {
            let id = track.file.track.or(met).map_or_else(
                || {
                    self.last_id += 1;
                    self.last_id
                },
                |TrackId(id)| id,
            );
            let folder = folders[track.file.folder.path.as_path()];
            let album = album_of(&track.tags).and_then(|album| albums.get(&album.key).copied());
            rows.push((id, folder, album, track));
        }
        self.rows(&rows).await?;
        self.credits("track_artists", "artist_id", &artists, &rows, |tags| &tags.artists).await?;
        self.credits("track_genres", "genre_id", &genres, &rows, |tags| &tags.genres).await?;
        self.credits("track_composers", "composer_id", &composers, &rows, |tags| &tags.composers).await?;
        write_words(&mut self.transaction, &json(rows.iter().map(|(id, ..)| id))).await
    }

    /// For each file that is new to the scan: the track that it became since the scan began, by being opened.
    async fn met_meanwhile(
        &mut self,
        tracks: &[ReadTrack],
        folders: &HashMap<&Path, i64>,
    ) -> Result<Vec<Option<TrackId>>, LibraryError> {
        let known = "SELECT id, folder_id, name FROM tracks WHERE folder_id IN (SELECT value FROM json_each(?))";
        let known = sqlx::query(known).bind(json(folders.values())).fetch_all(&mut *self.transaction).await?;
        let known: HashMap<(i64, Vec<u8>), TrackId> =
            known.into_iter().map(|row| ((row.get(1), row.get(2)), TrackId(row.get(0)))).collect();
        let met = |track: &ReadTrack| {
            let folder = folders[track.file.folder.path.as_path()];
            known.get(&(folder, paths::bytes(&track.file.name).to_vec())).copied()
        };
        Ok(tracks.iter().map(met).collect())
    }

    /// Says whom the tracks name, in order and each once.
    async fn credits(
        &mut self,
        table: &str,
        column: &str,
        ids: &HashMap<String, i64>,
        rows: &[(i64, i64, Option<i64>, &ReadTrack)],
        names: impl Fn(&Tags) -> &Vec<String>,
    ) -> Result<(), LibraryError> {
        let mut credits = Vec::with_capacity(rows.len());
        for (track, _, _, ReadTrack { tags, .. }) in rows {
            let mut named = Vec::new();
            for id in names(tags).iter().filter_map(|name| ids.get(&fold(name))) {
                if !named.contains(id) {
                    credits.push((*track, named.len() as i64, *id));
                    named.push(*id);
                }
            }
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

    /// Ids of the tracks' folders, by path.
    async fn folders<'a>(&mut self, tracks: &'a [ReadTrack]) -> Result<HashMap<&'a Path, i64>, LibraryError> {
        let mut folders: HashMap<&Path, i64> = HashMap::new();
        for track in tracks {
            let folder = &track.file.folder;
            if folders.contains_key(folder.path.as_path()) {
                continue;
            }
            let id = sqlx::query_scalar(
                "INSERT INTO folders (root_id, path) VALUES (?, ?)
                 ON CONFLICT (path) DO UPDATE SET root_id = excluded.root_id RETURNING id",
            )
            .bind(folder.root.0)
            .bind(paths::bytes(&folder.path))
            .fetch_one(&mut *self.transaction)
            .await?;
            folders.insert(&folder.path, id);
        }
        Ok(folders)
    }

    /// Ids of names in a table of such, by key.
    async fn names<'n>(
        &mut self,
        table: &str,
        names: impl Iterator<Item = &'n str>,
    ) -> Result<HashMap<String, i64>, LibraryError> {
        let mut by_key: HashMap<String, &str> = HashMap::new();
        for name in names {
            by_key.entry(fold(name)).or_insert(name);
        }
        let names: Vec<_> = by_key.into_iter().collect();
        let mut ids = HashMap::with_capacity(names.len());
        let select = format!("SELECT id, key FROM {table} WHERE key IN (");
        for names in names.chunks(ROWS) {
            let mut insert = QueryBuilder::new(format!("INSERT INTO {table} (key, name, sort) "));
            insert.push_values(names, |mut row, (key, name)| {
                row.push_bind(key).push_bind(name).push_bind(name_sort_key(name));
            });
            insert.push(" ON CONFLICT (key) DO NOTHING");
            insert.build().execute(&mut *self.transaction).await?;
            self.ids(&select, names.iter().map(|(key, _)| key), &mut ids).await?;
        }
        Ok(ids)
    }

    /// Ids of all albums of the tracks, by key.
    async fn albums(
        &mut self,
        tracks: &[&ReadTrack],
        artists: &HashMap<String, i64>,
    ) -> Result<HashMap<String, i64>, LibraryError> {
        let mut albums: HashMap<String, Album> = HashMap::new();
        for album in tracks.iter().filter_map(|track| album_of(&track.tags)) {
            albums.entry(album.key.clone()).or_insert(album);
        }
        let albums: Vec<_> = albums.into_values().collect();
        let mut ids = HashMap::with_capacity(albums.len());
        for albums in albums.chunks(ROWS) {
            let mut insert =
                QueryBuilder::new("INSERT INTO albums (key, title, artist, artist_id, title_sort, artist_sort) ");
            insert.push_values(albums, |mut row, album| {
                row.push_bind(&album.key)
                    .push_bind(album.title)
                    .push_bind(album.artist)
                    .push_bind(artists.get(&fold(album.artist)))
                    .push_bind(name_sort_key(album.title))
                    .push_bind(name_sort_key(album.artist));
            });
            insert.push(" ON CONFLICT (key) DO NOTHING");
            insert.build().execute(&mut *self.transaction).await?;
            self.ids("SELECT id, key FROM albums WHERE key IN (", albums.iter().map(|album| &album.key), &mut ids)
                .await?;
        }
        ids.values().for_each(|id| self.touched.album(*id));
        Ok(ids)
    }

    async fn ids<'k>(
        &mut self,
        select: &str,
        keys: impl Iterator<Item = &'k String>,
        ids: &mut HashMap<String, i64>,
    ) -> Result<(), LibraryError> {
        let mut select = QueryBuilder::new(select);
        let mut list = select.separated(", ");
        for key in keys {
            list.push_bind(key);
        }
        select.push(")");
        for row in select.build().fetch_all(&mut *self.transaction).await? {
            ids.insert(row.get(1), row.get(0));
        }
        Ok(())
    }

    async fn rows(&mut self, rows: &[(i64, i64, Option<i64>, &ReadTrack)]) -> Result<(), LibraryError> {
        for rows in rows.chunks(ROWS) {
            let mut insert = QueryBuilder::new(
                "INSERT INTO tracks (id, folder_id, name, inode, size, mtime_ns, tags_version, added_s, title, artist,
                 album, album_id, disc_number, track_number, year, original_year, genre, composer, bpm, rating, codec,
                 duration_s, track_gain_db, track_peak, album_gain_db, album_peak, cover, title_sort, artist_sort,
                 album_sort) ",
            );
            insert.push_values(rows, |mut row, (id, folder, album_id, ReadTrack { file, tags })| {
                let title = tags.title.clone().unwrap_or_else(|| title_of(Path::new(OsStr::new(&file.name))));
                let album = tags.album.as_deref().unwrap_or_default();
                let sort = [sort_key(&title), name_sort_key(&tags.artist), name_sort_key(album)];
                row.push_bind(id).push_bind(folder).push_bind(paths::bytes(&file.name));
                row.push_bind(file.stamp.inode).push_bind(file.stamp.size).push_bind(file.stamp.mtime_ns);
                row.push_bind(TAGS_VERSION).push_bind(self.now_s);
                row.push_bind(title).push_bind(&tags.artist).push_bind(album).push_bind(album_id);
                row.push_bind(tags.disc_number).push_bind(tags.track_number).push_bind(tags.year);
                row.push_bind(tags.original_year).push_bind(tags.genres.join(", "));
                row.push_bind(tags.composers.join(", ")).push_bind(tags.bpm).push_bind(tags.rating);
                row.push_bind(tags.codec).push_bind(tags.duration_s);
                row.push_bind(tags.loudness.track_gain_db).push_bind(tags.loudness.track_peak);
                row.push_bind(tags.loudness.album_gain_db).push_bind(tags.loudness.album_peak);
                row.push_bind(tags.cover.as_ref().map(|hash| hash.bytes()));
                for key in sort {
                    row.push_bind(key);
                }
            });
            insert.push(
                " ON CONFLICT (id) DO UPDATE SET folder_id = excluded.folder_id, name = excluded.name,
                 inode = excluded.inode, size = excluded.size, mtime_ns = excluded.mtime_ns,
                 tags_version = excluded.tags_version, title = excluded.title, artist = excluded.artist,
                 album = excluded.album, album_id = excluded.album_id, disc_number = excluded.disc_number,
                 track_number = excluded.track_number, year = excluded.year, original_year = excluded.original_year,
                 genre = excluded.genre, composer = excluded.composer, bpm = excluded.bpm,
                 rating = coalesce(tracks.rating, excluded.rating), codec = excluded.codec,
                 duration_s = excluded.duration_s, track_gain_db = excluded.track_gain_db,
                 track_peak = excluded.track_peak, album_gain_db = excluded.album_gain_db,
                 album_peak = excluded.album_peak, cover = excluded.cover, title_sort = excluded.title_sort,
                 artist_sort = excluded.artist_sort, album_sort = excluded.album_sort",
            );
            insert.build().execute(&mut *self.transaction).await?;
        }
        Ok(())
    }
}

struct Album<'a> {
    key: String,
    title: &'a str,
    artist: &'a str,
}

/// The album that a track's tags put it on.
fn album_of(tags: &Tags) -> Option<Album<'_>> {
    let title = tags.album.as_deref()?;
    let artist = album_artist(tags).unwrap_or_default();
    Some(Album { key: format!("{}\u{1f}{}", fold(title), fold(artist)), title, artist })
}

/// Whose album it is: as tagged, else of various artists, else of the track's artist.
fn album_artist(tags: &Tags) -> Option<&str> {
    tags.album.as_ref()?;
    let various = tags.compilation.then_some(VARIOUS_ARTISTS);
    tags.album_artist.as_deref().or(various).or(tags.artists.first().map(String::as_str))
}

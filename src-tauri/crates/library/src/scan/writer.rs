//! Writes the results of a scan in transactions.

use std::{
    collections::{BTreeSet, HashMap},
    path::{Path, PathBuf},
};

use auralis_core::{LibraryEvent, RootId, TrackId};
use sqlx::{Row, Sqlite, SqliteConnection, Transaction};

use super::{
    found_file::FoundFile,
    tag_reader::{FolderImage, ReadFile, ReadResult, ReadTrack},
    track_insert::{TrackInsert, insert_links, insert_search_text, insert_tracks},
    upserts::{upsert_albums, upsert_folders, upsert_names},
};
use crate::{
    clock::unix_now_s,
    database::{Database, aggregates::StaleAggregates, json_ids::json_ids, path_bytes},
    error::LibraryError,
    roots::EXTERNAL_ROOT,
};

/// What the walks of all roots found.
#[derive(Default)]
pub(super) struct WalkResult {
    /// Tracks whose file is gone.
    pub missing: Vec<TrackId>,
    /// Roots whose availability changed, and whether they are online.
    pub online: Vec<(RootId, bool)>,
}

/// What one transaction of a scan hands to the next.
#[derive(Default)]
pub(crate) struct CarryOver {
    /// Pictures of folders that have no track yet.
    images: Vec<FolderImage>,
    /// The highest track id ever used; `None` if another writer has added tracks since the scan began.
    last_id: Option<i64>,
}

impl CarryOver {
    /// Returns the value for the first transaction of a scan that loaded the existing files from `connection`.
    pub async fn initial(connection: &mut SqliteConnection) -> Result<CarryOver, LibraryError> {
        Ok(CarryOver { last_id: Some(last_id(connection).await?), ..CarryOver::default() })
    }
}

async fn last_id(connection: &mut SqliteConnection) -> Result<i64, LibraryError> {
    let last_id = sqlx::query_scalar("SELECT seq FROM sqlite_sequence WHERE name = 'tracks'");
    Ok(last_id.fetch_optional(connection).await?.unwrap_or(0))
}

/// A transaction of a scan, with the aggregates to recompute before its commit.
pub(crate) struct ScanTransaction {
    transaction: Transaction<'static, Sqlite>,
    stale: StaleAggregates,
    /// The highest track id ever used.
    last_id: i64,
    /// Whether no other writer has added tracks since the scan began.
    sole_writer: bool,
    now_s: i64,
    /// See [`CarryOver::images`].
    images: Vec<FolderImage>,
}

impl ScanTransaction {
    /// Begins a transaction with the carry-over of the last one.
    pub async fn begin(database: &Database, carry_over: CarryOver) -> Result<ScanTransaction, LibraryError> {
        let mut transaction = database.begin_write().await?;
        let last_id = last_id(&mut transaction).await?;
        let sole_writer = carry_over.last_id == Some(last_id);
        let (stale, images) = (StaleAggregates::default(), carry_over.images);
        Ok(ScanTransaction { transaction, stale, last_id, sole_writer, now_s: unix_now_s(), images })
    }

    /// Returns the connection of the transaction.
    pub fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.transaction
    }

    /// Writes results without committing them.
    pub async fn write(&mut self, results: impl Iterator<Item = ReadResult>) -> Result<(), LibraryError> {
        let mut files = Vec::new();
        for result in results {
            match result {
                ReadResult::File(file) => files.push(*file),
                ReadResult::Image(image) => self.images.push(image),
                ReadResult::Failed { path, reason, .. } => self.write_failure(&path, &reason).await?,
            }
        }
        self.write_files(&files).await?;
        for image in std::mem::take(&mut self.images) {
            if !self.write_image(&image).await? {
                self.images.push(image);
            }
        }
        Ok(())
    }

    /// Deletes missing tracks, empty folders and resolved failures, and updates which roots are online.
    pub(super) async fn delete_missing(
        &mut self,
        result: &WalkResult,
        resolved: &[PathBuf],
    ) -> Result<(), LibraryError> {
        for chunk in result.missing.chunks(10_000) {
            let ids = json_ids(chunk.iter().map(|TrackId(id)| id));
            self.stale.delete_tracks(&mut self.transaction, &ids).await?;
        }
        sqlx::query("DELETE FROM folders WHERE NOT EXISTS (SELECT 1 FROM tracks WHERE folder_id = folders.id)")
            .execute(&mut *self.transaction)
            .await?;
        for (root, online) in &result.online {
            sqlx::query("UPDATE roots SET online = ? WHERE id = ?")
                .bind(online)
                .bind(root.0)
                .execute(&mut *self.transaction)
                .await?;
        }
        for path in resolved {
            sqlx::query("DELETE FROM scan_failures WHERE path = ?")
                .bind(path_bytes::to_bytes(path))
                .execute(&mut *self.transaction)
                .await?;
        }
        Ok(())
    }

    /// Commits. Returns the event to report, and the carry-over for the next transaction.
    pub async fn commit(mut self, database: &Database) -> Result<(LibraryEvent, CarryOver), LibraryError> {
        self.stale.recompute(&mut self.transaction).await?;
        let carry_over = CarryOver { images: self.images, last_id: self.sole_writer.then_some(self.last_id) };
        Ok((database.commit_tracks_changed(self.transaction).await?, carry_over))
    }

    async fn write_failure(&mut self, path: &Path, reason: &str) -> Result<(), LibraryError> {
        sqlx::query(
            "INSERT INTO scan_failures VALUES (?, ?) ON CONFLICT (path) DO UPDATE SET reason = excluded.reason",
        )
        .bind(path_bytes::to_bytes(path))
        .bind(reason)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Stores the picture of a folder. Returns false if the folder has no track yet.
    async fn write_image(&mut self, image: &FolderImage) -> Result<bool, LibraryError> {
        let (file, hash) = image.image.as_ref().map(|(file, hash)| (file, hash)).unzip();
        let folder: Option<i64> = sqlx::query_scalar(
            "UPDATE folders SET image = ?, image_size = ?, image_mtime_ns = ?, cover = ? WHERE path = ? RETURNING id",
        )
        .bind(file.map(|(name, _)| path_bytes::to_bytes(name)))
        .bind(file.map(|(_, stamp)| stamp.size))
        .bind(file.map(|(_, stamp)| stamp.mtime_ns))
        .bind(hash.map(|hash| hash.bytes()))
        .bind(path_bytes::to_bytes(&image.folder.path))
        .fetch_optional(&mut *self.transaction)
        .await?;
        if let Some(folder) = folder {
            self.stale.mark_folder(&mut self.transaction, folder).await?;
        }
        Ok(folder.is_some())
    }

    async fn write_files(&mut self, files: &[ReadFile]) -> Result<(), LibraryError> {
        if files.is_empty() {
            return Ok(());
        }
        self.delete_links(files).await?;
        let folders = upsert_folders(&mut self.transaction, files).await?;
        let added_meanwhile = self.tracks_added_meanwhile(files, &folders).await?;
        let tracks: Vec<(&FoundFile, &ReadTrack)> =
            files.iter().flat_map(|read| read.tracks.iter().map(|track| (&read.file, track))).collect();
        // External files appear in no list, so they need no artists, albums and genres.
        let listed: Vec<&ReadTrack> =
            tracks.iter().filter(|(file, _)| file.folder.root != EXTERNAL_ROOT).map(|(_, track)| *track).collect();
        let album_artists = listed.iter().filter_map(|track| track.album.as_ref()?.artist.as_ref());
        let artists = listed.iter().flat_map(|track| &track.artists).chain(album_artists);
        let artists = upsert_names(&mut self.transaction, "artists", artists).await?;
        artists.values().for_each(|id| self.stale.mark_artist(*id));
        let genres =
            upsert_names(&mut self.transaction, "genres", listed.iter().flat_map(|track| &track.genres)).await?;
        genres.values().for_each(|id| self.stale.mark_genre(*id));
        let composers =
            upsert_names(&mut self.transaction, "composers", listed.iter().flat_map(|track| &track.composers)).await?;
        composers.values().for_each(|id| self.stale.mark_composer(*id));
        let albums = upsert_albums(&mut self.transaction, &listed, &artists).await?;
        albums.values().for_each(|id| self.stale.mark_album(*id));

        let mut rows = Vec::with_capacity(tracks.len());
        for (file, track) in tracks {
            let folder = folders[file.folder.path.as_path()];
            let existing = file.tracks.iter().find(|(cue_index, _)| *cue_index == track.cue_index).map(|(_, id)| id.0);
            let added = || added_meanwhile.get(&(folder, path_bytes::to_bytes(&file.name), track.cue_index)).copied();
            let existing = existing.or_else(added);
            let id = existing.unwrap_or_else(|| {
                self.last_id += 1;
                self.last_id
            });
            let album = track.album.as_ref().and_then(|album| albums.get(album.key.as_str()).copied());
            rows.push(TrackInsert { id, exists: existing.is_some(), folder, album, file, track });
        }
        let connection = &mut *self.transaction;
        insert_tracks(connection, &rows, self.now_s).await?;
        insert_links(connection, "track_artists", "artist_id", &artists, &rows, |track| &track.artists).await?;
        insert_links(connection, "track_genres", "genre_id", &genres, &rows, |track| &track.genres).await?;
        insert_links(connection, "track_composers", "composer_id", &composers, &rows, |track| &track.composers).await?;
        insert_search_text(connection, &rows).await
    }

    /// Deletes the links of files that are about to be rewritten.
    async fn delete_links(&mut self, files: &[ReadFile]) -> Result<(), LibraryError> {
        let existing: Vec<i64> = files.iter().flat_map(|read| &read.file.tracks).map(|(_, TrackId(id))| *id).collect();
        if !existing.is_empty() {
            let existing = json_ids(&existing);
            self.stale.mark_tracks(&mut self.transaction, &existing).await?;
            for delete in [
                "DELETE FROM track_artists WHERE track_id IN (SELECT value FROM json_each(?))",
                "DELETE FROM track_genres WHERE track_id IN (SELECT value FROM json_each(?))",
                "DELETE FROM track_composers WHERE track_id IN (SELECT value FROM json_each(?))",
            ] {
                sqlx::query(delete).bind(&existing).execute(&mut *self.transaction).await?;
            }
        }
        for read in files {
            for replaced in &read.file.replaced {
                self.free_path(*replaced, &read.file).await?;
            }
            // A CUE sheet was added, changed or deleted.
            let is_gone = |cue_index: &u32| !read.tracks.iter().any(|track| track.cue_index == *cue_index);
            let gone: Vec<i64> =
                read.file.tracks.iter().filter(|(index, _)| is_gone(index)).map(|(_, TrackId(id))| *id).collect();
            if !gone.is_empty() {
                self.stale.delete_tracks(&mut self.transaction, &json_ids(&gone)).await?;
            }
        }
        Ok(())
    }

    /// Returns tracks that another command added for these files since the scan began.
    async fn tracks_added_meanwhile<'f>(
        &mut self,
        files: &'f [ReadFile],
        folders: &HashMap<&Path, i64>,
    ) -> Result<HashMap<(i64, &'f [u8], u32), i64>, LibraryError> {
        if self.sole_writer {
            return Ok(HashMap::new());
        }
        let new = files.iter().map(|read| &read.file).filter(|file| file.tracks.is_empty());
        let new: HashMap<(i64, &[u8]), &[u8]> = new
            .map(|file| (folders[file.folder.path.as_path()], path_bytes::to_bytes(&file.name)))
            .map(|(folder, name)| ((folder, name), name))
            .collect();
        let in_folders: BTreeSet<i64> = new.keys().map(|(folder, _)| *folder).collect();
        let existing =
            "SELECT id, folder_id, name, cue FROM tracks WHERE folder_id IN (SELECT value FROM json_each(?))";
        let existing = sqlx::query(existing).bind(json_ids(&in_folders)).fetch_all(&mut *self.transaction).await?;
        let added = existing.iter().filter_map(|row| {
            let name = new.get(&(row.get(1), row.get::<&[u8], _>(2)))?;
            Some(((row.get(1), *name, row.get(3)), row.get(0)))
        });
        Ok(added.collect())
    }

    /// Frees the path of a replaced track: it gets a name that no file can have. If its file is found elsewhere, it gets that
    /// path; if not, it is deleted with the missing ones.
    async fn free_path(&mut self, replaced: TrackId, file: &FoundFile) -> Result<(), LibraryError> {
        sqlx::query(
            "UPDATE tracks SET name = CAST('/' || id AS BLOB)
             WHERE id = ? AND name = ? AND folder_id = (SELECT id FROM folders WHERE path = ?)",
        )
        .bind(replaced.0)
        .bind(path_bytes::to_bytes(&file.name))
        .bind(path_bytes::to_bytes(&file.folder.path))
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }
}

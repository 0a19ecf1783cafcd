//! Columns of albums, artists, genres and composers that are computed from their tracks: counts, lengths, years, covers.

use std::collections::BTreeSet;

use sqlx::{Row, SqliteConnection};

use super::json_ids::json_ids;
use crate::error::LibraryError;

/// Rows whose aggregates must be recomputed before the transaction commits.
#[derive(Default)]
pub(crate) struct StaleAggregates {
    albums: BTreeSet<i64>,
    artists: BTreeSet<i64>,
    genres: BTreeSet<i64>,
    composers: BTreeSet<i64>,
}

impl StaleAggregates {
    pub fn mark_album(&mut self, id: i64) {
        self.albums.insert(id);
    }

    pub fn mark_artist(&mut self, id: i64) {
        self.artists.insert(id);
    }

    pub fn mark_genre(&mut self, id: i64) {
        self.genres.insert(id);
    }

    pub fn mark_composer(&mut self, id: i64) {
        self.composers.insert(id);
    }

    /// Marks everything that the tracks belong to. Call it before they are changed or deleted.
    pub async fn mark_tracks(&mut self, connection: &mut SqliteConnection, ids: &str) -> Result<(), LibraryError> {
        let albums = "SELECT DISTINCT album_id FROM tracks
                      WHERE id IN (SELECT value FROM json_each(?)) AND album_id IS NOT NULL";
        self.albums.extend(sqlx::query_scalar::<_, i64>(albums).bind(ids).fetch_all(&mut *connection).await?);
        let artists = "SELECT DISTINCT artist_id FROM track_artists WHERE track_id IN (SELECT value FROM json_each(?))";
        self.artists.extend(sqlx::query_scalar::<_, i64>(artists).bind(ids).fetch_all(&mut *connection).await?);
        let genres = "SELECT DISTINCT genre_id FROM track_genres WHERE track_id IN (SELECT value FROM json_each(?))";
        self.genres.extend(sqlx::query_scalar::<_, i64>(genres).bind(ids).fetch_all(&mut *connection).await?);
        let composers =
            "SELECT DISTINCT composer_id FROM track_composers WHERE track_id IN (SELECT value FROM json_each(?))";
        self.composers.extend(sqlx::query_scalar::<_, i64>(composers).bind(ids).fetch_all(connection).await?);
        Ok(())
    }

    /// Deletes tracks and marks what they belonged to.
    pub async fn delete_tracks(&mut self, connection: &mut SqliteConnection, ids: &str) -> Result<(), LibraryError> {
        self.mark_tracks(connection, ids).await?;
        sqlx::query("DELETE FROM tracks WHERE id IN (SELECT value FROM json_each(?))")
            .bind(ids)
            .execute(connection)
            .await?;
        Ok(())
    }

    /// Marks the albums with tracks in a folder.
    pub async fn mark_folder(&mut self, connection: &mut SqliteConnection, folder: i64) -> Result<(), LibraryError> {
        let albums = "SELECT DISTINCT album_id FROM tracks WHERE folder_id = ? AND album_id IS NOT NULL";
        self.albums.extend(sqlx::query_scalar::<_, i64>(albums).bind(folder).fetch_all(connection).await?);
        Ok(())
    }

    /// Recomputes the aggregates of the marked rows. Rows without tracks are deleted.
    pub async fn recompute(&mut self, connection: &mut SqliteConnection) -> Result<(), LibraryError> {
        let albums = json_ids(&std::mem::take(&mut self.albums));
        let recompute = "UPDATE albums SET
            (tracks, duration_s, year, added_s) =
                (SELECT count(*), total(duration_s), min(year), coalesce(min(added_s), 0) FROM tracks WHERE album_id = albums.id),
            cover = (SELECT coalesce(tracks.cover, folders.cover) AS shown FROM tracks JOIN folders ON folders.id = folder_id
                WHERE album_id = albums.id AND shown IS NOT NULL ORDER BY disc_number, track_number, name LIMIT 1)
            WHERE id IN (SELECT value FROM json_each(?)) RETURNING artist_id";
        for row in sqlx::query(recompute).bind(&albums).fetch_all(&mut *connection).await? {
            self.artists.extend(row.get::<Option<i64>, _>(0));
        }
        sqlx::query("DELETE FROM albums WHERE tracks = 0 AND id IN (SELECT value FROM json_each(?))")
            .bind(&albums)
            .execute(&mut *connection)
            .await?;

        let artists = json_ids(&std::mem::take(&mut self.artists));
        sqlx::query(
            "UPDATE artists SET
             tracks = (SELECT count(*) FROM track_artists WHERE artist_id = artists.id),
             albums = (SELECT count(*) FROM albums WHERE artist_id = artists.id),
             cover = (SELECT cover FROM albums WHERE artist_id = artists.id AND cover IS NOT NULL ORDER BY year DESC, id LIMIT 1)
             WHERE id IN (SELECT value FROM json_each(?))",
        )
        .bind(&artists)
        .execute(&mut *connection)
        .await?;
        sqlx::query("DELETE FROM artists WHERE tracks = 0 AND albums = 0 AND id IN (SELECT value FROM json_each(?))")
            .bind(&artists)
            .execute(&mut *connection)
            .await?;

        for (recompute, delete_empty, ids) in [
            (
                "UPDATE genres SET tracks = (SELECT count(*) FROM track_genres WHERE genre_id = genres.id)
                 WHERE id IN (SELECT value FROM json_each(?))",
                "DELETE FROM genres WHERE tracks = 0 AND id IN (SELECT value FROM json_each(?))",
                std::mem::take(&mut self.genres),
            ),
            (
                "UPDATE composers SET tracks = (SELECT count(*) FROM track_composers WHERE composer_id = composers.id)
                 WHERE id IN (SELECT value FROM json_each(?))",
                "DELETE FROM composers WHERE tracks = 0 AND id IN (SELECT value FROM json_each(?))",
                std::mem::take(&mut self.composers),
            ),
        ] {
            let ids = json_ids(&ids);
            sqlx::query(recompute).bind(&ids).execute(&mut *connection).await?;
            sqlx::query(delete_empty).bind(&ids).execute(&mut *connection).await?;
        }
        Ok(())
    }
}

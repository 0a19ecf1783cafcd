//! What follows from the tracks: lengths, years, covers and counts of albums and artists, and which of these there are.

use std::collections::BTreeSet;

use sqlx::{Row, SqliteConnection};

use crate::error::LibraryError;

/// Albums and artists whose tracks change in a transaction.
#[derive(Default)]
pub(crate) struct Touched {
    albums: BTreeSet<i64>,
    artists: BTreeSet<i64>,
    genres: BTreeSet<i64>,
    composers: BTreeSet<i64>,
}

impl Touched {
    pub fn album(&mut self, id: i64) {
        self.albums.insert(id);
    }

    pub fn artist(&mut self, id: i64) {
        self.artists.insert(id);
    }

    pub fn genre(&mut self, id: i64) {
        self.genres.insert(id);
    }

    pub fn composer(&mut self, id: i64) {
        self.composers.insert(id);
    }

    /// Notes to whom the tracks belong, before they are changed or deleted.
    pub async fn tracks(&mut self, connection: &mut SqliteConnection, ids: &str) -> Result<(), LibraryError> {
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

    /// Deletes tracks.
    pub async fn delete_tracks(&mut self, connection: &mut SqliteConnection, ids: &str) -> Result<(), LibraryError> {
        self.tracks(connection, ids).await?;
        sqlx::query("DELETE FROM tracks WHERE id IN (SELECT value FROM json_each(?))")
            .bind(ids)
            .execute(connection)
            .await?;
        Ok(())
    }

    /// Notes the albums with tracks in a folder.
    pub async fn folder(&mut self, connection: &mut SqliteConnection, folder: i64) -> Result<(), LibraryError> {
        let albums = "SELECT DISTINCT album_id FROM tracks WHERE folder_id = ? AND album_id IS NOT NULL";
        self.albums.extend(sqlx::query_scalar::<_, i64>(albums).bind(folder).fetch_all(connection).await?);
        Ok(())
    }

    /// Brings the albums and artists noted so far into step with their tracks; those without any go.
    pub async fn refresh(&mut self, connection: &mut SqliteConnection) -> Result<(), LibraryError> {
        let albums = json(&std::mem::take(&mut self.albums));
        let refreshed = "UPDATE albums SET
            (tracks, duration_s, year, added_s) =
                (SELECT count(*), total(duration_s), min(year), coalesce(min(added_s), 0) FROM tracks WHERE album_id = albums.id),
            cover = (SELECT coalesce(tracks.cover, folders.cover) AS shown FROM tracks JOIN folders ON folders.id = folder_id
                WHERE album_id = albums.id AND shown IS NOT NULL ORDER BY disc_number, track_number, name LIMIT 1)
            WHERE id IN (SELECT value FROM json_each(?)) RETURNING artist_id";
        for row in sqlx::query(refreshed).bind(&albums).fetch_all(&mut *connection).await? {
            self.artists.extend(row.get::<Option<i64>, _>(0));
        }
        sqlx::query("DELETE FROM albums WHERE tracks = 0 AND id IN (SELECT value FROM json_each(?))")
            .bind(&albums)
            .execute(&mut *connection)
            .await?;

        let artists = json(&std::mem::take(&mut self.artists));
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

        for (refreshed, without, ids) in [
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
            let ids = json(&ids);
            sqlx::query(refreshed).bind(&ids).execute(&mut *connection).await?;
            sqlx::query(without).bind(&ids).execute(&mut *connection).await?;
        }
        Ok(())
    }
}

/// Numbers as a JSON array: how many of them go into one statement.
pub(crate) fn json<'a>(numbers: impl IntoIterator<Item = &'a i64>) -> String {
    let mut array = String::from("[");
    for number in numbers {
        if array.len() > 1 {
            array.push(',');
        }
        array.push_str(&number.to_string());
    }
    array.push(']');
    array
}

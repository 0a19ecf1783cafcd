//! Inserts folders, names and albums that the database does not have yet, and returns their ids.

use std::{
    collections::{BTreeMap, HashMap},
    ffi::OsStr,
    os::unix::ffi::OsStrExt,
    path::Path,
};

use sqlx::{AssertSqlSafe, QueryBuilder, Row, SqliteConnection};

use super::tag_reader::{Album, NormalizedName, ReadFile, ReadTrack};
use crate::{database::path_bytes, error::LibraryError};

/// Rows of one statement. Mostly the same number, so that the statement is prepared once.
pub(super) const ROWS_PER_INSERT: usize = 128;

/// Inserts the folders of files. Returns their ids by path.
pub(super) async fn upsert_folders<'a>(
    connection: &mut SqliteConnection,
    files: &'a [ReadFile],
) -> Result<HashMap<&'a Path, i64>, LibraryError> {
    // Sorted, so that ids follow the order of the paths.
    let folders: BTreeMap<&Path, i64> =
        files.iter().map(|read| (read.file.folder.path.as_path(), read.file.folder.root.0)).collect();
    let mut ids = HashMap::with_capacity(folders.len());
    for chunk in folders.iter().collect::<Vec<_>>().chunks(ROWS_PER_INSERT) {
        let mut insert = QueryBuilder::new("INSERT INTO folders (root_id, path) ");
        insert.push_values(chunk, |mut row, (path, root)| {
            row.push_bind(**root).push_bind(path_bytes::to_bytes(path));
        });
        insert.push(" ON CONFLICT (path) DO UPDATE SET root_id = excluded.root_id RETURNING id, path");
        for row in insert.build().fetch_all(&mut *connection).await? {
            let path = folders.get_key_value(Path::new(OsStr::from_bytes(row.get(1))));
            ids.extend(path.map(|(path, _)| (*path, row.get(0))));
        }
    }
    Ok(ids)
}

/// Inserts names into a table of artists, genres or composers. Returns their ids by normalized name.
pub(super) async fn upsert_names<'n>(
    connection: &mut SqliteConnection,
    table: &str,
    names: impl Iterator<Item = &'n NormalizedName>,
) -> Result<HashMap<&'n str, i64>, LibraryError> {
    let mut by_key: HashMap<&str, &NormalizedName> = HashMap::new();
    for name in names {
        let entry = by_key.entry(&name.key).or_insert(name);
        if name.has_sort_tag {
            *entry = name;
        }
    }
    let with_sort_tag: Vec<&NormalizedName> = by_key.values().copied().filter(|name| name.has_sort_tag).collect();
    let mut ids = find_ids(connection, table, by_key.keys().copied()).await?;
    let new: Vec<&NormalizedName> = by_key.into_values().filter(|name| !ids.contains_key(name.key.as_str())).collect();
    for names in new.chunks(ROWS_PER_INSERT) {
        let mut insert = QueryBuilder::new(format!("INSERT INTO {table} (key, name, sort) "));
        insert.push_values(names, |mut row, name| {
            row.push_bind(&name.key).push_bind(&name.name).push_bind(&name.sort);
        });
        insert.build().execute(&mut *connection).await?;
    }
    ids.extend(find_ids(connection, table, new.iter().map(|name| name.key.as_str())).await?);
    let update = format!("UPDATE {table} SET sort = ?1 WHERE id = ?2 AND sort <> ?1");
    for name in with_sort_tag {
        let update = sqlx::query(AssertSqlSafe(update.clone())).bind(&name.sort).bind(ids.get(name.key.as_str()));
        update.execute(&mut *connection).await?;
    }
    Ok(ids)
}

/// Inserts the albums of tracks. Returns their ids by key.
pub(super) async fn upsert_albums<'t>(
    connection: &mut SqliteConnection,
    tracks: &[&'t ReadTrack],
    artists: &HashMap<&str, i64>,
) -> Result<HashMap<&'t str, i64>, LibraryError> {
    let mut by_key: HashMap<&str, (&str, &Album)> = HashMap::new();
    for track in tracks {
        let title = track.tags.album.as_deref().unwrap_or_default();
        let Some(album) = &track.album else { continue };
        let entry = by_key.entry(&album.key).or_insert((title, album));
        if album.has_sort_tag {
            *entry = (title, album);
        }
    }
    let with_sort_tag: Vec<&Album> =
        by_key.values().map(|(_, album)| *album).filter(|album| album.has_sort_tag).collect();
    let mut ids = find_ids(connection, "albums", by_key.keys().copied()).await?;
    let new: Vec<_> = by_key.into_values().filter(|(_, album)| !ids.contains_key(album.key.as_str())).collect();
    for albums in new.chunks(ROWS_PER_INSERT) {
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
        insert.build().execute(&mut *connection).await?;
    }
    ids.extend(find_ids(connection, "albums", new.iter().map(|(_, album)| album.key.as_str())).await?);
    for album in with_sort_tag {
        sqlx::query(
            "UPDATE albums SET title_sort = ?1, artist_sort = ?2
             WHERE id = ?3 AND (title_sort, artist_sort) <> (?1, ?2)",
        )
        .bind(&album.title_sort)
        .bind(album.artist.as_ref().map(|artist| artist.sort.as_str()).unwrap_or_default())
        .bind(ids.get(album.key.as_str()))
        .execute(&mut *connection)
        .await?;
    }
    Ok(ids)
}

/// Returns the ids of those keys that a table has.
async fn find_ids<'k>(
    connection: &mut SqliteConnection,
    table: &str,
    keys: impl Iterator<Item = &'k str>,
) -> Result<HashMap<&'k str, i64>, LibraryError> {
    let keys: Vec<&str> = keys.collect();
    let wanted = serde_json::to_string(&keys).unwrap_or_default();
    let select =
        format!("SELECT wanted.key, {table}.id FROM json_each(?) AS wanted JOIN {table} ON {table}.key = value");
    let found = sqlx::query(AssertSqlSafe(select)).bind(wanted).fetch_all(&mut *connection).await?;
    Ok(found.iter().filter_map(|row| Some((*keys.get(row.get::<i64, _>(0) as usize)?, row.get(1)))).collect())
}

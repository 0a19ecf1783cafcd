//! Edits of the listener's data: favourites, ratings, playlists, history.

pub(crate) mod tags;
pub(crate) mod undo_log;

use auralis_core::{EditRecord, LibraryEditId, LibraryEvent, TrackId, TrackSelection, UserDataEdit};
use sqlx::SqliteConnection;

use crate::{
    clock::unix_now_s,
    database::{Database, json_ids::json_ids},
    error::LibraryError,
    external_files,
    file_access::FileAccess,
    listening::history,
    lists::{caches::ListCaches, page::ListReader, rows},
    playlists,
};

/// Returns which tracks an edit is about.
pub(crate) fn edited_tracks(edit: &UserDataEdit) -> Option<&TrackSelection> {
    match edit {
        UserDataEdit::CreatePlaylist { tracks, .. } => tracks.as_ref(),
        UserDataEdit::AddToPlaylist { tracks, .. }
        | UserDataEdit::SetFavourite { tracks, .. }
        | UserDataEdit::SetRating { tracks, .. } => Some(tracks),
        _ => None,
    }
}

/// Applies an edit; `tracks` are those it is about. Also returns a record of it, unless it changed nothing.
pub(crate) async fn apply(
    database: &Database,
    edit: UserDataEdit,
    tracks: &[TrackId],
) -> Result<(LibraryEvent, Option<EditRecord>), LibraryError> {
    let ids = || json_ids(tracks.iter().map(|TrackId(id)| id));
    let mut tx = database.begin_write().await?;
    let name = playlist_name(&mut tx, &edit).await?;
    let moved = match &edit {
        UserDataEdit::MoveInPlaylist { entries, .. } => Some(entries.len()),
        _ => None,
    };
    let id = undo_log::begin(&mut tx).await?;
    match edit {
        UserDataEdit::CreatePlaylist { name, smart, .. } => playlists::create(&mut tx, &name, tracks, smart).await?,
        UserDataEdit::RenamePlaylist { playlist, name } => playlists::rename(&mut tx, playlist, &name).await?,
        UserDataEdit::DeletePlaylist { playlist } => playlists::delete(&mut tx, playlist).await?,
        UserDataEdit::ChangeSmartPlaylist { playlist, smart } => {
            playlists::set_smart_rules(&mut tx, playlist, &smart).await?
        }
        UserDataEdit::AddToPlaylist { playlist, before, .. } => {
            playlists::add(&mut tx, playlist, tracks, before).await?
        }
        UserDataEdit::RemoveFromPlaylist { playlist, entries } => {
            playlists::remove(&mut tx, playlist, &entries).await?
        }
        UserDataEdit::MoveInPlaylist { playlist, entries, before } => {
            playlists::reorder(&mut tx, playlist, &entries, before).await?;
        }
        UserDataEdit::SetFavourite { favourite, .. } => {
            let favourited_at_s = favourite.then(unix_now_s);
            // A track that is a favourite already keeps its date.
            let set = "UPDATE tracks SET favourite_s = ? WHERE id IN (SELECT value FROM json_each(?))
                       AND (favourite_s IS NOT NULL) <> ?";
            sqlx::query(set).bind(favourited_at_s).bind(ids()).bind(favourite).execute(&mut *tx).await?;
        }
        UserDataEdit::SetRating { rating, .. } => {
            let set = "UPDATE tracks SET rating = ? WHERE id IN (SELECT value FROM json_each(?))";
            sqlx::query(set).bind(rating).bind(ids()).execute(&mut *tx).await?;
        }
        // Done by `import_export`.
        UserDataEdit::ImportPlaylist { .. } => {}
        UserDataEdit::ForgetListens { listens } => history::delete_listens(&mut tx, &listens).await?,
        UserDataEdit::EraseHistory { from_s, to_s } => history::delete_period(&mut tx, from_s, to_s).await?,
    }
    let record = undo_log::finish(&mut tx, id, name).await?;
    // A move may change the positions of other entries, too.
    let record = record.map(|record| EditRecord { count: moved.unwrap_or(record.count), ..record });
    Ok((database.commit_user_data_changed(tx).await?, record))
}

/// Undoes an edit, or redoes it if it is undone.
pub(crate) async fn revert(
    database: &Database,
    files: &FileAccess,
    edit: LibraryEditId,
) -> Result<Vec<LibraryEvent>, LibraryError> {
    if let Some(fields) = tags::load_undo(database, edit).await? {
        return tags::revert(database, files, edit, fields).await;
    }
    let mut tx = database.begin_write().await?;
    undo_log::revert(&mut tx, edit).await?;
    Ok(vec![database.commit_user_data_changed(tx).await?])
}

/// Returns the name of the playlist that an edit is about, or an empty one.
async fn playlist_name(tx: &mut SqliteConnection, edit: &UserDataEdit) -> Result<String, LibraryError> {
    match edit {
        UserDataEdit::CreatePlaylist { name, .. } => Ok(name.trim().to_owned()),
        UserDataEdit::RenamePlaylist { playlist, .. }
        | UserDataEdit::DeletePlaylist { playlist }
        | UserDataEdit::ChangeSmartPlaylist { playlist, .. }
        | UserDataEdit::AddToPlaylist { playlist, .. }
        | UserDataEdit::RemoveFromPlaylist { playlist, .. }
        | UserDataEdit::MoveInPlaylist { playlist, .. } => playlists::name(tx, *playlist).await,
        UserDataEdit::ImportPlaylist { .. }
        | UserDataEdit::SetFavourite { .. }
        | UserDataEdit::SetRating { .. }
        | UserDataEdit::ForgetListens { .. }
        | UserDataEdit::EraseHistory { .. } => Ok(String::new()),
    }
}

/// Returns the ids that a selection names, in order. Files in it become tracks; see [`external_files`].
pub(crate) async fn track_ids(
    database: &Database,
    caches: &ListCaches,
    files: &FileAccess,
    tracks: &TrackSelection,
) -> Result<(Vec<TrackId>, Option<LibraryEvent>), LibraryError> {
    let ids = match tracks {
        TrackSelection::Ids { ids } if ids.len() > TrackSelection::MAX_TRACK_IDS => {
            return Err(LibraryError::TooManyTracks(ids.len()));
        }
        TrackSelection::Ids { ids } => {
            rows::require_tracks(&mut *database.begin_read().await?, ids).await?;
            ids.clone()
        }
        TrackSelection::List { list } => {
            let mut reader = ListReader::begin(database, caches).await?;
            let list = reader.compile(list).await?;
            reader.list_ids(&list).await?
        }
        TrackSelection::Playlist { playlist } => {
            playlists::tracks(&mut ListReader::begin(database, caches).await?, *playlist).await?
        }
        TrackSelection::Files { paths } => return external_files::resolve(database, files, paths).await,
    };
    Ok((ids, None))
}

//! Edits of the listener's data: favourites, ratings, playlists, history.

pub(crate) mod tags;

use auralis_core::{LibraryEvent, TrackId, TrackSelection, UserDataEdit};

use crate::{
    clock::unix_now_s,
    database::{Database, json_ids::json_ids},
    error::LibraryError,
    external_files,
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

/// Applies an edit; `tracks` are those it is about.
pub(crate) async fn apply(
    database: &Database,
    edit: UserDataEdit,
    tracks: &[TrackId],
) -> Result<LibraryEvent, LibraryError> {
    let ids = || json_ids(tracks.iter().map(|TrackId(id)| id));
    let mut tx = database.begin_write().await?;
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
    database.commit_user_data_changed(tx).await
}

/// Returns the ids that a selection names, in order. Files in it become tracks; see [`external_files`].
pub(crate) async fn track_ids(
    database: &Database,
    caches: &ListCaches,
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
        TrackSelection::Files { paths } => return external_files::resolve(database, paths).await,
    };
    Ok((ids, None))
}

//! What the listener makes of tracks, and which tracks a command means.

use std::time::{SystemTime, UNIX_EPOCH};

use auralis_core::{LibraryEvent, TrackId, TrackSelection, UserDataEdit};

use crate::{database::Database, derived::json, error::LibraryError, history, playlists};

/// The tracks that an edit is about.
pub(crate) fn tracks(edit: &UserDataEdit) -> Option<&TrackSelection> {
    match edit {
        UserDataEdit::CreatePlaylist { tracks, .. } => tracks.as_ref(),
        UserDataEdit::AddToPlaylist { tracks, .. }
        | UserDataEdit::SetFavourite { tracks, .. }
        | UserDataEdit::SetRating { tracks, .. } => Some(tracks),
        _ => None,
    }
}

/// Carries out an edit; `tracks` are those it is about.
pub(crate) async fn carry_out(
    database: &Database,
    edit: UserDataEdit,
    tracks: &[TrackId],
) -> Result<LibraryEvent, LibraryError> {
    let ids = || json(tracks.iter().map(|TrackId(id)| id));
    let mut change = database.write().await?;
    match edit {
        UserDataEdit::CreatePlaylist { name, smart, .. } => {
            playlists::create(&mut change, &name, tracks, smart).await?
        }
        UserDataEdit::RenamePlaylist { playlist, name } => playlists::rename(&mut change, playlist, &name).await?,
        UserDataEdit::DeletePlaylist { playlist } => playlists::delete(&mut change, playlist).await?,
        UserDataEdit::ChangeSmartPlaylist { playlist, smart } => {
            playlists::change(&mut change, playlist, &smart).await?
        }
        UserDataEdit::AddToPlaylist { playlist, before, .. } => {
            playlists::add(&mut change, playlist, tracks, before).await?
        }
        UserDataEdit::RemoveFromPlaylist { playlist, entries } => {
            playlists::remove(&mut change, playlist, &entries).await?
        }
        UserDataEdit::MoveInPlaylist { playlist, entries, before } => {
            playlists::reorder(&mut change, playlist, &entries, before).await?;
        }
        UserDataEdit::SetFavourite { favourite, .. } => {
            let since = favourite.then(now_s);
            // What is one already keeps its place among them.
            let set = "UPDATE tracks SET favourite_s = ? WHERE id IN (SELECT value FROM json_each(?))
                       AND (favourite_s IS NOT NULL) <> ?";
            sqlx::query(set).bind(since).bind(ids()).bind(favourite).execute(&mut *change).await?;
        }
        UserDataEdit::SetRating { rating, .. } => {
            let set = "UPDATE tracks SET rating = ? WHERE id IN (SELECT value FROM json_each(?))";
            sqlx::query(set).bind(rating).bind(ids()).execute(&mut *change).await?;
        }
        // Not an edit of rows; see `exchange`.
        UserDataEdit::ImportPlaylist { .. } => {}
        UserDataEdit::ForgetListens { listens } => history::forget(&mut change, &listens).await?,
        UserDataEdit::EraseHistory { from_s, to_s } => history::erase(&mut change, from_s, to_s).await?,
    }
    database.commit_edit(change).await
}

/// Seconds since 1970.
pub(crate) fn now_s() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs() as i64)
}

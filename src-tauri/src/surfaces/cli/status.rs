//! The output of `auralis status`.

use auralis_core::{
    AppState, EditAction, EditKind, EditSummary, EngineDiagnostics, Hello, LastEdit, PlaybackState, Repeat,
};
use serde::Serialize;

/// The document of `status --json`.
#[derive(Serialize)]
pub(super) struct StatusJson<'a> {
    #[serde(flatten)]
    pub(super) hello: &'a Hello,
    pub(super) diagnostics: EngineDiagnostics,
}

/// Formats the state for people, in at most three lines.
pub(super) fn format_status(view: &AppState) -> String {
    let player = &view.player;
    let state = match player.transport {
        PlaybackState::Stopped => "stopped",
        PlaybackState::Playing => "playing",
        PlaybackState::Paused => "paused",
        PlaybackState::Loading => "loading",
        PlaybackState::Error => "error",
    };
    let mut text = match &player.track {
        Some(track) => {
            let names = [&track.title, &track.artist, &track.album];
            let names: Vec<_> = names.into_iter().filter(|name| !name.is_empty()).map(String::as_str).collect();
            format!(
                "{state}: {}\n{} of {}\n",
                names.join(" · "),
                format_time(view.position.position_s),
                format_time(player.duration_s)
            )
        }
        None => format!("{state}\n"),
    };
    let repeat = match player.repeat {
        Repeat::None => "off",
        Repeat::One => "one",
        Repeat::All => "all",
    };
    let place = view.queue.current.map_or(0, |index| index + 1);
    let muted = if player.muted { " (muted)" } else { "" };
    let shuffle = if player.shuffle { "on" } else { "off" };
    text += &format!(
        "queue {place} of {}   volume {}{muted}   shuffle {shuffle}   repeat {repeat}\n",
        view.queue.length, player.volume
    );
    text
}

fn format_time(seconds: f64) -> String {
    let whole = seconds.max(0.0) as u64;
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// Describes the edit that was undone or redone.
pub(super) fn format_edit(last: &LastEdit) -> String {
    let EditSummary { kind, count, name, .. } = &last.edit;
    let action = match last.action {
        EditAction::Made => "Done",
        EditAction::Undone => "Undone",
        EditAction::Redone => "Redone",
    };
    let count_of = |noun: &str| format!("{count} {noun}{}", if *count == 1 { "" } else { "s" });
    let tracks = count_of("track");
    let edit = match kind {
        EditKind::Play => format!("play {tracks}"),
        EditKind::Insert => format!("add {tracks} to the queue"),
        EditKind::Remove => format!("remove {tracks} from the queue"),
        EditKind::Move => format!("move {tracks} in the queue"),
        EditKind::Clear => "clear the queue".to_owned(),
        EditKind::Shuffle => "shuffle the queue".to_owned(),
        EditKind::Unshuffle => "restore the order of the queue".to_owned(),
        EditKind::CreatePlaylist => format!("create the playlist \u{201c}{name}\u{201d}"),
        EditKind::RenamePlaylist => format!("rename the playlist \u{201c}{name}\u{201d}"),
        EditKind::DeletePlaylist => format!("delete the playlist \u{201c}{name}\u{201d}"),
        EditKind::ChangeSmartPlaylist => format!("change the playlist \u{201c}{name}\u{201d}"),
        EditKind::AddToPlaylist => format!("add {tracks} to \u{201c}{name}\u{201d}"),
        EditKind::RemoveFromPlaylist => format!("remove {tracks} from \u{201c}{name}\u{201d}"),
        EditKind::MoveInPlaylist => format!("move {tracks} in \u{201c}{name}\u{201d}"),
        EditKind::AddFavourites => format!("add {tracks} to the favourites"),
        EditKind::RemoveFavourites => format!("remove {tracks} from the favourites"),
        EditKind::Rate => format!("rate {tracks}"),
        EditKind::EraseHistory => format!("delete {} from the history", count_of("listen")),
        EditKind::EditTags => format!("edit the tags of {tracks}"),
    };
    format!("{action}: {edit}.")
}

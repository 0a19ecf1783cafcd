//! What a client on another machine may do and see: everything but what concerns this machine's files and doors.

use std::path::Path;

use auralis_core::{
    ApiError, AppState, Capabilities, Command, ErrorCode, Hello, Notice, RowItems, RowPage, Settings, SettingsPatch,
    StateSection, StateUpdate, TrackSelection, UserDataEdit,
};

/// Refuses what only a client on this machine may ask for.
pub(super) fn allow(command: &Command) -> Result<(), ApiError> {
    let tracks = match command {
        Command::Edit(edit) => edit.tracks(),
        command => command.tracks(),
    };
    match command {
        _ if matches!(tracks, Some(TrackSelection::Files { .. })) => Err(forbidden()),
        Command::Edit(UserDataEdit::ImportPlaylist { .. })
        | Command::AddRoot { .. }
        | Command::RemoveRoot { .. }
        | Command::Export(_)
        | Command::ExportMastered(_)
        | Command::EditTags { .. }
        | Command::UndoTags {}
        | Command::SetIgnored { .. }
        | Command::ChangeSettings {
            settings:
                SettingsPatch { remote: Some(_), .. }
                | SettingsPatch { desktop: Some(_), .. }
                | SettingsPatch { scrobbling: Some(_), .. },
        } => Err(forbidden()),
        _ => Ok(()),
    }
}

pub(super) fn forbidden() -> ApiError {
    ApiError::new(ErrorCode::Forbidden, "This is only possible at the computer that plays.")
}

/// Rows without the paths of files.
pub(super) fn rows(mut rows: RowPage) -> RowPage {
    match &mut rows.items {
        RowItems::Roots(roots) => roots.iter_mut().for_each(|root| root.path.clear()),
        RowItems::Failures(failures) => failures.iter_mut().for_each(|failure| name_only(&mut failure.path)),
        RowItems::Details(details) => details.iter_mut().for_each(|details| details.path.clear()),
        _ => {}
    }
    rows
}

/// A message without the paths of files and without secrets; nothing if it has none.
pub(super) fn message(message: &StateUpdate) -> Option<StateUpdate> {
    let section = match &message.section {
        StateSection::Notices(notices) => StateSection::Notices(notices.iter().cloned().map(notice).collect()),
        StateSection::Settings(known) => StateSection::Settings(settings(known.clone())),
        _ => return None,
    };
    Some(StateUpdate { section, ..message.clone() })
}

fn settings(mut settings: Settings) -> Settings {
    settings.scrobbling.token.clear();
    settings
}

/// The whole truth without the paths of files and without secrets.
pub(super) fn hello(hello: Hello) -> Hello {
    let notices = hello.view.notices.into_iter().map(notice).collect();
    let view = AppState { notices, settings: settings(hello.view.settings), ..hello.view };
    Hello { capabilities: Capabilities { this_machine: false }, view, ..hello }
}

fn notice(mut notice: Notice) -> Notice {
    // A reason may tell where a file of ours is.
    if notice.subject.contains('/') || notice.reason.contains('/') {
        name_only(&mut notice.subject);
        notice.reason = "The computer that plays says more.".to_owned();
    }
    notice
}

/// A refusal without the paths of files.
pub(super) fn refusal(refusal: ApiError) -> ApiError {
    match refusal.message.contains('/') {
        true => ApiError { message: "It failed; the computer that plays says more.".to_owned(), ..refusal },
        false => refusal,
    }
}

fn name_only(path: &mut String) {
    if let Some(name) = Path::new(path.as_str()).file_name() {
        *path = name.to_string_lossy().into_owned();
    }
}

//! What a client on another machine may do and see: everything but what concerns this machine's files and doors.

use std::path::Path;

use auralis_core::{
    Command, Edit, Items, Message, Notice, Refusal, RefusalCode, Rows, Section, SettingsPatch, Tracks, View,
};

/// Refuses what only a client on this machine may ask for.
pub(super) fn allow(command: &Command) -> Result<(), Refusal> {
    match command {
        command if matches!(command.tracks(), Some(Tracks::Files { .. })) => Err(forbidden()),
        Command::Edit(
            Edit::AddToPlaylist { tracks: Tracks::Files { .. }, .. }
            | Edit::CreatePlaylist { tracks: Some(Tracks::Files { .. }), .. },
        )
        | Command::AddRoot { .. }
        | Command::RemoveRoot { .. }
        | Command::ChangeSettings { settings: SettingsPatch { remote: Some(_), .. } } => Err(forbidden()),
        _ => Ok(()),
    }
}

pub(super) fn forbidden() -> Refusal {
    Refusal::new(RefusalCode::Forbidden, "This is only possible at the computer that plays.")
}

/// Rows without the paths of files.
pub(super) fn rows(mut rows: Rows) -> Rows {
    match &mut rows.items {
        Items::Roots(roots) => roots.iter_mut().for_each(|root| root.path.clear()),
        Items::Failures(failures) => failures.iter_mut().for_each(|failure| name_only(&mut failure.path)),
        Items::Details(details) => details.iter_mut().for_each(|details| details.path.clear()),
        _ => {}
    }
    rows
}

/// A message without the paths of files; nothing if it has none.
pub(super) fn message(message: &Message) -> Option<Message> {
    let Section::Notices(notices) = &message.section else { return None };
    let section = Section::Notices(notices.iter().cloned().map(notice).collect());
    Some(Message { section, ..message.clone() })
}

/// A view without the paths of files.
pub(super) fn view(view: View) -> View {
    View { notices: view.notices.into_iter().map(notice).collect(), ..view }
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
pub(super) fn refusal(refusal: Refusal) -> Refusal {
    match refusal.message.contains('/') {
        true => Refusal { message: "It failed; the computer that plays says more.".to_owned(), ..refusal },
        false => refusal,
    }
}

fn name_only(path: &mut String) {
    if let Some(name) = Path::new(path.as_str()).file_name() {
        *path = name.to_string_lossy().into_owned();
    }
}

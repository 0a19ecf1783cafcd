//! What a client on another machine may do and see: everything but what concerns this machine's files and doors.

use std::path::Path;

use auralis_core::{
    Capabilities, Command, Edit, Hello, Items, Message, Notice, Refusal, RefusalCode, Rows, Section, Settings,
    SettingsPatch, Tracks, View,
};

/// Refuses what only a client on this machine may ask for.
pub(super) fn allow(command: &Command) -> Result<(), Refusal> {
    let tracks = match command {
        Command::Edit(edit) => edit.tracks(),
        command => command.tracks(),
    };
    match command {
        _ if matches!(tracks, Some(Tracks::Files { .. })) => Err(forbidden()),
        Command::Edit(Edit::ImportPlaylist { .. })
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

/// A message without the paths of files and without secrets; nothing if it has none.
pub(super) fn message(message: &Message) -> Option<Message> {
    let section = match &message.section {
        Section::Notices(notices) => Section::Notices(notices.iter().cloned().map(notice).collect()),
        Section::Settings(known) => Section::Settings(settings(known.clone())),
        _ => return None,
    };
    Some(Message { section, ..message.clone() })
}

fn settings(mut settings: Settings) -> Settings {
    settings.scrobbling.token.clear();
    settings
}

/// The whole truth without the paths of files and without secrets.
pub(super) fn hello(hello: Hello) -> Hello {
    let notices = hello.view.notices.into_iter().map(notice).collect();
    let view = View { notices, settings: settings(hello.view.settings), ..hello.view };
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

//! Restrictions for remote clients: no file paths, library folders or server settings.

use std::path::Path;

use auralis_core::{
    Access, ApiError, AppState, Capabilities, ErrorCode, Hello, Notice, RowItems, RowPage, Settings, StateSection,
    StateUpdate,
};

/// Rejects what only local clients may use. The core says which that is; see [`Access`].
pub(super) fn check(access: Access) -> Result<(), ApiError> {
    match access {
        Access::AllClients => Ok(()),
        Access::LocalOnly => Err(forbidden()),
    }
}

pub(super) fn forbidden() -> ApiError {
    ApiError::new(ErrorCode::Forbidden, "This is only available on the computer running Auralis.")
}

/// Rows without the paths of files.
pub(super) fn rows(mut rows: RowPage) -> RowPage {
    match &mut rows.items {
        RowItems::Roots(roots) => roots.iter_mut().for_each(|root| root.path.clear()),
        RowItems::ScanFailures(failures) => failures.iter_mut().for_each(|failure| name_only(&mut failure.path)),
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
    Hello { capabilities: Capabilities { is_local: false }, view, ..hello }
}

fn notice(mut notice: Notice) -> Notice {
    // A reason may tell where a file of ours is.
    if notice.subject.contains('/') || notice.reason.contains('/') {
        name_only(&mut notice.subject);
        notice.reason = "See the computer running Auralis for details.".to_owned();
    }
    notice
}

/// A refusal without the paths of files.
pub(super) fn refusal(refusal: ApiError) -> ApiError {
    match refusal.message.contains('/') {
        true => ApiError { message: "See the computer running Auralis for details.".to_owned(), ..refusal },
        false => refusal,
    }
}

fn name_only(path: &mut String) {
    if let Some(name) = Path::new(path.as_str()).file_name() {
        *path = name.to_string_lossy().into_owned();
    }
}

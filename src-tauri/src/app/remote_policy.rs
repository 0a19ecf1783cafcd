//! Restrictions for remote clients: no file paths, library folders or server settings.

use std::path::Path;

use auralis_core::{
    Access, ApiError, AppState, Capabilities, Hello, Notice, RowItems, RowPage, Settings, StateSection, StateUpdate,
};

/// Rejects what only local clients may use. The core says which that is; see [`Access`].
pub(super) fn check_access(access: Access) -> Result<(), ApiError> {
    match access {
        Access::AllClients => Ok(()),
        Access::LocalOnly => Err(ApiError::local_only()),
    }
}

/// Removes file paths from rows.
pub(super) fn redact_rows(mut rows: RowPage) -> RowPage {
    match &mut rows.items {
        RowItems::Roots(roots) => roots.iter_mut().for_each(|root| root.path.clear()),
        RowItems::ScanFailures(failures) => failures.iter_mut().for_each(|failure| strip_directory(&mut failure.path)),
        RowItems::Details(details) => details.iter_mut().for_each(|details| details.path.clear()),
        _ => {}
    }
    rows
}

/// Returns the update without file paths and secrets; `None` if it has none.
pub(super) fn redact_message(message: &StateUpdate) -> Option<StateUpdate> {
    let section = match &message.section {
        StateSection::Notices(notices) => StateSection::Notices(notices.iter().cloned().map(redact_notice).collect()),
        StateSection::Settings(known) => StateSection::Settings(redact_settings(known.clone())),
        _ => return None,
    };
    Some(StateUpdate { section, ..message.clone() })
}

fn redact_settings(mut settings: Settings) -> Settings {
    settings.scrobbling.token.clear();
    settings
}

/// Removes file paths and secrets from the complete state.
pub(super) fn redact_hello(hello: Hello) -> Hello {
    let notices = hello.view.notices.into_iter().map(redact_notice).collect();
    let view = AppState { notices, settings: redact_settings(hello.view.settings), ..hello.view };
    Hello { capabilities: Capabilities { is_local: false }, view, ..hello }
}

fn redact_notice(mut notice: Notice) -> Notice {
    // A reason may contain the path of a data file.
    if notice.subject.contains('/') || notice.reason.contains('/') {
        strip_directory(&mut notice.subject);
        notice.reason = "See the computer running Auralis for details.".to_owned();
    }
    notice
}

/// Removes file paths from an error.
pub(super) fn redact_error(error: ApiError) -> ApiError {
    match error.message.contains('/') {
        true => ApiError { message: "See the computer running Auralis for details.".to_owned(), ..error },
        false => error,
    }
}

fn strip_directory(path: &mut String) {
    if let Some(name) = Path::new(path.as_str()).file_name() {
        *path = name.to_string_lossy().into_owned();
    }
}

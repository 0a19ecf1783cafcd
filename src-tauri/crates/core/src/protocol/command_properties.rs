//! What the player needs to know about each command before it runs it. This is the only place that decides it.
//!
//! No match here has a wildcard arm, so a new command does not compile until it is described. A command is for local
//! clients only unless its description says otherwise.

use crate::{ApiError, Command, ErrorCode, MasteredExport, SleepTimer, TrackSelection};

/// Which clients may use a command, a request or a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Clients on this machine: it touches files, library folders or server settings.
    LocalOnly,
    /// Also clients on other machines.
    AllClients,
}

impl Access {
    /// Returns the stricter of the two.
    #[must_use]
    pub fn and(self, other: Access) -> Access {
        match (self, other) {
            (Access::AllClients, Access::AllClients) => Access::AllClients,
            _ => Access::LocalOnly,
        }
    }
}

/// What a command needs from the library.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LibraryUse<'a> {
    /// Nothing: the core runs it alone.
    None,
    /// The library resolves its tracks, then the core runs it.
    ResolveTracks(&'a TrackSelection),
    /// The library runs it.
    Run,
}

/// How a command is handled. See [`Command::properties`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CommandProperties<'a> {
    /// What it needs from the library.
    pub library: LibraryUse<'a>,
    /// Whether it must run in the order in which it was sent: it changes or depends on the queue or on playback. It waits
    /// while the tracks of an earlier command are looked up.
    pub in_order: bool,
    /// Which clients may send it.
    pub access: Access,
}

impl<'a> CommandProperties<'a> {
    const IMMEDIATE: Self = CommandProperties { library: LibraryUse::None, in_order: false, access: Access::LocalOnly };
    const IN_ORDER: Self = CommandProperties { in_order: true, ..Self::IMMEDIATE };
    const LIBRARY: Self = CommandProperties { library: LibraryUse::Run, ..Self::IMMEDIATE };

    fn resolves(tracks: &'a TrackSelection) -> Self {
        CommandProperties { library: LibraryUse::ResolveTracks(tracks), ..Self::IN_ORDER }
    }

    fn allow(self, access: Access) -> Self {
        CommandProperties { access, ..self }
    }
}

impl Command {
    /// Returns how the command is handled.
    pub fn properties(&self) -> CommandProperties<'_> {
        use Access::AllClients;
        use CommandProperties as Is;
        match self {
            Command::Play {}
            | Command::Pause {}
            | Command::Toggle {}
            | Command::Stop {}
            | Command::Next {}
            | Command::Previous {}
            | Command::Seek { .. }
            | Command::SetShuffle { .. }
            | Command::SetRepeat { .. }
            | Command::JumpTo { .. }
            | Command::RemoveEntries { .. }
            | Command::MoveEntries { .. }
            | Command::ClearQueue {}
            | Command::Undo {}
            | Command::Redo {} => Is::IN_ORDER.allow(AllClients),
            Command::PlayTracks { tracks, .. }
            | Command::ReplaceQueue { tracks, .. }
            | Command::Enqueue { tracks, .. } => Is::resolves(tracks).allow(tracks.access()),
            Command::SetVolume { .. }
            | Command::SetMuted { .. }
            | Command::SetMastering { .. }
            | Command::SetBypass { .. }
            | Command::SetSleepTimer { .. }
            | Command::CancelExport {}
            | Command::ChooseOutput { .. }
            | Command::SetRoom(_)
            | Command::DismissNotice { .. } => Is::IMMEDIATE.allow(AllClients),
            Command::ChangeSettings { settings } => Is::IMMEDIATE.allow(settings.access()),
            Command::Scan {} | Command::CancelScan {} => Is::LIBRARY.allow(AllClients),
            Command::Edit(edit) => Is::LIBRARY.allow(edit.access()),
            Command::ExportMastered(MasteredExport { tracks, .. }) => Is::resolves(tracks),
            Command::AddRoot { .. }
            | Command::RemoveRoot { .. }
            | Command::Export(_)
            | Command::EditTags { .. }
            | Command::SetIgnorePatterns { .. } => Is::LIBRARY,
        }
    }

    /// Rejects values that are invalid in any state of the player.
    pub fn validate(&self) -> Result<(), ApiError> {
        let out_of_range = |field, message: &str| Err(ApiError::for_field(ErrorCode::OutOfRange, field, message));
        match self {
            Command::Seek { position_s } if !position_s.is_finite() => {
                out_of_range("position_s", "The position must be a finite number of seconds.")
            }
            Command::SetVolume { volume } if *volume > 100 => {
                out_of_range("volume", "The volume must be between 0 and 100.")
            }
            Command::SetMastering { intensity: Some(intensity), .. } if !(0.0..=1.0).contains(intensity) => {
                out_of_range("intensity", "The intensity must be between 0 and 1.")
            }
            Command::SetMastering { night: Some(night), .. } if !(0.0..=1.0).contains(night) => {
                out_of_range("night", "Night listening must be between 0 and 1.")
            }
            Command::SetSleepTimer { timer: SleepTimer::Minutes { minutes } }
                if !(1..=SleepTimer::MAX_MINUTES).contains(minutes) =>
            {
                out_of_range("minutes", "The sleep timer must be between 1 minute and 24 hours.")
            }
            Command::AddRoot { path } if !path.starts_with('/') => {
                out_of_range("path", "The folder must be an absolute path.")
            }
            Command::SetIgnorePatterns { patterns }
                if patterns.len() > 100
                    || patterns.iter().any(|pattern| !(1..=200).contains(&pattern.chars().count())) =>
            {
                out_of_range("patterns", "Set at most 100 patterns, each of 1 to 200 characters.")
            }
            Command::PlayTracks { tracks, .. }
            | Command::ReplaceQueue { tracks, .. }
            | Command::Enqueue { tracks, .. } => tracks.validate(),
            Command::ChangeSettings { settings } => settings.validate(),
            Command::Edit(edit) => edit.validate(),
            Command::Export(export) => export.validate(),
            Command::SetRoom(change) => change.validate(),
            Command::ExportMastered(export) => export.tracks.validate().and_then(|()| export.validate()),
            Command::EditTags { tracks, tags } => tracks.validate().and_then(|()| tags.validate()),
            Command::Play {}
            | Command::Pause {}
            | Command::Toggle {}
            | Command::Stop {}
            | Command::Next {}
            | Command::Previous {}
            | Command::Seek { .. }
            | Command::SetVolume { .. }
            | Command::SetMuted { .. }
            | Command::SetMastering { .. }
            | Command::SetBypass { .. }
            | Command::SetSleepTimer { .. }
            | Command::SetShuffle { .. }
            | Command::SetRepeat { .. }
            | Command::JumpTo { .. }
            | Command::RemoveEntries { .. }
            | Command::MoveEntries { .. }
            | Command::ClearQueue {}
            | Command::Undo {}
            | Command::Redo {}
            | Command::AddRoot { .. }
            | Command::RemoveRoot { .. }
            | Command::Scan {}
            | Command::CancelScan {}
            | Command::CancelExport {}
            | Command::SetIgnorePatterns { .. }
            | Command::ChooseOutput { .. }
            | Command::DismissNotice { .. } => Ok(()),
        }
    }
}

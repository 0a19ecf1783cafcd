//! The running player: the one place where core, engine and library meet.
//!
//! An `actor` owns the core and receives messages through one inbox. Clients hold a [`PlayerHandle`]: they send
//! commands and watch what is published. The app's own parts hold [`AppServices`]. Nothing else is shared.

mod actor;
mod analysis;
mod app_control;
pub mod comparison_export;
mod directories;
mod errors;
mod export_job;
mod handle;
pub mod mastering_export;
mod message;
mod network;
mod pairing;
mod publish;
mod remote_policy;
mod services;
mod session;
pub mod settings;
mod state_stream;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use auralis_audio::Engine;
use auralis_core::{Command, Core, EngineEvent, Input, NoticeKind};
use auralis_library::{Library, LibraryError, OpenedLibrary};
use tokio::sync::{mpsc, watch};

pub use app_control::{AppControl, WindowRequest, WindowState};
pub use directories::{AppDirs, DirectoryError};
pub use handle::PlayerHandle;
pub use message::RoomRequest;
pub use network::lan_address;
pub use pairing::PairingSecret;
pub use publish::{EncodedUpdate, Snapshot};
pub use services::AppServices;
pub use state_stream::StateStream;

use actor::Actor;
use message::Inbox;

/// Receives the engine's events. Must not block.
pub type EngineEventSink = Box<dyn Fn(EngineEvent) + Send>;

/// Why the player could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A directory of the app is missing and cannot be created.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The library cannot be opened.
    #[error(transparent)]
    Library(#[from] LibraryError),
}

/// Starts the player in its saved state, with the engine that `start_engine` returns. It runs until
/// [`AppServices::stop`].
pub async fn start(
    dirs: AppDirs,
    app_control: AppControl,
    start_engine: impl FnOnce(EngineEventSink) -> Engine,
) -> Result<AppServices, StartError> {
    dirs.create_all()?;
    dirs.remove_leftovers();
    let (inbox, messages) = Inbox::new();

    let events = inbox.clone();
    let on_library_event = move |event| events.send_input(Input::Library(event));
    auralis_library::set_audio_probe(audio_probe);
    let OpenedLibrary { library, quarantined_database } =
        Library::open(&dirs.data, &dirs.cache, on_library_event).await?;
    if let Some(path) = quarantined_database {
        notify_corrupt_file(
            &inbox,
            path,
            "The database was damaged. What could be read of it, and the last backup, were restored. Your music files are \
             untouched.",
        );
    }
    dirs.restrict_files();
    let (saved_settings, moved_to) = settings::read(&dirs.settings_file());
    if let Some(path) = moved_to {
        notify_corrupt_file(&inbox, path, "The settings file could not be read. The settings before it are in force.");
    }

    let (restored, unreadable) = session::restore(&library, &inbox, saved_settings).await;
    let (core, effects) = Core::new(restored, fastrand::u64(..));
    let events = inbox.clone();
    let engine = start_engine(Box::new(move |event| events.send_input(Input::Engine(event))));
    let diagnostics = engine.diagnostics_handle();
    let (snapshots, mut published) = watch::channel(Arc::new(Snapshot::new(format!("{:08x}", fastrand::u32(..)))));
    let session_writer = session::SessionWriter::start(library.clone(), inbox.clone(), unreadable);
    let (room_requests_tx, room_requests) = mpsc::unbounded_channel();
    let mut actor =
        Actor::new(core, engine, library.clone(), session_writer, snapshots, inbox.clone(), room_requests_tx);
    actor.run_initial_effects(effects);
    tokio::spawn(actor.run(messages));

    // The library reports its totals when it opens; before that, it would look empty.
    let _ = published.wait_for(|snapshot| snapshot.view().library.revision > 0).await;
    let secret = PairingSecret::open(dirs.pairing_file());
    let player =
        PlayerHandle::new(inbox.clone(), published, library.clone(), diagnostics, app_control.clone(), secret.clone());
    analysis::start(library.clone(), inbox.clone(), player.watch());
    tokio::spawn(scan_after_startup(player.clone(), library.clone()));
    Ok(AppServices::new(player, inbox, library, dirs, app_control, secret, room_requests))
}

/// Looks for changes since the last run, once start-up, which needs every core, is over.
async fn scan_after_startup(handle: PlayerHandle, library: Library) {
    const SCAN_DELAY: Duration = Duration::from_secs(3);
    tokio::time::sleep(SCAN_DELAY).await;
    if let Err(error) = library.watch().await {
        tracing::error!(%error, "library folders are not watched");
    }
    if handle.snapshot().view().library.roots == 0 {
        return;
    }
    if let Err(error) = handle.dispatch(Command::Scan {}, None).await {
        tracing::info!(%error, "start-up scan not started");
    }
}

/// Tells the user that a data file was corrupt and has been renamed to `path`.
fn notify_corrupt_file(inbox: &Inbox, path: PathBuf, reason: &str) {
    tracing::warn!(path = %path.display(), reason, "corrupt file renamed");
    inbox.notify(NoticeKind::CorruptFileMoved, path.display().to_string(), reason.to_owned());
}

/// Asks the engine's decoder about a file that the library's tag reader does not know.
fn audio_probe(path: &std::path::Path) -> Option<auralis_library::AudioProperties> {
    let decoder = auralis_audio::TrackDecoder::open(path, None).ok()?;
    let codec = decoder.format().codec;
    let known = ["AAC", "ADPCM", "ALAC", "DSD", "FLAC", "MP2", "MP3", "Opus", "PCM", "TTA", "Vorbis", "WavPack"];
    let codec = known.into_iter().find(|known| *known == codec).unwrap_or_default();
    Some(auralis_library::AudioProperties { codec, duration_s: decoder.duration_s()? })
}

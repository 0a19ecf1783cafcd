//! The running player: the one place where core, engine and library meet.
//!
//! An [`actor`] owns the core and takes letters from one inbox. Surfaces hold a [`Handle`]: they send commands and
//! watch what was published. Nothing else is shared.

mod actor;
mod analysis;
mod app_control;
mod directories;
mod export_job;
mod handle;
pub mod mastering_export;
mod pairing;
mod publish;
mod remote_policy;
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

pub use app_control::{Program, Sight, Wish};
pub use directories::Places;
pub use handle::{Handle, Stopped};
pub use pairing::Secret;
pub use publish::{Published, Snapshot};
pub use state_stream::Feed;

use actor::{Actor, Letter};

/// What the engine's reports go into. Must not block.
pub type Report = Box<dyn Fn(EngineEvent) + Send>;

/// Why the player could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A folder of the app cannot be made.
    #[error("The folder {path} cannot be created ({reason}). Auralis keeps your library there.")]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: std::io::Error,
    },
    /// The desktop gives no home folder.
    #[error("There is no home folder to keep the library in. Set HOME or XDG_DATA_HOME.")]
    NoHome,
    /// The library cannot be opened.
    #[error(transparent)]
    Library(#[from] LibraryError),
}

/// Starts the player of a program as it was left, with the engine that `start_engine` makes. It runs until
/// [`Handle::stop`].
pub async fn start(
    places: Places,
    program: Program,
    start_engine: impl FnOnce(Report) -> Engine,
) -> Result<Handle, StartError> {
    places.create()?;
    let (inbox, letters) = mpsc::unbounded_channel();

    let reports = inbox.clone();
    let report = move |event| drop(reports.send(Letter::Input(Input::Library(event))));
    let OpenedLibrary { library, quarantined_database } = Library::open(&places.data, &places.cache, report).await?;
    if let Some(path) = quarantined_database {
        notice_set_aside(
            &inbox,
            &path,
            "The database was damaged. A new one was started; your music files are untouched.",
        );
    }
    let (saved_settings, set_aside) = settings::read(&places.settings_file());
    if let Some(path) = set_aside {
        notice_set_aside(&inbox, &path, "The settings file could not be read. The settings before it are in force.");
    }

    let restored = session::restore(&library, &inbox, saved_settings).await;
    let (core, effects) = Core::new(restored, fastrand::u64(..));
    let reports = inbox.clone();
    let engine = start_engine(Box::new(move |event| drop(reports.send(Letter::Input(Input::Engine(event))))));
    let diagnostics = engine.diagnostics_handle();
    let (snapshots, published) = watch::channel(Arc::new(Snapshot::new(format!("{:08x}", fastrand::u32(..)))));
    let keeper = session::Keeper::start(library.clone(), inbox.clone());
    let mut actor = Actor::new(core, engine, library.clone(), keeper, snapshots, inbox.clone());
    actor.begin(effects);
    tokio::spawn(actor.run(letters));

    let mut handle = Handle::new(inbox.clone(), published, library.clone(), diagnostics, places, program);
    handle.wait_for_truth().await;
    analysis::start(library.clone(), inbox, handle.watch());
    tokio::spawn(scan_later(handle.clone(), library));
    Ok(handle)
}

/// Looks for what changed while nobody did, once the start, which needs every core, is over.
async fn scan_later(handle: Handle, library: Library) {
    const AFTER: Duration = Duration::from_secs(3);
    tokio::time::sleep(AFTER).await;
    if let Err(error) = library.watch().await {
        tracing::error!(%error, "the folders are not watched");
    }
    if handle.snapshot().view().library.roots == 0 {
        return;
    }
    if let Err(refusal) = handle.dispatch(Command::Scan {}, None).await {
        tracing::info!(%refusal, "no scan at the start");
    }
}

fn notice_set_aside(inbox: &mpsc::UnboundedSender<Letter>, path: &std::path::Path, reason: &str) {
    tracing::warn!(path = %path.display(), reason, "set aside");
    let notice = Input::NoticeRaised {
        kind: NoticeKind::CorruptFileMoved,
        subject: path.display().to_string(),
        reason: reason.to_owned(),
    };
    drop(inbox.send(Letter::Input(notice)));
}

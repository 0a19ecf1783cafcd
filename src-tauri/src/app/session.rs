//! Where the listener was, kept in the library's database: the queue on every edit, the place in it every second.

use auralis_core::{Input, NoticeKind, RestoredState, SavedPlayback, SavedQueue};
use auralis_library::Library;
use serde::de::DeserializeOwned;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::actor::Letter;
use super::settings::SavedSettings;

const QUEUE: &str = "queue";
const PLACE: &str = "place";

/// The player as it was left, as far as it can be read.
pub(super) async fn restore(
    library: &Library,
    inbox: &mpsc::UnboundedSender<Letter>,
    settings: SavedSettings,
) -> RestoredState {
    RestoredState {
        queue: load(library, inbox, QUEUE).await,
        playback: load(library, inbox, PLACE).await,
        volume: settings.volume,
        muted: settings.muted,
        mastering: settings.mastering,
        settings: settings.interface,
    }
}

/// A state that cannot be read is kept under another name, so that nothing is lost by the next save.
async fn load<T: DeserializeOwned + Default>(library: &Library, inbox: &mpsc::UnboundedSender<Letter>, key: &str) -> T {
    let saved = match library.load_state(key).await {
        Ok(Some(saved)) => saved,
        Ok(None) => return T::default(),
        Err(error) => {
            tracing::error!(%error, key, "the saved state cannot be loaded");
            return T::default();
        }
    };
    serde_json::from_slice(&saved).unwrap_or_else(|error| {
        tracing::error!(%error, key, "the saved state cannot be read");
        let notice = Input::NoticeRaised {
            kind: NoticeKind::CorruptFileMoved,
            subject: key.to_owned(),
            reason: "The queue of the last run could not be read. It is kept in the database.".to_owned(),
        };
        drop(inbox.send(Letter::Input(notice)));
        let library = library.clone();
        let aside = format!("{key}.broken");
        tokio::spawn(async move { library.save_state(&[(&aside, &saved)]).await });
        T::default()
    })
}

#[derive(Debug, Clone, Default)]
struct Kept {
    revision: Option<u64>,
    queue: SavedQueue,
    place: SavedPlayback,
}

/// Writes behind the player's back: the newest state counts, those in between need not be written.
pub(super) struct Keeper {
    latest: watch::Sender<Kept>,
    writing: JoinHandle<()>,
}

impl Keeper {
    pub(super) fn start(library: Library, inbox: mpsc::UnboundedSender<Letter>) -> Self {
        let (latest, changes) = watch::channel(Kept::default());
        Keeper { latest, writing: tokio::spawn(write(library, inbox, changes)) }
    }

    /// Takes what is to be kept. The queue is fetched only if its revision is a new one.
    pub(super) fn keep(&self, revision: u64, place: SavedPlayback, queue: impl FnOnce() -> SavedQueue) {
        self.latest.send_if_modified(|kept| {
            let edited = kept.revision != Some(revision);
            if edited {
                kept.revision = Some(revision);
                kept.queue = queue();
            }
            let moved = kept.place != place;
            kept.place = place;
            edited || moved
        });
    }

    /// Returns when everything is written.
    pub(super) async fn finish(self) {
        drop(self.latest);
        let _ = self.writing.await;
    }
}

async fn write(library: Library, inbox: mpsc::UnboundedSender<Letter>, mut changes: watch::Receiver<Kept>) {
    let mut written = None;
    let mut told = false;
    loop {
        let closed = changes.changed().await.is_err();
        let kept = changes.borrow_and_update().clone();
        match save(&library, &kept, kept.revision != written).await {
            Ok(()) => (written, told) = (kept.revision, false),
            // Once, not every second: a full disk stays full for a while.
            Err(reason) if !told => {
                tracing::error!(reason, "the session cannot be saved");
                let notice = Input::NoticeRaised { kind: NoticeKind::SaveFailed, subject: QUEUE.to_owned(), reason };
                drop(inbox.send(Letter::Input(notice)));
                told = true;
            }
            Err(_) => {}
        }
        if closed {
            return;
        }
    }
}

async fn save(library: &Library, kept: &Kept, edited: bool) -> Result<(), String> {
    let encoded = || -> Result<_, serde_json::Error> {
        let queue = if edited { Some(serde_json::to_vec(&kept.queue)?) } else { None };
        Ok((queue, serde_json::to_vec(&kept.place)?))
    };
    let (queue, place) = encoded().map_err(|error| error.to_string())?;
    // Together, so that the place is never one in another queue.
    let mut values = vec![(PLACE, place.as_slice())];
    values.extend(queue.as_deref().map(|queue| (QUEUE, queue)));
    library.save_state(&values).await.map_err(|error| error.to_string())
}

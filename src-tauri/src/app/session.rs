//! The session, stored in the library's database: the queue on every edit, the position in it every second.

use auralis_core::{NoticeKind, RestoredState, SavedPlayback, SavedQueue};
use auralis_library::{Library, LibraryError};
use serde::de::DeserializeOwned;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::message::Inbox;
use super::settings::SavedSettings;

const QUEUE: &str = "queue";
const PLAYBACK: &str = "place";

/// A stored state that could not be restored. It is copied to a backup key before it is overwritten.
#[derive(Debug)]
pub(super) struct Unreadable {
    key: &'static str,
    /// The stored bytes; `None` if the database did not return them.
    bytes: Option<Vec<u8>>,
}

/// Restores the state of the last run. Returns what of it could not be read, for [`SessionWriter::start`].
pub(super) async fn restore(
    library: &Library,
    inbox: &Inbox,
    settings: SavedSettings,
) -> (RestoredState, Vec<Unreadable>) {
    let mut unreadable = Vec::new();
    let restored = RestoredState {
        queue: load(library, inbox, QUEUE, &mut unreadable).await,
        playback: load(library, inbox, PLAYBACK, &mut unreadable).await,
        volume: settings.volume,
        muted: settings.muted,
        mastering: settings.mastering,
        settings: settings.interface,
    };
    (restored, unreadable)
}

async fn load<T: DeserializeOwned + Default>(
    library: &Library,
    inbox: &Inbox,
    key: &'static str,
    unreadable: &mut Vec<Unreadable>,
) -> T {
    let (bytes, reason) = match library.load_state(key).await {
        Ok(None) => return T::default(),
        Ok(Some(bytes)) => match serde_json::from_slice(&bytes) {
            Ok(state) => return state,
            Err(error) => (Some(bytes), error.to_string()),
        },
        Err(error) => (None, error.to_string()),
    };
    tracing::error!(reason, key, "failed to restore session state");
    let reason = "The queue of the last run could not be read. It is kept in the database.".to_owned();
    inbox.notify(NoticeKind::CorruptFileMoved, key.to_owned(), reason);
    unreadable.push(Unreadable { key, bytes });
    T::default()
}

#[derive(Debug, Clone, Default)]
struct PendingSession {
    revision: Option<u64>,
    queue: SavedQueue,
    playback: SavedPlayback,
}

/// Writes in the background; only the latest state is saved.
pub(super) struct SessionWriter {
    latest: watch::Sender<PendingSession>,
    task: JoinHandle<()>,
}

impl SessionWriter {
    /// Starts the background task. States in `unreadable` are backed up before the first write.
    pub(super) fn start(library: Library, inbox: Inbox, unreadable: Vec<Unreadable>) -> Self {
        let (latest, changes) = watch::channel(PendingSession::default());
        SessionWriter { latest, task: tokio::spawn(run(library, inbox, unreadable, changes)) }
    }

    /// Schedules a state to be saved. `queue` is called only if `revision` is new.
    pub(super) fn save(&self, revision: u64, playback: SavedPlayback, queue: impl FnOnce() -> SavedQueue) {
        self.latest.send_if_modified(|pending| {
            let edited = pending.revision != Some(revision);
            if edited {
                pending.revision = Some(revision);
                pending.queue = queue();
            }
            let moved = pending.playback != playback;
            pending.playback = playback;
            edited || moved
        });
    }

    /// Returns when everything is written.
    pub(super) async fn finish(self) {
        drop(self.latest);
        let _ = self.task.await;
    }
}

async fn run(
    library: Library,
    inbox: Inbox,
    mut unreadable: Vec<Unreadable>,
    mut changes: watch::Receiver<PendingSession>,
) {
    let mut written = None;
    let mut failure_reported = false;
    loop {
        let closed = changes.changed().await.is_err();
        let pending = changes.borrow_and_update().clone();
        let result = match back_up(&library, &mut unreadable).await {
            Ok(()) => store(&library, &pending, pending.revision != written).await,
            Err(error) => Err(error.to_string()),
        };
        match result {
            Ok(()) => (written, failure_reported) = (pending.revision, false),
            // Once, not every second: a full disk stays full for a while.
            Err(reason) if !failure_reported => {
                tracing::error!(reason, "failed to save session");
                inbox.notify(NoticeKind::SaveFailed, QUEUE.to_owned(), reason);
                failure_reported = true;
            }
            Err(_) => {}
        }
        if closed {
            return;
        }
    }
}

/// Copies unreadable states to their backup keys. An error means that the next save must not overwrite them yet.
async fn back_up(library: &Library, unreadable: &mut Vec<Unreadable>) -> Result<(), LibraryError> {
    while let Some(Unreadable { key, bytes }) = unreadable.last() {
        let bytes = match bytes {
            Some(bytes) => Some(bytes.clone()),
            None => library.load_state(key).await?,
        };
        if let Some(bytes) = bytes {
            library.save_state(&[(&format!("{key}.broken"), &bytes)]).await?;
        }
        unreadable.pop();
    }
    Ok(())
}

async fn store(library: &Library, pending: &PendingSession, edited: bool) -> Result<(), String> {
    let encoded = || -> Result<_, serde_json::Error> {
        let queue = if edited { Some(serde_json::to_vec(&pending.queue)?) } else { None };
        Ok((queue, serde_json::to_vec(&pending.playback)?))
    };
    let (queue, playback) = encoded().map_err(|error| error.to_string())?;
    // In one transaction, so that the playback position always belongs to the stored queue.
    let mut values = vec![(PLAYBACK, playback.as_slice())];
    values.extend(queue.as_deref().map(|queue| (QUEUE, queue)));
    library.save_state(&values).await.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use auralis_library::OpenedLibrary;
    use serde_json::Value;

    use super::*;

    #[tokio::test]
    async fn unreadable_state_is_kept_when_the_next_session_is_saved() {
        let home = tempfile::tempdir().expect("a folder");
        let OpenedLibrary { library, .. } =
            Library::open(home.path(), home.path(), |_| {}).await.expect("a new library");
        let unreadable = b"{\"of a later version\": true";
        library.save_state(&[(QUEUE, unreadable.as_slice())]).await.expect("saves");

        let (inbox, mut messages) = Inbox::new();
        let (restored, found) = restore(&library, &inbox, SavedSettings::default()).await;
        assert_eq!(restored.queue, SavedQueue::default());
        assert!(messages.try_recv().is_ok(), "the user is told");
        let writer = SessionWriter::start(library.clone(), inbox, found);
        writer.save(1, SavedPlayback::default(), SavedQueue::default);
        writer.finish().await;
        let stored = async |key: &str| library.load_state(key).await.expect("loads").expect("is there");
        assert_eq!(stored("queue.broken").await, unreadable);
        assert!(serde_json::from_slice::<Value>(&stored(QUEUE).await).is_ok(), "a new state");
    }
}

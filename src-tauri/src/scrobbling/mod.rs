//! Submits plays to a ListenBrainz server, if that setting is on. The only place from which a request leaves the machine.
//!
//! The history is the queue: plays that are not submitted stay in it, across restarts and for as long as there is no
//! network.

mod listenbrainz;

use std::time::Duration;

use auralis_core::{ListenId, ScrobblingSettings, ScrobblingState};
use auralis_library::Scrobble;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::app::AppServices;
use listenbrainz::{ListenBrainzClient, SubmitError};

/// Most plays per request.
const MAX_BATCH: u32 = 50;

/// Wait after the first failure; doubles with each further one.
const INITIAL_BACKOFF: Duration = Duration::from_secs(30);

/// Longest wait after a failure.
const MAX_BACKOFF: Duration = Duration::from_secs(3600);

/// How long quitting waits for the answer to a request that is running.
const SHUTDOWN_WAIT: Duration = Duration::from_secs(1);

/// The running submission of plays.
pub struct Scrobbling {
    settings: watch::Sender<Option<ScrobblingSettings>>,
    task: JoinHandle<()>,
}

impl Scrobbling {
    /// Submits plays while the settings say so.
    pub fn start(services: AppServices) -> Self {
        let (settings, settings_rx) = watch::channel(Some(ScrobblingSettings::default()));
        // The library's revision rises with each recorded listen.
        let (library_revision, revision) = watch::channel(0);
        let submitter = Submitter {
            services: services.clone(),
            settings: settings_rx,
            revision,
            state: ScrobblingState::default(),
        };
        tokio::spawn(forward_state(services, settings.clone(), library_revision));
        Scrobbling { settings, task: tokio::spawn(submitter.run()) }
    }

    /// Stops. A running request gets a second to finish, so that its plays are marked as submitted and not sent again.
    /// Must be called before the player stops.
    pub async fn stop(self) {
        self.settings.send_replace(None);
        let _ = timeout(SHUTDOWN_WAIT, self.task).await;
    }
}

/// Forwards the scrobbling settings and the library's revision until the player stops.
async fn forward_state(
    services: AppServices,
    settings: watch::Sender<Option<ScrobblingSettings>>,
    library_revision: watch::Sender<u64>,
) {
    let mut snapshots = services.watch();
    while snapshots.changed().await.is_ok() {
        let snapshot = snapshots.borrow_and_update().clone();
        let view = snapshot.view();
        settings.send_if_modified(|current| {
            let is_new = current.as_ref().is_some_and(|current| *current != view.settings.scrobbling);
            if is_new {
                *current = Some(view.settings.scrobbling.clone());
            }
            is_new
        });
        library_revision.send_replace(view.library.revision);
    }
    settings.send_replace(None);
}

struct Submitter {
    services: AppServices,
    /// `None` stops the submitter.
    settings: watch::Receiver<Option<ScrobblingSettings>>,
    revision: watch::Receiver<u64>,
    /// The state that was published last.
    state: ScrobblingState,
}

impl Submitter {
    async fn run(mut self) {
        loop {
            let Some(settings) = self.settings.borrow_and_update().clone() else { return };
            self.run_with(&settings).await;
        }
    }

    /// Submits plays with one configuration, until there is another. A running request is never abandoned: its plays
    /// would be sent twice.
    async fn run_with(&mut self, settings: &ScrobblingSettings) {
        if let Err(error) = self.services.set_scrobbling(settings.enabled).await {
            tracing::error!(%error, "failed to switch scrobbling");
        }
        if !settings.enabled {
            self.publish_state(ScrobblingState::default());
            let _ = self.settings.changed().await;
            return;
        }
        let client = ListenBrainzClient::new(settings);
        let (mut batch, mut failures) = (MAX_BATCH, 0);
        while self.settings.has_changed().is_ok_and(|changed| !changed) {
            self.revision.borrow_and_update();
            let (plays, waiting) = match self.services.pending_scrobbles(batch).await {
                Ok(found) => found,
                Err(error) => {
                    tracing::error!(%error, "failed to read plays to submit");
                    let _ = self.settings.changed().await;
                    return;
                }
            };
            let Some(last) = plays.last().map(|play| play.listen) else {
                self.publish_state(ScrobblingState::default());
                tokio::select! {
                    _ = self.settings.changed() => return,
                    changed = self.revision.changed() => if changed.is_err() { return },
                }
                continue;
            };
            self.publish_state(ScrobblingState { pending: waiting, ..self.state.clone() });
            // `None`: only other settings help.
            let wait = match submit_in_background(client.clone(), plays).await {
                Ok(()) => {
                    failures = 0;
                    self.publish_state(ScrobblingState { pending: waiting, error: None });
                    if self.mark_submitted(last).await {
                        continue;
                    }
                    None
                }
                Err(SubmitError::Rejected { reason }) if batch == 1 => {
                    tracing::warn!(%reason, play = last.0, "the server rejected a play");
                    batch = MAX_BATCH;
                    if self.mark_submitted(last).await {
                        continue;
                    }
                    None
                }
                // Retry one by one to find the rejected play.
                Err(SubmitError::Rejected { .. }) => {
                    batch = 1;
                    continue;
                }
                Err(SubmitError::TokenRefused) => {
                    let problem = Some("The server does not accept the token.".into());
                    self.publish_state(ScrobblingState { pending: waiting, error: problem });
                    None
                }
                Err(SubmitError::RetryLater { reason, after }) => {
                    tracing::info!(%reason, "scrobbling postponed");
                    self.publish_state(ScrobblingState { pending: waiting, error: Some(reason) });
                    let backoff = INITIAL_BACKOFF.saturating_mul(1 << failures.min(10)).min(MAX_BACKOFF);
                    failures += 1;
                    Some(after.unwrap_or(backoff))
                }
            };
            self.wait(wait.unwrap_or(Duration::MAX)).await;
        }
    }

    /// Waits, or until the settings change. Publishes how many plays are pending.
    async fn wait(&mut self, duration: Duration) {
        let over = sleep(duration);
        tokio::pin!(over);
        let mut settings = self.settings.clone();
        loop {
            tokio::select! {
                () = &mut over => return,
                _ = settings.changed() => return,
                changed = self.revision.changed() => if changed.is_err() { return },
            }
            if let Ok((_, waiting)) = self.services.pending_scrobbles(0).await {
                self.publish_state(ScrobblingState { pending: waiting, ..self.state.clone() });
            }
        }
    }

    fn publish_state(&mut self, state: ScrobblingState) {
        if self.state != state {
            self.services.report_scrobbling_state(state.clone());
            self.state = state;
        }
    }

    /// Marks plays as submitted. Stops on failure to avoid duplicate submissions.
    async fn mark_submitted(&self, last: ListenId) -> bool {
        let marked = self.services.mark_scrobbled(last).await;
        marked.inspect_err(|error| tracing::error!(%error, "failed to mark plays as submitted")).is_ok()
    }
}

/// Submits plays on a thread of its own, which the end of the program does not wait for.
async fn submit_in_background(client: ListenBrainzClient, plays: Vec<Scrobble>) -> Result<(), SubmitError> {
    let (result, result_rx) = oneshot::channel();
    let submit = move || drop(result.send(client.submit(&plays)));
    let failed = |reason: String| SubmitError::RetryLater { reason, after: None };
    std::thread::Builder::new().name("scrobbling".into()).spawn(submit).map_err(|error| failed(error.to_string()))?;
    result_rx.await.unwrap_or_else(|_| Err(failed("The request ended unexpectedly.".into())))
}

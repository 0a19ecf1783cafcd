//! Tells a server what was heard, if the listener wants that. The only place from which a request leaves the machine.
//!
//! The history is the queue: what could not be told waits in it, over restarts and for as long as the network is away.

mod server;

use std::time::Duration;

use auralis_core::{ListenId, ScrobblingSettings, ScrobblingState};
use auralis_library::Scrobble;
use tokio::sync::{oneshot, watch};

use crate::app::Handle;
use server::{Failure, Server};

/// The most plays of one request.
const BATCH: u32 = 50;

/// How long to wait after a failure; each that follows waits twice as long.
const WAIT: Duration = Duration::from_secs(30);

/// How long to wait at most.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// Tells plays while the settings say so, until the player stops.
pub async fn follow_settings(handle: Handle) {
    let mut snapshots = handle.watch();
    let (settings, mut chosen) = watch::channel(ScrobblingSettings::default());
    // The library's revision rises with each listening.
    let (heard, revision) = watch::channel(0);
    let telling = tokio::spawn(async move {
        let mut state = ScrobblingState::default();
        loop {
            let settings = chosen.borrow_and_update().clone();
            tokio::select! {
                () = follow(&handle, &settings, revision.clone(), &mut state) => {}
                changed = chosen.changed() => if changed.is_err() { return },
            }
        }
    });
    loop {
        {
            let snapshot = snapshots.borrow_and_update();
            let view = snapshot.view();
            settings.send_if_modified(|known| {
                let changed = *known != view.settings.scrobbling;
                known.clone_from(&view.settings.scrobbling);
                changed
            });
            heard.send_replace(view.library.revision);
        }
        if snapshots.changed().await.is_err() {
            break;
        }
    }
    telling.abort();
}

/// Does what one choice of settings asks for, until there is another.
async fn follow(
    handle: &Handle,
    settings: &ScrobblingSettings,
    mut revision: watch::Receiver<u64>,
    state: &mut ScrobblingState,
) {
    if let Err(refusal) = handle.scrobble(settings.enabled).await {
        tracing::error!(%refusal, "scrobbling cannot be switched");
    }
    if !settings.enabled {
        tell(handle, state, ScrobblingState::default());
        return std::future::pending().await;
    }
    let server = Server::new(settings);
    let (mut batch, mut failures) = (BATCH, 0);
    loop {
        revision.borrow_and_update();
        let (plays, waiting) = match handle.unscrobbled(batch).await {
            Ok(found) => found,
            Err(refusal) => {
                tracing::error!(%refusal, "plays cannot be read");
                return std::future::pending().await;
            }
        };
        let Some(last) = plays.last().map(|play| play.listen) else {
            tell(handle, state, ScrobblingState::default());
            if revision.changed().await.is_err() {
                return;
            }
            continue;
        };
        tell(handle, state, ScrobblingState { pending: waiting, ..state.clone() });
        let wait = match in_background(server.clone(), plays).await {
            Err(Failure::NotUnderstood { reason }) if batch == 1 => {
                tracing::warn!(%reason, play = last.0, "the server does not want a play");
                batch = BATCH;
                match note(handle, last).await {
                    true => continue,
                    false => None,
                }
            }
            // One of them is the reason; the others need not suffer.
            Err(Failure::NotUnderstood { .. }) => {
                batch = 1;
                continue;
            }
            Ok(()) => {
                failures = 0;
                tell(handle, state, ScrobblingState { pending: waiting, error: None });
                match note(handle, last).await {
                    true => continue,
                    false => None,
                }
            }
            Err(Failure::TokenRefused) => {
                let problem = Some("The server does not accept the token.".into());
                tell(handle, state, ScrobblingState { pending: waiting, error: problem });
                None
            }
            Err(Failure::NotNow { reason, after }) => {
                tracing::info!(%reason, "plays wait");
                tell(handle, state, ScrobblingState { pending: waiting, error: Some(reason) });
                let longer = WAIT.saturating_mul(1 << failures.min(10)).min(LONGEST_WAIT);
                failures += 1;
                Some(after.unwrap_or(longer))
            }
        };
        // With none, nothing helps but other settings.
        wait_and_count(handle, wait.unwrap_or(Duration::MAX), &mut revision, state).await;
    }
}

/// Waits, and tells meanwhile how many plays do.
async fn wait_and_count(
    handle: &Handle,
    wait: Duration,
    revision: &mut watch::Receiver<u64>,
    state: &mut ScrobblingState,
) {
    let over = tokio::time::sleep(wait);
    tokio::pin!(over);
    loop {
        tokio::select! {
            () = &mut over => return,
            changed = revision.changed() => if changed.is_err() { return },
        }
        if let Ok((_, waiting)) = handle.unscrobbled(0).await {
            tell(handle, state, ScrobblingState { pending: waiting, ..state.clone() });
        }
    }
}

fn tell(handle: &Handle, told: &mut ScrobblingState, state: ScrobblingState) {
    if *told != state {
        handle.set_scrobbling(state.clone());
        *told = state;
    }
}

/// Notes what has been told. Where that fails, no more is: it would be told twice.
async fn note(handle: &Handle, last: ListenId) -> bool {
    let noted = handle.scrobbled(last).await;
    noted.inspect_err(|refusal| tracing::error!(%refusal, "what was told cannot be noted")).is_ok()
}

/// On a thread of its own, which the end of the program does not wait for.
async fn in_background(server: Server, plays: Vec<Scrobble>) -> Result<(), Failure> {
    let (tell, told) = oneshot::channel();
    let submit = move || drop(tell.send(server.submit(&plays)));
    let cannot = |reason: String| Failure::NotNow { reason, after: None };
    std::thread::Builder::new().name("scrobbling".into()).spawn(submit).map_err(|error| cannot(error.to_string()))?;
    told.await.unwrap_or_else(|_| Err(cannot("It was cut short.".into())))
}

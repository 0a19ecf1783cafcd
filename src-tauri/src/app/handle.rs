//! A client's handle of the player.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use auralis_audio::DiagnosticsHandle;
use auralis_core::{
    Access, ApiError, ClientKind, Command, DataReply, DataRequest, EngineDiagnostics, ErrorCode, ListQuery,
    PairingLink, QueueRow, RemoteServerState, Request, Response, RowItems, RowPage, RowQuery, TrackId, TrackRow,
};
use auralis_library::{Cover, CoverSize, Library, LibrarySize};
use serde::Deserialize;
use tokio::sync::{oneshot, watch};

use super::app_control::{AppControl, WindowRequest};
use super::errors::{library_error, shutting_down};
use super::message::{ActorMessage, Inbox, QueueSlice};
use super::pairing::PairingSecret;
use super::publish::Snapshot;
use super::remote_policy;
use super::state_stream::StateStream;

/// Sends commands to the player and reads what it publishes. Cheap to clone; every client has one of its own.
///
/// When the last clone of a client's handle is dropped, the client has left: a bypass that it holds is released.
#[derive(Clone)]
pub struct PlayerHandle {
    inbox: Inbox,
    published: watch::Receiver<Arc<Snapshot>>,
    library: Library,
    engine: Arc<DiagnosticsHandle>,
    app_control: AppControl,
    secret: PairingSecret,
    client_kind: ClientKind,
    is_remote: bool,
    bypass: Arc<BypassHold>,
}

impl PlayerHandle {
    pub(super) fn new(
        inbox: Inbox,
        published: watch::Receiver<Arc<Snapshot>>,
        library: Library,
        engine: Arc<DiagnosticsHandle>,
        app_control: AppControl,
        secret: PairingSecret,
    ) -> Self {
        let client_kind = ClientKind::default();
        let bypass = BypassHold::new(&inbox, client_kind);
        PlayerHandle { inbox, published, library, engine, app_control, secret, client_kind, is_remote: false, bypass }
    }

    /// Returns a handle for another client.
    pub fn with_client_kind(&self, client_kind: ClientKind) -> Self {
        PlayerHandle { client_kind, bypass: BypassHold::new(&self.inbox, client_kind), ..self.clone() }
    }

    /// Returns a handle for a client on another machine: no file paths, library folders or server settings.
    pub fn restricted(&self) -> Self {
        PlayerHandle { is_remote: true, bypass: BypassHold::new(&self.inbox, self.client_kind), ..self.clone() }
    }

    /// Whether the client is on another machine.
    pub fn is_remote(&self) -> bool {
        self.is_remote
    }

    /// Handles one request of the protocol, as JSON text.
    pub async fn handle_request(&self, request: &str) -> Response {
        let (id, result) = match serde_json::from_str(request) {
            Ok(Request::Ping {}) => return Response::Pong {},
            Ok(forbidden) if self.require(forbidden.access()).is_err() => (id_of(request), Err(ApiError::local_only())),
            Ok(Request::Command { id, if_rev, data }) => {
                (Some(id), self.dispatch(data, if_rev).await.map(|rev| Response::Result { id, rev }))
            }
            Ok(Request::GetRows { id, data }) => {
                (Some(id), self.query(&data).await.map(|data| Response::Rows { id, data }))
            }
            Ok(Request::Diagnostics { id }) => (Some(id), Ok(Response::Diagnostics { id, data: self.diagnostics() })),
            Ok(Request::GetPairingLink { id, renew }) => {
                (Some(id), self.pair(renew).map(|data| Response::PairingLink { id, data }))
            }
            Ok(Request::GetData { id, data }) => {
                (Some(id), self.get_data(data).await.map(|data| Response::Data { id, data }))
            }
            Ok(Request::RaiseWindow { id, token }) => {
                (Some(id), self.raise(token).map(|rev| Response::Result { id, rev }))
            }
            Err(error) => (id_of(request), Err(ApiError::new(ErrorCode::Malformed, error.to_string()))),
        };
        result.unwrap_or_else(|error| Response::Error { id, error })
    }

    /// Returns the stream of state updates for one client, which starts with the complete state.
    pub fn state_stream(&self) -> StateStream {
        StateStream::new(self.watch(), self.is_remote)
    }

    /// Runs a command. With `if_rev`, only if neither player nor queue has changed since that revision.
    ///
    /// Returns the revision that it caused, or the current one if it changed nothing, once that is published.
    pub async fn dispatch(&self, command: Command, if_rev: Option<u64>) -> Result<u64, ApiError> {
        if let Command::SetBypass { enabled } = command {
            self.bypass.is_held.store(enabled, Relaxed);
        }
        let (reply, answer) = oneshot::channel();
        self.send(ActorMessage::Command { command, from: self.client_kind, is_local: !self.is_remote, if_rev, reply })?;
        answer.await.map_err(|_| shutting_down())?.map_err(|error| self.redact(error))
    }

    /// Returns a page of the rows of a list.
    pub async fn query(&self, query: &RowQuery) -> Result<RowPage, ApiError> {
        if query.limit > RowQuery::MAX_ROWS {
            let message = format!("At most {} rows can be asked for at once.", RowQuery::MAX_ROWS);
            return Err(ApiError::for_field(ErrorCode::OutOfRange, "limit", message));
        }
        self.require(query.list.access())?;
        let rows = match query.list {
            ListQuery::Queue {} => self.queue_rows(query).await,
            _ => self.library.rows(query).await.map_err(library_error),
        };
        match rows {
            Ok(rows) if self.is_remote => Ok(remote_policy::redact_rows(rows)),
            Ok(rows) => Ok(rows),
            Err(error) => Err(self.redact(error)),
        }
    }

    fn require(&self, access: Access) -> Result<(), ApiError> {
        if self.is_remote { remote_policy::check_access(access) } else { Ok(()) }
    }

    fn redact(&self, error: ApiError) -> ApiError {
        if self.is_remote { remote_policy::redact_error(error) } else { error }
    }

    /// Returns data that is not a list.
    pub async fn get_data(&self, request: DataRequest) -> Result<DataReply, ApiError> {
        self.require(request.access())?;
        Ok(match request {
            DataRequest::Meters {} => DataReply::Meters(self.engine.meters().map(Box::new)),
            DataRequest::Profile { track } => {
                DataReply::Profile(self.library.profile(track).await.map_err(library_error)?.map(Box::new))
            }
            DataRequest::Waveform { track } => {
                DataReply::Waveform(self.library.waveform(track).await.map_err(library_error)?)
            }
        })
    }

    async fn queue_rows(&self, query: &RowQuery) -> Result<RowPage, ApiError> {
        let (reply, answer) = oneshot::channel();
        self.send(ActorMessage::GetQueueSlice { offset: query.offset, limit: query.limit, reply })?;
        let QueueSlice { revision, total, entries } = answer.await.map_err(|_| shutting_down())?;
        let ids: Vec<_> = entries.iter().map(|entry| entry.track).collect();
        let tracks = self.library.tracks(&ids).await.map_err(library_error)?;
        let row = |(entry, track): (auralis_core::Entry, _)| QueueRow {
            entry: entry.id,
            user_queued: entry.user_queued,
            track,
        };
        let rows = entries.into_iter().zip(tracks).map(row).collect();
        Ok(RowPage { revision, total, offset: query.offset, items: RowItems::Queue(rows) })
    }

    /// Returns engine diagnostics.
    pub fn diagnostics(&self) -> EngineDiagnostics {
        self.engine.read()
    }

    /// Returns a cover by its content hash; `None` if there is no such picture.
    pub async fn cover(&self, hash: &str, size: CoverSize) -> Result<Option<Cover>, ApiError> {
        self.library.cover(hash, size).await.map_err(library_error)
    }

    /// Returns a cover as a file, for programs that need a path; `None` if there is no such picture.
    pub async fn cover_file(&self, hash: &str, size: CoverSize) -> Result<Option<PathBuf>, ApiError> {
        self.library.cover_file(hash, size).await.map_err(library_error)
    }

    /// Returns the rows of tracks, in the order of `ids`; `None` where there is no such track.
    pub async fn tracks(&self, ids: &[TrackId]) -> Result<Vec<Option<TrackRow>>, ApiError> {
        self.library.tracks(ids).await.map_err(library_error)
    }

    /// Returns the path of a track's file.
    pub async fn path(&self, id: TrackId) -> Result<Option<PathBuf>, ApiError> {
        let track = self.library.track(id).await.map_err(library_error)?;
        Ok(track.map(|track| track.path))
    }

    /// Returns the paths of the files of tracks, in the order of `ids`; `None` where there is no such track.
    pub async fn paths(&self, ids: &[TrackId]) -> Result<Vec<Option<PathBuf>>, ApiError> {
        self.library.paths(ids).await.map_err(library_error)
    }

    /// Returns the total duration and size of the library.
    pub async fn library_size(&self) -> Result<LibrarySize, ApiError> {
        self.library.size().await.map_err(library_error)
    }

    /// Returns the state that was published last.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.published.borrow().clone()
    }

    /// Returns a receiver of published states that is already marked as changed.
    pub fn watch(&self) -> watch::Receiver<Arc<Snapshot>> {
        let mut published = self.published.clone();
        published.mark_changed();
        published
    }

    /// Returns the link that pairs another device. `renew` unpairs the devices that were paired before.
    pub fn pair(&self, renew: bool) -> Result<PairingLink, ApiError> {
        self.require(Access::LocalOnly)?;
        match &self.snapshot().view().remote {
            RemoteServerState::Open { url, allow_lan: true, .. } => self.secret.link(url, renew).map_err(|error| {
                let message = format!("The pairing secret cannot be saved: {error}.");
                ApiError::new(ErrorCode::Failed, message)
            }),
            _ => Err(ApiError::new(ErrorCode::NotPossible, "Turn on network access first.")),
        }
    }

    /// Shows the main window in front of others; returns the current revision. `token`: see
    /// [`WindowRequest::RaiseMain`].
    pub fn raise(&self, token: Option<String>) -> Result<u64, ApiError> {
        self.require(Access::LocalOnly)?;
        if !self.app_control.has_windows() {
            return Err(ApiError::new(ErrorCode::NotPossible, "Auralis is running without a window."));
        }
        self.app_control.request(WindowRequest::RaiseMain { token });
        Ok(self.snapshot().rev())
    }

    fn send(&self, message: ActorMessage) -> Result<(), ApiError> {
        self.inbox.send(message).map_err(|_| shutting_down())
    }
}

/// Whether one client holds the bypass; dropped when the client has left.
struct BypassHold {
    inbox: Inbox,
    client_kind: ClientKind,
    is_held: AtomicBool,
}

impl BypassHold {
    fn new(inbox: &Inbox, client_kind: ClientKind) -> Arc<Self> {
        Arc::new(BypassHold { inbox: inbox.clone(), client_kind, is_held: AtomicBool::new(false) })
    }
}

impl Drop for BypassHold {
    fn drop(&mut self) {
        if self.is_held.load(Relaxed) {
            let (reply, _) = oneshot::channel();
            let command = Command::SetBypass { enabled: false };
            // Not delivered only if the player has stopped.
            let _ = self.inbox.send(ActorMessage::Command {
                command,
                from: self.client_kind,
                is_local: true,
                if_rev: None,
                reply,
            });
        }
    }
}

/// Returns the id of a request whose other fields are invalid, so that the error names it.
fn id_of(request: &str) -> Option<u64> {
    #[derive(Deserialize)]
    struct Id {
        id: u64,
    }
    serde_json::from_str::<Id>(request).ok().map(|request| request.id)
}

//! What a surface holds of the player.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use auralis_audio::DiagnosticsHandle;
use auralis_core::{
    Access, ApiError, ClientKind, Command, DataReply, DataRequest, DesktopState, EngineDiagnostics, ErrorCode, Input,
    ListQuery, ListenId, NoticeKind, PairingLink, QueueRow, RemoteServerState, Request, Response, RowItems, RowPage,
    RowQuery, ScrobblingState, TrackId, TrackRow,
};
use auralis_library::{Cover, CoverSize, Library, LibraryError, LibrarySize, Scrobble};
use serde::Deserialize;
use tokio::sync::{mpsc, oneshot, watch};

use super::actor::{Letter, QueueWindow};
use super::{Feed, Places, Program, Secret, Snapshot, Wish, remote_policy};

/// Sends commands to the player and sees what it publishes. Cheap to clone; every surface has one.
#[derive(Clone)]
pub struct Handle {
    inbox: mpsc::UnboundedSender<Letter>,
    published: watch::Receiver<Arc<Snapshot>>,
    library: Library,
    diagnostics: Arc<DiagnosticsHandle>,
    places: Places,
    program: Program,
    secret: Secret,
    surface: ClientKind,
    elsewhere: bool,
    /// Whether this surface holds the comparison with the plain sound.
    compares: Arc<AtomicBool>,
}

/// The player has stopped; everything is saved.
#[derive(Debug)]
pub struct Stopped;

impl Handle {
    pub(super) fn new(
        inbox: mpsc::UnboundedSender<Letter>,
        published: watch::Receiver<Arc<Snapshot>>,
        library: Library,
        diagnostics: Arc<DiagnosticsHandle>,
        places: Places,
        program: Program,
    ) -> Self {
        let secret = Secret::open(places.pairing_file());
        let surface = ClientKind::default();
        Handle {
            inbox,
            published,
            library,
            diagnostics,
            places,
            program,
            secret,
            surface,
            elsewhere: false,
            compares: Arc::default(),
        }
    }

    /// The same, in the hands of another surface.
    pub fn of(&self, surface: ClientKind) -> Self {
        Handle { surface, compares: Arc::default(), ..self.clone() }
    }

    /// The same for a client on another machine: what concerns this machine's files and doors is kept from it.
    pub fn from_elsewhere(&self) -> Self {
        Handle { elsewhere: true, ..self.clone() }
    }

    /// Whether the client is on another machine.
    pub fn is_elsewhere(&self) -> bool {
        self.elsewhere
    }

    /// Answers a request as it came over a socket.
    pub async fn answer(&self, request: &str) -> Response {
        let (id, result) = match serde_json::from_str(request) {
            Ok(Request::Ping {}) => return Response::Pong {},
            Ok(forbidden) if self.require(forbidden.access()).is_err() => {
                (id_of(request), Err(remote_policy::forbidden()))
            }
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
                (Some(id), self.ask(data).await.map(|data| Response::Data { id, data }))
            }
            Ok(Request::RaiseWindow { id, token }) => {
                (Some(id), self.raise(token).map(|rev| Response::Result { id, rev }))
            }
            Err(error) => (id_of(request), Err(ApiError::new(ErrorCode::Malformed, error.to_string()))),
        };
        result.unwrap_or_else(|error| Response::Error { id, error })
    }

    /// What is new to one client, from the whole truth on.
    pub fn feed(&self) -> Feed {
        Feed::new(self.watch(), self.elsewhere)
    }

    /// Carries out a command. `if_rev`: only if neither player nor queue has changed since that revision.
    ///
    /// Returns the revision that it caused, or the one in force if it changed nothing, once that is published.
    pub async fn dispatch(&self, command: Command, if_rev: Option<u64>) -> Result<u64, ApiError> {
        self.require(command.properties().access)?;
        if let Command::SetBypass { enabled } = command {
            self.compares.store(enabled, Relaxed);
        }
        let (reply, answer) = oneshot::channel();
        self.send(Letter::Command { command, from: self.surface, if_rev, reply })?;
        answer.await.map_err(|_| stopping())?.map_err(|refusal| self.without_paths(refusal))
    }

    /// The surface is gone: lets go of what it held.
    pub async fn leave(&self) {
        if self.compares.load(Relaxed) {
            // Refused only by a player that is stopping.
            let _ = self.dispatch(Command::SetBypass { enabled: false }, None).await;
        }
    }

    /// The rows of a list.
    pub async fn query(&self, window: &RowQuery) -> Result<RowPage, ApiError> {
        if window.limit > RowQuery::MAX_ROWS {
            let message = format!("At most {} rows can be asked for at once.", RowQuery::MAX_ROWS);
            return Err(ApiError::for_field(ErrorCode::OutOfRange, "limit", message));
        }
        self.require(window.list.access())?;
        let rows = match window.list {
            ListQuery::Queue {} => self.queue_rows(window).await,
            _ => self.library.rows(window).await.map_err(refusal),
        };
        match rows {
            Ok(rows) if self.elsewhere => Ok(remote_policy::rows(rows)),
            Ok(rows) => Ok(rows),
            Err(refusal) => Err(self.without_paths(refusal)),
        }
    }

    fn require(&self, access: Access) -> Result<(), ApiError> {
        if self.elsewhere { remote_policy::check(access) } else { Ok(()) }
    }

    fn without_paths(&self, refusal: ApiError) -> ApiError {
        if self.elsewhere { remote_policy::refusal(refusal) } else { refusal }
    }

    /// The answer to a question that is no list.
    pub async fn ask(&self, question: DataRequest) -> Result<DataReply, ApiError> {
        self.require(question.access())?;
        Ok(match question {
            DataRequest::Meters {} => DataReply::Meters(self.diagnostics.meters().map(Box::new)),
            DataRequest::Profile { track } => {
                DataReply::Profile(self.library.profile(track).await.map_err(refusal)?.map(Box::new))
            }
            DataRequest::Waveform { track } => {
                DataReply::Waveform(self.library.waveform(track).await.map_err(refusal)?)
            }
        })
    }

    async fn queue_rows(&self, window: &RowQuery) -> Result<RowPage, ApiError> {
        let (reply, answer) = oneshot::channel();
        self.send(Letter::QueueWindow { offset: window.offset, limit: window.limit, reply })?;
        let QueueWindow { revision, total, entries } = answer.await.map_err(|_| stopping())?;
        let ids: Vec<_> = entries.iter().map(|entry| entry.track).collect();
        let tracks = self.library.tracks(&ids).await.map_err(refusal)?;
        let row = |(entry, track): (auralis_core::Entry, _)| QueueRow {
            entry: entry.id,
            user_queued: entry.user_queued,
            track,
        };
        let rows = entries.into_iter().zip(tracks).map(row).collect();
        Ok(RowPage { revision, total, offset: window.offset, items: RowItems::Queue(rows) })
    }

    /// How the engine fares at this moment.
    pub fn diagnostics(&self) -> EngineDiagnostics {
        self.diagnostics.read()
    }

    /// A cover by its content hash; `None` if there is no such picture.
    pub async fn cover(&self, hash: &str, size: CoverSize) -> Result<Option<Cover>, ApiError> {
        self.library.cover(hash, size).await.map_err(refusal)
    }

    /// A cover as a file, for programs that want a path; `None` if there is no such picture.
    pub async fn cover_file(&self, hash: &str, size: CoverSize) -> Result<Option<PathBuf>, ApiError> {
        self.library.cover_file(hash, size).await.map_err(refusal)
    }

    /// The rows of tracks, in the order of `ids`; `None` where there is no such track.
    pub async fn tracks(&self, ids: &[TrackId]) -> Result<Vec<Option<TrackRow>>, ApiError> {
        self.library.tracks(ids).await.map_err(refusal)
    }

    /// Where a track's file is.
    pub async fn path(&self, id: TrackId) -> Result<Option<PathBuf>, ApiError> {
        let track = self.library.track(id).await.map_err(refusal)?;
        Ok(track.map(|track| track.path))
    }

    /// Where the files of tracks are, in the order of `ids`; `None` where there is no such track.
    pub async fn paths(&self, ids: &[TrackId]) -> Result<Vec<Option<PathBuf>>, ApiError> {
        self.library.paths(ids).await.map_err(refusal)
    }

    /// How much music there is.
    pub async fn library_size(&self) -> Result<LibrarySize, ApiError> {
        self.library.size().await.map_err(refusal)
    }

    /// What was published last.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.published.borrow().clone()
    }

    /// To be woken by every change. The first look is always news.
    pub fn watch(&self) -> watch::Receiver<Arc<Snapshot>> {
        let mut published = self.published.clone();
        published.mark_changed();
        published
    }

    /// What lets another device in. `renew`: those that were let in before are forgotten.
    pub fn pair(&self, renew: bool) -> Result<PairingLink, ApiError> {
        self.require(Access::LocalOnly)?;
        match &self.snapshot().view().remote {
            RemoteServerState::Open { url, allow_lan: true, .. } => self.secret.link(url, renew).map_err(|error| {
                let message = format!("The pairing cannot be kept: {error}.");
                ApiError::new(ErrorCode::Failed, message)
            }),
            _ => Err(ApiError::new(ErrorCode::NotPossible, "Other devices cannot come. Let them in first.")),
        }
    }

    /// Shows the main window in front of others; returns the revision in force. `token`: see [`Wish::Raise`].
    pub fn raise(&self, token: Option<String>) -> Result<u64, ApiError> {
        self.require(Access::LocalOnly)?;
        if !self.program.has_windows() {
            return Err(ApiError::new(ErrorCode::NotPossible, "Auralis is running without a window."));
        }
        self.program.wish(Wish::Raise { token });
        Ok(self.snapshot().rev())
    }

    /// The program around the player.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// What other devices must know.
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Tells clients how the remote door stands.
    pub fn set_remote(&self, state: RemoteServerState) {
        // A player that stops has nobody to tell.
        let _ = self.send(Letter::Input(Input::RemoteServerChanged(state)));
    }

    /// Tells the listener of something outside of the player's rules.
    pub fn notice(&self, kind: NoticeKind, subject: String, reason: String) {
        // A player that stops has nobody to tell.
        let _ = self.send(Letter::Input(Input::NoticeRaised { kind, subject, reason }));
    }

    /// Tells clients what the desktop offers.
    pub fn set_desktop(&self, state: DesktopState) {
        let _ = self.send(Letter::Input(Input::DesktopChanged(state)));
    }

    /// Tells clients how scrobbling stands.
    pub fn set_scrobbling(&self, state: ScrobblingState) {
        let _ = self.send(Letter::Input(Input::ScrobblingChanged(state)));
    }

    /// Notes whether plays from now on are to be told to a server.
    pub async fn scrobble(&self, on: bool) -> Result<(), ApiError> {
        self.library.set_scrobbling(on).await.map_err(refusal)
    }

    /// Plays that are to be told and have not been, the first `most` of them, and how many there are in all.
    pub async fn unscrobbled(&self, most: u32) -> Result<(Vec<Scrobble>, u32), ApiError> {
        self.library.pending_scrobbles(most).await.map_err(refusal)
    }

    /// Notes that plays have been told, up to this one.
    pub async fn scrobbled(&self, last: ListenId) -> Result<(), ApiError> {
        self.library.mark_scrobbled(last).await.map_err(refusal)
    }

    /// Where the app's files are.
    pub fn places(&self) -> &Places {
        &self.places
    }

    /// Saves everything and stops the sound. Commands after this are refused.
    pub async fn stop(&self) -> Stopped {
        let (reply, stopped) = oneshot::channel();
        if self.send(Letter::Stop { reply }).is_ok() {
            let _ = stopped.await;
        }
        Stopped
    }

    pub(super) async fn wait_for_truth(&mut self) {
        // The library tells what it has when it opens; before that, it would look empty.
        let _ = self.published.wait_for(|snapshot| snapshot.view().library.revision > 0).await;
    }

    fn send(&self, letter: Letter) -> Result<(), ApiError> {
        self.inbox.send(letter).map_err(|_| stopping())
    }
}

/// The id of a request whose rest cannot be read, so that its sender learns which one it was.
fn id_of(request: &str) -> Option<u64> {
    #[derive(Deserialize)]
    struct Id {
        id: u64,
    }
    serde_json::from_str::<Id>(request).ok().map(|request| request.id)
}

fn stopping() -> ApiError {
    ApiError::new(ErrorCode::NotPossible, "Auralis is closing.")
}

pub(super) fn refusal(error: LibraryError) -> ApiError {
    let code = match &error {
        LibraryError::UnknownRoot(_)
        | LibraryError::UnknownTrack(_)
        | LibraryError::UnknownFolder(_)
        | LibraryError::UnknownPlaylist(_)
        | LibraryError::UnknownEntry(_)
        | LibraryError::UnknownListen(_) => ErrorCode::NotFound,
        LibraryError::InvalidPattern(_)
        | LibraryError::TooManyFiles(_)
        | LibraryError::TooManyTracks(_)
        | LibraryError::WindowTooLarge(_) => ErrorCode::OutOfRange,
        LibraryError::RootRefused { .. }
        | LibraryError::QueueNotAList
        | LibraryError::NameTaken(_)
        | LibraryError::InvalidEdit(_) => ErrorCode::NotPossible,
        LibraryError::NewerSchema(_) | LibraryError::File { .. } | LibraryError::Database(_) => ErrorCode::Failed,
    };
    ApiError::new(code, error.to_string())
}

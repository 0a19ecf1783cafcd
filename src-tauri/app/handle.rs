//! What a surface holds of the player.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use auralis_audio::Gauges;
use auralis_core::{
    Answer, Command, DesktopState, Diagnostics, Input, Items, List, ListenId, NoticeKind, Pairing, Question, QueueRow,
    Refusal, RefusalCode, RemoteState, Request, Rows, ScrobblingState, Surface, Told, TrackId, TrackRow, Window,
};
use auralis_library::{Cover, CoverSize, Library, LibraryError, LibrarySize, Scrobble};
use serde::Deserialize;
use tokio::sync::{mpsc, oneshot, watch};

use super::actor::{Letter, QueueWindow};
use super::{Feed, Places, Program, Secret, Snapshot, Wish, elsewhere};

/// Sends commands to the player and sees what it publishes. Cheap to clone; every surface has one.
#[derive(Clone)]
pub struct Handle {
    inbox: mpsc::UnboundedSender<Letter>,
    published: watch::Receiver<Arc<Snapshot>>,
    library: Library,
    gauges: Arc<Gauges>,
    places: Places,
    program: Program,
    secret: Secret,
    surface: Surface,
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
        gauges: Arc<Gauges>,
        places: Places,
        program: Program,
    ) -> Self {
        let secret = Secret::open(places.pairing_file());
        let surface = Surface::default();
        Handle {
            inbox,
            published,
            library,
            gauges,
            places,
            program,
            secret,
            surface,
            elsewhere: false,
            compares: Arc::default(),
        }
    }

    /// The same, in the hands of another surface.
    pub fn of(&self, surface: Surface) -> Self {
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
    pub async fn answer(&self, request: &str) -> Answer {
        let (id, result) = match serde_json::from_str(request) {
            Ok(Request::Ping {}) => return Answer::Pong {},
            Ok(Request::Command { id, if_rev, data }) => {
                (Some(id), self.dispatch(data, if_rev).await.map(|rev| Answer::Result { id, rev }))
            }
            Ok(Request::Query { id, data }) => {
                (Some(id), self.query(&data).await.map(|data| Answer::Rows { id, data }))
            }
            Ok(Request::Diagnostics { id }) => (Some(id), Ok(Answer::Diagnostics { id, data: self.diagnostics() })),
            Ok(Request::Pair { id, renew }) => (Some(id), self.pair(renew).map(|data| Answer::Pairing { id, data })),
            Ok(Request::Ask { id, data }) => (Some(id), self.ask(data).await.map(|data| Answer::Told { id, data })),
            Ok(Request::Raise { id, token }) => (Some(id), self.raise(token).map(|rev| Answer::Result { id, rev })),
            Err(error) => (id_of(request), Err(Refusal::new(RefusalCode::Malformed, error.to_string()))),
        };
        result.unwrap_or_else(|error| Answer::Refused { id, error })
    }

    /// What is new to one client, from the whole truth on.
    pub fn feed(&self) -> Feed {
        Feed::new(self.watch(), self.elsewhere)
    }

    /// Carries out a command. `if_rev`: only if neither player nor queue has changed since that revision.
    ///
    /// Returns the revision that it caused, or the one in force if it changed nothing, once that is published.
    pub async fn dispatch(&self, command: Command, if_rev: Option<u64>) -> Result<u64, Refusal> {
        if self.elsewhere {
            elsewhere::allow(&command)?;
        }
        if let Command::Compare { on } = command {
            self.compares.store(on, Relaxed);
        }
        let (reply, answer) = oneshot::channel();
        self.send(Letter::Command { command, from: self.surface, if_rev, reply })?;
        answer.await.map_err(|_| stopping())?.map_err(|refusal| self.without_paths(refusal))
    }

    /// The surface is gone: lets go of what it held.
    pub async fn leave(&self) {
        if self.compares.load(Relaxed) {
            // Refused only by a player that is stopping.
            let _ = self.dispatch(Command::Compare { on: false }, None).await;
        }
    }

    /// The rows of a list.
    pub async fn query(&self, window: &Window) -> Result<Rows, Refusal> {
        if window.limit > Window::LIMIT {
            let message = format!("At most {} rows can be asked for at once.", Window::LIMIT);
            return Err(Refusal::of_field(RefusalCode::OutOfRange, "limit", message));
        }
        if self.elsewhere && matches!(window.of, List::Tags { .. }) {
            return Err(elsewhere::forbidden());
        }
        let rows = match window.of {
            List::Queue {} => self.queue_rows(window).await,
            _ => self.library.rows(window).await.map_err(refusal),
        };
        match rows {
            Ok(rows) if self.elsewhere => Ok(elsewhere::rows(rows)),
            Ok(rows) => Ok(rows),
            Err(refusal) => Err(self.without_paths(refusal)),
        }
    }

    fn without_paths(&self, refusal: Refusal) -> Refusal {
        if self.elsewhere { elsewhere::refusal(refusal) } else { refusal }
    }

    /// The answer to a question that is no list.
    pub async fn ask(&self, question: Question) -> Result<Told, Refusal> {
        Ok(match question {
            Question::Meters {} => Told::Meters(self.gauges.meters().map(Box::new)),
            Question::Profile { track } => {
                Told::Profile(self.library.profile(track).await.map_err(refusal)?.map(Box::new))
            }
            Question::Waveform { track } => Told::Waveform(self.library.waveform(track).await.map_err(refusal)?),
        })
    }

    async fn queue_rows(&self, window: &Window) -> Result<Rows, Refusal> {
        let (reply, answer) = oneshot::channel();
        self.send(Letter::QueueWindow { offset: window.offset, limit: window.limit, reply })?;
        let QueueWindow { revision, total, entries } = answer.await.map_err(|_| stopping())?;
        let ids: Vec<_> = entries.iter().map(|entry| entry.track).collect();
        let tracks = self.library.tracks(&ids).await.map_err(refusal)?;
        let row = |(entry, track): (auralis_core::Entry, _)| QueueRow { entry: entry.id, queued: entry.queued, track };
        let rows = entries.into_iter().zip(tracks).map(row).collect();
        Ok(Rows { revision, total, offset: window.offset, items: Items::Queue(rows) })
    }

    /// How the engine fares at this moment.
    pub fn diagnostics(&self) -> Diagnostics {
        self.gauges.read()
    }

    /// A cover by its content hash; `None` if there is no such picture.
    pub async fn cover(&self, hash: &str, size: CoverSize) -> Result<Option<Cover>, Refusal> {
        self.library.cover(hash, size).await.map_err(refusal)
    }

    /// A cover as a file, for programs that want a path; `None` if there is no such picture.
    pub async fn cover_file(&self, hash: &str, size: CoverSize) -> Result<Option<PathBuf>, Refusal> {
        self.library.cover_file(hash, size).await.map_err(refusal)
    }

    /// The rows of tracks, in the order of `ids`; `None` where there is no such track.
    pub async fn tracks(&self, ids: &[TrackId]) -> Result<Vec<Option<TrackRow>>, Refusal> {
        self.library.tracks(ids).await.map_err(refusal)
    }

    /// Where a track's file is.
    pub async fn path(&self, id: TrackId) -> Result<Option<PathBuf>, Refusal> {
        let track = self.library.track(id).await.map_err(refusal)?;
        Ok(track.map(|track| track.path))
    }

    /// Where the files of tracks are, in the order of `ids`; `None` where there is no such track.
    pub async fn paths(&self, ids: &[TrackId]) -> Result<Vec<Option<PathBuf>>, Refusal> {
        self.library.paths(ids).await.map_err(refusal)
    }

    /// How much music there is.
    pub async fn library_size(&self) -> Result<LibrarySize, Refusal> {
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
    pub fn pair(&self, renew: bool) -> Result<Pairing, Refusal> {
        if self.elsewhere {
            return Err(elsewhere::forbidden());
        }
        match &self.snapshot().view().remote {
            RemoteState::Open { url, lan: true, .. } => self.secret.link(url, renew).map_err(|error| {
                let message = format!("The pairing cannot be kept: {error}.");
                Refusal::new(RefusalCode::Failed, message)
            }),
            _ => Err(Refusal::new(RefusalCode::NotPossible, "Other devices cannot come. Let them in first.")),
        }
    }

    /// Shows the main window in front of others; returns the revision in force. `token`: see [`Wish::Raise`].
    pub fn raise(&self, token: Option<String>) -> Result<u64, Refusal> {
        if self.elsewhere {
            return Err(elsewhere::forbidden());
        }
        if !self.program.has_windows() {
            return Err(Refusal::new(RefusalCode::NotPossible, "Auralis is running without a window."));
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
    pub fn set_remote(&self, state: RemoteState) {
        // A player that stops has nobody to tell.
        let _ = self.send(Letter::Input(Input::Remote(state)));
    }

    /// Tells the listener of something outside of the player's rules.
    pub fn notice(&self, kind: NoticeKind, subject: String, reason: String) {
        // A player that stops has nobody to tell.
        let _ = self.send(Letter::Input(Input::Noticed { kind, subject, reason }));
    }

    /// Tells clients what the desktop offers.
    pub fn set_desktop(&self, state: DesktopState) {
        let _ = self.send(Letter::Input(Input::Desktop(state)));
    }

    /// Tells clients how scrobbling stands.
    pub fn set_scrobbling(&self, state: ScrobblingState) {
        let _ = self.send(Letter::Input(Input::Scrobbling(state)));
    }

    /// Notes whether plays from now on are to be told to a server.
    pub async fn scrobble(&self, on: bool) -> Result<(), Refusal> {
        self.library.scrobble(on).await.map_err(refusal)
    }

    /// Plays that are to be told and have not been, the first `most` of them, and how many there are in all.
    pub async fn unscrobbled(&self, most: u32) -> Result<(Vec<Scrobble>, u32), Refusal> {
        self.library.unscrobbled(most).await.map_err(refusal)
    }

    /// Notes that plays have been told, up to this one.
    pub async fn scrobbled(&self, last: ListenId) -> Result<(), Refusal> {
        self.library.scrobbled(last).await.map_err(refusal)
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

    fn send(&self, letter: Letter) -> Result<(), Refusal> {
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

fn stopping() -> Refusal {
    Refusal::new(RefusalCode::NotPossible, "Auralis is closing.")
}

pub(super) fn refusal(error: LibraryError) -> Refusal {
    let code = match &error {
        LibraryError::UnknownRoot(_)
        | LibraryError::UnknownTrack(_)
        | LibraryError::UnknownFolder(_)
        | LibraryError::UnknownPlaylist(_)
        | LibraryError::UnknownEntry(_)
        | LibraryError::UnknownListen(_) => RefusalCode::NotFound,
        LibraryError::Search(_)
        | LibraryError::TooManyFiles(_)
        | LibraryError::TooManyTracks(_)
        | LibraryError::WindowTooLarge(_) => RefusalCode::OutOfRange,
        LibraryError::RootRefused { .. }
        | LibraryError::NotOfTheLibrary
        | LibraryError::NameTaken(_)
        | LibraryError::WrongKind(_) => RefusalCode::NotPossible,
        LibraryError::Newer(_) | LibraryError::File { .. } | LibraryError::Database(_) => RefusalCode::Failed,
    };
    Refusal::new(code, error.to_string())
}

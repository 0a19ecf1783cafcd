//! The loop that owns the truth: a letter in, effects out, the difference published.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use auralis_audio::Engine;
use auralis_core::{ApiError, ClientKind, Command, CommandId, Core, Effect, Entry, ErrorCode, Input, Listen};
use auralis_library::Library;
use tokio::sync::{mpsc, oneshot, watch};

use super::Snapshot;
use super::analysis;
use super::export_job::Exporting;
use super::handle::refusal;
use super::session::Keeper;

/// What comes into the inbox.
#[derive(Debug)]
pub(super) enum Letter {
    /// A client's wish.
    Command { command: Command, from: ClientKind, if_rev: Option<u64>, reply: oneshot::Sender<Result<u64, ApiError>> },
    /// A report of engine or library.
    Input(Input),
    /// A client's look at the queue.
    QueueWindow { offset: u32, limit: u32, reply: oneshot::Sender<QueueWindow> },
    /// The end.
    Stop { reply: oneshot::Sender<()> },
}

/// Entries of the queue at one revision.
#[derive(Debug)]
pub(super) struct QueueWindow {
    pub(super) revision: u64,
    pub(super) total: u32,
    pub(super) entries: Vec<Entry>,
}

/// See the module.
pub(super) struct Actor {
    core: Core,
    engine: Engine,
    library: Library,
    keeper: Keeper,
    exporting: Option<Exporting>,
    snapshot: Snapshot,
    snapshots: watch::Sender<Arc<Snapshot>>,
    inbox: mpsc::UnboundedSender<Letter>,
    born: Instant,
    next_command: u64,
    /// Commands under way.
    asked: HashMap<CommandId, oneshot::Sender<Result<u64, ApiError>>>,
    /// Commands that are done, but whose effect is not yet published.
    done: Vec<oneshot::Sender<Result<u64, ApiError>>>,
}

impl Actor {
    pub(super) fn new(
        core: Core,
        engine: Engine,
        library: Library,
        keeper: Keeper,
        snapshots: watch::Sender<Arc<Snapshot>>,
        inbox: mpsc::UnboundedSender<Letter>,
    ) -> Self {
        let snapshot = Snapshot::clone(&snapshots.borrow());
        Actor {
            core,
            engine,
            library,
            keeper,
            exporting: None,
            snapshot,
            snapshots,
            inbox,
            born: Instant::now(),
            next_command: 0,
            asked: HashMap::new(),
            done: Vec::new(),
        }
    }

    /// Carries out what the core wants before anything has happened.
    pub(super) fn begin(&mut self, effects: Vec<Effect>) {
        self.carry_out(effects);
        self.publish();
    }

    pub(super) async fn run(mut self, mut letters: mpsc::UnboundedReceiver<Letter>) {
        while let Some(letter) = letters.recv().await {
            match letter {
                Letter::Command { command, from, if_rev, reply } => self.command(command, from, if_rev, reply),
                Letter::Input(input) => self.input(input),
                Letter::QueueWindow { offset, limit, reply } => self.queue_slice(offset, limit, reply),
                Letter::Stop { reply } => {
                    letters.close();
                    self.keep();
                    if let Some(listen) = self.core.finish_listen(self.born.elapsed().as_secs_f64()) {
                        note(self.library.clone(), listen).await;
                    }
                    drop(self.engine);
                    if let Some(exporting) = self.exporting {
                        exporting.finish().await;
                    }
                    self.keeper.finish().await;
                    self.library.close().await;
                    let _ = reply.send(());
                    return;
                }
            }
        }
    }

    fn command(
        &mut self,
        command: Command,
        from: ClientKind,
        if_rev: Option<u64>,
        reply: oneshot::Sender<Result<u64, ApiError>>,
    ) {
        // Also a change that waits for the library is one that the client has not seen.
        if if_rev.is_some_and(|rev| self.snapshot.has_moved_on_from(rev) || !self.core.is_idle()) {
            let refusal = ApiError::for_field(ErrorCode::Stale, "if_rev", "The player has changed since.");
            let _ = reply.send(Err(refusal));
            return;
        }
        let id = CommandId(self.next_command);
        self.next_command += 1;
        self.asked.insert(id, reply);
        self.input(Input::Command { id, from, command });
    }

    fn input(&mut self, input: Input) {
        tracing::trace!(?input);
        let effects = self.core.handle(input, self.born.elapsed().as_secs_f64());
        self.carry_out(effects);
        self.publish();
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Engine(command) => self.engine.send(command),
                Effect::CompleteCommand { id, result } => self.answer(id, result),
                Effect::ExportMastered { tracks, export, settings } => {
                    let (library, inbox) = (self.library.clone(), self.inbox.clone());
                    self.exporting = Some(Exporting::start(library, inbox, tracks, export, settings));
                }
                Effect::CancelExport => self.exporting.iter().for_each(Exporting::cancel),
                Effect::RecordListen(listen) => drop(tokio::spawn(note(self.library.clone(), listen))),
                Effect::ReadTrack(id) => self.ask_library(async move |library| {
                    let track = analysis::track(&library, id).await.unwrap_or_else(|error| {
                        tracing::error!(%error, track = id.0, "a track cannot be read");
                        None
                    });
                    Input::TrackRead { id, track }
                }),
                Effect::ResolveTracks { id, tracks } => self.ask_library(async move |library| Input::TracksResolved {
                    id,
                    result: library.track_ids(&tracks).await.map_err(refusal),
                }),
                Effect::Library { id, command } => self.ask_library(async move |library| {
                    Input::LibraryCommandFinished { id, result: library.execute(command).await.map_err(refusal) }
                }),
            }
        }
    }

    /// Never waits: the answer comes into the inbox like everything else.
    fn ask_library<Response>(&self, question: impl FnOnce(Library) -> Response)
    where
        Response: Future<Output = Input> + Send + 'static,
    {
        let answer = question(self.library.clone());
        let inbox = self.inbox.clone();
        tokio::spawn(async move { inbox.send(Letter::Input(answer.await)) });
    }

    fn answer(&mut self, id: CommandId, result: Result<(), ApiError>) {
        let Some(reply) = self.asked.remove(&id) else { return };
        match result {
            Ok(()) => self.done.push(reply),
            Err(refusal) => drop(reply.send(Err(refusal))),
        }
    }

    /// The one place where clients are told of a change, so that nobody can forget to.
    fn publish(&mut self) {
        let Some(view) = self.core.view() else { return };
        if self.snapshot.publish(view) {
            self.snapshots.send_replace(Arc::new(self.snapshot.clone()));
            self.keep();
        }
        for reply in self.done.drain(..) {
            let _ = reply.send(Ok(self.snapshot.rev()));
        }
    }

    fn keep(&mut self) {
        let revision = self.snapshot.view().queue.revision;
        self.keeper.keep(revision, self.core.saved_playback(), || self.core.saved_queue());
    }

    fn queue_slice(&self, offset: u32, limit: u32, reply: oneshot::Sender<QueueWindow>) {
        let entries = self.core.queue_slice(offset, limit);
        let state = self.core.queue_state();
        let _ = reply.send(QueueWindow { revision: state.revision, total: state.length, entries });
    }
}

async fn note(library: Library, listen: Listen) {
    if let Err(error) = library.record_listen(&listen).await {
        tracing::error!(%error, track = listen.track.0, "a listening cannot be noted");
    }
}

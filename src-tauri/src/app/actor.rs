//! The player actor: receives messages, runs the core's effects and publishes state changes.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use auralis_audio::Engine;
use auralis_core::{ApiError, ClientKind, Command, CommandId, Core, Effect, ErrorCode, Input, Listen, TrackId};
use auralis_library::Library;
use tokio::sync::{mpsc, oneshot, watch};

use super::analysis;
use super::errors::library_error;
use super::export_job::ExportJob;
use super::message::{ActorMessage, Inbox, QueueSlice, RoomRequest};
use super::publish::Snapshot;
use super::session::SessionWriter;

/// How often an offline folder is checked while playback waits for it.
const FOLDER_CHECK_INTERVAL: Duration = Duration::from_secs(2);

type Reply = oneshot::Sender<Result<u64, ApiError>>;

/// Owns the core, the engine and the library. See the module.
pub(super) struct Actor {
    core: Core,
    engine: Engine,
    library: Library,
    session_writer: SessionWriter,
    export_job: Option<ExportJob>,
    room_requests: mpsc::UnboundedSender<RoomRequest>,
    snapshot: Snapshot,
    snapshots: watch::Sender<Arc<Snapshot>>,
    inbox: Inbox,
    started_at: Instant,
    next_command: u64,
    /// Replies of commands that are still running.
    pending_replies: HashMap<CommandId, Reply>,
    /// Replies of finished commands, sent once their effect is published.
    unpublished_replies: Vec<Reply>,
}

impl Actor {
    pub(super) fn new(
        core: Core,
        engine: Engine,
        library: Library,
        session_writer: SessionWriter,
        snapshots: watch::Sender<Arc<Snapshot>>,
        inbox: Inbox,
        room_requests: mpsc::UnboundedSender<RoomRequest>,
    ) -> Self {
        let snapshot = Snapshot::clone(&snapshots.borrow());
        Actor {
            core,
            engine,
            library,
            session_writer,
            export_job: None,
            room_requests,
            snapshot,
            snapshots,
            inbox,
            started_at: Instant::now(),
            next_command: 0,
            pending_replies: HashMap::new(),
            unpublished_replies: Vec::new(),
        }
    }

    /// Runs the effects of starting the core.
    pub(super) fn run_initial_effects(&mut self, effects: Vec<Effect>) {
        self.run_effects(effects);
        self.publish();
    }

    /// Handles messages until [`ActorMessage::Stop`].
    pub(super) async fn run(mut self, mut messages: mpsc::UnboundedReceiver<ActorMessage>) {
        while let Some(message) = messages.recv().await {
            match message {
                ActorMessage::Command { command, from, is_local, if_rev, reply } => {
                    self.command(command, from, is_local, if_rev, reply);
                }
                ActorMessage::Input(input) => self.input(input),
                ActorMessage::GetQueueSlice { offset, limit, reply } => self.send_queue_slice(offset, limit, reply),
                ActorMessage::Stop { reply } => {
                    messages.close();
                    self.stop().await;
                    let _ = reply.send(());
                    return;
                }
            }
        }
    }

    async fn stop(mut self) {
        self.save_session();
        if let Some(listen) = self.core.finish_listen(self.started_at.elapsed().as_secs_f64()) {
            record_listen(self.library.clone(), listen).await;
        }
        drop(self.engine);
        if let Some(export_job) = self.export_job {
            export_job.finish().await;
        }
        self.session_writer.finish().await;
        self.library.close().await;
    }

    fn command(&mut self, command: Command, from: ClientKind, is_local: bool, if_rev: Option<u64>, reply: Reply) {
        // A pending library lookup also makes `if_rev` stale.
        if if_rev.is_some_and(|rev| self.snapshot.player_changed_since(rev) || !self.core.is_idle()) {
            let error = ApiError::for_field(ErrorCode::Stale, "if_rev", "The player has changed since.");
            let _ = reply.send(Err(error));
            return;
        }
        let id = CommandId(self.next_command);
        self.next_command += 1;
        self.pending_replies.insert(id, reply);
        self.input(Input::Command { id, from, is_local, command });
    }

    fn input(&mut self, input: Input) {
        tracing::trace!(?input);
        let effects = self.core.handle(input, self.started_at.elapsed().as_secs_f64());
        self.run_effects(effects);
        self.publish();
    }

    fn run_effects(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Engine(command) => self.engine.send(command),
                Effect::CompleteCommand { id, result } => self.complete_command(id, result),
                Effect::ExportMastered { tracks, export, settings } => {
                    let (library, inbox) = (self.library.clone(), self.inbox.clone());
                    self.export_job = Some(ExportJob::start(library, inbox, tracks, export, settings));
                }
                Effect::ChangeRoom { id, change } => drop(self.room_requests.send(RoomRequest { id, change })),
                Effect::CancelExport => self.export_job.iter().for_each(ExportJob::cancel),
                Effect::CheckFolder(track) => self.ask_library(async move |library| Input::FolderChecked {
                    track,
                    offline: offline_folder(&library, track).await,
                }),
                Effect::AwaitFolder { track, folder } => self.ask_library(async move |library| {
                    while offline_folder(&library, track).await.is_some() {
                        tokio::time::sleep(FOLDER_CHECK_INTERVAL).await;
                    }
                    Input::FolderOnline(folder)
                }),
                Effect::RetainEdits { edits, newest } => {
                    let library = self.library.clone();
                    tokio::spawn(async move {
                        if let Err(error) = library.retain_edits(&edits, newest).await {
                            tracing::warn!(%error, "failed to drop the undo records of old edits");
                        }
                    });
                }
                Effect::RecordListen(listen) => drop(tokio::spawn(record_listen(self.library.clone(), listen))),
                Effect::ReadTrack(id) => self.ask_library(async move |library| {
                    let track = analysis::read_track(&library, id).await.unwrap_or_else(|error| {
                        tracing::error!(%error, track = id.0, "failed to read track");
                        None
                    });
                    Input::TrackRead { id, track }
                }),
                Effect::ResolveTracks { id, tracks } => self.ask_library(async move |library| Input::TracksResolved {
                    id,
                    result: library.track_ids(&tracks).await.map_err(library_error),
                }),
                Effect::Library { id, command } => self.ask_library(async move |library| {
                    Input::LibraryCommandFinished { id, result: library.execute(command).await.map_err(library_error) }
                }),
            }
        }
    }

    /// Never waits: the answer arrives in the inbox.
    fn ask_library<Response>(&self, question: impl FnOnce(Library) -> Response)
    where
        Response: Future<Output = Input> + Send + 'static,
    {
        let answer = question(self.library.clone());
        let inbox = self.inbox.clone();
        tokio::spawn(async move { inbox.send_input(answer.await) });
    }

    fn complete_command(&mut self, id: CommandId, result: Result<(), ApiError>) {
        let Some(reply) = self.pending_replies.remove(&id) else { return };
        match result {
            Ok(()) => self.unpublished_replies.push(reply),
            Err(error) => drop(reply.send(Err(error))),
        }
    }

    /// Publishes state changes. Every input ends here.
    fn publish(&mut self) {
        let Some(view) = self.core.view() else { return };
        if self.snapshot.publish(view) {
            self.snapshots.send_replace(Arc::new(self.snapshot.clone()));
            self.save_session();
        }
        for reply in self.unpublished_replies.drain(..) {
            let _ = reply.send(Ok(self.snapshot.rev()));
        }
    }

    fn save_session(&mut self) {
        let revision = self.core.saved_queue_revision();
        self.session_writer.save(revision, self.core.saved_playback(), || self.core.saved_queue());
    }

    fn send_queue_slice(&self, offset: u32, limit: u32, reply: oneshot::Sender<QueueSlice>) {
        let entries = self.core.queue_slice(offset, limit);
        let state = self.core.queue_state();
        let _ = reply.send(QueueSlice { revision: state.revision, total: state.length, entries });
    }
}

/// Returns the library folder of a track if it is offline.
async fn offline_folder(library: &Library, track: TrackId) -> Option<String> {
    let folder = library.offline_folder(track).await.unwrap_or_else(|error| {
        tracing::error!(%error, track = track.0, "failed to check the folder of a track");
        None
    });
    folder.map(|folder| folder.display().to_string())
}

async fn record_listen(library: Library, listen: Listen) {
    if let Err(error) = library.record_listen(&listen).await {
        tracing::error!(%error, track = listen.track.0, "failed to record listen");
    }
}

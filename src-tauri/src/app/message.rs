//! Messages to the player actor.

use auralis_core::{ApiError, ClientKind, Command, CommandId, Entry, Input, NoticeKind, RoomChange};
use tokio::sync::{mpsc, oneshot};

/// A message to the player actor.
#[derive(Debug)]
pub(super) enum ActorMessage {
    /// A client's command. `reply` gets the revision that it caused, once that is published.
    Command {
        command: Command,
        from: ClientKind,
        /// Whether the client is on this machine.
        is_local: bool,
        /// Run it only if neither player nor queue has changed since this revision.
        if_rev: Option<u64>,
        reply: oneshot::Sender<Result<u64, ApiError>>,
    },
    /// An event from the engine, the library or a service.
    Input(Input),
    /// A request for part of the queue.
    GetQueueSlice { offset: u32, limit: u32, reply: oneshot::Sender<QueueSlice> },
    /// Save everything and stop.
    Stop { reply: oneshot::Sender<()> },
}

/// A slice of the queue at one revision.
#[derive(Debug)]
pub(super) struct QueueSlice {
    pub(super) revision: u64,
    /// Entries in the whole queue.
    pub(super) total: u32,
    pub(super) entries: Vec<Entry>,
}

/// A change of a room that a client wants, to be completed by [`super::AppServices::complete_room_change`].
#[derive(Debug)]
pub struct RoomRequest {
    /// The command to complete.
    pub id: CommandId,
    /// The change.
    pub change: RoomChange,
}

/// The actor has stopped; the message was not delivered.
#[derive(Debug)]
pub(super) struct ActorStopped;

/// The sending end of the actor's inbox. Cheap to clone; sending never blocks.
#[derive(Debug, Clone)]
pub(super) struct Inbox(mpsc::UnboundedSender<ActorMessage>);

impl Inbox {
    pub(super) fn new() -> (Self, mpsc::UnboundedReceiver<ActorMessage>) {
        let (sender, messages) = mpsc::unbounded_channel();
        (Inbox(sender), messages)
    }

    pub(super) fn send(&self, message: ActorMessage) -> Result<(), ActorStopped> {
        self.0.send(message).map_err(|_| ActorStopped)
    }

    /// Reports an event. Ignored once the actor has stopped.
    pub(super) fn send_input(&self, input: Input) {
        let _ = self.send(ActorMessage::Input(input));
    }

    /// Shows the user a notification. Ignored once the actor has stopped.
    pub(super) fn notify(&self, kind: NoticeKind, subject: String, reason: String) {
        self.send_input(Input::NoticeRaised { kind, subject, reason });
    }
}

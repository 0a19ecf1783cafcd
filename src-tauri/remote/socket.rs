//! The compact stream: hello, then every change; requests are answered in the order they come.

use std::time::Duration;

use auralis_core::{Answer, Hello, Refusal, RefusalCode, Request};
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::response::Response;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::Door;
use crate::app::{Handle, Snapshot};

const PROTOCOL: &str = "auralis.v2";
/// Room for a command that names 100,000 tracks.
const MOST_BYTES: usize = 1 << 20;
/// A client that takes nothing for so long is let go.
const PATIENCE: Duration = Duration::from_secs(10);
/// Answers that wait to be taken before the client's next request is read.
const ANSWERS_WAITING: usize = 16;

pub(super) async fn open(State(door): State<Door>, upgrade: WebSocketUpgrade) -> Response {
    let asked_for_it = upgrade.requested_protocols().any(|protocol| protocol.as_bytes() == PROTOCOL.as_bytes());
    let handle = door.handle;
    upgrade.protocols([PROTOCOL]).max_message_size(MOST_BYTES).max_frame_size(MOST_BYTES).on_upgrade(
        async move |socket| {
            if asked_for_it {
                serve(socket, handle).await;
            } else {
                refuse(socket).await;
            }
        },
    )
}

async fn refuse(mut socket: WebSocket) {
    let reason = Utf8Bytes::from_static("Ask for the subprotocol auralis.v2.");
    let _ = socket.send(Message::Close(Some(CloseFrame { code: close_code::PROTOCOL, reason }))).await;
}

async fn serve(socket: WebSocket, handle: Handle) {
    let (mut outgoing, incoming) = socket.split();
    let (answers, mut answered) = mpsc::channel(ANSWERS_WAITING);
    let mut snapshots = handle.watch();
    let reading = tokio::spawn(answer_requests(incoming, handle, answers));
    let mut seen = None;
    loop {
        let messages = tokio::select! {
            changed = snapshots.changed() => match changed {
                Ok(()) => unseen(&snapshots.borrow_and_update(), &mut seen),
                Err(_) => break,
            },
            answer = answered.recv() => match answer {
                // What a command caused is known before its result.
                Some(answer) => {
                    let mut messages = unseen(&snapshots.borrow_and_update(), &mut seen);
                    messages.push(encode(&answer));
                    messages
                }
                None => break,
            },
        };
        if send(&mut outgoing, messages).await.is_err() {
            break;
        }
    }
    reading.abort();
}

/// The hello for a client that has nothing yet, else the messages it has not seen.
fn unseen(snapshot: &Snapshot, seen: &mut Option<u64>) -> Vec<Utf8Bytes> {
    let messages = match *seen {
        None => vec![encode(&Greeting::Hello(&snapshot.hello()))],
        Some(rev) => snapshot.newer_than(rev).map(|published| Utf8Bytes::from(&*published.json)).collect(),
    };
    *seen = Some(snapshot.rev());
    messages
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Greeting<'a> {
    Hello(&'a Hello),
}

async fn send(outgoing: &mut SplitSink<WebSocket, Message>, messages: Vec<Utf8Bytes>) -> Result<(), ()> {
    for message in messages {
        let sending = outgoing.send(Message::Text(message));
        timeout(PATIENCE, sending).await.map_err(|_| ())?.map_err(|_| ())?;
    }
    Ok(())
}

/// One request at a time: a client that floods waits for its own answers.
async fn answer_requests(mut incoming: SplitStream<WebSocket>, handle: Handle, answers: mpsc::Sender<Answer>) {
    while let Some(Ok(message)) = incoming.next().await {
        let answer = match message {
            Message::Text(text) => answer(&handle, &text).await,
            Message::Binary(_) => refused(None, Refusal::new(RefusalCode::Malformed, "Messages are JSON text.")),
            Message::Close(_) => return,
            Message::Ping(_) | Message::Pong(_) => continue,
        };
        if answers.send(answer).await.is_err() {
            return;
        }
    }
}

async fn answer(handle: &Handle, text: &str) -> Answer {
    match serde_json::from_str(text) {
        Ok(Request::Ping {}) => Answer::Pong {},
        Ok(Request::Command { id, if_rev, data }) => match handle.dispatch(data, if_rev).await {
            Ok(rev) => Answer::Result { id, rev },
            Err(refusal) => refused(Some(id), refusal),
        },
        Ok(Request::Query { id, data }) => match handle.query(&data).await {
            Ok(rows) => Answer::Rows { id, data: rows },
            Err(refusal) => refused(Some(id), refusal),
        },
        Ok(Request::Diagnostics { id }) => Answer::Diagnostics { id, data: handle.diagnostics() },
        Ok(Request::Pair { id, renew }) => match handle.pair(renew) {
            Ok(data) => Answer::Pairing { id, data },
            Err(refusal) => refused(Some(id), refusal),
        },
        Err(error) => refused(id_of(text), Refusal::new(RefusalCode::Malformed, error.to_string())),
    }
}

/// The id of a request whose rest cannot be read, so that its sender learns which one it was.
fn id_of(text: &str) -> Option<u64> {
    #[derive(Deserialize)]
    struct Id {
        id: u64,
    }
    serde_json::from_str::<Id>(text).ok().map(|request| request.id)
}

fn refused(id: Option<u64>, error: Refusal) -> Answer {
    Answer::Refused { id, error }
}

fn encode(message: &impl Serialize) -> Utf8Bytes {
    serde_json::to_string(message)
        .unwrap_or_else(|error| {
            tracing::error!(%error, "a message cannot be encoded");
            String::new()
        })
        .into()
}

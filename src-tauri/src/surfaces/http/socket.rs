//! A WebSocket: every change goes out, requests are answered in the order they come.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use auralis_core::{ApiError, ClientKind, ErrorCode};
use axum::extract::ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{FutureExt, SinkExt, StreamExt};
use serde::Serialize;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::api_v1;
use super::http_error::Failure;
use super::server::{Door, Peer};
use crate::app::{self, Handle};

const PROTOCOL: &str = "auralis.v2";
/// Room for a command that names 100,000 tracks.
const MOST_BYTES: usize = 1 << 20;
/// What is read ahead; the usual 128 KiB would be most of what a client costs.
const READ_BYTES: usize = 4 << 10;
/// A client that takes nothing for so long is let go.
const PATIENCE: Duration = Duration::from_secs(10);
/// Answers that wait to be taken before the client's next request is read.
const ANSWERS_WAITING: usize = 16;

/// What a client speaks.
enum Feed {
    /// The compact stream.
    Stream(app::Feed),
    /// The first contract.
    Classic(api_v1::Feed),
}

/// Answers its requests: by the player, or by the first contract, where they have no handle.
struct Replies(Option<Handle>);

pub(super) async fn open(
    State(door): State<Door>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => {
            let refusal = ApiError::new(ErrorCode::Malformed, rejection.body_text());
            return Failure(rejection.status(), refusal).into_response();
        }
    };
    // Only browsers name the page that a socket belongs to.
    let surface = if headers.contains_key(header::ORIGIN) { ClientKind::Browser } else { ClientKind::ApiClient };
    let handle = door.handle_of(&peer).of(surface);
    let mut protocols = upgrade.requested_protocols().peekable();
    let (feed, replies) = if protocols.peek().is_none() {
        (Feed::Classic(door.classic.feed(peer.here)), Replies(None))
    } else if protocols.any(|protocol| protocol.as_bytes() == PROTOCOL.as_bytes()) {
        (Feed::Stream(handle.feed()), Replies(Some(handle)))
    } else {
        let refusal = ApiError::new(ErrorCode::Malformed, "The subprotocol is auralis.v2, or none.");
        return Failure::from(refusal).into_response();
    };
    drop(protocols);
    upgrade
        .protocols([PROTOCOL])
        .max_message_size(MOST_BYTES)
        .max_frame_size(MOST_BYTES)
        .read_buffer_size(READ_BYTES)
        .on_upgrade(async move |socket| talk(socket, feed, replies, door, peer).await)
}

async fn talk(socket: WebSocket, mut feed: Feed, replies: Replies, door: Door, peer: Peer) {
    let _counted = door.count(&peer);
    let (mut outgoing, incoming) = socket.split();
    let (answers, mut answered) = mpsc::channel(ANSWERS_WAITING);
    let leaving = replies.0.clone();
    let reading = tokio::spawn(answer_requests(incoming, replies, peer.clone(), answers));
    let mut closed = pin!(door.closed(&peer));
    loop {
        let answer = tokio::select! {
            alive = feed.changed() => if alive { None } else { break },
            answer = answered.recv() => if answer.is_some() { answer } else { break },
            () = &mut closed => break,
        };
        // What a command caused is known before its result.
        let mut messages = feed.news().await;
        messages.extend(answer);
        if !matches!(timeout(PATIENCE, send(&mut outgoing, messages)).await, Ok(Ok(()))) {
            break;
        }
    }
    reading.abort();
    if let Some(handle) = leaving {
        handle.leave().await;
    }
}

async fn send(outgoing: &mut SplitSink<WebSocket, Message>, messages: Vec<Utf8Bytes>) -> Result<(), axum::Error> {
    for message in messages {
        outgoing.feed(Message::Text(message)).await?;
    }
    outgoing.flush().await
}

/// One request at a time: a client that floods waits for its own answers, and for its own pace.
async fn answer_requests(
    mut incoming: SplitStream<WebSocket>,
    replies: Replies,
    peer: Peer,
    answers: mpsc::Sender<Utf8Bytes>,
) {
    loop {
        let (message, pipelined) = match incoming.next().now_or_never() {
            Some(message) => (message, true),
            None => (incoming.next().await, false),
        };
        let Some(Ok(message)) = message else { return };
        peer.wait(pipelined).await;
        let answer = match message {
            Message::Text(text) => replies.answer(Ok(&text)).await,
            Message::Binary(_) => {
                replies.answer(Err(ApiError::new(ErrorCode::Malformed, "Messages are JSON text."))).await
            }
            Message::Close(_) => return,
            Message::Ping(_) | Message::Pong(_) => continue,
        };
        if answers.send(answer).await.is_err() {
            return;
        }
    }
}

impl Feed {
    async fn changed(&mut self) -> bool {
        match self {
            Feed::Stream(feed) => feed.changed().await,
            Feed::Classic(feed) => feed.changed().await,
        }
    }

    async fn news(&mut self) -> Vec<Utf8Bytes> {
        let text = |json: &Arc<str>| Utf8Bytes::from(&**json);
        match self {
            Feed::Stream(feed) => feed.news().iter().map(text).collect(),
            Feed::Classic(feed) => feed.news().await,
        }
    }
}

impl Replies {
    async fn answer(&self, request: Result<&str, ApiError>) -> Utf8Bytes {
        match (&self.0, request) {
            (Some(handle), Ok(request)) => encode(&handle.answer(request).await),
            (Some(_), Err(error)) => encode(&auralis_core::Response::Error { id: None, error }),
            (None, Ok(request)) => encode(&api_v1::answer(request)),
            (None, Err(error)) => encode(&api_v1::Message::Error(error)),
        }
    }
}

pub(super) fn encode(message: &impl Serialize) -> Utf8Bytes {
    serde_json::to_string(message)
        .unwrap_or_else(|error| {
            tracing::error!(%error, "a message cannot be encoded");
            String::new()
        })
        .into()
}

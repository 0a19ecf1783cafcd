//! Serves one connection: sends state updates as they happen and answers requests in order. WebSockets and the control
//! socket use the same loop; windows do without, because Tauri delivers their requests one by one.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use auralis_core::{ApiError, Response};
use serde::Serialize;
use tokio::sync::mpsc;
use tokio::time::{Instant, interval_at, timeout};

use crate::app::{PlayerHandle, StateStream};

/// A message as JSON, encoded once for all clients that are sent it.
pub(super) type EncodedMessage = Arc<str>;

/// Write timeout; the connection is closed afterwards.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// How often a client is asked for a sign of life.
pub(super) const PING_INTERVAL: Duration = Duration::from_secs(15);

/// Responses waiting to be sent before the next request is read.
const MAX_PENDING_RESPONSES: usize = 16;

/// The state updates that a client is sent.
pub(super) trait Updates: Send {
    /// Waits until there may be updates. Returns false when the player has stopped.
    fn changed(&mut self) -> impl Future<Output = bool> + Send;
    /// Returns the messages that the client has not been sent.
    fn pending_messages(&mut self) -> impl Future<Output = Vec<EncodedMessage>> + Send;
}

/// Answers the requests of one client. Dropped when the client has left, and with it the client's
/// [`PlayerHandle`](crate::app::PlayerHandle).
pub(super) trait RequestHandler: Send + 'static {
    /// Handles a request; an error stands for one that could not be read as text.
    fn handle(&self, request: Result<&str, ApiError>) -> impl Future<Output = EncodedMessage> + Send;
}

/// The incoming half of a connection.
pub(super) trait RequestReader: Send + 'static {
    /// Returns the next request, at the pace that the client may have; `None` when the client has left.
    fn next(&mut self) -> impl Future<Output = Option<Result<String, ApiError>>> + Send;
}

/// The outgoing half of a connection.
pub(super) trait MessageWriter: Send {
    /// Sends messages; `None` when the client has left.
    fn send(&mut self, messages: Vec<EncodedMessage>) -> impl Future<Output = Option<()>> + Send;
    /// Asks the client for a sign of life, where the connection does not end by itself when the client vanishes.
    fn ping(&mut self) -> impl Future<Output = Option<()>> + Send {
        std::future::ready(Some(()))
    }
}

/// Serves a connection until the client leaves, the player stops or `disconnect` resolves. Returns the writer, for a
/// last message.
pub(super) async fn serve_connection<W: MessageWriter>(
    mut updates: impl Updates,
    handler: impl RequestHandler,
    reader: impl RequestReader,
    mut writer: W,
    disconnect: impl Future<Output = ()> + Send,
) -> W {
    let (responses, mut response_rx) = mpsc::channel(MAX_PENDING_RESPONSES);
    let reading = tokio::spawn(answer_requests(reader, handler, responses));
    let mut disconnect = pin!(disconnect);
    let mut pings = interval_at(Instant::now() + PING_INTERVAL, PING_INTERVAL);
    loop {
        let response = tokio::select! {
            _ = pings.tick() => {
                match timeout(WRITE_TIMEOUT, writer.ping()).await {
                    Ok(Some(())) => continue,
                    _ => break,
                }
            }
            alive = updates.changed() => if alive { None } else { break },
            response = response_rx.recv() => if response.is_some() { response } else { break },
            () = &mut disconnect => break,
        };
        // The state that a command caused is sent before its result.
        let mut messages = updates.pending_messages().await;
        messages.extend(response);
        if !matches!(timeout(WRITE_TIMEOUT, writer.send(messages)).await, Ok(Some(()))) {
            break;
        }
    }
    reading.abort();
    writer
}

/// Handles one request at a time, so that a client that floods waits for its own responses.
async fn answer_requests(
    mut reader: impl RequestReader,
    handler: impl RequestHandler,
    responses: mpsc::Sender<EncodedMessage>,
) {
    while let Some(request) = reader.next().await {
        let response = match request {
            Ok(text) => handler.handle(Ok(&text)).await,
            Err(error) => handler.handle(Err(error)).await,
        };
        if responses.send(response).await.is_err() {
            return;
        }
    }
}

impl Updates for StateStream {
    async fn changed(&mut self) -> bool {
        StateStream::changed(self).await
    }

    async fn pending_messages(&mut self) -> Vec<EncodedMessage> {
        StateStream::pending_messages(self)
    }
}

impl RequestHandler for PlayerHandle {
    async fn handle(&self, request: Result<&str, ApiError>) -> EncodedMessage {
        match request {
            Ok(text) => encode(&self.handle_request(text).await),
            Err(error) => encode(&Response::Error { id: None, error }),
        }
    }
}

/// Encodes a message.
pub(super) fn encode(message: &impl Serialize) -> EncodedMessage {
    let text =
        serde_json::to_string(message).inspect_err(|error| tracing::error!(%error, "failed to encode a message"));
    text.unwrap_or_default().into()
}

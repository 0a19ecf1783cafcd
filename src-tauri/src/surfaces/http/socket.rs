//! WebSockets, for the protocol of the app's own interface and for the v1 API.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use auralis_core::{ApiError, ClientKind, ErrorCode};
use axum::body::Bytes;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::time::timeout;

use super::api_v1::{V1RequestHandler, V1State, V1Stream};
use super::client_access::ClientAccess;
use super::http_error::HttpError;
use super::server_state::{Peer, ServerState};
use crate::surfaces::connection::{
    EncodedMessage, MessageWriter, RequestHandler, RequestReader, Updates, serve_connection,
};

const PROTOCOL: &str = "auralis.v2";
/// Request size limit: a command with 100,000 track ids fits.
const MAX_REQUEST_BYTES: usize = 1 << 20;
/// Close code for a client whose pairing was revoked (4000 to 4999 are for applications).
const UNPAIRED_CODE: u16 = 4401;
/// How long a client may take to accept the close frame.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);
/// A client that is silent for longer, although it is sent a ping every [`PING_INTERVAL`](crate::surfaces::connection::PING_INTERVAL), has vanished.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(40);
/// Read buffer; the default of 128 KiB would be most of the memory of a connection.
const READ_BUFFER_BYTES: usize = 4 << 10;

/// Opens a WebSocket: the protocol of the interface if the client asks for it, else that of the v1 API.
pub(super) async fn open(
    State(state): State<ServerState>,
    Extension(peer): Extension<Peer>,
    Extension(access): Extension<ClientAccess>,
    Extension(v1): Extension<Arc<V1State>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => {
            let error = ApiError::new(ErrorCode::Malformed, rejection.body_text());
            return HttpError(rejection.status(), error).into_response();
        }
    };
    let mut protocols = upgrade.requested_protocols().peekable();
    let is_v1 = protocols.peek().is_none();
    if !is_v1 && !protocols.any(|protocol| protocol.as_bytes() == PROTOCOL.as_bytes()) {
        let error = ApiError::new(ErrorCode::Malformed, "The subprotocol is auralis.v2, or none.");
        return HttpError::from(error).into_response();
    }
    drop(protocols);
    // Only browsers send the origin of a page.
    let kind = if headers.contains_key(header::ORIGIN) { ClientKind::Browser } else { ClientKind::ApiClient };
    let upgrade = upgrade
        .protocols([PROTOCOL])
        .max_message_size(MAX_REQUEST_BYTES)
        .max_frame_size(MAX_REQUEST_BYTES)
        .read_buffer_size(READ_BUFFER_BYTES);
    if is_v1 {
        let stream = V1Stream::new(v1, access.into());
        upgrade.on_upgrade(move |socket| serve(socket, stream, V1RequestHandler, state, peer, access))
    } else {
        let handle = state.handle_of(access).with_client_kind(kind);
        upgrade.on_upgrade(move |socket| serve(socket, handle.state_stream(), handle, state, peer, access))
    }
}

async fn serve(
    socket: WebSocket,
    updates: impl Updates,
    handler: impl RequestHandler,
    state: ServerState,
    peer: Peer,
    access: ClientAccess,
) {
    let _client = state.register_client(access);
    let (outgoing, incoming) = socket.split();
    let reader = SocketReader { incoming, peer };
    let is_unpaired = AtomicBool::new(false);
    let disconnect = async { is_unpaired.store(state.wait_for_disconnect(access).await, Relaxed) };
    let mut writer = serve_connection(updates, handler, reader, SocketWriter(outgoing), disconnect).await;
    if is_unpaired.into_inner() {
        let frame = CloseFrame { code: UNPAIRED_CODE, reason: "unpaired".into() };
        let _ = timeout(CLOSE_TIMEOUT, writer.0.send(Message::Close(Some(frame)))).await;
    }
}

struct SocketReader {
    incoming: SplitStream<WebSocket>,
    peer: Peer,
}

impl RequestReader for SocketReader {
    async fn next(&mut self) -> Option<Result<String, ApiError>> {
        loop {
            // A request that is already there was sent without waiting for the response to the one before.
            let (message, pipelined) = match self.incoming.next().now_or_never() {
                Some(message) => (message, true),
                None => (timeout(SILENCE_TIMEOUT, self.incoming.next()).await.ok()?, false),
            };
            let message = message?.ok()?;
            self.peer.throttle(pipelined).await;
            match message {
                Message::Text(text) => return Some(Ok(text.as_str().to_owned())),
                Message::Binary(_) => {
                    return Some(Err(ApiError::new(ErrorCode::Malformed, "Messages are JSON text.")));
                }
                Message::Close(_) => return None,
                Message::Ping(_) | Message::Pong(_) => {}
            }
        }
    }
}

struct SocketWriter(SplitSink<WebSocket, Message>);

impl MessageWriter for SocketWriter {
    async fn send(&mut self, messages: Vec<EncodedMessage>) -> Option<()> {
        for message in messages {
            self.0.feed(Message::Text(shared_text(message)?)).await.ok()?;
        }
        self.0.flush().await.ok()
    }

    async fn ping(&mut self) -> Option<()> {
        self.0.send(Message::Ping(Bytes::new())).await.ok()
    }
}

/// Wraps a message without copying it.
fn shared_text(message: EncodedMessage) -> Option<Utf8Bytes> {
    struct SharedText(EncodedMessage);

    impl AsRef<[u8]> for SharedText {
        fn as_ref(&self) -> &[u8] {
            self.0.as_bytes()
        }
    }

    Utf8Bytes::try_from(Bytes::from_owner(SharedText(message))).ok()
}

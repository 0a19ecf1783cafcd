//! The player's end of the control socket.

use std::os::unix::fs::MetadataExt;
use std::time::Duration;

use auralis_core::{ApiError, ClientKind, ErrorCode};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};

use crate::app::PlayerHandle;
use crate::surfaces::connection::{EncodedMessage, MessageWriter, RequestReader, serve_connection};

/// Request size limit: a command with 100,000 track ids or some thousand paths fits.
const MAX_REQUEST_BYTES: u64 = 4 << 20;

/// Pause after a failed accept: most likely the process is out of file descriptors.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_secs(1);

pub(super) async fn serve(listener: UnixListener, handle: PlayerHandle) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) if !is_own_user(&stream) => {
                tracing::warn!("refused a connection of another user to the control socket");
            }
            Ok((stream, _)) => {
                drop(tokio::spawn(serve_client(stream, handle.with_client_kind(ClientKind::CommandLine))))
            }
            Err(error) => {
                tracing::warn!(%error, "failed to accept a connection to the control socket");
                tokio::time::sleep(ACCEPT_RETRY_DELAY).await;
            }
        }
    }
}

/// Whether the client is a process of the user who runs the player. Other users cannot reach the socket by its folder's
/// permissions either.
fn is_own_user(stream: &UnixStream) -> bool {
    let own = std::fs::metadata("/proc/self").map(|process| process.uid());
    matches!((stream.peer_cred(), own), (Ok(peer), Ok(own)) if peer.uid() == own)
}

async fn serve_client(stream: UnixStream, handle: PlayerHandle) {
    let (incoming, outgoing) = stream.into_split();
    let reader = LineReader { incoming: BufReader::new(incoming), line: Vec::new() };
    serve_connection(handle.state_stream(), handle, reader, LineWriter(outgoing), std::future::pending()).await;
}

/// Reads one request per line.
struct LineReader {
    incoming: BufReader<OwnedReadHalf>,
    line: Vec<u8>,
}

impl RequestReader for LineReader {
    async fn next(&mut self) -> Option<Result<String, ApiError>> {
        self.line.clear();
        let length = (&mut self.incoming).take(MAX_REQUEST_BYTES).read_until(b'\n', &mut self.line).await.ok()?;
        // The end, in the middle of a line or not, or a line that is too long.
        if length == 0 || self.line.last() != Some(&b'\n') {
            return None;
        }
        let malformed = |_| ApiError::new(ErrorCode::Malformed, "Messages are JSON text in UTF-8.");
        Some(str::from_utf8(&self.line).map(str::to_owned).map_err(malformed))
    }
}

/// Writes one message per line.
struct LineWriter(OwnedWriteHalf);

impl MessageWriter for LineWriter {
    async fn send(&mut self, messages: Vec<EncodedMessage>) -> Option<()> {
        let mut lines = String::new();
        for message in messages {
            lines.push_str(&message);
            lines.push('\n');
        }
        self.0.write_all(lines.as_bytes()).await.ok()
    }
}

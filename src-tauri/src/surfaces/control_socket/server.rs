//! The player's end of the socket.

use std::time::Duration;

use auralis_core::{ApiError, ClientKind, ErrorCode};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

use auralis_core::Response;

use crate::app::Handle;

/// Room for a command that names 100,000 tracks or some thousand files.
const MOST_BYTES: u64 = 4 << 20;
/// A program that takes nothing for so long is let go.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn serve(listener: UnixListener, handle: Handle) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(talk(stream, handle.of(ClientKind::CommandLine)))),
            Err(error) => {
                // Out of descriptors, most likely: trying at once again would only burn the processor.
                tracing::warn!(%error, "a program could not be let in");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

async fn talk(stream: UnixStream, handle: Handle) {
    let (incoming, mut outgoing) = stream.into_split();
    let (answers, mut answered) = mpsc::channel(1);
    let mut feed = handle.feed();
    let reading = tokio::spawn(answer_requests(incoming, handle, answers));
    loop {
        let answer = tokio::select! {
            alive = feed.changed() => if alive { None } else { break },
            answer = answered.recv() => if answer.is_some() { answer } else { break },
        };
        // What a command caused is known before its result.
        let mut lines = String::new();
        for message in feed.news() {
            lines.push_str(&message);
            lines.push('\n');
        }
        if let Some(answer) = answer.and_then(|answer| serde_json::to_string(&answer).ok()) {
            lines.push_str(&answer);
            lines.push('\n');
        }
        if send(&mut outgoing, &lines).await.is_none() {
            break;
        }
    }
    reading.abort();
}

async fn send(outgoing: &mut OwnedWriteHalf, lines: &str) -> Option<()> {
    timeout(PATIENCE, outgoing.write_all(lines.as_bytes())).await.ok()?.ok()
}

async fn answer_requests(incoming: OwnedReadHalf, handle: Handle, answers: mpsc::Sender<Response>) {
    let mut incoming = BufReader::new(incoming);
    let mut line = Vec::new();
    loop {
        line.clear();
        let answer = match (&mut incoming).take(MOST_BYTES).read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) if line.last() != Some(&b'\n') => return,
            Ok(_) => match str::from_utf8(&line) {
                Ok(text) => handle.answer(text).await,
                Err(_) => {
                    let error = ApiError::new(ErrorCode::Malformed, "Messages are JSON text in UTF-8.");
                    Response::Error { id: None, error }
                }
            },
        };
        if answers.send(answer).await.is_err() {
            return;
        }
    }
}

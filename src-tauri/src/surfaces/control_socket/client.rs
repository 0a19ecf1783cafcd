//! A client of the control socket. Blocking: it sends one or two requests and exits.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use auralis_core::{ApiError, Command, EngineDiagnostics, Hello, Request, Response};

/// Read timeout.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// A connection to the running player.
#[derive(Debug)]
pub struct Client {
    stream: BufReader<UnixStream>,
    hello: Hello,
    next_id: u64,
}

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No player is running.
    #[error("Auralis is not running. Start it with `auralis`, or without a window with `auralis --headless`.")]
    NotRunning,
    /// Connection or protocol error.
    #[error("Auralis does not answer ({0}).")]
    Connection(io::Error),
    /// The player refused the request.
    #[error(transparent)]
    Refused(#[from] ApiError),
}

impl Client {
    /// Connects and reads the complete state.
    pub fn connect(socket: &Path) -> Result<Self, ClientError> {
        let stream = UnixStream::connect(socket).map_err(|_| ClientError::NotRunning)?;
        stream.set_read_timeout(Some(READ_TIMEOUT)).map_err(ClientError::Connection)?;
        let mut stream = BufReader::new(stream);
        let hello =
            serde_json::from_str(&read_line(&mut stream)?).map_err(|error| ClientError::Connection(error.into()))?;
        Ok(Client { stream, hello, next_id: 1 })
    }

    /// Returns the state at the time of connecting.
    pub fn hello(&self) -> &Hello {
        &self.hello
    }

    /// Runs a command; returns the revision that it caused.
    pub fn dispatch(&mut self, command: Command) -> Result<u64, ClientError> {
        let id = self.send_request(|id| Request::Command { id, if_rev: None, data: command })?;
        match self.response(id)? {
            Response::Result { rev, .. } => Ok(rev),
            answer => Err(unexpected(&answer)),
        }
    }

    /// Shows the main window in front of others. `token`: see [`crate::app::WindowRequest::RaiseMain`].
    pub fn raise(&mut self, token: Option<String>) -> Result<(), ClientError> {
        let id = self.send_request(|id| Request::RaiseWindow { id, token })?;
        self.response(id).map(drop)
    }

    /// Returns engine diagnostics.
    pub fn diagnostics(&mut self) -> Result<EngineDiagnostics, ClientError> {
        let id = self.send_request(|id| Request::Diagnostics { id })?;
        match self.response(id)? {
            Response::Diagnostics { data, .. } => Ok(data),
            answer => Err(unexpected(&answer)),
        }
    }

    fn send_request(&mut self, request: impl FnOnce(u64) -> Request) -> Result<u64, ClientError> {
        let id = self.next_id;
        self.next_id += 1;
        let mut line = serde_json::to_vec(&request(id)).map_err(|error| ClientError::Connection(error.into()))?;
        line.push(b'\n');
        self.stream.get_mut().write_all(&line).map_err(ClientError::Connection)?;
        Ok(id)
    }

    /// Returns the response to a request; skips state updates.
    fn response(&mut self, request: u64) -> Result<Response, ClientError> {
        loop {
            match serde_json::from_str(&read_line(&mut self.stream)?) {
                Ok(Response::Error { id, error }) if id.is_none_or(|id| id == request) => return Err(error.into()),
                Ok(answer @ (Response::Result { id, .. } | Response::Diagnostics { id, .. })) if id == request => {
                    return Ok(answer);
                }
                _ => {}
            }
        }
    }
}

fn unexpected(answer: &Response) -> ClientError {
    ClientError::Connection(io::Error::other(format!("an answer of the wrong kind: {answer:?}")))
}

fn read_line(stream: &mut BufReader<UnixStream>) -> Result<String, ClientError> {
    let mut line = String::new();
    match stream.read_line(&mut line) {
        Ok(0) => Err(ClientError::Connection(io::ErrorKind::UnexpectedEof.into())),
        Ok(_) => Ok(line),
        Err(error) => Err(ClientError::Connection(error)),
    }
}

//! A program's end of the socket. Blocking, because it asks one thing and goes.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use auralis_core::{ApiError, Command, EngineDiagnostics, Hello, Request, Response};

/// A player that says nothing for so long hangs.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection to the running player.
#[derive(Debug)]
pub struct Client {
    stream: BufReader<UnixStream>,
    hello: Hello,
    next_id: u64,
}

/// Why the player did not do it.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody is there.
    #[error("Auralis is not running. Start it with `auralis`, or without a window with `auralis --headless`.")]
    NotRunning,
    /// It does not answer as it should.
    #[error("Auralis does not answer ({0}).")]
    Broken(io::Error),
    /// It says no.
    #[error(transparent)]
    Refused(#[from] ApiError),
}

impl Client {
    /// Connects and takes the whole truth.
    pub fn connect(socket: &Path) -> Result<Self, ClientError> {
        let stream = UnixStream::connect(socket).map_err(|_| ClientError::NotRunning)?;
        stream.set_read_timeout(Some(PATIENCE)).map_err(ClientError::Broken)?;
        let mut stream = BufReader::new(stream);
        let hello =
            serde_json::from_str(&read_line(&mut stream)?).map_err(|error| ClientError::Broken(error.into()))?;
        Ok(Client { stream, hello, next_id: 1 })
    }

    /// What was true when it connected.
    pub fn hello(&self) -> &Hello {
        &self.hello
    }

    /// Has a command carried out; returns the revision that it caused.
    pub fn dispatch(&mut self, command: Command) -> Result<u64, ClientError> {
        let id = self.ask(|id| Request::Command { id, if_rev: None, data: command })?;
        match self.answer(id)? {
            Response::Result { rev, .. } => Ok(rev),
            answer => Err(unexpected(&answer)),
        }
    }

    /// Has the window shown in front of others. `token`: see [`crate::app::Wish::Raise`].
    pub fn raise(&mut self, token: Option<String>) -> Result<(), ClientError> {
        let id = self.ask(|id| Request::RaiseWindow { id, token })?;
        self.answer(id).map(drop)
    }

    /// How the engine fares.
    pub fn diagnostics(&mut self) -> Result<EngineDiagnostics, ClientError> {
        let id = self.ask(|id| Request::Diagnostics { id })?;
        match self.answer(id)? {
            Response::Diagnostics { data, .. } => Ok(data),
            answer => Err(unexpected(&answer)),
        }
    }

    fn ask(&mut self, request: impl FnOnce(u64) -> Request) -> Result<u64, ClientError> {
        let id = self.next_id;
        self.next_id += 1;
        let mut line = serde_json::to_vec(&request(id)).map_err(|error| ClientError::Broken(error.into()))?;
        line.push(b'\n');
        self.stream.get_mut().write_all(&line).map_err(ClientError::Broken)?;
        Ok(id)
    }

    /// The answer to a request; what changes meanwhile is passed over.
    fn answer(&mut self, request: u64) -> Result<Response, ClientError> {
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
    ClientError::Broken(io::Error::other(format!("an answer of the wrong kind: {answer:?}")))
}

fn read_line(stream: &mut BufReader<UnixStream>) -> Result<String, ClientError> {
    let mut line = String::new();
    match stream.read_line(&mut line) {
        Ok(0) => Err(ClientError::Broken(io::ErrorKind::UnexpectedEof.into())),
        Ok(_) => Ok(line),
        Err(error) => Err(ClientError::Broken(error)),
    }
}

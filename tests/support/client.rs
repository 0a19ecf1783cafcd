//! A client of protocol v2, written from the protocol document alone.

use std::net::TcpStream;

use serde_json::{Value, json};
use tungstenite::client::IntoClientRequest;
use tungstenite::http::HeaderMap;
use tungstenite::{Message, WebSocket};

use super::TIMEOUT;

pub struct Client {
    socket: WebSocket<TcpStream>,
    /// The complete state, as last received.
    pub view: Value,
    pub session: String,
    pub rev: u64,
    /// Length in bytes of the last message of each type.
    pub bytes: std::collections::HashMap<String, usize>,
    /// Number of messages received, by type.
    pub message_counts: std::collections::HashMap<String, usize>,
    pub capabilities: Value,
    next_id: u64,
    answers: Vec<Value>,
}

impl Client {
    /// Connects with the pairing secret.
    pub fn connect(address: &str, secret: &str) -> Self {
        let bearer = format!("Bearer {secret}").parse().expect("a header");
        Client::connect_with(address, |headers| drop(headers.insert("authorization", bearer)))
    }

    fn connect_with(address: &str, add: impl FnOnce(&mut HeaderMap)) -> Self {
        let mut request = format!("ws://{address}/ws").into_client_request().expect("a request");
        add(request.headers_mut());
        request.headers_mut().insert("sec-websocket-protocol", "auralis.v2".parse().expect("a header"));
        let stream = TcpStream::connect(address).expect("connects");
        stream.set_read_timeout(Some(TIMEOUT)).expect("a timeout");
        stream.set_nodelay(true).expect("no delay");
        let (socket, _) = tungstenite::client(request, stream).expect("upgrades");
        let mut client = Client {
            socket,
            view: Value::Null,
            session: String::new(),
            rev: 0,
            bytes: Default::default(),
            message_counts: Default::default(),
            capabilities: Value::Null,
            next_id: 1,
            answers: Vec::new(),
        };
        while client.rev == 0 {
            client.read();
        }
        client
    }

    /// Reads one message.
    pub fn read(&mut self) {
        let Message::Text(text) = self.socket.read().expect("a message") else { return };
        let message: Value = serde_json::from_str(&text).expect("JSON");
        let kind = message["type"].as_str().expect("a type").to_owned();
        if let Some(rev) = message["rev"].as_u64().filter(|_| !message["session"].is_null()) {
            assert!(rev > self.rev, "revisions rise: {rev} after {}", self.rev);
            self.rev = rev;
            self.session = message["session"].as_str().expect("a session").to_owned();
            self.bytes.insert(kind.clone(), text.len());
            *self.message_counts.entry(kind.clone()).or_default() += 1;
            if kind == "hello" {
                self.capabilities = message["capabilities"].clone();
                self.view = message["view"].clone();
            } else {
                self.view[&kind] = message["data"].clone();
            }
        } else {
            self.answers.push(message);
        }
    }

    /// Sends a request unchanged and waits for its answer.
    pub fn ask(&mut self, text: &str) -> Value {
        self.send(text);
        self.next_answer()
    }

    pub fn send(&mut self, text: &str) {
        self.socket.send(Message::text(text)).expect("sends");
    }

    /// Sends a request. Returns whether it could be sent.
    pub fn try_send(&mut self, text: &str) -> bool {
        self.socket.send(Message::text(text)).is_ok()
    }

    /// Reads until the server closes the connection. Returns `false` after [`TIMEOUT`].
    pub fn wait_for_close(&mut self) -> bool {
        loop {
            match self.socket.read() {
                Ok(Message::Close(_)) => return true,
                Ok(_) => {}
                Err(tungstenite::Error::Io(error)) if error.kind() == std::io::ErrorKind::WouldBlock => return false,
                Err(_) => return true,
            }
        }
    }

    pub fn next_answer(&mut self) -> Value {
        while self.answers.is_empty() {
            self.read();
        }
        self.answers.remove(0)
    }

    /// Sends a command and waits for its result: the revision, or the error code.
    pub fn command(&mut self, command: Value) -> Result<u64, String> {
        self.command_if(None, command)
    }

    /// Like `command`, with an `if_rev` condition.
    pub fn command_if(&mut self, if_rev: Option<u64>, command: Value) -> Result<u64, String> {
        let id = self.next_id;
        self.next_id += 1;
        let answer = self.ask(&json!({"type": "command", "id": id, "if_rev": if_rev, "data": command}).to_string());
        assert_eq!(answer["id"], id, "{answer}");
        match answer["type"].as_str() {
            Some("result") => Ok(answer["rev"].as_u64().expect("a revision")),
            _ => Err(answer["error"]["code"].as_str().expect("a code").to_owned()),
        }
    }

    /// Sends a command that must succeed.
    pub fn run(&mut self, command: Value) -> &mut Self {
        if let Err(code) = self.command(command.clone()) {
            panic!("{command} was refused: {code}");
        }
        self
    }

    pub fn rows(&mut self, of: Value, offset: u32, limit: u32) -> Value {
        let request = json!({"type": "query", "id": 0, "data": {"of": of, "offset": offset, "limit": limit}});
        let answer = self.ask(&request.to_string());
        assert_eq!(answer["type"], "rows", "{answer}");
        answer["data"].clone()
    }

    /// Ids of all tracks by title.
    pub fn track_ids(&mut self) -> Vec<i64> {
        let rows = self.rows(json!({"list": "tracks", "tracks": {"sort": "title"}}), 0, 500);
        rows["items"].as_array().expect("rows").iter().map(|row| row["id"].as_i64().expect("an id")).collect()
    }

    pub fn wait_until(&mut self, what: &str, condition: impl Fn(&Value) -> bool) -> &mut Self {
        let deadline = std::time::Instant::now() + TIMEOUT;
        while !condition(&self.view) {
            assert!(std::time::Instant::now() < deadline, "waited for: {what}; now {:#}", self.view);
            self.read();
        }
        self
    }

    pub fn play(&mut self, tracks: &[i64], start: u32) -> &mut Self {
        self.run(json!({"do": "play_tracks", "tracks": {"from": "ids", "ids": tracks}, "start": start}))
    }
}

/// A client of the first contract's socket.
pub struct V1Client {
    socket: WebSocket<TcpStream>,
}

impl V1Client {
    pub fn connect(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("connects");
        stream.set_read_timeout(Some(TIMEOUT)).expect("a timeout");
        let (socket, _) = tungstenite::client(format!("ws://{address}/ws"), stream).expect("upgrades");
        V1Client { socket }
    }

    pub fn send(&mut self, message: Message) {
        self.socket.send(message).expect("sends");
    }

    pub fn next(&mut self) -> Value {
        loop {
            if let Message::Text(text) = self.socket.read().expect("a message") {
                return serde_json::from_str(&text).expect("JSON");
            }
        }
    }

    /// The data of the next message of a type.
    pub fn wait_for(&mut self, kind: &str) -> Value {
        loop {
            let message = self.next();
            if message["type"] == kind {
                return message["data"].clone();
            }
        }
    }
}

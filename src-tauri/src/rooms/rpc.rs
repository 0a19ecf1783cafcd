//! Snapcast's control protocol: JSON-RPC 2.0 by TCP, one message a line.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// How long a server may take to answer.
const TIMEOUT: Duration = Duration::from_secs(2);
/// The longest message of a server: a status of some thousand rooms.
const MAX_LINE_BYTES: u64 = 1 << 20;
/// What Snapcast's own applications agree on.
const METHODS_AFTER_WHICH_NOTHING_CHANGED: [&str; 1] = ["Stream.OnProperties"];

/// Why a server did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum RpcError {
    /// It cannot be called.
    #[error("it cannot be reached ({0})")]
    Unreachable(std::io::Error),
    /// It does not answer.
    #[error("it does not answer")]
    Silent,
    /// It answers in another language.
    #[error("what answers there is not a Snapcast server")]
    Garbage,
    /// It speaks another version.
    #[error("it speaks version {0} of the control protocol, which Auralis does not know")]
    Version(i64),
    /// It refused.
    #[error("the server says: {0}")]
    Refused(String),
    /// The connection ended.
    #[error("the connection has ended")]
    Gone,
}

type Answer = oneshot::Sender<Result<Value, RpcError>>;

/// A connection to a server. The last clone that goes ends it.
#[derive(Clone)]
pub struct Rpc(Arc<Connection>);

struct Connection {
    writer: tokio::sync::Mutex<OwnedWriteHalf>,
    waiting: Arc<Mutex<HashMap<u64, Answer>>>,
    next_id: AtomicU64,
    reading: JoinHandle<()>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

impl Rpc {
    /// Calls a server. What it tells without being asked comes out of the receiver, which ends with the connection.
    pub async fn connect(host: &str, port: u16) -> Result<(Self, mpsc::UnboundedReceiver<Value>), RpcError> {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let connected = timeout(TIMEOUT, TcpStream::connect((host, port))).await.map_err(|_| RpcError::Silent)?;
        let stream = connected.map_err(RpcError::Unreachable)?;
        stream.set_nodelay(true).map_err(RpcError::Unreachable)?;
        let (incoming, outgoing) = stream.into_split();
        let waiting = Arc::<Mutex<HashMap<_, _>>>::default();
        let (told, notifications) = mpsc::unbounded_channel();
        let reading = tokio::spawn(read(incoming, waiting.clone(), told));
        let writer = tokio::sync::Mutex::new(outgoing);
        Ok((Self(Arc::new(Connection { writer, waiting, next_id: AtomicU64::new(1), reading })), notifications))
    }

    /// Asks the server and returns its result.
    pub async fn call(&self, method: &str, params: Value) -> Result<Value, RpcError> {
        let Connection { writer, waiting, next_id, .. } = &*self.0;
        let id = next_id.fetch_add(1, Relaxed);
        let (reply, answer) = oneshot::channel();
        lock(waiting).insert(id, reply);
        let asked = timeout(TIMEOUT, async {
            let mut line = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).to_string();
            line.push_str("\r\n");
            writer.lock().await.write_all(line.as_bytes()).await.map_err(|_| RpcError::Gone)?;
            answer.await.map_err(|_| RpcError::Gone)?
        });
        let answer = asked.await.unwrap_or(Err(RpcError::Silent));
        lock(waiting).remove(&id);
        answer
    }
}

fn lock(waiting: &Mutex<HashMap<u64, Answer>>) -> MutexGuard<'_, HashMap<u64, Answer>> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn read(incoming: OwnedReadHalf, waiting: Arc<Mutex<HashMap<u64, Answer>>>, told: mpsc::UnboundedSender<Value>) {
    let mut incoming = BufReader::new(incoming);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = (&mut incoming).take(MAX_LINE_BYTES).read_until(b'\n', &mut line).await;
        if !read.is_ok_and(|bytes| bytes > 0) || line.last() != Some(&b'\n') {
            break;
        }
        match serde_json::from_slice(&line) {
            // Several notifications at once are sent as an array.
            Ok(Value::Array(messages)) => messages.into_iter().for_each(|message| take(message, &waiting, &told)),
            Ok(message) => take(message, &waiting, &told),
            Err(_) => {
                for (_, reply) in lock(&waiting).drain() {
                    let _ = reply.send(Err(RpcError::Garbage));
                }
                break;
            }
        }
    }
    // Whoever waits for an answer learns that none will come.
    lock(&waiting).clear();
}

fn take(mut message: Value, waiting: &Mutex<HashMap<u64, Answer>>, told: &mpsc::UnboundedSender<Value>) {
    let Some(id) = message.get("id").and_then(Value::as_u64) else {
        let method = message["method"].as_str().unwrap_or_default();
        if !METHODS_AFTER_WHICH_NOTHING_CHANGED.contains(&method) {
            let _ = told.send(message);
        }
        return;
    };
    if let Some(reply) = lock(waiting).remove(&id) {
        let error = &message["error"];
        let result = if error.is_object() {
            let said = error["data"].as_str().or(error["message"].as_str()).unwrap_or("no reason");
            Err(RpcError::Refused(said.chars().filter(|c| !c.is_control()).take(80).collect()))
        } else {
            Ok(take_field(&mut message, "result"))
        };
        let _ = reply.send(result);
    }
}

/// Takes a field out of a message; null if there is none. A server may answer anything, also what is no object.
pub fn take_field(message: &mut Value, name: &str) -> Value {
    message.get_mut(name).map(Value::take).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::{Rpc, RpcError};

    /// Answers the first request with these bytes and hangs up.
    async fn server(answer: Vec<u8>) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let port = listener.local_addr().expect("an address").port();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a client");
            let _ = stream.read(&mut [0; 1024]).await;
            let _ = stream.write_all(&answer).await;
        });
        port
    }

    #[tokio::test]
    async fn whatever_answers_there_is_a_result_or_an_error() {
        let garbage = vec![b'x'; 3 << 20];
        for (answer, expected) in [
            (br#"{"id":1,"jsonrpc":"2.0","result":{"a":1}}"#.iter().chain(b"\r\n").copied().collect(), "Ok"),
            (b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), "Garbage"),
            (b"{\"id\":1,\"error\":{\"code\":-1,\"data\":\"no\\nway\"}}\n".to_vec(), "Refused(\"noway\")"),
            (b"{\"id\":1,\"res".to_vec(), "Gone"),
            (garbage, "Gone"),
            (Vec::new(), "Gone"),
        ] {
            let (rpc, _told) = Rpc::connect("127.0.0.1", server(answer).await).await.expect("connects");
            let result = rpc.call("Server.GetStatus", serde_json::Value::Null).await;
            assert!(format!("{result:?}").contains(expected), "{result:?} is not {expected}");
        }
    }

    #[tokio::test]
    async fn a_port_where_nobody_listens_is_unreachable() {
        let port = {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
            listener.local_addr().expect("an address").port()
        };
        let error = Rpc::connect("127.0.0.1", port).await.err().expect("an error");
        assert!(matches!(error, RpcError::Unreachable(_)), "{error:?}");
    }
}

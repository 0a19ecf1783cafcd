//! A private session bus and a client on it, acting as the desktop.

use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use futures_util::StreamExt;
use tokio::runtime::Runtime;
use zbus::zvariant::{DynamicType, OwnedValue, Value};
use zbus::{Connection, Message, MessageStream};

use super::process::Process;
use super::wait_for;

pub const MPRIS: &str = "org.mpris.MediaPlayer2.auralis";
const MPRIS_PATH: &str = "/org/mpris/MediaPlayer2";

pub struct Bus {
    pub address: String,
    runtime: Runtime,
    connection: Connection,
    heard: Arc<Mutex<Vec<Message>>>,
    _daemon: Process,
}

impl Bus {
    pub fn start() -> Self {
        let (daemon, address) = Process::start_and_read_line(
            Command::new("dbus-daemon").args(["--session", "--nofork", "--print-address=1"]).stderr(Stdio::null()),
        );
        let runtime = Runtime::new().expect("a runtime");
        let connection = runtime.block_on(async {
            let builder = zbus::connection::Builder::address(address.as_str()).expect("an address");
            builder.build().await.expect("connects")
        });
        let heard = Arc::new(Mutex::new(Vec::new()));
        let mut bus = Bus { address, runtime, connection, heard, _daemon: daemon };
        bus.listen();
        bus
    }

    /// Records every signal that reaches this client.
    fn listen(&mut self) {
        let heard = self.heard.clone();
        let mut stream = MessageStream::from(&self.connection);
        self.runtime.spawn(async move {
            while let Some(Ok(message)) = stream.next().await {
                heard.lock().expect("no panic").push(message);
            }
        });
        self.call(
            "org.freedesktop.DBus",
            "/org/freedesktop/DBus",
            "org.freedesktop.DBus.AddMatch",
            &("type='signal',path='/org/mpris/MediaPlayer2'",),
        );
    }

    /// Calls `interface.method` and returns the answer, or the error's text.
    pub fn try_call<B>(&self, to: &str, path: &str, method: &str, body: &B) -> Result<Message, String>
    where
        B: serde::Serialize + DynamicType,
    {
        let (interface, method) = method.rsplit_once('.').expect("an interface");
        let call = self.connection.call_method(Some(to), path, Some(interface), method, body);
        self.runtime.block_on(call).map_err(|error| error.to_string())
    }

    /// Serves an object on the bus under a name, as a desktop service would.
    pub fn offer(&self, name: &str, path: &str, object: impl zbus::object_server::Interface) {
        self.runtime.block_on(async { self.connection.object_server().at(path, object).await }).expect("offers");
        self.take(name);
    }

    pub fn take(&self, name: &str) {
        self.runtime.block_on(self.connection.request_name(name)).expect("the name is free");
    }

    /// Releases a name; the object stays served.
    pub fn withdraw(&self, name: &str) {
        self.runtime.block_on(self.connection.release_name(name)).expect("gives the name back");
    }

    pub fn call<B: serde::Serialize + DynamicType>(&self, to: &str, path: &str, method: &str, body: &B) -> Message {
        self.try_call(to, path, method, body).unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    pub fn has(&self, name: &str) -> bool {
        let answer =
            self.call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.NameHasOwner", &(name,));
        answer.body().deserialize().expect("a boolean")
    }

    /// Waits until the app is on the bus.
    pub fn wait_for_player(&self) {
        wait_for("the player on the bus", || self.has(MPRIS).then_some(()));
    }

    /// Calls an MPRIS method, named without its prefix: `Player.Next`, `.Raise`.
    pub fn mpris<B: serde::Serialize + DynamicType>(&self, method: &str, body: &B) -> Message {
        self.call(MPRIS, MPRIS_PATH, &mpris_name(method), body)
    }

    /// Reads an MPRIS property, such as `Player.Volume`.
    pub fn get<T: TryFrom<OwnedValue>>(&self, property: &str) -> T {
        let name = mpris_name(property);
        let (interface, property) = name.rsplit_once('.').expect("an interface");
        let answer = self.call(MPRIS, MPRIS_PATH, "org.freedesktop.DBus.Properties.Get", &(interface, property));
        let value: OwnedValue = answer.body().deserialize().expect("a value");
        T::try_from(value).unwrap_or_else(|_| panic!("{property} has another type"))
    }

    pub fn set<'a>(&self, property: &str, value: impl Into<Value<'a>>) -> Result<(), String> {
        let name = mpris_name(property);
        let (interface, property) = name.rsplit_once('.').expect("an interface");
        let body = (interface, property, value.into());
        self.try_call(MPRIS, MPRIS_PATH, "org.freedesktop.DBus.Properties.Set", &body).map(drop)
    }

    /// The signals of that name received so far.
    pub fn heard(&self, member: &str) -> Vec<Message> {
        let heard = self.heard.lock().expect("no panic");
        let is = |message: &&Message| message.header().member().is_some_and(|name| name.as_str() == member);
        heard.iter().filter(is).cloned().collect()
    }
}

fn mpris_name(name: &str) -> String {
    let dot = if name.starts_with('.') { "" } else { "." };
    format!("org.mpris.MediaPlayer2{dot}{name}")
}

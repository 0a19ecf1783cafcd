//! Servers that are not there, or not what they should be: a message, and nothing else.

use std::io::{Read, Write};
use std::net::TcpListener;

use crate::support::app::TempHome;

/// A port that answers whatever is asked with these bytes.
fn answering(answer: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                while let Ok(1..) = stream.read(&mut [0; 1024]) {
                    if stream.write_all(answer).is_err() {
                        return;
                    }
                }
            });
        }
    });
    port
}

/// Starts a player with these arguments and returns why it has no rooms.
fn reason(arguments: &[&str], path: Option<&str>) -> String {
    let home = TempHome::new();
    let mut command = home.auralis();
    command.args(arguments);
    if let Some(path) = path {
        command.env("PATH", path);
    }
    let app = home.start_with(&mut command);
    let mut client = app.client();
    client.wait_until("a failure", |view| view["rooms"]["server"]["state"] == "failed");
    let reason = client.view["rooms"]["server"]["reason"].as_str().expect("a reason").to_owned();
    client.wait_until("a notice", |view| view["notices"][0]["kind"] == "rooms_failed");
    // Everything else goes on.
    client.run(serde_json::json!({"do": "set_volume", "volume": 7}));
    reason
}

#[test]
fn a_server_that_cannot_be_used_is_told_of() {
    const OTHER: &[u8] = b"{\"id\":1,\"jsonrpc\":\"2.0\",\"result\":{\"server\":{\"groups\":[],\"streams\":[],\
        \"server\":{\"snapserver\":{\"version\":\"9.0\",\"controlProtocolVersion\":9}}}}}\r\n";
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
        listener.local_addr().expect("an address").port()
    };
    for (port, expected) in [
        (answering(b"\x16\x03\x01\xff\n\x00garbage\n"), "not a Snapcast server"),
        (answering(b"{\"id\":1,\"result\":[1,2,3]}\n"), "not a Snapcast server"),
        (answering(OTHER), "version 9"),
        (closed, "cannot be reached"),
    ] {
        let reason = reason(&["--rooms-server", &format!("127.0.0.1:{port}")], None);
        assert!(reason.contains(expected) && reason.contains(&port.to_string()), "{reason}");
    }
}

#[test]
fn a_program_that_is_missing_is_named() {
    let reason = reason(&["--rooms"], Some("/nonexistent"));
    assert!(reason.contains("apt install snapserver"), "{reason}");
}

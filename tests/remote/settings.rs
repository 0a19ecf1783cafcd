//! The server of the window app follows its settings.

use std::net::{TcpListener, TcpStream};

use auralis::app;
use auralis::app::AppControl;
use auralis::surfaces::http as remote;
use auralis_audio::{Engine, OutputKind};
use auralis_core::{Command, RemoteServerSettings, RemoteServerState, SettingsPatch};
use tokio::runtime::Runtime;

use crate::support::app::TempHome;
use crate::support::client::Client;
use crate::support::desktop::free_port;
use crate::support::http::get;

#[test]
fn server_is_off_by_default_and_follows_its_settings() {
    let home = TempHome::new();
    let runtime = Runtime::new().expect("a runtime");
    let handle = runtime
        .block_on(app::start(home.dirs(), AppControl::new(false).0, |report| Engine::start(OutputKind::Null, report)))
        .expect("it starts");
    let following = runtime.spawn(remote::follow_settings(handle.clone()));
    let set = |enabled, port| {
        let remote = Some(RemoteServerSettings { enabled, port, ..RemoteServerSettings::default() });
        let command = Command::ChangeSettings { settings: SettingsPatch { remote, ..SettingsPatch::default() } };
        runtime.block_on(handle.dispatch(command, None)).expect("it is changed");
    };
    let mut snapshots = handle.watch();
    let mut wait = |holds: &dyn Fn(&RemoteServerState) -> bool| {
        let state = runtime.block_on(snapshots.wait_for(|snapshot| holds(&snapshot.view().remote))).expect("told");
        state.view().remote.clone()
    };
    let is_shut = |address: &str| TcpStream::connect(address).is_err();
    let port = free_port();
    let address = format!("127.0.0.1:{port}");
    assert_eq!(handle.snapshot().view().remote, RemoteServerState::Off);
    assert!(!handle.snapshot().view().settings.remote.enabled && is_shut(&address));

    set(true, port);
    let state = wait(&|state| matches!(state, RemoteServerState::Open { .. }));
    assert!(
        matches!(state, RemoteServerState::Open { address: open, allow_lan: false, started_by_cli: false, .. } if open == address)
    );
    let secret = || std::fs::read_to_string(home.dirs().state.join("pairing")).expect("the secret");
    let mut client = Client::connect(&address, &secret());
    assert_eq!(get(&address, "/api/health").status, 200);

    // A port in use by another program is reported, and that program keeps it.
    let other = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = other.local_addr().expect("an address");
    set(true, taken.port());
    let state = wait(&|state| matches!(state, RemoteServerState::Failed { .. }));
    assert!(matches!(state, RemoteServerState::Failed { reason } if reason.contains(&taken.port().to_string())));
    assert!(client.wait_for_close() && is_shut(&address));
    let _caller = TcpStream::connect(taken).expect("connects");
    other.accept().expect("it still listens");

    set(true, port);
    wait(&|state| matches!(state, RemoteServerState::Open { .. }));
    assert_eq!(Client::connect(&address, &secret()).view["remote"]["state"], "open");
    set(false, port);
    wait(&|state| *state == RemoteServerState::Off);
    assert!(is_shut(&address));

    runtime.block_on(handle.stop());
    runtime.block_on(following).expect("it ends with the player");
}

//! Runs the player without a window: serves the interface over HTTP until a signal.

use std::io::Write;
use std::net::IpAddr;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc::UnboundedReceiver, watch};

use auralis_audio::OutputKind;
use auralis_core::RoomsSettings;

use crate::app::{self, AppControl, AppDirs, PlayerHandle, StartError, WindowRequest, settings};
use crate::rooms::{self, Rooms};
use crate::scrobbling::Scrobbling;
use crate::surfaces::control_socket::Instance;
use crate::surfaces::http::{BoundServer, ServerError};
use crate::surfaces::session_bus;

/// Why the player does not run.
#[derive(Debug, thiserror::Error)]
pub enum HeadlessError {
    /// The player could not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The HTTP server could not start.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// Signal handlers or standard output are not available.
    #[error("The system refused: {0}")]
    System(#[from] std::io::Error),
}

/// Runs until SIGTERM, SIGINT or a quit request. Prints `listening on http://ADDR:PORT` once clients can connect,
/// then the link that pairs a browser on this machine. With `rooms`, it plays in them only.
pub async fn run(
    dirs: AppDirs,
    instance: Instance,
    output: OutputKind,
    rooms: Option<RoomsSettings>,
    host: IpAddr,
    port: u16,
) -> Result<(), HeadlessError> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    // Before the library is opened, so that a port in use fails fast.
    let server = BoundServer::bind(host, port).await?;
    let (app_control, mut requests) = AppControl::new(false);
    let rooms = Rooms::new(rooms::Choice { settings: rooms, silent_here: output == OutputKind::Null });
    let services = app::start(dirs, app_control, |report| rooms.start_engine(output, report)).await?;
    let serving_rooms = tokio::spawn(rooms.serve(services.clone()));
    instance.listen(PlayerHandle::clone(&services));
    let settings_file = services.dirs().settings_file();
    let (_, no_other_changes) = watch::channel(());
    let saving = tokio::spawn(settings::save_on_change(services.clone(), no_other_changes, move |settings| {
        settings::write(&settings_file, settings)
    }));
    tokio::spawn(session_bus::serve(services.clone()));
    let scrobbling = Scrobbling::start(services.clone());
    let mut stdout = std::io::stdout();
    // Before clients can connect: the first link is what they need.
    let link = server.local_link(&services)?;
    writeln!(stdout, "listening on http://{}", server.address())?;
    writeln!(stdout, "open {link}")?;
    stdout.flush()?;
    let shutdown = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            () = wait_for_quit(&mut requests) => {}
        }
    };
    server.serve(services.clone(), true, shutdown).await;
    scrobbling.stop().await;
    services.stop().await;
    let _ = saving.await;
    let _ = serving_rooms.await;
    Ok(())
}

/// Waits for a quit request; for ever if nobody is left to send one.
async fn wait_for_quit(requests: &mut UnboundedReceiver<WindowRequest>) {
    while let Some(request) = requests.recv().await {
        if request == WindowRequest::Quit {
            return;
        }
    }
    std::future::pending().await
}

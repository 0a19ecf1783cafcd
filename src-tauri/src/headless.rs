//! The player without a window: the remote door on this machine's loopback, until a signal.

use std::io::Write;
use std::net::IpAddr;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::UnboundedReceiver;

use auralis_audio::{Engine, OutputKind};

use crate::app::{self, Places, Program, StartError, Wish, settings};
use crate::scrobbling;
use crate::surfaces::control_socket::Instance;
use crate::surfaces::http::{Remote, RemoteError};
use crate::surfaces::session_bus;

/// Why the player does not run.
#[derive(Debug, thiserror::Error)]
pub enum HeadlessError {
    /// It could not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// Its door could not open.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// The system gives no signals or no standard output.
    #[error("The system refused: {0}")]
    System(#[from] std::io::Error),
}

/// Runs until SIGTERM or SIGINT. Prints `listening on http://ADDR:PORT` once clients can come.
pub async fn run(
    places: Places,
    instance: Instance,
    output: OutputKind,
    host: IpAddr,
    port: u16,
) -> Result<(), HeadlessError> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    // First the door: a port that is taken must not cost a start on the library.
    let remote = Remote::open(host, port).await?;
    let (program, mut wishes) = Program::new(false);
    let handle = app::start(places, program, |report| Engine::start(output, report)).await?;
    instance.listen(handle.clone());
    let settings_file = handle.places().settings_file();
    let keeping =
        tokio::spawn(settings::keep(handle.clone(), move |settings| settings::write(&settings_file, settings)));
    tokio::spawn(session_bus::serve(handle.clone()));
    tokio::spawn(scrobbling::follow_settings(handle.clone()));
    let mut stdout = std::io::stdout();
    writeln!(stdout, "listening on http://{}", remote.address())?;
    stdout.flush()?;
    let end = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            () = until_quit(&mut wishes) => {}
        }
    };
    remote.serve(handle.clone(), true, end).await;
    handle.stop().await;
    let _ = keeping.await;
    Ok(())
}

/// Surfaces that are gone want no end.
async fn until_quit(wishes: &mut UnboundedReceiver<Wish>) {
    while let Some(wish) = wishes.recv().await {
        if wish == Wish::Quit {
            return;
        }
    }
    std::future::pending().await
}

//! The desktop: windows that show what the core publishes and send it commands.

mod commands;
mod covers;
mod settings;
pub mod startup_error;
mod windows;

use tauri::{AppHandle, Emitter, Manager, RunEvent};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::UnboundedReceiver;

use auralis_audio::{Engine, OutputKind};
use auralis_core::{ClientKind, Command};

use crate::app::{self, Handle, Places, Program, StartError, Wish};
use crate::scrobbling;
use crate::surfaces::control_socket::Instance;
use crate::surfaces::http;
use crate::surfaces::session_bus;

/// The event that tells every window that something changed. It carries nothing: Tauri tells an event by a script, and WebKit
/// compiles each script that it has not met and keeps some thousand of them, so that a window would grow with each track. What
/// changed comes as the answer to [`commands::changes`].
const EVENT: &str = "auralis";

/// Why there is no window.
#[derive(Debug, thiserror::Error)]
pub enum ShellError {
    /// The player could not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The desktop refused.
    #[error("The window cannot be opened: {0}")]
    Tauri(#[from] tauri::Error),
}

/// Runs the player with its windows until the last is closed, unless it goes on in the tray, or a signal comes.
/// `opened`: what to play first, as the command line names it.
pub fn run(
    places: Places,
    instance: Instance,
    output: OutputKind,
    runtime: Runtime,
    opened: Option<Command>,
) -> Result<(), ShellError> {
    tauri::async_runtime::set(runtime.handle().clone());
    let (program, wishes) = Program::new(true);
    let handle = runtime.block_on(app::start(places, program, |report| Engine::start(output, report)))?;
    runtime.block_on(async { instance.listen(handle.clone()) });
    if let Some(command) = opened {
        runtime.spawn(open(handle.of(ClientKind::CommandLine), command));
    }
    let player = handle.clone();
    // By this name a desktop knows whose windows they are.
    gtk::glib::set_prgname(Some(session_bus::APP_ID));
    let desktop = tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_store::Builder::default().build())
        .register_asynchronous_uri_scheme_protocol("cover", covers::serve)
        .invoke_handler(tauri::generate_handler![
            commands::attach,
            commands::changes,
            commands::dispatch,
            commands::query,
            commands::diagnostics,
            commands::ask,
            commands::pair,
            commands::open_mini,
            commands::open_main,
            commands::on_top,
            commands::quit,
            commands::choose_folder,
            commands::choose_file,
            commands::choose_target
        ])
        .manage(handle.clone())
        .setup(move |app| {
            let keeping = settings::keep(app.handle(), player.clone())?;
            app.manage(keeping);
            tauri::async_runtime::spawn(tell_of_changes(app.handle().clone(), player.clone()));
            tauri::async_runtime::spawn(windows::follow_theme(app.handle().clone(), player.clone()));
            tauri::async_runtime::spawn(http::follow_settings(player.clone()));
            tauri::async_runtime::spawn(scrobbling::follow_settings(player.clone()));
            tauri::async_runtime::spawn(exit_on_signal(app.handle().clone()));
            app.manage(windows::Hidden::default());
            if player.snapshot().view().settings.desktop.start_hidden {
                tauri::async_runtime::spawn(windows::open_without_tray(app.handle().clone(), player.clone()));
            } else {
                windows::open_main(app.handle(), &player)?;
            }
            tauri::async_runtime::spawn(fulfil(app.handle().clone(), wishes));
            tauri::async_runtime::spawn(session_bus::serve(player.clone()));
            Ok(())
        })
        .build(tauri::generate_context!("tauri.conf.json"))?;
    desktop.run(move |app, event| match event {
        // Without a code: the last window was closed.
        RunEvent::ExitRequested { code: None, api, .. } if windows::may_all_be_closed(app, &handle) => {
            api.prevent_exit();
        }
        RunEvent::Exit => tauri::async_runtime::block_on(async {
            handle.stop().await;
            settings::finish(app).await;
        }),
        _ => {}
    });
    Ok(())
}

async fn open(handle: Handle, command: Command) {
    if let Err(refusal) = handle.dispatch(command, None).await {
        tracing::error!(%refusal, "what was to be opened cannot be");
    }
}

async fn tell_of_changes(app: AppHandle, handle: Handle) {
    let mut snapshots = handle.watch();
    while snapshots.changed().await.is_ok() {
        if let Err(error) = app.emit(EVENT, ()) {
            tracing::error!(%error, "a window cannot be told");
        }
    }
}

async fn exit_on_signal(app: AppHandle) {
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return tracing::warn!("signals cannot be received");
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    app.exit(0);
}

async fn fulfil(app: AppHandle, mut wishes: UnboundedReceiver<Wish>) {
    while let Some(wish) = wishes.recv().await {
        match wish {
            Wish::Raise { token } => windows::raise_main(&app, token),
            Wish::Hide => windows::hide_main(&app),
            Wish::Mini => windows::raise_mini(&app),
            Wish::Quit => app.exit(0),
        }
    }
}

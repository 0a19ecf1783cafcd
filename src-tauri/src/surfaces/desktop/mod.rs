//! The desktop windows.

mod clients;
mod commands;
mod covers;
mod geometry;
mod settings;
pub mod startup_error;
mod windows;

use tauri::{AppHandle, Emitter, Manager, RunEvent};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::UnboundedReceiver;

use auralis_audio::OutputKind;
use auralis_core::{ClientKind, Command};

use self::clients::WindowClients;
use crate::app::{self, AppControl, AppDirs, PlayerHandle, StartError, WindowRequest};
use crate::rooms::{self, Rooms};
use crate::scrobbling::Scrobbling;
use crate::surfaces::app_id;
use crate::surfaces::control_socket::Instance;
use crate::surfaces::http;
use crate::surfaces::session_bus;

/// "State changed" event without payload. Each distinct payload would be compiled and cached by WebKit as a new script, so
/// that a window would grow with each track. Windows call [`commands::changes`] for the changes.
const STATE_CHANGED_EVENT: &str = "auralis";

/// Why there is no window.
#[derive(Debug, thiserror::Error)]
pub enum DesktopError {
    /// The player could not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// There is no display.
    #[error("There is no display to show a window on. Start Auralis with --headless to use it without one.")]
    NoDisplay,
    /// The window system refused.
    #[error("The window cannot be opened: {0}")]
    Tauri(#[from] tauri::Error),
}

/// Runs the player with its windows until the last is closed, unless it keeps running in the tray, or a signal arrives.
/// `opened`: the command that plays the files of the command line.
pub fn run(
    dirs: AppDirs,
    instance: Instance,
    output: OutputKind,
    runtime: Runtime,
    opened: Option<Command>,
) -> Result<(), DesktopError> {
    // Desktops match windows to the desktop file by this name, which GTK takes when it starts.
    gtk::glib::set_prgname(Some(app_id::APP_ID));
    // Before the library is opened and anything prints a warning.
    gtk::init().map_err(|_| DesktopError::NoDisplay)?;
    tauri::async_runtime::set(runtime.handle().clone());
    let (app_control, requests) = AppControl::new(true);
    let rooms = Rooms::new(rooms::Choice { settings: None, silent_here: output == OutputKind::Null });
    let services = runtime.block_on(app::start(dirs, app_control, |report| rooms.start_engine(output, report)))?;
    let mut serving_rooms = Some(runtime.spawn(rooms.serve(services.clone())));
    let player = PlayerHandle::clone(&services);
    runtime.block_on(async { instance.listen(player.clone()) });
    if let Some(command) = opened {
        runtime.spawn(open(player.with_client_kind(ClientKind::CommandLine), command));
    }
    let scrobbling = runtime.block_on(async { Scrobbling::start(services.clone()) });
    let mut scrobbling = Some(scrobbling);
    let setup_services = services.clone();
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
        .manage(WindowClients::new(player.clone()))
        .manage(player)
        .manage(services.clone())
        .setup(move |app| {
            let services = setup_services;
            app.manage(settings::open(app.handle(), services.clone())?);
            let player = PlayerHandle::clone(&services);
            tauri::async_runtime::spawn(emit_state_changes(app.handle().clone(), player.clone()));
            tauri::async_runtime::spawn(windows::follow_theme(app.handle().clone(), player.clone()));
            tauri::async_runtime::spawn(http::follow_settings(services.clone()));
            tauri::async_runtime::spawn(exit_on_signal(app.handle().clone()));
            app.manage(windows::HiddenToTray::default());
            if services.snapshot().view().settings.desktop.start_hidden {
                tauri::async_runtime::spawn(windows::open_if_no_tray(app.handle().clone(), player));
            } else {
                windows::open_main(app.handle())?;
            }
            tauri::async_runtime::spawn(handle_window_requests(app.handle().clone(), requests));
            tauri::async_runtime::spawn(session_bus::serve(services));
            Ok(())
        })
        .build(tauri::generate_context!("tauri.conf.json"))?;
    desktop.run(move |app, event| match event {
        // Without a code, the last window was closed.
        RunEvent::ExitRequested { code: None, api, .. } if windows::should_keep_running(app, &services) => {
            api.prevent_exit();
        }
        RunEvent::Exit => tauri::async_runtime::block_on(async {
            if let Some(scrobbling) = scrobbling.take() {
                scrobbling.stop().await;
            }
            services.stop().await;
            settings::finish(app).await;
            if let Some(serving) = serving_rooms.take() {
                let _ = serving.await;
            }
        }),
        _ => {}
    });
    Ok(())
}

async fn open(handle: PlayerHandle, command: Command) {
    if let Err(error) = handle.dispatch(command, None).await {
        tracing::error!(%error, "failed to open the given files");
    }
}

async fn emit_state_changes(app: AppHandle, handle: PlayerHandle) {
    let mut snapshots = handle.watch();
    while snapshots.changed().await.is_ok() {
        if let Err(error) = app.emit(STATE_CHANGED_EVENT, ()) {
            tracing::error!(%error, "failed to emit a state change");
        }
    }
}

async fn exit_on_signal(app: AppHandle) {
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return tracing::warn!("signal handlers not available");
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    app.exit(0);
}

async fn handle_window_requests(app: AppHandle, mut requests: UnboundedReceiver<WindowRequest>) {
    while let Some(request) = requests.recv().await {
        match request {
            WindowRequest::RaiseMain { token } => windows::raise_main(&app, token),
            WindowRequest::HideMain => windows::hide_main(&app),
            WindowRequest::ShowMiniPlayer => windows::raise_mini(&app),
            WindowRequest::Quit => app.exit(0),
        }
    }
}

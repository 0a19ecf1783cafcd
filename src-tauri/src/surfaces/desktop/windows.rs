//! The windows and their geometry.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use auralis_core::Theme;
use gtk::prelude::GtkWindowExt;
use tauri::utils::config::Color;
use tauri::{
    AppHandle, Manager, PhysicalPosition, PhysicalSize, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent,
};

use super::clients::{MAIN, WindowClients};
use super::geometry::WindowGeometry;
use super::settings;
use crate::app::{AppServices, PlayerHandle, WindowState};

const MINI: &str = "mini";
const DEFAULT_SIZE: (f64, f64) = (1280.0, 800.0);
const MIN_SIZE: (f64, f64) = (720.0, 480.0);
const MINI_SIZE: (f64, f64) = (360.0, 120.0);
const MIN_MINI_SIZE: (f64, f64) = (280.0, 112.0);

/// Whether the main window was hidden to the tray.
#[derive(Default)]
pub(super) struct HiddenToTray(AtomicBool);

/// Opens the main window at its saved geometry. It stays invisible until its page has loaded.
pub(super) fn open_main(app: &AppHandle) -> tauri::Result<()> {
    app.state::<HiddenToTray>().0.store(false, Ordering::Relaxed);
    open(app, MAIN, "index.html", DEFAULT_SIZE, MIN_SIZE)
}

/// Opens the mini player at its saved geometry, or brings it to the front.
pub(super) fn open_mini(app: &AppHandle) -> tauri::Result<()> {
    match app.get_webview_window(MINI) {
        Some(window) => raise(&window, None),
        None => open(app, MINI, "index.html#/mini", MINI_SIZE, MIN_MINI_SIZE),
    }
}

fn open(app: &AppHandle, label: &str, page: &str, size: (f64, f64), min_size: (f64, f64)) -> tauri::Result<()> {
    let services = app.state::<AppServices>();
    let window = WebviewWindowBuilder::new(app, label, WebviewUrl::App(page.into()))
        .title("Auralis")
        .inner_size(size.0, size.1)
        .min_inner_size(min_size.0, min_size.1)
        .visible(false)
        .theme(tauri_theme(services.snapshot().view().settings.theme))
        .data_directory(services.dirs().cache.join("webview"))
        .build()?;
    window.set_background_color(Some(background_color(window.theme()?)))?;
    if let Some(geometry) = settings::window_geometry(app, label) {
        restore_geometry(&window, geometry)?;
    }
    let (moved, app) = (window.clone(), app.clone());
    publish_window_state(&app, |_| true);
    window.on_window_event(move |event| match event {
        WindowEvent::Moved(_) | WindowEvent::Resized(_) | WindowEvent::CloseRequested { .. } => save_geometry(&moved),
        WindowEvent::Focused(_) => publish_window_state(&app, |_| true),
        WindowEvent::Destroyed => {
            app.state::<WindowClients>().remove(moved.label());
            publish_window_state(&app, |label| label != moved.label());
        }
        _ => {}
    });
    Ok(())
}

/// Publishes the state of the windows for whose label `include` returns true.
fn publish_window_state(app: &AppHandle, include: impl Fn(&str) -> bool) {
    let windows = app.webview_windows();
    let mut open = windows.iter().filter(|(label, _)| include(label)).peekable();
    let state = WindowState {
        main: windows.contains_key(MAIN) && include(MAIN),
        any_open: open.peek().is_some(),
        focused: open.any(|(_, window)| window.is_focused().unwrap_or(false)),
    };
    app.state::<AppServices>().app_control().set_window_state(state);
}

/// Whether the program keeps running without windows. Requires a tray, from which they can be opened again.
pub(super) fn should_keep_running(app: &AppHandle, handle: &PlayerHandle) -> bool {
    let snapshot = handle.snapshot();
    let view = snapshot.view();
    let hidden = app.state::<HiddenToTray>().0.load(Ordering::Relaxed);
    view.desktop.tray && (view.settings.desktop.close_to_tray || hidden)
}

/// Opens the main window if no tray appears.
pub(super) async fn open_if_no_tray(app: AppHandle, handle: PlayerHandle) {
    /// At login, trays and players start at the same time.
    const TRAY_WAIT: Duration = Duration::from_secs(5);
    let mut snapshots = handle.watch();
    let tray = snapshots.wait_for(|snapshot| snapshot.view().desktop.tray);
    if tokio::time::timeout(TRAY_WAIT, tray).await.is_err() {
        tracing::info!("no tray: opening the window");
        raise_main(&app, None);
    }
}

/// Closes the main window; the player keeps running.
pub(super) fn hide_main(app: &AppHandle) {
    let Some(window) = app.get_webview_window(MAIN) else { return };
    app.state::<HiddenToTray>().0.store(true, Ordering::Relaxed);
    if let Err(error) = window.close() {
        tracing::warn!(%error, "failed to close the window");
    }
}

/// Shows the main window in front of others. `token`: see [`crate::app::WindowRequest::RaiseMain`].
pub(super) fn raise_main(app: &AppHandle, token: Option<String>) {
    let raised = match app.get_webview_window(MAIN) {
        Some(window) => raise(&window, token),
        // Closed while the mini player is open or the player runs in the tray.
        None => open_main(app),
    };
    if let Err(error) = raised {
        tracing::warn!(%error, "failed to raise the window");
    }
}

/// Shows the mini player in front of others.
pub(super) fn raise_mini(app: &AppHandle) {
    if let Err(error) = open_mini(app) {
        tracing::warn!(%error, "failed to open the mini player");
    }
}

fn raise(window: &WebviewWindow, token: Option<String>) -> tauri::Result<()> {
    if let Some(token) = token {
        let named = window.clone();
        window.run_on_main_thread(move || {
            if let Ok(window) = named.gtk_window() {
                window.set_startup_id(&token);
            }
        })?;
    }
    window.show()?;
    window.unminimize()?;
    window.set_focus()
}

/// Returns whether a window is always on top; a value sets that.
pub(super) fn on_top(window: &WebviewWindow, on: Option<bool>) -> tauri::Result<bool> {
    if let Some(on) = on {
        window.set_always_on_top(on)?;
        save_geometry(window);
    }
    window.is_always_on_top()
}

/// Applies a geometry. Ignores a saved position on a monitor that no longer exists.
fn restore_geometry(window: &WebviewWindow, geometry: WindowGeometry) -> tauri::Result<()> {
    let on_a_screen = window.available_monitors()?.iter().any(|monitor| {
        let (corner, size) = (monitor.position(), monitor.size());
        let inside = |at: i32, from: i32, length: u32| at >= from && at < from.saturating_add_unsigned(length);
        inside(geometry.x, corner.x, size.width) && inside(geometry.y, corner.y, size.height)
    });
    window.set_size(PhysicalSize::new(geometry.width, geometry.height))?;
    if on_a_screen {
        window.set_position(PhysicalPosition::new(geometry.x, geometry.y))?;
    }
    window.set_always_on_top(geometry.on_top)?;
    if geometry.maximized {
        window.maximize()?;
    }
    Ok(())
}

fn save_geometry(window: &WebviewWindow) {
    let here = || -> tauri::Result<WindowGeometry> {
        let (position, size) = (window.outer_position()?, window.inner_size()?);
        let maximized = window.is_maximized()?;
        let on_top = window.is_always_on_top()?;
        Ok(WindowGeometry { x: position.x, y: position.y, width: size.width, height: size.height, maximized, on_top })
    };
    match here() {
        Ok(mut geometry) => {
            // Keeps the size from before, for when the window is restored.
            if let Some(before) =
                settings::window_geometry(window.app_handle(), window.label()).filter(|_| geometry.maximized)
            {
                geometry = WindowGeometry { maximized: true, ..before };
            }
            settings::set_window_geometry(window.app_handle(), window.label(), geometry);
        }
        Err(error) => tracing::debug!(%error, "failed to read the geometry of a window"),
    }
}

/// Applies the theme setting to the window frames, until the player stops.
pub(super) async fn follow_theme(app: AppHandle, handle: PlayerHandle) {
    let mut snapshots = handle.watch();
    let mut theme = snapshots.borrow().view().settings.theme;
    while snapshots.changed().await.is_ok() {
        let chosen = snapshots.borrow_and_update().view().settings.theme;
        if chosen != theme {
            app.set_theme(tauri_theme(chosen));
            theme = chosen;
        }
    }
}

fn tauri_theme(theme: Theme) -> Option<tauri::Theme> {
    match theme {
        Theme::Light => Some(tauri::Theme::Light),
        Theme::Dark => Some(tauri::Theme::Dark),
        Theme::System => None,
    }
}

/// The background before the first frame: that of the interface's `tokens.css`, so that nothing flashes.
fn background_color(theme: tauri::Theme) -> Color {
    match theme {
        tauri::Theme::Dark => Color(0x18, 0x18, 0x1b, 0xff),
        _ => Color(0xfa, 0xfa, 0xfa, 0xff),
    }
}

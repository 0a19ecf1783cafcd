//! The windows and where they stand.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use auralis_core::Theme;
use gtk::prelude::GtkWindowExt;
use serde::{Deserialize, Serialize};
use tauri::utils::config::Color;
use tauri::{
    AppHandle, Manager, PhysicalPosition, PhysicalSize, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent,
};

use super::settings;
use crate::app::{Handle, Sight};

pub(super) const MAIN: &str = "main";
const MINI: &str = "mini";
const SIZE: (f64, f64) = (1280.0, 800.0);
const LEAST_SIZE: (f64, f64) = (720.0, 480.0);
const MINI_SIZE: (f64, f64) = (360.0, 120.0);
const LEAST_MINI_SIZE: (f64, f64) = (280.0, 112.0);

/// Where a window was, in physical pixels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Place {
    x: i32,
    y: i32,
    width: u32,
    height: u32,
    maximized: bool,
    /// It stays in front of other windows.
    #[serde(default)]
    on_top: bool,
}

/// Set while the main window is closed because the tray was asked to hide it.
#[derive(Default)]
pub(super) struct Hidden(AtomicBool);

/// Opens the main window where it was. It shows itself when it has something to show.
pub(super) fn open_main(app: &AppHandle, handle: &Handle) -> tauri::Result<()> {
    app.state::<Hidden>().0.store(false, Ordering::Relaxed);
    open(app, handle, MAIN, "index.html", SIZE, LEAST_SIZE)
}

/// Opens the mini player where it was, or brings it to the front.
pub(super) fn open_mini(app: &AppHandle, handle: &Handle) -> tauri::Result<()> {
    match app.get_webview_window(MINI) {
        Some(window) => raise(&window, None),
        None => open(app, handle, MINI, "index.html#/mini", MINI_SIZE, LEAST_MINI_SIZE),
    }
}

fn open(
    app: &AppHandle,
    handle: &Handle,
    label: &str,
    page: &str,
    size: (f64, f64),
    least: (f64, f64),
) -> tauri::Result<()> {
    let window = WebviewWindowBuilder::new(app, label, WebviewUrl::App(page.into()))
        .title("Auralis")
        .inner_size(size.0, size.1)
        .min_inner_size(least.0, least.1)
        .visible(false)
        .theme(of_desktop(handle.snapshot().view().settings.theme))
        .data_directory(handle.places().cache.join("webview"))
        .build()?;
    window.set_background_color(Some(ground(window.theme()?)))?;
    if let Some(place) = settings::window_place(app, label) {
        go_to(&window, place)?;
    }
    let (moved, app) = (window.clone(), app.clone());
    tell_sight(&app, |_| true);
    window.on_window_event(move |event| match event {
        WindowEvent::Moved(_) | WindowEvent::Resized(_) | WindowEvent::CloseRequested { .. } => remember(&moved),
        WindowEvent::Focused(_) => tell_sight(&app, |_| true),
        WindowEvent::Destroyed => tell_sight(&app, |label| label != moved.label()),
        _ => {}
    });
    Ok(())
}

/// Tells the surfaces which windows there are, of those that count.
fn tell_sight(app: &AppHandle, counts: impl Fn(&str) -> bool) {
    let windows = app.webview_windows();
    let mut open = windows.iter().filter(|(label, _)| counts(label)).peekable();
    let sight = Sight {
        main: windows.contains_key(MAIN) && counts(MAIN),
        open: open.peek().is_some(),
        focused: open.any(|(_, window)| window.is_focused().unwrap_or(false)),
    };
    app.state::<Handle>().program().see(sight);
}

/// Whether the player goes on without a window. A tray must be there, by which it is found again.
pub(super) fn may_all_be_closed(app: &AppHandle, handle: &Handle) -> bool {
    let snapshot = handle.snapshot();
    let view = snapshot.view();
    let hidden = app.state::<Hidden>().0.load(Ordering::Relaxed);
    view.desktop.tray && (view.settings.desktop.close_to_tray || hidden)
}

/// Opens the main window unless a tray comes, by which it can be opened later.
pub(super) async fn open_without_tray(app: AppHandle, handle: Handle) {
    /// At login, trays and players start at the same time.
    const PATIENCE: Duration = Duration::from_secs(5);
    let mut snapshots = handle.watch();
    let tray = snapshots.wait_for(|snapshot| snapshot.view().desktop.tray);
    if tokio::time::timeout(PATIENCE, tray).await.is_err() {
        tracing::info!("no tray to start in");
        raise_main(&app, None);
    }
}

/// Closes the main window; the player goes on.
pub(super) fn hide_main(app: &AppHandle) {
    let Some(window) = app.get_webview_window(MAIN) else { return };
    app.state::<Hidden>().0.store(true, Ordering::Relaxed);
    if let Err(error) = window.close() {
        tracing::warn!(%error, "the window cannot be closed");
    }
}

/// Shows the main window in front of others. `token`: see [`crate::app::Wish::Raise`].
pub(super) fn raise_main(app: &AppHandle, token: Option<String>) {
    let raised = match app.get_webview_window(MAIN) {
        Some(window) => raise(&window, token),
        // Closed while the mini player stayed, or the player in the tray.
        None => open_main(app, &app.state::<Handle>()),
    };
    if let Err(error) = raised {
        tracing::warn!(%error, "the window cannot be raised");
    }
}

/// Shows the mini player in front of others.
pub(super) fn raise_mini(app: &AppHandle) {
    if let Err(error) = open_mini(app, &app.state::<Handle>()) {
        tracing::warn!(%error, "the mini player cannot be opened");
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

/// Whether a window stays in front of others; with a value, from now on.
pub(super) fn on_top(window: &WebviewWindow, on: Option<bool>) -> tauri::Result<bool> {
    if let Some(on) = on {
        window.set_always_on_top(on)?;
        remember(window);
    }
    window.is_always_on_top()
}

/// A place on a screen that is gone is not gone to.
fn go_to(window: &WebviewWindow, place: Place) -> tauri::Result<()> {
    let on_a_screen = window.available_monitors()?.iter().any(|monitor| {
        let (corner, size) = (monitor.position(), monitor.size());
        let inside = |at: i32, from: i32, length: u32| at >= from && at < from.saturating_add_unsigned(length);
        inside(place.x, corner.x, size.width) && inside(place.y, corner.y, size.height)
    });
    window.set_size(PhysicalSize::new(place.width, place.height))?;
    if on_a_screen {
        window.set_position(PhysicalPosition::new(place.x, place.y))?;
    }
    window.set_always_on_top(place.on_top)?;
    if place.maximized {
        window.maximize()?;
    }
    Ok(())
}

fn remember(window: &WebviewWindow) {
    let here = || -> tauri::Result<Place> {
        let (position, size) = (window.outer_position()?, window.inner_size()?);
        let maximized = window.is_maximized()?;
        let on_top = window.is_always_on_top()?;
        Ok(Place { x: position.x, y: position.y, width: size.width, height: size.height, maximized, on_top })
    };
    match here() {
        Ok(mut place) => {
            // So that leaving the maximised state goes back to the size before it.
            if let Some(before) =
                settings::window_place(window.app_handle(), window.label()).filter(|_| place.maximized)
            {
                place = Place { maximized: true, ..before };
            }
            settings::set_window_place(window.app_handle(), window.label(), place);
        }
        Err(error) => tracing::debug!(%error, "the window does not say where it is"),
    }
}

/// Keeps the frames of the windows in the colours that the listener chose, until the player stops.
pub(super) async fn follow_theme(app: AppHandle, handle: Handle) {
    let mut snapshots = handle.watch();
    let mut theme = snapshots.borrow().view().settings.theme;
    while snapshots.changed().await.is_ok() {
        let chosen = snapshots.borrow_and_update().view().settings.theme;
        if chosen != theme {
            app.set_theme(of_desktop(chosen));
            theme = chosen;
        }
    }
}

fn of_desktop(theme: Theme) -> Option<tauri::Theme> {
    match theme {
        Theme::Light => Some(tauri::Theme::Light),
        Theme::Dark => Some(tauri::Theme::Dark),
        Theme::System => None,
    }
}

/// What is seen before the first frame: the ground of the interface's `tokens.css`, so that nothing flashes.
fn ground(theme: tauri::Theme) -> Color {
    match theme {
        tauri::Theme::Dark => Color(0x18, 0x18, 0x1b, 0xff),
        _ => Color(0xfa, 0xfa, 0xfa, 0xff),
    }
}

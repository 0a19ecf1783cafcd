//! The windows and where they stand.

use auralis_core::Theme;
use serde::{Deserialize, Serialize};
use tauri::utils::config::Color;
use tauri::{
    AppHandle, Manager, PhysicalPosition, PhysicalSize, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent,
};

use super::settings;
use crate::app::Handle;

const MAIN: &str = "main";
const SIZE: (f64, f64) = (1280.0, 800.0);
const LEAST_SIZE: (f64, f64) = (720.0, 480.0);

/// Where a window was, in physical pixels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Place {
    x: i32,
    y: i32,
    width: u32,
    height: u32,
    maximized: bool,
}

/// Opens the main window where it was. It shows itself when it has something to show.
pub(super) fn open_main(app: &AppHandle, handle: &Handle) -> tauri::Result<()> {
    let window = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::App("index.html".into()))
        .title("Auralis")
        .inner_size(SIZE.0, SIZE.1)
        .min_inner_size(LEAST_SIZE.0, LEAST_SIZE.1)
        .visible(false)
        .theme(of_desktop(handle.snapshot().view().settings.theme))
        .data_directory(handle.places().cache.join("webview"))
        .build()?;
    window.set_background_color(Some(ground(window.theme()?)))?;
    if let Some(place) = settings::window_place(app, MAIN) {
        go_to(&window, place)?;
    }
    let moved = window.clone();
    window.on_window_event(move |event| match event {
        WindowEvent::Moved(_) | WindowEvent::Resized(_) | WindowEvent::CloseRequested { .. } => remember(&moved),
        _ => {}
    });
    Ok(())
}

/// Shows the main window in front of others.
pub(super) fn raise_main(app: &AppHandle) {
    let Some(window) = app.get_webview_window(MAIN) else { return };
    let raised = window.show().and_then(|()| window.unminimize()).and_then(|()| window.set_focus());
    if let Err(error) = raised {
        tracing::warn!(%error, "the window cannot be raised");
    }
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
    if place.maximized {
        window.maximize()?;
    }
    Ok(())
}

fn remember(window: &WebviewWindow) {
    let here = || -> tauri::Result<Place> {
        let (position, size) = (window.outer_position()?, window.inner_size()?);
        let maximized = window.is_maximized()?;
        Ok(Place { x: position.x, y: position.y, width: size.width, height: size.height, maximized })
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

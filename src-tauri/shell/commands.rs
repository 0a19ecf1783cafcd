//! What a window may call. Few, so that a new command of the player needs no line here.

use auralis_core::{Command, Diagnostics, Hello, Refusal, Rows, Window};
use tauri::{AppHandle, State, WebviewWindow};
use tauri_plugin_dialog::DialogExt;
use tokio::sync::oneshot;

use crate::app::Handle;

/// Gives a window the whole truth. It listens already, so nothing falls in between; and it has something to show now.
#[tauri::command]
pub async fn attach(window: WebviewWindow, handle: State<'_, Handle>) -> Result<Hello, Refusal> {
    let hello = handle.snapshot().hello();
    if let Err(error) = window.show() {
        tracing::error!(%error, "the window cannot be shown");
    }
    Ok(hello)
}

/// Carries out a command of the player; see [`Handle::dispatch`].
#[tauri::command]
pub async fn dispatch(handle: State<'_, Handle>, command: Command, if_rev: Option<u64>) -> Result<u64, Refusal> {
    handle.dispatch(command, if_rev).await
}

/// The rows of a list; see [`Handle::query`].
#[tauri::command]
pub async fn query(handle: State<'_, Handle>, window: Window) -> Result<Rows, Refusal> {
    handle.query(&window).await
}

/// How the engine fares at this moment.
#[tauri::command]
pub fn diagnostics(handle: State<'_, Handle>) -> Diagnostics {
    handle.diagnostics()
}

/// Lets the listener choose a folder; nothing if they think better of it.
#[tauri::command]
pub async fn choose_folder(app: AppHandle) -> Option<String> {
    let (chosen, choice) = oneshot::channel();
    app.dialog().file().pick_folder(move |folder| drop(chosen.send(folder)));
    let path = choice.await.ok()??.into_path().ok()?;
    path.to_str().map(str::to_owned)
}

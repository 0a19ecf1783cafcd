//! The commands that a window may call. Few, so that a new command of the player needs no line here.

use auralis_core::{
    ApiError, Command, DataReply, DataRequest, EngineDiagnostics, ErrorCode, Hello, PairingLink, RowPage, RowQuery,
};
use tauri::ipc::Response;
use tauri::{AppHandle, State, WebviewWindow};
use tauri_plugin_dialog::{DialogExt, FilePath};
use tokio::sync::oneshot;

use super::clients::WindowClients;
use super::windows;
use crate::app::PlayerHandle;

/// Returns the complete state to a page that was loaded, and shows its window. The page already listens to changes, so it
/// misses none.
#[tauri::command]
pub async fn attach(
    window: WebviewWindow,
    clients: State<'_, WindowClients>,
    handle: State<'_, PlayerHandle>,
) -> Result<Hello, ApiError> {
    clients.remove(window.label());
    let hello = handle.snapshot().hello();
    if let Err(error) = window.show() {
        tracing::error!(%error, "failed to show the window");
    }
    Ok(hello)
}

/// Returns the state updates after a revision. Windows call this when the event signals a change.
#[tauri::command]
pub fn changes(handle: State<'_, PlayerHandle>, after: u64) -> Response {
    let snapshot = handle.snapshot();
    let messages: Vec<&str> = snapshot.newer_than(after).map(|published| &*published.json).collect();
    Response::new(format!("[{}]", messages.join(",")))
}

/// Runs a command of the player; see [`PlayerHandle::dispatch`].
#[tauri::command]
pub async fn dispatch(
    window: WebviewWindow,
    clients: State<'_, WindowClients>,
    command: Command,
    if_rev: Option<u64>,
) -> Result<u64, ApiError> {
    clients.handle(window.label()).dispatch(command, if_rev).await
}

/// Returns a page of rows; see [`PlayerHandle::query`].
#[tauri::command]
pub async fn query(handle: State<'_, PlayerHandle>, window: RowQuery) -> Result<RowPage, ApiError> {
    handle.query(&window).await
}

/// Returns engine diagnostics.
#[tauri::command]
pub fn diagnostics(handle: State<'_, PlayerHandle>) -> EngineDiagnostics {
    handle.diagnostics()
}

/// Returns data that is not a list; see [`PlayerHandle::get_data`].
#[tauri::command]
pub async fn ask(handle: State<'_, PlayerHandle>, question: DataRequest) -> Result<DataReply, ApiError> {
    handle.get_data(question).await
}

/// Returns the pairing link; see [`PlayerHandle::pair`].
#[tauri::command]
pub fn pair(handle: State<'_, PlayerHandle>, renew: bool) -> Result<PairingLink, ApiError> {
    handle.pair(renew)
}

/// Opens the mini player or brings it to the front.
#[tauri::command]
pub async fn open_mini(app: AppHandle) -> Result<(), ApiError> {
    windows::open_mini(&app).map_err(|error| desktop_error(&error))
}

/// Opens the main window or brings it to the front.
#[tauri::command]
pub async fn open_main(app: AppHandle) -> Result<(), ApiError> {
    windows::raise_main(&app, None);
    Ok(())
}

/// Returns whether the window is always on top; a value sets that.
#[tauri::command]
pub async fn on_top(window: WebviewWindow, on: Option<bool>) -> Result<bool, ApiError> {
    windows::on_top(&window, on).map_err(|error| desktop_error(&error))
}

/// Quits the program.
#[tauri::command]
pub fn quit(app: AppHandle) {
    app.exit(0);
}

fn desktop_error(error: &tauri::Error) -> ApiError {
    ApiError::new(ErrorCode::Failed, format!("The desktop refused: {error}"))
}

/// Shows a dialog to choose a folder; `None` if it is cancelled.
#[tauri::command]
pub async fn choose_folder(app: AppHandle) -> Option<String> {
    let (chosen, choice) = oneshot::channel();
    app.dialog().file().pick_folder(move |folder| drop(chosen.send(folder)));
    path_of(choice).await
}

/// Shows a dialog to choose an existing file with one of these extensions.
#[tauri::command]
pub async fn choose_file(app: AppHandle, endings: Vec<String>) -> Option<String> {
    let (chosen, choice) = oneshot::channel();
    let extensions: Vec<&str> = endings.iter().map(String::as_str).collect();
    app.dialog().file().add_filter("", &extensions).pick_file(move |file| drop(chosen.send(file)));
    path_of(choice).await
}

/// Shows a dialog to choose where to save a file.
#[tauri::command]
pub async fn choose_target(app: AppHandle, name: String) -> Option<String> {
    let (chosen, choice) = oneshot::channel();
    app.dialog().file().set_file_name(name).save_file(move |file| drop(chosen.send(file)));
    path_of(choice).await
}

async fn path_of(choice: oneshot::Receiver<Option<FilePath>>) -> Option<String> {
    let path = choice.await.ok()??.into_path().ok()?;
    path.to_str().map(str::to_owned)
}

//! What a window may call. Few, so that a new command of the player needs no line here.

use auralis_core::{
    ApiError, ClientKind, Command, DataReply, DataRequest, EngineDiagnostics, ErrorCode, Hello, PairingLink, RowPage,
    RowQuery,
};
use tauri::ipc::Response;
use tauri::{AppHandle, State, WebviewWindow};
use tauri_plugin_dialog::{DialogExt, FilePath};
use tokio::sync::oneshot;

use super::windows;
use crate::app::Handle;

/// Gives a window the whole truth. It listens already, so nothing falls in between; and it has something to show now.
#[tauri::command]
pub async fn attach(window: WebviewWindow, handle: State<'_, Handle>) -> Result<Hello, ApiError> {
    let hello = handle.snapshot().hello();
    if let Err(error) = window.show() {
        tracing::error!(%error, "the window cannot be shown");
    }
    Ok(hello)
}

/// What changed after a revision: the newest message of each section. A window asks when the event says that something has.
#[tauri::command]
pub fn changes(handle: State<'_, Handle>, after: u64) -> Response {
    let snapshot = handle.snapshot();
    let messages: Vec<&str> = snapshot.newer_than(after).map(|published| &*published.json).collect();
    Response::new(format!("[{}]", messages.join(",")))
}

/// Carries out a command of the player; see [`Handle::dispatch`].
#[tauri::command]
pub async fn dispatch(
    window: WebviewWindow,
    handle: State<'_, Handle>,
    command: Command,
    if_rev: Option<u64>,
) -> Result<u64, ApiError> {
    let surface = if window.label() == windows::MAIN { ClientKind::MainWindow } else { ClientKind::MiniPlayer };
    handle.of(surface).dispatch(command, if_rev).await
}

/// The rows of a list; see [`Handle::query`].
#[tauri::command]
pub async fn query(handle: State<'_, Handle>, window: RowQuery) -> Result<RowPage, ApiError> {
    handle.query(&window).await
}

/// How the engine fares at this moment.
#[tauri::command]
pub fn diagnostics(handle: State<'_, Handle>) -> EngineDiagnostics {
    handle.diagnostics()
}

/// The answer to a question that is no list; see [`Handle::ask`].
#[tauri::command]
pub async fn ask(handle: State<'_, Handle>, question: DataRequest) -> Result<DataReply, ApiError> {
    handle.ask(question).await
}

/// What lets another device in; see [`Handle::pair`].
#[tauri::command]
pub fn pair(handle: State<'_, Handle>, renew: bool) -> Result<PairingLink, ApiError> {
    handle.pair(renew)
}

/// Opens the mini player or brings it to the front.
#[tauri::command]
pub async fn open_mini(app: AppHandle, handle: State<'_, Handle>) -> Result<(), ApiError> {
    windows::open_mini(&app, &handle).map_err(|error| refused(&error))
}

/// Opens the whole window or brings it to the front.
#[tauri::command]
pub async fn open_main(app: AppHandle) -> Result<(), ApiError> {
    windows::raise_main(&app, None);
    Ok(())
}

/// Whether the window stays in front of others; with a value, from now on.
#[tauri::command]
pub async fn on_top(window: WebviewWindow, on: Option<bool>) -> Result<bool, ApiError> {
    windows::on_top(&window, on).map_err(|error| refused(&error))
}

/// Ends the program.
#[tauri::command]
pub fn quit(app: AppHandle) {
    app.exit(0);
}

fn refused(error: &tauri::Error) -> ApiError {
    ApiError::new(ErrorCode::Failed, format!("The desktop refuses: {error}"))
}

/// Lets the listener choose a folder; nothing if they think better of it.
#[tauri::command]
pub async fn choose_folder(app: AppHandle) -> Option<String> {
    let (chosen, choice) = oneshot::channel();
    app.dialog().file().pick_folder(move |folder| drop(chosen.send(folder)));
    path_of(choice).await
}

/// The same for a file that is there.
#[tauri::command]
pub async fn choose_file(app: AppHandle, endings: Vec<String>) -> Option<String> {
    let (chosen, choice) = oneshot::channel();
    let endings: Vec<&str> = endings.iter().map(String::as_str).collect();
    app.dialog().file().add_filter("", &endings).pick_file(move |file| drop(chosen.send(file)));
    path_of(choice).await
}

/// The same for a file that is to be written.
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

//! The settings file, by the store plugin: the player's settings and the places of the windows.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value};
use tauri::async_runtime::JoinHandle;
use tauri::{AppHandle, Manager, Wry};
use tauri_plugin_store::{Store, StoreExt};

use super::windows::Place;
use crate::app::Handle;
use crate::app::settings::{self, SavedSettings};

const WINDOWS: &str = "windows";

/// The open file and the task that keeps it.
pub(super) struct Keeping {
    store: Arc<Store<Wry>>,
    path: PathBuf,
    task: Mutex<Option<JoinHandle<()>>>,
}

/// Opens the file and keeps it up to date until the player stops.
pub(super) fn keep(app: &AppHandle, handle: Handle) -> Result<Keeping, Box<dyn std::error::Error>> {
    let path = handle.places().settings_file();
    // Saved by us, after the copy that makes a torn write harmless.
    let store = app.store_builder(&path).disable_auto_save().build()?;
    let (kept, file) = (store.clone(), path.clone());
    let task = tauri::async_runtime::spawn(settings::keep(handle, move |settings| {
        set(&kept, settings);
        save(&kept, &file);
    }));
    Ok(Keeping { store, path, task: Mutex::new(Some(task)) })
}

/// Waits until the last change is written. Call after the player has stopped.
pub(super) async fn finish(app: &AppHandle) {
    let Some(keeping) = app.try_state::<Keeping>() else { return };
    let task = keeping.task.lock().ok().and_then(|mut task| task.take());
    if let Some(task) = task {
        let _ = task.await;
    }
    save(&keeping.store, &keeping.path);
}

pub(super) fn window_place(app: &AppHandle, label: &str) -> Option<Place> {
    let places = app.try_state::<Keeping>()?.store.get(WINDOWS)?;
    serde_json::from_value(places.get(label)?.clone()).ok()
}

/// Kept in memory while a window is dragged about; written with the next change or at the end.
pub(super) fn set_window_place(app: &AppHandle, label: &str, place: Place) {
    let (Some(keeping), Ok(place)) = (app.try_state::<Keeping>(), serde_json::to_value(place)) else { return };
    let mut places = match keeping.store.get(WINDOWS) {
        Some(Value::Object(places)) => places,
        _ => Map::new(),
    };
    places.insert(label.to_owned(), place);
    keeping.store.set(WINDOWS, places);
}

fn set(store: &Store<Wry>, settings: &SavedSettings) {
    if let Ok(Value::Object(settings)) = serde_json::to_value(settings) {
        for (key, value) in settings {
            store.set(key, value);
        }
    }
}

fn save(store: &Store<Wry>, path: &std::path::Path) {
    settings::back_up(path);
    if let Err(error) = store.save() {
        tracing::error!(%error, path = %path.display(), "the settings cannot be saved");
    }
}

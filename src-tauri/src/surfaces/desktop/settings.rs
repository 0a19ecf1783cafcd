//! The settings file, by the store plugin: the player's settings and the places of the windows.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Map, Value};
use tauri::async_runtime::JoinHandle;
use tauri::{AppHandle, Manager, Wry};
use tauri_plugin_store::{Store, StoreExt};

use super::windows::Place;
use crate::app::Handle;
use crate::app::settings::{self, SavedSettings};

const WINDOWS: &str = "windows";

/// How long a window stands still before its place is written.
const STILL: Duration = Duration::from_secs(1);

/// The open file and the task that keeps it.
pub(super) struct Keeping {
    store: Arc<Store<Wry>>,
    path: PathBuf,
    task: Mutex<Option<JoinHandle<()>>>,
    /// How often a window was moved or sized.
    moves: AtomicU64,
}

/// Opens the file and keeps it up to date until the player stops.
pub(super) fn keep(app: &AppHandle, handle: Handle) -> Result<Keeping, Box<dyn std::error::Error>> {
    let path = handle.places().settings_file();
    // Saved by us, after the copy that makes a torn write harmless.
    let store = app.store_builder(&path).disable_auto_save().build()?;
    let (kept, file) = (store.clone(), path.clone());
    let task = tauri::async_runtime::spawn(settings::keep(handle, move |settings| {
        set(&kept, settings);
        save(&kept, &file)
    }));
    Ok(Keeping { store, path, task: Mutex::new(Some(task)), moves: AtomicU64::new(0) })
}

/// Waits until the last change is written. Call after the player has stopped.
pub(super) async fn finish(app: &AppHandle) {
    let Some(keeping) = app.try_state::<Keeping>() else { return };
    let task = keeping.task.lock().ok().and_then(|mut task| task.take());
    if let Some(task) = task {
        let _ = task.await;
    }
    keeping.save();
}

pub(super) fn window_place(app: &AppHandle, label: &str) -> Option<Place> {
    let places = app.try_state::<Keeping>()?.store.get(WINDOWS)?;
    serde_json::from_value(places.get(label)?.clone()).ok()
}

/// Kept in memory while a window is dragged about, and written when it stands still.
pub(super) fn set_window_place(app: &AppHandle, label: &str, place: Place) {
    let (Some(keeping), Ok(place)) = (app.try_state::<Keeping>(), serde_json::to_value(place)) else { return };
    let mut places = match keeping.store.get(WINDOWS) {
        Some(Value::Object(places)) => places,
        _ => Map::new(),
    };
    places.insert(label.to_owned(), place);
    keeping.store.set(WINDOWS, places);
    let moves = keeping.moves.fetch_add(1, Ordering::Relaxed) + 1;
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(STILL).await;
        if let Some(keeping) = app.try_state::<Keeping>().filter(|now| now.moves.load(Ordering::Relaxed) == moves) {
            keeping.save();
        }
    });
}

impl Keeping {
    fn save(&self) {
        if let Err(error) = save(&self.store, &self.path) {
            tracing::error!(%error, path = %self.path.display(), "the settings cannot be saved");
        }
    }
}

fn set(store: &Store<Wry>, settings: &SavedSettings) {
    if let Ok(Value::Object(settings)) = serde_json::to_value(settings) {
        for (key, value) in settings {
            store.set(key, value);
        }
    }
}

fn save(store: &Store<Wry>, path: &Path) -> Result<(), tauri_plugin_store::Error> {
    settings::back_up(path);
    store.save()
}

//! The settings file of the window app, by the store plugin: the player's settings and the geometry of the windows.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value};
use tauri::async_runtime::JoinHandle;
use tauri::{AppHandle, Manager, Wry};
use tauri_plugin_store::{Store, StoreExt};
use tokio::sync::watch;

use super::geometry::WindowGeometry;
use crate::app::AppServices;
use crate::app::settings::{self, SavedSettings};

const WINDOWS_KEY: &str = "windows";

/// The open file and the task that saves it.
pub(super) struct SettingsStore {
    store: Arc<Store<Wry>>,
    geometry_changes: watch::Sender<()>,
    task: Mutex<Option<JoinHandle<()>>>,
}

/// Opens the file and saves changes to it until the player stops.
pub(super) fn open(app: &AppHandle, services: AppServices) -> Result<SettingsStore, Box<dyn std::error::Error>> {
    let path = services.dirs().settings_file();
    // Saved by our task alone, which makes a backup first: the plugin writes in place.
    let store = app.store_builder(&path).disable_auto_save().build()?;
    let (geometry_changes, changes) = watch::channel(());
    let saved = store.clone();
    let save = move |settings: &SavedSettings| {
        set(&saved, settings);
        save(&saved, &path)
    };
    let task = tauri::async_runtime::spawn(settings::save_on_change(services, changes, save));
    Ok(SettingsStore { store, geometry_changes, task: Mutex::new(Some(task)) })
}

/// Waits until the last change is saved. Must be called after the player has stopped.
pub(super) async fn finish(app: &AppHandle) {
    let Some(settings_store) = app.try_state::<SettingsStore>() else { return };
    let task = settings_store.task.lock().ok().and_then(|mut task| task.take());
    if let Some(task) = task {
        let _ = task.await;
    }
}

pub(super) fn window_geometry(app: &AppHandle, label: &str) -> Option<WindowGeometry> {
    let windows = app.try_state::<SettingsStore>()?.store.get(WINDOWS_KEY)?;
    serde_json::from_value(windows.get(label)?.clone()).ok()
}

/// Keeps a window's geometry in the store and schedules it to be saved.
pub(super) fn set_window_geometry(app: &AppHandle, label: &str, geometry: WindowGeometry) {
    let (Some(settings_store), Ok(geometry)) = (app.try_state::<SettingsStore>(), serde_json::to_value(geometry))
    else {
        return;
    };
    let mut windows = match settings_store.store.get(WINDOWS_KEY) {
        Some(Value::Object(windows)) => windows,
        _ => Map::new(),
    };
    if windows.insert(label.to_owned(), geometry.clone()).as_ref() != Some(&geometry) {
        settings_store.store.set(WINDOWS_KEY, windows);
        settings_store.geometry_changes.send_replace(());
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
    settings::write_backup(path);
    store.save()?;
    // The file holds the scrobbling token.
    Ok(fs::set_permissions(path, Permissions::from_mode(0o600))?)
}

//! The settings file: volume, mastering and the interface's settings. The session (queue, position) is stored by
//! `app::session`.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use auralis_core::{AppState, MasteringSettings, NoticeKind, Settings};
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep_until};

use super::services::AppServices;

/// Shortest time between two writes: dragging the volume slider is one write a second.
const SAVE_INTERVAL: Duration = Duration::from_secs(1);

/// The player's part of the settings file. Other keys in the file are kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedSettings {
    /// 0 to 100.
    pub volume: u8,
    /// Whether playback is muted.
    pub muted: bool,
    /// How playback is mastered.
    pub mastering: MasteringSettings,
    /// The settings of the interface, the outputs, the servers and the desktop.
    pub interface: Settings,
}

impl Default for SavedSettings {
    fn default() -> Self {
        let auralis_core::RestoredState { volume, muted, mastering, settings, .. } = Default::default();
        SavedSettings { volume, muted, mastering, interface: settings }
    }
}

impl SavedSettings {
    fn of(view: &AppState) -> Self {
        SavedSettings {
            volume: view.player.volume,
            muted: view.player.muted,
            mastering: view.mastering.settings,
            interface: view.settings.clone(),
        }
    }
}

/// Reads the settings. A corrupt file is renamed and the backup is used instead; the new name is returned, for a
/// notification.
pub fn read(path: &Path) -> (SavedSettings, Option<PathBuf>) {
    match load(path) {
        Ok(settings) => (settings, None),
        Err(error) => {
            tracing::error!(%error, path = %path.display(), "failed to read settings");
            let broken = path.with_extension("json.broken");
            let moved_to = fs::rename(path, &broken).is_ok().then_some(broken);
            (load(&backup_path(path)).unwrap_or_default(), moved_to)
        }
    }
}

fn load(path: &Path) -> Result<SavedSettings, std::io::Error> {
    match fs::read(path) {
        Ok(text) => Ok(serde_json::from_slice(&text)?),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(SavedSettings::default()),
        Err(error) => Err(error),
    }
}

/// Copies a valid settings file to its backup, for writers that cannot replace the file atomically.
pub fn write_backup(path: &Path) {
    if load(path).is_ok() && fs::copy(path, backup_path(path)).is_err() && path.exists() {
        tracing::warn!(path = %path.display(), "failed to back up settings");
    }
}

fn backup_path(path: &Path) -> PathBuf {
    path.with_extension("json.bak")
}

/// Replaces the settings file atomically. Only its owner may read the new one: it holds the scrobbling token.
pub fn write(path: &Path, settings: &SavedSettings) -> Result<(), std::io::Error> {
    let mut content = match fs::read(path).map(|text| serde_json::from_slice(&text)) {
        Ok(Ok(serde_json::Value::Object(existing))) => existing,
        _ => serde_json::Map::new(),
    };
    if let serde_json::Value::Object(ours) = serde_json::to_value(settings)? {
        content.extend(ours);
    }
    let mut new = NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    new.write_all(&serde_json::to_vec_pretty(&content)?)?;
    new.as_file().sync_all()?;
    new.persist(path)?;
    Ok(())
}

/// Calls `write` with the settings when they, or what else `write` stores (`other_changes`), have changed, until the
/// player stops: at once, then at most once in `SAVE_INTERVAL`. The one task that writes the settings file.
pub async fn save_on_change<E: std::error::Error + Send + 'static>(
    services: AppServices,
    mut other_changes: watch::Receiver<()>,
    write: impl Fn(&SavedSettings) -> Result<(), E> + Send + Sync + 'static,
) {
    let write = Arc::new(write);
    let mut snapshots = services.watch();
    let mut written = SavedSettings::of(services.snapshot().view());
    let mut failure_reported = false;
    let mut next_write = Instant::now();
    let mut is_stopping = false;
    while !is_stopping {
        let must_write = tokio::select! {
            alive = snapshots.changed() => { is_stopping = alive.is_err(); false }
            Ok(()) = other_changes.changed() => true,
        };
        if !must_write && SavedSettings::of(snapshots.borrow_and_update().view()) == written {
            continue;
        }
        tokio::select! {
            () = sleep_until(next_write) => {}
            _ = snapshots.wait_for(|_| false) => is_stopping = true,
        }
        other_changes.mark_unchanged();
        let settings = SavedSettings::of(snapshots.borrow_and_update().view());
        let (write, to_write) = (write.clone(), settings.clone());
        let result = spawn_blocking(move || write(&to_write).map_err(|error| error.to_string())).await;
        next_write = Instant::now() + SAVE_INTERVAL;
        match result.unwrap_or_else(|error| Err(error.to_string())) {
            Ok(()) => (written, failure_reported) = (settings, false),
            // Once, not at every change: a full disk stays full for a while.
            Err(reason) if !failure_reported => {
                let path = services.dirs().settings_file().display().to_string();
                tracing::error!(reason, path, "failed to save settings");
                services.notify(NoticeKind::SaveFailed, path, reason);
                failure_reported = true;
            }
            Err(_) => {}
        }
    }
}

//! The settings file: what the listener chose. Where the listener was is the [`super::session`]'s.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use auralis_core::{AppState, MasteringSettings, NoticeKind, Settings};
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::Handle;

/// The settings file's content, as far as it is the player's. Whoever writes it keeps the keys it does not know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedSettings {
    /// 0 to 100.
    pub volume: u8,
    /// Silent, whatever the volume.
    pub muted: bool,
    /// How the sound is mastered.
    pub mastering: MasteringSettings,
    /// The interface.
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

/// The settings as they were left. A file that cannot be read is renamed, and the copy from before it is taken; the
/// new name is returned, for a notice.
pub fn read(path: &Path) -> (SavedSettings, Option<PathBuf>) {
    match parse(path) {
        Ok(settings) => (settings, None),
        Err(error) => {
            tracing::error!(%error, path = %path.display(), "the settings cannot be read");
            let aside = path.with_extension("json.broken");
            let set_aside = fs::rename(path, &aside).is_ok().then_some(aside);
            (parse(&backup(path)).unwrap_or_default(), set_aside)
        }
    }
}

fn parse(path: &Path) -> Result<SavedSettings, std::io::Error> {
    match fs::read(path) {
        Ok(text) => Ok(serde_json::from_slice(&text)?),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(SavedSettings::default()),
        Err(error) => Err(error),
    }
}

/// Keeps a whole copy beside the file, for writers that cannot replace it in one step.
pub fn back_up(path: &Path) {
    if parse(path).is_ok() && fs::copy(path, backup(path)).is_err() && path.exists() {
        tracing::warn!(path = %path.display(), "the settings cannot be copied");
    }
}

fn backup(path: &Path) -> PathBuf {
    path.with_extension("json.bak")
}

/// Writes the file in one step: a new one, synced, takes the old one's name.
pub fn write(path: &Path, settings: &SavedSettings) -> Result<(), std::io::Error> {
    let mut content = match fs::read(path).map(|text| serde_json::from_slice(&text)) {
        Ok(Ok(serde_json::Value::Object(known))) => known,
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

/// Calls `write` with the settings whenever they differ from what was written last, until the player stops.
pub async fn keep<E: std::error::Error>(handle: Handle, write: impl Fn(&SavedSettings) -> Result<(), E>) {
    let mut snapshots = handle.watch();
    let mut written = SavedSettings::of(handle.snapshot().view());
    let mut told = false;
    while snapshots.changed().await.is_ok() {
        let settings = SavedSettings::of(snapshots.borrow_and_update().view());
        if settings == written {
            continue;
        }
        match write(&settings) {
            Ok(()) => (written, told) = (settings, false),
            // Once, not at every change: a full disk stays full for a while.
            Err(error) if !told => {
                let path = handle.places().settings_file().display().to_string();
                tracing::error!(%error, path, "the settings cannot be saved");
                handle.notice(NoticeKind::SaveFailed, path, error.to_string());
                told = true;
            }
            Err(_) => {}
        }
    }
}

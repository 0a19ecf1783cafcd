//! The directories of the app, by the XDG base directory specification.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use directories::ProjectDirs;

/// The directories of the app.
#[derive(Debug, Clone)]
pub struct AppDirs {
    /// The library's database: `$XDG_DATA_HOME/auralis`.
    pub data: PathBuf,
    /// What can be made again, such as covers: `$XDG_CACHE_HOME/auralis`.
    pub cache: PathBuf,
    /// The settings: `$XDG_CONFIG_HOME/auralis`.
    pub config: PathBuf,
    /// What belongs to this machine, such as the pairing secret: `$XDG_STATE_HOME/auralis`.
    pub state: PathBuf,
    /// What lasts as long as the login: `$XDG_RUNTIME_DIR/auralis`, or `state` where there is none.
    pub runtime: PathBuf,
}

/// Why the app has no directories.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// A directory cannot be created.
    #[error("The folder {path} cannot be created ({reason}). Auralis keeps your library there.")]
    Create {
        /// The directory.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// The desktop names no home directory.
    #[error("There is no home folder to keep the library in. Set HOME or XDG_DATA_HOME.")]
    NoHome,
}

impl AppDirs {
    /// Returns the directories of the user who runs this process.
    pub fn for_current_user() -> Result<Self, DirectoryError> {
        let dirs = ProjectDirs::from("", "", "auralis").ok_or(DirectoryError::NoHome)?;
        let state = dirs.state_dir().unwrap_or(dirs.data_dir());
        Ok(AppDirs {
            data: dirs.data_dir().to_owned(),
            cache: dirs.cache_dir().to_owned(),
            config: dirs.config_dir().to_owned(),
            state: state.to_owned(),
            runtime: dirs.runtime_dir().unwrap_or(state).to_owned(),
        })
    }

    /// Returns the path of the settings file.
    pub fn settings_file(&self) -> PathBuf {
        self.config.join("settings.json")
    }

    /// Returns where the rooms' own server stores what it knows of its rooms.
    pub(crate) fn rooms_dir(&self) -> PathBuf {
        self.state.join("rooms")
    }

    /// Returns the path of the pairing secret.
    pub(crate) fn pairing_file(&self) -> PathBuf {
        self.state.join("pairing")
    }

    /// Returns the path of the socket through which the command line reaches the running player.
    pub fn control_socket(&self) -> PathBuf {
        self.runtime.join("control.sock")
    }

    /// Returns the path of the lock that the running player holds, so that no second one uses the same library.
    pub(crate) fn lock_file(&self) -> PathBuf {
        self.data.join("lock")
    }

    /// Creates the directories. No other user may enter them: they hold the scrobbling token and the pairing secret.
    pub(crate) fn create_all(&self) -> Result<(), DirectoryError> {
        for path in [&self.data, &self.cache, &self.config, &self.state, &self.runtime] {
            let create = || {
                DirBuilder::new().recursive(true).mode(0o700).create(path)?;
                restrict(path, 0o700)
            };
            create().map_err(|reason| DirectoryError::Create { path: path.clone(), reason })?;
        }
        Ok(())
    }

    /// Makes the files of earlier versions, and those that libraries create, readable by their owner alone.
    pub(super) fn restrict_files(&self) {
        for folder in [&self.data, &self.config, &self.state] {
            for file in fs::read_dir(folder).into_iter().flatten().flatten() {
                let is_file = file.file_type().is_ok_and(|kind| kind.is_file());
                if is_file && let Err(error) = restrict(&file.path(), 0o600) {
                    tracing::warn!(%error, path = %file.path().display(), "failed to restrict permissions");
                }
            }
        }
    }

    /// Removes temporary files that a killed process has left. Must be called while the lock is held.
    pub(super) fn remove_leftovers(&self) {
        for folder in [&self.config, &self.state, &self.runtime] {
            for file in fs::read_dir(folder).into_iter().flatten().flatten() {
                let name = file.file_name();
                let is_temporary = name.as_encoded_bytes().starts_with(b".tmp");
                if is_temporary && let Err(error) = fs::remove_file(file.path()) {
                    tracing::warn!(%error, path = %file.path().display(), "failed to remove a temporary file");
                }
            }
        }
    }
}

/// Removes permissions beyond `mode`.
fn restrict(path: &Path, mode: u32) -> io::Result<()> {
    let current = fs::metadata(path)?.permissions().mode() & 0o7777;
    if current & !mode == 0 { Ok(()) } else { fs::set_permissions(path, Permissions::from_mode(current & mode)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_owner_enters_the_directories_and_reads_their_files() {
        let home = tempfile::tempdir().expect("a folder");
        let [data, cache, config, state, runtime] =
            ["data", "cache", "config", "state", "runtime"].map(|name| home.path().join(name));
        let dirs = AppDirs { data, cache, config, state, runtime };
        fs::create_dir(&dirs.config).expect("a folder of an earlier version");
        fs::set_permissions(&dirs.config, Permissions::from_mode(0o755)).expect("its permissions");
        fs::write(dirs.settings_file(), "{}").expect("settings");
        fs::set_permissions(dirs.settings_file(), Permissions::from_mode(0o644)).expect("their permissions");
        fs::write(dirs.config.join(".tmpAbC123"), "").expect("a leftover");

        dirs.create_all().expect("creates");
        dirs.restrict_files();
        dirs.remove_leftovers();
        let mode = |path: &Path| fs::metadata(path).expect("is there").permissions().mode() & 0o777;
        for path in [&dirs.data, &dirs.cache, &dirs.config, &dirs.state, &dirs.runtime] {
            assert_eq!(mode(path), 0o700, "{}", path.display());
        }
        assert_eq!(mode(&dirs.settings_file()), 0o600);
        assert!(!dirs.config.join(".tmpAbC123").exists());
    }
}

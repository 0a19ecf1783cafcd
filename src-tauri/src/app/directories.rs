//! The directories of the app, by the XDG base directory specification.

use std::path::PathBuf;

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
        reason: std::io::Error,
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

    /// Returns the path of the pairing secret.
    pub(super) fn pairing_file(&self) -> PathBuf {
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

    pub(crate) fn create_all(&self) -> Result<(), DirectoryError> {
        for path in [&self.data, &self.cache, &self.config, &self.state, &self.runtime] {
            std::fs::create_dir_all(path).map_err(|reason| DirectoryError::Create { path: path.clone(), reason })?;
        }
        Ok(())
    }
}

//! Where the app's own files are, by the XDG base directory specification.

use std::path::PathBuf;

use directories::ProjectDirs;

use super::StartError;

/// The folders of the app.
#[derive(Debug, Clone)]
pub struct Places {
    /// The library's database: `$XDG_DATA_HOME/auralis`.
    pub data: PathBuf,
    /// What can be made again, the covers: `$XDG_CACHE_HOME/auralis`.
    pub cache: PathBuf,
    /// The settings: `$XDG_CONFIG_HOME/auralis`.
    pub config: PathBuf,
    /// What belongs to this machine, the pairing: `$XDG_STATE_HOME/auralis`.
    pub state: PathBuf,
    /// What lives as long as the login: `$XDG_RUNTIME_DIR/auralis`, or the state folder where there is none.
    pub runtime: PathBuf,
}

impl Places {
    /// The folders of this user.
    pub fn of_user() -> Result<Self, StartError> {
        let dirs = ProjectDirs::from("", "", "auralis").ok_or(StartError::NoHome)?;
        let state = dirs.state_dir().unwrap_or(dirs.data_dir());
        Ok(Places {
            data: dirs.data_dir().to_owned(),
            cache: dirs.cache_dir().to_owned(),
            config: dirs.config_dir().to_owned(),
            state: state.to_owned(),
            runtime: dirs.runtime_dir().unwrap_or(state).to_owned(),
        })
    }

    /// The settings file.
    pub fn settings_file(&self) -> PathBuf {
        self.config.join("settings.json")
    }

    /// What lets other devices in.
    pub(super) fn pairing_file(&self) -> PathBuf {
        self.state.join("pairing")
    }

    /// Where the running player listens to the command line.
    pub fn control_socket(&self) -> PathBuf {
        self.runtime.join("control.sock")
    }

    /// Held while the player runs, so that no second one works on the same library.
    pub(crate) fn lock_file(&self) -> PathBuf {
        self.data.join("lock")
    }

    pub(crate) fn create(&self) -> Result<(), StartError> {
        for path in [&self.data, &self.cache, &self.config, &self.state, &self.runtime] {
            std::fs::create_dir_all(path).map_err(|reason| StartError::Folder { path: path.clone(), reason })?;
        }
        Ok(())
    }
}

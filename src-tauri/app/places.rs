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
}

impl Places {
    /// The folders of this user.
    pub fn of_user() -> Result<Self, StartError> {
        let dirs = ProjectDirs::from("", "", "auralis").ok_or(StartError::NoHome)?;
        Ok(Places {
            data: dirs.data_dir().to_owned(),
            cache: dirs.cache_dir().to_owned(),
            config: dirs.config_dir().to_owned(),
            state: dirs.state_dir().unwrap_or(dirs.data_dir()).to_owned(),
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

    pub(super) fn create(&self) -> Result<(), StartError> {
        for path in [&self.data, &self.cache, &self.config, &self.state] {
            std::fs::create_dir_all(path).map_err(|reason| StartError::Folder { path: path.clone(), reason })?;
        }
        Ok(())
    }
}

//! The headless app in a temporary home directory.

use std::path::{Path, PathBuf};
use std::process::Command;

use auralis::app::AppDirs;
use tempfile::TempDir;

use super::client::{Client, V1Client};
use super::process::Process;

/// A temporary home directory.
pub struct TempHome {
    folder: TempDir,
}

impl TempHome {
    pub fn new() -> Self {
        TempHome { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn music(&self) -> PathBuf {
        self.path().join("music")
    }

    /// The file of the pairing secret of an app in a process of its own.
    pub fn pairing_file(&self) -> PathBuf {
        self.path().join("state/auralis/pairing")
    }

    pub fn settings_file(&self) -> PathBuf {
        self.path().join("config/auralis/settings.json")
    }

    /// The app directories for an app that runs inside the test.
    pub fn dirs(&self) -> AppDirs {
        let [data, cache, config, state, runtime] =
            ["data", "cache", "config", "state", "runtime"].map(|folder| self.path().join(folder));
        AppDirs { data, cache, config, state, runtime }
    }

    /// A command that starts the app with all its directories below this home.
    pub fn auralis(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_auralis"));
        self.apply_env(&mut command);
        command
    }

    pub fn apply_env(&self, command: &mut Command) {
        command.env("HOME", self.path());
        for (name, folder) in [
            ("XDG_DATA_HOME", "data"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_RUNTIME_DIR", "runtime"),
        ] {
            command.env(name, self.path().join(folder));
        }
        // Tests must not use the session bus or the display of the person who runs them.
        command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
        command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    }

    /// Writes the settings file before a start.
    pub fn write_settings(&self, settings: &serde_json::Value) {
        std::fs::create_dir_all(self.settings_file().parent().expect("a folder")).expect("folder");
        std::fs::write(self.settings_file(), settings.to_string()).expect("writes");
    }

    /// Returns the output of `auralis status --json`, or `None` if no app runs.
    pub fn status(&self) -> Option<serde_json::Value> {
        let output = self.auralis().args(["status", "--json"]).output().expect("runs");
        output.status.success().then(|| serde_json::from_slice(&output.stdout).expect("JSON"))
    }

    /// Starts the app headless and without sound.
    pub fn start(&self) -> Headless {
        self.start_with(&mut self.auralis())
    }

    /// Like `start`, with a command that the test has prepared.
    pub fn start_with(&self, auralis: &mut Command) -> Headless {
        let (process, [line, link]) =
            Process::start_and_read_lines(auralis.args(["--headless", "--port", "0", "--output", "null"]));
        let address =
            line.strip_prefix("listening on http://").unwrap_or_else(|| panic!("the first line was {line:?}"));
        let link = link.strip_prefix("open ").unwrap_or_else(|| panic!("the second line was {link:?}")).to_owned();
        Headless { process, address: address.to_owned(), link, pairing_file: self.pairing_file() }
    }
}

/// A running app.
pub struct Headless {
    pub process: Process,
    pub address: String,
    /// The link that pairs a browser on this machine.
    pub link: String,
    pub pairing_file: PathBuf,
}

impl Headless {
    pub fn client(&self) -> Client {
        Client::connect(&self.address, &self.secret())
    }

    /// Returns the pairing secret.
    pub fn secret(&self) -> String {
        std::fs::read_to_string(&self.pairing_file).expect("the secret")
    }

    pub fn v1_client(&self) -> V1Client {
        V1Client::connect(&self.address)
    }

    /// Adds a folder and waits until it is scanned.
    pub fn with_music(self, folder: &Path) -> Self {
        let mut client = self.client();
        client.run(serde_json::json!({"do": "add_root", "path": folder}));
        client.wait_until("the scan is over", |view| {
            view["library"]["last_scan"].is_object() && view["library"]["scan"].is_null()
        });
        self
    }
}

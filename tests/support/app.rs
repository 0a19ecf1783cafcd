//! The headless app in a home of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use auralis::app::Places;
use tempfile::TempDir;

use super::client::{ClassicClient, Client};
use super::process::Process;

/// A home that nobody else uses.
pub struct Home {
    folder: TempDir,
}

impl Home {
    pub fn new() -> Self {
        Home { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn music(&self) -> PathBuf {
        self.path().join("music")
    }

    pub fn settings_file(&self) -> PathBuf {
        self.path().join("config/auralis/settings.json")
    }

    /// The folders of an app that runs in the test itself.
    pub fn places(&self) -> Places {
        let [data, cache, config, state, runtime] =
            ["data", "cache", "config", "state", "runtime"].map(|folder| self.path().join(folder));
        Places { data, cache, config, state, runtime }
    }

    /// The app, with every folder of its own below this home.
    pub fn auralis(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_auralis"));
        self.give(&mut command);
        command
    }

    pub fn give(&self, command: &mut Command) {
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
        // No test speaks on the bus of whoever runs it, or shows them anything.
        command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
        command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    }

    /// Chooses settings before a start.
    pub fn choose(&self, settings: &serde_json::Value) {
        std::fs::create_dir_all(self.settings_file().parent().expect("a folder")).expect("folder");
        std::fs::write(self.settings_file(), settings.to_string()).expect("writes");
    }

    /// Everything that the running app tells, if one runs.
    pub fn status(&self) -> Option<serde_json::Value> {
        let output = self.auralis().args(["status", "--json"]).output().expect("runs");
        output.status.success().then(|| serde_json::from_slice(&output.stdout).expect("JSON"))
    }

    /// Starts it without a window and without sound.
    pub fn start(&self) -> Headless {
        self.start_with(&mut self.auralis())
    }

    /// The same, with an environment of the test's own.
    pub fn start_with(&self, auralis: &mut Command) -> Headless {
        let (process, line) =
            Process::start_and_read_line(auralis.args(["--headless", "--port", "0", "--output", "null"]));
        let address =
            line.strip_prefix("listening on http://").unwrap_or_else(|| panic!("the first line was {line:?}"));
        Headless { process, address: address.to_owned() }
    }
}

/// A running app.
pub struct Headless {
    pub process: Process,
    pub address: String,
}

impl Headless {
    pub fn client(&self) -> Client {
        Client::connect(&self.address)
    }

    pub fn classic_client(&self) -> ClassicClient {
        ClassicClient::connect(&self.address)
    }

    /// Adds a folder and waits until it is read.
    pub fn with_music(self, folder: &Path) -> Self {
        let mut client = self.client();
        client.run(serde_json::json!({"do": "add_root", "path": folder}));
        client.wait_until("the scan is over", |view| {
            view["library"]["last_scan"].is_object() && view["library"]["scan"].is_null()
        });
        self
    }
}

//! The headless app in a home of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::client::Client;
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
        ] {
            command.env(name, self.path().join(folder));
        }
        // No test speaks on the bus of whoever runs it.
        command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
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

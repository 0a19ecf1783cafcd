//! A display, a bus and the drivers of the window and the browser, all private to one test.

use std::net::TcpListener;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::app::Home;
use super::bus::Bus;
use super::process::Process;
use super::sound::SoundServer;
use super::webdriver::Page;

/// A desktop without a window manager, on which the real app runs in its real window.
pub struct Desktop {
    page: Option<Page>,
    _driver: Process,
    pub bus: Bus,
    _display: Process,
}

impl Desktop {
    /// Starts everything, then the app through the driver, and waits until its window shows the truth.
    pub fn start(home: &Home, sound: &SoundServer) -> Self {
        let (display, number) = Process::start_and_read_line(
            Command::new("Xvfb")
                .args("-displayfd 1 -screen 0 1280x800x24 -nolisten tcp".split(' '))
                .stderr(Stdio::null()),
        );
        let bus = Bus::start();
        let runtime = home.path().join("runtime");
        std::fs::create_dir_all(&runtime).expect("folder");
        let port = free_port();
        let mut command = Command::new("WebKitWebDriver");
        home.give(&mut command);
        command
            .args([&format!("--port={port}"), "--host=127.0.0.1"])
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("DISPLAY", format!(":{number}"))
            .env("DBUS_SESSION_BUS_ADDRESS", &bus.address)
            .env("GDK_BACKEND", "x11")
            .env("XDG_RUNTIME_DIR", &runtime)
            .env("PULSE_SERVER", sound.address())
            .env_remove("WAYLAND_DISPLAY");
        if std::env::var_os("SHOW_LOG").is_none() {
            command.stdout(Stdio::null()).stderr(Stdio::null());
        }
        let driver = Process::start(&mut command);
        let binary = env!("CARGO_BIN_EXE_auralis");
        let page = Page::open(port, json!({ "webkitgtk:browserOptions": { "binary": binary, "args": [] } }));
        page.wait_ready();
        Desktop { page: Some(page), _driver: driver, bus, _display: display }
    }

    pub fn page(&self) -> &Page {
        self.page.as_ref().expect("open until dropped")
    }

    /// Sends a command by the window's own way to the core.
    pub fn dispatch(&self, command: Value) {
        let call = format!("window.__TAURI_INTERNALS__.invoke('dispatch', {{ command: {command} }})");
        let answer = self.page().async_script(&format!("{call}.then(done, refusal => done(refusal.message))"));
        assert!(answer.is_u64(), "{command} was refused: {answer}");
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        // The session first: the driver ends the app with it.
        self.page.take();
    }
}

/// Headless Chromium by its driver.
pub struct Browser {
    page: Option<Page>,
    _driver: Process,
    _profile: tempfile::TempDir,
}

impl Browser {
    pub fn start(width: u32, height: u32) -> Self {
        let profile = tempfile::tempdir().expect("a temporary folder");
        let port = free_port();
        let driver = Process::start(
            Command::new("chromedriver").arg(format!("--port={port}")).stdout(Stdio::null()).stderr(Stdio::null()),
        );
        let size = format!("--window-size={width},{height}");
        let data = format!("--user-data-dir={}", profile.path().display());
        let quiet = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking \
                     --disable-component-update --disable-sync --disable-dev-shm-usage";
        let arguments: Vec<&str> = quiet.split_whitespace().chain([size.as_str(), data.as_str()]).collect();
        let page = Page::open(port, json!({ "browserName": "chrome", "goog:chromeOptions": { "args": arguments } }));
        Browser { page: Some(page), _driver: driver, _profile: profile }
    }

    pub fn page(&self) -> &Page {
        self.page.as_ref().expect("open until dropped")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.page.take();
    }
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

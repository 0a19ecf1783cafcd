//! A display, a bus, and WebDriver sessions for the window and the browser, all private to one test.

use std::net::TcpListener;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::app::TempHome;
use super::bus::Bus;
use super::process::Process;
use super::sound::SoundServer;
use super::wait_for;
use super::webdriver::Page;

/// Headless Chromium assumes that there is no mouse; these switches add one.
const WITH_MOUSE: &str = "--blink-settings=primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,\
                          availablePointerTypes=4";

/// Fontconfig file that fixes the system font of both browsers.
const FONTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/fonts.conf");

/// A display without a window manager.
pub struct Display {
    name: String,
    _server: Process,
}

impl Display {
    pub fn start() -> Self {
        let (server, number) = Process::start_and_read_line(
            Command::new("Xvfb")
                .args("-displayfd 1 -screen 0 1280x800x24 -nolisten tcp".split(' '))
                .stderr(Stdio::null()),
        );
        Display { name: format!(":{number}"), _server: server }
    }

    /// Sets the display of a program.
    pub fn apply_env(&self, command: &mut Command) {
        command.env("DISPLAY", &self.name).env("GDK_BACKEND", "x11").env_remove("WAYLAND_DISPLAY");
    }

    /// Starts the app in its window, without sound, and waits until it answers.
    pub fn open(&self, home: &TempHome, bus: Option<&Bus>) -> Process {
        let mut command = home.auralis();
        self.apply_env(&mut command);
        command.args(["--output", "null"]).stdout(Stdio::null());
        if let Some(bus) = bus {
            command.env("DBUS_SESSION_BUS_ADDRESS", &bus.address);
        }
        if std::env::var_os("SHOW_LOG").is_none() {
            command.stderr(Stdio::null());
        }
        let process = Process::start(&mut command);
        wait_for("the app", || home.status());
        process
    }

    /// Starts the app again with arguments, as a desktop does on a double click. Returns whether it succeeded, and its
    /// stderr.
    pub fn start_second_instance(&self, home: &TempHome, arguments: &[&str]) -> (bool, String) {
        let mut command = home.auralis();
        self.apply_env(&mut command);
        let output = command.args(arguments).env("AURALIS_LOG", "warn").output().expect("runs");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// A second start that must fail: closes its error dialog and returns its stderr.
    pub fn start_expecting_error(&self, home: &TempHome, arguments: &[&str]) -> String {
        let before = self.windows();
        let mut command = home.auralis();
        self.apply_env(&mut command);
        let child = command.args(arguments).env("AURALIS_LOG", "error").stderr(Stdio::piped()).spawn().expect("runs");
        let new = || self.windows().into_iter().find(|window| !before.contains(window));
        self.close(&wait_for("the dialog", new));
        let output = child.wait_with_output().expect("ends");
        assert!(!output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    /// Visible windows of the app.
    pub fn windows(&self) -> Vec<String> {
        self.xdotool(&["search", "--onlyvisible", "--class", "auralis_player"])
    }

    /// Closes a window as its close button would.
    pub fn close(&self, window: &str) {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/close_window.py");
        let done = Command::new("python3").args([script, window]).env("DISPLAY", &self.name).status();
        assert!(done.expect("python3 runs").success());
    }

    /// Focuses a window.
    pub fn focus(&self, window: &str) {
        self.xdotool(&["windowfocus", window]);
    }

    fn xdotool(&self, arguments: &[&str]) -> Vec<String> {
        let output = Command::new("xdotool").args(arguments).env("DISPLAY", &self.name).output().expect("xdotool runs");
        String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
    }
}

/// A desktop without a window manager, on which the real app runs in its real window.
pub struct Desktop {
    page: Option<Page>,
    _driver: Process,
    pub bus: Bus,
    _display: Display,
}

impl Desktop {
    /// Starts the display, the bus and the app, and waits until its window shows the state.
    pub fn start(home: &TempHome, sound: &SoundServer) -> Self {
        let display = Display::start();
        let bus = Bus::start();
        let runtime = home.path().join("runtime");
        std::fs::create_dir_all(&runtime).expect("folder");
        let port = free_port();
        let mut command = Command::new("WebKitWebDriver");
        home.apply_env(&mut command);
        display.apply_env(&mut command);
        command
            .args([&format!("--port={port}"), "--host=127.0.0.1"])
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("DBUS_SESSION_BUS_ADDRESS", &bus.address)
            .env("XDG_RUNTIME_DIR", &runtime)
            .env("PULSE_SERVER", sound.address())
            .env("FONTCONFIG_FILE", FONTS);
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

    /// Sends a command by the window's Tauri connection.
    pub fn dispatch(&self, command: Value) {
        let call = format!("window.__TAURI_INTERNALS__.invoke('dispatch', {{ command: {command} }})");
        let answer = self.page().async_script(&format!("{call}.then(done, refusal => done(refusal.message))"));
        assert!(answer.is_u64(), "{command} was refused: {answer}");
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        // End the session first: the driver then ends the app.
        self.page.take();
    }
}

/// Headless Chromium, controlled by WebDriver.
pub struct Browser {
    page: Option<Page>,
    _driver: Process,
    _profile: tempfile::TempDir,
}

impl Browser {
    pub fn start(width: u32, height: u32) -> Self {
        Browser::start_with(width, height, &[])
    }

    /// Like `start`, with further Chromium switches.
    pub fn start_with(width: u32, height: u32, switches: &[&str]) -> Self {
        let profile = tempfile::tempdir().expect("a temporary folder");
        let port = free_port();
        let driver = Process::start(
            Command::new("chromedriver")
                .arg(format!("--port={port}"))
                .env("FONTCONFIG_FILE", FONTS)
                .stdout(Stdio::null())
                .stderr(Stdio::null()),
        );
        let size = format!("--window-size={width},{height}");
        let data = format!("--user-data-dir={}", profile.path().display());
        let quiet = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking \
                     --disable-component-update --disable-sync --disable-dev-shm-usage";
        let arguments = quiet.split_whitespace().chain([size.as_str(), data.as_str()]);
        let arguments: Vec<&str> = arguments.chain([WITH_MOUSE]).chain(switches.iter().copied()).collect();
        let page = Page::open(port, json!({ "browserName": "chrome", "goog:chromeOptions": { "args": arguments } }));
        page.set_size(width, height);
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

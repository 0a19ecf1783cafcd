//! Requests to show, hide or quit the program, and the state of its windows.

use tokio::sync::{mpsc, watch};

/// A request that concerns the program's windows or its end, not the player.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WindowRequest {
    /// Show the main window in front of others.
    RaiseMain {
        /// XDG activation token of the requester, which lets the window come to the front.
        token: Option<String>,
    },
    /// Close the main window; the player keeps running.
    HideMain,
    /// Show the mini player in front of others.
    ShowMiniPlayer,
    /// Save everything and quit.
    Quit,
}

/// Which windows exist and whether one has the focus.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WindowState {
    /// The main window is open.
    pub main: bool,
    /// At least one window is open.
    pub any_open: bool,
    /// One of the windows has the focus.
    pub focused: bool,
}

/// Carries window and quit requests to whoever runs the program, and publishes the state of its windows. Cheap to clone.
#[derive(Debug, Clone)]
pub struct AppControl {
    requests: mpsc::UnboundedSender<WindowRequest>,
    window_state: watch::Sender<WindowState>,
    has_windows: bool,
}

impl AppControl {
    /// Returns the control and the receiver of its requests.
    pub fn new(has_windows: bool) -> (Self, mpsc::UnboundedReceiver<WindowRequest>) {
        let (requests, receiver) = mpsc::unbounded_channel();
        (AppControl { requests, window_state: watch::Sender::default(), has_windows }, receiver)
    }

    /// Whether the program can show windows.
    pub fn has_windows(&self) -> bool {
        self.has_windows
    }

    /// Sends a request. Ignored during shutdown.
    pub fn request(&self, request: WindowRequest) {
        let _ = self.requests.send(request);
    }

    /// Returns a receiver of window states that is already marked as changed.
    pub fn watch(&self) -> watch::Receiver<WindowState> {
        let mut window_state = self.window_state.subscribe();
        window_state.mark_changed();
        window_state
    }

    /// Returns the current state of the windows.
    pub fn window_state(&self) -> WindowState {
        *self.window_state.borrow()
    }

    /// Publishes a new state of the windows.
    pub fn set_window_state(&self, state: WindowState) {
        self.window_state.send_if_modified(|current| std::mem::replace(current, state) != state);
    }
}

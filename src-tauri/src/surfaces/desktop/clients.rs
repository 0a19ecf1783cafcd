//! Windows as clients of the player.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use auralis_core::ClientKind;

use crate::app::PlayerHandle;

/// The label of the main window.
pub(super) const MAIN: &str = "main";

/// The handle of each window, by its label.
pub(super) struct WindowClients {
    player: PlayerHandle,
    handles: Mutex<HashMap<String, PlayerHandle>>,
}

impl WindowClients {
    pub(super) fn new(player: PlayerHandle) -> Self {
        WindowClients { player, handles: Mutex::default() }
    }

    /// Returns the handle of a window.
    pub(super) fn handle(&self, label: &str) -> PlayerHandle {
        let mut handles = self.handles.lock().unwrap_or_else(PoisonError::into_inner);
        let kind = if label == MAIN { ClientKind::MainWindow } else { ClientKind::MiniPlayer };
        handles.entry(label.to_owned()).or_insert_with(|| self.player.with_client_kind(kind)).clone()
    }

    /// Drops the handle of a window that was closed or loads its page anew, which releases what it held.
    pub(super) fn remove(&self, label: &str) {
        self.handles.lock().unwrap_or_else(PoisonError::into_inner).remove(label);
    }
}

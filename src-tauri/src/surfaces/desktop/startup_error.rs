//! Error dialog before any window exists.

use gtk::prelude::{DialogExt, GtkWindowExt};
use gtk::{ButtonsType, DialogFlags, MessageDialog, MessageType, Window};

use crate::surfaces::app_id;

/// Shows why the program ends, and waits until the dialog is closed. Must run on the main thread. Does nothing without a
/// display.
pub fn show_error_dialog(reason: &str) {
    gtk::glib::set_prgname(Some(app_id::APP_ID));
    if let Err(error) = gtk::init() {
        return tracing::debug!(%error, "no display");
    }
    let none: Option<&Window> = None;
    let dialog = MessageDialog::new(none, DialogFlags::empty(), MessageType::Error, ButtonsType::Close, reason);
    dialog.set_title("Auralis");
    dialog.run();
}

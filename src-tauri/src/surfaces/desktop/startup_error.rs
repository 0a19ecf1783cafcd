//! What is told when there is no window to tell it in.

use gtk::prelude::{DialogExt, GtkWindowExt};
use gtk::{ButtonsType, DialogFlags, MessageDialog, MessageType, Window};

use crate::surfaces::session_bus;

/// Says in a dialog why the program ends, and waits until it is closed. On the main thread; does nothing where there is no
/// display.
pub fn tell(reason: &str) {
    gtk::glib::set_prgname(Some(session_bus::APP_ID));
    if let Err(error) = gtk::init() {
        return tracing::debug!(%error, "no display");
    }
    let none: Option<&Window> = None;
    let dialog = MessageDialog::new(none, DialogFlags::empty(), MessageType::Error, ButtonsType::Close, reason);
    dialog.set_title("Auralis");
    dialog.run();
}

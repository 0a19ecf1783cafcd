//! The program around the player: what surfaces may ask of its windows and its end, and what they see of them.

use tokio::sync::{mpsc, watch};

/// A wish that is not the player's to fulfil.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Show the main window, in front of others.
    Raise {
        /// What the desktop gave whoever asks, so that the window may come to the front (XDG activation).
        token: Option<String>,
    },
    /// Close the main window; the player goes on.
    Hide,
    /// Show the mini player, in front of others.
    Mini,
    /// End the program; everything is saved.
    Quit,
}

/// What can be seen of the program.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sight {
    /// The main window is open.
    pub main: bool,
    /// One of its windows is.
    pub open: bool,
    /// One of its windows has the focus.
    pub focused: bool,
}

/// Takes the wishes of surfaces to whoever runs the program, and tells them of its windows. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Program {
    wishes: mpsc::UnboundedSender<Wish>,
    sight: watch::Sender<Sight>,
    has_windows: bool,
}

impl Program {
    /// A program and where its wishes come out.
    pub fn new(has_windows: bool) -> (Self, mpsc::UnboundedReceiver<Wish>) {
        let (wishes, receiver) = mpsc::unbounded_channel();
        (Program { wishes, sight: watch::Sender::default(), has_windows }, receiver)
    }

    /// Whether there are windows to show.
    pub fn has_windows(&self) -> bool {
        self.has_windows
    }

    /// Asks; a program that is ending has no ear.
    pub fn wish(&self, wish: Wish) {
        let _ = self.wishes.send(wish);
    }

    /// To be woken when its windows change. The first look is always news.
    pub fn watch(&self) -> watch::Receiver<Sight> {
        let mut sight = self.sight.subscribe();
        sight.mark_changed();
        sight
    }

    /// What can be seen of it now.
    pub fn sight(&self) -> Sight {
        *self.sight.borrow()
    }

    /// Tells of a change of its windows.
    pub fn see(&self, sight: Sight) {
        self.sight.send_if_modified(|seen| std::mem::replace(seen, sight) != sight);
    }
}

//! The program around the player: what surfaces may ask of its window and its end.

use tokio::sync::mpsc;

/// A wish that is not the player's to fulfil.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Show the main window, in front of others.
    Raise,
    /// End the program; everything is saved.
    Quit,
}

/// Takes the wishes of surfaces to whoever runs the program. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Program {
    wishes: mpsc::UnboundedSender<Wish>,
    has_window: bool,
}

impl Program {
    /// A program and where its wishes come out.
    pub fn new(has_window: bool) -> (Self, mpsc::UnboundedReceiver<Wish>) {
        let (wishes, receiver) = mpsc::unbounded_channel();
        (Program { wishes, has_window }, receiver)
    }

    /// Whether there is a window to raise.
    pub fn has_window(&self) -> bool {
        self.has_window
    }

    /// Asks; a program that is ending has no ear.
    pub fn wish(&self, wish: Wish) {
        let _ = self.wishes.send(wish);
    }
}

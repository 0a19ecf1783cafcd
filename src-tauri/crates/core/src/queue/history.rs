//! The history of all edits, in the order they were made: of the queue, of the user's data and of tags.
//!
//! A step of the queue holds the order that it replaced. A step of the library only names the edit; the library keeps what
//! it needs to undo it.

use std::collections::VecDeque;

use super::QueueOrder;
use crate::{EditAction, EditSummary, LastEdit, LibraryEditId};

/// Number of edits that can be undone.
const MAX_UNDO_STEPS: usize = 50;

/// An edit that can be undone or redone.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct UndoStep {
    pub(crate) edit: EditSummary,
    pub(crate) change: Change,
}

impl UndoStep {
    /// Creates a step for an edit of the library.
    pub(crate) fn library(edit: EditSummary, id: LibraryEditId) -> Self {
        UndoStep { edit, change: Change::Library(id) }
    }

    pub(super) fn order(&self) -> Option<&QueueOrder> {
        match &self.change {
            Change::Queue(order) => Some(order),
            Change::Library(_) => None,
        }
    }

    fn library_edit(&self) -> Option<LibraryEditId> {
        match self.change {
            Change::Queue(_) => None,
            Change::Library(id) => Some(id),
        }
    }
}

/// What reverts an edit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    /// The other order of the queue.
    Queue(QueueOrder),
    /// The edit, as the library knows it.
    Library(LibraryEditId),
}

/// A direction in the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Undo,
    Redo,
}

/// See the module.
#[derive(Debug, Clone, Default)]
pub(crate) struct EditHistory {
    /// From the oldest to the newest.
    pub(super) undo: VecDeque<UndoStep>,
    /// The next one to redo is the last.
    pub(super) redo: Vec<UndoStep>,
    pub(super) last: Option<LastEdit>,
    /// Increases with every change.
    pub(super) revision: u64,
    newest_library_edit: Option<LibraryEditId>,
    dropped_library_edits: bool,
}

impl EditHistory {
    pub(super) fn restore(undo: VecDeque<UndoStep>, redo: Vec<UndoStep>) -> Self {
        let newest_library_edit = undo.iter().chain(&redo).filter_map(UndoStep::library_edit).max();
        EditHistory { undo, redo, newest_library_edit, ..EditHistory::default() }
    }

    /// Adds an edit that was made. What was undone can no longer be redone.
    pub(crate) fn push(&mut self, step: UndoStep) {
        self.announce(EditAction::Made, step.edit.clone());
        self.newest_library_edit = self.newest_library_edit.max(step.library_edit());
        self.undo.push_back(step);
        let oldest = if self.undo.len() > MAX_UNDO_STEPS { self.undo.pop_front() } else { None };
        let dropped = self.redo.drain(..).chain(oldest).any(|step| step.library_edit().is_some());
        self.dropped_library_edits |= dropped;
    }

    /// Returns the next edit to undo or redo.
    pub(crate) fn next(&self, step: Step) -> Option<&UndoStep> {
        match step {
            Step::Undo => self.undo.back(),
            Step::Redo => self.redo.last(),
        }
    }

    /// Moves the next edit to the other side. `reverse` reverts it again.
    pub(super) fn complete(&mut self, step: Step, reverse: Change) {
        let Some(UndoStep { edit, .. }) = self.take(step) else { return };
        let reversed = UndoStep { edit: edit.clone(), change: reverse };
        match step {
            Step::Undo => self.redo.push(reversed),
            Step::Redo => self.undo.push_back(reversed),
        }
        let action = if step == Step::Undo { EditAction::Undone } else { EditAction::Redone };
        self.announce(action, edit);
    }

    /// Moves an edit that the library has undone or redone to the other side.
    pub(crate) fn complete_library_edit(&mut self, step: Step, id: LibraryEditId) {
        // Meanwhile another edit may have been added; then it stays the next one to undo.
        let above = match step {
            Step::Undo => self.undo.iter().rposition(|step| step.library_edit() == Some(id)),
            Step::Redo => self.redo.iter().rposition(|step| step.library_edit() == Some(id)),
        };
        match (step, above) {
            (Step::Undo, Some(index)) => {
                let Some(undone) = self.undo.remove(index) else { return };
                self.undo.push_back(undone);
            }
            (Step::Redo, Some(index)) => {
                let redone = self.redo.remove(index);
                self.redo.push(redone);
            }
            (_, None) => return,
        }
        self.complete(step, Change::Library(id));
    }

    /// Removes the next edit, which can no longer be undone or redone.
    pub(crate) fn drop_next(&mut self, step: Step) {
        let dropped = self.take(step).is_some_and(|step| step.library_edit().is_some());
        self.dropped_library_edits |= dropped;
        self.revision += 1;
    }

    /// Returns the library's edits that are still needed, and the newest one that is known, if any have been dropped since
    /// the last call.
    pub(crate) fn take_retained(&mut self) -> Option<(Vec<LibraryEditId>, LibraryEditId)> {
        let newest = self.newest_library_edit.filter(|_| std::mem::take(&mut self.dropped_library_edits))?;
        Some((self.undo.iter().chain(&self.redo).filter_map(UndoStep::library_edit).collect(), newest))
    }

    fn take(&mut self, step: Step) -> Option<UndoStep> {
        match step {
            Step::Undo => self.undo.pop_back(),
            Step::Redo => self.redo.pop(),
        }
    }

    fn announce(&mut self, action: EditAction, edit: EditSummary) {
        let id = self.last.as_ref().map_or(1, |last| last.id.wrapping_add(1));
        self.last = Some(LastEdit { id, action, edit });
        self.revision += 1;
    }
}

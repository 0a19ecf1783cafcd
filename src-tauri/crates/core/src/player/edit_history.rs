//! Undo and redo: one history for the edits of the queue, of the user's data and of tags.

use super::*;
use crate::queue::{Change, Step, UndoStep};

impl Core {
    /// Undoes or redoes the next edit. Returns `None` if the library does it, which completes the command later.
    pub(super) fn apply_history_step(&mut self, id: CommandId, step: Step) -> Option<Result<(), ApiError>> {
        match self.queue.history.next(step) {
            None => {
                let message = match step {
                    Step::Undo => "There is nothing to undo.",
                    Step::Redo => "There is nothing to redo.",
                };
                Some(Err(ApiError::new(ErrorCode::NotPossible, message)))
            }
            Some(UndoStep { change: Change::Library(edit), .. }) => {
                let edit = *edit;
                self.running_step = Some(RunningStep { id, step, edit });
                self.run_in_library(id, LibraryCommand::RevertEdit { edit })
            }
            Some(UndoStep { change: Change::Queue(order), .. }) => {
                let order = order.clone();
                let before = self.queue.current().map(|entry| entry.id);
                self.queue.apply_step(step, order);
                self.unplayable.clear();
                // The current track keeps playing if it is still in the queue.
                match self.queue.current().map(|entry| entry.id) {
                    None => self.stop_at_end(),
                    after if after != before => self.on_entry_changed(),
                    _ => {}
                }
                Some(Ok(()))
            }
        }
    }

    /// Which clients may run a command now. Undoing a tag edit writes to files, as the edit did.
    pub(super) fn access(&self, command: &Command) -> Access {
        let reverted = match command {
            Command::Undo {} => self.queue.history.next(Step::Undo),
            Command::Redo {} => self.queue.history.next(Step::Redo),
            _ => None,
        };
        match reverted {
            Some(step) if step.edit.kind == EditKind::EditTags => Access::LocalOnly,
            _ => command.properties().access,
        }
    }

    pub(super) fn on_library_command_finished(&mut self, id: CommandId, result: Result<Option<EditRecord>, ApiError>) {
        let edit = self.running_edits.remove(&id);
        if let Some(RunningStep { step, edit, .. }) = self.running_step.take_if(|running| running.id == id) {
            match &result {
                Ok(_) => self.queue.history.complete_library_edit(step, edit),
                // A file or the database failed: that may work later.
                Err(error) if error.code == ErrorCode::Failed => {}
                Err(_) => self.queue.history.drop_next(step),
            }
        } else if let (Some((kind, client)), Ok(Some(EditRecord { id, count, name }))) = (edit, &result) {
            let edit = EditSummary::new(kind, *count, client, name);
            self.queue.history.push(UndoStep::library(edit, *id));
        }
        self.complete_command(id, result.map(drop));
        self.run_queued_commands();
    }
}

/// An undo or redo that the library is running.
#[derive(Debug)]
pub(super) struct RunningStep {
    id: CommandId,
    step: Step,
    edit: LibraryEditId,
}

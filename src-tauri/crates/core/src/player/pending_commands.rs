//! Commands that wait: for the library to resolve their tracks, or behind such a command.

use super::*;

/// A command that has not been run yet.
#[derive(Debug)]
pub(super) struct PendingCommand {
    pub(super) id: CommandId,
    pub(super) from: ClientKind,
    pub(super) is_local: bool,
    pub(super) command: Command,
}

impl Core {
    /// Runs a command, or queues it behind one that waits for the library.
    pub(super) fn receive(&mut self, pending: PendingCommand) {
        let is_blocked = !self.queued_commands.is_empty() || self.must_wait(&pending.command);
        if is_blocked && pending.command.properties().in_order {
            self.queued_commands.push_back(pending);
        } else {
            self.start(pending);
        }
    }

    fn start(&mut self, pending: PendingCommand) {
        let id = pending.id;
        if !pending.is_local && self.access(&pending.command) == Access::LocalOnly {
            return self.complete_command(id, Err(ApiError::local_only()));
        }
        if let Err(error) = pending.command.validate() {
            return self.complete_command(id, Err(error));
        }
        if let LibraryUse::ResolveTracks(tracks) = pending.command.properties().library {
            self.effects.push(Effect::ResolveTracks { id, tracks: tracks.clone() });
            self.resolving_command = Some(pending);
            return;
        }
        self.queue.current_client = pending.from;
        if let Some(result) = self.execute(id, pending.command) {
            self.complete_command(id, result);
        }
    }

    pub(super) fn on_tracks_resolved(&mut self, id: CommandId, result: Result<Vec<TrackId>, ApiError>) {
        let Some(pending) = self.resolving_command.take_if(|resolving| resolving.id == id) else { return };
        self.queue.current_client = pending.from;
        let result = result.and_then(|tracks| self.execute_with_tracks(pending.command, tracks));
        self.complete_command(id, result);
        self.run_queued_commands();
    }

    pub(super) fn run_queued_commands(&mut self) {
        while self.queued_commands.front().is_some_and(|pending| !self.must_wait(&pending.command)) {
            let Some(pending) = self.queued_commands.pop_front() else { break };
            self.start(pending);
        }
    }

    /// Whether a command that must run in order has to wait for the library. Undo also waits for edits that it may have to
    /// undo.
    fn must_wait(&self, command: &Command) -> bool {
        let waits_for_edits = matches!(command, Command::Undo {} | Command::Redo {}) && !self.running_edits.is_empty();
        self.is_waiting_for_library() || waits_for_edits
    }

    /// Whether the library is resolving tracks or running an undo.
    pub(super) fn is_waiting_for_library(&self) -> bool {
        self.resolving_command.is_some() || self.running_step.is_some()
    }

    pub(super) fn complete_command(&mut self, id: CommandId, result: Result<(), ApiError>) {
        self.effects.push(Effect::CompleteCommand { id, result });
    }
}

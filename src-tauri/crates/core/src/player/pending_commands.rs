//! Commands that wait: for the library to resolve their tracks, or behind such a command.

use super::*;

/// A command that has not been run yet.
#[derive(Debug)]
pub(super) struct PendingCommand {
    pub(super) id: CommandId,
    pub(super) from: ClientKind,
    pub(super) command: Command,
}

impl Core {
    /// Runs a command, or queues it behind one whose tracks are being resolved.
    pub(super) fn receive(&mut self, pending: PendingCommand) {
        if self.resolving_command.is_some() && pending.command.properties().in_order {
            self.queued_commands.push_back(pending);
        } else {
            self.start(pending);
        }
    }

    fn start(&mut self, pending: PendingCommand) {
        let id = pending.id;
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
        while self.resolving_command.is_none() {
            let Some(pending) = self.queued_commands.pop_front() else { break };
            self.start(pending);
        }
    }

    pub(super) fn complete_command(&mut self, id: CommandId, result: Result<(), ApiError>) {
        self.effects.push(Effect::CompleteCommand { id, result });
    }
}

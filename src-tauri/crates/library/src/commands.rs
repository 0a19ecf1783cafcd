//! Executes the commands of the core.

use std::path::Path;

use auralis_core::{LibraryCommand, LibraryEvent, UserDataEdit};

use crate::{
    edits,
    error::LibraryError,
    import_export,
    library::Library,
    roots::{self, ignore_rules},
};

impl Library {
    /// Executes a command. A scan it starts continues in the background.
    ///
    /// # Errors
    ///
    /// The command cannot be executed. Nothing has changed then.
    pub async fn execute(&self, command: LibraryCommand) -> Result<(), LibraryError> {
        let database = &self.0.database;
        match command {
            // Neither waits for a command that is running.
            LibraryCommand::CancelScan => {
                self.0.scans.cancel();
                return Ok(());
            }
            LibraryCommand::EditTags { tracks, tags } => {
                let _guard = self.0.tag_edits.lock().await;
                let events = edits::tags::edit(database, &self.track_ids(&tracks).await?, *tags).await?;
                events.into_iter().for_each(|event| self.report(event));
                return Ok(());
            }
            LibraryCommand::UndoTags => {
                let _guard = self.0.tag_edits.lock().await;
                edits::tags::undo(database).await?.into_iter().for_each(|event| self.report(event));
                return Ok(());
            }
            _ => {}
        }
        let _guard = self.0.commands.lock().await;
        match command {
            LibraryCommand::AddRoot { path } => {
                self.report(roots::add(database, &path).await?);
                self.0.scans.start();
            }
            LibraryCommand::RemoveRoot { root } => {
                // A scan would add the folder's tracks again.
                let pause = self.0.scans.pause().await;
                let removed = roots::remove(database, root).await;
                drop(pause);
                self.report(removed?);
            }
            LibraryCommand::Scan => self.0.scans.start(),
            LibraryCommand::SetIgnorePatterns { patterns } => {
                self.report(ignore_rules::set(database, &patterns).await?);
                self.0.scans.start();
            }
            LibraryCommand::Export(export) => {
                import_export::export(database, &self.0.caches, &export).await?;
            }
            LibraryCommand::Edit(UserDataEdit::ImportPlaylist { path }) => {
                let (events, warning) = import_export::import(database, Path::new(&path)).await?;
                events.into_iter().for_each(|event| self.report(event));
                if let Some(reason) = warning {
                    self.report(LibraryEvent::PlaylistIncomplete { subject: path, reason });
                }
            }
            LibraryCommand::Edit(edit) => {
                // Resolved before the write begins, so that a long list does not block the writer.
                let tracks = match edits::edited_tracks(&edit) {
                    Some(tracks) => self.track_ids(tracks).await?,
                    None => Vec::new(),
                };
                self.report(edits::apply(database, edit, &tracks).await?);
            }
            // Handled above.
            LibraryCommand::CancelScan | LibraryCommand::EditTags { .. } | LibraryCommand::UndoTags => {}
        }
        Ok(())
    }
}

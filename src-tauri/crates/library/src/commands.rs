//! Executes the commands of the core.

use std::path::Path;

use auralis_core::{EditRecord, LibraryCommand, LibraryEditId, LibraryEvent, UserDataEdit};

use crate::{
    edits,
    error::LibraryError,
    import_export,
    library::Library,
    roots::{self, ignore_rules},
};

impl Library {
    /// Executes a command. A scan it starts continues in the background. Returns a record of an edit that can be undone.
    ///
    /// # Errors
    ///
    /// The command cannot be executed. Nothing has changed then.
    pub async fn execute(&self, command: LibraryCommand) -> Result<Option<EditRecord>, LibraryError> {
        let (database, files) = (&self.0.database, &*self.0.files);
        match command {
            // Neither waits for a command that is running.
            LibraryCommand::CancelScan => {
                self.0.scans.cancel();
                return Ok(None);
            }
            LibraryCommand::EditTags { tracks, tags } => {
                let _guard = self.0.tag_edits.lock().await;
                let (event, record) =
                    edits::tags::edit(database, files, &self.track_ids(&tracks).await?, *tags).await?;
                self.report(event);
                return Ok(Some(record));
            }
            LibraryCommand::RevertEdit { edit } => {
                let _commands = self.0.commands.lock().await;
                let _tag_edits = self.0.tag_edits.lock().await;
                edits::revert(database, files, edit).await?.into_iter().for_each(|event| self.report(event));
                return Ok(None);
            }
            _ => {}
        }
        let _guard = self.0.commands.lock().await;
        match command {
            LibraryCommand::AddRoot { path } => {
                self.report(roots::add(database, files, &path).await?);
                files.set_roots(roots::root_paths(database).await?);
                self.0.scans.start();
            }
            LibraryCommand::RemoveRoot { root } => {
                // A scan would add the folder's tracks again.
                let pause = self.0.scans.pause().await;
                let removed = roots::remove(database, root).await;
                files.set_roots(roots::root_paths(database).await?);
                drop(pause);
                self.report(removed?);
            }
            LibraryCommand::Scan => self.0.scans.start(),
            LibraryCommand::SetIgnorePatterns { patterns } => {
                self.report(ignore_rules::set(database, &patterns).await?);
                self.0.scans.start();
            }
            LibraryCommand::Export(export) => {
                import_export::export(database, &self.0.caches, files, &export).await?;
            }
            LibraryCommand::Edit(UserDataEdit::ImportPlaylist { path }) => {
                let (events, record, warning) = import_export::import(database, files, Path::new(&path)).await?;
                events.into_iter().for_each(|event| self.report(event));
                if let Some(reason) = warning {
                    self.report(LibraryEvent::PlaylistIncomplete { subject: path, reason });
                }
                return Ok(record);
            }
            LibraryCommand::Edit(edit) => {
                // Resolved before the write begins, so that a long list does not block the writer.
                let tracks = match edits::edited_tracks(&edit) {
                    Some(tracks) => self.track_ids(tracks).await?,
                    None => Vec::new(),
                };
                let (event, record) = edits::apply(database, edit, &tracks).await?;
                self.report(event);
                return Ok(record);
            }
            // Handled above.
            LibraryCommand::CancelScan | LibraryCommand::EditTags { .. } | LibraryCommand::RevertEdit { .. } => {}
        }
        Ok(None)
    }

    /// Drops the undo records of edits up to `newest`, except those of `edits`.
    ///
    /// # Errors
    ///
    /// The database cannot be written.
    pub async fn retain_edits(&self, edits: &[LibraryEditId], newest: LibraryEditId) -> Result<(), LibraryError> {
        edits::undo_log::retain(&self.0.database, edits, newest).await
    }
}

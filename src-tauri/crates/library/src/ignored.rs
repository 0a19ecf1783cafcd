//! What scans pass over: names and paths by pattern (<https://docs.rs/globset/#syntax>).

use std::path::Path;

use auralis_core::LibraryEvent;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use sqlx::SqliteConnection;

use crate::{database::Database, error::LibraryError};

/// All patterns, as the listener wrote them.
pub(crate) async fn patterns(view: &mut SqliteConnection) -> Result<Vec<String>, LibraryError> {
    Ok(sqlx::query_scalar("SELECT pattern FROM ignored ORDER BY pattern").fetch_all(view).await?)
}

/// Puts these patterns in the place of those there are.
pub(crate) async fn set(database: &Database, patterns: &[String]) -> Result<LibraryEvent, LibraryError> {
    Ignored::of(patterns)?;
    let mut change = database.write().await?;
    sqlx::query("DELETE FROM ignored").execute(&mut *change).await?;
    for pattern in patterns {
        sqlx::query("INSERT OR IGNORE INTO ignored VALUES (?)").bind(pattern).execute(&mut *change).await?;
    }
    database.commit_edit(change).await
}

/// The patterns, ready to be held against paths.
#[derive(Default)]
pub(crate) struct Ignored(GlobSet);

impl Ignored {
    /// Fails with the first pattern that is none.
    pub fn of(patterns: &[String]) -> Result<Ignored, LibraryError> {
        let mut set = GlobSetBuilder::new();
        for pattern in patterns {
            // A name means whatever has it, wherever it lies.
            let wherever =
                if pattern.contains('/') { pattern.trim_start_matches('/').into() } else { format!("**/{pattern}") };
            let wherever = wherever.trim_end_matches('/');
            let glob = GlobBuilder::new(wherever).literal_separator(true).case_insensitive(true).build();
            set.add(
                glob.map_err(|error| LibraryError::Search(format!("“{pattern}” is no pattern: {}.", error.kind())))?,
            );
        }
        set.build().map(Ignored).map_err(|error| LibraryError::Search(error.to_string()))
    }

    /// Whether a file or folder is passed over; `path` is relative to its root.
    pub fn passes_over(&self, path: &Path) -> bool {
        self.0.is_match(path)
    }
}

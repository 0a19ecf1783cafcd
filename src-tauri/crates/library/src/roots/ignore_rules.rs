//! Patterns of files and folders that scans ignore (<https://docs.rs/globset/#syntax>).

use std::path::Path;

use auralis_core::LibraryEvent;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use sqlx::SqliteConnection;

use crate::{database::Database, error::LibraryError};

/// Returns all patterns, as the listener wrote them.
pub(crate) async fn patterns(connection: &mut SqliteConnection) -> Result<Vec<String>, LibraryError> {
    Ok(sqlx::query_scalar("SELECT pattern FROM ignored ORDER BY pattern").fetch_all(connection).await?)
}

/// Replaces all patterns.
pub(crate) async fn set(database: &Database, patterns: &[String]) -> Result<LibraryEvent, LibraryError> {
    IgnoreRules::new(patterns)?;
    let mut tx = database.begin_write().await?;
    sqlx::query("DELETE FROM ignored").execute(&mut *tx).await?;
    for pattern in patterns {
        sqlx::query("INSERT OR IGNORE INTO ignored VALUES (?)").bind(pattern).execute(&mut *tx).await?;
    }
    database.commit_user_data_changed(tx).await
}

/// Compiled patterns.
#[derive(Default)]
pub(crate) struct IgnoreRules(GlobSet);

impl IgnoreRules {
    /// Compiles patterns. Fails with the first invalid one.
    pub fn new(patterns: &[String]) -> Result<IgnoreRules, LibraryError> {
        let mut set = GlobSetBuilder::new();
        for pattern in patterns {
            // A pattern without a slash is a name, which matches in any folder.
            let glob =
                if pattern.contains('/') { pattern.trim_start_matches('/').into() } else { format!("**/{pattern}") };
            let glob = glob.trim_end_matches('/');
            let glob = GlobBuilder::new(glob).literal_separator(true).case_insensitive(true).build();
            set.add(glob.map_err(|error| {
                LibraryError::InvalidPattern(format!("“{pattern}” is not a valid pattern: {}.", error.kind()))
            })?);
        }
        set.build().map(IgnoreRules).map_err(|error| LibraryError::InvalidPattern(error.to_string()))
    }

    /// Returns whether a file or folder is ignored; `path` is relative to its root.
    pub fn is_ignored(&self, path: &Path) -> bool {
        self.0.is_match(path)
    }
}

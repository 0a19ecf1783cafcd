//! One state of the library for a read of several queries.

use sqlx::{Sqlite, Transaction};

use crate::{
    database::{Database, counts::Counts},
    error::LibraryError,
};

/// One state of the library, for as long as it is held. It occupies a reader connection: drop it before any file is read.
pub(crate) struct ReadSnapshot {
    pub connection: Transaction<'static, Sqlite>,
    pub counts: Counts,
}

impl ReadSnapshot {
    pub async fn begin(database: &Database) -> Result<ReadSnapshot, LibraryError> {
        let mut connection = database.begin_read().await?;
        let counts = database.counts(&mut connection).await?;
        Ok(ReadSnapshot { connection, counts })
    }
}

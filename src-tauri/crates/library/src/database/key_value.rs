//! A key-value store that survives a restart: the saved session, the tag undo record, the scrobbling state.
//! Callers choose the encoding.

use crate::{database::Database, error::LibraryError};

/// Stores all values in one transaction.
pub(crate) async fn save(database: &Database, values: &[(&str, &[u8])]) -> Result<(), LibraryError> {
    let mut tx = database.begin_write().await?;
    for &(key, value) in values {
        sqlx::query("INSERT INTO session VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
            .bind(key)
            .bind(value)
            .execute(&mut *tx)
            .await?;
    }
    Ok(tx.commit().await?)
}

/// Returns the value last saved under `key`.
pub(crate) async fn load(database: &Database, key: &str) -> Result<Option<Vec<u8>>, LibraryError> {
    let mut connection = database.begin_read().await?;
    Ok(sqlx::query_scalar("SELECT value FROM session WHERE key = ?").bind(key).fetch_optional(&mut *connection).await?)
}

//! What survives a restart besides the library: bytes under a key, in the core's own encoding.

use crate::{database::Database, error::LibraryError};

pub(crate) async fn save(database: &Database, values: &[(&str, &[u8])]) -> Result<(), LibraryError> {
    let mut change = database.write().await?;
    for &(key, value) in values {
        sqlx::query("INSERT INTO session VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
            .bind(key)
            .bind(value)
            .execute(&mut *change)
            .await?;
    }
    Ok(change.commit().await?)
}

pub(crate) async fn load(database: &Database, key: &str) -> Result<Option<Vec<u8>>, LibraryError> {
    let mut view = database.read().await?;
    Ok(sqlx::query_scalar("SELECT value FROM session WHERE key = ?").bind(key).fetch_optional(&mut *view).await?)
}

//! A value that is computed from many rows and kept until they change.

use std::sync::{Arc, Mutex, PoisonError};

use sqlx::SqliteConnection;

use crate::error::LibraryError;

/// The last computed value, with the revision `K` of the rows it was computed from.
pub(crate) struct Cached<T, K = i64>(Mutex<Option<(K, Arc<T>)>>);

impl<T, K> Default for Cached<T, K> {
    fn default() -> Self {
        Cached(Mutex::new(None))
    }
}

impl<T, K: Copy + PartialEq> Cached<T, K> {
    /// Returns the value at `revision`; computes it by `load` if the stored one is of another revision.
    pub async fn get(
        &self,
        connection: &mut SqliteConnection,
        revision: K,
        load: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, LibraryError>,
    ) -> Result<Arc<T>, LibraryError> {
        if let Some(value) = self.at(revision) {
            return Ok(value);
        }
        let value = Arc::new(load(connection).await?);
        self.store(revision, value.clone());
        Ok(value)
    }

    /// Returns the stored value if it is of this revision.
    pub fn at(&self, revision: K) -> Option<Arc<T>> {
        let stored = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        stored.as_ref().filter(|(of, _)| *of == revision).map(|(_, value)| value.clone())
    }

    /// Replaces the stored value.
    pub fn store(&self, revision: K, value: Arc<T>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((revision, value));
    }
}

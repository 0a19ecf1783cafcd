//! How much there is of everything, and the revisions that name a state of the library.

use auralis_core::LibraryEvent;
use sqlx::{Row, SqliteConnection};

use crate::error::LibraryError;

/// How much there is of everything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rises by one with every change. It is 1 when the library is opened, so it counts the `Changed` events.
    pub revision: u64,
    /// All tracks.
    pub tracks: u32,
    /// All albums.
    pub albums: u32,
    /// All artists.
    pub artists: u32,
    /// Folders that the listener added.
    pub roots: u32,
    /// Rises with every change of the files, but not with a rating or play.
    pub(crate) tracks_revision: i64,
}

impl Counts {
    /// Reads the counts; `base_revision` is the stored revision at opening.
    pub(super) async fn load(connection: &mut SqliteConnection, base_revision: i64) -> Result<Counts, LibraryError> {
        let row = sqlx::query("SELECT revision, tracks, albums, artists, roots, content FROM totals")
            .fetch_one(connection)
            .await?;
        Ok(Counts {
            revision: (row.get::<i64, _>(0) - base_revision + 1) as u64,
            tracks: row.get(1),
            albums: row.get(2),
            artists: row.get(3),
            roots: row.get(4),
            tracks_revision: row.get(5),
        })
    }

    pub(crate) fn into_event(self) -> LibraryEvent {
        let Counts { revision, tracks, albums, artists, roots, tracks_revision: _ } = self;
        LibraryEvent::Changed { revision, tracks, albums, artists, roots }
    }
}

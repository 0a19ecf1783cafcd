//! The music library: folders, tracks, covers, playlists, listening history, and the saved session.
//!
//! This crate contains all SQL. A [`Library`] is a handle: reads see one state of the library each and never wait for a scan.
//! Every change that lists show is one transaction, one revision and one `LibraryEvent::Changed`.
//!
//! | module | what it does |
//! |---|---|
//! | `database` | connections, migrations, revisions, recovery of a damaged file |
//! | `files`, `tags` | files on the disk; their tags, lyrics and CUE sheets |
//! | `file_access` | the one way to files in music folders: threads of each root, time limits |
//! | `roots`, `scan` | the folders of the library, and how the database follows their files |
//! | `external_files` | files that are opened by path |
//! | `query`, `lists` | what a list contains and in what order; pages of rows |
//! | `search`, `duplicates` | ranked search results; tracks that exist more than once |
//! | `windows` | answers list requests |
//! | `playlists`, `listening`, `analyses`, `covers` | what belongs to tracks |
//! | `edits` | edits of the listener's data and of tags |
//! | `import_export` | playlists and the history as files |
//! | `library`, `commands` | the public handle |

mod analyses;
mod clock;
mod commands;
mod covers;
mod database;
mod duplicates;
mod edits;
mod error;
mod events;
mod external_files;
mod file_access;
mod files;
mod import_export;
mod library;
mod listening;
mod lists;
mod playlists;
mod query;
mod roots;
mod scan;
mod search;
mod tags;
mod text;
mod threads;
mod windows;

pub use analyses::{AnalysisJob, AnalysisResult};
pub use covers::{Cover, CoverSize};
pub use database::counts::Counts;
pub use error::LibraryError;
pub use library::{Library, OpenedLibrary};
pub use listening::scrobble_queue::Scrobble;
pub use lists::rows::LibrarySize;
pub use tags::{
    audio_probe::{AudioProbe, AudioProperties, set_audio_probe},
    copy::copy_tags,
};
pub use threads::spawn_idle;

//! Reads files on threads of their own.

use std::{
    ffi::OsString,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, mpsc::Receiver},
};

use tokio::sync::mpsc::Sender;

use super::{
    Shared,
    known::{Image, Stamp},
    walk::{Folder, FoundFile},
};
use crate::{
    cover::{self, CoverHash},
    error::{LibraryError, in_words},
    tags::{self, Tags},
};

/// Something to read.
pub(crate) enum Job {
    Tags(FoundFile),
    Image { folder: Arc<Folder>, name: OsString, stamp: Stamp },
}

/// A track as it was read.
pub(crate) struct ReadTrack {
    pub file: FoundFile,
    pub tags: Tags,
}

/// The picture beside a folder's files, as it is now.
pub(crate) struct FolderImage {
    pub folder: Arc<Folder>,
    pub image: Option<(Image, CoverHash)>,
}

/// Something for the writer.
pub(crate) enum Outcome {
    Track(Box<ReadTrack>),
    Image(FolderImage),
    Failed {
        path: PathBuf,
        reason: String,
        /// An audio file, and not a folder or picture.
        file: bool,
    },
}

/// Starts `count` threads that read until the jobs end, the scan is cancelled or nobody wants the outcomes.
pub(crate) fn spawn(
    count: usize,
    jobs: Receiver<Vec<Job>>,
    outcomes: Sender<Outcome>,
    shared: &Arc<Shared>,
) -> Result<(), LibraryError> {
    let jobs = Arc::new(Mutex::new(jobs));
    for _ in 0..count {
        let (jobs, outcomes, shared) = (jobs.clone(), outcomes.clone(), shared.clone());
        thread("tags", move || {
            tags::prepare_thread();
            let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
            while let Ok(lot) = next() {
                for job in lot {
                    if shared.cancelled() || outcomes.blocking_send(job.read()).is_err() {
                        return;
                    }
                }
            }
        })?;
    }
    Ok(())
}

/// Starts a thread of the scan.
pub(crate) fn thread(name: &str, run: impl FnOnce() + Send + 'static) -> Result<(), LibraryError> {
    std::thread::Builder::new()
        .name(format!("scan-{name}"))
        .spawn(run)
        .map(drop)
        .map_err(|error| LibraryError::File { path: "a thread of the scan".into(), reason: error.to_string() })
}

impl Job {
    fn read(self) -> Outcome {
        match self {
            Job::Tags(file) => {
                let path = file.folder.path.join(&file.name);
                match tags::read(&path) {
                    Ok(tags) => Outcome::Track(Box::new(ReadTrack { file, tags })),
                    Err(reason) => Outcome::Failed { path, reason, file: true },
                }
            }
            Job::Image { folder, name, stamp } => {
                let path = folder.path.join(&name);
                match cover::read_image(&path) {
                    Ok(bytes) => {
                        let hash = CoverHash::of(&bytes);
                        Outcome::Image(FolderImage { folder, image: Some(((name, stamp), hash)) })
                    }
                    Err(error) => Outcome::Failed { path, reason: in_words(&error), file: false },
                }
            }
        }
    }
}

//! Reads files on threads of their own.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, mpsc::Receiver},
};

use auralis_core::TimeRange;
use tokio::sync::mpsc::Sender;

use super::{
    Shared,
    known::{Image, Stamp},
    walk::{Folder, FoundFile},
};
use crate::{
    background::background,
    cover::{CoverHash, IMAGE_BYTES},
    cue::Sheet,
    error::{LibraryError, in_words},
    files,
    fold::{fold, name_sort_key, sort_key},
    place,
    tags::{self, Tags},
};

/// Something to read.
pub(crate) enum Job {
    Tags(FoundFile),
    Image { folder: Arc<Folder>, name: OsString, stamp: Stamp },
}

/// A file as it was read: one track, or several that a cue sheet tells apart.
pub(crate) struct ReadFile {
    pub file: FoundFile,
    pub tracks: Vec<ReadTrack>,
}

/// A track, with all that can be made of it without the database.
pub(crate) struct ReadTrack {
    /// Its number in the file's cue sheet, 0 where the file is one track.
    pub cue: u32,
    /// Which part of the file it is; with none, all.
    pub range: Option<TimeRange>,
    pub tags: Tags,
    pub title: String,
    /// What it is found by, folded: title, artist, album and genres.
    pub words: [String; 4],
    pub title_sort: String,
    pub artist_sort: String,
    pub album_sort: String,
    pub album: Option<Album>,
    pub artists: Vec<Name>,
    pub genres: Vec<Name>,
    pub composers: Vec<Name>,
}

/// A name of which there is one row, whoever spells it.
#[derive(Debug, Clone)]
pub(crate) struct Name {
    pub name: String,
    /// What two spellings have in common.
    pub key: String,
    pub sort: String,
    /// Whether the tags tell how it is sorted.
    pub sort_told: bool,
}

/// The album that a track's tags put it on.
#[derive(Debug, Clone)]
pub(crate) struct Album {
    pub key: String,
    pub title_sort: String,
    /// Whose it is: as tagged, else of various artists, else of the track's artist.
    pub artist: Option<Name>,
    /// Whether the tags tell how title or artist is sorted.
    pub sort_told: bool,
}

/// The album artist of a compilation that names none.
const VARIOUS_ARTISTS: &str = "Various Artists";

impl ReadFile {
    /// Of a file that says this of itself, and holds this cue sheet.
    pub fn new(file: FoundFile, tags: Tags, embedded: Option<String>) -> ReadFile {
        let embedded = embedded.and_then(|sheet| Sheet::parse(sheet.as_bytes()).into_iter().next());
        let sheet = file.sheet.as_deref().or(embedded.as_ref());
        let parts = sheet.map(|sheet| sheet.parts(&tags)).unwrap_or_default();
        let mut tracks: Vec<_> =
            parts.into_iter().map(|part| ReadTrack::new(&file, part.cue, Some(part.range), part.tags)).collect();
        if tracks.is_empty() {
            tracks.push(ReadTrack::new(&file, 0, None, tags));
        }
        ReadFile { file, tracks }
    }
}

impl ReadTrack {
    fn new(file: &FoundFile, cue: u32, range: Option<TimeRange>, mut tags: Tags) -> ReadTrack {
        place::fill(&mut tags, file.folder.within_root(), Path::new(&file.name));
        let sort = std::mem::take(&mut tags.sort);
        let title = tags.title.take().unwrap_or_default();
        let mut artists = names(&tags.artists);
        if let ([artist], Some(told)) = (artists.as_mut_slice(), &sort.artist) {
            *artist = artist.clone().sorted_as(told);
        }
        let album = tags.album.as_deref().map(|title| {
            let various = tags.compilation.then_some(VARIOUS_ARTISTS);
            let named = tags.album_artist.as_deref().or(various).map(Name::of);
            let artist = match (named, &sort.album_artist) {
                (Some(named), Some(told)) => Some(named.sorted_as(told)),
                (named, _) => named.or_else(|| artists.first().cloned()),
            };
            let artist_key = artist.as_ref().map(|artist| artist.key.as_str()).unwrap_or_default();
            let title_sort = name_sort_key(sort.album.as_deref().unwrap_or(title));
            let sort_told = sort.album.is_some() || artist.as_ref().is_some_and(|artist| artist.sort_told);
            Album { key: format!("{}\u{1f}{artist_key}", fold(title)), title_sort, artist, sort_told }
        });
        let words = [&title, &tags.artist, tags.album.as_deref().unwrap_or_default(), &tags.genres.join(" ")].map(fold);
        ReadTrack {
            cue,
            range,
            words,
            title_sort: sort_key(sort.title.as_deref().unwrap_or(&title)),
            artist_sort: name_sort_key(sort.artist.as_deref().unwrap_or(&tags.artist)),
            album_sort: album.as_ref().map(|album| album.title_sort.clone()).unwrap_or_default(),
            genres: names(&tags.genres),
            composers: names(&tags.composers),
            title,
            album,
            artists,
            tags,
        }
    }
}

impl Name {
    fn of(name: &str) -> Name {
        Name { name: name.into(), key: fold(name), sort: name_sort_key(name), sort_told: false }
    }

    fn sorted_as(self, told: &str) -> Name {
        Name { sort: name_sort_key(told), sort_told: true, ..self }
    }
}

/// Each name once, whatever its spelling.
fn names(all: &[String]) -> Vec<Name> {
    let mut names: Vec<Name> = Vec::with_capacity(all.len());
    for name in all.iter().map(|name| Name::of(name)) {
        if !names.iter().any(|known| known.key == name.key) {
            names.push(name);
        }
    }
    names
}

/// The picture beside a folder's files, as it is now.
pub(crate) struct FolderImage {
    pub folder: Arc<Folder>,
    pub image: Option<(Image, CoverHash)>,
}

/// Something for the writer.
pub(crate) enum Outcome {
    File(Box<ReadFile>),
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
    outcomes: Sender<Vec<Outcome>>,
    shared: &Arc<Shared>,
) -> Result<(), LibraryError> {
    let jobs = Arc::new(Mutex::new(jobs));
    for _ in 0..count {
        let (jobs, outcomes, shared) = (jobs.clone(), outcomes.clone(), shared.clone());
        thread("tags", move || {
            tags::prepare_thread();
            let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
            while let Ok(lot) = next() {
                let mut read = Vec::with_capacity(lot.len());
                for job in lot {
                    if shared.cancelled() {
                        return;
                    }
                    read.push(job.read());
                }
                if outcomes.blocking_send(read).is_err() {
                    return;
                }
            }
        })?;
    }
    Ok(())
}

/// Starts a thread of the scan.
pub(crate) fn thread(name: &str, run: impl FnOnce() + Send + 'static) -> Result<(), LibraryError> {
    background(&format!("scan-{name}"), run)
        .map_err(|error| LibraryError::File { path: "a thread of the scan".into(), reason: error.to_string() })
}

impl Job {
    fn read(self) -> Outcome {
        match self {
            Job::Tags(file) => {
                let path = file.folder.path.join(&file.name);
                match tags::read(&path) {
                    Ok((tags, sheet)) => Outcome::File(Box::new(ReadFile::new(file, tags, sheet))),
                    Err(reason) => Outcome::Failed { path, reason, file: true },
                }
            }
            Job::Image { folder, name, stamp } => {
                let path = folder.path.join(&name);
                match files::read_at_most(&path, IMAGE_BYTES) {
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

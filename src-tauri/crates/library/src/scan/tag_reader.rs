//! Reads tags and pictures on threads of their own.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, mpsc::Receiver},
};

use auralis_core::TimeRange;

use super::{
    found_file::{FileStamp, FoundFile, ImageFile, ScannedFolder},
    root_scan::{Message, RootControl, RootSender},
};
use crate::{
    error::{LibraryError, describe_io_error},
    files::{atomic, heartbeat::beat},
    tags::{
        self, Tags,
        cover_hash::{CoverHash, MAX_IMAGE_BYTES},
        cue_sheet::CueSheet,
        path_tags,
    },
    text::{name_sort_key, normalize, sort_key},
    threads::spawn_idle,
};

/// A file to read.
pub(crate) enum ReadJob {
    Tags(FoundFile),
    Image { folder: Arc<ScannedFolder>, name: OsString, stamp: FileStamp },
}

/// A file that was read: one track, or several if a CUE sheet splits it.
pub(crate) struct ReadFile {
    pub file: FoundFile,
    pub tracks: Vec<ReadTrack>,
}

/// A track, with everything that can be computed without the database.
pub(crate) struct ReadTrack {
    /// Its index in the CUE sheet, 0 without one.
    pub cue_index: u32,
    /// The range of the file; `None` means all of it.
    pub range: Option<TimeRange>,
    pub tags: Tags,
    pub title: String,
    /// Normalized text for the full-text index: title, artist, album and genres.
    pub search_text: [String; 4],
    pub title_sort: String,
    pub artist_sort: String,
    pub album_sort: String,
    pub album: Option<Album>,
    pub artists: Vec<NormalizedName>,
    pub genres: Vec<NormalizedName>,
    pub composers: Vec<NormalizedName>,
}

/// A name of an artist, genre or composer. All spellings share one row.
#[derive(Debug, Clone)]
pub(crate) struct NormalizedName {
    pub name: String,
    /// The normalized name, which identifies the row.
    pub key: String,
    pub sort: String,
    /// Whether a sort tag set the sort key.
    pub has_sort_tag: bool,
}

/// The album in a track's tags.
#[derive(Debug, Clone)]
pub(crate) struct Album {
    pub key: String,
    pub title_sort: String,
    /// The album artist: as tagged, else various artists for a compilation, else the track's artist.
    pub artist: Option<NormalizedName>,
    /// Whether a sort tag set the sort key of title or artist.
    pub has_sort_tag: bool,
}

/// The album artist of a compilation without one.
const VARIOUS_ARTISTS: &str = "Various Artists";

impl ReadFile {
    /// Builds the tracks of a file from its tags and its embedded CUE sheet.
    pub fn new(file: FoundFile, tags: Tags, embedded: Option<String>) -> ReadFile {
        let embedded = embedded.and_then(|sheet| CueSheet::parse(sheet.as_bytes()).into_iter().next());
        let sheet = file.sheet.as_deref().or(embedded.as_ref());
        let ranges = sheet.map(|sheet| sheet.split(&tags)).unwrap_or_default();
        let mut tracks: Vec<_> = ranges
            .into_iter()
            .map(|track| ReadTrack::new(&file, track.cue_index, Some(track.range), track.tags))
            .collect();
        if tracks.is_empty() {
            tracks.push(ReadTrack::new(&file, 0, None, tags));
        }
        ReadFile { file, tracks }
    }
}

impl ReadTrack {
    fn new(file: &FoundFile, cue_index: u32, range: Option<TimeRange>, mut tags: Tags) -> ReadTrack {
        path_tags::fill_missing_tags(&mut tags, file.folder.within_root(), Path::new(&file.name));
        let sort = std::mem::take(&mut tags.sort);
        let title = tags.title.take().unwrap_or_default();
        let mut artists = names(&tags.artists);
        if let ([artist], Some(sort_name)) = (artists.as_mut_slice(), &sort.artist) {
            *artist = artist.clone().sorted_as(sort_name);
        }
        let album = tags.album.as_deref().map(|title| {
            let various = tags.compilation.then_some(VARIOUS_ARTISTS);
            let tagged = tags.album_artist.as_deref().or(various).map(NormalizedName::new);
            let artist = match (tagged, &sort.album_artist) {
                (Some(tagged), Some(sort_name)) => Some(tagged.sorted_as(sort_name)),
                (tagged, _) => tagged.or_else(|| artists.first().cloned()),
            };
            let artist_key = artist.as_ref().map(|artist| artist.key.as_str()).unwrap_or_default();
            let title_sort = name_sort_key(sort.album.as_deref().unwrap_or(title));
            let has_sort_tag = sort.album.is_some() || artist.as_ref().is_some_and(|artist| artist.has_sort_tag);
            Album { key: format!("{}\u{1f}{artist_key}", normalize(title)), title_sort, artist, has_sort_tag }
        });
        let search_text =
            [&title, &tags.artist, tags.album.as_deref().unwrap_or_default(), &tags.genres.join(" ")].map(normalize);
        ReadTrack {
            cue_index,
            range,
            search_text,
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

impl NormalizedName {
    fn new(name: &str) -> NormalizedName {
        NormalizedName { name: name.into(), key: normalize(name), sort: name_sort_key(name), has_sort_tag: false }
    }

    fn sorted_as(self, sort_name: &str) -> NormalizedName {
        NormalizedName { sort: name_sort_key(sort_name), has_sort_tag: true, ..self }
    }
}

/// Returns each name once, whatever its spelling.
fn names(all: &[String]) -> Vec<NormalizedName> {
    let mut names: Vec<NormalizedName> = Vec::with_capacity(all.len());
    for name in all.iter().map(|name| NormalizedName::new(name)) {
        if !names.iter().any(|known| known.key == name.key) {
            names.push(name);
        }
    }
    names
}

/// The current picture of a folder; `None` if it has none.
pub(crate) struct FolderImage {
    pub folder: Arc<ScannedFolder>,
    pub image: Option<(ImageFile, CoverHash)>,
}

/// The result of a job, for the writer.
pub(crate) enum ReadResult {
    File(Box<ReadFile>),
    Image(FolderImage),
    Failed {
        path: PathBuf,
        reason: String,
        /// Whether it is an audio file, and not a folder or picture.
        is_audio: bool,
    },
}

/// Reads jobs until there are none, the scan is cancelled, or the root is given up.
pub(super) fn read_jobs(jobs: &Mutex<Receiver<Vec<ReadJob>>>, sender: &RootSender, control: &RootControl) {
    // Also when a reader panics.
    let _ended = ReaderEnded(sender);
    tags::configure_lofty_read();
    let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
    while let Ok(batch) = next() {
        let mut read = Vec::with_capacity(batch.len());
        for job in batch {
            if control.check().is_err() {
                return;
            }
            read.push(job.read());
            beat();
        }
        if sender.send(Message::Results(read)).is_err() {
            return;
        }
    }
}

struct ReaderEnded<'s>(&'s RootSender);

impl Drop for ReaderEnded<'_> {
    fn drop(&mut self) {
        // The scan may have ended.
        let _ = self.0.send(Message::ReaderEnded);
    }
}

/// Starts a thread of the scan.
pub(crate) fn spawn_thread(name: &str, run: impl FnOnce() + Send + 'static) -> Result<(), LibraryError> {
    spawn_idle(&format!("scan-{name}"), run)
        .map_err(|error| LibraryError::File { path: "scan thread".into(), reason: error.to_string() })
}

impl ReadJob {
    fn read(self) -> ReadResult {
        match self {
            ReadJob::Tags(file) => {
                let path = file.folder.path.join(&file.name);
                match tags::read(&path) {
                    Ok((tags, sheet)) => ReadResult::File(Box::new(ReadFile::new(file, tags, sheet))),
                    Err(reason) => ReadResult::Failed { path, reason, is_audio: true },
                }
            }
            ReadJob::Image { folder, name, stamp } => {
                let path = folder.path.join(&name);
                match atomic::read_limited(&path, MAX_IMAGE_BYTES) {
                    Ok(bytes) => {
                        let hash = CoverHash::new(&bytes);
                        ReadResult::Image(FolderImage { folder, image: Some(((name, stamp), hash)) })
                    }
                    Err(error) => ReadResult::Failed { path, reason: describe_io_error(&error), is_audio: false },
                }
            }
        }
    }
}

//! Finds the audio files of every root, and those among them that must be read.

use std::{
    collections::HashSet,
    ffi::{OsStr, OsString},
    fs::{self, Metadata},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::Ordering::{Relaxed, Release},
        mpsc::SyncSender,
    },
};

use auralis_core::{RootId, TrackId};
use tokio::sync::mpsc::Sender;

use super::{
    Shared,
    known::{Image, Known, Stamp},
    read::{FolderImage, Job, Outcome},
};
use crate::{error::in_words, roots::LOOSE};

/// Extensions of files that may hold audio, in lower case.
const AUDIO: [&str; 21] = [
    "aac", "aif", "aifc", "aiff", "ape", "caf", "dsf", "flac", "m4a", "m4b", "mka", "mp3", "mp4", "mpc", "oga", "ogg",
    "opus", "wav", "wave", "wma", "wv",
];

/// Names of pictures that are covers, without extension, the best first.
const IMAGE_NAMES: [&str; 4] = ["cover", "folder", "front", "album"];
const IMAGE_EXTENSIONS: [&str; 4] = ["jpg", "jpeg", "png", "webp"];

/// Files go to the readers in lots of at most this many.
const LOT: usize = 32;

/// A folder on its way through the scan.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Folder {
    pub root: RootId,
    pub path: PathBuf,
}

/// A file that must be read.
#[derive(Debug, Clone)]
pub(crate) struct FoundFile {
    pub folder: Arc<Folder>,
    pub name: OsString,
    pub stamp: Stamp,
    /// The track that it is, if it is known.
    pub track: Option<TrackId>,
    /// Another track that the library still has in this place.
    pub displaced: Option<TrackId>,
}

/// What the walk found out.
pub(crate) struct Walked {
    /// Tracks whose files are gone.
    pub vanished: Vec<TrackId>,
    /// Roots that came or went.
    pub online: Vec<(RootId, bool)>,
}

pub(crate) struct Walk {
    known: Known,
    jobs: SyncSender<Vec<Job>>,
    /// Failures, and what needs no reading, go straight to the writer.
    outcomes: Sender<Outcome>,
    shared: Arc<Shared>,
    lot: Vec<Job>,
    /// Device and inode of every folder met: a link into one of them is not followed again.
    visited: HashSet<(u64, u64)>,
    /// Folders that could not be read: what is below them may still be there.
    unread: Vec<PathBuf>,
}

/// The scan is cancelled, or nobody listens any more.
struct Stopped;

impl Walk {
    pub fn new(known: Known, jobs: SyncSender<Vec<Job>>, outcomes: Sender<Outcome>, shared: Arc<Shared>) -> Self {
        Walk { known, jobs, outcomes, shared, lot: Vec::new(), visited: HashSet::new(), unread: Vec::new() }
    }

    pub fn run(mut self) -> Walked {
        let roots: Vec<_> = self.known.roots.iter().map(|root| (root.id, root.path.clone(), root.online)).collect();
        let mut walked = Walked { vanished: Vec::new(), online: Vec::new() };
        let mut offline = Vec::new();
        for (root, path, was_online) in &roots {
            let Ok(found) = self.root(*root, path) else { return walked };
            let held = self.known.folders.iter().any(|folder| folder.root == *root && !folder.tracks.is_empty());
            let online = path.is_dir() && (found > 0 || !held);
            if !online {
                offline.push(*root);
                if !self.unread.contains(path) {
                    let reason = "it is empty or not there; its tracks are kept".into();
                    if self.fail(path.clone(), reason, false).is_err() {
                        return walked;
                    }
                }
            }
            if online != *was_online {
                walked.online.push((*root, online));
            }
        }
        if self.send_lot().is_err() {
            return walked;
        }
        self.shared.counted.store(true, Release);
        for folder in self.known.folders.iter().filter(|folder| folder.root != LOOSE) {
            if !offline.contains(&folder.root) && !self.unread.iter().any(|unread| folder.path.starts_with(unread)) {
                walked.vanished.extend(folder.tracks.values().filter(|track| !track.seen).map(|track| track.id));
            }
        }
        walked
    }

    /// Walks one root; returns how many audio files it has.
    fn root(&mut self, root: RootId, path: &Path) -> Result<u32, Stopped> {
        let before = self.shared.found.load(Relaxed);
        let mut stack = vec![path.to_path_buf()];
        while let Some(path) = stack.pop() {
            self.check()?;
            if let Err(error) = self.folder(root, &path, &mut stack)? {
                self.fail(path.clone(), in_words(&error), false)?;
                self.unread.push(path);
            }
        }
        Ok(self.shared.found.load(Relaxed) - before)
    }

    /// Looks through one folder and puts those in it on the stack.
    fn folder(&mut self, root: RootId, path: &Path, stack: &mut Vec<PathBuf>) -> Result<io::Result<()>, Stopped> {
        let entries = match Entries::of(path) {
            Ok(entries) => entries,
            Err(error) => return Ok(Err(error)),
        };
        if !self.visited.insert(entries.identity) || entries.no_media {
            return Ok(Ok(()));
        }
        let folder = Arc::new(Folder { root, path: path.into() });
        let mut has_audio = false;
        for name in entries.audio {
            self.check()?;
            let path = path.join(&name);
            match self.follow(&path) {
                Ok(Some(metadata)) if metadata.is_file() => {
                    has_audio = true;
                    self.file(&folder, name, Stamp::of(&metadata))?;
                }
                Ok(_) => {}
                Err(error) => {
                    self.shared.found.fetch_add(1, Relaxed);
                    self.keep(&folder.path, &name);
                    self.fail(path, in_words(&error), true)?;
                }
            }
        }
        if has_audio {
            self.image(&folder, entries.image)?;
        }
        for name in entries.folders.into_iter().rev() {
            stack.push(path.join(name));
        }
        for name in entries.links {
            let path = path.join(name);
            if let Ok(Some(metadata)) = self.follow(&path)
                && metadata.is_dir()
            {
                stack.push(path);
            }
        }
        Ok(Ok(()))
    }

    /// What a path leads to. A link into a root is none: what it leads to is met there.
    fn follow(&self, path: &Path) -> io::Result<Option<Metadata>> {
        if path.is_symlink() {
            let target = path.canonicalize()?;
            if self.known.roots.iter().any(|root| target.starts_with(&root.path)) {
                return Ok(None);
            }
        }
        path.metadata().map(Some)
    }

    fn file(&mut self, folder: &Arc<Folder>, name: OsString, stamp: Stamp) -> Result<(), Stopped> {
        self.shared.found.fetch_add(1, Relaxed);
        let in_place = self.known.track(&folder.path, &name);
        let mut displaced = None;
        let mut track = None;
        if let Some(known) = in_place {
            if known.stamp == stamp && known.current && !known.seen {
                known.seen = true;
                self.shared.unchanged.fetch_add(1, Relaxed);
                return Ok(());
            }
            displaced = Some(known.id);
        }
        if let Some(moved) = self.known.moved(stamp) {
            moved.seen = true;
            track = Some(moved.id);
        } else if let Some(known) = self.known.track(&folder.path, &name).filter(|known| !known.seen) {
            known.seen = true;
            track = Some(known.id);
        }
        let displaced = displaced.filter(|id| Some(*id) != track);
        self.lot.push(Job::Tags(FoundFile { folder: folder.clone(), name, stamp, track, displaced }));
        if self.lot.len() >= LOT { self.send_lot() } else { Ok(()) }
    }

    /// A file that is there but cannot be looked at is not gone.
    fn keep(&mut self, folder: &Path, name: &OsString) {
        if let Some(known) = self.known.track(folder, name) {
            known.seen = true;
        }
    }

    /// Has the folder's picture read if it is not the one that is known.
    fn image(&mut self, folder: &Arc<Folder>, name: Option<OsString>) -> Result<(), Stopped> {
        let image: Option<Image> = name.and_then(|name| {
            let metadata = folder.path.join(&name).metadata().ok().filter(Metadata::is_file)?;
            Some((name, Stamp { inode: 0, ..Stamp::of(&metadata) }))
        });
        let known = self.known.folder(&folder.path).and_then(|known| known.image.as_ref());
        if known == image.as_ref() {
            return Ok(());
        }
        match image {
            Some((name, stamp)) => self.lot.push(Job::Image { folder: folder.clone(), name, stamp }),
            None => self.send(Outcome::Image(FolderImage { folder: folder.clone(), image: None }))?,
        }
        Ok(())
    }

    fn fail(&self, path: PathBuf, reason: String, file: bool) -> Result<(), Stopped> {
        self.send(Outcome::Failed { path, reason, file })
    }

    fn send(&self, outcome: Outcome) -> Result<(), Stopped> {
        self.outcomes.blocking_send(outcome).map_err(|_| Stopped)
    }

    fn send_lot(&mut self) -> Result<(), Stopped> {
        self.jobs.send(std::mem::take(&mut self.lot)).map_err(|_| Stopped)
    }

    fn check(&self) -> Result<(), Stopped> {
        if self.shared.cancelled() { Err(Stopped) } else { Ok(()) }
    }
}

/// What is in a folder, by name.
#[derive(Default)]
struct Entries {
    /// Device and inode.
    identity: (u64, u64),
    no_media: bool,
    /// Perhaps: links are among them, and whatever else has the name of one.
    audio: Vec<OsString>,
    folders: Vec<OsString>,
    /// Links that may lead to folders.
    links: Vec<OsString>,
    image: Option<OsString>,
}

impl Entries {
    fn of(path: &Path) -> io::Result<Entries> {
        let metadata = path.metadata()?;
        let mut entries = Entries { identity: (metadata.dev(), metadata.ino()), ..Entries::default() };
        let mut best = usize::MAX;
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let name = entry.file_name();
            if name.as_encoded_bytes().starts_with(b".") {
                entries.no_media |= name == ".nomedia";
                continue;
            }
            let kind = entry.file_type()?;
            if kind.is_dir() {
                entries.folders.push(name);
            } else if is_audio(&name) {
                entries.audio.push(name);
            } else if let Some(rank) = image_rank(&name) {
                if rank < best {
                    best = rank;
                    entries.image = Some(name);
                }
            } else if kind.is_symlink() {
                entries.links.push(name);
            }
        }
        // In order, so that ids follow the order of the folders.
        entries.audio.sort_unstable();
        entries.folders.sort_unstable();
        Ok(entries)
    }
}

/// Whether a file of this name may hold audio.
pub(crate) fn is_audio(name: &OsStr) -> bool {
    has_extension(name, &AUDIO)
}

fn has_extension(name: &OsStr, extensions: &[&str]) -> bool {
    Path::new(name).extension().is_some_and(|own| extensions.iter().any(|known| own.eq_ignore_ascii_case(known)))
}

fn image_rank(name: &OsStr) -> Option<usize> {
    let stem = Path::new(name).file_stem()?;
    let rank = IMAGE_NAMES.iter().position(|known| stem.eq_ignore_ascii_case(known))?;
    has_extension(name, &IMAGE_EXTENSIONS).then_some(rank)
}

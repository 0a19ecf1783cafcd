//! Finds the audio files of every root, and those among them that must be read.

use std::{
    collections::{HashMap, HashSet},
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
use crate::{
    cue::{self, SHEET_BYTES, Sheet},
    error::in_words,
    files,
    filesystem::Filesystem,
    place,
    roots::LOOSE,
};

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
    /// How many folders of the path lie below the root.
    depth: usize,
}

impl Folder {
    /// A folder of the root whose own is `above`.
    pub fn new(root: RootId, above: &Path, path: &Path) -> Folder {
        let depth = path.strip_prefix(above).map_or(0, |within| within.components().count());
        Folder { root, path: path.into(), depth }
    }

    /// The path as seen from the root.
    pub fn within_root(&self) -> &Path {
        let mut within = self.path.components();
        let above = within.clone().count() - self.depth;
        within.by_ref().take(above).for_each(drop);
        within.as_path()
    }
}

/// A file that must be read.
#[derive(Debug, Clone)]
pub(crate) struct FoundFile {
    pub folder: Arc<Folder>,
    pub name: OsString,
    pub stamp: Stamp,
    /// The sheet beside it that cuts it into tracks.
    pub sheet: Option<Arc<Sheet>>,
    /// Its tracks, if it is known; see [`KnownFile::tracks`].
    pub tracks: Vec<(u32, TrackId)>,
    /// Other tracks that the library still has in this place.
    pub displaced: Vec<TrackId>,
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
    outcomes: Sender<Vec<Outcome>>,
    shared: Arc<Shared>,
    lot: Vec<Job>,
    /// Device and inode of every folder met: a link into one of them is not followed again.
    visited: HashSet<(u64, u64)>,
    /// Whether inodes of the root that is walked say anything.
    keeps_inodes: bool,
    /// Folders that could not be read: what is below them may still be there.
    unread: Vec<PathBuf>,
}

/// The scan is cancelled, or nobody listens any more.
struct Stopped;

impl Walk {
    pub fn new(known: Known, jobs: SyncSender<Vec<Job>>, outcomes: Sender<Vec<Outcome>>, shared: Arc<Shared>) -> Self {
        Walk {
            known,
            jobs,
            outcomes,
            shared,
            lot: Vec::new(),
            visited: HashSet::new(),
            keeps_inodes: true,
            unread: Vec::new(),
        }
    }

    pub fn run(mut self) -> Walked {
        let roots: Vec<_> = self.known.roots.iter().map(|root| (root.id, root.path.clone(), root.online)).collect();
        let mut walked = Walked { vanished: Vec::new(), online: Vec::new() };
        let mut offline = Vec::new();
        for (root, path, was_online) in &roots {
            let Ok(found) = self.root(*root, path) else { return walked };
            let held = self.known.folders.iter().any(|folder| folder.root == *root && !folder.files.is_empty());
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
                let vanished = folder.files.values().filter(|file| !file.seen).flat_map(|file| &file.tracks);
                walked.vanished.extend(vanished.map(|(_, id)| *id));
            }
        }
        walked
    }

    /// Walks one root; returns how many audio files it has.
    fn root(&mut self, root: RootId, above: &Path) -> Result<u32, Stopped> {
        let before = self.shared.found.load(Relaxed);
        self.keeps_inodes = Filesystem::of(above).keeps_inodes;
        let mut stack = vec![above.to_path_buf()];
        while let Some(path) = stack.pop() {
            self.check()?;
            if let Err(error) = self.folder(root, above, &path, &mut stack)? {
                self.fail(path.clone(), in_words(&error), false)?;
                self.unread.push(path);
            }
        }
        Ok(self.shared.found.load(Relaxed) - before)
    }

    /// Looks through one folder and puts those in it on the stack.
    fn folder(
        &mut self,
        root: RootId,
        above: &Path,
        path: &Path,
        stack: &mut Vec<PathBuf>,
    ) -> Result<io::Result<()>, Stopped> {
        let within = path.strip_prefix(above).unwrap_or(path);
        let passed_over = |name: &OsStr| self.known.ignored.passes_over(&within.join(name));
        let entries = match Entries::of(path, passed_over) {
            Ok(entries) => entries,
            Err(error) => return Ok(Err(error)),
        };
        if !self.visited.insert(entries.identity) || entries.no_media {
            return Ok(Ok(()));
        }
        let folder = Arc::new(Folder::new(root, above, path));
        let sheets = self.sheets(path, &entries)?;
        let mut has_audio = false;
        for Named { name, metadata } in entries.audio {
            self.check()?;
            match metadata.map_or_else(|| self.follow(&path.join(&name)), |metadata| metadata.map(Some)) {
                Ok(Some(metadata)) if metadata.is_file() => {
                    has_audio = true;
                    let stamp = Stamp::of(&metadata);
                    let stamp = if self.keeps_inodes { stamp } else { Stamp { inode: 0, ..stamp } };
                    self.file(&folder, sheets.get(&name), name, stamp)?;
                }
                Ok(_) => {}
                Err(error) => {
                    self.shared.found.fetch_add(1, Relaxed);
                    self.keep(&folder.path, &name);
                    self.fail(path.join(&name), in_words(&error), true)?;
                }
            }
        }
        if has_audio {
            self.image(&folder, entries.image.or_else(|| image_of_all_discs(&folder)))?;
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

    /// What a link leads to; nothing if that is in a root, where it is met anyway.
    fn follow(&self, link: &Path) -> io::Result<Option<Metadata>> {
        let target = link.canonicalize()?;
        let met = self.known.roots.iter().any(|root| target.starts_with(&root.path));
        if met { Ok(None) } else { target.metadata().map(Some) }
    }

    /// The cue sheets of a folder by the file that each cuts.
    fn sheets(&self, folder: &Path, entries: &Entries) -> Result<HashMap<OsString, (Arc<Sheet>, Stamp)>, Stopped> {
        let mut sheets = HashMap::new();
        if entries.sheets.is_empty() {
            return Ok(sheets);
        }
        let audio: Vec<OsString> = entries.audio.iter().map(|named| named.name.clone()).collect();
        for name in &entries.sheets {
            let path = folder.join(name);
            let read = || Ok((files::read_at_most(&path, SHEET_BYTES)?, Stamp::of(&path.metadata()?)));
            let (bytes, stamp) = match read() {
                Ok(read) => read,
                Err(error) => {
                    self.fail(path, in_words(&error), false)?;
                    continue;
                }
            };
            let parsed = Sheet::parse(&bytes);
            let alone = parsed.len() == 1;
            for sheet in parsed {
                let namesake = || cue::same_stem(name, &audio).filter(|_| alone);
                if let Some(file) = sheet.file(&audio).or_else(namesake) {
                    sheets.insert(file.clone(), (Arc::new(sheet), stamp));
                }
            }
        }
        Ok(sheets)
    }

    fn file(
        &mut self,
        folder: &Arc<Folder>,
        sheet: Option<&(Arc<Sheet>, Stamp)>,
        name: OsString,
        stamp: Stamp,
    ) -> Result<(), Stopped> {
        self.shared.found.fetch_add(1, Relaxed);
        let stamp = sheet.map_or(stamp, |(_, sheet)| stamp.and(*sheet));
        let mut displaced = Vec::new();
        let mut tracks = Vec::new();
        if let Some(known) = self.known.file(&folder.path, &name) {
            if known.stamp == stamp && known.current && !known.seen {
                known.seen = true;
                self.shared.unchanged.fetch_add(1, Relaxed);
                return Ok(());
            }
            displaced = known.tracks.iter().map(|(_, id)| *id).collect();
        }
        if let Some(moved) = self.known.moved(stamp) {
            moved.seen = true;
            tracks.clone_from(&moved.tracks);
        } else if let Some(known) = self.known.file(&folder.path, &name).filter(|known| !known.seen) {
            known.seen = true;
            tracks.clone_from(&known.tracks);
        }
        displaced.retain(|id| !tracks.iter().any(|(_, track)| track == id));
        let sheet = sheet.map(|(sheet, _)| sheet.clone());
        self.lot.push(Job::Tags(FoundFile { folder: folder.clone(), name, stamp, sheet, tracks, displaced }));
        if self.lot.len() >= LOT { self.send_lot() } else { Ok(()) }
    }

    /// A file that is there but cannot be looked at is not gone.
    fn keep(&mut self, folder: &Path, name: &OsString) {
        if let Some(known) = self.known.file(folder, name) {
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
        self.outcomes.blocking_send(vec![outcome]).map_err(|_| Stopped)
    }

    fn send_lot(&mut self) -> Result<(), Stopped> {
        self.jobs.send(std::mem::take(&mut self.lot)).map_err(|_| Stopped)
    }

    fn check(&self) -> Result<(), Stopped> {
        if self.shared.cancelled() { Err(Stopped) } else { Ok(()) }
    }
}

struct Named {
    name: OsString,
    /// What it is; nothing yet of a link.
    metadata: Option<io::Result<Metadata>>,
}

/// What is in a folder, by name.
#[derive(Default)]
struct Entries {
    /// Device and inode.
    identity: (u64, u64),
    no_media: bool,
    /// Perhaps: links are among them, and whatever else has the name of one.
    audio: Vec<Named>,
    folders: Vec<OsString>,
    /// Links that may lead to folders.
    links: Vec<OsString>,
    /// Cue sheets.
    sheets: Vec<OsString>,
    image: Option<OsString>,
}

impl Entries {
    fn of(path: &Path, passed_over: impl Fn(&OsStr) -> bool) -> io::Result<Entries> {
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
            if passed_over(&name) {
                continue;
            }
            let kind = entry.file_type()?;
            if kind.is_dir() {
                entries.folders.push(name);
            } else if is_audio(&name) {
                let metadata = (!kind.is_symlink()).then(|| entry.metadata());
                entries.audio.push(Named { name, metadata });
            } else if has_extension(&name, &["cue"]) {
                entries.sheets.push(name);
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
        entries.audio.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        entries.folders.sort_unstable();
        entries.sheets.sort_unstable();
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

/// The picture beside the folders of an album's discs, as seen from one of them that has none of its own.
fn image_of_all_discs(folder: &Folder) -> Option<OsString> {
    let name = folder.path.file_name()?.to_string_lossy();
    let album = folder.path.parent().filter(|_| folder.depth > 0 && place::disc_of(&name).is_some())?;
    let image = Entries::of(album, |_| false).ok()?.image?;
    Some(Path::new("..").join(image).into())
}

fn image_rank(name: &OsStr) -> Option<usize> {
    let stem = Path::new(name).file_stem()?;
    let rank = IMAGE_NAMES.iter().position(|known| stem.eq_ignore_ascii_case(known))?;
    has_extension(name, &IMAGE_EXTENSIONS).then_some(rank)
}

//! Finds the audio files of every root, and which of them must be read.

use std::{
    collections::{HashMap, HashSet},
    ffi::{OsStr, OsString},
    fs::Metadata,
    io,
    path::{Path, PathBuf},
    sync::{Arc, mpsc::SyncSender},
};

use auralis_core::{RootId, TrackId};
use tokio::sync::mpsc::Sender;

use super::{
    control::ScanControl,
    existing_files::ExistingFiles,
    folder_entries::{AudioEntry, FolderEntries, album_image},
    found_file::{FileStamp, FoundFile, ImageFile, ScannedFolder},
    tag_reader::{FolderImage, ReadJob, ReadResult},
};
use crate::{
    error::describe_io_error,
    files::{atomic, filesystem::MountTraits},
    roots::EXTERNAL_ROOT,
    tags::cue_sheet::{self, CueSheet, MAX_SHEET_BYTES},
};

/// How many files a batch for the readers has at most.
const FILES_PER_BATCH: usize = 32;

/// What a walk of all roots found.
pub(crate) struct WalkResult {
    /// Tracks whose file is gone.
    pub missing: Vec<TrackId>,
    /// Roots whose availability changed, and whether they are online.
    pub online: Vec<(RootId, bool)>,
}

pub(crate) struct Walker {
    existing: ExistingFiles,
    jobs: SyncSender<Vec<ReadJob>>,
    /// Failures, and folders without picture, go straight to the writer.
    results: Sender<Vec<ReadResult>>,
    control: Arc<ScanControl>,
    batch: Vec<ReadJob>,
    /// Device and inode of every visited folder, so that no link leads into a loop.
    visited: HashSet<(u64, u64)>,
    /// Whether inode numbers of the current root are stable.
    keeps_inodes: bool,
    /// Folders that could not be read. The files below them may still exist.
    unreadable: Vec<PathBuf>,
}

/// The scan was cancelled, or the writer has gone.
struct Cancelled;

impl Walker {
    pub fn new(
        existing: ExistingFiles,
        jobs: SyncSender<Vec<ReadJob>>,
        results: Sender<Vec<ReadResult>>,
        control: Arc<ScanControl>,
    ) -> Self {
        Walker {
            existing,
            jobs,
            results,
            control,
            batch: Vec::new(),
            visited: HashSet::new(),
            keeps_inodes: true,
            unreadable: Vec::new(),
        }
    }

    pub fn run(mut self) -> WalkResult {
        let roots: Vec<_> = self.existing.roots.iter().map(|root| (root.id, root.path.clone(), root.online)).collect();
        let mut result = WalkResult { missing: Vec::new(), online: Vec::new() };
        let mut offline = Vec::new();
        for (root, path, was_online) in &roots {
            let Ok(found) = self.walk_root(*root, path) else { return result };
            let had_files = self.existing.folders.iter().any(|folder| folder.root == *root && !folder.files.is_empty());
            let online = path.is_dir() && (found > 0 || !had_files);
            if !online {
                offline.push(*root);
                if !self.unreadable.contains(path) {
                    let reason = "it is empty or does not exist; its tracks are kept".into();
                    if self.fail(path.clone(), reason, false).is_err() {
                        return result;
                    }
                }
            }
            if online != *was_online {
                result.online.push((*root, online));
            }
        }
        if self.send_batch().is_err() {
            return result;
        }
        self.control.set_counted();
        for folder in self.existing.folders.iter().filter(|folder| folder.root != EXTERNAL_ROOT) {
            if !offline.contains(&folder.root) && !self.unreadable.iter().any(|path| folder.path.starts_with(path)) {
                let missing = folder.files.values().filter(|file| !file.is_seen).flat_map(|file| &file.tracks);
                result.missing.extend(missing.map(|(_, id)| *id));
            }
        }
        result
    }

    /// Walks one root. Returns how many audio files it has.
    fn walk_root(&mut self, root: RootId, root_path: &Path) -> Result<u32, Cancelled> {
        let before = self.control.found();
        self.keeps_inodes = MountTraits::of(root_path).keeps_inodes;
        let mut stack = vec![root_path.to_path_buf()];
        while let Some(path) = stack.pop() {
            self.check()?;
            if let Err(error) = self.walk_folder(root, root_path, &path, &mut stack)? {
                self.fail(path.clone(), describe_io_error(&error), false)?;
                self.unreadable.push(path);
            }
        }
        Ok(self.control.found() - before)
    }

    /// Handles the files of one folder, and pushes its subfolders.
    fn walk_folder(
        &mut self,
        root: RootId,
        root_path: &Path,
        path: &Path,
        stack: &mut Vec<PathBuf>,
    ) -> Result<io::Result<()>, Cancelled> {
        let within = path.strip_prefix(root_path).unwrap_or(path);
        let is_ignored = |name: &OsStr| self.existing.ignored.is_ignored(&within.join(name));
        let entries = match FolderEntries::read(path, is_ignored) {
            Ok(entries) => entries,
            Err(error) => return Ok(Err(error)),
        };
        if !self.visited.insert(entries.identity) || entries.has_nomedia {
            return Ok(Ok(()));
        }
        let folder = Arc::new(ScannedFolder::new(root, root_path, path));
        let sheets = self.sheets(path, &entries)?;
        let mut has_audio = false;
        for AudioEntry { name, metadata } in entries.audio {
            self.check()?;
            match metadata.map_or_else(|| self.follow(&path.join(&name)), |metadata| metadata.map(Some)) {
                Ok(Some(metadata)) if metadata.is_file() => {
                    has_audio = true;
                    let stamp = FileStamp::new(&metadata);
                    let stamp = if self.keeps_inodes { stamp } else { FileStamp { inode: 0, ..stamp } };
                    self.add_file(&folder, sheets.get(&name), name, stamp)?;
                }
                Ok(_) => {}
                Err(error) => {
                    self.control.add_found();
                    self.mark_seen(&folder.path, &name);
                    self.fail(path.join(&name), describe_io_error(&error), true)?;
                }
            }
        }
        if has_audio {
            self.add_image(&folder, entries.image.or_else(|| album_image(&folder)))?;
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

    /// Returns the target of a link; `None` if that lies in a root, where it is found anyway.
    fn follow(&self, link: &Path) -> io::Result<Option<Metadata>> {
        let target = link.canonicalize()?;
        let in_a_root = self.existing.roots.iter().any(|root| target.starts_with(&root.path));
        if in_a_root { Ok(None) } else { target.metadata().map(Some) }
    }

    /// Reads the CUE sheets of a folder. Returns each with the file it is for.
    fn sheets(
        &self,
        folder: &Path,
        entries: &FolderEntries,
    ) -> Result<HashMap<OsString, (Arc<CueSheet>, FileStamp)>, Cancelled> {
        let mut sheets = HashMap::new();
        if entries.sheets.is_empty() {
            return Ok(sheets);
        }
        let audio: Vec<OsString> = entries.audio.iter().map(|entry| entry.name.clone()).collect();
        for name in &entries.sheets {
            let path = folder.join(name);
            let read = || Ok((atomic::read_limited(&path, MAX_SHEET_BYTES)?, FileStamp::new(&path.metadata()?)));
            let (bytes, stamp) = match read() {
                Ok(read) => read,
                Err(error) => {
                    self.fail(path, describe_io_error(&error), false)?;
                    continue;
                }
            };
            let parsed = CueSheet::parse(&bytes);
            let is_only_one = parsed.len() == 1;
            for sheet in parsed {
                let same_name = || cue_sheet::same_stem(name, &audio).filter(|_| is_only_one);
                if let Some(file) = sheet.find_file(&audio).or_else(same_name) {
                    sheets.insert(file.clone(), (Arc::new(sheet), stamp));
                }
            }
        }
        Ok(sheets)
    }

    /// Hands a file to the readers, unless it is up to date.
    fn add_file(
        &mut self,
        folder: &Arc<ScannedFolder>,
        sheet: Option<&(Arc<CueSheet>, FileStamp)>,
        name: OsString,
        stamp: FileStamp,
    ) -> Result<(), Cancelled> {
        self.control.add_found();
        let stamp = sheet.map_or(stamp, |(_, sheet)| stamp.with_sheet(*sheet));
        let mut replaced = Vec::new();
        let mut tracks = Vec::new();
        if let Some(known) = self.existing.file(&folder.path, &name) {
            if known.stamp == stamp && known.is_up_to_date && !known.is_seen {
                known.is_seen = true;
                self.control.add_unchanged();
                return Ok(());
            }
            replaced = known.tracks.iter().map(|(_, id)| *id).collect();
        }
        if let Some(moved) = self.existing.find_moved(stamp) {
            moved.is_seen = true;
            tracks.clone_from(&moved.tracks);
        } else if let Some(known) = self.existing.file(&folder.path, &name).filter(|known| !known.is_seen) {
            known.is_seen = true;
            tracks.clone_from(&known.tracks);
        }
        replaced.retain(|id| !tracks.iter().any(|(_, track)| track == id));
        let sheet = sheet.map(|(sheet, _)| sheet.clone());
        self.batch.push(ReadJob::Tags(FoundFile { folder: folder.clone(), name, stamp, sheet, tracks, replaced }));
        if self.batch.len() >= FILES_PER_BATCH { self.send_batch() } else { Ok(()) }
    }

    /// Marks a file as found. One that exists but cannot be read is not missing.
    fn mark_seen(&mut self, folder: &Path, name: &OsString) {
        if let Some(known) = self.existing.file(folder, name) {
            known.is_seen = true;
        }
    }

    /// Has the folder's picture read if it has changed.
    fn add_image(&mut self, folder: &Arc<ScannedFolder>, name: Option<OsString>) -> Result<(), Cancelled> {
        let image: Option<ImageFile> = name.and_then(|name| {
            let metadata = folder.path.join(&name).metadata().ok().filter(Metadata::is_file)?;
            Some((name, FileStamp { inode: 0, ..FileStamp::new(&metadata) }))
        });
        let known = self.existing.folder(&folder.path).and_then(|known| known.image.as_ref());
        if known == image.as_ref() {
            return Ok(());
        }
        match image {
            Some((name, stamp)) => self.batch.push(ReadJob::Image { folder: folder.clone(), name, stamp }),
            None => self.send(ReadResult::Image(FolderImage { folder: folder.clone(), image: None }))?,
        }
        Ok(())
    }

    fn fail(&self, path: PathBuf, reason: String, is_audio: bool) -> Result<(), Cancelled> {
        self.send(ReadResult::Failed { path, reason, is_audio })
    }

    fn send(&self, result: ReadResult) -> Result<(), Cancelled> {
        self.results.blocking_send(vec![result]).map_err(|_| Cancelled)
    }

    fn send_batch(&mut self) -> Result<(), Cancelled> {
        self.jobs.send(std::mem::take(&mut self.batch)).map_err(|_| Cancelled)
    }

    fn check(&self) -> Result<(), Cancelled> {
        if self.control.is_cancelled() { Err(Cancelled) } else { Ok(()) }
    }
}

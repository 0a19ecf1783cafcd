//! Finds the audio files of a root, and which of them must be read.

use std::{
    collections::{HashMap, HashSet},
    ffi::{OsStr, OsString},
    fs::Metadata,
    io,
    path::{Component, Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc::SyncSender},
};

use auralis_core::RootId;

use super::{
    existing_files::ExistingFiles,
    folder_entries::{AudioEntry, FolderEntries, album_image},
    found_file::{FileStamp, FoundFile, ImageFile, ScannedFolder},
    root_scan::{Cancelled, Message, RootControl, RootSender},
    tag_reader::{FolderImage, ReadJob, ReadResult},
};
use crate::{
    error::describe_io_error,
    file_access::FileAccess,
    files::{atomic, filesystem::MountTraits, heartbeat::beat},
    roots::ignore_rules::IgnoreRules,
    tags::cue_sheet::{self, CueSheet, MAX_SHEET_BYTES},
};

/// How many files a batch for the readers has at most.
const FILES_PER_BATCH: usize = 32;

/// What the walk of one root found.
pub(super) struct RootWalk {
    /// Whether the root is there. An empty one that had files counts as offline: the drive may not be mounted.
    pub is_online: bool,
    /// Folders that could not be read. The files below them may still exist.
    pub unreadable: Vec<PathBuf>,
}

/// What the walkers of all roots share.
#[derive(Clone)]
pub(super) struct WalkerContext {
    /// Never locked while a file is accessed.
    pub existing: Arc<Mutex<ExistingFiles>>,
    pub root_paths: Arc<[PathBuf]>,
    pub ignored: Arc<IgnoreRules>,
    pub access: Arc<FileAccess>,
}

/// Walks one root.
pub(super) struct Walker {
    context: WalkerContext,
    root: RootId,
    root_path: PathBuf,
    jobs: SyncSender<Vec<ReadJob>>,
    /// Failures, and folders without picture, go straight to the writer.
    sender: RootSender,
    control: Arc<RootControl>,
    batch: Vec<ReadJob>,
    /// Device and inode of every visited folder, so that no link leads into a loop.
    visited: HashSet<(u64, u64)>,
    /// Whether inode numbers of the root are stable.
    keeps_inodes: bool,
    /// How many audio files were found.
    found: u32,
    unreadable: Vec<PathBuf>,
}

impl Walker {
    pub fn new(
        context: WalkerContext,
        root: RootId,
        root_path: PathBuf,
        jobs: SyncSender<Vec<ReadJob>>,
        sender: RootSender,
        control: Arc<RootControl>,
    ) -> Self {
        Walker {
            context,
            root,
            root_path,
            jobs,
            sender,
            control,
            batch: Vec::new(),
            visited: HashSet::new(),
            keeps_inodes: true,
            found: 0,
            unreadable: Vec::new(),
        }
    }

    /// Walks the root and sends the result. If the scan is cancelled, there is no result.
    pub fn run(mut self) {
        let Ok(is_online) = self.walk() else { return };
        let walk = RootWalk { is_online, unreadable: std::mem::take(&mut self.unreadable) };
        // The scan may have been cancelled meanwhile.
        let _ = self.sender.send(Message::Walked(walk));
    }

    /// Returns whether the root is online.
    fn walk(&mut self) -> Result<bool, Cancelled> {
        self.keeps_inodes = MountTraits::of(&self.root_path).keeps_inodes;
        let mut stack = vec![self.root_path.clone()];
        while let Some(path) = stack.pop() {
            self.check()?;
            if let Err(error) = self.walk_folder(&path, &mut stack)? {
                self.fail(path.clone(), describe_io_error(&error), false)?;
                self.unreadable.push(path);
            }
        }
        self.send_batch()?;
        let had_files = self.existing().has_files(self.root);
        let is_online = self.root_path.is_dir() && (self.found > 0 || !had_files);
        if !is_online && !self.unreadable.contains(&self.root_path) {
            self.fail(self.root_path.clone(), "it is empty or does not exist; its tracks are kept".into(), false)?;
        }
        Ok(is_online)
    }

    /// Handles the files of one folder, and pushes its subfolders.
    fn walk_folder(&mut self, path: &Path, stack: &mut Vec<PathBuf>) -> Result<io::Result<()>, Cancelled> {
        let within = path.strip_prefix(&self.root_path).unwrap_or(path);
        let is_ignored = |name: &OsStr| self.context.ignored.is_ignored(&within.join(name));
        let entries = match FolderEntries::read(path, is_ignored) {
            Ok(entries) => entries,
            Err(error) => return Ok(Err(error)),
        };
        if !self.visited.insert(entries.identity) || entries.has_nomedia {
            return Ok(Ok(()));
        }
        let folder = Arc::new(ScannedFolder::new(self.root, &self.root_path, path));
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
                    self.add_found();
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

    /// Returns the target of a link; `None` if that lies in a root, where it is found anyway. The target may lie on another
    /// disk, which must not hold up this root when it hangs.
    fn follow(&self, link: &Path) -> io::Result<Option<Metadata>> {
        let target = link.parent().unwrap_or(link).join(link.read_link()?);
        let (link, root_paths) = (link.to_path_buf(), self.context.root_paths.clone());
        let follow = move || {
            let target = link.canonicalize()?;
            let in_a_root = root_paths.iter().any(|root| target.starts_with(root));
            if in_a_root { Ok(None) } else { target.metadata().map(Some) }
        };
        let is_elsewhere =
            !target.starts_with(&self.root_path) || target.components().any(|part| part == Component::ParentDir);
        if !is_elsewhere {
            return follow();
        }
        self.context.access.run_sync(&target, follow).unwrap_or_else(|error| Err(io::Error::other(error.to_string())))
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
        self.add_found();
        let stamp = sheet.map_or(stamp, |(_, sheet)| stamp.with_sheet(*sheet));
        let mut replaced = Vec::new();
        let mut tracks = Vec::new();
        if let Some(known) = self.existing().file(&folder.path, &name) {
            if known.stamp == stamp && known.is_up_to_date && !known.is_seen {
                known.is_seen = true;
                self.control.scan.add_unchanged();
                return Ok(());
            }
            replaced = known.tracks.iter().map(|(_, id)| *id).collect();
        }
        let old_path = self.existing().path_of_stamp(stamp);
        let was_moved = old_path.is_some_and(|old_path| !self.exists_with_stamp(&old_path, stamp));
        let mut existing = self.existing();
        if let Some(moved) = existing.file_with_stamp(stamp).filter(|_| was_moved) {
            moved.is_seen = true;
            tracks.clone_from(&moved.tracks);
        } else if let Some(known) = existing.file(&folder.path, &name).filter(|known| !known.is_seen) {
            known.is_seen = true;
            tracks.clone_from(&known.tracks);
        }
        drop(existing);
        replaced.retain(|id| !tracks.iter().any(|(_, track)| track == id));
        let sheet = sheet.map(|(sheet, _)| sheet.clone());
        self.batch.push(ReadJob::Tags(FoundFile { folder: folder.clone(), name, stamp, sheet, tracks, replaced }));
        if self.batch.len() >= FILES_PER_BATCH { self.send_batch() } else { Ok(()) }
    }

    /// Returns whether a file with this stamp is at a path, which may lie in another root. One that does not respond counts
    /// as existing.
    fn exists_with_stamp(&self, path: &Path, stamp: FileStamp) -> bool {
        let old_path = path.to_path_buf();
        let exists = move || old_path.metadata().is_ok_and(|metadata| FileStamp::new(&metadata) == stamp);
        if path.starts_with(&self.root_path) {
            exists()
        } else {
            self.context.access.run_sync(path, exists).unwrap_or(true)
        }
    }

    fn add_found(&mut self) {
        self.found += 1;
        self.control.scan.add_found();
    }

    fn existing(&self) -> MutexGuard<'_, ExistingFiles> {
        self.context.existing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Marks a file as found. One that exists but cannot be read is not missing.
    fn mark_seen(&mut self, folder: &Path, name: &OsString) {
        if let Some(known) = self.existing().file(folder, name) {
            known.is_seen = true;
        }
    }

    /// Has the folder's picture read if it has changed.
    fn add_image(&mut self, folder: &Arc<ScannedFolder>, name: Option<OsString>) -> Result<(), Cancelled> {
        let image: Option<ImageFile> = name.and_then(|name| {
            let metadata = folder.path.join(&name).metadata().ok().filter(Metadata::is_file)?;
            Some((name, FileStamp { inode: 0, ..FileStamp::new(&metadata) }))
        });
        let is_known = self.existing().folder(&folder.path).and_then(|known| known.image.as_ref()) == image.as_ref();
        if is_known {
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
        self.sender.send(Message::Results(vec![result]))
    }

    fn send_batch(&mut self) -> Result<(), Cancelled> {
        self.jobs.send(std::mem::take(&mut self.batch)).map_err(|_| Cancelled)
    }

    fn check(&self) -> Result<(), Cancelled> {
        beat();
        self.control.check()
    }
}

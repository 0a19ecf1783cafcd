//! A file system that hangs on demand.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    path::Path,
    sync::{Arc, Condvar, Mutex},
    time::{Duration, UNIX_EPOCH},
};

use fuser::{
    BackgroundSession, Config, Errno, FileAttr, FileHandle, FileType, Filesystem, Generation, INodeNo, LockOwner,
    OpenFlags, ReplyAttr, ReplyData, ReplyDirectory, ReplyEntry, Request,
};

/// How long the kernel caches attributes: not at all, so that each access hangs.
const NO_CACHE: Duration = Duration::ZERO;

/// A mounted folder of files, whose every operation waits while it hangs.
pub struct HangingDisk {
    gate: Arc<Gate>,
    _session: BackgroundSession,
}

#[derive(Default)]
struct Gate {
    is_hanging: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    fn pass(&self) {
        let hanging = self.is_hanging.lock().unwrap();
        drop(self.opened.wait_while(hanging, |hanging| *hanging).unwrap());
    }
}

impl HangingDisk {
    /// Mounts a disk with these files, by name.
    pub fn mount(place: &Path, files: BTreeMap<String, Vec<u8>>) -> HangingDisk {
        let gate = Arc::<Gate>::default();
        let files = files.into_iter().collect();
        let session = fuser::spawn_mount(Files { files, gate: gate.clone() }, place, &Config::default()).unwrap();
        HangingDisk { gate, _session: session }
    }

    pub fn set_hanging(&self, is_hanging: bool) {
        *self.gate.is_hanging.lock().unwrap() = is_hanging;
        self.gate.opened.notify_all();
    }
}

impl Drop for HangingDisk {
    fn drop(&mut self) {
        self.set_hanging(false);
    }
}

struct Files {
    files: Vec<(String, Vec<u8>)>,
    gate: Arc<Gate>,
}

impl Files {
    /// The root is inode 1, the files follow.
    fn attributes(&self, inode: u64) -> Option<FileAttr> {
        let size = match inode {
            1 => 0,
            _ => self.files.get(inode as usize - 2)?.1.len() as u64,
        };
        let time = UNIX_EPOCH + Duration::from_secs(1_000_000);
        Some(FileAttr {
            ino: INodeNo(inode),
            size,
            blocks: size.div_ceil(512),
            atime: time,
            mtime: time,
            ctime: time,
            crtime: time,
            kind: if inode == 1 { FileType::Directory } else { FileType::RegularFile },
            perm: if inode == 1 { 0o755 } else { 0o644 },
            nlink: 1,
            uid: 0,
            gid: 0,
            rdev: 0,
            flags: 0,
            blksize: 4096,
        })
    }
}

impl Filesystem for Files {
    fn lookup(&self, _request: &Request, _parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        self.gate.pass();
        let index = self.files.iter().position(|(own, _)| name == own.as_str());
        match index.and_then(|index| self.attributes(index as u64 + 2)) {
            Some(attributes) => reply.entry(&NO_CACHE, &attributes, Generation(0)),
            None => reply.error(Errno::ENOENT),
        }
    }

    fn getattr(&self, _request: &Request, inode: INodeNo, _handle: Option<FileHandle>, reply: ReplyAttr) {
        self.gate.pass();
        match self.attributes(inode.into()) {
            Some(attributes) => reply.attr(&NO_CACHE, &attributes),
            None => reply.error(Errno::ENOENT),
        }
    }

    fn read(
        &self,
        _request: &Request,
        inode: INodeNo,
        _handle: FileHandle,
        offset: u64,
        size: u32,
        _flags: OpenFlags,
        _lock_owner: Option<LockOwner>,
        reply: ReplyData,
    ) {
        self.gate.pass();
        let Some((_, bytes)) = self.files.get(u64::from(inode) as usize - 2) else { return reply.error(Errno::ENOENT) };
        let start = (offset as usize).min(bytes.len());
        reply.data(&bytes[start..(start + size as usize).min(bytes.len())]);
    }

    fn readdir(
        &self,
        _request: &Request,
        _inode: INodeNo,
        _handle: FileHandle,
        offset: u64,
        mut reply: ReplyDirectory,
    ) {
        self.gate.pass();
        for (index, (name, _)) in self.files.iter().enumerate().skip(offset as usize) {
            if reply.add(INodeNo(index as u64 + 2), index as u64 + 1, FileType::RegularFile, name) {
                break;
            }
        }
        reply.ok();
    }
}

//! What can be expected of the file system that a folder lies on.

use std::{
    ffi::OsString,
    fs,
    os::unix::ffi::OsStringExt,
    path::{Path, PathBuf},
};

/// What a file system does and does not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Filesystem {
    /// Whether it tells of changes, whoever makes them.
    pub notifies: bool,
    /// Whether a file has the same inode after the file system was mounted again.
    pub keeps_inodes: bool,
}

/// Served by another machine or by a program: what changes there is not told here.
const REMOTE: [&str; 10] = ["nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "virtiofs"];

/// Have no inodes of their own.
const WITHOUT_INODES: [&str; 3] = ["vfat", "exfat", "msdos"];

impl Filesystem {
    /// Of the mount that `path` lies in; where that is not known, as most are.
    pub fn of(path: &Path) -> Filesystem {
        let mounts = fs::read("/proc/self/mountinfo").unwrap_or_default();
        let kind = kind_of(path, &mounts).unwrap_or_default();
        let remote = REMOTE.contains(&kind.as_str()) || kind.starts_with("fuse.");
        let keeps_inodes = !WITHOUT_INODES.contains(&kind.as_str()) && (!remote || kind.starts_with("nfs"));
        Filesystem { notifies: !remote, keeps_inodes }
    }
}

/// The type of the innermost mount above a path, of a table as in `proc_pid_mountinfo(5)`.
fn kind_of(path: &Path, mounts: &[u8]) -> Option<String> {
    let mount = |line: &[u8]| {
        let mut fields = line.split(|byte| *byte == b' ');
        let point = unescaped(fields.nth(4)?);
        let kind = fields.skip_while(|field| *field != b"-").nth(1)?;
        path.starts_with(&point).then(|| (point, String::from_utf8_lossy(kind).into_owned()))
    };
    // Of two on the same place, the later hides the earlier.
    let mounts = mounts.split(|byte| *byte == b'\n').filter_map(mount);
    mounts.max_by_key(|(point, _)| point.components().count()).map(|(_, kind)| kind)
}

/// Spaces and the like stand as `\040`.
fn unescaped(field: &[u8]) -> PathBuf {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 8).ok()).filter(|_| *first == b'\\') {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[3..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    OsString::from_vec(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_mount_counts() {
        let mounts = b"22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n\
            40 22 0:35 / /mnt rw - tmpfs none rw\n\
            41 40 0:36 / /mnt/my\\040disk rw,nosuid shared:7 master:2 - nfs4 host:/x rw\n\
            42 22 8:17 / /media/stick rw - vfat /dev/sdb1 rw\n";
        for (path, kind) in [
            ("/home/x", "ext4"),
            ("/mnt/other", "tmpfs"),
            ("/mnt/my disk/music", "nfs4"),
            ("/media/stick", "vfat"),
            ("/media/sticky", "ext4"),
        ] {
            assert_eq!(kind_of(Path::new(path), mounts).as_deref(), Some(kind), "{path}");
        }
        assert_eq!(kind_of(Path::new("/"), b""), None);
    }
}

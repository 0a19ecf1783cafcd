//! Capabilities of the file system that a folder lies on.

use std::{
    ffi::OsString,
    fs,
    os::unix::ffi::OsStringExt,
    path::{Path, PathBuf},
};

/// What can be relied on below one mount point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MountTraits {
    /// Whether inotify reports all changes, also those made by other machines.
    pub reports_changes: bool,
    /// Whether a file keeps its inode number when the file system is mounted again.
    pub keeps_inodes: bool,
}

/// File systems of other machines or of programs: inotify misses their changes.
const REMOTE: [&str; 10] = ["nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "virtiofs"];

/// File systems without stable inode numbers.
const WITHOUT_INODES: [&str; 3] = ["vfat", "exfat", "msdos"];

impl MountTraits {
    /// Reads the traits of the mount that holds `path`. An unknown mount counts as a local disk.
    pub fn of(path: &Path) -> MountTraits {
        let mounts = fs::read("/proc/self/mountinfo").unwrap_or_default();
        let kind = filesystem_type(path, &mounts).unwrap_or_default();
        let remote = REMOTE.contains(&kind.as_str()) || kind == "fuse" || kind.starts_with("fuse.");
        let keeps_inodes = !WITHOUT_INODES.contains(&kind.as_str()) && (!remote || kind.starts_with("nfs"));
        MountTraits { reports_changes: !remote, keeps_inodes }
    }
}

/// Returns the innermost mount point that holds a path, without touching the path; the path's first component if unknown.
pub(crate) fn mount_point(path: &Path) -> PathBuf {
    let mounts = fs::read("/proc/self/mountinfo").unwrap_or_default();
    innermost_mount(path, &mounts).map_or_else(|| path.components().take(2).collect(), |(point, _)| point)
}

/// Returns the file system type of the innermost mount that holds a path. The format is that of `proc_pid_mountinfo(5)`.
fn filesystem_type(path: &Path, mounts: &[u8]) -> Option<String> {
    innermost_mount(path, mounts).map(|(_, kind)| kind)
}

/// Returns mount point and file system type of the innermost mount that holds a path.
fn innermost_mount(path: &Path, mounts: &[u8]) -> Option<(PathBuf, String)> {
    let mount = |line: &[u8]| {
        let mut fields = line.split(|byte| *byte == b' ');
        let point = unescape(fields.nth(4)?);
        let kind = fields.skip_while(|field| *field != b"-").nth(1)?;
        path.starts_with(&point).then(|| (point, String::from_utf8_lossy(kind).into_owned()))
    };
    // Of two mounts at one place, the later hides the earlier.
    let mounts = mounts.split(|byte| *byte == b'\n').filter_map(mount);
    mounts.max_by_key(|(point, _)| point.components().count())
}

/// Decodes octal escapes such as `\040` for a space.
fn unescape(field: &[u8]) -> PathBuf {
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
    fn innermost_mount_decides() {
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
            assert_eq!(filesystem_type(Path::new(path), mounts).as_deref(), Some(kind), "{path}");
        }
        assert_eq!(filesystem_type(Path::new("/"), b""), None);
    }
}

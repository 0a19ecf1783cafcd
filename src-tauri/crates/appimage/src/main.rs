//! The runtime of the AppImage. It precedes a squashfs image in one file, unpacks it once into the user's cache and runs its
//! `AppRun`. It needs no FUSE, no libraries and no privileges; later starts read plain files.
//! Format: <https://github.com/AppImage/AppImageSpec>, type 2.
//!
//! `--appimage-extract` unpacks into `squashfs-root`, `--appimage-offset` prints the offset of the image. Other options
//! that begin with `--appimage-` are ignored: this runtime always does what `--appimage-extract-and-run` means.

mod image;

use std::convert::Infallible;
use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use image::Image;
use rustix::io::{FdFlags, fcntl_setfd};

/// Why the program cannot be started.
#[derive(Debug, thiserror::Error)]
enum RunError {
    /// The file is not a complete AppImage.
    #[error("{path} is damaged ({reason}). Download it again.")]
    Damaged { path: PathBuf, reason: String },
    /// A file cannot be read or written.
    #[error("{path}: {reason}")]
    File { path: PathBuf, reason: io::Error },
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("auralis: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), RunError> {
    let path = fs::read_link("/proc/self/exe").map_err(file_error(Path::new("/proc/self/exe")))?;
    let image = Image::open(&path)?;
    let mut arguments: Vec<OsString> = env::args_os().skip(1).collect();
    let runtime_option =
        arguments.first().and_then(|first| first.to_str()).filter(|first| first.starts_with("--appimage-"));
    match runtime_option {
        Some("--appimage-offset") => {
            println!("{}", image.offset());
            return Ok(());
        }
        Some("--appimage-extract") => return image.unpack(Path::new("squashfs-root")),
        Some(_) => drop(arguments.remove(0)),
        None => {}
    }
    let folder = unpacked(&image, &cache())?;
    match start(&path, &folder, &arguments) {
        Ok(never) => match never {},
        Err(reason) => Err(RunError::File { path: folder.join("AppRun"), reason }),
    }
}

/// Returns where images are unpacked: in the user's cache, or without one in the temporary folder.
fn cache() -> PathBuf {
    let home = || env::var_os("HOME").map(|home| Path::new(&home).join(".cache"));
    let base = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(home).unwrap_or_else(env::temp_dir);
    base.join("auralis/appimage")
}

/// Returns the folder of the unpacked image, locked until this process, and the program that it becomes, ends.
fn unpacked(image: &Image, cache: &Path) -> Result<PathBuf, RunError> {
    fs::create_dir_all(cache).map_err(file_error(cache))?;
    let folder = cache.join(image.name());
    // Concurrent starts unpack once.
    let lock = File::create(cache.join("lock")).map_err(file_error(cache))?;
    lock.lock().map_err(file_error(cache))?;
    if !folder.exists() {
        remove_old_versions(cache);
        let new = tempfile::Builder::new().prefix(".new-").tempdir_in(cache).map_err(file_error(cache))?;
        image.unpack(new.path())?;
        fs::rename(new.keep(), &folder).map_err(file_error(&folder))?;
    }
    let used = File::open(&folder).map_err(file_error(&folder))?;
    used.lock_shared().map_err(file_error(&folder))?;
    fcntl_setfd(&used, FdFlags::empty()).map_err(|error| file_error(&folder)(error.into()))?;
    std::mem::forget(used);
    Ok(folder)
}

/// Deletes unpacked older versions, unless they are running.
fn remove_old_versions(cache: &Path) {
    let Ok(entries) = fs::read_dir(cache) else { return };
    for path in entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()) {
        let unused = File::open(&path).is_ok_and(|folder| folder.try_lock().is_ok());
        if unused && let Err(error) = fs::remove_dir_all(&path) {
            eprintln!("auralis: {}: {error}", path.display());
        }
    }
}

/// Replaces this process with the program. Returns only on failure.
fn start(path: &Path, folder: &Path, arguments: &[OsString]) -> Result<Infallible, io::Error> {
    let mut command = Command::new(folder.join("AppRun"));
    command.args(arguments).env("APPIMAGE", path).env("APPDIR", folder);
    if let Some(name) = env::args_os().next() {
        command.env("ARGV0", name);
    }
    if let Ok(here) = env::current_dir() {
        command.env("OWD", here);
    }
    Err(command.exec())
}

fn file_error(path: &Path) -> impl Fn(io::Error) -> RunError {
    move |reason| RunError::File { path: path.to_owned(), reason }
}

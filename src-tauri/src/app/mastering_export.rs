//! Tracks, mastered, as files in a folder: the same decision and the same chain as when they play.

use std::{
    collections::HashSet,
    fs::{self, File, Permissions},
    io,
    os::unix::fs::PermissionsExt,
    panic::resume_unwind,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread,
};

use auralis_audio::ExportJob;
use auralis_core::{AudioProfile, EditableTags, MasteringSettings, RenderFormat, TimeRange};
use auralis_dsp::{LoudnessHistograms, album_profile, decide};
use auralis_library::copy_tags;

/// What is to be exported.
#[derive(Debug, Clone)]
pub struct Export {
    /// The tracks, in the order of the album if they are one.
    pub tracks: Vec<ExportTrack>,
    /// The folder of the new files; made if it is not there.
    pub folder: PathBuf,
    /// How they are mastered.
    pub settings: MasteringSettings,
    /// Whether they are one album: one decision for all, so that they keep their relations.
    pub album: bool,
    /// What kind of files they become.
    pub format: RenderFormat,
    /// Bits of a sample, 16 or 24.
    pub bits: u32,
}

/// One of the tracks.
#[derive(Debug, Clone)]
pub struct ExportTrack {
    /// Its file.
    pub path: PathBuf,
    /// Which part of the file it is; with none, all.
    pub range: Option<TimeRange>,
    /// The new file's name, without its ending.
    pub name: String,
    /// What the new file says of itself otherwise than the old one.
    pub tags: EditableTags,
    /// What its analysis found; with none, it is analysed.
    pub known: Option<(AudioProfile, LoudnessHistograms)>,
}

impl ExportTrack {
    /// All of a file, which gives the new one its name.
    pub fn of_file(path: PathBuf) -> Self {
        let name = path.file_stem().map_or_else(|| "track".into(), |stem| stem.to_string_lossy().into_owned());
        Self { path, range: None, name, tags: EditableTags::default(), known: None }
    }
}

/// Why an export ended.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Something about a file or the folder; tracks that were finished before are there.
    #[error("{path}: {reason}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The listener wanted no more; what was finished stays.
    #[error("Stopped.")]
    Cancelled,
}

/// How far it is.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Index of a track at work.
    pub track: usize,
    /// Seconds of it that are rendered; nothing while it is measured.
    pub position_s: Option<f64>,
    /// Tracks that are done with.
    pub done: usize,
}

/// Exports, as many tracks at a time as there are processors, and gives back the new files. `going` is told the progress
/// all the while, and ends it by saying no. A file is there whole or not at all, and none that was there is replaced.
///
/// # Errors
///
/// See [`ExportError`].
pub fn export(export: &Export, going: impl FnMut(Progress) -> bool + Send) -> Result<Vec<PathBuf>, ExportError> {
    let targets = targets(export)?;
    fs::create_dir_all(&export.folder).map_err(|error| failed(&export.folder, error))?;
    let (going, done) = (Mutex::new(going), AtomicUsize::new(0));
    let going = |track, position_s| {
        let mut going = going.lock().unwrap_or_else(PoisonError::into_inner);
        going(Progress { track, position_s, done: done.load(Relaxed) })
    };
    let known = side_by_side(export.tracks.len(), |at| match &export.tracks[at] {
        ExportTrack { known: Some(known), .. } => Ok(known.clone()),
        ExportTrack { path, range, .. } => {
            let found =
                auralis_audio::analyse(path, *range, || !going(at, None)).map_err(|error| failed(path, error))?;
            found.map(|found| (found.profile, found.histograms)).ok_or(ExportError::Cancelled)
        }
    })?;
    let together = known.iter().filter(|_| export.album);
    let album = album_profile(together.map(|(profile, histograms)| (profile, histograms)));
    side_by_side(export.tracks.len(), |at| {
        let parameters = decide(&export.settings, Some(&known[at].0), album.as_ref()).parameters;
        let ExportTrack { path, range, tags, .. } = &export.tracks[at];
        let rendering =
            ExportJob { path, range: *range, parameters: &parameters, format: export.format, bits: export.bits };
        write(&rendering, tags, &targets[at], |position_s| going(at, Some(position_s)))?;
        done.fetch_add(1, Relaxed);
        Ok(())
    })?;
    File::open(&export.folder).and_then(|folder| folder.sync_all()).map_err(|error| failed(&export.folder, error))?;
    Ok(targets)
}

/// The names of the new files, none of which may be there.
fn targets(export: &Export) -> Result<Vec<PathBuf>, ExportError> {
    let ending = match export.format {
        RenderFormat::Flac => "flac",
        RenderFormat::Wav => "wav",
    };
    let mut taken = HashSet::new();
    let mut free = |ExportTrack { name, .. }: &ExportTrack| {
        let names = std::iter::once(name.clone()).chain((2..).map(|number| format!("{name} ({number})")));
        let mut paths = names.map(|name| export.folder.join(format!("{name}.{ending}")));
        paths.find(|path| taken.insert(path.clone())).unwrap_or_default()
    };
    let targets: Vec<PathBuf> = export.tracks.iter().map(&mut free).collect();
    match targets.iter().find(|target| target.symlink_metadata().is_ok()) {
        Some(there) => {
            Err(failed(there, "It is there already. Nothing was written; choose another folder, or take it away."))
        }
        None => Ok(targets),
    }
}

/// Does the work with the numbers from 0 on, as many at a time as there are processors. After a failure none is begun.
fn side_by_side<R: Send>(
    count: usize,
    work: impl Fn(usize) -> Result<R, ExportError> + Sync,
) -> Result<Vec<R>, ExportError> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut results = Vec::new();
        loop {
            let at = next.fetch_add(1, Relaxed);
            if at >= count {
                return results;
            }
            let result = work(at);
            if result.is_err() {
                next.store(count, Relaxed);
            }
            results.push((at, result));
        }
    };
    let workers = thread::available_parallelism().map_or(1, usize::from).min(count);
    let mut results: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    results.sort_unstable_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Writes one track beside its place, and moves it there when it is whole.
fn write(
    job: &ExportJob<'_>,
    tags: &EditableTags,
    target: &Path,
    going: impl FnMut(f64) -> bool,
) -> Result<(), ExportError> {
    let file = job.path;
    let mut new = tempfile::Builder::new()
        .prefix(".auralis-")
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(target.parent().unwrap_or(Path::new("/")))
        .map_err(|error| failed(target, error))?;
    if !auralis_audio::export(job, new.as_file_mut(), going).map_err(|error| failed(file, error))? {
        return Err(ExportError::Cancelled);
    }
    copy_tags(file, new.path(), tags).map_err(|error| failed(file, error))?;
    new.as_file().sync_all().map_err(|error| failed(target, error))?;
    new.persist_noclobber(target).map_err(|error| match error.error.kind() {
        io::ErrorKind::AlreadyExists => failed(target, "It is there already."),
        _ => failed(target, error),
    })?;
    Ok(())
}

fn failed(path: &Path, reason: impl std::fmt::Display) -> ExportError {
    ExportError::File { path: path.into(), reason: reason.to_string() }
}

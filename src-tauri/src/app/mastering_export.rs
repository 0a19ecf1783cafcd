//! Mastering of tracks to new files, by the same decision and the same chain as in playback.

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
    time::Duration,
};

use auralis_audio::ExportJob;
use auralis_core::{AudioProfile, EditableTags, MasteringSettings, RenderFormat, TimeRange};
use auralis_dsp::{LoudnessHistograms, album_profile, decide};
use auralis_library::copy_tags;

/// Prefix of temporary files.
const TEMP_PREFIX: &str = ".auralis-";

/// Age from which a temporary file is taken for a leftover: a file that is being rendered changes all the time.
const LEFTOVER_AGE: Duration = Duration::from_secs(600);

/// An export of mastered tracks.
#[derive(Debug, Clone)]
pub struct MasteringJob {
    /// The tracks, in album order if they are one album.
    pub tracks: Vec<MasteringInput>,
    /// The folder of the new files; created if it is missing.
    pub folder: PathBuf,
    /// How they are mastered.
    pub settings: MasteringSettings,
    /// Whether they are one album: one decision for all keeps their relative loudness.
    pub album: bool,
    /// The format of the new files.
    pub format: RenderFormat,
    /// Bits per sample, 16 or 24.
    pub bits: u32,
}

/// One track of an export.
#[derive(Debug, Clone)]
pub struct MasteringInput {
    /// Its file.
    pub path: PathBuf,
    /// The part of the file; `None` is all of it.
    pub range: Option<TimeRange>,
    /// The new file's name, without its extension.
    pub name: String,
    /// Tags that replace those of the source file.
    pub tags: EditableTags,
    /// Its analysis; with `None`, it is analysed first.
    pub analysis: Option<(AudioProfile, LoudnessHistograms)>,
}

impl MasteringJob {
    /// Returns the extension of the new files.
    pub(super) fn extension(&self) -> &'static str {
        match self.format {
            RenderFormat::Flac => "flac",
            RenderFormat::Wav => "wav",
        }
    }
}

impl MasteringInput {
    /// Returns the input for a whole file, which gives the new file its name.
    pub fn of_file(path: PathBuf) -> Self {
        let name = path.file_stem().map_or_else(|| "track".into(), |stem| stem.to_string_lossy().into_owned());
        Self { path, range: None, name, tags: EditableTags::default(), analysis: None }
    }
}

/// Why an export ended.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A file or the folder failed; tracks that were finished before are kept.
    #[error("{path}: {reason}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// It was cancelled; finished files are kept.
    #[error("Stopped.")]
    Cancelled,
}

/// The progress of an export.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Index of the track that progressed.
    pub track: usize,
    /// Seconds of it that are rendered; `None` while it is analysed.
    pub position_s: Option<f64>,
    /// Number of finished tracks.
    pub done: usize,
}

/// Exports as many tracks at a time as there are processors, and returns the paths of the new files.
///
/// Calls `on_progress` repeatedly; returning `false` cancels. A new file is complete or missing, and no existing file is
/// replaced.
///
/// # Errors
///
/// See [`ExportError`].
pub fn export(
    job: &MasteringJob,
    on_progress: impl FnMut(Progress) -> bool + Send,
) -> Result<Vec<PathBuf>, ExportError> {
    let output_paths = output_paths(job)?;
    fs::create_dir_all(&job.folder).map_err(|error| file_error(&job.folder, error))?;
    remove_leftovers(&job.folder);
    let (on_progress, done) = (Mutex::new(on_progress), AtomicUsize::new(0));
    let on_progress = |track, position_s| {
        let mut on_progress = on_progress.lock().unwrap_or_else(PoisonError::into_inner);
        on_progress(Progress { track, position_s, done: done.load(Relaxed) })
    };
    let analysis = run_parallel(job.tracks.len(), |at| match &job.tracks[at] {
        MasteringInput { analysis: Some(analysis), .. } => Ok(analysis.clone()),
        MasteringInput { path, range, .. } => {
            let found = auralis_audio::analyse(path, *range, || !on_progress(at, None))
                .map_err(|error| file_error(path, error))?;
            found.map(|found| (found.profile, found.histograms)).ok_or(ExportError::Cancelled)
        }
    })?;
    let album_tracks = analysis.iter().filter(|_| job.album);
    let album = album_profile(album_tracks.map(|(profile, histograms)| (profile, histograms)));
    run_parallel(job.tracks.len(), |at| {
        let parameters = decide(&job.settings, Some(&analysis[at].0), album.as_ref()).parameters;
        let MasteringInput { path, range, tags, .. } = &job.tracks[at];
        let rendering = ExportJob { path, range: *range, parameters: &parameters, format: job.format, bits: job.bits };
        render_to(&rendering, tags, &output_paths[at], |position_s| on_progress(at, Some(position_s)))?;
        done.fetch_add(1, Relaxed);
        Ok(())
    })?;
    File::open(&job.folder).and_then(|folder| folder.sync_all()).map_err(|error| file_error(&job.folder, error))?;
    Ok(output_paths)
}

/// Removes temporary files that a killed process has left in the folder.
fn remove_leftovers(folder: &Path) {
    for file in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_temporary = file.file_name().as_encoded_bytes().starts_with(TEMP_PREFIX.as_bytes());
        let age = file.metadata().and_then(|metadata| metadata.modified()).ok().and_then(|time| time.elapsed().ok());
        // A younger one may belong to another export that is running.
        let is_leftover = is_temporary && age.is_some_and(|age| age >= LEFTOVER_AGE);
        if is_leftover && let Err(error) = fs::remove_file(file.path()) {
            tracing::warn!(%error, path = %file.path().display(), "failed to remove a temporary file");
        }
    }
}

/// Returns the paths of the new files. Fails if one of them exists.
fn output_paths(job: &MasteringJob) -> Result<Vec<PathBuf>, ExportError> {
    let mut taken = HashSet::new();
    let mut free = |MasteringInput { name, .. }: &MasteringInput| {
        let names = std::iter::once(name.clone()).chain((2..).map(|number| format!("{name} ({number})")));
        let mut paths = names.map(|name| job.folder.join(format!("{name}.{}", job.extension())));
        paths.find(|path| taken.insert(path.clone())).unwrap_or_default()
    };
    let output_paths: Vec<PathBuf> = job.tracks.iter().map(&mut free).collect();
    match output_paths.iter().find(|output| output.symlink_metadata().is_ok()) {
        Some(there) => {
            Err(file_error(there, "The file already exists. Nothing was written. Choose another folder or remove it."))
        }
        None => Ok(output_paths),
    }
}

/// Runs `work` for the indexes from 0 to `count`, on all cores. Starts no more of them after an error.
fn run_parallel<R: Send>(
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

/// Renders one track to a temporary file beside its output, and renames it when it is complete.
pub(super) fn render_to(
    export_job: &ExportJob<'_>,
    tags: &EditableTags,
    output: &Path,
    on_progress: impl FnMut(f64) -> bool,
) -> Result<(), ExportError> {
    let file = export_job.path;
    let mut new = tempfile::Builder::new()
        .prefix(TEMP_PREFIX)
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(output.parent().unwrap_or(Path::new("/")))
        .map_err(|error| file_error(output, error))?;
    if !auralis_audio::export(export_job, new.as_file_mut(), on_progress).map_err(|error| file_error(file, error))? {
        return Err(ExportError::Cancelled);
    }
    copy_tags(file, new.path(), tags).map_err(|error| file_error(file, error))?;
    new.as_file().sync_all().map_err(|error| file_error(output, error))?;
    new.persist_noclobber(output).map_err(|error| match error.error.kind() {
        io::ErrorKind::AlreadyExists => file_error(output, "The file already exists."),
        _ => file_error(output, error),
    })?;
    Ok(())
}

pub(super) fn file_error(path: &Path, reason: impl std::fmt::Display) -> ExportError {
    ExportError::File { path: path.into(), reason: reason.to_string() }
}

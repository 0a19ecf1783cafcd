//! The export of mastered tracks, started by a client: one at a time, on idle-priority threads.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use auralis_core::{EditableTags, ExportProgress, Input, MasteredExport, MasteringSettings, NoticeKind, TrackId};
use auralis_dsp::LoudnessHistograms;
use auralis_library::{Library, LibraryError, spawn_idle};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::mastering_export::{ExportError, MasteringInput, MasteringJob, Progress, export};
use super::message::Inbox;

/// Minimum interval between progress reports.
const REPORT_INTERVAL: Duration = Duration::from_millis(250);

/// Longest file name that is made from a title, in bytes.
const MAX_FILE_NAME_BYTES: usize = 200;

/// A running or finished export.
pub(super) struct ExportJob {
    cancelled: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl ExportJob {
    /// Starts an export.
    pub(super) fn start(
        library: Library,
        inbox: Inbox,
        tracks: Vec<TrackId>,
        request: MasteredExport,
        settings: MasteringSettings,
    ) -> Self {
        let cancelled = Arc::new(AtomicBool::new(false));
        let stop = cancelled.clone();
        let task = tokio::spawn(async move {
            let folder = request.folder.clone();
            let notice = match run(&library, inbox.clone(), &tracks, request, settings, stop).await {
                Ok(()) => Some((NoticeKind::Exported, folder, String::new())),
                Err(ExportError::File { path, reason }) => {
                    Some((NoticeKind::ExportFailed, path.display().to_string(), reason))
                }
                Err(ExportError::Cancelled) => None,
            };
            if let Some((kind, subject, reason)) = notice {
                inbox.notify(kind, subject, reason);
            }
            inbox.send_input(Input::ExportProgressed(None));
        });
        ExportJob { cancelled, task }
    }

    /// Requests the end of the export.
    pub(super) fn cancel(&self) {
        self.cancelled.store(true, Relaxed);
    }

    /// Cancels the export and waits until no unfinished file is left.
    pub(super) async fn finish(self) {
        self.cancel();
        let _ = self.task.await;
    }
}

async fn run(
    library: &Library,
    inbox: Inbox,
    ids: &[TrackId],
    request: MasteredExport,
    settings: MasteringSettings,
    cancelled: Arc<AtomicBool>,
) -> Result<(), ExportError> {
    let MasteredExport { folder, format, bits, album, .. } = request;
    let failed = |reason: String| ExportError::File { path: folder.clone().into(), reason };
    let found = tracks(library, ids).await.map_err(|error| failed(error.to_string()))?;
    let (tracks, durations_s): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    let mut totals = ProgressTotals::new(durations_s);
    let on_progress = move |progress: Progress| {
        if let Some(progress) = totals.add(progress) {
            inbox.send_input(Input::ExportProgressed(Some(progress)));
        }
        !cancelled.load(Relaxed)
    };
    let job = MasteringJob { tracks, folder: folder.clone().into(), settings, album, format, bits: bits.into() };
    let (result_tx, result_rx) = oneshot::channel();
    // Its worker threads inherit the priority.
    let started = spawn_idle("export", move || drop(result_tx.send(export(&job, on_progress))));
    started.map_err(|error| failed(error.to_string()))?;
    result_rx.await.unwrap_or_else(|_| Err(failed("The export thread ended unexpectedly.".into()))).map(drop)
}

/// Reads the tracks to export, each with its duration in seconds.
async fn tracks(library: &Library, ids: &[TrackId]) -> Result<Vec<(MasteringInput, f64)>, LibraryError> {
    let mut tracks = Vec::with_capacity(ids.len());
    let rows = library.tracks(ids).await?;
    for (id, row) in ids.iter().zip(rows) {
        let unknown = || LibraryError::UnknownTrack(*id);
        let (track, row) = (library.track(*id).await?.ok_or_else(unknown)?, row.ok_or_else(unknown)?);
        let mut request = MasteringInput::of_file(track.path);
        if track.range.is_some() {
            // The tags of the file describe the whole file, not this part of it.
            let (title, artist) = (row.track.title, row.track.artist);
            request.name = part_file_name(row.track_number, &title, &request.path);
            request.tags = EditableTags {
                title: Some(title),
                artists: Some(vec![artist]),
                track_number: row.track_number,
                ..EditableTags::default()
            };
        }
        request.range = track.range;
        let analysis = library.analysis(*id).await?;
        request.analysis =
            analysis.and_then(|(profile, bytes)| Some((profile, LoudnessHistograms::from_bytes(&bytes)?)));
        tracks.push((request, track.summary.duration_s));
    }
    Ok(tracks)
}

/// Returns the file name for a track that is a part of a file, as those of a CUE sheet are.
fn part_file_name(number: Option<u32>, title: &str, file: &Path) -> String {
    let mut name = number.map(|number| format!("{number:02} ")).unwrap_or_default();
    let fits = |c: &char| *c != '/' && !c.is_control();
    for c in title.chars().filter(fits) {
        if name.len() + c.len_utf8() <= MAX_FILE_NAME_BYTES {
            name.push(c);
        }
    }
    match name.trim().trim_start_matches('.') {
        "" => MasteringInput::of_file(file.into()).name,
        name => name.to_owned(),
    }
}

/// Combines the progress of all tracks.
struct ProgressTotals {
    durations_s: Vec<f64>,
    positions_s: Vec<f64>,
    last_report: Instant,
}

impl ProgressTotals {
    fn new(durations_s: Vec<f64>) -> Self {
        ProgressTotals { positions_s: vec![0.0; durations_s.len()], durations_s, last_report: Instant::now() }
    }

    /// Adds the progress of one track. Returns the combined progress if a report is due.
    fn add(&mut self, Progress { track, position_s, done }: Progress) -> Option<ExportProgress> {
        if let (Some(position_s), Some(of)) = (position_s, self.positions_s.get_mut(track)) {
            *of = position_s;
        }
        if self.last_report.elapsed() < REPORT_INTERVAL {
            return None;
        }
        self.last_report = Instant::now();
        let all_s = self.durations_s.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        let done_s = self.positions_s.iter().zip(&self.durations_s).map(|(at, of)| at.min(*of)).sum::<f64>();
        let (done, total) = (done as u32, self.durations_s.len() as u32);
        Some(ExportProgress { done, total, fraction: (done_s / all_s) as f32 })
    }
}

//! The export of mastered tracks that a surface asked for: one at a time, on threads that take what no other wants.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use auralis_core::{EditableTags, ExportProgress, Input, MasteredExport, MasteringSettings, NoticeKind, TrackId};
use auralis_dsp::LoudnessHistograms;
use auralis_library::{Library, LibraryError, spawn_idle};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::actor::Letter;
use super::mastering_export::{Export, ExportError, ExportTrack, Progress, export};

/// How often clients are told how far it is, at most.
const TELL_EVERY: Duration = Duration::from_millis(250);

/// The longest name of a new file that is made of a title, in bytes.
const NAME_BYTES: usize = 200;

/// An export that runs, or has run.
pub(super) struct Exporting {
    cancelled: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl Exporting {
    /// Begins.
    pub(super) fn start(
        library: Library,
        inbox: mpsc::UnboundedSender<Letter>,
        tracks: Vec<TrackId>,
        wanted: MasteredExport,
        settings: MasteringSettings,
    ) -> Self {
        let cancelled = Arc::new(AtomicBool::new(false));
        let stop = cancelled.clone();
        let task = tokio::spawn(async move {
            // A player that stops has nobody to tell.
            let tell = |input| drop(inbox.send(Letter::Input(input)));
            let folder = wanted.folder.clone();
            let notice = match run(&library, inbox.clone(), &tracks, wanted, settings, stop).await {
                Ok(()) => Some((NoticeKind::Exported, folder, String::new())),
                Err(ExportError::File { path, reason }) => {
                    Some((NoticeKind::ExportFailed, path.display().to_string(), reason))
                }
                Err(ExportError::Cancelled) => None,
            };
            if let Some((kind, subject, reason)) = notice {
                tell(Input::NoticeRaised { kind, subject, reason });
            }
            tell(Input::ExportProgressed(None));
        });
        Exporting { cancelled, task }
    }

    /// Has it end soon.
    pub(super) fn cancel(&self) {
        self.cancelled.store(true, Relaxed);
    }

    /// Ends it, and waits until nothing unfinished is left.
    pub(super) async fn finish(self) {
        self.cancel();
        let _ = self.task.await;
    }
}

async fn run(
    library: &Library,
    inbox: mpsc::UnboundedSender<Letter>,
    ids: &[TrackId],
    wanted: MasteredExport,
    settings: MasteringSettings,
    cancelled: Arc<AtomicBool>,
) -> Result<(), ExportError> {
    let MasteredExport { folder, format, bits, album, .. } = wanted;
    let failed = |reason: String| ExportError::File { path: folder.clone().into(), reason };
    let found = tracks(library, ids).await.map_err(|error| failed(error.to_string()))?;
    let (tracks, durations_s): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    let mut count = Count::new(durations_s);
    let going = move |progress: Progress| {
        if let Some(progress) = count.add(progress) {
            let _ = inbox.send(Letter::Input(Input::ExportProgressed(Some(progress))));
        }
        !cancelled.load(Relaxed)
    };
    let wanted = Export { tracks, folder: folder.clone().into(), settings, album, format, bits: bits.into() };
    let (tell, told) = oneshot::channel();
    // The threads that it starts are like it.
    let started = spawn_idle("export", move || drop(tell.send(export(&wanted, going))));
    started.map_err(|error| failed(error.to_string()))?;
    told.await.unwrap_or_else(|_| Err(failed("It was cut short.".into()))).map(drop)
}

/// What is to be exported of tracks, and how many seconds each of them has.
async fn tracks(library: &Library, ids: &[TrackId]) -> Result<Vec<(ExportTrack, f64)>, LibraryError> {
    let mut tracks = Vec::with_capacity(ids.len());
    let rows = library.tracks(ids).await?;
    for (id, row) in ids.iter().zip(rows) {
        let unknown = || LibraryError::UnknownTrack(*id);
        let (track, row) = (library.track(*id).await?.ok_or_else(unknown)?, row.ok_or_else(unknown)?);
        let mut wanted = ExportTrack::of_file(track.path);
        if track.range.is_some() {
            // The file says what it is of itself, not of its part.
            let (title, artist) = (row.track.title, row.track.artist);
            wanted.name = name(row.track_number, &title, &wanted.path);
            wanted.tags = EditableTags {
                title: Some(title),
                artists: Some(vec![artist]),
                track_number: row.track_number,
                ..EditableTags::default()
            };
        }
        wanted.range = track.range;
        let known = library.analysis(*id).await?;
        wanted.known = known.and_then(|(profile, bytes)| Some((profile, LoudnessHistograms::from_bytes(&bytes)?)));
        tracks.push((wanted, track.summary.duration_s));
    }
    Ok(tracks)
}

/// A file's name for a part of another file.
fn name(number: Option<u32>, title: &str, file: &Path) -> String {
    let mut name = number.map(|number| format!("{number:02} ")).unwrap_or_default();
    let fits = |c: &char| *c != '/' && !c.is_control();
    for c in title.chars().filter(fits) {
        if name.len() + c.len_utf8() <= NAME_BYTES {
            name.push(c);
        }
    }
    match name.trim().trim_start_matches('.') {
        "" => ExportTrack::of_file(file.into()).name,
        name => name.to_owned(),
    }
}

/// Makes one progress of those of all tracks.
struct Count {
    durations_s: Vec<f64>,
    positions_s: Vec<f64>,
    told: Instant,
}

impl Count {
    fn new(durations_s: Vec<f64>) -> Self {
        Count { positions_s: vec![0.0; durations_s.len()], durations_s, told: Instant::now() }
    }

    /// What there is to tell, if it is time to.
    fn add(&mut self, Progress { track, position_s, done }: Progress) -> Option<ExportProgress> {
        if let (Some(position_s), Some(of)) = (position_s, self.positions_s.get_mut(track)) {
            *of = position_s;
        }
        if self.told.elapsed() < TELL_EVERY {
            return None;
        }
        self.told = Instant::now();
        let all_s = self.durations_s.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        let done_s = self.positions_s.iter().zip(&self.durations_s).map(|(at, of)| at.min(*of)).sum::<f64>();
        let (done, total) = (done as u32, self.durations_s.len() as u32);
        Some(ExportProgress { done, total, fraction: (done_s / all_s) as f32 })
    }
}

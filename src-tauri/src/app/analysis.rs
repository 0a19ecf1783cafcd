//! Background analysis of the library: one track at a time, on a thread of idle priority; the queue first, then all
//! other tracks. The results are stored with each track, so the analysis continues after a restart.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use auralis_core::{AnalysisState, EntryId, Input, LibraryEvent, Loudness, Track, TrackId};
use auralis_dsp::{ANALYSIS_VERSION, Analysis, LoudnessHistograms, album_profile};
use auralis_library::{AnalysisJob, AnalysisResult, Library, LibraryError, spawn_idle};
use tokio::runtime;
use tokio::sync::{oneshot, watch};

use super::message::{ActorMessage, Inbox, QueueSlice};
use super::publish::Snapshot;

/// Queue entries that are analysed before all other tracks: the current one and those after it, then those before it,
/// which may be of the same album.
const QUEUE_LOOKAHEAD: u32 = 24;
const QUEUE_LOOKBEHIND: u32 = 16;

/// How many tracks are fetched at once.
const BATCH_SIZE: u32 = 64;

/// Minimum interval between progress reports.
const REPORT_INTERVAL: Duration = Duration::from_millis(500);

/// Delay that leaves all cores to start-up.
const STARTUP_DELAY: Duration = Duration::from_secs(3);

/// Reads a track with its analysis and that of its album.
pub(super) async fn read_track(library: &Library, id: TrackId) -> Result<Option<Track>, LibraryError> {
    let Some(mut track) = library.track(id).await? else { return Ok(None) };
    if let Some(album) = track.summary.album_id.filter(|_| track.profile.is_some())
        && let Some(tracks) = library.album_analyses(album).await?
    {
        let readable = |(profile, bytes): (_, Vec<u8>)| Some((profile, LoudnessHistograms::from_bytes(&bytes)?));
        let tracks: Vec<_> = tracks.into_iter().filter_map(readable).collect();
        track.album_profile = album_profile(tracks.iter().map(|(profile, of)| (profile, of))).map(Arc::new);
    }
    track.loudness =
        track.loudness.with_fallback(Loudness::from_profiles(track.profile.as_deref(), track.album_profile.as_deref()));
    Ok(Some(track))
}

/// Starts the analysis. It ends when the player stops.
pub(super) fn start(library: Library, inbox: Inbox, published: watch::Receiver<Arc<Snapshot>>) {
    let worker = AnalysisWorker {
        library,
        inbox,
        published,
        last_input: None,
        upcoming: VecDeque::new(),
        backlog: VecDeque::new(),
        missing: HashSet::new(),
        state: AnalysisState::default(),
        unreported: Vec::new(),
        last_report: None,
    };
    let runtime = runtime::Handle::current();
    let started = spawn_idle("analysis", move || {
        std::thread::sleep(STARTUP_DELAY);
        runtime.block_on(worker.run());
    });
    if let Err(error) = started {
        tracing::error!(%error, "failed to start the analysis thread");
    }
}

/// The state that decides which track is next.
#[derive(Clone, Copy, PartialEq)]
struct SchedulerInput {
    library: u64,
    scanning: bool,
    queue: u64,
    entry: Option<EntryId>,
    index: u32,
}

impl SchedulerInput {
    fn of(snapshot: &Snapshot) -> Self {
        let view = snapshot.view();
        SchedulerInput {
            library: view.library.revision,
            scanning: view.library.scan.is_some(),
            queue: view.queue.revision,
            entry: view.player.entry,
            index: view.queue.current.unwrap_or(0),
        }
    }
}

struct AnalysisWorker {
    library: Library,
    inbox: Inbox,
    published: watch::Receiver<Arc<Snapshot>>,
    /// The input from which the lists below were made.
    last_input: Option<SchedulerInput>,
    /// Tracks of the queue, most urgent first.
    upcoming: VecDeque<AnalysisJob>,
    /// Some of the other tracks.
    backlog: VecDeque<AnalysisJob>,
    /// Missing files, skipped until the next library change.
    missing: HashSet<TrackId>,
    state: AnalysisState,
    /// Analysed tracks that are not reported yet.
    unreported: Vec<TrackId>,
    last_report: Option<(Instant, AnalysisState)>,
}

impl AnalysisWorker {
    async fn run(mut self) {
        while self.published.has_changed().is_ok() {
            match self.next().await {
                Ok(Some((track, urgent))) => {
                    self.state.running = true;
                    self.report_progress(urgent);
                    if let Err(error) = self.analyse(track, urgent).await {
                        tracing::error!(%error, "failed to store an analysis");
                        if !self.wait_for_change().await {
                            return;
                        }
                    }
                }
                outcome => {
                    if let Err(error) = outcome {
                        tracing::error!(%error, "analysis paused after an error");
                    }
                    self.state.running = false;
                    self.report_progress(true);
                    if !self.wait_for_change().await {
                        return;
                    }
                }
            }
        }
    }

    /// Waits until the input has changed; returns false when the player has stopped.
    async fn wait_for_change(&mut self) -> bool {
        while self.published.changed().await.is_ok() {
            if self.last_input != Some(SchedulerInput::of(&self.published.borrow_and_update())) {
                return true;
            }
        }
        false
    }

    /// Returns the track to analyse next, and whether it is urgent.
    async fn next(&mut self) -> Result<Option<(AnalysisJob, bool)>, LibraryError> {
        let now = SchedulerInput::of(&self.published.borrow_and_update());
        let before = self.last_input.replace(now);
        if before.is_none_or(|before| before.library != now.library) {
            self.missing.clear();
            self.backlog.clear();
        }
        if before != Some(now) {
            let upcoming = self.tracks_around(now.index).await;
            self.upcoming = self.library.tracks_to_analyse_among(ANALYSIS_VERSION, &upcoming).await?.into();
        }
        // Totals are refreshed only after the scan.
        if !now.scanning && before.is_none_or(|before| before.library != now.library || before.scanning) {
            (self.state.analysed, self.state.total) = self.library.analysis_progress(ANALYSIS_VERSION).await?;
        }
        while let Some(track) = self.upcoming.pop_front() {
            if !self.missing.contains(&track.id) {
                return Ok(Some((track, true)));
            }
        }
        if now.scanning {
            // The scan needs the disk.
            return Ok(None);
        }
        if self.backlog.is_empty() {
            let limit = BATCH_SIZE + self.missing.len() as u32;
            self.backlog = self.library.tracks_to_analyse(ANALYSIS_VERSION, limit).await?.into();
            self.backlog.retain(|track| !self.missing.contains(&track.id));
        }
        Ok(self.backlog.pop_front().map(|track| (track, false)))
    }

    /// Returns the tracks of the queue around the current one, most urgent first.
    async fn tracks_around(&self, current: u32) -> Vec<TrackId> {
        let offset = current.saturating_sub(QUEUE_LOOKBEHIND);
        let behind = current - offset;
        let (reply, answer) = oneshot::channel();
        // Without an answer the player is stopping, and the next wait returns false.
        let _ = self.inbox.send(ActorMessage::GetQueueSlice { offset, limit: behind + QUEUE_LOOKAHEAD, reply });
        let mut entries = answer.await.map(|QueueSlice { entries, .. }| entries).unwrap_or_default();
        let behind = (behind as usize).min(entries.len());
        entries.rotate_left(behind);
        entries.into_iter().map(|entry| entry.track).collect()
    }

    async fn analyse(&mut self, track: AnalysisJob, urgent: bool) -> Result<(), LibraryError> {
        let published = &self.published;
        let playing = self.last_input.and_then(|last_input| last_input.entry);
        let cancelled = || match published.has_changed() {
            Ok(true) => !urgent && SchedulerInput::of(&published.borrow()).entry != playing,
            changed => changed.is_err(),
        };
        let found = match auralis_audio::analyse(&track.path, track.range, cancelled) {
            Ok(Some(Analysis { profile, waveform, histograms })) => {
                Some(AnalysisResult { profile, waveform, distribution: histograms.to_bytes() })
            }
            Ok(None) => {
                self.backlog.push_front(track);
                return Ok(());
            }
            Err(_) if !track.path.exists() => {
                self.missing.insert(track.id);
                return Ok(());
            }
            Err(error) => {
                tracing::info!(%error, path = %track.path.display(), "not analysed");
                None
            }
        };
        let affected = self.library.store_analysis(&track, ANALYSIS_VERSION, found.as_ref()).await?;
        self.backlog.retain(|other| other.id != track.id);
        if track.listed && !affected.is_empty() {
            match found {
                Some(_) => self.state.analysed += 1,
                None => self.state.total = self.state.total.saturating_sub(1),
            }
        }
        self.unreported.extend(affected);
        if urgent {
            self.report_progress(true);
        }
        Ok(())
    }

    /// Reports progress to the player: immediately, or once the interval has passed.
    fn report_progress(&mut self, immediately: bool) {
        let due = self.last_report.is_none_or(|(at, _)| at.elapsed() >= REPORT_INTERVAL);
        let new =
            !self.unreported.is_empty() || self.last_report.is_none_or(|(_, last_report)| last_report != self.state);
        if new && (due || immediately) {
            self.last_report = Some((Instant::now(), self.state));
            let event = LibraryEvent::Analysed { tracks: std::mem::take(&mut self.unreported), state: self.state };
            self.inbox.send_input(Input::Library(event));
        }
    }
}

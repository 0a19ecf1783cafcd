//! The analysis of the library: one track at a time, on a thread of the lowest priority; what plays and what follows
//! first, then all others. What was found is kept with each track, so it goes on where it was after a restart.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use auralis_core::{AnalysisState, EntryId, Input, LibraryEvent, Loudness, Track, TrackId};
use auralis_dsp::{ANALYSIS_VERSION, Analysis, LoudnessHistograms, album_profile};
use auralis_library::{AnalysisJob, AnalysisResult, Library, LibraryError, spawn_idle};
use tokio::runtime;
use tokio::sync::{mpsc, oneshot, watch};

use super::Snapshot;
use super::actor::{Letter, QueueWindow};

/// How many entries of the queue are seen to before all others: the current one and those that follow, then those
/// before it, which may be of the same album.
const AHEAD: u32 = 24;
const BEHIND: u32 = 16;

/// How many tracks are fetched at once.
const LOT: u32 = 64;

/// How often clients are told how far it is, at most.
const TELL_EVERY: Duration = Duration::from_millis(500);

/// How long the start has every core.
const AFTER_START: Duration = Duration::from_secs(3);

/// Reads a track with all that is known of its sound.
pub(super) async fn track(library: &Library, id: TrackId) -> Result<Option<Track>, LibraryError> {
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

/// Begins. It ends by itself when the player does.
pub(super) fn start(library: Library, inbox: mpsc::UnboundedSender<Letter>, published: watch::Receiver<Arc<Snapshot>>) {
    let runner = Runner {
        library,
        inbox,
        published,
        seen: None,
        upcoming: VecDeque::new(),
        backlog: VecDeque::new(),
        away: HashSet::new(),
        state: AnalysisState::default(),
        news: Vec::new(),
        told: None,
    };
    let runtime = runtime::Handle::current();
    let started = spawn_idle("analysis", move || {
        std::thread::sleep(AFTER_START);
        runtime.block_on(runner.run());
    });
    if let Err(error) = started {
        tracing::error!(%error, "the analysis has no thread to run on");
    }
}

/// What decides on the next track.
#[derive(Clone, Copy, PartialEq)]
struct Situation {
    library: u64,
    scanning: bool,
    queue: u64,
    entry: Option<EntryId>,
    index: u32,
}

impl Situation {
    fn of(snapshot: &Snapshot) -> Self {
        let view = snapshot.view();
        Situation {
            library: view.library.revision,
            scanning: view.library.scan.is_some(),
            queue: view.queue.revision,
            entry: view.player.entry,
            index: view.queue.current.unwrap_or(0),
        }
    }
}

struct Runner {
    library: Library,
    inbox: mpsc::UnboundedSender<Letter>,
    published: watch::Receiver<Arc<Snapshot>>,
    /// By which the lists below were made.
    seen: Option<Situation>,
    /// What plays and what follows.
    upcoming: VecDeque<AnalysisJob>,
    /// Some of the others.
    backlog: VecDeque<AnalysisJob>,
    /// Files that are not where the library knows them, until it has looked again.
    away: HashSet<TrackId>,
    state: AnalysisState,
    /// Tracks of which more is known than was told.
    news: Vec<TrackId>,
    told: Option<(Instant, AnalysisState)>,
}

impl Runner {
    async fn run(mut self) {
        while self.published.has_changed().is_ok() {
            match self.next().await {
                Ok(Some((track, urgent))) => {
                    self.state.running = true;
                    self.tell(urgent);
                    if let Err(error) = self.analyse(track, urgent).await {
                        tracing::error!(%error, "an analysis cannot be kept");
                        if !self.wait().await {
                            return;
                        }
                    }
                }
                outcome => {
                    if let Err(error) = outcome {
                        tracing::error!(%error, "the analysis does not go on");
                    }
                    self.state.running = false;
                    self.tell(true);
                    if !self.wait().await {
                        return;
                    }
                }
            }
        }
    }

    /// Waits until the situation is another; false when the player has stopped.
    async fn wait(&mut self) -> bool {
        while self.published.changed().await.is_ok() {
            if self.seen != Some(Situation::of(&self.published.borrow_and_update())) {
                return true;
            }
        }
        false
    }

    /// The track to be analysed next, and whether it is urgent.
    async fn next(&mut self) -> Result<Option<(AnalysisJob, bool)>, LibraryError> {
        let now = Situation::of(&self.published.borrow_and_update());
        let before = self.seen.replace(now);
        if before.is_none_or(|before| before.library != now.library) {
            self.away.clear();
            self.backlog.clear();
        }
        if before != Some(now) {
            let upcoming = self.entries(now.index).await;
            self.upcoming = self.library.tracks_to_analyse_among(ANALYSIS_VERSION, &upcoming).await?.into();
        }
        // While a scan runs, the library is not what it will be.
        if !now.scanning && before.is_none_or(|before| before.library != now.library || before.scanning) {
            (self.state.analysed, self.state.total) = self.library.analysis_progress(ANALYSIS_VERSION).await?;
        }
        while let Some(track) = self.upcoming.pop_front() {
            if !self.away.contains(&track.id) {
                return Ok(Some((track, true)));
            }
        }
        if now.scanning {
            // It needs the disk.
            return Ok(None);
        }
        if self.backlog.is_empty() {
            let limit = LOT + self.away.len() as u32;
            self.backlog = self.library.tracks_to_analyse(ANALYSIS_VERSION, limit).await?.into();
            self.backlog.retain(|track| !self.away.contains(&track.id));
        }
        Ok(self.backlog.pop_front().map(|track| (track, false)))
    }

    /// The tracks of the queue around the current one, as they matter.
    async fn entries(&self, current: u32) -> Vec<TrackId> {
        let offset = current.saturating_sub(BEHIND);
        let behind = current - offset;
        let (reply, answer) = oneshot::channel();
        // Without an answer the player is stopping, and the next wait says so.
        let _ = self.inbox.send(Letter::QueueWindow { offset, limit: behind + AHEAD, reply });
        let mut entries = answer.await.map(|QueueWindow { entries, .. }| entries).unwrap_or_default();
        let behind = (behind as usize).min(entries.len());
        entries.rotate_left(behind);
        entries.into_iter().map(|entry| entry.track).collect()
    }

    async fn analyse(&mut self, track: AnalysisJob, urgent: bool) -> Result<(), LibraryError> {
        let published = &self.published;
        let playing = self.seen.and_then(|seen| seen.entry);
        let cancelled = || match published.has_changed() {
            Ok(true) => !urgent && Situation::of(&published.borrow()).entry != playing,
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
                self.away.insert(track.id);
                return Ok(());
            }
            Err(error) => {
                tracing::info!(%error, path = %track.path.display(), "cannot be analysed");
                None
            }
        };
        let more = self.library.store_analysis(&track, ANALYSIS_VERSION, found.as_ref()).await?;
        self.backlog.retain(|other| other.id != track.id);
        if track.listed && !more.is_empty() {
            match found {
                Some(_) => self.state.analysed += 1,
                None => self.state.total = self.state.total.saturating_sub(1),
            }
        }
        self.news.extend(more);
        if urgent {
            self.tell(true);
        }
        Ok(())
    }

    /// Tells the player how far it is: at once, or when it is time to.
    fn tell(&mut self, at_once: bool) {
        let due = self.told.is_none_or(|(at, _)| at.elapsed() >= TELL_EVERY);
        let new = !self.news.is_empty() || self.told.is_none_or(|(_, told)| told != self.state);
        if new && (due || at_once) {
            self.told = Some((Instant::now(), self.state));
            let event = LibraryEvent::Analysed { tracks: std::mem::take(&mut self.news), state: self.state };
            // Without a player there is nobody to tell.
            let _ = self.inbox.send(Letter::Input(Input::Library(event)));
        }
    }
}

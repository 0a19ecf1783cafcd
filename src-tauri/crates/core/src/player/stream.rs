//! The engine's streams: the current one, and the one prepared to follow it.

use super::*;

/// A stream of the engine, and the queue entry it plays.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stream {
    pub(super) load: LoadId,
    pub(super) entry: Entry,
    /// The last seek in it.
    pub(super) seek: SeekId,
    /// Duration of the crossfade from the stream before it.
    pub(super) crossfade_s: f64,
    pub(super) gain: Gain,
    /// The analyses that were sent to the engine.
    pub(super) profiles: AnalysisProfiles,
    /// Whether it plays next to others of its album, in order; `None` until that is known.
    pub(super) in_album: Option<bool>,
    /// How the engine processes it.
    pub(super) mode: ProcessingMode,
    pub(super) steps: Vec<MasteringStep>,
    pub(super) duration_s: Option<f64>,
    /// The file's format, once it is open.
    pub(super) source: Option<SourceFormat>,
}

impl Stream {
    pub(super) fn is_ready(&self) -> bool {
        self.source.is_some()
    }
}

impl Core {
    /// Brings the engine in line with the queue after any input: loads the current entry and prepares the next one.
    pub(super) fn sync_engine(&mut self) {
        self.load_current();
        let next = self.prepare_next();
        self.update_track_cache(next);
        self.sync_streams(next);
    }

    fn load_current(&mut self) {
        while self.transport == PlaybackState::Loading && self.stream.is_none() {
            let Some(entry) = self.queue.current() else { return };
            if self.offline.is_checking(entry.id) {
                return;
            }
            match self.track_cache.get(&entry.track) {
                None => return,
                Some(None) => self.on_current_failed(entry, TRACK_REMOVED),
                Some(Some(track)) => {
                    let (path, range) = (track.path.clone(), track.range);
                    let stream = self.new_stream(entry, self.queue.current_index(), 0.0);
                    self.send_to_engine(EngineCommand::Load {
                        load: stream.load,
                        path,
                        range,
                        gain_db: stream.gain.db,
                        profiles: stream.profiles.clone(),
                        position_s: self.position.position_s,
                        playing: true,
                    });
                    self.stream = Some(stream);
                }
            }
        }
    }

    /// Prepares the next entry and returns its index.
    fn prepare_next(&mut self) -> Option<usize> {
        loop {
            let next = self.queue.next_entry(true, &self.unplayable).filter(|(_, entry)| {
                // Nothing follows without a gap if playback ends there, or if the file cannot be opened now.
                !self.sleeps_after_current(Some(*entry)) && !self.offline.is_unprepared(entry.id)
            });
            let index = next.map(|(next, _)| next.index());
            if self.stream.is_none() {
                return index;
            }
            let cached = next.map(|(_, entry)| (entry, self.track_cache.get(&entry.track).cloned()));
            match cached {
                Some((entry, Some(Some(track)))) => {
                    let crossfade_s = self.crossfade_s(&track);
                    let is_same = |stream: &Stream| stream.entry.id == entry.id && stream.crossfade_s == crossfade_s;
                    if !self.prepared.as_ref().is_some_and(is_same) {
                        self.prepare(entry, index, track, crossfade_s);
                    }
                    return index;
                }
                Some((entry, Some(None))) => self.mark_unplayable(entry, TRACK_REMOVED),
                Some((entry, None)) if self.prepared.as_ref().is_some_and(|stream| stream.entry.id == entry.id) => {
                    return index;
                }
                Some((_, None)) | None => {
                    if self.prepared.take().is_some() {
                        self.send_to_engine(EngineCommand::ClearPrepared);
                    }
                    return index;
                }
            }
        }
    }

    fn prepare(&mut self, entry: Entry, index: Option<usize>, track: Track, crossfade_s: f64) {
        let stream = self.new_stream(entry, index, crossfade_s);
        self.send_to_engine(EngineCommand::Prepare {
            load: stream.load,
            path: track.path,
            range: track.range,
            gain_db: stream.gain.db,
            profiles: stream.profiles.clone(),
            crossfade_s,
        });
        self.prepared = Some(stream);
    }

    /// Returns the duration of the crossfade to the next track; 0 within an album.
    fn crossfade_s(&self, next: &Track) -> f64 {
        let same_album = self.current_track().is_some_and(|track| {
            let (a, b) = (&track.summary, &next.summary);
            a.id == b.id || (a.album_id.is_some() && a.album_id == b.album_id)
        });
        if same_album { 0.0 } else { f64::from(self.settings.crossfade_s) }
    }

    /// `index`: the entry's index in the queue.
    fn new_stream(&mut self, entry: Entry, index: Option<usize>, crossfade_s: f64) -> Stream {
        let load = LoadId(self.next_load);
        self.next_load += 1;
        let in_album = index.and_then(|index| self.is_in_album(index));
        Stream {
            load,
            entry,
            seek: SeekId(0),
            crossfade_s,
            gain: self.gain_of(entry.track, in_album).unwrap_or_default(),
            profiles: self.profiles_of(entry.track, in_album).unwrap_or_default(),
            in_album,
            mode: ProcessingMode::default(),
            steps: Vec::new(),
            duration_s: None,
            source: None,
        }
    }

    pub(super) fn is_current_stream(&self, load: LoadId) -> bool {
        self.stream.as_ref().is_some_and(|stream| stream.load == load)
    }

    /// Whether a position is from after the last seek in the current stream.
    pub(super) fn is_current_position(&self, load: LoadId, seek: SeekId) -> bool {
        self.stream.as_ref().is_some_and(|stream| stream.load == load && stream.seek <= seek)
    }
}

//! The current stream and the one after it: opening, holding, going on, and what the engine says of them.

use super::*;
use crate::queue::Entry;

/// Why a track cannot be played that was taken out of the library.
const UNKNOWN: &str = "It is no longer in the library.";

/// Seconds for which what a lost output interrupted goes on by itself when it is back.
const RETURN_S: f64 = 60.0;

impl Core {
    /// Whether there is a position to move: playing, paused or about to play.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.transport, PlaybackState::Playing | PlaybackState::Paused | PlaybackState::Loading)
    }

    /// Opens the current entry at a position and lets it sound.
    pub(super) fn start(&mut self, position_s: f64) {
        self.leave(ListenEndReason::Skipped);
        self.stream = None;
        self.prepared = None;
        self.interrupted = None;
        self.transport = PlaybackState::Loading;
        self.anchor(position_s, false);
    }

    /// The listener came to another entry: playing goes on, paused stays paused, stopped stays stopped.
    pub(super) fn arrived(&mut self) {
        match self.transport {
            PlaybackState::Playing | PlaybackState::Loading => self.start(0.0),
            PlaybackState::Paused => {
                self.leave(ListenEndReason::Skipped);
                self.close();
            }
            PlaybackState::Stopped | PlaybackState::Error => self.transport = PlaybackState::Stopped,
        }
    }

    /// Moves within the current track.
    pub(super) fn move_to(&mut self, position_s: f64) {
        if let Some(Stream { load, seek, .. }) = &mut self.stream {
            seek.0 += 1;
            let (load, seek) = (*load, *seek);
            self.engine(EngineCommand::Seek { load, seek, position_s });
        }
        self.anchor(position_s, self.transport == PlaybackState::Playing);
    }

    /// The current track was heard to its end, or its end was asked for.
    pub(super) fn track_over(&mut self) {
        self.leave(ListenEndReason::Finished);
        match self.queue.following(true, &self.broken) {
            Some((step, _)) => {
                self.queue.take(step, &mut self.rng);
                self.arrived();
            }
            None => self.finish(),
        }
    }

    /// Nothing follows: silent, the current entry cued at its start.
    pub(super) fn finish(&mut self) {
        self.close();
        self.transport = PlaybackState::Stopped;
    }

    /// Lets go of every stream; the position is 0.
    pub(super) fn close(&mut self) {
        self.leave(ListenEndReason::Stopped);
        if self.stream.is_some() {
            self.engine(EngineCommand::Stop);
        }
        self.stream = None;
        self.prepared = None;
        self.interrupted = None;
        self.anchor(0.0, false);
    }

    pub(super) fn hear(&mut self, event: EngineEvent) {
        match event {
            EngineEvent::Ready { load, duration_s, source } => self.ready(load, duration_s, source),
            EngineEvent::Failed { load, reason } => self.failed(load, reason),
            EngineEvent::Advanced { load } => self.advanced(load),
            EngineEvent::Mastered { load, heard, steps } => self.mastered(load, heard, steps),
            EngineEvent::Ended { load } if self.is_current(load) => self.track_over(),
            EngineEvent::Position { load, seek, position_s, running } if self.is_current_since(load, seek) => {
                self.anchor(position_s, running && self.transport == PlaybackState::Playing);
            }
            EngineEvent::Ended { .. } | EngineEvent::Position { .. } => {}
            EngineEvent::Output(output) => self.output_changed(output),
            EngineEvent::Outputs(outputs) => self.outputs = AvailableOutputs::of(outputs),
        }
    }

    fn ready(&mut self, load: LoadId, duration_s: Option<f64>, source: SourceFormat) {
        for stream in self.stream.iter_mut().chain(&mut self.prepared).filter(|stream| stream.load == load) {
            stream.source = Some(source.clone());
            stream.duration_s = duration_s;
        }
        if self.is_current(load) {
            self.heard = true;
            if self.transport == PlaybackState::Loading {
                self.transport = PlaybackState::Playing;
            }
        }
    }

    fn failed(&mut self, load: LoadId, reason: String) {
        if let Some(stream) = self.prepared.take_if(|stream| stream.load == load) {
            self.give_up(stream.entry, reason);
        } else if let Some(stream) = self.stream.take_if(|stream| stream.load == load) {
            self.current_failed(stream.entry, reason);
        }
    }

    fn advanced(&mut self, load: LoadId) {
        let Some(stream) = &self.stream else { return };
        let sounded = stream.load;
        if let Some(next) = self.prepared.take_if(|prepared| prepared.load == load) {
            self.leave(ListenEndReason::Finished);
            if let Some((step, _)) = self.queue.following(true, &self.broken) {
                self.queue.take(step, &mut self.rng);
            }
            self.stream = Some(next);
            self.heard = true;
            self.anchor(0.0, self.transport == PlaybackState::Playing);
        } else if load > sounded {
            // It was replaced in the moment that it began: what the queue says follows now is started instead.
            self.track_over();
        }
    }

    /// The library does not know a track that was asked for.
    pub(super) fn track_unknown(&mut self, id: TrackId) {
        if let Some(entry) =
            self.queue.current().filter(|entry| entry.track == id && self.transport == PlaybackState::Loading)
        {
            self.current_failed(entry, UNKNOWN.to_owned());
        }
    }

    /// The current entry cannot be played: on to the one that can.
    fn current_failed(&mut self, entry: Entry, reason: String) {
        self.give_up(entry, reason);
        self.prepared = None;
        let nothing_left = self.broken.len() >= self.queue.len();
        match self.queue.following(true, &self.broken) {
            Some((step, _)) if !nothing_left => {
                self.queue.take(step, &mut self.rng);
                self.arrived();
            }
            _ if self.heard && !nothing_left => self.finish(),
            _ => {
                self.close();
                self.transport = PlaybackState::Error;
            }
        }
    }

    fn give_up(&mut self, entry: Entry, reason: String) {
        self.broken.insert(entry.id);
        let subject = match self.tracks.get(&entry.track) {
            Some(Some(track)) => match track.path.file_name() {
                Some(name) => name.to_string_lossy().into_owned(),
                None => track.summary.title.clone(),
            },
            _ => String::new(),
        };
        self.notice(NoticeKind::TrackSkipped, subject, reason);
    }

    fn output_changed(&mut self, output: CurrentOutput) {
        match &output {
            CurrentOutput::Lost { reason } => {
                self.anchor(self.position_s(), false);
                if matches!(self.transport, PlaybackState::Playing | PlaybackState::Loading) {
                    self.transport = PlaybackState::Paused;
                    self.notice(NoticeKind::OutputLost, String::new(), reason.clone());
                    if let CurrentOutput::Open { id, .. } = &self.output {
                        self.interrupted = Some((id.clone(), self.now_s));
                    }
                }
            }
            // What was lost is back: what it interrupted goes on. At another output it does not, unasked.
            CurrentOutput::Open { id, .. } => {
                let back = |(lost, at_s): &(OutputId, f64)| lost == id && self.now_s - at_s <= RETURN_S;
                if self.transport == PlaybackState::Paused && self.interrupted.as_ref().is_some_and(back) {
                    // Paused on an open stream, so it cannot be refused.
                    let _ = self.play();
                }
            }
            CurrentOutput::Closed | CurrentOutput::Missing { .. } => {}
        }
        self.output = output;
    }

    fn is_current(&self, load: LoadId) -> bool {
        self.stream.as_ref().is_some_and(|stream| stream.load == load)
    }

    /// A position from before the last seek is where the listener was, not where the listener is.
    fn is_current_since(&self, load: LoadId, seek: SeekId) -> bool {
        self.stream.as_ref().is_some_and(|stream| stream.load == load && stream.seek <= seek)
    }

    /// The one place that keeps the engine in step with the queue: what is to sound is loaded, and what follows it is
    /// prepared, whatever has just happened.
    pub(super) fn settle(&mut self) {
        self.load_current();
        let following = self.prepare_following();
        self.keep_tracks(following);
        self.settle_sound(following);
    }

    fn load_current(&mut self) {
        while self.transport == PlaybackState::Loading && self.stream.is_none() {
            let Some(entry) = self.queue.current() else { return };
            match self.tracks.get(&entry.track) {
                None => return,
                Some(None) => self.track_unknown(entry.track),
                Some(Some(track)) => {
                    let (path, range) = (track.path.clone(), track.range);
                    let index = self.queue.current_index();
                    let stream = self.new_stream(entry, index, 0.0);
                    self.engine(EngineCommand::Load {
                        load: stream.load,
                        path,
                        range,
                        gain_db: stream.gain.db,
                        profiles: stream.profiles.clone(),
                        position_s: self.anchor.position_s,
                        playing: true,
                    });
                    self.stream = Some(stream);
                }
            }
        }
    }

    /// Gives the index of what follows.
    fn prepare_following(&mut self) -> Option<usize> {
        loop {
            let following = self.queue.following(true, &self.broken);
            let index = following.map(|(step, _)| step.index());
            if self.stream.is_none() {
                return index;
            }
            let known = following.map(|(_, entry)| (entry, self.tracks.get(&entry.track).cloned()));
            match known {
                Some((entry, Some(Some(track)))) => {
                    let crossfade_s = self.crossfade_s(&track);
                    let same = |stream: &Stream| stream.entry.id == entry.id && stream.crossfade_s == crossfade_s;
                    if !self.prepared.as_ref().is_some_and(same) {
                        self.prepare(entry, index, track, crossfade_s);
                    }
                    return index;
                }
                Some((entry, Some(None))) => self.give_up(entry, UNKNOWN.to_owned()),
                Some((entry, None)) if self.prepared.as_ref().is_some_and(|stream| stream.entry.id == entry.id) => {
                    return index;
                }
                Some((_, None)) | None => {
                    if self.prepared.take().is_some() {
                        self.engine(EngineCommand::Unprepare);
                    }
                    return index;
                }
            }
        }
    }

    fn prepare(&mut self, entry: Entry, index: Option<usize>, track: Track, crossfade_s: f64) {
        let stream = self.new_stream(entry, index, crossfade_s);
        self.engine(EngineCommand::Prepare {
            load: stream.load,
            path: track.path,
            range: track.range,
            gain_db: stream.gain.db,
            profiles: stream.profiles.clone(),
            crossfade_s,
        });
        self.prepared = Some(stream);
    }

    /// For how long the current track fades into this one. What belongs together is not faded.
    fn crossfade_s(&self, next: &Track) -> f64 {
        let together = self.current_track().is_some_and(|track| {
            let (a, b) = (&track.summary, &next.summary);
            a.id == b.id || (a.album_id.is_some() && a.album_id == b.album_id)
        });
        if together { 0.0 } else { f64::from(self.settings.crossfade_s) }
    }

    /// `index`: where the entry stands in the queue.
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
            heard: ProcessingMode::default(),
            steps: Vec::new(),
            duration_s: None,
            source: None,
        }
    }
}

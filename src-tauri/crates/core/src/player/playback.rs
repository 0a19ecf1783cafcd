//! Playback across entries: opening, advancing, stopping, and the engine's events.

use super::*;

/// Why a track that was removed from the library cannot be played.
pub(super) const TRACK_REMOVED: &str = "It is no longer in the library.";

/// How long after an output was disconnected playback resumes automatically when it is back.
const OUTPUT_RESUME_WINDOW_S: f64 = 60.0;

impl Core {
    /// Whether it plays, or will as soon as the track is open.
    pub(super) fn is_playing(&self) -> bool {
        matches!(self.transport, PlaybackState::Playing | PlaybackState::Loading)
    }

    /// Whether there is a position to move: playing, paused or loading.
    pub(super) fn has_position(&self) -> bool {
        self.is_playing() || self.transport == PlaybackState::Paused
    }

    /// Opens the current entry at a position and plays it.
    pub(super) fn open_current(&mut self, position_s: f64) {
        self.end_listen(ListenEndReason::Skipped);
        self.stream = None;
        self.prepared = None;
        self.lost_output = None;
        self.offline.forget();
        self.transport = PlaybackState::Loading;
        self.set_position(position_s, false);
    }

    /// The current entry changed: playback continues there, paused stays paused, stopped stays stopped.
    pub(super) fn on_entry_changed(&mut self) {
        match self.transport {
            PlaybackState::Playing | PlaybackState::Loading => self.open_current(0.0),
            PlaybackState::Paused => {
                self.end_listen(ListenEndReason::Skipped);
                self.release_streams();
            }
            PlaybackState::Stopped | PlaybackState::Error => self.transport = PlaybackState::Stopped,
        }
    }

    /// Moves within the current track.
    pub(super) fn move_to(&mut self, position_s: f64) {
        if let Some(Stream { load, seek, .. }) = &mut self.stream {
            seek.0 += 1;
            let (load, seek) = (*load, *seek);
            self.send_to_engine(EngineCommand::Seek { load, seek, position_s });
        }
        // Rooms play it noticeably later; the engine reports when.
        self.set_position(position_s, self.transport == PlaybackState::Playing && !self.output.is_rooms());
    }

    /// The current track ended, or the user sought past its end.
    pub(super) fn on_track_end(&mut self) {
        self.end_listen(ListenEndReason::Finished);
        let next = self.queue.next_entry(true, &self.unplayable);
        let sleeps = self.sleeps_after_current(next.map(|(_, entry)| entry));
        if sleeps {
            self.sleep = None;
            self.stop_at_end();
        }
        match next {
            Some((next, _)) => {
                self.queue.advance(next, &mut self.rng);
                self.on_entry_changed();
            }
            None => self.stop_at_end(),
        }
    }

    /// Stops at the start of the current entry.
    pub(super) fn stop_at_end(&mut self) {
        self.release_streams();
        self.transport = PlaybackState::Stopped;
    }

    /// Releases every stream and sets the position to 0.
    pub(super) fn release_streams(&mut self) {
        self.end_listen(ListenEndReason::Stopped);
        if self.stream.is_some() {
            self.send_to_engine(EngineCommand::Stop);
        }
        self.stream = None;
        self.prepared = None;
        self.lost_output = None;
        self.offline.forget();
        self.set_position(0.0, false);
    }

    pub(super) fn on_engine_event(&mut self, event: EngineEvent) {
        match event {
            EngineEvent::Ready { load, duration_s, source } => self.on_ready(load, duration_s, source),
            EngineEvent::Failed { load, reason } => self.on_failed(load, &reason),
            EngineEvent::Advanced { load } => self.on_advanced(load),
            EngineEvent::ProcessingChanged { load, mode, steps } => self.on_processing_changed(load, mode, steps),
            EngineEvent::Ended { load } if self.is_current_stream(load) => self.on_track_end(),
            EngineEvent::Position { load, seek, position_s, running } if self.is_current_position(load, seek) => {
                self.set_position(position_s, running && self.transport == PlaybackState::Playing);
            }
            EngineEvent::Ended { .. } | EngineEvent::Position { .. } => {}
            EngineEvent::Output(output) => self.on_output_changed(output),
            EngineEvent::Outputs(outputs) => self.outputs = AvailableOutputs::of(outputs),
        }
    }

    fn on_ready(&mut self, load: LoadId, duration_s: Option<f64>, source: SourceFormat) {
        for stream in self.stream.iter_mut().chain(&mut self.prepared).filter(|stream| stream.load == load) {
            stream.source = Some(source.clone());
            stream.duration_s = duration_s;
        }
        if self.is_current_stream(load) {
            self.played_since_user_action = true;
            if self.transport == PlaybackState::Loading {
                self.transport = PlaybackState::Playing;
            }
        }
    }

    fn on_failed(&mut self, load: LoadId, reason: &str) {
        if let Some(stream) = self.prepared.take_if(|stream| stream.load == load) {
            self.check_next_folder(stream.entry, reason.to_owned());
        } else if let Some(stream) = self.stream.take_if(|stream| stream.load == load) {
            self.check_current_folder(stream.entry, reason.to_owned());
        }
    }

    fn on_advanced(&mut self, load: LoadId) {
        let Some(stream) = &self.stream else { return };
        let last_load = stream.load;
        if let Some(prepared) = self.prepared.take_if(|prepared| prepared.load == load) {
            self.end_listen(ListenEndReason::Finished);
            if let Some((next, _)) = self.queue.next_entry(true, &self.unplayable) {
                self.queue.advance(next, &mut self.rng);
            }
            self.stream = Some(prepared);
            self.played_since_user_action = true;
            self.set_position(0.0, self.transport == PlaybackState::Playing);
        } else if load > last_load {
            // It was replaced at the moment it started: play what follows according to the queue instead.
            self.on_track_end();
        }
    }

    /// Skips the current entry, which cannot be played, if there is another one to play.
    pub(super) fn on_current_failed(&mut self, entry: Entry, reason: &str) {
        self.mark_unplayable(entry, reason);
        self.prepared = None;
        let none_left = self.unplayable.len() >= self.queue.len();
        match self.queue.next_entry(true, &self.unplayable) {
            Some((next, _)) if !none_left => {
                self.queue.advance(next, &mut self.rng);
                self.on_entry_changed();
            }
            _ if self.played_since_user_action && !none_left => self.stop_at_end(),
            _ => {
                self.release_streams();
                self.transport = PlaybackState::Error;
            }
        }
    }

    /// Marks an entry as unplayable and raises a notice.
    pub(super) fn mark_unplayable(&mut self, entry: Entry, reason: &str) {
        self.unplayable.insert(entry.id);
        let subject = match self.track_cache.get(&entry.track) {
            Some(Some(track)) => match track.path.file_name() {
                Some(name) => name.to_string_lossy().into_owned(),
                None => track.summary.title.clone(),
            },
            _ => String::new(),
        };
        self.push_notice(NoticeKind::TrackSkipped, &subject, reason);
    }

    fn on_output_changed(&mut self, output: CurrentOutput) {
        match &output {
            CurrentOutput::Disconnected { reason } => {
                self.set_position(self.position_s(), false);
                if self.is_playing() {
                    self.transport = PlaybackState::Paused;
                    self.push_notice(NoticeKind::OutputDisconnected, "", reason);
                    if let CurrentOutput::Open { id, .. } = &self.output {
                        self.lost_output = Some((id.clone(), self.now_s));
                    }
                }
            }
            // Resume on the output that was disconnected, but never on another one.
            CurrentOutput::Open { id, .. } => {
                let is_back =
                    |(lost, at_s): &(OutputId, f64)| lost == id && self.now_s - at_s <= OUTPUT_RESUME_WINDOW_S;
                if self.transport == PlaybackState::Paused && self.lost_output.as_ref().is_some_and(is_back) {
                    // The stream is open, so this cannot fail.
                    let _ = self.play();
                }
            }
            CurrentOutput::Closed | CurrentOutput::Unavailable { .. } => {}
        }
        self.output = output;
    }
}

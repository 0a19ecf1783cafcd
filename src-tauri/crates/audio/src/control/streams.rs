//! Loads, prepares, seeks and joins streams.

use std::{sync::atomic::Ordering::Release, time::Instant};

use auralis_core::{EngineEvent, LoadId, SeekId};

use super::{
    ControlThread, Current, DecoderSlot, Message, OpenOutput, Prepared, mastering::StreamSettings,
    timeline::PlaybackChange,
};
use crate::{
    decode::DecodeError,
    decoder_thread::{DecodeRequest, DecoderEvent, DecoderThread, MediaRange, OpenTrack, RingSegment},
    playback::{NextRing, RingReader, SegmentState, SourceCommand},
};

impl<R: Fn(EngineEvent)> ControlThread<R> {
    /// Drops all streams. What is audible of them fades out.
    pub(super) fn drop_streams(&mut self) {
        self.current = None;
        self.prepared = None;
        self.fading_out_decoder = None;
        self.is_audible = false;
        self.diagnostics.set_ring(None);
        if let Some(OpenOutput { timeline, .. }) = &mut self.open {
            timeline.clear();
        }
        self.send_command(SourceCommand::Silence);
        if self.wants_playback {
            self.cut_tail();
        }
    }

    /// Pauses at the last audible position: what was decoded after it is dropped, and decoded again when playback continues.
    pub(super) fn rewind_to_audible(&mut self) {
        self.drop_decoded();
        if let Some(OpenOutput { timeline, .. }) = &mut self.open {
            timeline.clear();
        }
        self.send_command(SourceCommand::Silence);
        self.cut_tail();
        self.decode_on_play = true;
    }

    pub(super) fn load(
        &mut self,
        load: LoadId,
        media: MediaRange,
        settings: StreamSettings,
        position_s: f64,
        playing: bool,
    ) {
        self.drop_streams();
        self.wants_playback = playing;
        self.waiting_since = None;
        // After the command that silences the old stream, so that opening the gate lets nothing of it through.
        self.controls.playing.store(playing, Release);
        let position_s = position_s.max(0.0);
        if let Some(decoder) = self.start_decoder(load, media, position_s) {
            let (seek, duration_s, ready, deferred_error) = (SeekId(0), None, false, None);
            self.current =
                Some(Current { decoder, load, seek, settings, duration_s, ready, position_s, deferred_error });
        }
        self.request_decoding();
        if playing {
            self.ensure_device();
        }
    }

    pub(super) fn start_decoder(&mut self, load: LoadId, media: MediaRange, position_s: f64) -> Option<DecoderSlot> {
        let self_tx = self.self_tx.clone();
        let report = move |event| drop(self_tx.send(Message::Decoder { of: load, event }));
        match DecoderThread::start(self.opener.clone(), load, media, position_s, report) {
            Ok(thread) => Some(DecoderSlot { first_load: load, thread, request_id: 0 }),
            Err(error) => {
                (self.report)(EngineEvent::Failed { load, reason: format!("Cannot start a decoder thread: {error}.") });
                None
            }
        }
    }

    /// Requests decoding of the current stream from its position, and of the stream that fades in at its end. Does
    /// nothing without a device.
    pub(super) fn request_decoding(&mut self) {
        let Some(OpenOutput { device, .. }) = &self.open else { return };
        let rate_hz = device.rate_hz;
        self.decode_on_play = false;
        if let Some(current) = &mut self.current {
            self.request_id += 1;
            current.decoder.request(self.request_id, current.load, current.position_s, rate_hz);
        }
        if let Some(Prepared { load, decoder: Some(decoder), .. }) = &mut self.prepared {
            self.request_id += 1;
            decoder.request(self.request_id, *load, 0.0, rate_hz);
        }
    }

    pub(super) fn seek(&mut self, load: LoadId, seek: SeekId, position_s: f64) {
        let Some(current) = self.current.as_mut().filter(|current| current.load == load) else { return };
        current.seek = seek;
        current.position_s = position_s.max(0.0);
        current.deferred_error = None;
        if let Some(OpenOutput { timeline, .. }) = &mut self.open {
            timeline.clear();
            self.fading_out_decoder = None;
            if self.wants_playback && self.is_heard_late() {
                self.send_command(SourceCommand::Silence);
                self.cut_tail();
            }
            if self.prepared.as_ref().is_some_and(|prepared| prepared.decoder.is_some()) {
                // It may just have begun to fade in.
                self.send_command(SourceCommand::Next(None));
            }
            self.request_decoding();
        } else if current.ready {
            self.report_position();
        }
    }

    pub(super) fn prepare(&mut self, load: LoadId, media: MediaRange, settings: StreamSettings, crossfade_s: f64) {
        self.unprepare();
        let mut prepared = Prepared {
            load,
            settings,
            duration_s: None,
            crossfade_s,
            decoder: None,
            deferred_error: None,
            opening_since: Some(Instant::now()),
        };
        if crossfade_s > 0.0 {
            prepared.decoder = self.start_decoder(load, media, 0.0);
            if let (Some(decoder), Some(OpenOutput { device, .. })) = (&mut prepared.decoder, &self.open) {
                self.request_id += 1;
                decoder.request(self.request_id, load, 0.0, device.rate_hz);
            }
            self.prepared = Some(prepared).filter(|prepared| prepared.decoder.is_some());
            return;
        }
        self.prepared = Some(prepared);
        let (self_tx, opener) = (self.self_tx.clone(), self.opener.clone());
        let job = std::thread::Builder::new().name("opening".into()).spawn(move || {
            let stream = OpenTrack::open(&*opener, load, &media, 0.0).map(Box::new).map_err(|error| error.0);
            drop(self_tx.send(Message::Prepared { load, stream }));
        });
        if let Err(error) = job {
            self.on_track_opened(load, Err(format!("Cannot start a decoder thread: {error}.")));
        }
    }

    pub(super) fn unprepare(&mut self) {
        if let Some(prepared) = self.prepared.take() {
            if let Some(current) = self.current.as_ref().filter(|_| prepared.decoder.is_none()) {
                current.decoder.thread.next(None);
            }
            self.send_command(SourceCommand::Next(None));
        }
    }

    pub(super) fn on_track_opened(&mut self, load: LoadId, stream: Result<Box<OpenTrack>, String>) {
        let Some(prepared) = self.prepared.as_mut().filter(|prepared| prepared.load == load) else { return };
        match stream {
            Ok(stream) => {
                let (duration_s, source) = (stream.duration_s(), stream.format());
                (prepared.duration_s, prepared.opening_since) = (duration_s, None);
                (self.report)(EngineEvent::Ready { load, duration_s, source });
                if let Some(current) = &self.current {
                    current.decoder.thread.next(Some(stream));
                }
            }
            Err(reason) => {
                self.prepared = None;
                (self.report)(EngineEvent::Failed { load, reason });
            }
        }
    }

    pub(super) fn on_decoder_event(&mut self, of: LoadId, event: DecoderEvent) {
        if self
            .prepared
            .as_ref()
            .is_some_and(|prepared| prepared.decoder.as_ref().is_some_and(|decoder| decoder.first_load == of))
        {
            return self.on_crossfade_decoder_event(event);
        }
        let Some(current) = self.current.as_mut().filter(|current| current.decoder.first_load == of) else { return };
        match event {
            DecoderEvent::Ready { load, duration_s, source } => {
                current.ready = true;
                current.duration_s = duration_s;
                (self.report)(EngineEvent::Ready { load, duration_s, source });
                if !self.wants_playback {
                    self.report_position();
                }
            }
            DecoderEvent::Failed { load, reason } => {
                self.current = None;
                (self.report)(EngineEvent::Failed { load, reason });
            }
            DecoderEvent::DecodeFailed { load, reason } => {
                current.deferred_error = Some((load, reason));
                if self.prepared.as_ref().is_some_and(|prepared| prepared.decoder.is_some()) {
                    self.unprepare(); // a damaged track gets no crossfade: its error is reported at its end
                }
            }
            DecoderEvent::Filled { request_id, segment, ring } if request_id == current.decoder.request_id => {
                let is_first = !std::mem::replace(&mut current.settings.is_sent, true);
                current.settings.update_plan(self.mastering);
                segment.status.set_gain_db(current.settings.ring_gain_db(), false);
                self.register_segment(segment);
                let chain = if is_first { self.chain_of_current() } else { None };
                self.send_command(SourceCommand::Play(ring, chain));
                self.report_mastering();
            }
            DecoderEvent::NextReady { request_id, segment, ring } if request_id == current.decoder.request_id => {
                if self.prepared.as_ref().is_some_and(|prepared| prepared.load == segment.load) {
                    self.queue_next_ring(segment, ring, 0);
                }
            }
            DecoderEvent::Filled { .. } | DecoderEvent::NextReady { .. } => {}
        }
    }

    /// Handles events of the decoder of a track that will fade in.
    pub(super) fn on_crossfade_decoder_event(&mut self, event: DecoderEvent) {
        let (Some(prepared), Some(current)) = (&mut self.prepared, &self.current) else { return };
        match event {
            DecoderEvent::Ready { load, duration_s, source } => {
                (prepared.duration_s, prepared.opening_since) = (duration_s, None);
                (self.report)(EngineEvent::Ready { load, duration_s, source });
            }
            DecoderEvent::Failed { load, reason } => {
                self.prepared = None;
                (self.report)(EngineEvent::Failed { load, reason });
            }
            DecoderEvent::DecodeFailed { load, reason } => prepared.deferred_error = Some((load, reason)),
            DecoderEvent::Filled { request_id, segment, ring } => {
                let Some(OpenOutput { device, .. }) = &self.open else { return };
                if prepared.decoder.as_ref().is_none_or(|decoder| decoder.request_id != request_id) {
                    return;
                }
                // At least half of a short track plays alone, so that never more than two tracks overlap.
                let halves = current.duration_s.into_iter().chain(prepared.duration_s).map(|all_s| all_s / 2.0);
                let overlap_s = halves.fold(prepared.crossfade_s, f64::min);
                let overlap = (overlap_s * f64::from(device.rate_hz)) as u32;
                self.queue_next_ring(segment, ring, overlap);
            }
            DecoderEvent::NextReady { .. } => {}
        }
    }

    /// Queues the prepared stream to take over at the end of the current one.
    pub(super) fn queue_next_ring(&mut self, segment: RingSegment, ring: RingReader, overlap: u32) {
        let mastering = self.mastering;
        // The plan of the current stream as well: its first ring may still be on the way, and both may share one chain.
        self.all_settings().for_each(|(_, settings)| _ = settings.update_plan(mastering));
        let Some(settings) = self.settings(segment.load) else { return };
        settings.is_sent = true;
        segment.status.set_gain_db(settings.ring_gain_db(), false);
        self.register_segment(segment);
        let chain = self.chain_of_prepared();
        self.send_command(SourceCommand::Next(Some(NextRing { ring, chain, overlap })));
        self.report_mastering();
    }

    pub(super) fn register_segment(&mut self, segment: RingSegment) {
        if let Some(OpenOutput { timeline, .. }) = &mut self.open {
            timeline.add_segment(segment);
        }
    }

    pub(super) fn on_playback_change(&mut self, change: PlaybackChange) {
        let Some(current) = &mut self.current else { return };
        if change.load != current.load {
            current.load = change.load;
            current.seek = SeekId(0);
            match self.prepared.take_if(|prepared| prepared.load == change.load) {
                Some(prepared) => {
                    (current.settings, current.duration_s) = (prepared.settings, prepared.duration_s);
                    current.deferred_error = prepared.deferred_error.or(current.deferred_error.take());
                    match prepared.decoder {
                        Some(decoder) => {
                            self.fading_out_decoder = Some(std::mem::replace(&mut current.decoder, decoder).thread)
                        }
                        None => current.decoder.thread.advance(),
                    }
                }
                None => current.decoder.thread.advance(),
            }
            (self.report)(EngineEvent::Advanced { load: change.load });
        }
        self.report_position();
        if change.state == SegmentState::Ended {
            self.finish_playback(change.load);
        }
    }

    /// The last frame of the current stream was heard and nothing follows.
    pub(super) fn finish_playback(&mut self, load: LoadId) {
        let deferred_error = self.current.take().and_then(|current| current.deferred_error);
        self.prepared = None;
        self.wants_playback = false;
        self.controls.playing.store(false, Release);
        self.drop_streams();
        (self.report)(match deferred_error {
            Some((of, reason)) if of == load => EngineEvent::Failed { load, reason },
            _ => EngineEvent::Ended { load },
        });
    }
}

impl<R: Fn(EngineEvent)> ControlThread<R> {
    /// Whether a file is being opened, or the listener waits for its next frames.
    pub(super) fn is_waiting_for_file(&self) -> bool {
        let is_opening = self.prepared.as_ref().is_some_and(|prepared| prepared.opening_since.is_some());
        is_opening || self.current.as_ref().is_some_and(|current| self.is_waiting_for(current))
    }

    fn is_waiting_for(&self, current: &Current) -> bool {
        let Some(OpenOutput { timeline, .. }) = self.open.as_ref().filter(|_| self.wants_playback && !self.is_audible)
        else {
            return !current.ready;
        };
        // A device that takes nothing is not the file's fault.
        timeline.segments_of(current.load).all(|segment| segment.status.buffered_frames() == 0)
    }

    /// Gives up files that do not respond. Their threads stay behind, because a blocked read cannot be interrupted.
    pub(super) fn check_files(&mut self) {
        let timeout = self.opener.timeout();
        let is_waiting = self.current.as_ref().is_some_and(|current| self.is_waiting_for(current));
        self.waiting_since = if is_waiting { self.waiting_since.or_else(|| Some(Instant::now())) } else { None };
        let is_late = |since: Instant| since.elapsed() > timeout;
        if let Some(late) = self.prepared.take_if(|prepared| prepared.opening_since.is_some_and(is_late)) {
            self.report_hanging_file(late.load);
        }
        if self.waiting_since.is_some_and(is_late)
            && let Some(current) = self.current.take()
        {
            self.wants_playback = false;
            self.controls.playing.store(false, Release);
            self.drop_streams();
            self.report_hanging_file(current.load);
        }
    }

    fn report_hanging_file(&self, load: LoadId) {
        (self.report)(EngineEvent::Failed { load, reason: DecodeError::not_responding().0 });
    }
}

impl DecoderSlot {
    pub(super) fn request(&mut self, request_id: u64, load: LoadId, position_s: f64, rate_hz: u32) {
        self.request_id = request_id;
        self.thread.request(DecodeRequest { request_id, load, position_s, rate_hz });
    }
}

//! Gain and mastering of each stream, and what clients see of them.

use super::*;

impl Core {
    /// Sends changed gains and profiles to the engine. `next`: the index of the prepared entry.
    pub(super) fn sync_streams(&mut self, next: Option<usize>) {
        let current = self.queue.current_index();
        // Once a track plays, edits of the queue around it do not change how it sounds.
        let mut stream = self.stream.take();
        if let Some(stream) = stream.as_mut() {
            stream.in_album = stream.in_album.or_else(|| self.is_in_album(current?));
            self.sync_stream(stream);
        }
        self.stream = stream;
        let mut prepared = self.prepared.take();
        if let Some(prepared) = prepared.as_mut() {
            prepared.in_album = next.and_then(|index| self.is_in_album(index));
            self.sync_stream(prepared);
        }
        self.prepared = prepared;
    }

    fn sync_stream(&mut self, stream: &mut Stream) {
        let load = stream.load;
        let mut slow_ramp = false;
        if let Some(profiles) = self.profiles_of(stream.entry.track, stream.in_album)
            && profiles != stream.profiles
        {
            slow_ramp = true;
            stream.profiles = profiles.clone();
            self.send_to_engine(EngineCommand::SetStreamProfiles { load, profiles });
        }
        let Some(gain) = self.gain_of(stream.entry.track, stream.in_album) else { return };
        if gain.db != stream.gain.db {
            self.send_to_engine(EngineCommand::SetStreamGain { load, gain_db: gain.db, slow_ramp });
        }
        stream.gain = gain;
    }

    /// Returns `None` until the track has been read.
    pub(super) fn gain_of(&self, track: TrackId, in_album: Option<bool>) -> Option<Gain> {
        let track = self.track_cache.get(&track)?.as_ref()?;
        if self.mastering.is_active() && track.profile.is_some() {
            return Some(Gain::default()); // Mastering sets the loudness itself.
        }
        Some(track.loudness.gain(self.settings.normalization, in_album.unwrap_or(false), self.settings.pre_amp_db))
    }

    /// Returns `None` until the track has been read.
    pub(super) fn profiles_of(&self, track: TrackId, in_album: Option<bool>) -> Option<AnalysisProfiles> {
        let track = self.track_cache.get(&track)?.as_ref()?;
        let album = track.album_profile.clone().filter(|_| in_album == Some(true));
        Some(AnalysisProfiles { track: track.profile.clone(), album })
    }

    /// Whether a neighbour of the entry is of the same album, in an unshuffled queue. Returns `None` until the tracks
    /// have been read.
    pub(super) fn is_in_album(&self, index: usize) -> Option<bool> {
        let album = |id: TrackId| -> Option<Option<AlbumId>> {
            Some(self.track_cache.get(&id)?.as_ref().and_then(|track| track.summary.album_id))
        };
        let own = album(self.queue.slice(index, 1).first()?.track)?;
        let albums: Option<Vec<_>> = self.queue.neighbours(index).map(album).collect();
        // The entry itself is among its neighbours.
        let has_neighbour = own.is_some() && albums?.iter().filter(|album| **album == own).count() > 1;
        Some(has_neighbour && !self.queue.is_shuffled())
    }

    pub(super) fn on_processing_changed(&mut self, load: LoadId, mode: ProcessingMode, steps: Vec<MasteringStep>) {
        if let Some(stream) = self.stream.iter_mut().chain(&mut self.prepared).find(|stream| stream.load == load) {
            (stream.mode, stream.steps) = (mode, steps);
        }
    }

    pub(super) fn mastering_state(&self) -> MasteringState {
        let (mode, steps) = self.stream.as_ref().map_or_else(Default::default, |it| (it.mode, it.steps.clone()));
        let (settings, bypassed) = (self.mastering, self.bypassed);
        MasteringState { settings, bypassed, mode, steps, analysis: self.analysis }
    }

    pub(super) fn signal_path(&self) -> Option<SignalPath> {
        let stream = self.stream.as_ref()?;
        let unity_gain = self.volume == 100 && !self.muted && self.settings.crossfade_s == 0.0;
        Some(SignalPath::new(stream.source.clone()?, stream.gain, stream.mode, unity_gain, &self.output))
    }
}

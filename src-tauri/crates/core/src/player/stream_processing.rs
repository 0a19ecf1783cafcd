//! How each stream is to sound, and what clients are told of the way of the sound.

use super::*;

impl Core {
    /// Tells the engine what is not as it should be of each stream's sound. `following`: the index of the prepared entry.
    pub(super) fn settle_sound(&mut self, following: Option<usize>) {
        let current = self.queue.current_index();
        // Once a track is heard, edits of the queue around it do not change how it sounds.
        let mut stream = self.stream.take();
        if let Some(stream) = stream.as_mut() {
            stream.in_album = stream.in_album.or_else(|| self.is_in_album(current?));
            self.settle_stream(stream);
        }
        self.stream = stream;
        let mut prepared = self.prepared.take();
        if let Some(prepared) = prepared.as_mut() {
            prepared.in_album = following.and_then(|index| self.is_in_album(index));
            self.settle_stream(prepared);
        }
        self.prepared = prepared;
    }

    fn settle_stream(&mut self, stream: &mut Stream) {
        let load = stream.load;
        let mut gently = false;
        if let Some(profiles) = self.profiles_of(stream.entry.track, stream.in_album)
            && profiles != stream.profiles
        {
            gently = true;
            stream.profiles = profiles.clone();
            self.engine(EngineCommand::SetStreamProfiles { load, profiles });
        }
        let Some(gain) = self.gain_of(stream.entry.track, stream.in_album) else { return };
        if gain.db != stream.gain.db {
            self.engine(EngineCommand::SetStreamGain { load, gain_db: gain.db, gently });
        }
        stream.gain = gain;
    }

    /// `None` where the library has not told of the track.
    pub(super) fn gain_of(&self, track: TrackId, in_album: Option<bool>) -> Option<Gain> {
        let track = self.tracks.get(&track)?.as_ref()?;
        if self.mastering.is_active() && track.profile.is_some() {
            return Some(Gain::default()); // mastering sees to the loudness, too
        }
        Some(track.loudness.gain(self.settings.loudness, in_album.unwrap_or(false), self.settings.pre_amp_db))
    }

    /// `None` where the library has not told of the track.
    pub(super) fn profiles_of(&self, track: TrackId, in_album: Option<bool>) -> Option<AnalysisProfiles> {
        let track = self.tracks.get(&track)?.as_ref()?;
        let album = track.album_profile.clone().filter(|_| in_album == Some(true));
        Some(AnalysisProfiles { track: track.profile.clone(), album })
    }

    /// Whether the entry before or behind is of the same album, which is heard in its order; `None` while the library
    /// has not told.
    pub(super) fn is_in_album(&self, index: usize) -> Option<bool> {
        let album = |id: TrackId| -> Option<Option<AlbumId>> {
            Some(self.tracks.get(&id)?.as_ref().and_then(|track| track.summary.album_id))
        };
        let own = album(self.queue.window(index, 1).first()?.track)?;
        let around: Option<Vec<_>> = self.queue.around(index).map(album).collect();
        // The entry itself is among them.
        let together = own.is_some() && around?.iter().filter(|album| **album == own).count() > 1;
        Some(together && !self.queue.is_shuffled())
    }

    pub(super) fn mastered(&mut self, load: LoadId, heard: ProcessingMode, steps: Vec<MasteringStep>) {
        if let Some(stream) = self.stream.iter_mut().chain(&mut self.prepared).find(|stream| stream.load == load) {
            (stream.heard, stream.steps) = (heard, steps);
        }
    }

    pub(super) fn mastering_state(&self) -> MasteringState {
        let (heard, steps) = self.stream.as_ref().map_or_else(Default::default, |it| (it.heard, it.steps.clone()));
        let (settings, comparing) = (self.mastering, self.comparing);
        MasteringState { settings, comparing, heard, steps, analysis: self.analysis }
    }

    pub(super) fn signal(&self) -> Option<SignalPath> {
        let stream = self.stream.as_ref()?;
        let unity = self.volume == 100 && !self.muted && self.settings.crossfade_s == 0.0;
        Some(SignalPath::new(stream.source.clone()?, stream.gain, stream.heard, unity, &self.output))
    }
}

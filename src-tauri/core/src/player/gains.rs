//! How much each stream is amplified, and what clients are told of the way of the sound.

use super::*;

impl Core {
    /// Tells the engine the gains that are not what they should be. `following`: the index of the prepared entry.
    pub(super) fn settle_gains(&mut self, following: Option<usize>) {
        let current = self.queue.current_index();
        // Once a track is heard, edits of the queue around it do not change how loud it is.
        let mut stream = self.stream.take();
        if let Some(stream) = stream.as_mut() {
            stream.in_album = stream.in_album.or_else(|| self.is_in_album(current?));
            self.settle_gain(stream);
        }
        self.stream = stream;
        let mut prepared = self.prepared.take();
        if let Some(prepared) = prepared.as_mut() {
            prepared.in_album = following.and_then(|index| self.is_in_album(index));
            self.settle_gain(prepared);
        }
        self.prepared = prepared;
    }

    fn settle_gain(&mut self, stream: &mut Stream) {
        let Some(gain) = self.gain_of(stream.entry.track, stream.in_album) else { return };
        if gain.db != stream.gain.db {
            self.engine(EngineCommand::SetStreamGain { load: stream.load, gain_db: gain.db });
        }
        stream.gain = gain;
    }

    /// `None` where the library has not told of the track.
    pub(super) fn gain_of(&self, track: TrackId, in_album: Option<bool>) -> Option<Gain> {
        let loudness = self.tracks.get(&track)?.as_ref()?.loudness;
        Some(loudness.gain(self.settings.loudness, in_album.unwrap_or(false), self.settings.pre_amp_db))
    }

    /// Whether the entry before or behind is of the same album; `None` while the library has not told.
    fn is_in_album(&self, index: usize) -> Option<bool> {
        let album = |id: TrackId| -> Option<Option<AlbumId>> {
            Some(self.tracks.get(&id)?.as_ref().and_then(|track| track.summary.album_id))
        };
        let own = album(self.queue.window(index, 1).first()?.track)?;
        let around: Option<Vec<_>> = self.queue.around(index).map(album).collect();
        // The entry itself is among them.
        Some(own.is_some() && around?.iter().filter(|album| **album == own).count() > 1)
    }

    pub(super) fn signal(&self) -> Option<SignalPath> {
        let stream = self.stream.as_ref()?;
        let unity = self.volume == 100 && !self.muted && self.settings.crossfade_s == 0.0;
        Some(SignalPath::new(stream.source.clone()?, stream.gain, unity, &self.output))
    }
}

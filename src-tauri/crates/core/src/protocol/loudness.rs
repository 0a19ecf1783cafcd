//! Loudness normalisation: the gain that makes tracks equally loud.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::AudioProfile;

/// Reference loudness of ReplayGain 2.0.
const REFERENCE_LUFS: f32 = -18.0;

/// Loudness of silence, which must not be amplified.
const SILENCE_LUFS: f32 = -70.0;

/// The loudness normalisation mode.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum NormalizationMode {
    /// No normalisation.
    Off,
    /// Every track has the same loudness.
    Track,
    /// Every album has the same loudness; its tracks keep their relative loudness.
    Album,
    /// By album if the previous or the next entry is of the same album, else by track.
    #[default]
    Auto,
}

/// The loudness of a track, from its tags (ReplayGain 2.0, R128) or measured (ITU-R BS.1770).
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Loudness {
    /// Gain in dB that brings the track to −18 LUFS.
    pub track_gain_db: Option<f32>,
    /// The track's peak; 1.0 is full scale.
    pub track_peak: Option<f32>,
    /// Gain in dB that brings the album to −18 LUFS.
    pub album_gain_db: Option<f32>,
    /// The album's peak.
    pub album_peak: Option<f32>,
}

/// Which loudness a gain is based on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum GainSource {
    /// None: normalisation is off, or the loudness is unknown.
    #[default]
    None,
    /// The track's.
    Track,
    /// The album's.
    Album,
}

/// The normalisation gain of a track.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Gain {
    /// dB.
    pub db: f32,
    /// Which loudness it is based on.
    pub source: GainSource,
    /// Whether it was reduced because the peaks would have clipped.
    pub limited: bool,
}

impl Loudness {
    /// Creates it from the analyses of a track and of its album.
    pub fn from_profiles(track: Option<&AudioProfile>, album: Option<&AudioProfile>) -> Self {
        let gain_db = |profile: &AudioProfile| REFERENCE_LUFS - profile.integrated_lufs;
        let peak = |profile: &AudioProfile| 10f32.powf(profile.true_peak_dbtp / 20.0);
        let [track, album] = [track, album].map(|profile| profile.filter(|of| of.integrated_lufs > SILENCE_LUFS));
        Loudness {
            track_gain_db: track.map(gain_db),
            track_peak: track.map(peak),
            album_gain_db: album.map(gain_db),
            album_peak: album.map(peak),
        }
    }

    /// Returns the track's loudness, derived from its gain.
    pub fn track_lufs(&self) -> Option<f32> {
        self.track_gain_db.map(|gain_db| REFERENCE_LUFS - gain_db)
    }

    /// Fills missing gains from another value. Of the peaks the larger counts: a tag that states too small a peak would
    /// let the gain clip.
    pub fn with_fallback(self, other: Self) -> Self {
        Loudness {
            track_gain_db: self.track_gain_db.or(other.track_gain_db),
            track_peak: larger(self.track_peak, other.track_peak),
            album_gain_db: self.album_gain_db.or(other.album_gain_db),
            album_peak: larger(self.album_peak, other.album_peak),
        }
    }

    /// Returns the gain in a mode. `in_album` says whether the track plays next to others of its album. The pre-amp is
    /// added only if the loudness is known; without a known peak, the gain is at most 0 dB.
    pub fn gain(&self, mode: NormalizationMode, in_album: bool, pre_amp_db: f32) -> Gain {
        let track = self.track_gain_db.map(|db| (db, self.track_peak, GainSource::Track));
        let album = self.album_gain_db.map(|db| (db, larger(self.album_peak, self.track_peak), GainSource::Album));
        let known = match mode {
            NormalizationMode::Off => None,
            NormalizationMode::Album => album.or(track),
            NormalizationMode::Auto if in_album => album.or(track),
            NormalizationMode::Track | NormalizationMode::Auto => track.or(album),
        };
        let Some((gain_db, peak, source)) = known.filter(|(db, ..)| db.is_finite()) else { return Gain::default() };
        let headroom_db = match peak {
            Some(peak) if peak > 0.0 && peak.is_finite() => -20.0 * peak.log10(),
            _ => 0.0,
        };
        let requested_db = (gain_db + pre_amp_db).clamp(-60.0, 60.0);
        Gain { db: requested_db.min(headroom_db), source, limited: requested_db > headroom_db }
    }
}

/// Returns the larger of two peaks that may be unknown.
fn larger(one: Option<f32>, other: Option<f32>) -> Option<f32> {
    [one, other].into_iter().flatten().reduce(f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAGGED: Loudness =
        Loudness { track_gain_db: Some(-6.0), track_peak: Some(1.0), album_gain_db: Some(-8.0), album_peak: Some(0.5) };

    fn source(mode: NormalizationMode, in_album: bool) -> (f32, GainSource) {
        let gain = TAGGED.gain(mode, in_album, 0.0);
        (gain.db, gain.source)
    }

    #[test]
    fn the_mode_selects_track_or_album_loudness() {
        assert_eq!(source(NormalizationMode::Off, true), (0.0, GainSource::None));
        assert_eq!(source(NormalizationMode::Track, true), (-6.0, GainSource::Track));
        assert_eq!(source(NormalizationMode::Album, false), (-8.0, GainSource::Album));
        assert_eq!(source(NormalizationMode::Auto, true), (-8.0, GainSource::Album));
        assert_eq!(source(NormalizationMode::Auto, false), (-6.0, GainSource::Track));
    }

    #[test]
    fn a_missing_gain_falls_back_to_the_other_one() {
        let track_only = Loudness { album_gain_db: None, ..TAGGED };
        assert_eq!(track_only.gain(NormalizationMode::Album, true, 0.0).source, GainSource::Track);
        let album_only = Loudness { track_gain_db: None, ..TAGGED };
        assert_eq!(album_only.gain(NormalizationMode::Track, true, 0.0).source, GainSource::Album);
        assert_eq!(Loudness::default().gain(NormalizationMode::Track, true, 6.0), Gain::default());
        let invalid = Loudness { track_gain_db: Some(f32::NAN), ..Loudness::default() };
        assert_eq!(invalid.gain(NormalizationMode::Track, true, 0.0), Gain::default());
    }

    #[test]
    fn gains_never_clip() {
        let quiet = Loudness { track_gain_db: Some(9.0), track_peak: Some(0.5), ..Loudness::default() };
        let gain = quiet.gain(NormalizationMode::Track, false, 3.0);
        assert!(gain.limited && (gain.db - 6.02).abs() < 0.01, "{gain:?}");
        let unknown_peak = Loudness { track_peak: None, ..quiet };
        assert_eq!(unknown_peak.gain(NormalizationMode::Track, false, 0.0).db, 0.0);
        let below_headroom = quiet.gain(NormalizationMode::Track, false, -4.0);
        assert_eq!((below_headroom.db, below_headroom.limited), (5.0, false));
        // A peak above full scale is reduced even if the gain is 0.
        let hot = Loudness { track_gain_db: Some(0.0), track_peak: Some(2.0), ..Loudness::default() };
        assert!((hot.gain(NormalizationMode::Track, false, 0.0).db + 6.02).abs() < 0.01);
    }

    fn profile(integrated_lufs: f32, true_peak_dbtp: f32) -> AudioProfile {
        AudioProfile {
            duration_s: 60.0,
            integrated_lufs,
            range_lu: 6.0,
            momentary_max_lufs: -10.0,
            short_term_max_lufs: -12.0,
            true_peak_dbtp,
            sample_peak_dbfs: true_peak_dbtp,
            crest_db: 12.0,
            mid_db: Vec::new(),
            side_db: Vec::new(),
            correlation: Vec::new(),
            centroid_hz: 1000.0,
            onsets_per_s: 1.0,
            noise_floor_dbfs: -80.0,
        }
    }

    #[test]
    fn missing_tags_are_filled_from_the_analysis() {
        let (track, album) = (profile(-12.0, -6.02), profile(-14.0, 0.0));
        let measured = Loudness::from_profiles(Some(&track), Some(&album));
        assert_eq!((measured.track_gain_db, measured.album_gain_db), (Some(-6.0), Some(-4.0)));
        assert!(measured.track_peak.is_some_and(|peak| (peak - 0.5).abs() < 0.001) && measured.album_peak == Some(1.0));
        let tagged = Loudness { track_gain_db: Some(-3.0), ..Loudness::default() };
        assert_eq!(tagged.with_fallback(measured).track_gain_db, Some(-3.0));
        assert_eq!(tagged.with_fallback(measured).album_gain_db, Some(-4.0));
        let wrong_peaks = Loudness { track_peak: Some(0.1), album_peak: Some(1.4), ..tagged };
        assert_eq!(wrong_peaks.with_fallback(measured).track_peak, measured.track_peak);
        assert_eq!(wrong_peaks.with_fallback(measured).album_peak, Some(1.4));
        // Silence is not amplified.
        assert_eq!(Loudness::from_profiles(Some(&profile(-70.0, -120.0)), None), Loudness::default());
    }
}

//! Measures a whole track in one pass, and combines tracks into an album profile.

use auralis_core::{AudioProfile, Waveform};
use pulp::Arch;

use crate::{
    Frame, LoudnessHistograms,
    loudness::{self, ABSOLUTE_GATE_LUFS, KWeighting, SLICES_PER_S, Windows, slice_end_frame},
    onsets::Onsets,
    simd::{Simd8, SimdTask, dispatch},
    spectrum::{Powers, SILENT_DB, Spectrum, to_db},
    true_peak::{MARGIN_FRAMES, TruePeak},
    waveform::WaveformBuilder,
};

/// Increased whenever the same sound would give a different analysis than before.
pub const ANALYSIS_VERSION: u32 = 1;

/// Slices of a section; one spectrum is made per section.
const SLICES_PER_SECTION: u32 = SLICES_PER_S / Spectrum::SECTIONS_PER_S;

/// Slices of an RMS window (100 ms), from which the noise floor is found.
const SLICES_PER_RMS_WINDOW: u32 = 10;

/// Sections at most this far below integrated loudness count as loud.
const LOUD_RANGE_LU: f64 = 1.0;

/// Sections are grouped by loudness in bins of half a LU.
const LOUDNESS_BINS_PER_LU: f64 = 2.0;

/// Bins from −70 to +30 LUFS.
const LOUDNESS_BINS: usize = 200;

/// Fraction of the RMS windows that lie below the noise floor.
const NOISE_FLOOR_PERCENTILE: f64 = 0.02;

/// Samples beyond +80 dBFS are invalid and are zeroed.
const MAX_SAMPLE: f32 = 1e4;

/// The lowest rate at which loudness is defined; signals below it are measured as if they had this rate.
const MIN_RATE_HZ: u32 = 4_000;

/// The result of an [`Analyser`].
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// Loudness, peaks, spectrum and other measures.
    pub profile: AudioProfile,
    /// Waveform overview.
    pub waveform: Waveform,
    /// Loudness histograms, which an album profile needs besides the track profile.
    pub histograms: LoudnessHistograms,
}

/// Measures a track while it is decoded. The result does not depend on how the frames are cut into blocks. Samples that
/// are not finite count as silence.
pub struct Analyser {
    arch: Arch,
    rate_hz: u32,
    /// A margin that was measured already, the frames to measure, and a margin of look-ahead for the true peak.
    frames: Vec<Frame>,
    /// Slices measured so far.
    slices: u64,
    measured_frames: u64,
    weighting: KWeighting,
    windows: Windows,
    momentary: Vec<f64>,
    short_term: Vec<f64>,
    true_peak: TruePeak,
    max_true_peak: f32,
    max_sample: f32,
    spectrum: Spectrum,
    /// Sections grouped by loudness.
    loudness_bins: Vec<LoudnessBin>,
    waveform: WaveformBuilder,
    onsets: Onsets,
    /// Unweighted mean squares of the 100 ms windows without digital silence.
    rms_windows: Vec<f32>,
    rms_window: RmsWindow,
}

/// Sums over the sections of about one loudness.
#[derive(Clone, Default)]
struct LoudnessBin {
    count: u64,
    /// Sum of unweighted mean squares.
    mean_square: f64,
    powers: Powers,
}

#[derive(Default)]
struct RmsWindow {
    slices: u32,
    mean_square: f32,
    has_silence: bool,
}

impl Analyser {
    /// Creates an analyser for a sample rate from 4 to 768 kHz.
    pub fn new(rate_hz: u32) -> Self {
        let rate_hz = rate_hz.clamp(MIN_RATE_HZ, 768_000);
        Analyser {
            arch: Arch::new(),
            rate_hz,
            frames: vec![[0.0; 2]; MARGIN_FRAMES],
            slices: 0,
            measured_frames: 0,
            weighting: KWeighting::new(rate_hz),
            windows: Windows::default(),
            momentary: Vec::new(),
            short_term: Vec::new(),
            true_peak: TruePeak::new(),
            max_true_peak: 0.0,
            max_sample: 0.0,
            spectrum: Spectrum::new(rate_hz),
            loudness_bins: vec![LoudnessBin::default(); LOUDNESS_BINS],
            waveform: WaveformBuilder::default(),
            onsets: Onsets::default(),
            rms_windows: Vec::new(),
            rms_window: RmsWindow::default(),
        }
    }

    /// Adds the next frames.
    pub fn push(&mut self, mut frames: &[Frame]) {
        while !frames.is_empty() {
            let wanted = 2 * MARGIN_FRAMES + self.section_frames();
            let (taken, remaining) = frames.split_at(frames.len().min(wanted - self.frames.len()));
            let start = self.frames.len();
            self.frames.extend_from_slice(taken);
            zero_invalid_samples(&mut self.frames[start..]);
            frames = remaining;
            if self.frames.len() == wanted {
                self.measure();
            }
        }
    }

    /// Returns the analysis of everything that was pushed.
    pub fn finish(mut self) -> Analysis {
        self.frames.resize(self.frames.len() + MARGIN_FRAMES, [0.0; 2]);
        self.measure();
        let integrated_lufs = loudness::integrated_lufs(self.momentary.iter().map(|energy| (*energy, 1)));
        let loudness_range_lu = loudness::loudness_range_lu(self.short_term.iter().map(|energy| (*energy, 1)));
        let (momentary_max_lufs, short_term_max_lufs) = self.windows.max_lufs();
        let duration_s = self.measured_frames as f64 / f64::from(self.rate_hz);

        let LoudnessBin { count, mean_square, powers } = self.loud_sections(integrated_lufs);
        let sample_peak_dbfs = to_db(f64::from(self.max_sample).powi(2));
        self.rms_windows.sort_unstable_by(f32::total_cmp);
        let noise_floor = self.rms_windows.get((self.rms_windows.len() as f64 * NOISE_FLOOR_PERCENTILE) as usize);

        let mut histograms = LoudnessHistograms::default();
        self.momentary.iter().for_each(|energy| histograms.momentary.add(*energy));
        self.short_term.iter().for_each(|energy| histograms.short_term.add(*energy));
        let profile = AudioProfile {
            duration_s,
            integrated_lufs: integrated_lufs as f32,
            range_lu: loudness_range_lu as f32,
            momentary_max_lufs: momentary_max_lufs as f32,
            short_term_max_lufs: short_term_max_lufs as f32,
            true_peak_dbtp: to_db(f64::from(self.max_true_peak.max(self.max_sample)).powi(2)) as f32,
            sample_peak_dbfs: sample_peak_dbfs as f32,
            crest_db: (sample_peak_dbfs - to_db(mean_square / count.max(1) as f64)).max(0.0) as f32,
            mid_db: powers.mid_db(count),
            side_db: powers.side_db(count),
            correlation: powers.correlation(count),
            centroid_hz: powers.centroid_hz() as f32,
            onsets_per_s: if duration_s > 0.0 { (f64::from(self.onsets.count()) / duration_s) as f32 } else { 0.0 },
            noise_floor_dbfs: noise_floor.map_or(SILENT_DB, |mean_square| to_db(f64::from(*mean_square))) as f32,
        };
        Analysis { profile, waveform: self.waveform.finish(), histograms }
    }

    /// Returns the number of frames of the next section.
    fn section_frames(&self) -> usize {
        (slice_end_frame(self.slices + u64::from(SLICES_PER_SECTION), self.rate_hz) - self.measured_frames) as usize
    }

    /// Measures the frames between the margins: a section, or the end of the track.
    fn measure(&mut self) {
        dispatch(self.arch, MeasureSection(self));
    }

    #[inline(always)]
    fn measure_with<S: Simd8>(&mut self, simd: S) {
        let section = self.frames.len() - 2 * MARGIN_FRAMES;
        if section == 0 {
            return;
        }
        let inner = MARGIN_FRAMES..MARGIN_FRAMES + section;
        let mut energies = 0.0;
        let (mut squares, mut start) = (0.0, 0);
        while start < section {
            let slice_end = (slice_end_frame(self.slices + 1, self.rate_hz) - self.measured_frames) as usize;
            let (end, is_complete) = (slice_end.min(section), slice_end <= section);
            let frames = &self.frames[MARGIN_FRAMES + start..MARGIN_FRAMES + end];
            let weighted = self.weighting.energy(frames);
            let SliceStats { peak, mean_square, diff_mean_square } =
                SliceStats::of(simd, &self.frames[MARGIN_FRAMES + start - 1..MARGIN_FRAMES + end]);
            if is_complete {
                if let Some(block) = self.windows.push(weighted) {
                    self.momentary.push(block.momentary);
                    self.short_term.extend(block.short_term);
                }
                self.onsets.push(diff_mean_square);
                self.add_to_rms_window(mean_square);
            }
            self.waveform.push(peak, mean_square);
            self.max_sample = self.max_sample.max(peak);
            energies += weighted * (end - start) as f64;
            squares += f64::from(mean_square) * (end - start) as f64;
            start = end;
            self.slices += 1;
        }
        self.max_true_peak = self.true_peak.max_peak(simd, &self.frames, self.max_true_peak);

        // The end of a track is too short for a spectrum, unless the track has nothing else.
        if section >= self.spectrum.length() || self.measured_frames == 0 {
            let loudness = loudness::to_lufs(energies / section as f64);
            let bin = &mut self.loudness_bins[loudness_bin(loudness)];
            bin.count += 1;
            bin.mean_square += squares / section as f64;
            bin.powers.add(&self.spectrum.powers(&self.frames[inner]));
        }
        self.measured_frames += section as u64;
        self.frames.drain(..section);
    }

    fn add_to_rms_window(&mut self, mean_square: f32) {
        let window = &mut self.rms_window;
        window.slices += 1;
        window.mean_square += mean_square / SLICES_PER_RMS_WINDOW as f32;
        window.has_silence |= mean_square == 0.0;
        if window.slices == SLICES_PER_RMS_WINDOW {
            let RmsWindow { mean_square, has_silence, .. } = std::mem::take(window);
            if !has_silence {
                self.rms_windows.push(mean_square);
            }
        }
    }

    /// Returns the sums over the loud sections; over all of them if the track has no loudness.
    fn loud_sections(&self, integrated_lufs: f64) -> LoudnessBin {
        let first =
            if integrated_lufs > ABSOLUTE_GATE_LUFS { loudness_bin(integrated_lufs - LOUD_RANGE_LU) } else { 0 };
        let mut loud = LoudnessBin::default();
        for bin in &self.loudness_bins[first..] {
            loud.count += bin.count;
            loud.mean_square += bin.mean_square;
            loud.powers.add(&bin.powers);
        }
        loud
    }
}

struct MeasureSection<'a>(&'a mut Analyser);

impl SimdTask for MeasureSection<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd8>(self, simd: S) {
        self.0.measure_with(simd);
    }
}

/// Returns the bin that counts sections of this loudness.
fn loudness_bin(lufs: f64) -> usize {
    (((lufs - ABSOLUTE_GATE_LUFS) * LOUDNESS_BINS_PER_LU).max(0.0) as usize).min(LOUDNESS_BINS - 1)
}

/// Statistics of a slice, over both channels.
struct SliceStats {
    peak: f32,
    mean_square: f32,
    /// Mean square of the differences between neighbouring samples.
    diff_mean_square: f32,
}

impl SliceStats {
    /// Measures all frames but the first, which is only needed for the difference.
    #[inline(always)]
    fn of<S: Simd8>(simd: S, frames: &[Frame]) -> Self {
        let flat = frames.as_flattened();
        let (now, before) = (&flat[2..], &flat[..flat.len() - 2]);
        let [mut peak, mut squares, mut diff_squares] = [simd.splat(0.0); 3];
        let ((now_eights, now_tail), (before_eights, before_tail)) = (now.as_chunks(), before.as_chunks());
        let tail = [now_tail, before_tail].map(|tail| std::array::from_fn(|i| tail.get(i).copied().unwrap_or(0.0)));
        for (now, before) in now_eights.iter().zip(before_eights).chain([(&tail[0], &tail[1])]) {
            let (now, before) = (simd.load(now), simd.load(before));
            let diff = simd.sub(now, before);
            peak = simd.max(peak, simd.abs(now));
            squares = simd.mul_add(now, now, squares);
            diff_squares = simd.mul_add(diff, diff, diff_squares);
        }
        let [mean_square, diff_mean_square] = [simd.store(squares), simd.store(diff_squares)]
            .map(|sums| sums.iter().sum::<f32>() / now.len().max(1) as f32);
        SliceStats { peak: simd.reduce_max(peak), mean_square, diff_mean_square }
    }
}

/// Sets samples that are NaN, infinite or beyond [`MAX_SAMPLE`] to 0.
pub(crate) fn zero_invalid_samples(frames: &mut [Frame]) {
    let is_valid = |sample: &f32| sample.abs() <= MAX_SAMPLE;
    let samples = frames.as_flattened_mut();
    // Checked without a branch per sample, because invalid samples are very rare.
    if !samples.iter().fold(true, |all, sample| all & is_valid(sample)) {
        samples.iter_mut().filter(|sample| !is_valid(sample)).for_each(|sample| *sample = 0.0);
    }
}

/// Returns the profile of an album as if its tracks were one file; `None` without tracks.
///
/// Loudness is gated over the blocks of all tracks; spectra are averaged, weighted by duration.
pub fn album_profile<'a>(
    tracks: impl Iterator<Item = (&'a AudioProfile, &'a LoudnessHistograms)> + Clone,
) -> Option<AudioProfile> {
    let mut all = LoudnessHistograms::default();
    tracks.clone().for_each(|(_, histograms)| all.merge(histograms));
    let profiles = tracks.map(|(profile, _)| profile);
    let duration_s: f64 = profiles.clone().map(|profile| profile.duration_s).sum();
    let max = |of: fn(&AudioProfile) -> f32| profiles.clone().map(of).fold(f32::NEG_INFINITY, f32::max);
    // Silent tracks have no tone.
    let audible = || profiles.clone().filter(|profile| f64::from(profile.integrated_lufs) > ABSOLUTE_GATE_LUFS);
    let audible_s = audible().map(|profile| profile.duration_s).sum::<f64>().max(f64::MIN_POSITIVE);
    let mean = |of: &dyn Fn(&AudioProfile) -> f64| {
        audible().map(|profile| of(profile) * profile.duration_s).sum::<f64>() / audible_s
    };
    let power = |db: f32| 10f64.powf(f64::from(db) / 10.0);
    let spectrum = |of: fn(&AudioProfile) -> &Vec<f32>| -> Vec<f32> {
        let level = |band| to_db(mean(&|profile| of(profile).get(band).map_or(0.0, |db| power(*db)))) as f32;
        (0..auralis_core::SPECTRUM_BANDS).map(level).collect()
    };
    let correlation = |band| mean(&|profile| profile.correlation.get(band).map_or(1.0, |value| f64::from(*value)));
    profiles.clone().next()?;
    Some(AudioProfile {
        duration_s,
        integrated_lufs: all.integrated_lufs() as f32,
        range_lu: all.loudness_range_lu() as f32,
        momentary_max_lufs: max(|profile| profile.momentary_max_lufs),
        short_term_max_lufs: max(|profile| profile.short_term_max_lufs),
        true_peak_dbtp: max(|profile| profile.true_peak_dbtp),
        sample_peak_dbfs: max(|profile| profile.sample_peak_dbfs),
        crest_db: {
            let loud = |profile: &AudioProfile| power(profile.sample_peak_dbfs - profile.crest_db);
            max(|profile| profile.sample_peak_dbfs) - to_db(mean(&loud)) as f32
        },
        mid_db: spectrum(|profile| &profile.mid_db),
        side_db: spectrum(|profile| &profile.side_db),
        correlation: (0..auralis_core::SPECTRUM_BANDS).map(|band| correlation(band) as f32).collect(),
        centroid_hz: mean(&|profile| f64::from(profile.centroid_hz)) as f32,
        onsets_per_s: {
            let onsets = |profile: &AudioProfile| f64::from(profile.onsets_per_s) * profile.duration_s;
            (profiles.clone().map(onsets).sum::<f64>() / duration_s.max(f64::MIN_POSITIVE)) as f32
        },
        noise_floor_dbfs: audible()
            .map(|profile| profile.noise_floor_dbfs)
            .reduce(f32::min)
            .unwrap_or(SILENT_DB as f32),
    })
}

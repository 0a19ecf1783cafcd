//! What is measured of a whole track, in one pass.

use auralis_core::{AudioProfile, Waveform};
use pulp::Arch;

use crate::{
    Distribution, Frame,
    lanes::{Lanes, Work, best},
    loudness::{self, PIECES_PER_S, SILENCE_LUFS, Weighting, Windows, boundary},
    onsets::Onsets,
    outline::Outline,
    spectrum::{Powers, SILENT_DB, Spectrum, to_db},
    true_peak::{MARGIN, TruePeak},
};

/// Rises whenever the same sound would be measured otherwise than before.
pub const ANALYSIS_VERSION: u32 = 1;

/// Pieces of 10 ms in a stretch, of which one spectrum is made.
const PIECES: u32 = PIECES_PER_S / Spectrum::PER_S;

/// How much quieter than the whole a stretch is at most, to be one of the loud ones.
const LOUD_LU: f64 = 1.0;

/// Stretches are told apart by steps of half a LU.
const STEPS_PER_LU: f64 = 2.0;

/// Steps from silence up to +30 LUFS.
const STEPS: usize = 200;

/// The share of moments that are quieter than what counts as noise floor.
const QUIETEST: f64 = 0.02;

/// Samples above that are none: nothing that is recorded is 80 dB above full scale.
const ABSURD: f32 = 1e4;

/// The lowest rate that has the bands of loudness; slower signals are measured as if they had it.
const SLOWEST_HZ: u32 = 4_000;

/// What [`Analyser`] found.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// The numbers.
    pub profile: AudioProfile,
    /// The outline.
    pub waveform: Waveform,
    /// What the album's profile needs beside the track's.
    pub distribution: Distribution,
}

/// Measures a track while it is decoded. How its frames are cut into blocks changes nothing; samples that are not finite
/// are silent.
pub struct Analyser {
    arch: Arch,
    rate_hz: u32,
    /// What was measured last, which the true peak looks back at; what is to be measured; what it looks ahead at.
    frames: Vec<Frame>,
    /// Pieces that were measured.
    pieces: u64,
    measured_frames: u64,
    weighting: Weighting,
    windows: Windows,
    momentary: Vec<f64>,
    short_term: Vec<f64>,
    true_peak: TruePeak,
    highest_true_peak: f32,
    highest_sample: f32,
    spectrum: Spectrum,
    /// By loudness.
    stretches: Vec<Stretches>,
    outline: Outline,
    onsets: Onsets,
    /// Mean squares of moments of 0.1 s without digital silence, as they are.
    moments: Vec<f32>,
    moment: Moment,
}

/// Stretches of about one loudness.
#[derive(Clone, Default)]
struct Stretches {
    count: u64,
    /// Mean squares, as they are.
    square: f64,
    powers: Powers,
}

#[derive(Default)]
struct Moment {
    pieces: u32,
    square: f32,
    silent: bool,
}

impl Analyser {
    /// For a signal of a rate from 4 to 768 kHz.
    pub fn new(rate_hz: u32) -> Self {
        let rate_hz = rate_hz.clamp(SLOWEST_HZ, 768_000);
        Analyser {
            arch: Arch::new(),
            rate_hz,
            frames: vec![[0.0; 2]; MARGIN],
            pieces: 0,
            measured_frames: 0,
            weighting: Weighting::new(rate_hz),
            windows: Windows::default(),
            momentary: Vec::new(),
            short_term: Vec::new(),
            true_peak: TruePeak::new(),
            highest_true_peak: 0.0,
            highest_sample: 0.0,
            spectrum: Spectrum::new(rate_hz),
            stretches: vec![Stretches::default(); STEPS],
            outline: Outline::default(),
            onsets: Onsets::default(),
            moments: Vec::new(),
            moment: Moment::default(),
        }
    }

    /// Takes the next frames.
    pub fn push(&mut self, mut frames: &[Frame]) {
        while !frames.is_empty() {
            let wanted = 2 * MARGIN + self.stretch();
            let (taken, rest) = frames.split_at(frames.len().min(wanted - self.frames.len()));
            let start = self.frames.len();
            self.frames.extend_from_slice(taken);
            silence_absurd(&mut self.frames[start..]);
            frames = rest;
            if self.frames.len() == wanted {
                self.measure();
            }
        }
    }

    /// The measures of all that was pushed.
    pub fn finish(mut self) -> Analysis {
        self.frames.resize(self.frames.len() + MARGIN, [0.0; 2]);
        self.measure();
        let integrated_lufs = loudness::integrated_lufs(self.momentary.iter().map(|energy| (*energy, 1)));
        let range_lu = loudness::range_lu(self.short_term.iter().map(|energy| (*energy, 1)));
        let (momentary_max_lufs, short_term_max_lufs) = self.windows.highest_lufs();
        let duration_s = self.measured_frames as f64 / f64::from(self.rate_hz);

        let Stretches { count, square, powers } = self.loud(integrated_lufs);
        let sample_peak_dbfs = to_db(f64::from(self.highest_sample).powi(2));
        self.moments.sort_unstable_by(f32::total_cmp);
        let quietest = self.moments.get((self.moments.len() as f64 * QUIETEST) as usize);

        let mut distribution = Distribution::default();
        self.momentary.iter().for_each(|energy| distribution.momentary.add(*energy));
        self.short_term.iter().for_each(|energy| distribution.short_term.add(*energy));
        let profile = AudioProfile {
            duration_s,
            integrated_lufs: integrated_lufs as f32,
            range_lu: range_lu as f32,
            momentary_max_lufs: momentary_max_lufs as f32,
            short_term_max_lufs: short_term_max_lufs as f32,
            true_peak_dbtp: to_db(f64::from(self.highest_true_peak.max(self.highest_sample)).powi(2)) as f32,
            sample_peak_dbfs: sample_peak_dbfs as f32,
            crest_db: (sample_peak_dbfs - to_db(square / count.max(1) as f64)).max(0.0) as f32,
            mid_db: powers.mid_db(count),
            side_db: powers.side_db(count),
            correlation: powers.correlation(count),
            centroid_hz: powers.centroid_hz() as f32,
            onsets_per_s: if duration_s > 0.0 { (f64::from(self.onsets.count()) / duration_s) as f32 } else { 0.0 },
            noise_floor_dbfs: quietest.map_or(SILENT_DB, |square| to_db(f64::from(*square))) as f32,
        };
        Analysis { profile, waveform: self.outline.finish(), distribution }
    }

    /// How many frames the next stretch has.
    fn stretch(&self) -> usize {
        (boundary(self.pieces + u64::from(PIECES), self.rate_hz) - self.measured_frames) as usize
    }

    /// Measures what is between the margins: a stretch, or the rest.
    fn measure(&mut self) {
        best(self.arch, Measuring(self));
    }

    #[inline(always)]
    fn measure_on<L: Lanes>(&mut self, lanes: L) {
        let stretch = self.frames.len() - 2 * MARGIN;
        if stretch == 0 {
            return;
        }
        let inner = MARGIN..MARGIN + stretch;
        let mut energies = 0.0;
        let (mut square, mut start) = (0.0, 0);
        while start < stretch {
            let boundary = (boundary(self.pieces + 1, self.rate_hz) - self.measured_frames) as usize;
            let (end, whole) = (boundary.min(stretch), boundary <= stretch);
            let frames = &self.frames[MARGIN + start..MARGIN + end];
            let weighted = self.weighting.energy(frames);
            let Sums { peak, square: of_piece, change } =
                Sums::of(lanes, &self.frames[MARGIN + start - 1..MARGIN + end]);
            if whole {
                if let Some(block) = self.windows.push(weighted) {
                    self.momentary.push(block.momentary);
                    self.short_term.extend(block.short_term);
                }
                self.onsets.push(change);
                self.count_moment(of_piece);
            }
            self.outline.push(peak, of_piece);
            self.highest_sample = self.highest_sample.max(peak);
            energies += weighted * (end - start) as f64;
            square += f64::from(of_piece) * (end - start) as f64;
            start = end;
            self.pieces += 1;
        }
        self.highest_true_peak = self.true_peak.highest(lanes, &self.frames, self.highest_true_peak);

        // The rest of a track is too short for a spectrum, unless it is all of it.
        if stretch >= self.spectrum.length() || self.measured_frames == 0 {
            let loudness = loudness::to_lufs(energies / stretch as f64);
            let of = &mut self.stretches[step(loudness)];
            of.count += 1;
            of.square += square / stretch as f64;
            of.powers.add(&self.spectrum.powers(&self.frames[inner]));
        }
        self.measured_frames += stretch as u64;
        self.frames.drain(..stretch);
    }

    fn count_moment(&mut self, square: f32) {
        const PIECES: u32 = 10;
        let moment = &mut self.moment;
        moment.pieces += 1;
        moment.square += square / PIECES as f32;
        moment.silent |= square == 0.0;
        if moment.pieces == PIECES {
            let Moment { square, silent, .. } = std::mem::take(moment);
            if !silent {
                self.moments.push(square);
            }
        }
    }

    /// The loud stretches; all of them where there is no loudness.
    fn loud(&self, integrated_lufs: f64) -> Stretches {
        let first = if integrated_lufs > SILENCE_LUFS { step(integrated_lufs - LOUD_LU) } else { 0 };
        let mut loud = Stretches::default();
        for stretches in &self.stretches[first..] {
            loud.count += stretches.count;
            loud.square += stretches.square;
            loud.powers.add(&stretches.powers);
        }
        loud
    }
}

struct Measuring<'a>(&'a mut Analyser);

impl Work for Measuring<'_> {
    type Output = ();

    #[inline(always)]
    fn on<L: Lanes>(self, lanes: L) {
        self.0.measure_on(lanes);
    }
}

fn step(lufs: f64) -> usize {
    (((lufs - SILENCE_LUFS) * STEPS_PER_LU).max(0.0) as usize).min(STEPS - 1)
}

/// What is summed up over a piece.
struct Sums {
    peak: f32,
    /// Mean square of both channels.
    square: f32,
    /// Mean square of the differences between neighbours.
    change: f32,
}

impl Sums {
    /// Of all frames but the first, which is there for the difference.
    #[inline(always)]
    fn of<L: Lanes>(lanes: L, frames: &[Frame]) -> Self {
        let flat = frames.as_flattened();
        let (now, before) = (&flat[2..], &flat[..flat.len() - 2]);
        let [mut peak, mut squares, mut changes] = [lanes.splat(0.0); 3];
        let ((now_lanes, now_rest), (before_lanes, before_rest)) = (now.as_chunks(), before.as_chunks());
        let rest = [now_rest, before_rest].map(|of| std::array::from_fn(|i| of.get(i).copied().unwrap_or(0.0)));
        for (now, before) in now_lanes.iter().zip(before_lanes).chain([(&rest[0], &rest[1])]) {
            let (now, before) = (lanes.load(now), lanes.load(before));
            let change = lanes.sub(now, before);
            peak = lanes.max(peak, lanes.abs(now));
            squares = lanes.mul_add(now, now, squares);
            changes = lanes.mul_add(change, change, changes);
        }
        let [square, change] =
            [lanes.store(squares), lanes.store(changes)].map(|sums| sums.iter().sum::<f32>() / now.len().max(1) as f32);
        Sums { peak: lanes.highest(peak), square, change }
    }
}

/// Makes silent what is no sample.
pub(crate) fn silence_absurd(frames: &mut [Frame]) {
    let sane = |sample: &f32| sample.abs() <= ABSURD;
    let samples = frames.as_flattened_mut();
    // Found without a branch for each, because there is next to never one.
    if !samples.iter().fold(true, |all, sample| all & sane(sample)) {
        samples.iter_mut().filter(|sample| !sane(sample)).for_each(|sample| *sample = 0.0);
    }
}

/// An album's profile, as if its tracks were one. Nothing of no tracks.
///
/// Loudness is gated over the blocks of all tracks; spectra are averaged by how long the tracks are.
pub fn album_profile<'a>(
    tracks: impl Iterator<Item = (&'a AudioProfile, &'a Distribution)> + Clone,
) -> Option<AudioProfile> {
    let mut all = Distribution::default();
    tracks.clone().for_each(|(_, distribution)| all.merge(distribution));
    let profiles = tracks.map(|(profile, _)| profile);
    let duration_s: f64 = profiles.clone().map(|profile| profile.duration_s).sum();
    let highest = |of: fn(&AudioProfile) -> f32| profiles.clone().map(of).fold(f32::NEG_INFINITY, f32::max);
    // Silent ones tell nothing of tone.
    let heard = || profiles.clone().filter(|profile| f64::from(profile.integrated_lufs) > SILENCE_LUFS);
    let heard_s = heard().map(|profile| profile.duration_s).sum::<f64>().max(f64::MIN_POSITIVE);
    let mean = |of: &dyn Fn(&AudioProfile) -> f64| {
        heard().map(|profile| of(profile) * profile.duration_s).sum::<f64>() / heard_s
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
        range_lu: all.range_lu() as f32,
        momentary_max_lufs: highest(|profile| profile.momentary_max_lufs),
        short_term_max_lufs: highest(|profile| profile.short_term_max_lufs),
        true_peak_dbtp: highest(|profile| profile.true_peak_dbtp),
        sample_peak_dbfs: highest(|profile| profile.sample_peak_dbfs),
        crest_db: {
            let loud = |profile: &AudioProfile| power(profile.sample_peak_dbfs - profile.crest_db);
            highest(|profile| profile.sample_peak_dbfs) - to_db(mean(&loud)) as f32
        },
        mid_db: spectrum(|profile| &profile.mid_db),
        side_db: spectrum(|profile| &profile.side_db),
        correlation: (0..auralis_core::SPECTRUM_BANDS).map(|band| correlation(band) as f32).collect(),
        centroid_hz: mean(&|profile| f64::from(profile.centroid_hz)) as f32,
        onsets_per_s: {
            let beginnings = |profile: &AudioProfile| f64::from(profile.onsets_per_s) * profile.duration_s;
            (profiles.clone().map(beginnings).sum::<f64>() / duration_s.max(f64::MIN_POSITIVE)) as f32
        },
        noise_floor_dbfs: heard().map(|profile| profile.noise_floor_dbfs).reduce(f32::min).unwrap_or(SILENT_DB as f32),
    })
}

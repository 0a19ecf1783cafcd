//! Onsets of notes and beats: where treble energy rises (P. Masri, 1996, "high frequency content").

/// Slices compared as one window: 30 ms, one period of the lowest tones.
const WINDOW_SLICES: usize = 3;

/// Energy ratio of two neighbouring windows that counts as an onset.
const MIN_ENERGY_RATIO: f32 = 2.0;

/// Energy below which no onset is counted: −80 dBFS.
const MIN_ONSET_ENERGY: f32 = 1e-8;

/// Smallest distance of two onsets: 60 ms, shorter than the notes of any roll.
const MIN_GAP_SLICES: u32 = 6;

/// Counts onsets.
#[derive(Default)]
pub(crate) struct Onsets {
    /// Energies of the last two windows, newest first.
    energies: [f32; 2 * WINDOW_SLICES],
    slices_since_onset: u32,
    is_rising: bool,
    count: u32,
}

impl Onsets {
    /// Adds the next slice of 10 ms by the mean square of its sample differences, in which each octave up counts four
    /// times as much.
    pub fn push(&mut self, energy: f32) {
        self.energies.rotate_right(1);
        self.energies[0] = energy;
        let (now, before) = self.energies.split_at(WINDOW_SLICES);
        let (now, before): (f32, f32) = (now.iter().sum(), before.iter().sum());
        let is_rising = now > MIN_ENERGY_RATIO * before.max(MIN_ONSET_ENERGY);
        self.slices_since_onset = self.slices_since_onset.saturating_add(1);
        if is_rising && !self.is_rising && self.slices_since_onset >= MIN_GAP_SLICES {
            self.count += 1;
            self.slices_since_onset = 0;
        }
        self.is_rising = is_rising;
    }

    /// Returns the number of onsets so far.
    pub fn count(&self) -> u32 {
        self.count
    }
}

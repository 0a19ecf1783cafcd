//! Beginnings of notes and beats: where the energy of the treble rises (after P. Masri, 1996, "high frequency content").

/// Pieces whose energy is looked at together: 30 ms, a period of the lowest tones.
const SPAN: usize = 3;

/// By how many times it rises.
const RISE: f32 = 2.0;

/// Energy below which nothing begins: −80 dB full scale.
const FLOOR: f32 = 1e-8;

/// Pieces in which there is one beginning: 60 ms, faster than any roll.
const APART: u32 = 6;

/// Counts beginnings.
#[derive(Default)]
pub(crate) struct Onsets {
    /// Energies of the last pieces, the newest first.
    pieces: [f32; 2 * SPAN],
    /// Pieces since the last.
    since: u32,
    rising: bool,
    count: u32,
}

impl Onsets {
    /// Takes the next piece of 10 ms: the mean square of the differences between neighbouring samples, in which an octave
    /// higher counts four times.
    pub fn push(&mut self, energy: f32) {
        self.pieces.rotate_right(1);
        self.pieces[0] = energy;
        let (now, before) = self.pieces.split_at(SPAN);
        let (now, before): (f32, f32) = (now.iter().sum(), before.iter().sum());
        let rising = now > RISE * before.max(FLOOR);
        self.since = self.since.saturating_add(1);
        if rising && !self.rising && self.since >= APART {
            self.count += 1;
            self.since = 0;
        }
        self.rising = rising;
    }

    /// How many there were.
    pub fn count(&self) -> u32 {
        self.count
    }
}

//! Loudness histograms of a track, from which an album's loudness is gated over all of its tracks.

use crate::loudness::{ABSOLUTE_GATE_LUFS, integrated_lufs, loudness_range_lu, to_energy, to_lufs};

/// Histogram bins per LU.
const BINS_PER_LU: f64 = 10.0;

/// Bins of a histogram: −70 to +30 LUFS. Louder blocks count in the last bin.
const HISTOGRAM_BINS: usize = 1000;

/// Number of blocks per 0.1 LU, from −70 LUFS upward. Quieter blocks are dropped, as both gates would.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Histogram(Vec<u32>);

impl Histogram {
    pub fn add(&mut self, energy: f64) {
        if energy < to_energy(ABSOLUTE_GATE_LUFS) {
            return;
        }
        let bin = ((to_lufs(energy) - ABSOLUTE_GATE_LUFS) * BINS_PER_LU) as usize;
        let bin = bin.min(HISTOGRAM_BINS - 1);
        if self.0.len() <= bin {
            self.0.resize(bin + 1, 0);
        }
        self.0[bin] += 1;
    }

    fn merge(&mut self, other: &Histogram) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(count, added)| *count = count.saturating_add(*added));
    }

    /// Returns the mean square and count of each bin that is not empty.
    fn iter(&self) -> impl Iterator<Item = (f64, u64)> + Clone {
        let energy = |bin: usize| to_energy(ABSOLUTE_GATE_LUFS + (bin as f64 + 0.5) / BINS_PER_LU);
        self.0.iter().enumerate().filter(|(_, count)| **count > 0).map(move |(i, n)| (energy(i), u64::from(*n)))
    }
}

/// Loudness histograms of a track.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoudnessHistograms {
    /// The gating blocks of integrated loudness (0.4 s).
    pub(crate) momentary: Histogram,
    /// The blocks of the loudness range (3 s).
    pub(crate) short_term: Histogram,
}

impl LoudnessHistograms {
    pub(crate) fn merge(&mut self, other: &LoudnessHistograms) {
        self.momentary.merge(&other.momentary);
        self.short_term.merge(&other.short_term);
    }

    pub(crate) fn integrated_lufs(&self) -> f64 {
        integrated_lufs(self.momentary.iter())
    }

    pub(crate) fn loudness_range_lu(&self) -> f64 {
        loudness_range_lu(self.short_term.iter())
    }

    /// Encodes both histograms for storage: the first bin that is not empty, the number of bins from there, their
    /// counts; all as little-endian 32-bit numbers.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut numbers = Vec::new();
        for Histogram(counts) in [&self.momentary, &self.short_term] {
            let first = counts.iter().position(|count| *count > 0).unwrap_or(counts.len());
            numbers.extend([first as u32, (counts.len() - first) as u32]);
            numbers.extend(&counts[first..]);
        }
        numbers.into_iter().flat_map(u32::to_le_bytes).collect()
    }

    /// Decodes what [`to_bytes`](Self::to_bytes) made; `None` for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (numbers, []) = bytes.as_chunks::<4>() else { return None };
        let mut numbers = numbers.iter().map(|bytes| u32::from_le_bytes(*bytes));
        let mut histogram = || {
            let (first, length) = (numbers.next()? as usize, numbers.next()? as usize);
            let end = first.checked_add(length).filter(|end| *end <= HISTOGRAM_BINS)?;
            let mut counts = vec![0; end];
            for count in &mut counts[first..] {
                *count = numbers.next()?;
            }
            Some(Histogram(counts))
        };
        Some(LoudnessHistograms { momentary: histogram()?, short_term: histogram()? })
    }
}

//! How often each loudness occurs: what remains of a track's blocks, so that albums can be gated over all of their
//! tracks.

use crate::loudness::{SILENCE_LUFS, integrated_lufs, range_lu, to_energy, to_lufs};

/// Steps a LU.
const STEPS_PER_LU: f64 = 10.0;

/// Steps in all: up to +30 LUFS, which no sound of sense reaches.
const STEPS: usize = 1000;

/// Counts of blocks by their loudness, from −70 LUFS on in steps of 0.1 LU. Quieter ones are never gated in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Counts(Vec<u32>);

impl Counts {
    pub fn add(&mut self, energy: f64) {
        if energy < to_energy(SILENCE_LUFS) {
            return;
        }
        let step = ((to_lufs(energy) - SILENCE_LUFS) * STEPS_PER_LU) as usize;
        let step = step.min(STEPS - 1);
        if self.0.len() <= step {
            self.0.resize(step + 1, 0);
        }
        self.0[step] += 1;
    }

    fn merge(&mut self, other: &Counts) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(count, more)| *count = count.saturating_add(*more));
    }

    /// Each loudness that occurs, as its mean square, and how often it does.
    fn iter(&self) -> impl Iterator<Item = (f64, u64)> + Clone {
        let energy = |step: usize| to_energy(SILENCE_LUFS + (step as f64 + 0.5) / STEPS_PER_LU);
        self.0.iter().enumerate().filter(|(_, count)| **count > 0).map(move |(i, n)| (energy(i), u64::from(*n)))
    }
}

/// The loudness of a track's blocks, as far as albums need it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Distribution {
    /// Of the gating blocks of integrated loudness.
    pub(crate) momentary: Counts,
    /// Of those of the loudness range.
    pub(crate) short_term: Counts,
}

impl Distribution {
    pub(crate) fn merge(&mut self, other: &Distribution) {
        self.momentary.merge(&other.momentary);
        self.short_term.merge(&other.short_term);
    }

    pub(crate) fn integrated_lufs(&self) -> f64 {
        integrated_lufs(self.momentary.iter())
    }

    pub(crate) fn range_lu(&self) -> f64 {
        range_lu(self.short_term.iter())
    }

    /// To be kept. For each of both: the first step that occurs, how many steps follow, their counts; all of it in
    /// numbers of 32 bits, little-endian.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut numbers = Vec::new();
        for Counts(counts) in [&self.momentary, &self.short_term] {
            let first = counts.iter().position(|count| *count > 0).unwrap_or(counts.len());
            numbers.extend([first as u32, (counts.len() - first) as u32]);
            numbers.extend(&counts[first..]);
        }
        numbers.into_iter().flat_map(u32::to_le_bytes).collect()
    }

    /// What was kept; nothing if it is none of ours.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (numbers, []) = bytes.as_chunks::<4>() else { return None };
        let mut numbers = numbers.iter().map(|bytes| u32::from_le_bytes(*bytes));
        let mut counts = || {
            let (first, length) = (numbers.next()? as usize, numbers.next()? as usize);
            let end = first.checked_add(length).filter(|end| *end <= STEPS)?;
            let mut counts = vec![0; end];
            for count in &mut counts[first..] {
                *count = numbers.next()?;
            }
            Some(Counts(counts))
        };
        Some(Distribution { momentary: counts()?, short_term: counts()? })
    }
}

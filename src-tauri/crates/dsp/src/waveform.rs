//! Waveform overview of a track: at most 1,000 bins of equal length.

use auralis_core::Waveform;

/// Bins of a finished waveform.
const WAVEFORM_BINS: usize = 1000;

/// Slices kept while building; when reached, neighbouring slices are merged in pairs.
const MAX_SLICES: usize = 8 * WAVEFORM_BINS;

/// Peak amplitude and mean square of a slice.
#[derive(Clone, Copy, Default)]
struct SliceLevel {
    peak: f32,
    mean_square: f32,
}

/// Builds a waveform from slices of equal length.
#[derive(Default)]
pub(crate) struct WaveformBuilder {
    slices: Vec<SliceLevel>,
    /// How many times slices have been merged: each entry of `slices` covers `2^merge_level` pushed slices.
    merge_level: u32,
    /// Slices that do not fill an entry yet; `mean_square` is a sum here.
    pending: SliceLevel,
    pending_count: u32,
}

impl WaveformBuilder {
    /// Adds the next slice by its highest amplitude and mean square.
    pub fn push(&mut self, peak: f32, mean_square: f32) {
        let pending = &mut self.pending;
        *pending = SliceLevel { peak: pending.peak.max(peak), mean_square: pending.mean_square + mean_square };
        self.pending_count += 1;
        if self.pending_count < 1 << self.merge_level {
            return;
        }
        self.flush_pending();
        if self.slices.len() == MAX_SLICES {
            self.slices = self.slices.as_chunks::<2>().0.iter().map(|pair| merge(pair)).collect();
            self.merge_level += 1;
        }
    }

    fn flush_pending(&mut self) {
        let SliceLevel { peak, mean_square } = std::mem::take(&mut self.pending);
        self.slices.push(SliceLevel { peak, mean_square: mean_square / self.pending_count as f32 });
        self.pending_count = 0;
    }

    /// Returns the waveform. A track of fewer than 1,000 slices has one bin per slice.
    pub fn finish(mut self) -> Waveform {
        if self.pending_count > 0 {
            self.flush_pending();
        }
        let count = self.slices.len();
        let bins = count.min(WAVEFORM_BINS);
        let bin = |i: usize| merge(&self.slices[i * count / bins..(i + 1) * count / bins]);
        let (peaks, rms) = (0..bins)
            .map(bin)
            .map(|SliceLevel { peak, mean_square }| (to_byte(peak), to_byte(mean_square.sqrt())))
            .unzip();
        Waveform { peaks, rms }
    }
}

fn merge(slices: &[SliceLevel]) -> SliceLevel {
    let sum = slices.iter().fold(SliceLevel::default(), |sum, slice| SliceLevel {
        peak: sum.peak.max(slice.peak),
        mean_square: sum.mean_square + slice.mean_square,
    });
    SliceLevel { mean_square: sum.mean_square / slices.len().max(1) as f32, ..sum }
}

/// Full scale is 255; amplitudes above full scale are clipped to it.
fn to_byte(amplitude: f32) -> u8 {
    (amplitude * 255.0).round() as u8
}

//! Resamples from the file's rate to the device's.

use rubato::{Fft, FixedSync, Resampler as _, audioadapter_buffers::direct::InterleavedSlice};

use auralis_dsp::Frame;

/// Frames resampled at once.
const CHUNK: usize = 1024;

/// Converts frames from one rate to another, across gapless tracks.
///
/// The filter's delay is cut off at the start and compensated at the end, so `n` frames become `round(n · to / from)`.
/// Equal rates pass unchanged.
pub struct Resampler {
    from_hz: u32,
    to_hz: u32,
    stage: Option<FftStage>,
    /// Frames taken in.
    frames_in: u64,
    /// Frames given out.
    frames_out: u64,
}

struct FftStage {
    fft: Fft<f32>,
    input: Vec<Frame>,
    output: Vec<Frame>,
    /// Frames of the filter's delay that are still to be cut off.
    delay: usize,
}

impl Resampler {
    /// Creates a resampler. The error is for the listener.
    pub fn new(from_hz: u32, to_hz: u32) -> Result<Self, String> {
        let filter = |from, to| -> Result<FftStage, String> {
            let fft = Fft::new(from, to, CHUNK, 2, FixedSync::Input).map_err(|error| error.to_string())?;
            let output = vec![[0.0; 2]; fft.output_frames_max()];
            Ok(FftStage { delay: fft.output_delay(), fft, input: Vec::with_capacity(CHUNK), output })
        };
        let stage = if from_hz == to_hz { None } else { Some(filter(from_hz as usize, to_hz as usize)?) };
        Ok(Self { from_hz, to_hz, stage, frames_in: 0, frames_out: 0 })
    }

    /// Returns the input rate.
    pub fn input_hz(&self) -> u32 {
        self.from_hz
    }

    /// Returns the output frame at which the input so far ends.
    pub fn end_frame(&self) -> u64 {
        let (frames_in, from, to) = (u128::from(self.frames_in), u128::from(self.from_hz), u128::from(self.to_hz));
        ((frames_in * to + from / 2) / from) as u64
    }

    /// Resamples `frames` and appends the result to `out`.
    pub fn push(&mut self, mut frames: &[Frame], out: &mut Vec<Frame>) {
        self.frames_in += frames.len() as u64;
        let before = out.len();
        match &mut self.stage {
            None => out.extend_from_slice(frames),
            Some(filter) => {
                while !frames.is_empty() {
                    let n = frames.len().min(CHUNK - filter.input.len());
                    filter.input.extend_from_slice(&frames[..n]);
                    frames = &frames[n..];
                    filter.run_if_full(out);
                }
            }
        }
        self.frames_out += (out.len() - before) as u64;
    }

    /// Appends what the filter still holds, up to output frame `end_frame`.
    pub fn flush(&mut self, end_frame: u64, out: &mut Vec<Frame>) {
        if let Some(filter) = &mut self.stage {
            while self.frames_out < end_frame {
                let before = out.len();
                filter.input.resize(CHUNK, [0.0; 2]);
                filter.run_if_full(out);
                self.frames_out += (out.len() - before) as u64;
            }
            let beyond = self.frames_out.saturating_sub(end_frame);
            out.truncate(out.len().saturating_sub(beyond as usize));
            self.frames_out -= beyond;
        }
    }
}

impl FftStage {
    fn run_if_full(&mut self, out: &mut Vec<Frame>) {
        if self.input.len() < CHUNK {
            return;
        }
        let room = self.output.len();
        let input = InterleavedSlice::new(self.input.as_flattened(), 2, CHUNK);
        let output = InterleavedSlice::new_mut(self.output.as_flattened_mut(), 2, room);
        let made = match (input, output) {
            (Ok(input), Ok(mut output)) => self.fft.process_into_buffer(&input, &mut output, None),
            _ => return, // cannot happen: the slices have the stated sizes
        };
        self.input.clear();
        let made = made.map_or(0, |(_, made)| made);
        let cut = self.delay.min(made);
        self.delay -= cut;
        out.extend_from_slice(&self.output[cut..made]);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test may fail
mod tests {
    use super::*;

    fn resample(from_hz: u32, to_hz: u32, input: &[Frame]) -> Vec<Frame> {
        let mut resampler = Resampler::new(from_hz, to_hz).unwrap();
        let mut out = Vec::new();
        for chunk in input.chunks(777) {
            resampler.push(chunk, &mut out);
        }
        resampler.flush(resampler.end_frame(), &mut out);
        out
    }

    fn tone(hz: f64, rate_hz: u32, seconds: f64) -> Vec<Frame> {
        let omega = std::f64::consts::TAU * hz / f64::from(rate_hz);
        (0..(seconds * f64::from(rate_hz)) as usize).map(|n| [((omega * n as f64).sin() * 0.5) as f32; 2]).collect()
    }

    /// Amplitude of a tone and of the residual, by least squares over the middle.
    fn split(signal: &[Frame], hz: f64, rate_hz: u32) -> (f64, f64) {
        let omega = std::f64::consts::TAU * hz / f64::from(rate_hz);
        let middle = signal.len() / 8..signal.len() * 7 / 8;
        let samples = || middle.clone().map(|n| (omega * n as f64, f64::from(signal[n][0])));
        let (mut cc, mut ss, mut cs, mut xc, mut xs) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (phase, x) in samples() {
            let (sin, cos) = phase.sin_cos();
            (cc, ss, cs, xc, xs) = (cc + cos * cos, ss + sin * sin, cs + sin * cos, xc + x * cos, xs + x * sin);
        }
        let det = cc * ss - cs * cs;
        let (a, b) = ((xc * ss - xs * cs) / det, (xs * cc - xc * cs) / det);
        let rest = samples().map(|(phase, x)| (x - a * phase.cos() - b * phase.sin()).powi(2)).sum::<f64>();
        (a.hypot(b), (2.0 * rest / middle.len() as f64).sqrt())
    }

    #[test]
    fn tones_stay_what_they_are() {
        for (from_hz, to_hz) in [(44_100, 48_000), (48_000, 44_100), (96_000, 48_000), (44_100, 96_000)] {
            for hz in [100.0, 1_000.0, 10_000.0, 20_000.0] {
                let out = resample(from_hz, to_hz, &tone(hz, from_hz, 2.0));
                let (amplitude, rest) = split(&out, hz, to_hz);
                let db = |ratio: f64| 20.0 * ratio.log10();
                assert!(db(rest / amplitude) < -120.0, "{from_hz} → {to_hz}, {hz}: {} dB", db(rest / amplitude));
                assert!(db(amplitude / 0.5).abs() < 0.05, "{from_hz} → {to_hz}, {hz}: {} dB", db(amplitude / 0.5));
            }
        }
    }

    #[test]
    fn what_the_device_cannot_play_is_gone() {
        for (from_hz, to_hz, hz) in [(96_000, 48_000, 30_000.0), (48_000, 44_100, 23_500.0), (96_000, 44_100, 40_000.0)]
        {
            let out = resample(from_hz, to_hz, &tone(hz, from_hz, 2.0));
            let middle = &out[out.len() / 8..out.len() * 7 / 8];
            let power = middle.iter().map(|frame| f64::from(frame[0]).powi(2)).sum::<f64>() / middle.len() as f64;
            let db = 10.0 * (2.0 * power / 0.25).log10();
            assert!(db < -120.0, "{from_hz} → {to_hz}, {hz}: {db} dB");
        }
    }

    #[test]
    fn every_frame_has_its_place() {
        for (from_hz, to_hz) in [(44_100u32, 48_000u32), (48_000, 44_100), (8_000, 48_000), (192_000, 44_100)] {
            for frames in [1usize, 100, 1023, 1024, 50_001] {
                let out = resample(from_hz, to_hz, &vec![[0.25; 2]; frames]);
                let wanted = (frames as f64 * f64::from(to_hz) / f64::from(from_hz)).round() as usize;
                assert_eq!(out.len(), wanted, "{from_hz} → {to_hz}, {frames}");
            }
        }
    }

    #[test]
    fn equal_rates_pass_untouched() {
        let tone = tone(1_000.0, 44_100, 0.1);
        assert_eq!(resample(44_100, 44_100, &tone), tone);
    }
}

//! From the file's rate to the device's.

use rubato::{Fft, FixedSync, Resampler as _, audioadapter_buffers::direct::InterleavedSlice};

use crate::ring::Frame;

/// Frames that are resampled at once.
const CHUNK: usize = 1024;

/// Turns the frames of one rate into those of another, through any number of tracks.
///
/// The delay of the filter is cut off at the beginning and made up for at the end, so `n` frames become
/// `round(n · to / from)`. Equal rates pass untouched.
pub struct Resampler {
    from_hz: u32,
    to_hz: u32,
    fft: Option<Filter>,
    /// Frames taken in.
    taken: u64,
    /// Frames given out.
    given: u64,
}

struct Filter {
    fft: Fft<f32>,
    input: Vec<Frame>,
    output: Vec<Frame>,
    /// Frames of the filter's delay that are still to be cut off.
    delay: usize,
}

impl Resampler {
    /// A resampler between two rates. The error is for the listener.
    pub fn new(from_hz: u32, to_hz: u32) -> Result<Self, String> {
        let filter = |from, to| -> Result<Filter, String> {
            let fft = Fft::new(from, to, CHUNK, 2, FixedSync::Input).map_err(|error| error.to_string())?;
            let output = vec![[0.0; 2]; fft.output_frames_max()];
            Ok(Filter { delay: fft.output_delay(), fft, input: Vec::with_capacity(CHUNK), output })
        };
        let fft = if from_hz == to_hz { None } else { Some(filter(from_hz as usize, to_hz as usize)?) };
        Ok(Self { from_hz, to_hz, fft, taken: 0, given: 0 })
    }

    /// The rate that is taken in.
    pub fn input_hz(&self) -> u32 {
        self.from_hz
    }

    /// Where the frames that were taken in end among those given out.
    pub fn end(&self) -> u64 {
        let (taken, from, to) = (u128::from(self.taken), u128::from(self.from_hz), u128::from(self.to_hz));
        ((taken * to + from / 2) / from) as u64
    }

    /// Takes frames in and appends what comes of them.
    pub fn push(&mut self, mut frames: &[Frame], out: &mut Vec<Frame>) {
        self.taken += frames.len() as u64;
        let before = out.len();
        match &mut self.fft {
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
        self.given += (out.len() - before) as u64;
    }

    /// Appends what is still inside, up to frame `end` of all that was given out.
    pub fn flush(&mut self, end: u64, out: &mut Vec<Frame>) {
        if let Some(filter) = &mut self.fft {
            while self.given < end {
                let before = out.len();
                filter.input.resize(CHUNK, [0.0; 2]);
                filter.run_if_full(out);
                self.given += (out.len() - before) as u64;
            }
            let beyond = self.given.saturating_sub(end);
            out.truncate(out.len().saturating_sub(beyond as usize));
            self.given -= beyond;
        }
    }
}

impl Filter {
    fn run_if_full(&mut self, out: &mut Vec<Frame>) {
        if self.input.len() < CHUNK {
            return;
        }
        let room = self.output.len();
        let input = InterleavedSlice::new(self.input.as_flattened(), 2, CHUNK);
        let output = InterleavedSlice::new_mut(self.output.as_flattened_mut(), 2, room);
        let made = match (input, output) {
            (Ok(input), Ok(mut output)) => self.fft.process_into_buffer(&input, &mut output, None),
            _ => return, // the slices have the stated sizes
        };
        self.input.clear();
        let made = made.map_or(0, |(_, made)| made);
        let cut = self.delay.min(made);
        self.delay -= cut;
        out.extend_from_slice(&self.output[cut..made]);
    }
}

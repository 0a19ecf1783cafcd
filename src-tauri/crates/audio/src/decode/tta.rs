//! Decodes True Audio (TTA1): frames of about a second that decode independently, with a seek table in front.

use std::{
    fs::File,
    io::{BufReader, Read, Seek, SeekFrom},
};

use auralis_core::SourceFormat;
use auralis_dsp::Frame;
use symphonia::core::audio::Channels;

use super::{
    DecodeError, FileDecoder,
    downmix::Downmix,
    error::{check_length, io_error},
};

/// First bytes of a file, after an ID3 tag.
pub const MAGIC: &[u8] = b"TTA1";

/// Bytes of the header, its checksum included.
const HEADER_BYTES: u64 = 22;
/// Cap on the bytes of a frame: more than a second of any format.
const MAX_FRAME_BYTES: u32 = 1 << 26;

/// Decoder of a TTA file.
pub struct Tta {
    file: BufReader<File>,
    format: SourceFormat,
    bytes_per_sample: usize,
    frames: u64,
    /// Samples per channel in each frame of the file but the last.
    frame_length: u64,
    /// Where each frame of the file begins, and the end of the last.
    offsets: Vec<u64>,
    downmix: Downmix,
    /// The next sample per channel.
    at: u64,
    bytes: Vec<u8>,
    samples: Vec<f32>,
}

impl Tta {
    /// Opens a file whose header begins at `start`.
    pub fn open(mut file: File, start: u64) -> Result<Self, DecodeError> {
        let read = |error: std::io::Error| io_error(&error);
        file.seek(SeekFrom::Start(start)).map_err(read)?;
        let mut file = BufReader::with_capacity(1 << 16, file);
        let mut header = [0; HEADER_BYTES as usize];
        file.read_exact(&mut header).map_err(read)?;
        let u16_at = |at: usize| u32::from(u16::from_le_bytes([header[at], header[at + 1]]));
        let u32_at = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        let (kind, channels, bits, rate_hz) = (u16_at(4), u16_at(6), u16_at(8), u32_at(10));
        let frames = u64::from(u32_at(14));
        if kind != 1 {
            return Err("The file is an encrypted or unusual kind of True Audio, which is not supported.".into());
        }
        if !(1..=8).contains(&channels) || ![8, 16, 24].contains(&bits) || !(1..=1_000_000).contains(&rate_hz) {
            return Err("The file is damaged.".into());
        }
        let frame_length = (256 * u64::from(rate_hz) / 245).max(1);
        let count = frames.div_ceil(frame_length);
        let mut offsets = Vec::new();
        let mut offset = start + HEADER_BYTES + 4 * count + 4;
        offsets.push(offset);
        for _ in 0..count {
            let mut size = [0; 4];
            file.read_exact(&mut size).map_err(read)?;
            offset += u64::from(u32::from_le_bytes(size).min(MAX_FRAME_BYTES));
            offsets.push(offset);
        }
        let bytes_per_sample = bits as usize / 8;
        let format = SourceFormat { codec: "TTA".into(), lossless: true, rate_hz, bits: Some(bits), channels };
        let downmix = Downmix::new(&Channels::Discrete(channels as u16));
        let (bytes, samples) = (Vec::new(), Vec::new());
        Ok(Self { file, format, bytes_per_sample, frames, frame_length, offsets, downmix, at: 0, bytes, samples })
    }

    /// Decodes one frame of the file into `samples`; false at the end of the file.
    fn decode_frame(&mut self, index: u64) -> Result<bool, DecodeError> {
        let [start, end] = [index, index + 1].map(|index| self.offsets[index as usize]);
        self.file.seek(SeekFrom::Start(start)).map_err(|error| io_error(&error))?;
        self.bytes.clear();
        self.file.by_ref().take(end - start).read_to_end(&mut self.bytes).map_err(|error| io_error(&error))?;
        let length = self.frame_length.min(self.frames - index * self.frame_length) as usize;
        let channels = self.format.channels as usize;
        self.samples.clear();
        if self.bytes.is_empty() {
            return Ok(false);
        }
        let scale = 1.0 / (1u32 << (8 * self.bytes_per_sample - 1)) as f32;
        let mut bits = Bits { bytes: &self.bytes, at: 0 };
        let mut states = vec![ChannelState::new(self.bytes_per_sample); channels];
        let mut frame = vec![0i32; channels];
        for _ in 0..length {
            for (sample, state) in frame.iter_mut().zip(&mut states) {
                // Silence stands for what is missing, so that later frames keep their time.
                *sample = state.next(&mut bits).unwrap_or(0);
            }
            decorrelate(&mut frame);
            self.samples.extend(frame.iter().map(|sample| *sample as f32 * scale));
        }
        Ok(true)
    }
}

impl FileDecoder for Tta {
    fn rate_hz(&self) -> u32 {
        self.format.rate_hz
    }

    fn format(&self) -> SourceFormat {
        self.format.clone()
    }

    fn frames(&self) -> Option<u64> {
        Some(self.frames)
    }

    fn seek(&mut self, frame: u64) -> Result<(), DecodeError> {
        self.at = frame;
        Ok(())
    }

    fn read(&mut self, out: &mut Vec<Frame>) -> Result<(), DecodeError> {
        if self.at >= self.frames {
            return Ok(());
        }
        let index = self.at / self.frame_length;
        if !self.decode_frame(index)? {
            return check_length(self.at, Some(self.frames), self.format.rate_hz);
        }
        let skipped = (self.at - index * self.frame_length) as usize * self.format.channels as usize;
        self.downmix.mix(&self.samples[skipped.min(self.samples.len())..], out);
        self.at = ((index + 1) * self.frame_length).min(self.frames);
        Ok(())
    }
}

/// Turns the differences between channels back into channels.
fn decorrelate(frame: &mut [i32]) {
    let last = frame.len() - 1;
    if last == 0 {
        return;
    }
    frame[last] = frame[last].wrapping_add(frame[last - 1] / 2);
    for channel in (0..last).rev() {
        frame[channel] = frame[channel + 1].wrapping_sub(frame[channel]);
    }
}

/// Reads bits, the lowest of each byte first.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn bit(&mut self) -> Option<u32> {
        let byte = *self.bytes.get(self.at / 8)?;
        let bit = byte >> (self.at % 8) & 1;
        self.at += 1;
        Some(u32::from(bit))
    }

    fn bits(&mut self, count: u32) -> Option<u32> {
        let mut value = 0;
        for n in 0..count {
            value |= self.bit()? << n;
        }
        Some(value)
    }

    /// The number of ones before the next zero.
    fn unary(&mut self) -> Option<u32> {
        let mut ones = 0;
        while self.bit()? == 1 {
            ones += 1;
        }
        Some(ones)
    }
}

/// Adaptive Rice parameters, hybrid filter and predictor of one channel.
#[derive(Clone)]
struct ChannelState {
    /// The two Rice parameters, and the averages they follow.
    k: [u32; 2],
    sum: [u32; 2],
    weights: [i32; 8],
    signs: [i32; 8],
    history: [i32; 8],
    error: i32,
    shift: u32,
    predicted: i32,
    bytes_per_sample: usize,
}

impl ChannelState {
    fn new(bytes_per_sample: usize) -> Self {
        Self {
            k: [10; 2],
            sum: [1 << 14; 2],
            weights: [0; 8],
            signs: [0; 8],
            history: [0; 8],
            error: 0,
            shift: [10, 9, 10][bytes_per_sample - 1],
            predicted: 0,
            bytes_per_sample,
        }
    }

    fn next(&mut self, bits: &mut Bits<'_>) -> Option<i32> {
        let residual = self.residual(bits)?;
        let filtered = self.filter(residual);
        let bits_kept = if self.bytes_per_sample == 1 { 4 } else { 5 };
        let predicted = i64::from(self.predicted);
        let sample = filtered.wrapping_add((((predicted << bits_kept) - predicted) >> bits_kept) as i32);
        self.predicted = sample;
        Some(sample)
    }

    fn residual(&mut self, bits: &mut Bits<'_>) -> Option<i32> {
        let unary = bits.unary()?;
        let mut value;
        if unary == 0 {
            value = bits.bits(self.k[0])?;
        } else {
            value = (unary - 1).checked_shl(self.k[1]).unwrap_or(0).wrapping_add(bits.bits(self.k[1])?);
            self.adapt(1, value);
            value = value.wrapping_add(1 << self.k[0]);
        }
        self.adapt(0, value);
        Some(if value & 1 == 1 { (value >> 1) as i32 + 1 } else { -((value >> 1) as i32) })
    }

    fn adapt(&mut self, which: usize, value: u32) {
        let (k, sum) = (&mut self.k[which], &mut self.sum[which]);
        *sum = sum.wrapping_add(value.wrapping_sub(*sum >> 4));
        if *k > 0 && *sum < 1 << (*k + 4) {
            *k -= 1;
        } else if *k < 26 && *sum > 1 << (*k + 5) {
            *k += 1;
        }
    }

    fn filter(&mut self, residual: i32) -> i32 {
        let direction = self.error.signum();
        let mut sum = 1i32 << (self.shift - 1);
        for n in 0..8 {
            self.weights[n] = self.weights[n].wrapping_add(direction * self.signs[n]);
            sum = sum.wrapping_add(self.history[n].wrapping_mul(self.weights[n]));
        }
        self.signs.copy_within(1..5, 0);
        self.history.copy_within(1..5, 0);
        self.signs[4] = self.history[4] >> 30 | 1;
        self.signs[5] = (self.history[5] >> 30 | 2) & !1;
        self.signs[6] = (self.history[6] >> 30 | 2) & !1;
        self.signs[7] = (self.history[7] >> 30 | 4) & !3;
        self.error = residual;
        let sample = residual.wrapping_add(sum >> self.shift);
        let history = &mut self.history;
        history[4] = history[5].wrapping_neg();
        history[5] = history[6].wrapping_neg();
        history[6] = sample.wrapping_sub(history[7]);
        history[7] = sample;
        history[5] = history[5].wrapping_add(history[6]);
        history[4] = history[4].wrapping_add(history[5]);
        sample
    }
}

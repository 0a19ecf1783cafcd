//! Decodes DSD (DSF and DSDIFF files) to PCM at 88.2 or 96 kHz: a linear-phase low-pass, then decimation.

use std::{
    fs::File,
    io::{BufReader, Read, Seek, SeekFrom},
    sync::Arc,
};

use auralis_core::SourceFormat;
use auralis_dsp::Frame;
use symphonia::core::audio::Channels;

use super::{
    DecodeError, FileDecoder,
    downmix::Downmix,
    error::{check_length, io_error},
};

/// First bytes of a DSF file.
pub const DSF_MAGIC: &[u8] = b"DSD ";
/// First bytes of a DSDIFF file.
pub const DSDIFF_MAGIC: &[u8] = b"FRM8";

/// Length of the filter, in output frames: flat to 22 kHz and 110 dB down from 38 kHz on, at 88.2 kHz.
const FILTER_FRAMES: usize = 40;
/// Middle of the transition band, as a share of the output rate: 30 kHz at 88.2 kHz.
const CUTOFF: f64 = 0.34;
/// Shape of the Kaiser window.
const KAISER_BETA: f64 = 11.0;
/// Output frames decoded at once.
const BLOCK_FRAMES: u64 = 2_048;
/// One bit after another that averages to silence.
const SILENCE: u8 = 0x69;

/// Decoder of a DSD file.
pub struct Dsd {
    file: BufReader<File>,
    layout: Layout,
    format: SourceFormat,
    /// Bytes of one channel for each output frame.
    bytes_per_frame: u64,
    frames: u64,
    filter: Arc<Filter>,
    downmix: Downmix,
    /// The next output frame.
    at: u64,
}

/// Where the bits are.
struct Layout {
    /// First byte of the bits in the file.
    start: u64,
    /// Bytes of each channel.
    bytes: u64,
    /// Bytes of one channel before those of the next: 4,096 in DSF, 1 in DSDIFF.
    block: u64,
    channels: u64,
    rate_hz: u32,
    is_lsb_first: bool,
}

impl Dsd {
    /// Opens a DSF or DSDIFF file.
    pub fn open(mut file: File) -> Result<Self, DecodeError> {
        file.rewind().map_err(|error| io_error(&error))?;
        let mut file = BufReader::with_capacity(1 << 16, file);
        let layout = match &bytes_of::<4>(&mut file)?[..] {
            DSF_MAGIC => dsf_layout(&mut file)?,
            _ => dsdiff_layout(&mut file)?,
        };
        let out_hz = if layout.rate_hz.is_multiple_of(44_100) { 88_200 } else { 96_000 };
        let ratio = layout.rate_hz / out_hz;
        if !(1..=8).contains(&layout.channels) || !layout.rate_hz.is_multiple_of(out_hz) || !ratio.is_multiple_of(8) {
            return Err("The file is damaged.".into());
        }
        let bytes_per_frame = u64::from(ratio / 8);
        let channels = layout.channels as u32;
        let format = SourceFormat { codec: "DSD".into(), lossless: true, rate_hz: out_hz, bits: Some(1), channels };
        let filter = Arc::new(Filter::new(ratio as usize));
        let downmix = Downmix::new(&Channels::Discrete(channels as u16));
        let frames = layout.bytes / bytes_per_frame;
        Ok(Self { file, layout, format, bytes_per_frame, frames, filter, downmix, at: 0 })
    }

    /// Reads bytes of each channel, most significant bit first; silence outside of the file.
    fn channel_bytes(&mut self, from: i64, count: usize) -> Result<Vec<Vec<u8>>, DecodeError> {
        let Layout { start, bytes, block, channels, is_lsb_first, .. } = self.layout;
        let mut out = vec![vec![SILENCE; count]; channels as usize];
        let inside = from.max(0) as u64..(from + count as i64).clamp(0, bytes as i64) as u64;
        let first_block = inside.start / block;
        let blocks = inside.end.div_ceil(block).saturating_sub(first_block);
        self.file.seek(SeekFrom::Start(start + first_block * channels * block)).map_err(|error| io_error(&error))?;
        let mut raw = vec![0; (blocks * channels * block) as usize];
        self.file.read_exact(&mut raw).map_err(|error| io_error(&error))?;
        for at in inside {
            let (of_block, within) = (at / block - first_block, at % block);
            for (channel, out) in out.iter_mut().enumerate() {
                let byte = raw[((of_block * channels + channel as u64) * block + within) as usize];
                out[(at as i64 - from) as usize] = if is_lsb_first { byte.reverse_bits() } else { byte };
            }
        }
        Ok(out)
    }
}

impl FileDecoder for Dsd {
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
        let count = BLOCK_FRAMES.min(self.frames.saturating_sub(self.at));
        if count == 0 {
            return Ok(());
        }
        let (step, channels) = (self.bytes_per_frame as usize, self.layout.channels as usize);
        // The filter is centred on the output frame.
        let reach = (self.filter.bytes() / 2) as i64;
        let from = (self.at * self.bytes_per_frame) as i64 - reach;
        let needed = (count as usize - 1) * step + self.filter.bytes();
        let mut samples = vec![0.0; count as usize * channels];
        let bytes = match self.channel_bytes(from, needed) {
            Ok(bytes) => bytes,
            Err(error) => return check_length(self.at, Some(self.frames), self.format.rate_hz).and(Err(error)),
        };
        for (channel, bytes) in bytes.iter().enumerate() {
            for (frame, bytes) in bytes.windows(self.filter.bytes()).step_by(step).enumerate() {
                samples[frame * channels + channel] = self.filter.apply(bytes);
            }
        }
        self.downmix.mix(&samples, out);
        self.at += count;
        Ok(())
    }
}

/// A low-pass over bits, eight at a time by table.
struct Filter {
    /// For each byte of the window, the sum of its taps for each value of the byte.
    tables: Vec<[f32; 256]>,
}

impl Filter {
    fn new(ratio: usize) -> Self {
        let taps = FILTER_FRAMES * ratio;
        let middle = (taps as f64 - 1.0) / 2.0;
        let tap = |n: usize| {
            let t = n as f64 - middle;
            let x = std::f64::consts::TAU * CUTOFF / ratio as f64 * t;
            let sinc = if x == 0.0 { 1.0 } else { x.sin() / x };
            sinc * bessel_i0(KAISER_BETA * (1.0 - (t / (middle + 1.0)).powi(2)).max(0.0).sqrt())
        };
        let taps: Vec<f64> = (0..taps).map(tap).collect();
        let sum: f64 = taps.iter().sum();
        let table = |taps: &[f64]| {
            std::array::from_fn(|byte| {
                let signed = |(n, tap): (usize, &f64)| if byte >> (7 - n) & 1 == 1 { *tap } else { -*tap };
                (taps.iter().enumerate().map(signed).sum::<f64>() / sum) as f32
            })
        };
        Self { tables: taps.chunks_exact(8).map(table).collect() }
    }

    fn bytes(&self) -> usize {
        self.tables.len()
    }

    fn apply(&self, bytes: &[u8]) -> f32 {
        self.tables.iter().zip(bytes).map(|(table, byte)| table[usize::from(*byte)]).sum()
    }
}

/// Modified Bessel function of the first kind, order 0.
fn bessel_i0(x: f64) -> f64 {
    let (mut sum, mut term) = (1.0, 1.0);
    for n in 1..60 {
        term *= (x / 2.0 / f64::from(n)).powi(2);
        sum += term;
    }
    sum
}

fn dsf_layout(file: &mut BufReader<File>) -> Result<Layout, DecodeError> {
    // The rest of the first chunk, then the format chunk.
    bytes_of::<24>(file)?;
    let format = bytes_of::<52>(file)?;
    let u32_at = |at: usize| u32::from_le_bytes([format[at], format[at + 1], format[at + 2], format[at + 3]]);
    if &format[..4] != b"fmt " || u32_at(16) != 0 {
        return Err("The file is damaged.".into());
    }
    let size = u64::from(u32_at(4));
    file.seek_relative(size as i64 - 52).map_err(|error| io_error(&error))?;
    let data = bytes_of::<12>(file)?;
    let start = file.stream_position().map_err(|error| io_error(&error))?;
    let (channels, rate_hz, block) = (u64::from(u32_at(24)), u32_at(28), u64::from(u32_at(44)));
    let bits = u64::from(u32_at(36)) | u64::from(u32_at(40)) << 32;
    if &data[..4] != b"data" || block == 0 || rate_hz == 0 {
        return Err("The file is damaged.".into());
    }
    Ok(Layout { start, bytes: bits / 8, block, channels, rate_hz, is_lsb_first: u32_at(32) == 1 })
}

fn dsdiff_layout(file: &mut BufReader<File>) -> Result<Layout, DecodeError> {
    bytes_of::<12>(file)?; // the size of the file, and its kind
    let (mut channels, mut rate_hz) = (0, 0);
    loop {
        let (name, size) = chunk(file)?;
        match &name {
            b"PROP" => drop(bytes_of::<4>(file)?), // its chunks follow
            b"FS  " if size == 4 => rate_hz = u32::from_be_bytes(bytes_of(file)?),
            b"CHNL" if size >= 2 => {
                channels = u64::from(u16::from_be_bytes(bytes_of(file)?));
                skip(file, size - 2)?;
            }
            b"CMPR" if size >= 4 => {
                if bytes_of::<4>(file)? != *DSF_MAGIC {
                    return Err("The file is DSD compressed by DST, which is not supported.".into());
                }
                skip(file, size - 4)?;
            }
            b"DSD " if channels > 0 && rate_hz > 0 => {
                let start = file.stream_position().map_err(|error| io_error(&error))?;
                return Ok(Layout { start, bytes: size / channels, block: 1, channels, rate_hz, is_lsb_first: false });
            }
            b"DSD " => return Err("The file is damaged.".into()),
            _ => skip(file, size)?,
        }
    }
}

/// The name and size of the next chunk of DSDIFF.
fn chunk(file: &mut BufReader<File>) -> Result<([u8; 4], u64), DecodeError> {
    let name = bytes_of(file)?;
    Ok((name, u64::from_be_bytes(bytes_of(file)?)))
}

/// Skips the rest of a chunk, which has an even length.
fn skip(file: &mut BufReader<File>, size: u64) -> Result<(), DecodeError> {
    let size = i64::try_from(size.saturating_add(size % 2)).map_err(|_| DecodeError::from("The file is damaged."))?;
    file.seek_relative(size).map_err(|error| io_error(&error))
}

fn bytes_of<const N: usize>(file: &mut BufReader<File>) -> Result<[u8; N], DecodeError> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes).map_err(|error| io_error(&error))?;
    Ok(bytes)
}

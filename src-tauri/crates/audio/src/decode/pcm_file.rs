//! Decodes PCM in containers that symphonia does not read: AU, RF64 and Wave64.

use std::{
    fs::File,
    io::{BufReader, Read, Seek, SeekFrom},
};

use auralis_core::SourceFormat;
use auralis_dsp::Frame;
use symphonia::core::audio::{Channels, Position};

use super::{
    DecodeError, FileDecoder,
    downmix::Downmix,
    error::{check_length, io_error},
};

/// First bytes of an AU file.
pub const AU_MAGIC: &[u8] = b".snd";
/// First bytes of an RF64 file, a WAV that may be larger than 4 GB.
pub const RF64_MAGIC: &[u8] = b"RF64";
/// First bytes of a Wave64 file.
pub const WAVE64_MAGIC: &[u8] = b"riff";

/// Frames decoded at once.
const BLOCK_FRAMES: u64 = 4_096;
/// Length of a chunk's id and size in Wave64.
const WAVE64_HEADER_BYTES: u64 = 24;

/// Decoder of a file with PCM.
pub struct PcmFile {
    file: BufReader<File>,
    layout: Layout,
    frames: u64,
    downmix: Downmix,
    /// The next frame.
    at: u64,
}

struct Layout {
    sample: Sample,
    /// Whether bytes are in order of significance.
    is_big_endian: bool,
    channels: u32,
    rate_hz: u32,
    /// The speakers of the channels, if the file states them.
    positions: Option<Position>,
    start: u64,
    bytes: u64,
}

#[derive(Clone, Copy, PartialEq)]
enum Sample {
    /// Integers of so many bytes; those of one byte are unsigned.
    Integer {
        bytes: usize,
        is_unsigned: bool,
    },
    Float32,
    Float64,
    MuLaw,
    ALaw,
}

impl PcmFile {
    /// Opens a file of one of these kinds.
    pub fn open(mut file: File) -> Result<Self, DecodeError> {
        let length = file.metadata().map_or(u64::MAX, |metadata| metadata.len());
        file.rewind().map_err(|error| io_error(&error))?;
        let mut file = BufReader::with_capacity(1 << 16, file);
        let magic: [u8; 4] = bytes(&mut file)?;
        let layout = match &magic[..] {
            AU_MAGIC => au_layout(&mut file)?,
            RF64_MAGIC => rf64_layout(&mut file)?,
            _ => wave64_layout(&mut file)?,
        };
        let bytes = layout.bytes.min(length.saturating_sub(layout.start));
        let frames = bytes / layout.frame_bytes();
        let channels = match layout.positions.filter(|positions| positions.bits().count_ones() == layout.channels) {
            Some(positions) => Channels::Positioned(positions),
            None => Channels::Discrete(layout.channels as u16),
        };
        Ok(Self { file, frames, downmix: Downmix::new(&channels), layout, at: 0 })
    }
}

impl FileDecoder for PcmFile {
    fn rate_hz(&self) -> u32 {
        self.layout.rate_hz
    }

    fn format(&self) -> SourceFormat {
        let Layout { sample, channels, rate_hz, .. } = self.layout;
        let is_companded = matches!(sample, Sample::MuLaw | Sample::ALaw);
        SourceFormat {
            codec: if is_companded { "PCM, companded" } else { "PCM" }.into(),
            lossless: !is_companded,
            rate_hz,
            bits: if let Sample::Integer { bytes, .. } = sample { Some(8 * bytes as u32) } else { None },
            channels,
        }
    }

    fn frames(&self) -> Option<u64> {
        Some(self.frames)
    }

    fn seek(&mut self, frame: u64) -> Result<(), DecodeError> {
        self.at = frame;
        Ok(())
    }

    fn read(&mut self, out: &mut Vec<Frame>) -> Result<(), DecodeError> {
        let frame_bytes = self.layout.frame_bytes();
        let count = BLOCK_FRAMES.min(self.frames.saturating_sub(self.at));
        let offset = self.layout.start + self.at * frame_bytes;
        self.file.seek(SeekFrom::Start(offset)).map_err(|error| io_error(&error))?;
        let mut raw = Vec::new();
        let wanted = count * frame_bytes;
        self.file.by_ref().take(wanted).read_to_end(&mut raw).map_err(|error| io_error(&error))?;
        let whole = raw.len() as u64 / frame_bytes;
        if whole < count {
            check_length(self.at + whole, Some(self.frames), self.layout.rate_hz)?;
        }
        raw.truncate((whole * frame_bytes) as usize);
        let samples: Vec<f32> =
            raw.chunks_exact(self.layout.sample.bytes()).map(|sample| self.layout.to_f32(sample)).collect();
        self.downmix.mix(&samples, out);
        self.at += whole;
        Ok(())
    }
}

impl Sample {
    fn bytes(self) -> usize {
        match self {
            Self::Integer { bytes, .. } => bytes,
            Self::Float32 => 4,
            Self::Float64 => 8,
            Self::MuLaw | Self::ALaw => 1,
        }
    }
}

impl Layout {
    fn frame_bytes(&self) -> u64 {
        u64::from(self.channels) * self.sample.bytes() as u64
    }

    fn to_f32(&self, sample: &[u8]) -> f32 {
        // The most significant byte first, at the top of a word.
        let mut word = [0; 8];
        let bytes = sample.len();
        word[..bytes].copy_from_slice(sample);
        if !self.is_big_endian {
            word[..bytes].reverse();
        }
        let high = u32::from_be_bytes([word[0], word[1], word[2], word[3]]);
        match self.sample {
            Sample::Integer { is_unsigned, .. } => {
                (high ^ if is_unsigned { 1 << 31 } else { 0 }) as i32 as f32 / 2_147_483_648.0
            }
            Sample::Float32 => f32::from_bits(high),
            Sample::Float64 => f64::from_be_bytes(word) as f32,
            Sample::MuLaw => mu_law(word[0]),
            Sample::ALaw => a_law(word[0]),
        }
    }
}

/// Expands μ-law (ITU-T G.711).
fn mu_law(code: u8) -> f32 {
    let code = !code;
    let magnitude = ((u32::from(code & 0x0F) << 3 | 0x84) << (code >> 4 & 7)) - 0x84;
    (if code & 0x80 == 0 { magnitude as f32 } else { -(magnitude as f32) }) / 32_768.0
}

/// Expands A-law (ITU-T G.711).
fn a_law(code: u8) -> f32 {
    let code = code ^ 0x55;
    let (segment, mantissa) = (code >> 4 & 7, u32::from(code & 0x0F) << 4 | 8);
    let magnitude = if segment == 0 { mantissa } else { (mantissa | 0x100) << (segment - 1) };
    (if code & 0x80 == 0 { -(magnitude as f32) } else { magnitude as f32 }) / 32_768.0
}

fn au_layout(file: &mut BufReader<File>) -> Result<Layout, DecodeError> {
    let fields: [[u8; 4]; 5] = [bytes(file)?, bytes(file)?, bytes(file)?, bytes(file)?, bytes(file)?];
    let [start, size, encoding, rate_hz, channels] = fields.map(u32::from_be_bytes);
    let sample = match encoding {
        1 => Sample::MuLaw,
        2..=5 => Sample::Integer { bytes: encoding as usize - 1, is_unsigned: false },
        6 => Sample::Float32,
        7 => Sample::Float64,
        27 => Sample::ALaw,
        _ => return Err("The file is an AU file with compressed sound, which is not supported.".into()),
    };
    let bytes = if size == u32::MAX { u64::MAX } else { u64::from(size) };
    check(Layout { sample, is_big_endian: true, channels, rate_hz, positions: None, start: u64::from(start), bytes })
}

/// RF64 (EBU Tech 3306): sizes that do not fit into 32 bits are in the chunk `ds64`.
fn rf64_layout(file: &mut BufReader<File>) -> Result<Layout, DecodeError> {
    bytes::<8>(file)?;
    let (mut format, mut data_bytes) = (None, 0);
    loop {
        let id: [u8; 4] = bytes(file)?;
        let size = u32::from_le_bytes(bytes(file)?);
        match &id {
            b"ds64" if size >= 16 => {
                bytes::<8>(file)?;
                data_bytes = u64::from_le_bytes(bytes(file)?);
                skip(file, u64::from(size) - 16)?;
            }
            b"fmt " => format = Some(chunk(file, u64::from(size))?),
            b"data" => {
                let bytes = if size == u32::MAX { data_bytes } else { u64::from(size) };
                return wave_layout(file, format.as_deref(), bytes);
            }
            _ => skip(file, u64::from(size) + u64::from(size) % 2)?,
        }
    }
}

/// Wave64 (Sony): like WAV with ids of 16 bytes and sizes of 8 bytes, which include both; chunks are aligned to 8 bytes.
fn wave64_layout(file: &mut BufReader<File>) -> Result<Layout, DecodeError> {
    bytes::<36>(file)?;
    let mut format = None;
    loop {
        let id: [u8; 16] = bytes(file)?;
        let size = u64::from_le_bytes(bytes(file)?).saturating_sub(WAVE64_HEADER_BYTES);
        let padding = size.wrapping_neg() % 8;
        match &id[..4] {
            b"fmt " => {
                format = Some(chunk(file, size)?);
                skip(file, padding)?;
            }
            b"data" => return wave_layout(file, format.as_deref(), size),
            _ => skip(file, size.saturating_add(padding))?,
        }
    }
}

/// Reads a WAV format chunk; the data begins where the file stands.
fn wave_layout(file: &mut BufReader<File>, format: Option<&[u8]>, bytes: u64) -> Result<Layout, DecodeError> {
    let format = format.filter(|format| format.len() >= 16).ok_or("The file is damaged.")?;
    let u16_at = |at: usize| u16::from_le_bytes([format[at], format[at + 1]]);
    let u32_at = |at: usize| u32::from_le_bytes([format[at], format[at + 1], format[at + 2], format[at + 3]]);
    let is_extensible = u16_at(0) == 0xFFFE && format.len() >= 26;
    let tag = if is_extensible { u16_at(24) } else { u16_at(0) };
    let sample = match (tag, u16_at(14)) {
        (1, bits @ (8 | 16 | 24 | 32)) => Sample::Integer { bytes: usize::from(bits) / 8, is_unsigned: bits == 8 },
        (3, 32) => Sample::Float32,
        (3, 64) => Sample::Float64,
        (6, _) => Sample::ALaw,
        (7, _) => Sample::MuLaw,
        _ => return Err("The file is a WAV with compressed sound, which is not supported.".into()),
    };
    let positions = is_extensible.then(|| Position::from_bits(u64::from(u32_at(20)))).flatten();
    let start = file.stream_position().map_err(|error| io_error(&error))?;
    let (channels, rate_hz) = (u32::from(u16_at(2)), u32_at(4));
    check(Layout { sample, is_big_endian: false, channels, rate_hz, positions, start, bytes })
}

fn check(layout: Layout) -> Result<Layout, DecodeError> {
    let is_valid = (1..=32).contains(&layout.channels) && (1..=1_000_000).contains(&layout.rate_hz);
    if is_valid { Ok(layout) } else { Err("The file is damaged.".into()) }
}

fn chunk(file: &mut BufReader<File>, size: u64) -> Result<Vec<u8>, DecodeError> {
    let mut chunk = Vec::new();
    file.take(size.min(1 << 16)).read_to_end(&mut chunk).map_err(|error| io_error(&error))?;
    Ok(chunk)
}

fn skip(file: &mut BufReader<File>, size: u64) -> Result<(), DecodeError> {
    let size = i64::try_from(size).map_err(|_| DecodeError::from("The file is damaged."))?;
    file.seek_relative(size).map_err(|error| io_error(&error))
}

fn bytes<const N: usize>(file: &mut BufReader<File>) -> Result<[u8; N], DecodeError> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes).map_err(|error| io_error(&error))?;
    Ok(bytes)
}

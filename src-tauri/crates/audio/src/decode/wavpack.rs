//! Decodes WavPack, which symphonia does not: blocks of about half a second that decode independently.

use std::{
    fs::File,
    io::{BufReader, ErrorKind, Read, Seek},
    ops::Range,
};

use auralis_core::SourceFormat;
use symphonia::core::audio::{Channels, Position};
use wavicle::{BlockHeader, DecodedStream, Error, Scope, block::HEADER_LEN, decode_stream};

use super::{
    DecodeError, FileDecoder,
    downmix::Downmix,
    error::{check_length, io_error},
};
use auralis_dsp::Frame;

/// First bytes of each block.
pub const MAGIC: &[u8] = b"wvpk";

/// Bytes searched for the next block after damage: more than any block has.
const MAX_RESYNC_BYTES: u64 = 4 << 20;

/// Blocks of the same time: enough for 32 channels.
const MAX_BLOCKS: usize = 32;
/// Id of the part of a block that states its channels.
const CHANNEL_INFO: u8 = 0x0D;

/// Decoder of a WavPack file.
pub struct WavPack {
    file: BufReader<File>,
    format: SourceFormat,
    frames: Option<u64>,
    downmix: Downmix,
    samples: Vec<f32>,
    /// The next frame.
    at: u64,
}

impl WavPack {
    /// Opens a file at its first frame.
    pub fn open(mut file: File) -> Result<Self, DecodeError> {
        file.rewind().map_err(|error| io_error(&error))?;
        let mut file = BufReader::with_capacity(1 << 16, file);
        let blocks = next_blocks(&mut file)?.ok_or("The file is damaged.")?;
        let (header, block) = &blocks[0];
        let first = decode_stream(block).map_err(unsupported)?;
        let count = blocks.iter().map(|(header, _)| header.flags.output_channels()).sum::<u32>();
        let positions = channel_mask(block).and_then(Position::from_bits);
        let channels = match positions.filter(|positions| positions.bits().count_ones() == count) {
            Some(positions) => Channels::Positioned(positions),
            None => Channels::Discrete(count as u16),
        };
        let format = SourceFormat {
            codec: "WavPack".into(),
            lossless: true,
            rate_hz: first.sample_rate,
            bits: Some(first.bits_per_sample),
            channels: count,
        };
        file.rewind().map_err(|error| io_error(&error))?;
        let (frames, downmix) = (header.total_samples, Downmix::new(&channels));
        Ok(Self { file, format, frames, downmix, samples: Vec::new(), at: 0 })
    }

    /// Appends the frames of blocks that hold different channels of the same time.
    fn write_frames(&mut self, header: &BlockHeader, decoded: &[DecodedStream], out: &mut Vec<Frame>) {
        let channels = self.format.channels as usize;
        self.samples.clear();
        self.samples.resize(header.block_samples as usize * channels, 0.0);
        let mut first = 0;
        for block in decoded {
            let scale = (1.0 / f64::from(1u32 << (block.bits_per_sample - 1))) as f32;
            let count = block.channels as usize;
            for (frame, samples) in self.samples.chunks_exact_mut(channels).zip(block.samples.chunks_exact(count)) {
                for (to, from) in frame[first..first + count].iter_mut().zip(samples) {
                    *to = if block.is_float { f32::from_bits(*from as u32) } else { *from as f32 * scale };
                }
            }
            first += count;
        }
        let unwanted = self.at.saturating_sub(header.block_index) as usize * channels;
        self.downmix.mix(self.samples.get(unwanted..).unwrap_or_default(), out);
    }
}

impl FileDecoder for WavPack {
    fn rate_hz(&self) -> u32 {
        self.format.rate_hz
    }

    fn format(&self) -> SourceFormat {
        self.format.clone()
    }

    fn frames(&self) -> Option<u64> {
        self.frames
    }

    fn seek(&mut self, frame: u64) -> Result<(), DecodeError> {
        let broken = |error: std::io::Error| io_error(&error);
        if frame < self.at {
            self.file.rewind().map_err(broken)?;
        }
        self.at = frame;
        // Headers state the length of their block, so skipping costs one header per half second.
        while let Some(header) = next_header(&mut self.file)? {
            let back = -(HEADER_LEN as i64);
            if header.block_index + u64::from(header.block_samples) > frame {
                return self.file.seek_relative(back).map_err(broken);
            }
            self.file.seek_relative(back + header.block_len() as i64).map_err(broken)?;
        }
        Ok(())
    }

    fn read(&mut self, out: &mut Vec<Frame>) -> Result<(), DecodeError> {
        let before = out.len();
        while out.len() == before {
            let Some(blocks) = next_blocks(&mut self.file)? else {
                return check_length(self.at, self.frames, self.format.rate_hz);
            };
            let header = blocks[0].0;
            let end = header.block_index + u64::from(header.block_samples);
            if end <= self.at {
                continue;
            }
            // Blocks state their position: silence replaces lost ones.
            let missing = header.block_index.saturating_sub(self.at).min(60 * u64::from(self.format.rate_hz));
            out.resize(out.len() + missing as usize, [0.0; 2]);
            let decoded: Result<Vec<_>, _> = blocks.iter().map(|(_, block)| decode_stream(block)).collect();
            match decoded {
                Ok(decoded) if decoded.iter().map(|block| block.channels).sum::<u32>() == self.format.channels => {
                    self.write_frames(&header, &decoded, out);
                }
                _ => out.resize(out.len() + (end - self.at.max(header.block_index)) as usize, [0.0; 2]),
            }
            self.at = end;
        }
        Ok(())
    }
}

fn unsupported(error: Error) -> DecodeError {
    let kind = match error {
        Error::OutOfScope(Scope::Dsd) => "DSD in WavPack",
        Error::OutOfScope(Scope::Hybrid | Scope::CorrectionFile) => "lossy WavPack",
        Error::OutOfScope(_) => "WavPack with more than two channels",
        Error::NotYetImplemented(_) | Error::UnsupportedVersion(_) => "an unusual kind of WavPack",
        _ => return "The file is damaged.".into(),
    };
    DecodeError(format!("The file is {kind}, which is not supported."))
}

/// A block with its bytes.
type Block = (BlockHeader, Vec<u8>);

/// Returns the next blocks that hold audio of the same time: one for each pair of channels.
fn next_blocks(file: &mut BufReader<File>) -> Result<Option<Vec<Block>>, DecodeError> {
    let mut blocks = Vec::new();
    while let Some((header, mut block)) = next_block(file)? {
        // The decoder refuses more than two channels, although it decodes each block alone.
        if let Some(count) = channel_info(&block).and_then(|info| block.get_mut(info)?.first_mut()) {
            *count = (*count).min(2);
        }
        if header.flags.initial_block() || blocks.len() >= MAX_BLOCKS {
            blocks.clear();
        }
        blocks.push((header, block));
        if header.flags.final_block() && blocks[0].0.flags.initial_block() {
            return Ok(Some(blocks));
        }
    }
    Ok(None)
}

/// Returns the speakers of the channels, as in WAV, if the block states them.
fn channel_mask(block: &[u8]) -> Option<u64> {
    let mask = block.get(channel_info(block)?)?.get(1..)?;
    Some(mask.iter().take(4).rev().fold(0, |mask, byte| mask << 8 | u64::from(*byte)))
}

/// Finds the part of a block that states the number of all channels and their speakers.
fn channel_info(block: &[u8]) -> Option<Range<usize>> {
    let mut at = HEADER_LEN;
    while let [id, words, ..] = block.get(at..)? {
        let is_large = id & 0x80 != 0;
        let (start, words) = if is_large {
            (4, usize::from(*words) | usize::from(*block.get(at + 2)?) << 8 | usize::from(*block.get(at + 3)?) << 16)
        } else {
            (2, usize::from(*words))
        };
        let end = at + start + 2 * words;
        if id & 0x3F == CHANNEL_INFO {
            return Some(at + start..end - usize::from(id & 0x40 != 0));
        }
        at = end;
    }
    None
}

/// Returns the next block that holds audio.
fn next_block(file: &mut BufReader<File>) -> Result<Option<(BlockHeader, Vec<u8>)>, DecodeError> {
    while let Some(header) = next_header(file)? {
        let mut block = vec![0; header.block_len()];
        file.seek_relative(-(HEADER_LEN as i64)).map_err(|error| io_error(&error))?;
        match file.read_exact(&mut block) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(io_error(&error)),
            Ok(()) if header.block_samples > 0 => return Ok(Some((header, block))),
            Ok(()) => {}
        }
    }
    Ok(None)
}

/// Reads the next header, and searches for it after damage.
fn next_header(file: &mut BufReader<File>) -> Result<Option<BlockHeader>, DecodeError> {
    let mut bytes = [0; HEADER_LEN];
    let end = file.stream_position().map_err(|error| io_error(&error))? + MAX_RESYNC_BYTES;
    loop {
        match file.read_exact(&mut bytes) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(io_error(&error)),
            Ok(()) => {}
        }
        match BlockHeader::parse(&bytes) {
            Ok(header) => return Ok(Some(header)),
            Err(error @ Error::OutOfScope(_)) => return Err(unsupported(error)),
            Err(_) => {}
        }
        let skip = (1..HEADER_LEN).find(|at| MAGIC.starts_with(&bytes[*at..(at + 4).min(HEADER_LEN)]));
        let back = skip.unwrap_or(HEADER_LEN) as i64 - HEADER_LEN as i64;
        file.seek_relative(back).map_err(|error| io_error(&error))?;
        if file.stream_position().map_err(|error| io_error(&error))? > end {
            return Ok(None);
        }
    }
}

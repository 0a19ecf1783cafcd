//! Exports a mastered track as a file, with the decoder and chain used for playback.

use std::{
    io::{self, BufWriter, Seek, SeekFrom, Write},
    path::Path,
    sync::Arc,
};

use auralis_core::{RenderFormat, TimeRange};
use auralis_dsp::{Chain, Dither, Frame, Parameters};
use flacenc::{
    bitsink::ByteSink,
    component::{BitRepr, StreamInfo},
    config,
    error::{Verified, Verify},
    source::{Context, Fill, FrameBuf},
};

use super::reader::{ReadError, Reader};
use crate::decode::{DecodeError, SystemFiles};

/// Frames per FLAC block.
const FLAC_BLOCK: usize = 4_096;
/// The highest rate the encoder supports.
const FLAC_HZ: u32 = 96_000;

/// What to export, and how.
#[derive(Debug, Clone)]
pub struct ExportJob<'a> {
    /// The source file.
    pub path: &'a Path,
    /// A range of it; `None` for the whole file.
    pub range: Option<TimeRange>,
    /// Parameters of the mastering chain.
    pub parameters: &'a Parameters,
    /// Format of the new file.
    pub format: RenderFormat,
    /// Bits per sample: 16 or 24, dithered (see [`Dither`]).
    pub bits: u32,
}

impl From<ReadError> for ExportError {
    fn from(error: ReadError) -> Self {
        Self::Decode(error.into())
    }
}

/// Why an export failed.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The source cannot be decoded.
    #[error("{0}")]
    Decode(#[from] DecodeError),
    /// The new file cannot be written.
    #[error("The file cannot be written: {0}")]
    Write(#[from] io::Error),
    /// The format does not support this track.
    #[error("{0}")]
    Format(String),
}

/// Exports to `file`, which must be empty. `on_progress` is called with the seconds done; returning false cancels the
/// export, which then returns false.
///
/// # Errors
///
/// See [`ExportError`]; the contents of `file` are then unusable.
pub fn export(
    job: &ExportJob<'_>,
    file: &mut (impl Write + Seek),
    mut on_progress: impl FnMut(f64) -> bool,
) -> Result<bool, ExportError> {
    let reader = Reader::start(Arc::new(SystemFiles), job.path.to_owned(), job.range)?;
    let Some(first) = reader.next(|| !on_progress(0.0))? else { return Ok(false) };
    let (rate_hz, mut frames) = (first.rate_hz, first.frames);
    let mut chain = Chain::new(rate_hz, job.parameters);
    let mut dither = Dither::new(job.bits);
    let mut file = BufWriter::new(file);
    let mut encoder = Encoder::new(job.format, rate_hz, job.bits, &mut file)?;
    // Silence flushes the chain at the end; the chain's latency is skipped at the start.
    let (mut early, mut done) = (chain.latency_frames(), 0_u64);
    loop {
        let ended = frames.is_empty();
        if ended {
            frames.resize(chain.latency_frames(), [0.0; 2]);
        }
        chain.process(&mut frames);
        let skipped = early.min(frames.len());
        early -= skipped;
        let out = &mut frames[skipped..];
        dither.process(out);
        encoder.push(out, dither.full_scale_steps(), &mut file)?;
        done += out.len() as u64;
        if ended {
            break;
        }
        let Some(batch) = reader.next(|| !on_progress(done as f64 / f64::from(rate_hz)))? else { return Ok(false) };
        if !batch.frames.is_empty() && batch.rate_hz != rate_hz {
            return Err(ExportError::Format("The file changes its rate.".into()));
        }
        frames = batch.frames;
    }
    encoder.finish(&mut file)?;
    file.flush()?;
    Ok(true)
}

/// Encoder of the new file.
enum Encoder {
    Wav { bits: u32, written: u64, rate_hz: u32 },
    Flac(Box<Flac>),
}

struct Flac {
    config: Verified<config::Encoder>,
    info: StreamInfo,
    /// Counts and hashes the samples.
    context: Context,
    block: FrameBuf,
    /// Samples that do not fill a block yet.
    waiting: Vec<i32>,
}

impl Encoder {
    /// Writes the header of a file.
    fn new(format: RenderFormat, rate_hz: u32, bits: u32, file: &mut (impl Write + Seek)) -> Result<Self, ExportError> {
        let encoder = match format {
            RenderFormat::Wav => Encoder::Wav { bits, written: 0, rate_hz },
            RenderFormat::Flac if rate_hz > FLAC_HZ => {
                let message = format!("FLAC is written up to {} kHz; choose WAV for this track.", FLAC_HZ / 1_000);
                return Err(ExportError::Format(message));
            }
            RenderFormat::Flac => {
                let config = config::Encoder::default().into_verified().map_err(|(_, error)| encoder_error(error))?;
                let mut info = StreamInfo::new(rate_hz as usize, 2, bits as usize).map_err(encoder_error)?;
                info.set_block_sizes(FLAC_BLOCK, FLAC_BLOCK).map_err(encoder_error)?;
                let context = Context::new(bits as usize, 2);
                let block = FrameBuf::with_size(2, FLAC_BLOCK).map_err(encoder_error)?;
                Encoder::Flac(Box::new(Flac { config, info, context, block, waiting: Vec::new() }))
            }
        };
        encoder.write_header(file)?;
        Ok(encoder)
    }

    /// Encodes samples that are integral multiples of the quantization step.
    fn push(&mut self, frames: &[Frame], steps: f32, file: &mut impl Write) -> Result<(), ExportError> {
        let samples = frames.as_flattened().iter().map(|sample| (sample * steps) as i32);
        match self {
            Encoder::Wav { bits, written, .. } => {
                for sample in samples {
                    file.write_all(&sample.to_le_bytes()[..*bits as usize / 8])?;
                    *written += u64::from(*bits / 8);
                }
            }
            Encoder::Flac(flac) => {
                flac.waiting.extend(samples);
                let whole = flac.waiting.len() / (FLAC_BLOCK * 2) * (FLAC_BLOCK * 2);
                let later = flac.waiting.split_off(whole);
                let now = std::mem::replace(&mut flac.waiting, later);
                for block in now.chunks(FLAC_BLOCK * 2) {
                    flac.encode(block, file)?;
                }
            }
        }
        Ok(())
    }

    /// Writes the remaining samples, and the header again with final sizes.
    fn finish(mut self, file: &mut (impl Write + Seek)) -> Result<(), ExportError> {
        if let Encoder::Flac(flac) = &mut self {
            let rest = std::mem::take(&mut flac.waiting);
            if !rest.is_empty() {
                flac.encode(&rest, file)?;
            }
            flac.info.set_md5_digest(&flac.context.md5_digest());
            // The last block may be shorter; the stated size is that of all others.
            flac.info.set_block_sizes(FLAC_BLOCK, FLAC_BLOCK).map_err(encoder_error)?;
        }
        file.seek(SeekFrom::Start(0))?;
        self.write_header(file)
    }

    fn write_header(&self, file: &mut impl Write) -> Result<(), ExportError> {
        match self {
            Encoder::Wav { bits, written, rate_hz } => {
                let (bits, rate_hz) = (*bits as u16, *rate_hz);
                let data = u32::try_from(*written).ok().filter(|data| *data < u32::MAX - 36);
                let data = data.ok_or_else(|| ExportError::Format("A WAV file holds no more than 4 GB.".into()))?;
                let frame_bytes = bits / 8 * 2;
                let mut header = Vec::from(*b"RIFF");
                header.extend((36 + data).to_le_bytes());
                header.extend(*b"WAVEfmt ");
                header.extend(16_u32.to_le_bytes());
                header.extend([1_u16, 2].map(u16::to_le_bytes).as_flattened());
                header.extend([rate_hz, rate_hz * u32::from(frame_bytes)].map(u32::to_le_bytes).as_flattened());
                header.extend([frame_bytes, bits].map(u16::to_le_bytes).as_flattened());
                header.extend(*b"data");
                header.extend(data.to_le_bytes());
                file.write_all(&header)?;
            }
            Encoder::Flac(flac) => {
                let mut header = ByteSink::new();
                flac.info.write(&mut header).map_err(encoder_error)?;
                file.write_all(b"fLaC")?;
                // One metadata block, marked as the last, and its length.
                file.write_all(&[0x80, 0, 0, header.as_slice().len() as u8])?;
                file.write_all(header.as_slice())?;
            }
        }
        Ok(())
    }
}

impl Flac {
    fn encode(&mut self, block: &[i32], file: &mut impl Write) -> Result<(), ExportError> {
        let number = self.context.current_frame_number().map_or(0, |last| last + 1);
        self.context.fill_interleaved(block).map_err(encoder_error)?;
        if block.len() / 2 != self.block.size() {
            self.block = FrameBuf::with_size(2, block.len() / 2).map_err(encoder_error)?;
        }
        self.block.fill_interleaved(block).map_err(encoder_error)?;
        let frame =
            flacenc::encode_fixed_size_frame(&self.config, &self.block, number, &self.info).map_err(encoder_error)?;
        self.info.update_frame_info(&frame);
        let mut bytes = ByteSink::new();
        frame.write(&mut bytes).map_err(encoder_error)?;
        file.write_all(bytes.as_slice())?;
        Ok(())
    }
}

fn encoder_error(error: impl std::fmt::Display) -> ExportError {
    ExportError::Format(error.to_string())
}

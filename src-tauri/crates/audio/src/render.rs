//! A track, mastered, as a file: the same decoder and the same chain as what is heard, as fast as they can.

use std::{
    io::{self, BufWriter, Seek, SeekFrom, Write},
    path::Path,
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

use crate::decode::{DecodeError, Decoder};

/// Frames in a block of FLAC.
const FLAC_BLOCK: usize = 4_096;
/// The highest rate that the encoder writes.
const FLAC_HZ: u32 = 96_000;

/// What is rendered, and how.
#[derive(Debug, Clone)]
pub struct Rendering<'a> {
    /// The file.
    pub path: &'a Path,
    /// The part of it, if not all.
    pub range: Option<TimeRange>,
    /// What is done to it.
    pub parameters: &'a Parameters,
    /// What is made of it.
    pub format: RenderFormat,
    /// Bits of a sample: 16 or 24. What is finer becomes noise (see [`Dither`]).
    pub bits: u32,
}

/// Why a track was not rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// It cannot be decoded.
    #[error("{0}")]
    Decode(#[from] DecodeError),
    /// The new file cannot be written.
    #[error("The file cannot be written: {0}")]
    Write(#[from] io::Error),
    /// The new file cannot be what was asked for.
    #[error("{0}")]
    Format(String),
}

/// Renders into `file`, which is empty. `going` hears now and then how many seconds are done; when it says no, rendering
/// stops and gives back false.
///
/// # Errors
///
/// See [`RenderError`]; `file` is then of no use.
pub fn render(
    rendering: &Rendering<'_>,
    file: &mut (impl Write + Seek),
    mut going: impl FnMut(f64) -> bool,
) -> Result<bool, RenderError> {
    let mut decoder = Decoder::open(rendering.path, rendering.range)?;
    let mut frames = Vec::new();
    decoder.read(&mut frames)?;
    let rate_hz = decoder.rate_hz();
    let mut chain = Chain::new(rate_hz, rendering.parameters);
    let mut dither = Dither::new(rendering.bits);
    let mut file = BufWriter::new(file);
    let mut encoder = Encoder::new(rendering.format, rate_hz, rendering.bits, &mut file)?;
    // What the chain holds back at the end is pushed out by silence; what it gives before the beginning is none.
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
        encoder.push(out, dither.steps(), &mut file)?;
        done += out.len() as u64;
        if ended {
            break;
        }
        if !going(done as f64 / f64::from(rate_hz)) {
            return Ok(false);
        }
        frames.clear();
        decoder.read(&mut frames)?;
        if !frames.is_empty() && decoder.rate_hz() != rate_hz {
            return Err(RenderError::Format("The file changes its rate.".into()));
        }
    }
    encoder.finish(&mut file)?;
    file.flush()?;
    Ok(true)
}

/// Samples on their way into a file.
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
    /// Samples that do not make a block yet.
    waiting: Vec<i32>,
}

impl Encoder {
    /// Writes the head of a file.
    fn new(format: RenderFormat, rate_hz: u32, bits: u32, file: &mut (impl Write + Seek)) -> Result<Self, RenderError> {
        let encoder = match format {
            RenderFormat::Wav => Encoder::Wav { bits, written: 0, rate_hz },
            RenderFormat::Flac if rate_hz > FLAC_HZ => {
                let message = format!("FLAC is written up to {} kHz; choose WAV for this track.", FLAC_HZ / 1_000);
                return Err(RenderError::Format(message));
            }
            RenderFormat::Flac => {
                let config = config::Encoder::default().into_verified().map_err(|(_, error)| unfit(error))?;
                let mut info = StreamInfo::new(rate_hz as usize, 2, bits as usize).map_err(unfit)?;
                info.set_block_sizes(FLAC_BLOCK, FLAC_BLOCK).map_err(unfit)?;
                let context = Context::new(bits as usize, 2);
                let block = FrameBuf::with_size(2, FLAC_BLOCK).map_err(unfit)?;
                Encoder::Flac(Box::new(Flac { config, info, context, block, waiting: Vec::new() }))
            }
        };
        encoder.write_head(file)?;
        Ok(encoder)
    }

    /// Takes samples that are whole numbers of steps.
    fn push(&mut self, frames: &[Frame], steps: f32, file: &mut impl Write) -> Result<(), RenderError> {
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

    /// Writes what waits, and the head once more, which now knows all.
    fn finish(mut self, file: &mut (impl Write + Seek)) -> Result<(), RenderError> {
        if let Encoder::Flac(flac) = &mut self {
            let rest = std::mem::take(&mut flac.waiting);
            if !rest.is_empty() {
                flac.encode(&rest, file)?;
            }
            flac.info.set_md5_digest(&flac.context.md5_digest());
            // The last block may be shorter; the size is that of all others.
            flac.info.set_block_sizes(FLAC_BLOCK, FLAC_BLOCK).map_err(unfit)?;
        }
        file.seek(SeekFrom::Start(0))?;
        self.write_head(file)
    }

    fn write_head(&self, file: &mut impl Write) -> Result<(), RenderError> {
        match self {
            Encoder::Wav { bits, written, rate_hz } => {
                let (bits, rate_hz) = (*bits as u16, *rate_hz);
                let data = u32::try_from(*written).ok().filter(|data| *data < u32::MAX - 36);
                let data = data.ok_or_else(|| RenderError::Format("A WAV file holds no more than 4 GB.".into()))?;
                let frame_bytes = bits / 8 * 2;
                let mut head = Vec::from(*b"RIFF");
                head.extend((36 + data).to_le_bytes());
                head.extend(*b"WAVEfmt ");
                head.extend(16_u32.to_le_bytes());
                head.extend([1_u16, 2].map(u16::to_le_bytes).as_flattened());
                head.extend([rate_hz, rate_hz * u32::from(frame_bytes)].map(u32::to_le_bytes).as_flattened());
                head.extend([frame_bytes, bits].map(u16::to_le_bytes).as_flattened());
                head.extend(*b"data");
                head.extend(data.to_le_bytes());
                file.write_all(&head)?;
            }
            Encoder::Flac(flac) => {
                let mut head = ByteSink::new();
                flac.info.write(&mut head).map_err(unfit)?;
                file.write_all(b"fLaC")?;
                // One block of metadata, the last, of so many bytes.
                file.write_all(&[0x80, 0, 0, head.as_slice().len() as u8])?;
                file.write_all(head.as_slice())?;
            }
        }
        Ok(())
    }
}

impl Flac {
    fn encode(&mut self, block: &[i32], file: &mut impl Write) -> Result<(), RenderError> {
        let number = self.context.current_frame_number().map_or(0, |last| last + 1);
        self.context.fill_interleaved(block).map_err(unfit)?;
        if block.len() / 2 != self.block.size() {
            self.block = FrameBuf::with_size(2, block.len() / 2).map_err(unfit)?;
        }
        self.block.fill_interleaved(block).map_err(unfit)?;
        let frame = flacenc::encode_fixed_size_frame(&self.config, &self.block, number, &self.info).map_err(unfit)?;
        self.info.update_frame_info(&frame);
        let mut bytes = ByteSink::new();
        frame.write(&mut bytes).map_err(unfit)?;
        file.write_all(bytes.as_slice())?;
        Ok(())
    }
}

fn unfit(error: impl std::fmt::Display) -> RenderError {
    RenderError::Format(error.to_string())
}

//! Files, read by symphonia.
//!
//! What a track holds and what is heard of it differ: encoders put frames in front and behind. symphonia cuts them off
//! for MP3 and Vorbis; here it is done for MP4 and Opus, and left alone where it would cut off music.

use std::{
    fs::{self, File},
    io::{ErrorKind, Read, Seek},
    path::{Path, PathBuf},
    sync::LazyLock,
};

use auralis_core::SourceFormat;
use symphonia::core::{
    codecs::{
        CodecParameters,
        audio::{AudioCodecId, AudioDecoder, AudioDecoderOptions, well_known::*},
        registry::CodecRegistry,
    },
    errors::{Error, SeekErrorKind},
    formats::{
        FormatId, FormatOptions, FormatReader, SeekMode, SeekTo, Track, TrackType,
        probe::Hint,
        well_known::{FORMAT_ID_ADTS, FORMAT_ID_FLAC, FORMAT_ID_ISOMP4, FORMAT_ID_OGG},
    },
    io::MediaSourceStream,
    meta::{MetadataOptions, RawValue},
    packet::Packet,
    units::{TimeBase, Timestamp},
};
use symphonia_adapter_libopus::OpusDecoder;

use super::{
    Decode, DecodeError, Opener, check_length,
    fold::Fold,
    mp4, sniff,
    wavpack::{self, WavPack},
};
use crate::ring::Frame;

/// Frames of a packet that are believed before one is seen: more than any codec has.
const LARGEST_PACKET: u64 = 1 << 20;

/// Bad packets in a row after which a file is given up: some seconds of any format.
const PATIENCE: u32 = 200;

static CODECS: LazyLock<CodecRegistry> = LazyLock::new(|| {
    let mut codecs = CodecRegistry::new();
    symphonia::default::register_enabled_codecs(&mut codecs);
    codecs.register_audio_decoder::<OpusDecoder>();
    codecs
});

/// Opens the files of the system.
pub struct FileOpener;

impl Opener for FileOpener {
    fn open(&self, path: &Path) -> Result<Box<dyn Decode>, DecodeError> {
        let mut file = regular_file(path)?;
        let mut head = [0; 16];
        let read = file.read(&mut head).map_err(|error| unreadable(&error))?;
        if head.starts_with(wavpack::MAGIC) {
            return Ok(Box::new(WavPack::open(file)?));
        }
        match FileDecoder::probe(path, file) {
            Ok(decoder) => Ok(Box::new(decoder)),
            Err(error) => Err(match sniff::name(&head[..read]) {
                Some(name) => DecodeError(format!("The file is {name}, which is not supported.")),
                None => error,
            }),
        }
    }
}

struct FileDecoder {
    path: PathBuf,
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    codec: AudioCodecId,
    time_base: TimeBase,
    rate_hz: u32,
    /// The length, where the file tells it exactly.
    frames: Option<u64>,
    /// Frames from this one on are padding that nobody else cuts off.
    limit: i64,
    /// Whether packets tell truly where they stand, also behind damage.
    timed: bool,
    /// Where the first frame that is heard stands among those of the file.
    origin: i64,
    /// Opus: what the header asks the decoder to amplify by.
    gain: f32,
    fold: Option<(usize, Fold)>,
    samples: Vec<f32>,
    /// The frame that is decoded next; told by the packet after a seek.
    at: Option<i64>,
    /// Frames before this one are not wanted.
    wanted: i64,
    bad_packets: u32,
    over: bool,
}

impl FileDecoder {
    fn probe(path: &Path, mut file: File) -> Result<Self, DecodeError> {
        file.rewind().map_err(|error| unreadable(&error))?;
        let length = file.metadata().map_or(0, |metadata| metadata.len());
        let source = MediaSourceStream::new(Box::new(file), Default::default());
        let probe = symphonia::default::get_probe();
        let format = probe.probe(&Hint::new(), source, FormatOptions::default(), MetadataOptions::default()).map_err(
            |error| match error {
                Error::IoError(error) if error.kind() != ErrorKind::UnexpectedEof => unreadable(&error),
                _ => "The file is damaged, or in no audio format that is supported.".into(),
            },
        )?;
        let kind = format.format_info().format;
        let track = format.default_track(TrackType::Audio).ok_or("The file holds no sound.")?.clone();
        let Some(CodecParameters::Audio(params)) = &track.codec_params else {
            return Err("The file holds no sound.".into());
        };
        let rate_hz = params.sample_rate.filter(|rate| *rate > 0).ok_or("The file does not tell its sample rate.")?;
        let mut this = Self {
            path: path.to_owned(),
            decoder: make_decoder(&track)?,
            track: track.id,
            codec: params.codec,
            time_base: track.time_base.or(TimeBase::try_from_recip(rate_hz)).ok_or("The file tells no time.")?,
            rate_hz,
            frames: track.num_frames,
            limit: i64::MAX,
            timed: kind == FORMAT_ID_OGG || kind == FORMAT_ID_FLAC,
            origin: 0,
            gain: opus_gain(params.extra_data.as_deref()),
            fold: None,
            samples: Vec::new(),
            at: None,
            wanted: 0,
            bad_packets: 0,
            over: false,
            format,
        };
        this.bound(kind, &track, length);
        Ok(this)
    }

    /// Finds out which frames are heard.
    fn bound(&mut self, kind: FormatId, track: &Track, length: u64) {
        let mpeg = [CODEC_ID_MP1, CODEC_ID_MP2, CODEC_ID_MP3].contains(&self.codec);
        if kind == FORMAT_ID_ADTS || (mpeg && track.delay.is_none()) {
            self.frames = None; // an estimate by the bit rate
        } else if kind == FORMAT_ID_OGG {
            let delay = if self.codec == CODEC_ID_OPUS { track.delay.unwrap_or(0) } else { 0 };
            self.origin = track.start_ts.get().max(0) + i64::from(delay);
            self.frames = self.frames.map(|end| end.saturating_sub(self.origin as u64));
            return; // packets say what is padding, and another link may follow
        } else if kind == FORMAT_ID_ISOMP4 {
            self.frames = self.frames.or(track.duration.map(|all| self.frames_of(all.get() as i64) as u64));
            if let Some((start, length)) = self.itunes() {
                (self.origin, self.frames) = (start, Some(length));
            } else if let Some(edit) = File::open(&self.path).ok().and_then(|mut file| mp4::edit(&mut file, track.id)) {
                self.origin = self.frames_of(edit.start as i64);
                let rest = self.frames.map(|all| all.saturating_sub(self.origin as u64));
                self.frames = edit.length.map(|length| self.frames_of(length as i64) as u64).or(rest);
            }
        } else if self.frames.is_some_and(|frames| frames >= u64::from(u32::MAX) / 16) && length < 1 << 28 {
            self.frames = None; // a WAV that was written to a pipe
        }
        self.limit = self.frames.map_or(i64::MAX, |frames| frames as i64);
    }

    /// iTunes' own words for delay and length: `00000000 delay padding length …` in hexadecimal.
    fn itunes(&mut self) -> Option<(i64, u64)> {
        let mut metadata = self.format.metadata();
        let tags = &metadata.skip_to_latest()?.media.tags;
        let tag = tags.iter().find(|tag| tag.raw.key.ends_with("iTunSMPB"))?;
        let RawValue::String(text) = &tag.raw.value else { return None };
        let mut numbers = text.split_whitespace().map(|word| u64::from_str_radix(word, 16).ok());
        let (delay, length) = (numbers.nth(1)??, numbers.nth(1)??);
        (length > 0).then_some((delay as i64, length))
    }

    /// Units of the track's time base as frames.
    fn frames_of(&self, ts: i64) -> i64 {
        let (numer, denom) = (i128::from(self.time_base.numer.get()), i128::from(self.time_base.denom.get()));
        let scaled = i128::from(ts) * numer * i128::from(self.rate_hz);
        (scaled + denom / 2).div_euclid(denom) as i64
    }

    fn ts_of(&self, frame: i64) -> Timestamp {
        let (numer, denom) = (i128::from(self.time_base.numer.get()), i128::from(self.time_base.denom.get()));
        Timestamp::new((i128::from(frame) * denom / (numer * i128::from(self.rate_hz))) as i64)
    }

    /// Frames that a decoder needs after a seek until it gives what it would have given without.
    fn pre_roll(&self) -> i64 {
        let ms = match self.codec {
            CODEC_ID_MP1 | CODEC_ID_MP2 | CODEC_ID_MP3 | CODEC_ID_AAC => 100,
            CODEC_ID_OPUS => 500,
            _ => 0,
        };
        i64::from(self.rate_hz) * ms / 1000
    }

    /// Seeks to a frame or somewhat before it; says whether that went well.
    fn try_seek(&mut self, frame: i64) -> bool {
        let ts = self.ts_of((frame + self.origin).max(0));
        let sought = self.format.seek(SeekMode::Accurate, SeekTo::Timestamp { ts, track_id: self.track });
        match sought {
            Ok(sought) => self.frames_of(sought.actual_ts.get()) - self.origin <= frame.max(0),
            Err(Error::SeekError(SeekErrorKind::OutOfRange)) => false,
            Err(error) => {
                tracing::debug!(%error, "seek");
                false
            }
        }
    }

    fn next_packet(&mut self) -> Result<Option<Packet>, DecodeError> {
        loop {
            match self.format.next_packet() {
                Ok(Some(packet)) if packet.track_id == self.track => return Ok(Some(packet)),
                Ok(Some(_)) => {}
                Ok(None) => return self.check_length().map(|()| None),
                Err(Error::IoError(error)) if error.kind() == ErrorKind::UnexpectedEof => {
                    return self.check_length().map(|()| None);
                }
                Err(Error::IoError(error)) => return Err(unreadable(&error)),
                Err(Error::ResetRequired) => self.next_link()?,
                Err(error) => self.bad_packet(&error)?,
            }
        }
    }

    fn check_length(&self) -> Result<(), DecodeError> {
        check_length(self.at.unwrap_or(0).max(0) as u64, self.frames, self.rate_hz)
    }

    fn bad_packet(&mut self, error: &Error) -> Result<(), DecodeError> {
        self.bad_packets += 1;
        if self.bad_packets > PATIENCE {
            tracing::debug!(%error, path = %self.path.display(), "given up");
            return Err("The file is damaged.".into());
        }
        Ok(())
    }

    /// A chained file: another stream begins where the last has ended.
    fn next_link(&mut self) -> Result<(), DecodeError> {
        let track = self.format.default_track(TrackType::Audio).ok_or("The file holds no further sound.")?.clone();
        self.decoder = make_decoder(&track)?;
        if let Some(CodecParameters::Audio(params)) = &track.codec_params {
            self.codec = params.codec;
            self.gain = opus_gain(params.extra_data.as_deref());
            self.rate_hz = params.sample_rate.unwrap_or(self.rate_hz);
        }
        let delay = if self.codec == CODEC_ID_OPUS { track.delay.unwrap_or(0) } else { 0 };
        self.track = track.id;
        self.frames = None;
        // What the links before had is counted on; the delay of this one is not heard.
        let at = self.at.unwrap_or(0);
        self.origin = track.start_ts.get().max(0) + i64::from(delay) - at;
        self.wanted = self.wanted.max(at);
        self.at = None;
        Ok(())
    }

    /// Where the next frame stands. If a part of the file was unreadable, silence keeps the time of what follows.
    fn fill_hole(&mut self, told: i64, out: &mut Vec<Frame>) -> i64 {
        let Some(at) = self.at else { return told };
        let hole = told - at;
        let second = i64::from(self.rate_hz);
        if !self.timed || hole < second / 10 || hole > 60 * second {
            return at;
        }
        out.resize(out.len() + hole as usize, [0.0; 2]);
        told
    }

    /// Decodes a packet into `self.samples`; gives its frames and where the first of them stands.
    fn decode(&mut self, packet: &Packet) -> Result<(usize, i64), Error> {
        let pts = self.frames_of(packet.pts.get()) - self.origin;
        let trims = [CODEC_ID_MP1, CODEC_ID_MP2, CODEC_ID_MP3, CODEC_ID_VORBIS, CODEC_ID_OPUS].contains(&self.codec);
        let trimmed = if trims { packet.trim_start.get() as i64 } else { 0 };
        let buffer = self.decoder.decode(packet)?;
        let channels = buffer.spec().channels();
        let count = channels.count();
        if count == 0 {
            return Err(Error::DecodeError("no channels"));
        }
        if self.fold.as_ref().is_none_or(|(of, _)| *of != count) {
            self.fold = Some((count, Fold::new(channels)));
        }
        buffer.copy_to_vec_interleaved(&mut self.samples);
        if self.gain != 1.0 {
            self.samples.iter_mut().for_each(|sample| *sample *= self.gain);
        }
        Ok((buffer.frames(), pts + trimmed))
    }
}

impl Decode for FileDecoder {
    fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    fn format(&self) -> SourceFormat {
        let params = self.decoder.codec_params();
        let (codec, lossless) = codec_title(self.codec);
        let coded = params.bits_per_coded_sample.or(params.bits_per_sample);
        SourceFormat {
            codec: codec.to_owned(),
            lossless,
            rate_hz: self.rate_hz,
            bits: coded.filter(|_| lossless),
            channels: params.channels.as_ref().map_or(2, |channels| channels.count() as u32),
        }
    }

    fn frames(&self) -> Option<u64> {
        self.frames
    }

    fn seek(&mut self, frame: u64) -> Result<(), DecodeError> {
        self.over = self.frames.is_some_and(|frames| frame >= frames);
        if self.over {
            return Ok(());
        }
        let frame = frame.min(i64::MAX as u64 / 2) as i64;
        let ten_seconds = 10 * i64::from(self.rate_hz);
        // Some files can only be sought roughly, or not at all: then from further before, or from the beginning.
        if !self.try_seek(frame - self.pre_roll()) && !self.try_seek(frame - ten_seconds) {
            *self = Self::probe(&self.path, regular_file(&self.path)?)?;
        } else {
            self.decoder.reset();
        }
        self.at = None;
        self.wanted = frame;
        self.bad_packets = 0;
        Ok(())
    }

    fn read(&mut self, out: &mut Vec<Frame>) -> Result<(), DecodeError> {
        let before = out.len();
        while out.len() == before && !self.over {
            let Some(packet) = self.next_packet()? else {
                self.over = true;
                break;
            };
            let (count, at) = match self.decode(&packet) {
                Ok((count, at)) => {
                    self.bad_packets = 0;
                    (count, self.fill_hole(at, out))
                }
                Err(error) => {
                    self.bad_packet(&error)?;
                    // Silence keeps the time of what follows, once there is a time.
                    let Some(at) = self.at else { continue };
                    let count = self.frames_of(packet.dur.get() as i64).clamp(0, 1 << 16) as usize;
                    let channels = self.fold.as_ref().map_or(1, |(channels, _)| *channels);
                    self.samples.clear();
                    self.samples.resize(count * channels, 0.0);
                    (count, at)
                }
            };
            let Some((channels, fold)) = self.fold.as_ref().filter(|_| count > 0) else { continue };
            let end = at + count as i64;
            self.at = Some(end);
            let first = self.wanted.max(0).clamp(at, end) - at;
            let last = self.limit.clamp(at, end) - at;
            self.over = end >= self.limit;
            if first < last {
                fold.fold(&self.samples[first as usize * channels..last as usize * channels], out);
            }
        }
        Ok(())
    }
}

fn make_decoder(track: &Track) -> Result<Box<dyn AudioDecoder>, DecodeError> {
    let Some(CodecParameters::Audio(params)) = &track.codec_params else {
        return Err("The file holds no sound.".into());
    };
    if params.codec == CODEC_ID_AAC && params.extra_data.as_deref().is_some_and(has_spectral_band_replication) {
        return Err(unsupported(params.codec));
    }
    let mut params = params.clone();
    // Some decoders make room for as many frames as the file says a packet has.
    params.max_frames_per_packet = params.max_frames_per_packet.filter(|frames| *frames <= LARGEST_PACKET);
    let mut options = AudioDecoderOptions::default();
    match params.codec {
        // Without a tag the length is a guess, and what lies behind it would be cut off.
        CODEC_ID_MP1 | CODEC_ID_MP2 | CODEC_ID_MP3 => options = options.gapless(track.delay.is_some()),
        // The decoder would cut the pre-skip off whatever comes first, also after a seek. It is cut off by position.
        CODEC_ID_OPUS => {
            if let Some(pre_skip) = params.extra_data.as_mut().and_then(|head| head.get_mut(10..12)) {
                pre_skip.fill(0);
            }
        }
        _ => {}
    }
    CODECS.make_audio_decoder(&params, &options).map_err(|error| {
        tracing::debug!(%error, "no decoder");
        unsupported(params.codec)
    })
}

fn unsupported(codec: AudioCodecId) -> DecodeError {
    DecodeError(format!("The file holds {}, which is not supported.", codec_name(codec)))
}

/// Whether an AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1) says behind that of plain AAC that it is HE-AAC. symphonia
/// looks for that elsewhere, and would play the lower half of the spectrum.
fn has_spectral_band_replication(config: &[u8]) -> bool {
    matches!(config, [first, _, 0x56, 0xE5, flag, ..] if first >> 3 == 2 && flag & 0x80 != 0)
}

/// The codec's name, and whether it keeps every bit.
fn codec_title(codec: AudioCodecId) -> (&'static str, bool) {
    match codec {
        CODEC_ID_FLAC => ("FLAC", true),
        CODEC_ID_ALAC => ("ALAC", true),
        CODEC_ID_MP1 | CODEC_ID_MP2 => ("MPEG audio", false),
        CODEC_ID_MP3 => ("MP3", false),
        CODEC_ID_AAC => ("AAC", false),
        CODEC_ID_VORBIS => ("Vorbis", false),
        CODEC_ID_OPUS => ("Opus", false),
        CODEC_ID_PCM_ALAW | CODEC_ID_PCM_MULAW => ("PCM, companded", false),
        CODEC_ID_ADPCM_MS | CODEC_ID_ADPCM_IMA_WAV | CODEC_ID_ADPCM_IMA_QT => ("ADPCM", false),
        _ => ("PCM", true),
    }
}

/// What the decoders cannot decode, by name.
fn codec_name(codec: AudioCodecId) -> &'static str {
    match codec {
        CODEC_ID_AAC => "HE-AAC or another extension of AAC",
        CODEC_ID_OPUS => "Opus with more than two channels",
        CODEC_ID_AC3 | CODEC_ID_EAC3 | CODEC_ID_AC4 => "Dolby Digital sound",
        CODEC_ID_DCA => "DTS sound",
        CODEC_ID_TRUEHD => "Dolby TrueHD sound",
        CODEC_ID_WMA => "Windows Media sound",
        CODEC_ID_WAVPACK => "WavPack sound",
        CODEC_ID_MONKEYS_AUDIO => "Monkey's Audio sound",
        CODEC_ID_SPEEX => "Speex sound",
        CODEC_ID_MUSEPACK => "Musepack sound",
        _ => "sound in an unknown format",
    }
}

/// The output gain of an Opus header (RFC 7845, 5.1): dB in 8.8 fixed point.
fn opus_gain(head: Option<&[u8]>) -> f32 {
    match head {
        Some(head) if head.starts_with(b"OpusHead") && head.len() >= 18 => {
            let db = f32::from(i16::from_le_bytes([head[16], head[17]])) / 256.0;
            10f32.powf(db / 20.0)
        }
        _ => 1.0,
    }
}

fn regular_file(path: &Path) -> Result<File, DecodeError> {
    // Looked at before it is opened: to open a FIFO waits for whoever writes into it.
    let metadata = fs::metadata(path).map_err(|error| unreadable(&error))?;
    match metadata.is_file() {
        _ if metadata.is_dir() => Err("It is a folder, not a file.".into()),
        false => Err("It is not a file but a device or a pipe.".into()),
        true if metadata.len() == 0 => Err("The file is empty.".into()),
        true => File::open(path).map_err(|error| unreadable(&error)),
    }
}

/// Why a file cannot be read.
pub fn unreadable(error: &std::io::Error) -> DecodeError {
    match error.kind() {
        ErrorKind::NotFound => "The file is not there any more.".into(),
        ErrorKind::PermissionDenied => "The file may not be read.".into(),
        _ => DecodeError(format!("The file cannot be read: {error}.")),
    }
}

//! Decodes files with symphonia.
//!
//! Encoders add delay and padding. symphonia trims them for MP3 and Vorbis; this module trims MP4 and Opus.

use std::{
    fs::File,
    io::ErrorKind,
    ops::Range,
    path::{Path, PathBuf},
};

use auralis_core::SourceFormat;
use auralis_dsp::Frame;
use symphonia::core::{
    codecs::{
        CodecParameters,
        audio::{AudioCodecId, AudioDecoder, well_known::*},
    },
    errors::{Error, SeekErrorKind},
    formats::{
        FormatId, FormatOptions, FormatReader, SeekMode, SeekTo, Track, TrackType,
        probe::Hint,
        well_known::{FORMAT_ID_ADTS, FORMAT_ID_CAF, FORMAT_ID_FLAC, FORMAT_ID_ISOMP4, FORMAT_ID_MKV, FORMAT_ID_OGG},
    },
    io::MediaSourceStream,
    meta::{MetadataOptions, RawValue},
    packet::Packet,
    units::{Duration, TimeBase, Timestamp},
};

use super::{
    DecodeError, FileDecoder, caf_packets,
    codecs::{codec_label, make_decoder, opus_gain},
    downmix::Downmix,
    error::{check_length, io_error},
    file_range::FileRange,
    mp4_edit_list, ogg_length,
    system_files::regular_file,
};

/// Consecutive bad packets after which a file is given up: some seconds of any format.
const MAX_BAD_PACKETS: u32 = 200;

/// Fewer bytes for each second no codec needs, not even for silence.
const MIN_BYTES_PER_S: u64 = 50;

/// Decoder of a file in any format symphonia reads.
pub struct SymphoniaDecoder {
    path: PathBuf,
    /// The bytes to decode; `None` for all.
    range: Option<Range<u64>>,
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    codec: AudioCodecId,
    time_base: TimeBase,
    rate_hz: u32,
    /// Length in frames, if the file states it exactly.
    frames: Option<u64>,
    /// Frames from here on are padding.
    end_frame: i64,
    /// Packet times are reliable, also after damage.
    has_reliable_timestamps: bool,
    /// First audible frame.
    start_frame: i64,
    /// Opus: output gain of the header.
    gain: f32,
    downmix: Option<(usize, Downmix)>,
    samples: Vec<f32>,
    /// The next frame to decode; unknown after a seek until the first packet.
    at: Option<i64>,
    /// Frames before this one are discarded.
    discard_until: i64,
    bad_packets: u32,
    over: bool,
    /// No packet was read since the last seek.
    is_after_seek: bool,
    /// The delay that packets state is only to the millisecond; it is trimmed by position instead.
    ignores_trim: bool,
    /// Further streams follow the first, and `frames` counts them all.
    is_chained: bool,
}

impl SymphoniaDecoder {
    /// Opens a file, or the audio in a range of its bytes, at its first frame.
    pub fn probe(path: &Path, file: File, range: Option<Range<u64>>) -> Result<Self, DecodeError> {
        let length = file.metadata().map_or(0, |metadata| metadata.len());
        let part = range.clone().unwrap_or(0..length);
        let source = FileRange::new(file, part).map_err(|error| io_error(&error))?;
        let source = MediaSourceStream::new(Box::new(source), Default::default());
        let probe = symphonia::default::get_probe();
        let format = probe.probe(&Hint::new(), source, FormatOptions::default(), MetadataOptions::default()).map_err(
            |error| match error {
                Error::IoError(error) if error.kind() != ErrorKind::UnexpectedEof => io_error(&error),
                _ => "The file is damaged, or in no audio format that is supported.".into(),
            },
        )?;
        let kind = format.format_info().format;
        let track = format.default_track(TrackType::Audio).ok_or("The file holds no sound.")?.clone();
        let Some(CodecParameters::Audio(params)) = &track.codec_params else {
            return Err("The file holds no sound.".into());
        };
        let rate_hz = params.sample_rate.filter(|rate| *rate > 0).ok_or("The file does not state its sample rate.")?;
        let mut this = Self {
            path: path.to_owned(),
            range,
            decoder: make_decoder(&track)?,
            track: track.id,
            codec: params.codec,
            time_base: track
                .time_base
                .or(TimeBase::try_from_recip(rate_hz))
                .ok_or("The file does not state its time base.")?,
            rate_hz,
            frames: track.num_frames,
            end_frame: i64::MAX,
            has_reliable_timestamps: kind == FORMAT_ID_OGG || kind == FORMAT_ID_FLAC,
            start_frame: 0,
            gain: opus_gain(params.extra_data.as_deref()),
            downmix: None,
            samples: Vec::new(),
            at: None,
            discard_until: 0,
            bad_packets: 0,
            over: false,
            is_after_seek: false,
            ignores_trim: false,
            is_chained: false,
            format,
        };
        this.find_playable_range(kind, &track, length);
        Ok(this)
    }

    /// Finds the length, the encoder delay and the padding.
    fn find_playable_range(&mut self, kind: FormatId, track: &Track, length: u64) {
        let mpeg = [CODEC_ID_MP1, CODEC_ID_MP2, CODEC_ID_MP3].contains(&self.codec);
        // Zero stands for an unknown length.
        self.frames = self.frames.filter(|frames| *frames > 0);
        if kind == FORMAT_ID_ISOMP4 {
            self.find_mp4_range(track);
        } else if kind == FORMAT_ID_ADTS || (mpeg && track.delay.is_none()) {
            self.frames = None; // an estimate from the bit rate
        } else if kind == FORMAT_ID_OGG {
            let delay = if self.codec == CODEC_ID_OPUS { track.delay.unwrap_or(0) } else { 0 };
            self.start_frame = track.start_ts.get().max(0) + i64::from(delay);
            self.frames = self.frames.map(|end| end.saturating_sub(self.start_frame as u64));
            let chained_s =
                regular_file(&self.path).ok().and_then(|mut file| ogg_length::chained_duration_s(&mut file));
            if let Some(seconds) = chained_s {
                self.is_chained = true;
                self.frames = Some((seconds * f64::from(self.rate_hz)).round() as u64);
            }
            self.forget_implausible_length(length);
            return; // packets state their padding
        } else if kind == FORMAT_ID_MKV {
            self.find_matroska_range(track);
            self.ignores_trim = true;
            self.forget_implausible_length(length);
            return;
        } else if kind == FORMAT_ID_CAF {
            if let Some(table) = regular_file(&self.path).ok().and_then(|mut file| caf_packets::read(&mut file)) {
                self.start_frame = i64::from(table.priming_frames);
                self.frames = Some(table.valid_frames).filter(|frames| *frames > 0).or(self.frames);
            }
        } else if self.frames.is_some_and(|frames| frames >= u64::from(u32::MAX) / 16) && length < 1 << 28 {
            self.frames = None; // a WAV written to a pipe
        }
        self.forget_implausible_length(length);
        self.end_frame = self.frames.map_or(i64::MAX, |frames| frames as i64);
    }

    /// Forgets a length that only a damaged file states.
    fn forget_implausible_length(&mut self, length: u64) {
        let seconds = self.frames.unwrap_or(0) / u64::from(self.rate_hz);
        if seconds > length / MIN_BYTES_PER_S {
            self.frames = None;
        }
    }

    fn find_mp4_range(&mut self, track: &Track) {
        let Ok(mut file) = regular_file(&self.path) else { return };
        let duration = track.duration.map(|duration| duration.get()).filter(|duration| *duration > 0);
        let duration = mp4_edit_list::fragments_duration(&mut file, track.id).filter(|all| *all > 0).or(duration);
        self.frames = self.frames.or(duration.map(|all| self.frames_of(all as i64) as u64));
        if let Some((start, length)) = self.read_itunsmpb() {
            (self.start_frame, self.frames) = (start, Some(length));
        } else if let Some(edit) = mp4_edit_list::read_edit_list(&mut file, track.id) {
            self.start_frame = self.frames_of(edit.start as i64);
            let rest = self.frames.map(|all| all.saturating_sub(self.start_frame as u64));
            let length = edit.length.filter(|length| *length > 0);
            self.frames = length.map(|length| self.frames_of(length as i64) as u64).or(rest);
        }
    }

    /// Matroska states only a duration to the millisecond: where exactly the end is, the last packet tells.
    fn find_matroska_range(&mut self, track: &Track) {
        if self.codec == CODEC_ID_OPUS
            && let Some(CodecParameters::Audio(params)) = &track.codec_params
            && let Some(pre_skip) = params.extra_data.as_deref().and_then(|head| head.get(10..12))
        {
            let pre_skip = i64::from(u16::from_le_bytes([pre_skip[0], pre_skip[1]]));
            // symphonia shifts times by the delay, rounded down to the file's time base.
            self.start_frame = pre_skip - self.frames_of(self.ts_of(pre_skip).get());
        }
        let info = self.format.media_info();
        if let Some((duration, base)) = info.duration.zip(info.time_base) {
            let (numer, denom) = (f64::from(base.numer.get()), f64::from(base.denom.get()));
            let seconds = duration.get() as f64 * numer / denom;
            self.frames = self.frames.or(Some((seconds * f64::from(self.rate_hz)) as u64));
        }
    }

    /// Reads iTunes' delay and length: `00000000 delay padding length …` in hexadecimal.
    fn read_itunsmpb(&mut self) -> Option<(i64, u64)> {
        let mut metadata = self.format.metadata();
        let tags = &metadata.skip_to_latest()?.media.tags;
        let tag = tags.iter().find(|tag| tag.raw.key.ends_with("iTunSMPB"))?;
        let RawValue::String(text) = &tag.raw.value else { return None };
        let mut numbers = text.split_whitespace().map(|word| u64::from_str_radix(word, 16).ok());
        let (delay, length) = (numbers.nth(1)??, numbers.nth(1)??);
        (length > 0).then_some((delay as i64, length))
    }

    /// Converts units of the track's time base to frames.
    fn frames_of(&self, ts: i64) -> i64 {
        let (numer, denom) = (i128::from(self.time_base.numer.get()), i128::from(self.time_base.denom.get()));
        let scaled = i128::from(ts) * numer * i128::from(self.rate_hz);
        (scaled + denom / 2).div_euclid(denom) as i64
    }

    fn ts_of(&self, frame: i64) -> Timestamp {
        let (numer, denom) = (i128::from(self.time_base.numer.get()), i128::from(self.time_base.denom.get()));
        Timestamp::new((i128::from(frame) * denom / (numer * i128::from(self.rate_hz))) as i64)
    }

    /// Frames a decoder needs after a seek before its output is exact.
    fn pre_roll(&self) -> i64 {
        let ms = match self.codec {
            CODEC_ID_MP1 | CODEC_ID_MP2 | CODEC_ID_MP3 | CODEC_ID_AAC => 100,
            CODEC_ID_OPUS => 500,
            _ => 0,
        };
        i64::from(self.rate_hz) * ms / 1000
    }

    /// Seeks to a frame or a little before it. Returns whether that worked.
    fn try_seek(&mut self, frame: i64) -> bool {
        let ts = self.ts_of((frame + self.start_frame).max(0));
        let seeked = self.format.seek(SeekMode::Accurate, SeekTo::Timestamp { ts, track_id: self.track });
        match seeked {
            Ok(seeked) => self.frames_of(seeked.actual_ts.get()) - self.start_frame <= frame.max(0),
            Err(Error::SeekError(SeekErrorKind::OutOfRange)) => false,
            Err(error) => {
                tracing::debug!(%error, "seek failed, retrying from further back");
                false
            }
        }
    }

    /// Reads from the start again, and discards everything before `frame`.
    fn restart(&mut self, frame: i64) -> Result<(), DecodeError> {
        *self = Self::probe(&self.path, regular_file(&self.path)?, self.range.clone())?;
        self.discard_until = frame;
        Ok(())
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
                Err(Error::IoError(error)) => return Err(io_error(&error)),
                Err(Error::ResetRequired) => self.start_chained_stream()?,
                Err(error) => self.bad_packet(&error)?,
            }
        }
    }

    fn check_length(&self) -> Result<(), DecodeError> {
        check_length(self.at.unwrap_or(0).max(0) as u64, self.frames, self.rate_hz)
    }

    fn bad_packet(&mut self, error: &Error) -> Result<(), DecodeError> {
        self.bad_packets += 1;
        if self.bad_packets > MAX_BAD_PACKETS {
            tracing::debug!(%error, path = %self.path.display(), "gave up on a damaged file");
            return Err("The file is damaged.".into());
        }
        Ok(())
    }

    /// Starts the next stream of a chained file.
    fn start_chained_stream(&mut self) -> Result<(), DecodeError> {
        let track = self.format.default_track(TrackType::Audio).ok_or("The file holds no further sound.")?.clone();
        self.decoder = make_decoder(&track)?;
        if let Some(CodecParameters::Audio(params)) = &track.codec_params {
            self.codec = params.codec;
            self.gain = opus_gain(params.extra_data.as_deref());
            self.rate_hz = params.sample_rate.unwrap_or(self.rate_hz);
        }
        let delay = if self.codec == CODEC_ID_OPUS { track.delay.unwrap_or(0) } else { 0 };
        self.track = track.id;
        if !self.is_chained {
            self.frames = None;
        }
        // Frame numbers continue; the delay of the new stream is skipped.
        let at = self.at.unwrap_or(0);
        self.start_frame = track.start_ts.get().max(0) + i64::from(delay) - at;
        self.discard_until = self.discard_until.max(at);
        self.at = None;
        Ok(())
    }

    /// Returns the position of the next frame. Unreadable parts become silence, so that later frames keep their time.
    fn insert_silence_for_gap(&mut self, stated: i64, out: &mut Vec<Frame>) -> i64 {
        let Some(at) = self.at else { return stated };
        let gap = stated - at;
        let second = i64::from(self.rate_hz);
        if !self.has_reliable_timestamps || gap < second / 10 || gap > 60 * second {
            return at;
        }
        out.resize(out.len() + gap as usize, [0.0; 2]);
        stated
    }

    /// Decodes a packet into `self.samples`. Returns its frames and the position of the first.
    fn decode(&mut self, packet: &Packet) -> Result<(usize, i64), Error> {
        let pts = self.frames_of(packet.pts.get()) - self.start_frame;
        let trims = [CODEC_ID_MP1, CODEC_ID_MP2, CODEC_ID_MP3, CODEC_ID_VORBIS, CODEC_ID_OPUS].contains(&self.codec);
        let mut packet = packet.as_packet_ref();
        if self.ignores_trim {
            packet.trim_start = Duration::ZERO;
        }
        let trimmed = if trims { packet.trim_start.get() as i64 } else { 0 };
        let buffer = self.decoder.decode_ref(&packet)?;
        let channels = buffer.spec().channels();
        let count = channels.count();
        if count == 0 {
            return Err(Error::DecodeError("no channels"));
        }
        if self.downmix.as_ref().is_none_or(|(of, _)| *of != count) {
            self.downmix = Some((count, Downmix::new(channels)));
        }
        buffer.copy_to_vec_interleaved(&mut self.samples);
        if self.gain != 1.0 {
            self.samples.iter_mut().for_each(|sample| *sample *= self.gain);
        }
        Ok((buffer.frames(), pts + trimmed))
    }
}

impl FileDecoder for SymphoniaDecoder {
    fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    fn format(&self) -> SourceFormat {
        let params = self.decoder.codec_params();
        let (codec, lossless) = codec_label(self.codec);
        let coded = params.bits_per_coded_sample.or(params.bits_per_sample);
        SourceFormat {
            codec: codec.to_owned(),
            lossless,
            rate_hz: self.rate_hz,
            bits: coded.filter(|bits| lossless && *bits > 0),
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
        // Some files can be sought only roughly, or not at all: seek further back, or restart.
        if !self.try_seek(frame - self.pre_roll()) && !self.try_seek(frame - ten_seconds) {
            return self.restart(frame);
        }
        self.decoder.reset();
        self.at = None;
        self.discard_until = frame;
        self.bad_packets = 0;
        self.is_after_seek = true;
        Ok(())
    }

    fn read(&mut self, out: &mut Vec<Frame>) -> Result<(), DecodeError> {
        let before = out.len();
        while out.len() == before && !self.over {
            let packet = self.next_packet();
            if self.is_after_seek && !matches!(packet, Ok(Some(_))) {
                // The seek led nowhere, as in some ADPCM files: read from the start instead.
                self.restart(self.discard_until)?;
                continue;
            }
            self.is_after_seek = false;
            let Some(packet) = packet? else {
                self.over = true;
                break;
            };
            let (count, at) = match self.decode(&packet) {
                Ok((count, at)) => {
                    self.bad_packets = 0;
                    (count, self.insert_silence_for_gap(at, out))
                }
                Err(error) => {
                    self.bad_packet(&error)?;
                    // Once the position is known, silence replaces the packet, so that later frames keep their time.
                    let Some(at) = self.at else { continue };
                    let count = self.frames_of(packet.dur.get() as i64).clamp(0, 1 << 16) as usize;
                    let channels = self.downmix.as_ref().map_or(1, |(channels, _)| *channels);
                    self.samples.clear();
                    self.samples.resize(count * channels, 0.0);
                    (count, at)
                }
            };
            let Some((channels, downmix)) = self.downmix.as_ref().filter(|_| count > 0) else { continue };
            let end = at + count as i64;
            self.at = Some(end);
            let first = self.discard_until.max(0).clamp(at, end) - at;
            let last = self.end_frame.clamp(at, end) - at;
            self.over = end >= self.end_frame;
            if first < last {
                downmix.mix(&self.samples[first as usize * channels..last as usize * channels], out);
            }
        }
        Ok(())
    }
}

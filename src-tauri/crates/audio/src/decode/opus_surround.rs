//! Decodes Opus with more than two channels (RFC 7845, 5.1.1): several mono and stereo streams in each packet.

use symphonia::core::{
    audio::{AsGenericAudioBufferRef, AudioBuffer, AudioMut, AudioSpec, Channels, GenericAudioBufferRef, Position},
    codecs::{
        CodecInfo,
        audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions, FinalizeResult},
        registry::RegisterableAudioDecoder,
    },
    errors::{Result, decode_error, unsupported_error},
    packet::PacketRef,
};
use symphonia_adapter_libopus::OpusDecoder;

/// Channel order of the format for 3 to 8 channels.
const LAYOUTS: [&[Position]; 6] = {
    const L: Position = Position::FRONT_LEFT;
    const C: Position = Position::FRONT_CENTER;
    const R: Position = Position::FRONT_RIGHT;
    const RL: Position = Position::REAR_LEFT;
    const RR: Position = Position::REAR_RIGHT;
    const SL: Position = Position::SIDE_LEFT;
    const SR: Position = Position::SIDE_RIGHT;
    const RC: Position = Position::REAR_CENTER;
    const LFE: Position = Position::LFE1;
    [
        &[L, C, R],
        &[L, R, RL, RR],
        &[L, C, R, RL, RR],
        &[L, C, R, RL, RR, LFE],
        &[L, C, R, SL, SR, RC, LFE],
        &[L, C, R, SL, SR, RL, RR, LFE],
    ]
};

/// Decoder of surround Opus.
pub struct SurroundOpus {
    params: AudioCodecParameters,
    /// The streams, the stereo ones first.
    streams: Vec<Box<dyn AudioDecoder>>,
    stereo_streams: usize,
    /// For each output channel its channel among those of all streams; `None` is silent.
    mapping: Vec<Option<usize>>,
    buffer: AudioBuffer<f32>,
    samples: Vec<f32>,
}

impl SurroundOpus {
    /// Creates a decoder by the header in `extra_data`.
    pub fn new(params: &AudioCodecParameters, options: &AudioDecoderOptions) -> Result<Self> {
        let head = params.extra_data.as_deref().unwrap_or_default();
        let Some((&[channels, family, streams, stereo_streams], mapping)) = head
            .get(9)
            .zip(head.get(18..21))
            .map(|(channels, rest)| ([*channels, rest[0], rest[1], rest[2]], &head[21..]))
            .as_ref()
            .map(|(fields, mapping)| (fields, *mapping))
        else {
            return unsupported_error("opus: no channel mapping");
        };
        let Some(layout) = usize::from(channels).checked_sub(3).and_then(|index| LAYOUTS.get(index)) else {
            return unsupported_error("opus: unknown channel layout");
        };
        if family != 1 || stereo_streams > streams || mapping.len() < layout.len() {
            return unsupported_error("opus: unknown channel mapping");
        }
        // The planes of a buffer are in the order of the positions' bits.
        let mut planes: Vec<(Position, u8)> = layout.iter().copied().zip(mapping.iter().copied()).collect();
        planes.sort_by_key(|(position, _)| position.bits());
        let mapping = planes.iter().map(|(_, index)| (*index != u8::MAX).then_some(usize::from(*index))).collect();
        let rate_hz = params.sample_rate.unwrap_or(48_000);
        let stream = |index: u8| {
            let channels = if index < stereo_streams {
                Position::FRONT_LEFT | Position::FRONT_RIGHT
            } else {
                Position::FRONT_LEFT
            };
            let mut params = params.clone();
            params.extra_data = None;
            params.channels = Some(Channels::Positioned(channels));
            OpusDecoder::try_registry_new(&params, options)
        };
        let all = layout.iter().fold(Position::empty(), |all, position| all | *position);
        let spec = AudioSpec::new(rate_hz, Channels::Positioned(all));
        Ok(Self {
            params: params.clone(),
            streams: (0..streams).map(stream).collect::<Result<_>>()?,
            stereo_streams: usize::from(stereo_streams),
            mapping,
            buffer: AudioBuffer::new(spec, 5_760),
            samples: Vec::new(),
        })
    }
}

impl AudioDecoder for SurroundOpus {
    fn reset(&mut self) {
        self.streams.iter_mut().for_each(|stream| stream.reset());
    }

    fn codec_info(&self) -> &CodecInfo {
        &OpusDecoder::supported_codecs()[0].info
    }

    fn codec_params(&self) -> &AudioCodecParameters {
        &self.params
    }

    fn decode_ref(&mut self, packet: &PacketRef<'_>) -> Result<GenericAudioBufferRef<'_>> {
        let mut rest = packet.data;
        let count = self.streams.len();
        let mut decoded = Vec::new();
        for (index, stream) in self.streams.iter_mut().enumerate() {
            let data = if index + 1 == count {
                rest.to_vec()
            } else {
                let Some((data, after)) = split_self_delimited(rest) else {
                    return decode_error("opus: damaged surround packet");
                };
                rest = after;
                data
            };
            let buffer = stream.decode_ref(&PacketRef::new(packet.track_id, packet.pts, packet.dur, &data))?;
            let mut samples = Vec::new();
            buffer.copy_to_vec_interleaved::<f32>(&mut samples);
            decoded.push((samples, buffer.frames()));
        }
        let frames = decoded.iter().map(|(_, frames)| *frames).min().unwrap_or(0);
        self.samples.clear();
        for frame in 0..frames {
            self.samples.extend(self.mapping.iter().map(|index| {
                let Some(index) = *index else { return 0.0 };
                let stereo = 2 * self.stereo_streams;
                if index < stereo {
                    decoded[index / 2].0[2 * frame + index % 2]
                } else {
                    decoded.get(index - self.stereo_streams).map_or(0.0, |(samples, _)| samples[frame])
                }
            }));
        }
        self.buffer.clear();
        if frames > self.buffer.capacity() {
            self.buffer.grow_capacity(frames);
        }
        self.buffer.resize_with_silence(frames);
        self.buffer.copy_from_slice_interleaved(&self.samples);
        self.buffer.trim(packet.trim_start.get() as usize, packet.trim_end.get() as usize);
        Ok(self.buffer.as_generic_audio_buffer_ref())
    }

    fn finalize(&mut self) -> FinalizeResult {
        FinalizeResult::default()
    }

    fn last_decoded(&self) -> GenericAudioBufferRef<'_> {
        self.buffer.as_generic_audio_buffer_ref()
    }
}

/// Takes a self-delimited packet (RFC 6716, appendix B) from the front of `data`. Returns it as an ordinary packet, which
/// lacks the length of its last frame, and the rest.
fn split_self_delimited(data: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let code = data.first()? & 3;
    let mut at = 1;
    let (mut frame_bytes, mut padding) = (0, 0);
    let mut copies = 1;
    match code {
        0 => {}
        1 => copies = 2,
        2 => frame_bytes += length(data, &mut at)?,
        _ => {
            let count = data.get(1)?;
            let (frames, is_variable, is_padded) = (usize::from(count & 0x3F), count & 0x80 != 0, count & 0x40 != 0);
            at += 1;
            let mut has_more_padding = is_padded;
            while has_more_padding {
                let byte = usize::from(*data.get(at)?);
                at += 1;
                padding += byte.min(254);
                has_more_padding = byte == 255;
            }
            if is_variable {
                for _ in 1..frames {
                    frame_bytes += length(data, &mut at)?;
                }
            } else {
                copies = frames;
            }
        }
    }
    let head = &data[..at];
    frame_bytes += copies * length(data, &mut at)?;
    let end = at.checked_add(frame_bytes + padding)?;
    let body = data.get(at..end)?;
    Some(([head, body].concat(), &data[end..]))
}

/// Reads the length of a frame (RFC 6716, 3.2.1).
fn length(data: &[u8], at: &mut usize) -> Option<usize> {
    let first = usize::from(*data.get(*at)?);
    *at += 1;
    if first < 252 {
        return Some(first);
    }
    let second = usize::from(*data.get(*at)?);
    *at += 1;
    Some(first + 4 * second)
}

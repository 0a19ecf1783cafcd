//! Creates decoders, names codecs, and works around their peculiarities.

use std::sync::LazyLock;

use symphonia::core::{
    codecs::{
        CodecParameters,
        audio::{AudioCodecId, AudioDecoder, AudioDecoderOptions, well_known::*},
        registry::CodecRegistry,
    },
    formats::Track,
};
use symphonia_adapter_libopus::OpusDecoder;

use super::{DecodeError, opus_surround::SurroundOpus};

/// Cap on frames per packet: more than any codec has.
const MAX_PACKET_FRAMES: u64 = 1 << 20;

static CODECS: LazyLock<CodecRegistry> = LazyLock::new(|| {
    let mut codecs = CodecRegistry::new();
    symphonia::default::register_enabled_codecs(&mut codecs);
    codecs.register_audio_decoder::<OpusDecoder>();
    codecs
});

pub fn make_decoder(track: &Track) -> Result<Box<dyn AudioDecoder>, DecodeError> {
    let Some(CodecParameters::Audio(params)) = &track.codec_params else {
        return Err("The file holds no sound.".into());
    };
    let channels = params.channels.as_ref().map_or(2, |channels| channels.count());
    if params.codec == CODEC_ID_AAC && channels > 2 {
        return Err("The file holds AAC with more than two channels, which is not supported.".into());
    }
    if params.codec == CODEC_ID_AAC && params.extra_data.as_deref().is_some_and(signals_sbr) {
        return Err(unsupported(params.codec));
    }
    let mut params = params.clone();
    // Some decoders allocate as many frames as the file claims for a packet.
    params.max_frames_per_packet = params.max_frames_per_packet.filter(|frames| *frames <= MAX_PACKET_FRAMES);
    let mut options = AudioDecoderOptions::default();
    match params.codec {
        // Without a delay tag the length is a guess, and frames after it would be cut off.
        CODEC_ID_MP1 | CODEC_ID_MP2 | CODEC_ID_MP3 => options = options.gapless(track.delay.is_some()),
        // The decoder would trim the pre-skip from whatever comes first, also after a seek. It is trimmed by position
        // instead.
        CODEC_ID_OPUS => {
            if let Some(pre_skip) = params.extra_data.as_mut().and_then(|head| head.get_mut(10..12)) {
                pre_skip.fill(0);
            }
        }
        _ => {}
    }
    let decoder = if params.codec == CODEC_ID_OPUS && channels > 2 {
        SurroundOpus::new(&params, &options).map(|decoder| Box::new(decoder) as Box<dyn AudioDecoder>)
    } else {
        CODECS.make_audio_decoder(&params, &options)
    };
    decoder.map_err(|error| {
        tracing::debug!(%error, "no decoder");
        unsupported(params.codec)
    })
}

pub fn unsupported(codec: AudioCodecId) -> DecodeError {
    DecodeError(format!("The file holds {}, which is not supported.", unsupported_codec_phrase(codec)))
}

/// Whether an AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1) signals HE-AAC after the plain AAC part. symphonia looks
/// elsewhere, and would play only the lower half of the spectrum.
pub fn signals_sbr(config: &[u8]) -> bool {
    matches!(config, [first, _, 0x56, 0xE5, flag, ..] if first >> 3 == 2 && flag & 0x80 != 0)
}

/// Returns the codec's short label, and whether it is lossless.
pub fn codec_label(codec: AudioCodecId) -> (&'static str, bool) {
    match codec {
        CODEC_ID_FLAC => ("FLAC", true),
        CODEC_ID_ALAC => ("ALAC", true),
        CODEC_ID_MP1 | CODEC_ID_MP2 => ("MP2", false),
        CODEC_ID_MP3 => ("MP3", false),
        CODEC_ID_AAC => ("AAC", false),
        CODEC_ID_VORBIS => ("Vorbis", false),
        CODEC_ID_OPUS => ("Opus", false),
        CODEC_ID_PCM_ALAW | CODEC_ID_PCM_MULAW => ("PCM, companded", false),
        CODEC_ID_ADPCM_MS | CODEC_ID_ADPCM_IMA_WAV | CODEC_ID_ADPCM_IMA_QT => ("ADPCM", false),
        _ => ("PCM", true),
    }
}

/// Returns a phrase for a codec that cannot be decoded.
pub fn unsupported_codec_phrase(codec: AudioCodecId) -> &'static str {
    match codec {
        CODEC_ID_AAC => "HE-AAC or another extension of AAC",
        CODEC_ID_OPUS => "Opus with an unusual channel layout",
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

/// Returns the linear output gain of an Opus header (RFC 7845, 5.1), stored as dB in 8.8 fixed point.
pub fn opus_gain(head: Option<&[u8]>) -> f32 {
    match head {
        Some(head) if head.starts_with(b"OpusHead") && head.len() >= 18 => {
            let db = f32::from(i16::from_le_bytes([head[16], head[17]])) / 256.0;
            10f32.powf(db / 20.0)
        }
        _ => 1.0,
    }
}

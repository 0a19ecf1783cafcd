//! Downmixes any number of channels to stereo.

use symphonia::core::audio::{Channels, Position};

use auralis_dsp::Frame;

/// A downmix matrix: what each channel adds to left and right.
pub struct Downmix(Vec<Frame>);

/// −3 dB: for channels that go to both sides or come from behind (ITU-R BS.775-4, annex 4).
const MINUS_3_DB: f32 = std::f32::consts::FRAC_1_SQRT_2;

impl Downmix {
    /// Creates the matrix for a layout. More than two channels are scaled so that full scale stays full scale.
    pub fn new(channels: &Channels) -> Self {
        let mut matrix = match channels {
            _ if channels.count() == 1 => return Self(vec![[1.0, 1.0]]),
            _ if channels.count() == 2 => return Self(vec![[1.0, 0.0], [0.0, 1.0]]),
            Channels::Positioned(positions) => positions.iter().map(coefficients).collect(),
            other => (0..other.count()).map(discrete_coefficients).collect::<Vec<_>>(),
        };
        let loudest = |side: usize| matrix.iter().map(|coefficients: &Frame| coefficients[side]).sum::<f32>();
        let scale = 1.0 / loudest(0).max(loudest(1)).max(1.0);
        for coefficients in &mut matrix {
            *coefficients = coefficients.map(|value| value * scale);
        }
        Self(matrix)
    }

    /// Appends interleaved samples as stereo frames.
    pub fn mix(&self, samples: &[f32], out: &mut Vec<Frame>) {
        match self.0.as_slice() {
            [_] => out.extend(samples.iter().map(|sample| [*sample; 2])),
            [_, _] => out.extend(samples.chunks_exact(2).map(|pair| [pair[0], pair[1]])),
            matrix => out.extend(samples.chunks_exact(matrix.len()).map(|samples| {
                samples.iter().zip(matrix).fold([0.0; 2], |sum, (sample, coefficients)| {
                    [sum[0] + sample * coefficients[0], sum[1] + sample * coefficients[1]]
                })
            })),
        }
    }
}

fn coefficients(position: Position) -> Frame {
    let left = Position::FRONT_LEFT | Position::FRONT_LEFT_CENTER | Position::FRONT_LEFT_WIDE;
    let right = Position::FRONT_RIGHT | Position::FRONT_RIGHT_CENTER | Position::FRONT_RIGHT_WIDE;
    let side_left = Position::REAR_LEFT | Position::SIDE_LEFT | Position::TOP_FRONT_LEFT | Position::TOP_REAR_LEFT;
    let side_right = Position::REAR_RIGHT | Position::SIDE_RIGHT | Position::TOP_FRONT_RIGHT | Position::TOP_REAR_RIGHT;
    let centre = Position::FRONT_CENTER | Position::REAR_CENTER;
    match position {
        _ if left.contains(position) => [1.0, 0.0],
        _ if right.contains(position) => [0.0, 1.0],
        _ if side_left.contains(position) => [MINUS_3_DB, 0.0],
        _ if side_right.contains(position) => [0.0, MINUS_3_DB],
        _ if centre.contains(position) => [MINUS_3_DB, MINUS_3_DB],
        _ => [0.0, 0.0], // LFE is discarded (BS.775).
    }
}

fn discrete_coefficients(channel: usize) -> Frame {
    if channel.is_multiple_of(2) { [1.0, 0.0] } else { [0.0, 1.0] }
}

//! From any number of channels to two.

use symphonia::core::audio::{Channels, Position};

use crate::ring::Frame;

/// What each channel adds to left and right.
pub struct Fold(Vec<Frame>);

/// −3 dB: the share of a channel that goes to both sides, or comes from behind (ITU-R BS.775-4, annex 4).
const HALF: f32 = std::f32::consts::FRAC_1_SQRT_2;

impl Fold {
    /// The coefficients for a layout. Folding more than two channels is scaled so that full scale stays full scale.
    pub fn new(channels: &Channels) -> Self {
        let mut shares = match channels {
            _ if channels.count() == 1 => return Self(vec![[1.0, 1.0]]),
            _ if channels.count() == 2 => return Self(vec![[1.0, 0.0], [0.0, 1.0]]),
            Channels::Positioned(positions) => positions.iter().map(share).collect(),
            other => (0..other.count()).map(discrete_share).collect::<Vec<_>>(),
        };
        let loudest = |side: usize| shares.iter().map(|share: &Frame| share[side]).sum::<f32>();
        let scale = 1.0 / loudest(0).max(loudest(1)).max(1.0);
        for share in &mut shares {
            *share = share.map(|value| value * scale);
        }
        Self(shares)
    }

    /// Appends interleaved samples as stereo.
    pub fn fold(&self, samples: &[f32], out: &mut Vec<Frame>) {
        match self.0.as_slice() {
            [_] => out.extend(samples.iter().map(|sample| [*sample; 2])),
            [_, _] => out.extend(samples.chunks_exact(2).map(|pair| [pair[0], pair[1]])),
            shares => out.extend(samples.chunks_exact(shares.len()).map(|samples| {
                samples
                    .iter()
                    .zip(shares)
                    .fold([0.0; 2], |sum, (sample, share)| [sum[0] + sample * share[0], sum[1] + sample * share[1]])
            })),
        }
    }
}

fn share(position: Position) -> Frame {
    let left = Position::FRONT_LEFT | Position::FRONT_LEFT_CENTER | Position::FRONT_LEFT_WIDE;
    let right = Position::FRONT_RIGHT | Position::FRONT_RIGHT_CENTER | Position::FRONT_RIGHT_WIDE;
    let side_left = Position::REAR_LEFT | Position::SIDE_LEFT | Position::TOP_FRONT_LEFT | Position::TOP_REAR_LEFT;
    let side_right = Position::REAR_RIGHT | Position::SIDE_RIGHT | Position::TOP_FRONT_RIGHT | Position::TOP_REAR_RIGHT;
    let centre = Position::FRONT_CENTER | Position::REAR_CENTER;
    match position {
        _ if left.contains(position) => [1.0, 0.0],
        _ if right.contains(position) => [0.0, 1.0],
        _ if side_left.contains(position) => [HALF, 0.0],
        _ if side_right.contains(position) => [0.0, HALF],
        _ if centre.contains(position) => [HALF, HALF],
        _ => [0.0, 0.0], // the bass effects, by the same standard
    }
}

fn discrete_share(channel: usize) -> Frame {
    if channel.is_multiple_of(2) { [1.0, 0.0] } else { [0.0, 1.0] }
}

//! The outline of a track: a thousand stretches of equal length, however long it is.

use auralis_core::Waveform;

/// Stretches of a waveform.
const STRETCHES: usize = 1000;

/// Pieces that are kept; beyond that, two become one.
const MOST: usize = 8 * STRETCHES;

#[derive(Clone, Copy, Default)]
struct Piece {
    peak: f32,
    square: f32,
}

/// Gathers pieces of equal length.
#[derive(Default)]
pub(crate) struct Outline {
    pieces: Vec<Piece>,
    /// How many times two have become one.
    halvings: u32,
    /// Those that are to become one.
    waiting: Piece,
    waits: u32,
}

impl Outline {
    /// Takes the next piece: its highest amplitude and its mean square.
    pub fn push(&mut self, peak: f32, square: f32) {
        let piece = &mut self.waiting;
        *piece = Piece { peak: piece.peak.max(peak), square: piece.square + square };
        self.waits += 1;
        if self.waits < 1 << self.halvings {
            return;
        }
        let Piece { peak, square } = std::mem::take(&mut self.waiting);
        self.pieces.push(Piece { peak, square: square / self.waits as f32 });
        self.waits = 0;
        if self.pieces.len() == MOST {
            self.pieces = self.pieces.as_chunks::<2>().0.iter().map(|pair| join(pair)).collect();
            self.halvings += 1;
        }
    }

    /// The outline. A track of less than a thousand pieces has as many stretches as pieces.
    pub fn finish(mut self) -> Waveform {
        if self.waits > 0 {
            let Piece { peak, square } = self.waiting;
            self.pieces.push(Piece { peak, square: square / self.waits as f32 });
        }
        let count = self.pieces.len();
        let stretches = count.min(STRETCHES);
        let stretch = |i: usize| join(&self.pieces[i * count / stretches..(i + 1) * count / stretches]);
        let (peaks, rms) =
            (0..stretches).map(stretch).map(|Piece { peak, square }| (to_byte(peak), to_byte(square.sqrt()))).unzip();
        Waveform { peaks, rms }
    }
}

fn join(pieces: &[Piece]) -> Piece {
    let all = pieces.iter().fold(Piece::default(), |all, piece| Piece {
        peak: all.peak.max(piece.peak),
        square: all.square + piece.square,
    });
    Piece { square: all.square / pieces.len().max(1) as f32, ..all }
}

/// Full scale is 255. What is above is that, too.
fn to_byte(amplitude: f32) -> u8 {
    (amplitude * 255.0).round() as u8
}

//! Twelve sections in a row: a shelf, ten peaks, a shelf.
//!
//! Four sections of two channels go side by side, each a frame behind the one before it, so that none waits for another.

use super::{
    BLOCK,
    filter::{self, Filters, Response},
};
use crate::{
    Frame,
    lanes::{Lanes, TwoOn},
};

/// How many sections there are.
pub const SECTIONS: usize = 12;

/// Their pitches: shelves at both ends, peaks between, evenly spaced on a scale of ratios.
pub const SECTION_HZ: [f64; SECTIONS] =
    [45.0, 75.0, 126.0, 212.0, 355.0, 597.0, 1_003.0, 1_687.0, 2_834.0, 4_763.0, 8_000.0, 12_000.0];

const PEAK_Q: f64 = 1.2;
const SHELF_Q: f64 = 0.7;

/// Frames by which the output is late.
pub const LATENCY_FRAMES: usize = SECTIONS - 1;

pub struct Equaliser {
    groups: [Filters; 3],
    /// What each group gave last, two places on: its own next input, and in the first two places that of its successor.
    last: [[f32; 8]; 3],
}

impl Equaliser {
    /// The sections with their gains in dB. Those beyond what the rate can carry are left out.
    pub fn new(rate_hz: u32, gains_db: &[f32; SECTIONS]) -> Self {
        let sections: [Response; SECTIONS] = std::array::from_fn(|at| {
            let (hz, gain_db) = (SECTION_HZ[at], f64::from(gains_db[at]));
            match at {
                _ if gain_db == 0.0 || hz > f64::from(rate_hz) * filter::HIGHEST => Response::nothing(),
                0 => Response::low_shelf(hz, rate_hz, SHELF_Q, gain_db),
                11 => Response::high_shelf(hz, rate_hz, SHELF_Q, gain_db),
                _ => Response::peak(hz, rate_hz, PEAK_Q, gain_db),
            }
        });
        let group = |at: usize| Filters::new(std::array::from_fn(|lane| sections[at * 4 + lane / 2]));
        Self { groups: [group(0), group(1), group(2)], last: [[0.0; 8]; 3] }
    }

    pub fn reset(&mut self) {
        self.groups.iter_mut().for_each(Filters::reset);
        self.last = [[0.0; 8]; 3];
    }

    #[inline(always)]
    pub fn process<L: Lanes>(&mut self, lanes: L, block: &mut [Frame; BLOCK]) {
        // Eight numbers are read and written where two are meant; the other six are overwritten by the next.
        let mut input = [0.0; BLOCK * 2 + 6];
        let mut output = [0.0; BLOCK * 2 + 6];
        input[..BLOCK * 2].copy_from_slice(block.as_flattened());
        let [mut first, mut second, mut third] = self.groups.each_ref().map(|group| group.load(lanes));
        let [mut a, mut b, mut c] = self.last.each_ref().map(|last| lanes.load(last));
        for at in 0..BLOCK {
            let Some(input) = input[at * 2..].first_chunk() else { break };
            let fed = [lanes.two_six(lanes.load(input), a), lanes.two_six(a, b), lanes.two_six(b, c)];
            a = lanes.pick::<TwoOn>(first.step(lanes, fed[0]));
            b = lanes.pick::<TwoOn>(second.step(lanes, fed[1]));
            c = lanes.pick::<TwoOn>(third.step(lanes, fed[2]));
            output[at * 2..at * 2 + 8].copy_from_slice(&lanes.store(c));
        }
        block.as_flattened_mut().copy_from_slice(&output[..BLOCK * 2]);
        self.last = [a, b, c].map(|last| lanes.store(last));
        for (group, loaded) in self.groups.iter_mut().zip([first, second, third]) {
            group.keep(lanes, &loaded);
        }
    }
}

/// What sections with these gains do to a level at `hz`, in dB; the same at every rate, but for what lies near its end.
pub fn response_db(gains_db: &[f32; SECTIONS], hz: f32) -> f32 {
    let power = |section: usize| {
        let x = (f64::from(hz) / SECTION_HZ[section]).powi(2);
        let a = 10_f64.powf(f64::from(gains_db[section]) / 40.0);
        // |a s² + b s + c|² on the imaginary axis, with s² = −x.
        let square = |a: f64, b: f64, c: f64| (c - a * x).powi(2) + b * b * x;
        match section {
            0 => a * a * square(1.0, a.sqrt() / SHELF_Q, a) / square(a, a.sqrt() / SHELF_Q, 1.0),
            11 => a * a * square(a, a.sqrt() / SHELF_Q, 1.0) / square(1.0, a.sqrt() / SHELF_Q, a),
            _ => square(1.0, a / PEAK_Q, 1.0) / square(1.0, 1.0 / (a * PEAK_Q), 1.0),
        }
    };
    (0..SECTIONS).map(|section| 10.0 * power(section).log10() as f32).sum()
}

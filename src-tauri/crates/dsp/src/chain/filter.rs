//! Eight filters of the second order, side by side.
//!
//! State variable filters by trapezoidal integration (A. Simper, "Linear Trapezoidal Integrated State Variable Filter",
//! Cytomic, 2013). In single precision they stay exact where a biquad's coefficients run out of digits: bass at high rates.

use std::f64::consts::PI;

use crate::lanes::Lanes;

/// The highest frequency of a filter, as a share of the rate.
pub const HIGHEST: f64 = 0.45;

/// Of a Butterworth filter: 1 / Q.
const BUTTERWORTH: f64 = std::f64::consts::SQRT_2;

/// What one filter does.
#[derive(Debug, Clone, Copy)]
pub struct Response {
    /// The pitch, warped by the trapezoidal rule, as tan(π f / rate).
    g: f64,
    /// Damping: 1 / Q.
    k: f64,
    /// Shares of the input, the band pass and the low pass in the output.
    mix: [f64; 3],
}

impl Response {
    fn new(hz: f64, rate_hz: u32, k: f64, mix: [f64; 3]) -> Self {
        let share = (hz / f64::from(rate_hz)).min(HIGHEST);
        Self { g: (PI * share).tan(), k, mix }
    }

    /// Lets everything through as it is.
    pub fn nothing() -> Self {
        Self { g: 1.0, k: 1.0, mix: [1.0, 0.0, 0.0] }
    }

    pub fn low_pass(hz: f64, rate_hz: u32) -> Self {
        Self::new(hz, rate_hz, BUTTERWORTH, [0.0, 0.0, 1.0])
    }

    pub fn high_pass(hz: f64, rate_hz: u32) -> Self {
        Self::new(hz, rate_hz, BUTTERWORTH, [1.0, -BUTTERWORTH, -1.0])
    }

    /// The sum of a Linkwitz–Riley pair of the fourth order: flat, turned in phase.
    pub fn all_pass(hz: f64, rate_hz: u32) -> Self {
        Self::new(hz, rate_hz, BUTTERWORTH, [1.0, -2.0 * BUTTERWORTH, 0.0])
    }

    pub fn peak(hz: f64, rate_hz: u32, q: f64, gain_db: f64) -> Self {
        let a = 10_f64.powf(gain_db / 40.0);
        let k = 1.0 / (q * a);
        Self::new(hz, rate_hz, k, [1.0, k * (a * a - 1.0), 0.0])
    }

    pub fn low_shelf(hz: f64, rate_hz: u32, q: f64, gain_db: f64) -> Self {
        let a = 10_f64.powf(gain_db / 40.0);
        let plain = Self::new(hz, rate_hz, 1.0 / q, [1.0, (a - 1.0) / q, a * a - 1.0]);
        Self { g: plain.g / a.sqrt(), ..plain }
    }

    pub fn high_shelf(hz: f64, rate_hz: u32, q: f64, gain_db: f64) -> Self {
        let a = 10_f64.powf(gain_db / 40.0);
        let plain = Self::new(hz, rate_hz, 1.0 / q, [a * a, (1.0 - a) * a / q, 1.0 - a * a]);
        Self { g: plain.g * a.sqrt(), ..plain }
    }
}

/// Eight of them, with their memories.
#[derive(Debug, Clone)]
pub struct Filters {
    state: [[f32; 8]; 2],
    /// Of the state, of what is fed to it, and of the input and both in the output.
    feedback: [f32; 8],
    feed: [[f32; 8]; 2],
    output: [[f32; 8]; 3],
}

/// The same in registers, while a block is on its way.
pub struct Loaded<L: Lanes> {
    state: [L::V; 2],
    feedback: L::V,
    feed: [L::V; 2],
    output: [L::V; 3],
}

impl Filters {
    pub fn new(responses: [Response; 8]) -> Self {
        let each = |number: fn(&Response, [f64; 3]) -> f64| {
            responses.each_ref().map(|response| {
                let Response { g, k, .. } = *response;
                let a1 = 1.0 / (1.0 + g * (g + k));
                number(response, [a1, g * a1, g * g * a1]) as f32
            })
        };
        Self {
            state: [[0.0; 8]; 2],
            feedback: each(|_, a| 2.0 * a[0] - 1.0),
            feed: [each(|_, a| 2.0 * a[1]), each(|_, a| 2.0 * a[2])],
            // The band pass is a₁ band + a₂ (input − low), the low pass is low + a₂ band + a₃ (input − low).
            output: [
                each(|Response { mix, .. }, a| mix[0] + mix[1] * a[1] + mix[2] * a[2]),
                each(|Response { mix, .. }, a| mix[1] * a[0] + mix[2] * a[1]),
                each(|Response { mix, .. }, a| mix[2] - mix[1] * a[1] - mix[2] * a[2]),
            ],
        }
    }

    pub fn reset(&mut self) {
        self.state = [[0.0; 8]; 2];
    }

    #[inline(always)]
    pub fn load<L: Lanes>(&self, lanes: L) -> Loaded<L> {
        Loaded {
            state: self.state.each_ref().map(|state| lanes.load(state)),
            feedback: lanes.load(&self.feedback),
            feed: self.feed.each_ref().map(|feed| lanes.load(feed)),
            output: self.output.each_ref().map(|output| lanes.load(output)),
        }
    }

    /// Takes the memories back. What is far below all hearing becomes silence, because processors are slow with it.
    #[inline(always)]
    pub fn keep<L: Lanes>(&mut self, lanes: L, loaded: &Loaded<L>) {
        self.state =
            loaded.state.map(|state| lanes.store(state).map(|value| if value.abs() < 1e-18 { 0.0 } else { value }));
    }
}

impl<L: Lanes> Loaded<L> {
    /// One sample through each.
    #[inline(always)]
    pub fn step(&mut self, lanes: L, input: L::V) -> L::V {
        let [band, low] = self.state;
        let fed = lanes.sub(input, low);
        // The input last: it may be what another filter gives in this moment.
        let of_state = lanes.mul_add(self.output[1], band, lanes.mul(self.output[2], low));
        let output = lanes.mul_add(self.output[0], input, of_state);
        self.state = [
            lanes.mul_add(self.feed[0], fed, lanes.mul(self.feedback, band)),
            lanes.mul_add(self.feed[1], fed, lanes.mul_add(self.feed[0], band, low)),
        ];
        output
    }
}

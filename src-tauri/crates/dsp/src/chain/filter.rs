//! Eight second-order filters, side by side.
//!
//! State variable filters by trapezoidal integration (A. Simper, "Linear Trapezoidal Integrated State Variable Filter",
//! Cytomic, 2013). In single precision they stay accurate where biquad coefficients do not: bass at high sample rates.

use std::f64::consts::PI;

use crate::simd::Simd8;

/// The highest frequency of a filter, as a fraction of the sample rate.
pub const MAX_CUTOFF_RATIO: f64 = 0.45;

/// 1 / Q of a Butterworth filter.
const BUTTERWORTH: f64 = std::f64::consts::SQRT_2;

/// The coefficients of one filter.
#[derive(Debug, Clone, Copy)]
pub struct SvfCoefficients {
    /// Frequency, prewarped for the trapezoidal rule: tan(π f / rate).
    g: f64,
    /// Damping: 1 / Q.
    k: f64,
    /// Weights of the input, the band pass and the low pass in the output.
    mix: [f64; 3],
}

impl SvfCoefficients {
    fn new(hz: f64, rate_hz: u32, k: f64, mix: [f64; 3]) -> Self {
        let ratio = (hz / f64::from(rate_hz)).min(MAX_CUTOFF_RATIO);
        Self { g: (PI * ratio).tan(), k, mix }
    }

    /// A filter that does nothing.
    pub fn identity() -> Self {
        Self { g: 1.0, k: 1.0, mix: [1.0, 0.0, 0.0] }
    }

    pub fn low_pass(hz: f64, rate_hz: u32) -> Self {
        Self::new(hz, rate_hz, BUTTERWORTH, [0.0, 0.0, 1.0])
    }

    pub fn high_pass(hz: f64, rate_hz: u32) -> Self {
        Self::new(hz, rate_hz, BUTTERWORTH, [1.0, -BUTTERWORTH, -1.0])
    }

    /// All pass with the phase of the sum of a fourth-order Linkwitz–Riley pair.
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

/// Eight filters with their state.
#[derive(Debug, Clone)]
pub struct SvfBank {
    state: [[f32; 8]; 2],
    /// Coefficients of the state, of the input to the state, and of input and state in the output.
    feedback: [f32; 8],
    feed: [[f32; 8]; 2],
    output: [[f32; 8]; 3],
}

/// An [`SvfBank`] in registers while a block is processed.
pub struct SvfBankRegisters<S: Simd8> {
    state: [S::V; 2],
    feedback: S::V,
    feed: [S::V; 2],
    output: [S::V; 3],
}

impl SvfBank {
    pub fn new(coefficients: [SvfCoefficients; 8]) -> Self {
        let each = |number: fn(&SvfCoefficients, [f64; 3]) -> f64| {
            coefficients.each_ref().map(|coefficients| {
                let SvfCoefficients { g, k, .. } = *coefficients;
                let a1 = 1.0 / (1.0 + g * (g + k));
                number(coefficients, [a1, g * a1, g * g * a1]) as f32
            })
        };
        Self {
            state: [[0.0; 8]; 2],
            feedback: each(|_, a| 2.0 * a[0] - 1.0),
            feed: [each(|_, a| 2.0 * a[1]), each(|_, a| 2.0 * a[2])],
            // The band pass is a₁ band + a₂ (input − low), the low pass is low + a₂ band + a₃ (input − low).
            output: [
                each(|SvfCoefficients { mix, .. }, a| mix[0] + mix[1] * a[1] + mix[2] * a[2]),
                each(|SvfCoefficients { mix, .. }, a| mix[1] * a[0] + mix[2] * a[1]),
                each(|SvfCoefficients { mix, .. }, a| mix[2] - mix[1] * a[1] - mix[2] * a[2]),
            ],
        }
    }

    pub fn reset(&mut self) {
        self.state = [[0.0; 8]; 2];
    }

    #[inline(always)]
    pub fn load<S: Simd8>(&self, simd: S) -> SvfBankRegisters<S> {
        SvfBankRegisters {
            state: self.state.each_ref().map(|state| simd.load(state)),
            feedback: simd.load(&self.feedback),
            feed: self.feed.each_ref().map(|feed| simd.load(feed)),
            output: self.output.each_ref().map(|output| simd.load(output)),
        }
    }

    /// Stores the state after a block. Denormals are flushed to zero; they are slow on most CPUs.
    #[inline(always)]
    pub fn store_state<S: Simd8>(&mut self, simd: S, registers: &SvfBankRegisters<S>) {
        self.state =
            registers.state.map(|state| simd.store(state).map(|value| if value.abs() < 1e-18 { 0.0 } else { value }));
    }
}

impl<S: Simd8> SvfBankRegisters<S> {
    /// Processes one sample in each filter.
    #[inline(always)]
    pub fn step(&mut self, simd: S, input: S::V) -> S::V {
        let [band, low] = self.state;
        let residual = simd.sub(input, low);
        // The input comes last, because it may be an output of this step that is not ready yet.
        let from_state = simd.mul_add(self.output[1], band, simd.mul(self.output[2], low));
        let output = simd.mul_add(self.output[0], input, from_state);
        self.state = [
            simd.mul_add(self.feed[0], residual, simd.mul(self.feedback, band)),
            simd.mul_add(self.feed[1], residual, simd.mul_add(self.feed[0], band, low)),
        ];
        output
    }
}

//! Quantization to fewer bits with TPDF dither.

use crate::Frame;

/// Quantizes samples to a number of bits. Noise with a triangular distribution two steps wide (TPDF) is added first, so
/// that the rounding error does not depend on the signal.
#[derive(Debug, Clone)]
pub struct Dither {
    full_scale_steps: f32,
    random: u32,
}

impl Dither {
    /// Creates a dither for samples of `bits`, 8 to 24.
    pub fn new(bits: u32) -> Self {
        Self { full_scale_steps: (1_u32 << (bits.clamp(8, 24) - 1)) as f32, random: 0x9E37_79B9 }
    }

    /// Returns the number of steps up to full scale; every output sample is a multiple of one step.
    pub fn full_scale_steps(&self) -> f32 {
        self.full_scale_steps
    }

    /// Quantizes a block in place; see [`round`](Self::round).
    pub fn process(&mut self, block: &mut [Frame]) {
        for sample in block.as_flattened_mut() {
            *sample = self.round(*sample);
        }
    }

    /// Quantizes one sample. A sample that is on a step already is returned unchanged, so that silence and sound of no more
    /// bits stay bit-identical.
    #[inline]
    pub fn round(&mut self, sample: f32) -> f32 {
        // Double precision, for 24 bits and the noise below them.
        let exact = f64::from(sample) * f64::from(self.full_scale_steps);
        let mut step = nearest(exact);
        if step != exact {
            step = nearest(exact + self.noise() + self.noise());
        }
        (step as f32).clamp(-self.full_scale_steps, self.full_scale_steps - 1.0) / self.full_scale_steps
    }

    /// Returns a random number from −½ to ½ (xorshift).
    fn noise(&mut self) -> f64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 17;
        self.random ^= self.random << 5;
        f64::from(self.random) / f64::from(u32::MAX) - 0.5
    }
}

/// Returns the nearest whole number. Adding a number this large leaves no digits for the fraction; unlike `f64::round` it
/// needs no function call.
fn nearest(x: f64) -> f64 {
    const LARGE: f64 = 1.5 * (1_u64 << 52) as f64;
    (x + LARGE) - LARGE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(level: f64) -> Vec<Frame> {
        (0..65_536).map(|at| [(level * (at as f64 * 0.05).sin()) as f32; 2]).collect()
    }

    #[test]
    fn output_is_on_a_step_near_the_input() {
        let sound = sine(0.9);
        for bits in [16, 24] {
            let (mut out, mut dither) = (sound.clone(), Dither::new(bits));
            dither.process(&mut out);
            for (before, after) in sound.as_flattened().iter().zip(out.as_flattened()) {
                assert_eq!((after * dither.full_scale_steps()).fract(), 0.0);
                assert!((before - after).abs() <= 1.6 / dither.full_scale_steps());
            }
        }
    }

    #[test]
    fn sound_below_half_a_step_survives() {
        let (sound, mut dither) = (sine(0.4 / 32_768.0), Dither::new(16));
        let mut out = sound.clone();
        dither.process(&mut out);
        let correlation = |other: &[Frame]| sound.iter().zip(other).map(|(a, b)| f64::from(a[0] * b[0])).sum::<f64>();
        assert!((correlation(&out) / correlation(&sound) - 1.0).abs() < 0.1);
    }

    #[test]
    fn samples_on_a_step_are_unchanged() {
        for bits in [16, 24] {
            let mut dither = Dither::new(bits);
            let steps = dither.full_scale_steps();
            let sound: Vec<Frame> =
                (-1_000..1_000).map(|at| [(at as f32 * steps / 1_000.0).trunc() / steps, 0.0]).collect();
            let mut out = sound.clone();
            dither.process(&mut out);
            assert!(out == sound, "{bits} bits");
        }
        assert_eq!(Dither::new(16).round(1.0), 32_767.0 / 32_768.0);
    }
}

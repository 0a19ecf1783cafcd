//! To fewer bits, without distortion.

use crate::Frame;

/// Rounds samples to the steps of so many bits. Noise with a triangular distribution two steps wide (TPDF) goes in
/// first, so that what is rounded away leaves no trace of the signal.
#[derive(Debug, Clone)]
pub struct Dither {
    steps: f32,
    random: u32,
}

impl Dither {
    /// For samples of `bits`, 8 to 24.
    pub fn new(bits: u32) -> Self {
        Self { steps: (1_u32 << (bits.clamp(8, 24) - 1)) as f32, random: 0x9E37_79B9 }
    }

    /// How many steps there are up to full scale: what leaves is a whole number of them.
    pub fn steps(&self) -> f32 {
        self.steps
    }

    /// Rounds a block in place; see [`round`](Self::round).
    pub fn process(&mut self, block: &mut [Frame]) {
        for sample in block.as_flattened_mut() {
            *sample = self.round(*sample);
        }
    }

    /// One sample. What is on a step already stays as it is: silence, and whatever has no more bits.
    #[inline]
    pub fn round(&mut self, sample: f32) -> f32 {
        // In double precision: 24 bits and the noise below them.
        let exact = f64::from(sample) * f64::from(self.steps);
        let mut step = nearest(exact);
        if step != exact {
            step = nearest(exact + self.noise() + self.noise());
        }
        (step as f32).clamp(-self.steps, self.steps - 1.0) / self.steps
    }

    /// From −½ to ½ (xorshift).
    fn noise(&mut self) -> f64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 17;
        self.random ^= self.random << 5;
        f64::from(self.random) / f64::from(u32::MAX) - 0.5
    }
}

/// The nearest whole number: what is smaller than 1 has no digits left beside so large a number. (The library's own
/// rounding is a call.)
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
    fn what_leaves_is_on_the_steps_and_near() {
        let sound = sine(0.9);
        for bits in [16, 24] {
            let (mut out, mut dither) = (sound.clone(), Dither::new(bits));
            dither.process(&mut out);
            for (before, after) in sound.as_flattened().iter().zip(out.as_flattened()) {
                assert_eq!((after * dither.steps()).fract(), 0.0);
                assert!((before - after).abs() <= 1.6 / dither.steps());
            }
        }
    }

    #[test]
    fn a_sound_below_half_a_step_is_still_there() {
        let (sound, mut dither) = (sine(0.4 / 32_768.0), Dither::new(16));
        let mut out = sound.clone();
        dither.process(&mut out);
        let likeness = |other: &[Frame]| sound.iter().zip(other).map(|(a, b)| f64::from(a[0] * b[0])).sum::<f64>();
        assert!((likeness(&out) / likeness(&sound) - 1.0).abs() < 0.1);
    }

    #[test]
    fn what_is_on_the_steps_stays() {
        for bits in [16, 24] {
            let mut dither = Dither::new(bits);
            let steps = dither.steps();
            let sound: Vec<Frame> =
                (-1_000..1_000).map(|at| [(at as f32 * steps / 1_000.0).trunc() / steps, 0.0]).collect();
            let mut out = sound.clone();
            dither.process(&mut out);
            assert!(out == sound, "{bits} bits");
        }
        assert_eq!(Dither::new(16).round(1.0), 32_767.0 / 32_768.0);
    }
}

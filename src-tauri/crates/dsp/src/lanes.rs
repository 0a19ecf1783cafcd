//! Eight numbers at a time. What must be fast is written once over [`Lanes`]; here is what differs between processors.

use pulp::{Arch, NullaryFnOnce};

/// Something to be done with eight numbers at a time, compiled for each kind of processor that is told apart: so all that
/// it calls is to be inlined.
pub trait Work {
    /// What comes of it.
    type Output;

    fn on<L: Lanes>(self, lanes: L) -> Self::Output;
}

/// Has it done as a processor does it best.
pub fn best<W: Work>(arch: Arch, work: W) -> W::Output {
    match arch {
        #[cfg(target_arch = "x86_64")]
        Arch::V3(lanes) => lanes.vectorize(On { work, lanes }),
        _ => On { work, lanes: Plain }.call(),
    }
}

struct On<W, L> {
    work: W,
    lanes: L,
}

impl<W: Work, L: Lanes> NullaryFnOnce for On<W, L> {
    type Output = W::Output;

    #[inline(always)]
    fn call(self) -> W::Output {
        self.work.on(self.lanes)
    }
}

/// What a processor does with eight numbers.
pub trait Lanes: Copy {
    /// The eight.
    type V: Copy;

    fn load(self, from: &[f32; 8]) -> Self::V;
    fn store(self, v: Self::V) -> [f32; 8];
    fn add(self, a: Self::V, b: Self::V) -> Self::V;
    fn sub(self, a: Self::V, b: Self::V) -> Self::V;
    fn mul(self, a: Self::V, b: Self::V) -> Self::V;
    fn max(self, a: Self::V, b: Self::V) -> Self::V;
    fn min(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a · b + c`
    fn mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// `to[i] = v[FROM[i]]`
    fn pick<P: Pick>(self, v: Self::V) -> Self::V;
    /// The first two of `a`, the last six of `b`.
    fn two_six(self, a: Self::V, b: Self::V) -> Self::V;
    /// The first four of each.
    fn four_four(self, a: Self::V, b: Self::V) -> Self::V;
    /// The last four of each.
    fn last_four_four(self, a: Self::V, b: Self::V) -> Self::V;
    /// Two and two of each in turns, `a` first.
    fn in_turns(self, a: Self::V, b: Self::V) -> Self::V;

    #[inline(always)]
    fn splat(self, value: f32) -> Self::V {
        self.load(&[value; 8])
    }

    #[inline(always)]
    fn abs(self, v: Self::V) -> Self::V {
        self.max(v, self.sub(self.splat(0.0), v))
    }

    /// The highest of the eight.
    #[inline(always)]
    fn highest(self, v: Self::V) -> f32 {
        // Numbers alone: so it is one instruction.
        let higher = |a: f32, b: f32| if a > b { a } else { b };
        let [a, b, c, d, e, f, g, h] = self.store(v);
        higher(higher(higher(a, e), higher(b, f)), higher(higher(c, g), higher(d, h)))
    }

    /// The highest amplitude of many; a rest that is not eight of them is not looked at.
    #[inline(always)]
    fn amplitude(self, samples: &[f32]) -> f32 {
        let mut highest = self.splat(0.0);
        for samples in samples.as_chunks().0 {
            highest = self.max(highest, self.abs(self.load(samples)));
        }
        self.highest(highest)
    }
}

/// Where each of the eight comes from.
pub trait Pick {
    const FROM: [u8; 8];
}

/// Two places on; the last two become the first.
pub struct TwoOn;

impl Pick for TwoOn {
    const FROM: [u8; 8] = [6, 7, 0, 1, 2, 3, 4, 5];
}

/// The last two pairs, each twice.
pub struct LastPairsTwice;

impl Pick for LastPairsTwice {
    const FROM: [u8; 8] = [4, 5, 4, 5, 6, 7, 6, 7];
}

/// Pairs of each half the other way round.
pub struct PairsSwapped;

impl Pick for PairsSwapped {
    const FROM: [u8; 8] = [2, 3, 0, 1, 6, 7, 4, 5];
}

/// The pairs in the middle the other way round.
pub struct MiddleSwapped;

impl Pick for MiddleSwapped {
    const FROM: [u8; 8] = [0, 1, 4, 5, 2, 3, 6, 7];
}

/// Any processor; the compiler makes of it what it can.
#[derive(Clone, Copy)]
pub struct Plain;

impl Lanes for Plain {
    type V = [f32; 8];

    #[inline(always)]
    fn load(self, from: &[f32; 8]) -> [f32; 8] {
        *from
    }

    #[inline(always)]
    fn store(self, v: [f32; 8]) -> [f32; 8] {
        v
    }

    #[inline(always)]
    fn add(self, a: [f32; 8], b: [f32; 8]) -> [f32; 8] {
        std::array::from_fn(|i| a[i] + b[i])
    }

    #[inline(always)]
    fn sub(self, a: [f32; 8], b: [f32; 8]) -> [f32; 8] {
        std::array::from_fn(|i| a[i] - b[i])
    }

    #[inline(always)]
    fn mul(self, a: [f32; 8], b: [f32; 8]) -> [f32; 8] {
        std::array::from_fn(|i| a[i] * b[i])
    }

    #[inline(always)]
    fn max(self, a: [f32; 8], b: [f32; 8]) -> [f32; 8] {
        std::array::from_fn(|i| if a[i] > b[i] { a[i] } else { b[i] })
    }

    #[inline(always)]
    fn min(self, a: [f32; 8], b: [f32; 8]) -> [f32; 8] {
        std::array::from_fn(|i| if a[i] < b[i] { a[i] } else { b[i] })
    }

    #[inline(always)]
    fn mul_add(self, a: [f32; 8], b: [f32; 8], c: [f32; 8]) -> [f32; 8] {
        self.add(self.mul(a, b), c)
    }

    #[inline(always)]
    fn pick<P: Pick>(self, v: [f32; 8]) -> [f32; 8] {
        P::FROM.map(|from| v[usize::from(from)])
    }

    #[inline(always)]
    fn two_six(self, a: [f32; 8], b: [f32; 8]) -> [f32; 8] {
        std::array::from_fn(|i| if i < 2 { a[i] } else { b[i] })
    }

    #[inline(always)]
    fn four_four(self, a: [f32; 8], b: [f32; 8]) -> [f32; 8] {
        std::array::from_fn(|i| if i < 4 { a[i] } else { b[i - 4] })
    }

    #[inline(always)]
    fn last_four_four(self, a: [f32; 8], b: [f32; 8]) -> [f32; 8] {
        std::array::from_fn(|i| if i < 4 { a[i + 4] } else { b[i] })
    }

    #[inline(always)]
    fn in_turns(self, a: [f32; 8], b: [f32; 8]) -> [f32; 8] {
        std::array::from_fn(|i| if i % 4 < 2 { a[i] } else { b[i] })
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{__m256, __m256i};

    use pulp::{bytemuck::cast, x86::V3};

    use super::{Lanes, Pick};

    /// AVX2 and FMA.
    impl Lanes for V3 {
        type V = __m256;

        #[inline(always)]
        fn load(self, from: &[f32; 8]) -> __m256 {
            cast(*from)
        }

        #[inline(always)]
        fn store(self, v: __m256) -> [f32; 8] {
            cast(v)
        }

        #[inline(always)]
        fn add(self, a: __m256, b: __m256) -> __m256 {
            self.avx._mm256_add_ps(a, b)
        }

        #[inline(always)]
        fn sub(self, a: __m256, b: __m256) -> __m256 {
            self.avx._mm256_sub_ps(a, b)
        }

        #[inline(always)]
        fn mul(self, a: __m256, b: __m256) -> __m256 {
            self.avx._mm256_mul_ps(a, b)
        }

        #[inline(always)]
        fn max(self, a: __m256, b: __m256) -> __m256 {
            self.avx._mm256_max_ps(a, b)
        }

        #[inline(always)]
        fn min(self, a: __m256, b: __m256) -> __m256 {
            self.avx._mm256_min_ps(a, b)
        }

        #[inline(always)]
        fn mul_add(self, a: __m256, b: __m256, c: __m256) -> __m256 {
            self.fma._mm256_fmadd_ps(a, b, c)
        }

        #[inline(always)]
        fn pick<P: Pick>(self, v: __m256) -> __m256 {
            let from: __m256i = cast(P::FROM.map(u32::from));
            self.avx2._mm256_permutevar8x32_ps(v, from)
        }

        #[inline(always)]
        fn two_six(self, a: __m256, b: __m256) -> __m256 {
            self.avx._mm256_blend_ps::<0b1111_1100>(a, b)
        }

        #[inline(always)]
        fn four_four(self, a: __m256, b: __m256) -> __m256 {
            self.avx._mm256_permute2f128_ps::<0b0010_0000>(a, b)
        }

        #[inline(always)]
        fn last_four_four(self, a: __m256, b: __m256) -> __m256 {
            self.avx._mm256_permute2f128_ps::<0b0011_0001>(a, b)
        }

        #[inline(always)]
        fn in_turns(self, a: __m256, b: __m256) -> __m256 {
            self.avx._mm256_blend_ps::<0b1100_1100>(a, b)
        }
    }
}

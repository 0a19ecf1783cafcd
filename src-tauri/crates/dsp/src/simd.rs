//! SIMD operations on eight `f32`. Fast code is written once over [`Simd8`] and compiled per kind of processor.

use pulp::{Arch, NullaryFnOnce};

/// A task that is compiled for each kind of processor. Everything it calls must be inlined, or it is compiled for none.
pub trait SimdTask {
    /// The result.
    type Output;

    fn run<S: Simd8>(self, simd: S) -> Self::Output;
}

/// Runs the task with AVX2 and FMA if available, else with portable code.
pub fn dispatch<T: SimdTask>(arch: Arch, task: T) -> T::Output {
    match arch {
        #[cfg(target_arch = "x86_64")]
        Arch::V3(simd) => simd.vectorize(Call { task, simd }),
        _ => Call { task, simd: Portable }.call(),
    }
}

struct Call<T, S> {
    task: T,
    simd: S,
}

impl<T: SimdTask, S: Simd8> NullaryFnOnce for Call<T, S> {
    type Output = T::Output;

    #[inline(always)]
    fn call(self) -> T::Output {
        self.task.run(self.simd)
    }
}

/// Operations on eight numbers.
pub trait Simd8: Copy {
    /// Eight numbers in a register.
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
    fn swizzle<P: Swizzle>(self, v: Self::V) -> Self::V;
    /// Returns the first two of `a` and the last six of `b`.
    fn blend_low2(self, a: Self::V, b: Self::V) -> Self::V;
    /// Returns the first four of `a`, then the first four of `b`.
    fn concat_low(self, a: Self::V, b: Self::V) -> Self::V;
    /// Returns the last four of `a`, then the last four of `b`.
    fn concat_high(self, a: Self::V, b: Self::V) -> Self::V;
    /// Returns pairs of `a` and `b` in turns, each at its own position: a, b, a, b.
    fn interleave_pairs(self, a: Self::V, b: Self::V) -> Self::V;

    #[inline(always)]
    fn splat(self, value: f32) -> Self::V {
        self.load(&[value; 8])
    }

    #[inline(always)]
    fn abs(self, v: Self::V) -> Self::V {
        self.max(v, self.sub(self.splat(0.0), v))
    }

    /// Returns the highest of the eight.
    #[inline(always)]
    fn reduce_max(self, v: Self::V) -> f32 {
        // One instruction, because unlike `f32::max` it need not care about NaN.
        let max = |a: f32, b: f32| if a > b { a } else { b };
        let [a, b, c, d, e, f, g, h] = self.store(v);
        max(max(max(a, e), max(b, f)), max(max(c, g), max(d, h)))
    }

    /// Returns the highest amplitude. Trailing samples that do not fill a group of eight are ignored.
    #[inline(always)]
    fn max_abs(self, samples: &[f32]) -> f32 {
        let mut highest = self.splat(0.0);
        for samples in samples.as_chunks().0 {
            highest = self.max(highest, self.abs(self.load(samples)));
        }
        self.reduce_max(highest)
    }
}

/// A permutation of eight numbers.
pub trait Swizzle {
    const FROM: [u8; 8];
}

/// Moves everything up by two positions; the last two become the first.
pub struct RotateRight2;

impl Swizzle for RotateRight2 {
    const FROM: [u8; 8] = [6, 7, 0, 1, 2, 3, 4, 5];
}

/// Duplicates each of the last two pairs.
pub struct DupHighPairs;

impl Swizzle for DupHighPairs {
    const FROM: [u8; 8] = [4, 5, 4, 5, 6, 7, 6, 7];
}

/// Swaps the pairs within each half.
pub struct SwapPairs;

impl Swizzle for SwapPairs {
    const FROM: [u8; 8] = [2, 3, 0, 1, 6, 7, 4, 5];
}

/// Swaps the two middle pairs.
pub struct SwapMiddlePairs;

impl Swizzle for SwapMiddlePairs {
    const FROM: [u8; 8] = [0, 1, 4, 5, 2, 3, 6, 7];
}

/// Portable version for any processor; the compiler vectorizes what it can.
#[derive(Clone, Copy)]
pub struct Portable;

impl Simd8 for Portable {
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
    fn swizzle<P: Swizzle>(self, v: [f32; 8]) -> [f32; 8] {
        P::FROM.map(|from| v[usize::from(from)])
    }

    #[inline(always)]
    fn blend_low2(self, a: [f32; 8], b: [f32; 8]) -> [f32; 8] {
        std::array::from_fn(|i| if i < 2 { a[i] } else { b[i] })
    }

    #[inline(always)]
    fn concat_low(self, a: [f32; 8], b: [f32; 8]) -> [f32; 8] {
        std::array::from_fn(|i| if i < 4 { a[i] } else { b[i - 4] })
    }

    #[inline(always)]
    fn concat_high(self, a: [f32; 8], b: [f32; 8]) -> [f32; 8] {
        std::array::from_fn(|i| if i < 4 { a[i + 4] } else { b[i] })
    }

    #[inline(always)]
    fn interleave_pairs(self, a: [f32; 8], b: [f32; 8]) -> [f32; 8] {
        std::array::from_fn(|i| if i % 4 < 2 { a[i] } else { b[i] })
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{__m256, __m256i};

    use pulp::{bytemuck::cast, x86::V3};

    use super::{Simd8, Swizzle};

    /// AVX2 and FMA.
    impl Simd8 for V3 {
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
        fn swizzle<P: Swizzle>(self, v: __m256) -> __m256 {
            let from: __m256i = cast(P::FROM.map(u32::from));
            self.avx2._mm256_permutevar8x32_ps(v, from)
        }

        #[inline(always)]
        fn blend_low2(self, a: __m256, b: __m256) -> __m256 {
            self.avx._mm256_blend_ps::<0b1111_1100>(a, b)
        }

        #[inline(always)]
        fn concat_low(self, a: __m256, b: __m256) -> __m256 {
            self.avx._mm256_permute2f128_ps::<0b0010_0000>(a, b)
        }

        #[inline(always)]
        fn concat_high(self, a: __m256, b: __m256) -> __m256 {
            self.avx._mm256_permute2f128_ps::<0b0011_0001>(a, b)
        }

        #[inline(always)]
        fn interleave_pairs(self, a: __m256, b: __m256) -> __m256 {
            self.avx._mm256_blend_ps::<0b1100_1100>(a, b)
        }
    }
}

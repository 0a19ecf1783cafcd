//! What the threads of a scan share: counters and the cancel flag.

use std::sync::atomic::{
    AtomicBool, AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};

/// Counters and cancel flag of one scan.
#[derive(Default)]
pub(crate) struct ScanControl {
    is_cancelled: AtomicBool,
    is_counted: AtomicBool,
    found: AtomicU32,
    unchanged: AtomicU32,
}

impl ScanControl {
    /// Makes the scan stop soon.
    pub fn cancel(&self) {
        self.is_cancelled.store(true, Relaxed);
    }

    pub fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Relaxed)
    }

    /// Counts a found file.
    pub fn add_found(&self) {
        self.found.fetch_add(1, Relaxed);
    }

    /// Counts a file that need not be read.
    pub fn add_unchanged(&self) {
        self.unchanged.fetch_add(1, Relaxed);
    }

    /// States that all files have been found.
    pub fn set_counted(&self) {
        self.is_counted.store(true, Release);
    }

    /// Returns whether all files have been found. Read it before `found`, which then no longer grows.
    pub fn is_counted(&self) -> bool {
        self.is_counted.load(Acquire)
    }

    pub fn found(&self) -> u32 {
        self.found.load(Relaxed)
    }

    pub fn unchanged(&self) -> u32 {
        self.unchanged.load(Relaxed)
    }
}

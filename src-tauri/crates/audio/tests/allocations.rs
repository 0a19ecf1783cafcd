//! Nothing on the audio thread allocates or frees memory.
#![allow(unsafe_code)] // a global allocator is unsafe by nature, and this one only counts
#![allow(clippy::unwrap_used)] // a test may fail

mod common;

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::{Duration, Instant},
};

use auralis_core::{EngineCommand, MasteringSettings};
use common::*;

struct Counting;

static COUNTED: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static IS_AUDIO: Cell<bool> = const { Cell::new(false) };
}

fn count() {
    if IS_AUDIO.get() {
        COUNTED.fetch_add(1, Relaxed);
    }
}

// SAFETY: every call is forwarded unchanged to the system allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count();
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn the_audio_thread_neither_allocates_nor_frees() {
    let folder = tempfile::tempdir().unwrap();
    let file = encode(folder.path(), "s.flac", &sweep(3 * 44_100, 44_100), 44_100, &[]);
    for patient in [true, false] {
        let rig = TestEngine::with(48_000, patient, std::sync::Arc::new(auralis_audio::SystemFiles));
        let mut buffer = vec![[0.0f32; 2]; 512];
        let mut sounded = false;
        let mut pull_for = |duration: Duration| {
            let until = Instant::now() + duration;
            while Instant::now() < until {
                IS_AUDIO.set(true);
                rig.device.pull_into(&mut buffer);
                IS_AUDIO.set(false);
                sounded |= buffer.iter().any(|frame| *frame != [0.0; 2]);
                std::thread::sleep(Duration::from_micros(200));
            }
        };
        rig.load(1, &file);
        let deadline = Instant::now() + LONG;
        while !rig.device.is_open() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
        // The first pull adds the source to rodio's mixer, which allocates.
        rig.device.pull(64);
        for load in 2..40 {
            rig.prepare(load, &file);
            pull_for(Duration::from_millis(20));
            rig.send(EngineCommand::Pause);
            rig.send(seek_command(load, fastrand::f64() * 3.0));
            rig.send(EngineCommand::Play);
            let settings =
                MasteringSettings { enabled: load % 3 > 0, intensity: fastrand::f32(), ..Default::default() };
            rig.send(EngineCommand::SetMastering { settings, bypassed: load % 4 == 0 });
            rig.send(EngineCommand::SetGain { gain: 0.2 + fastrand::f32() * 0.8 });
            pull_for(Duration::from_millis(10));
            match load % 5 {
                0 => rig.load(load + 100, &file),
                1 => rig.send(EngineCommand::ClearPrepared),
                2 => rig.send(seek_command(load, 2.95)),
                _ => {}
            }
            pull_for(Duration::from_millis(20));
        }
        assert!(sounded);
        assert_eq!(COUNTED.load(Relaxed), 0, "patient: {patient}");
    }
}

//! The last command wins, however slow the files are.
#![allow(clippy::unwrap_used)] // a test may fail

mod common;

use std::{path::Path, sync::Arc, time::Duration};

use auralis_audio::{DecodeError, FileDecoder, OpenFile};
use auralis_core::{EngineCommand, EngineEvent, LoadId, SourceFormat};
use common::*;

const RATE: u32 = 48_000;

/// Opens "tracks" that consist of their own number, after a random delay.
struct NumberedFiles {
    slowest_us: u64,
}

struct Number {
    value: f32,
    left: usize,
    slowest_us: u64,
}

fn random_delay(slowest_us: u64) {
    std::thread::sleep(Duration::from_micros(fastrand::u64(0..=slowest_us)));
}

impl OpenFile for NumberedFiles {
    fn open(&self, path: &Path) -> Result<Box<dyn FileDecoder>, DecodeError> {
        random_delay(self.slowest_us);
        let frame_number: u32 = path.to_str().unwrap().parse().unwrap();
        Ok(Box::new(Number { value: frame_number as f32 / 4096.0, left: 50_000, slowest_us: self.slowest_us }))
    }
}

impl FileDecoder for Number {
    fn format(&self) -> SourceFormat {
        SourceFormat::default()
    }

    fn rate_hz(&self) -> u32 {
        RATE
    }

    fn frames(&self) -> Option<u64> {
        Some(50_000)
    }

    fn seek(&mut self, frame: u64) -> Result<(), DecodeError> {
        self.left = 50_000usize.saturating_sub(frame as usize);
        Ok(())
    }

    fn read(&mut self, out: &mut Vec<[f32; 2]>) -> Result<(), DecodeError> {
        random_delay(self.slowest_us / 8);
        let frames = self.left.min(1000);
        self.left -= frames;
        out.extend(std::iter::repeat_n([self.value; 2], frames));
        Ok(())
    }
}

#[test]
fn the_last_load_is_heard() {
    let mut rig = TestEngine::with(RATE, true, Arc::new(NumberedFiles { slowest_us: 3000 }));
    let mut load = 0;
    for pair in 0..1000u64 {
        let (x, y) = (load + 1, load + 2);
        load = y;
        rig.load(x, Path::new(&(x % 4096).to_string()));
        if pair % 3 == 0 {
            random_delay(4000);
            rig.pull(64);
        }
        rig.load(y, Path::new(&(y % 4096).to_string()));
        let wanted = [(y % 4096) as f32 / 4096.0; 2];
        let from = rig.played.len();
        // Advance first, so that the order of the events can be checked afterwards.
        while rig.device.is_open() && rig.pull(256).last() != Some(&wanted) {
            std::thread::yield_now();
            if rig.played.len() > from + 20_000_000 {
                panic!("{y} is not heard: {:?}", rig.played.last());
            }
        }
        rig.advance_until(
            "the second",
            |event| matches!(event, EngineEvent::Position { load, running: true, .. } if *load == LoadId(y)),
        );
        // Once the second is audible, nothing of the first is.
        let heard = &rig.played[from..];
        let first = heard.iter().position(|frame| *frame == wanted).expect("it was heard");
        let others = heard[first..].iter().filter(|frame| **frame != wanted && **frame != [0.0; 2]).count();
        assert_eq!(others, 0, "pair {pair}");
        // The first is not reported after the second either.
        let ready = rig.seen.iter().position(|event| matches!(event, EngineEvent::Ready { load, .. } if load.0 == y));
        let late = rig.seen[ready.expect("ready")..].iter().any(|event| match event {
            EngineEvent::Ready { load, .. } | EngineEvent::Position { load, .. } => load.0 < y,
            EngineEvent::Ended { .. } | EngineEvent::Failed { .. } => true,
            _ => false,
        });
        assert!(!late, "pair {pair}: {:#?}", rig.seen);
        rig.seen.clear();
        rig.played.clear();
    }
}

/// A file that hangs delays nobody, and the engine can be dropped.
#[test]
fn a_hanging_file_blocks_nobody() {
    struct HangingOpener;
    impl OpenFile for HangingOpener {
        fn open(&self, path: &Path) -> Result<Box<dyn FileDecoder>, DecodeError> {
            if path == Path::new("0") {
                std::thread::sleep(Duration::from_secs(3600));
            }
            NumberedFiles { slowest_us: 0 }.open(path)
        }
    }
    let mut rig = TestEngine::with(RATE, true, Arc::new(HangingOpener));
    rig.load(1, Path::new("0"));
    rig.wait_open();
    rig.load(2, Path::new("7"));
    rig.wait_ready(2);
    rig.prepare(3, Path::new("0"));
    rig.play_to_end(2);
    rig.load(4, Path::new("0"));
    let before = std::time::Instant::now();
    drop(rig.engine);
    assert!(before.elapsed() < Duration::from_millis(500));
}

/// Files that hang on opening, or at their second read.
struct HangingFiles;

struct HangingFile(bool);

impl OpenFile for HangingFiles {
    fn open(&self, path: &Path) -> Result<Box<dyn FileDecoder>, DecodeError> {
        match path.to_str() {
            Some("open") => hang(),
            Some("read") => Ok(Box::new(HangingFile(false))),
            _ => NumberedFiles { slowest_us: 0 }.open(path),
        }
    }

    fn timeout(&self) -> Duration {
        Duration::from_millis(300)
    }
}

impl FileDecoder for HangingFile {
    fn format(&self) -> SourceFormat {
        SourceFormat::default()
    }

    fn rate_hz(&self) -> u32 {
        RATE
    }

    fn frames(&self) -> Option<u64> {
        Some(50_000)
    }

    fn seek(&mut self, _: u64) -> Result<(), DecodeError> {
        Ok(())
    }

    fn read(&mut self, out: &mut Vec<[f32; 2]>) -> Result<(), DecodeError> {
        if std::mem::replace(&mut self.0, true) {
            hang();
        }
        out.extend([[0.5; 2]; 4_000]);
        Ok(())
    }
}

fn hang() -> ! {
    loop {
        std::thread::park();
    }
}

#[test]
fn a_hanging_file_is_reported() {
    let fails =
        |load| move |event: &EngineEvent| matches!(event, EngineEvent::Failed { load: LoadId(of), .. } if *of == load);
    for playing in [true, false] {
        let mut rig = TestEngine::with(RATE, false, Arc::new(HangingFiles));
        rig.load_at(1, Path::new("open"), 0.0, playing);
        rig.wait("the failure to open", fails(1));
    }
    let mut rig = TestEngine::with(RATE, false, Arc::new(HangingFiles));
    rig.load(2, Path::new("read"));
    rig.advance_until("the failure to read", fails(2));
    assert!(rig.played.contains(&[0.5; 2]), "what was read is played");

    rig.load_at(3, Path::new("7"), 0.0, false);
    rig.wait_ready(3);
    for (load, crossfade_s) in [(4, 0.0), (5, 0.2)] {
        rig.send(prepare_command(load, Path::new("open"), crossfade_s));
        rig.wait("the failure to prepare", fails(load));
    }
}

#[test]
fn a_decoder_that_panics_fails_and_the_engine_goes_on() {
    struct PanickingOpener;
    impl OpenFile for PanickingOpener {
        fn open(&self, path: &Path) -> Result<Box<dyn FileDecoder>, DecodeError> {
            assert!(path != Path::new("0"), "a bomb");
            NumberedFiles { slowest_us: 0 }.open(path)
        }
    }
    let mut rig = TestEngine::with(RATE, true, Arc::new(PanickingOpener));
    rig.load(1, Path::new("0"));
    rig.wait("failure", |event| matches!(event, EngineEvent::Failed { load: LoadId(1), .. }));
    rig.load(2, Path::new("7"));
    rig.wait_open();
    rig.play_to_end(2);
}

/// The end is reported once, whatever is requested around it.
#[test]
fn the_end_is_reported_once() {
    let mut rig = TestEngine::with(RATE, true, Arc::new(NumberedFiles { slowest_us: 0 }));
    for load in 1..=20 {
        rig.load(load, Path::new("9"));
        rig.wait_ready(load);
        rig.wait_open();
        if load % 2 == 0 {
            rig.send(seek_command(1, 1.0));
        }
        rig.play_to_end(load);
        rig.send(EngineCommand::Play);
        rig.pull(5000);
        while let Ok(event) = rig.events.recv_timeout(Duration::from_millis(30)) {
            rig.seen.push(event);
        }
    }
    for load in 1..=20 {
        let ends = rig.seen.iter().filter(|event| **event == EngineEvent::Ended { load: LoadId(load) }).count();
        assert_eq!(ends, 1, "{load}");
    }
}

//! Devices come and go without losing the position.
#![allow(clippy::unwrap_used)] // a test may fail

mod common;

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
    time::{Duration, Instant},
};

use auralis_audio::{
    DeviceConnector, Engine, OpenedDevice, Output, OutputError, OutputKind, SystemFiles, TestDevice, TestOutput,
};
use auralis_core::{CurrentOutput, EngineCommand, EngineEvent, LoadId, OutputId, OutputRow, SeekId, SourceFormat};
use common::*;

const RATE: u32 = 48_000;

fn is_open(event: &EngineEvent) -> bool {
    matches!(event, EngineEvent::Output(CurrentOutput::Open { .. }))
}

fn is_position(running: bool) -> impl Fn(&EngineEvent) -> bool {
    move |event| matches!(event, EngineEvent::Position { running: is, .. } if *is == running)
}

fn file(folder: &tempfile::TempDir, seconds: usize) -> std::path::PathBuf {
    encode(folder.path(), "s.flac", &sweep(seconds * RATE as usize, RATE), RATE, &[])
}

#[test]
fn no_device_is_opened_before_there_is_something_to_hear() {
    let folder = tempfile::tempdir().unwrap();
    let file = file(&folder, 2);
    let mut rig = TestEngine::new(RATE);
    rig.send(EngineCommand::SetGain { gain: 0.5 });
    rig.load_at(1, &file, 1.25, false);
    rig.wait_ready(1);
    let wanted = EngineEvent::Position { load: LoadId(1), seek: SeekId(0), position_s: 1.25, running: false };
    rig.wait("the place", |event| *event == wanted);
    assert!(!rig.device.is_open());
    rig.send(EngineCommand::Play);
    let (id, name) = (OutputId("virtual".into()), "Virtual output".to_owned());
    let open = EngineEvent::Output(CurrentOutput::Open { id, name, rate_hz: RATE, bits: 24 });
    rig.wait("the device", |event| *event == open);
    rig.play_to_end(1);
    assert!(rig.sound().len() <= RATE as usize * 3 / 4);
}

#[test]
fn a_lost_device_pauses_and_comes_back_at_the_same_frame() {
    let folder = tempfile::tempdir().unwrap();
    let file = file(&folder, 6);
    let mut rig = TestEngine::new(RATE);
    rig.load(1, &file);
    rig.wait_open();
    rig.advance_until("sound", is_position(true));
    rig.pull(RATE as usize);
    rig.device.set_plugged(false);
    rig.wait("the loss", |event| matches!(event, EngineEvent::Output(CurrentOutput::Disconnected { .. })));
    let EngineEvent::Position { position_s: lost_s, .. } = rig.wait("the place", is_position(false)) else {
        unreachable!()
    };
    let played = rig.played.len();
    std::thread::sleep(Duration::from_millis(400));
    rig.device.set_plugged(true);
    rig.wait("the device", is_open);
    rig.wait_open();
    // It stays paused, on the frame.
    assert!(rig.pull(4096).iter().all(|frame| *frame == [0.0; 2]));
    rig.send(EngineCommand::Play);
    rig.play_to_end(1);
    let sounded = trimmed(&rig.played[played..]).len();
    let rest = ((6.0 - lost_s) * f64::from(RATE)) as usize;
    assert!(sounded.abs_diff(rest) < 16, "{sounded} of {rest}");
    let missing = rig.seen.iter().any(|event| matches!(event, EngineEvent::Output(CurrentOutput::Unavailable { .. })));
    assert!(!missing, "{:#?}", rig.seen);
}

#[test]
fn missing_device_is_reported_and_retried() {
    let folder = tempfile::tempdir().unwrap();
    let file = file(&folder, 1);
    let mut rig = TestEngine::new(RATE);
    rig.device.set_plugged(false);
    rig.load(1, &file);
    rig.wait("the lack", |event| matches!(event, EngineEvent::Output(CurrentOutput::Unavailable { .. })));
    rig.send(EngineCommand::Play);
    rig.wait("the lack", |event| matches!(event, EngineEvent::Output(CurrentOutput::Unavailable { .. })));
    rig.device.set_plugged(true);
    rig.wait("the device", is_open);
    rig.play_to_end(1);
}

#[test]
fn idle_device_is_closed_and_reopened() {
    let folder = tempfile::tempdir().unwrap();
    let file = file(&folder, 4);
    let mut rig = TestEngine::new(RATE);
    rig.load(1, &file);
    rig.wait_open();
    rig.advance_until("sound", is_position(true));
    rig.pull(RATE as usize);
    rig.send(EngineCommand::Pause);
    let EngineEvent::Position { position_s: paused_s, .. } = rig.advance_until("pause", is_position(false)) else {
        unreachable!()
    };
    let before = Instant::now();
    rig.wait("release", |event| *event == EngineEvent::Output(CurrentOutput::Closed));
    assert!(before.elapsed() > Duration::from_secs(8));
    assert_eq!(rig.engine.diagnostics().output, None);
    let played = rig.played.len();
    rig.send(EngineCommand::Play);
    rig.wait("the device", is_open);
    rig.play_to_end(1);
    let sounded = trimmed(&rig.played[played..]).len();
    let rest = ((4.0 - paused_s) * f64::from(RATE)) as usize;
    assert!(sounded.abs_diff(rest) < 16, "{sounded} of {rest}");
}

#[test]
fn the_null_output_plays_at_real_speed() {
    let folder = tempfile::tempdir().unwrap();
    let file = file(&folder, 3);
    let (sender, events) = channel();
    let engine = Engine::start(OutputKind::Null, move |event| drop(sender.send((Instant::now(), event))));
    engine.send(load_command(1, &file, 0.0, true));
    let mut places = Vec::new();
    let end = loop {
        match events.recv_timeout(LONG).expect("it plays on") {
            (at, EngineEvent::Position { position_s, running: true, .. }) => places.push((at, position_s)),
            (at, EngineEvent::Ended { .. }) => break at,
            _ => {}
        }
    };
    let start = places[0].0;
    assert!(((end - start).as_secs_f64() - 3.0).abs() < 0.15, "{:?}", end - start);
    assert_eq!(places.len(), 3, "one at the start and one each second: {places:?}");
    for (at, position_s) in places {
        let off = position_s - (at - start).as_secs_f64();
        assert!(off.abs() < 0.1, "off by {off} s");
    }
    assert_eq!(engine.diagnostics().underruns, 0);
}

/// Late decoding is counted, and the position holds meanwhile.
#[test]
fn underruns_are_counted_and_hold_the_position() {
    use auralis_audio::{DecodeError, FileDecoder, OpenFile};
    use std::{path::Path, sync::Arc};
    struct Slow(usize);
    impl OpenFile for Slow {
        fn open(&self, _: &Path) -> Result<Box<dyn FileDecoder>, DecodeError> {
            Ok(Box::new(Slow(0)))
        }
    }
    impl FileDecoder for Slow {
        fn rate_hz(&self) -> u32 {
            RATE
        }
        fn format(&self) -> SourceFormat {
            SourceFormat::default()
        }
        fn frames(&self) -> Option<u64> {
            None
        }
        fn seek(&mut self, _: u64) -> Result<(), DecodeError> {
            Ok(())
        }
        fn read(&mut self, out: &mut Vec<[f32; 2]>) -> Result<(), DecodeError> {
            self.0 += 1;
            match self.0 {
                1 => out.resize(4800, [0.5; 2]),
                2 => {
                    std::thread::sleep(Duration::from_millis(300));
                    out.resize(4800, [0.5; 2]);
                }
                _ => {}
            }
            Ok(())
        }
    }
    let (output, device) = TestDevice::new(RATE, false);
    let (sender, events) = channel();
    let engine = Engine::with_output(Box::new(output), Arc::new(Slow(0)), move |event| drop(sender.send(event)));
    let pace = Duration::from_micros(50);
    let mut rig = TestEngine { engine, device, events, seen: Vec::new(), played: Vec::new(), pace };
    rig.load(1, Path::new("slow"));
    rig.wait_open();
    rig.advance_until("sound", is_position(true));
    rig.pull(9600);
    let EngineEvent::Position { position_s, .. } = rig.wait("the stall", is_position(false)) else { unreachable!() };
    assert_eq!(position_s, 0.1);
    rig.advance_until("the end", |event| matches!(event, EngineEvent::Ended { .. }));
    let silence = trimmed(&rig.played).iter().filter(|frame| **frame == [0.0; 2]).count() as u64;
    let counted = rig.engine.diagnostics();
    assert_eq!(counted.underruns, 1);
    // The first frame of a fade-in is silent, too.
    assert_eq!(counted.underrun_frames, silence - 1);
}

/// The CPU share of decoding is measured: more with resampling, and never a whole core.
#[test]
fn the_load_of_decoding_is_measured() {
    let folder = tempfile::tempdir().unwrap();
    let file = file(&folder, 4);
    let load_at = |rate_hz: u32| {
        let mut rig = TestEngine::new(rate_hz);
        rig.load(1, &file);
        rig.wait_open();
        rig.advance_until("sound", is_position(true));
        rig.pull(2 * rate_hz as usize);
        rig.engine.diagnostics().decode_load
    };
    let (same, resampled) = (load_at(RATE), load_at(96_000));
    assert!(0.0 < same && same < resampled && resampled < 1.0, "{same} {resampled}");
}

/// Two outputs; opening one takes until the test allows it.
struct SlowOutputs {
    outputs: [TestOutput; 2],
    opening: Sender<()>,
    allowed: Receiver<()>,
}

impl Output for SlowOutputs {
    fn list(&mut self) -> Vec<OutputRow> {
        ["first", "second"]
            .map(|id| OutputRow { id: OutputId(id.into()), name: id.into(), is_default: id == "first" })
            .into()
    }

    fn open(&mut self, chosen: Option<&OutputId>, connector: DeviceConnector) -> Result<OpenedDevice, OutputError> {
        let _ = self.opening.send(());
        let _ = self.allowed.recv_timeout(LONG);
        let id = chosen.cloned().unwrap_or(OutputId("first".into()));
        let output = &mut self.outputs[usize::from(id.0 == "second")];
        Ok(OpenedDevice { id, ..output.open(None, connector)? })
    }
}

#[test]
fn choice_during_opening_is_applied() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, 10);
    let [(first, first_device), (second, second_device)] = [(); 2].map(|()| TestDevice::new(RATE, true));
    let (opening, is_opening) = channel();
    let (allow, allowed) = channel();
    let outputs = SlowOutputs { outputs: [first, second], opening, allowed };
    let (sender, events) = channel();
    let engine = Engine::with_output(Box::new(outputs), Arc::new(SystemFiles), move |event| drop(sender.send(event)));
    engine.send(load_command(1, &path, 0.0, true));
    is_opening.recv_timeout(LONG).expect("a device is opened");
    engine.send(EngineCommand::ChooseOutput { output: Some(OutputId("second".into())) });
    // The choice has been handled once a later command is answered.
    engine.send(load_command(2, &path, 0.0, true));
    while !matches!(events.recv_timeout(LONG).expect("it loads"), EngineEvent::Ready { load: LoadId(2), .. }) {}
    allow.send(()).unwrap();
    allow.send(()).unwrap();
    let opened = std::iter::from_fn(|| events.recv_timeout(LONG).ok()).find_map(|event| match event {
        EngineEvent::Output(CurrentOutput::Open { id, .. }) => Some(id),
        _ => None,
    });
    assert_eq!(opened, Some(OutputId("second".into())));
    assert!(second_device.is_open() && !first_device.is_open());
}

//! Outputs come and go on a real sound server, and playback goes where it should.
#![allow(clippy::unwrap_used)] // a test may fail

mod common;

use std::{
    path::Path,
    sync::mpsc::{Receiver, channel},
    time::Instant,
};

use auralis_audio::{Engine, OutputKind};
use auralis_core::{CurrentOutput, EngineCommand, EngineEvent, OutputId};
use common::{
    pulse::{SERVER_FOLDER, load_null_sink, pactl, rerun_with_server, server},
    *,
};

const RATE: u32 = 48_000;

struct Listener {
    engine: Engine,
    events: Receiver<(Instant, EngineEvent)>,
    seen: Vec<EngineEvent>,
}

impl Listener {
    /// Plays a long file.
    fn playing(folder: &Path) -> Self {
        let file = encode(folder, "long.flac", &sweep(120 * RATE as usize, RATE), RATE, &[]);
        let (sender, events) = channel();
        let engine = Engine::start(OutputKind::System, move |event| drop(sender.send((Instant::now(), event))));
        engine.send(load_command(1, &file, 0.0, true));
        Self { engine, events, seen: Vec::new() }
    }

    fn wait(&mut self, what: &str, wanted: impl Fn(&EngineEvent) -> bool) -> (Instant, EngineEvent) {
        let deadline = Instant::now() + LONG;
        loop {
            match self.events.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok((at, event)) => {
                    self.seen.push(event.clone());
                    if wanted(&event) {
                        return (at, event);
                    }
                }
                Err(_) => panic!("no {what}: {:#?}", self.seen),
            }
        }
    }

    /// At any rate: the server may change an idle sink's rate for the stream it moves there.
    fn opens(&mut self, name: &str) {
        let wanted = OutputId(format!("pulseaudio:{name}"));
        self.wait(name, |event| matches!(event, EngineEvent::Output(CurrentOutput::Open { id, .. }) if *id == wanted));
    }

    fn is_lost(&mut self) {
        self.wait("loss", |event| matches!(event, EngineEvent::Output(CurrentOutput::Disconnected { .. })));
        self.wait("pause", |event| matches!(event, EngineEvent::Position { running: false, .. }));
    }

    /// Plays on in real time. A busy machine may stop the server for moments, but not every second.
    fn plays(&mut self) {
        let deadline = Instant::now() + LONG;
        let mut last: Option<(Instant, f64)> = None;
        loop {
            let (at, event) = self.wait("sound", |event| matches!(event, EngineEvent::Position { running: true, .. }));
            let EngineEvent::Position { position_s, .. } = event else { unreachable!() };
            if let Some((before, from_s)) = last.replace((at, position_s)) {
                let off = (position_s - from_s) / (at - before).as_secs_f64() - 1.0;
                if off.abs() < 0.02 && position_s - from_s > 0.5 {
                    return;
                }
                assert!(Instant::now() < deadline, "it plays {off} too fast");
            }
        }
    }
}

fn ours_is_at(sink: &str) -> bool {
    let index = pactl(&["list", "short", "sinks"])
        .lines()
        .find_map(|line| (line.split('\t').nth(1) == Some(sink)).then(|| line.split('\t').next().unwrap().to_owned()));
    let streams = pactl(&["list", "short", "sink-inputs"]);
    let at: Vec<_> = streams.lines().map(|line| line.split('\t').nth(1).map(str::to_owned)).collect();
    at == [index]
}

#[test]
fn the_default_is_followed_and_its_loss_pauses() {
    let Some(folder) = std::env::var_os(SERVER_FOLDER) else {
        return rerun_with_server("the_default_is_followed_and_its_loss_pauses");
    };
    let _server = server(Path::new(&folder));
    let mut listener = Listener::playing(Path::new(&folder));
    listener.opens("ci");
    listener.plays();

    // A new sink is listed and nothing more.
    let module = load_null_sink("usb", 96_000);
    listener.wait("list", |event| matches!(event, EngineEvent::Outputs(all) if all.len() == 2));
    listener.plays();
    assert!(ours_is_at("ci"));

    // It becomes the default: playback moves there, at its rate.
    pactl(&["set-default-sink", "usb"]);
    listener.opens("usb");
    listener.plays();
    assert!(ours_is_at("usb"));
    assert!(
        !listener.seen.iter().any(|event| matches!(event, EngineEvent::Output(CurrentOutput::Disconnected { .. })))
    );

    // It is unplugged: silence, whatever else exists.
    pactl(&["unload-module", &module]);
    listener.is_lost();
    listener.opens("ci");
    listener.engine.send(EngineCommand::Play);
    listener.plays();
    assert!(ours_is_at("ci"));
}

#[test]
fn the_chosen_output_is_kept() {
    let Some(folder) = std::env::var_os(SERVER_FOLDER) else { return rerun_with_server("the_chosen_output_is_kept") };
    let _server = server(Path::new(&folder));
    let module = load_null_sink("usb", 96_000);
    pactl(&["set-default-sink", "ci"]);
    let mut listener = Listener::playing(Path::new(&folder));
    listener.opens("ci");
    listener.engine.send(EngineCommand::ChooseOutput { output: Some(OutputId("pulseaudio:usb".into())) });
    listener.opens("usb");
    listener.plays();
    assert!(ours_is_at("usb"));
    // The default does not matter while an output is chosen.
    load_null_sink("third", 48_000);
    pactl(&["set-default-sink", "third"]);
    listener.wait("list", |event| {
        matches!(event, EngineEvent::Outputs(all) if all.iter().any(|row| row.is_default && row.id.0 == "pulseaudio:third"))
    });
    listener.plays();
    assert!(ours_is_at("usb"));
    // Lost, and back.
    pactl(&["unload-module", &module]);
    listener.is_lost();
    listener.opens("third");
    load_null_sink("usb", 96_000);
    listener.opens("usb");
    listener.engine.send(EngineCommand::Play);
    listener.plays();
    assert!(ours_is_at("usb"));
}

//! What rodio's own player would sound like, compared with the engine's one long-lived source in the same mixer: purity
//! after resampling, the step of a pause and of a volume change, and the frames around a join.
//!
//! `cargo bench -p auralis-audio --bench rodio_player`
#![allow(clippy::unwrap_used, missing_docs)] // a bench may fail

#[path = "../tests/common/mod.rs"]
mod common;

use std::num::NonZero;

use auralis_core::{EngineCommand, EngineEvent};
use common::{Frame, TestEngine, encode, max_step, trimmed};
use rodio::{Player, buffer::SamplesBuffer, mixer::MixerSource};

const DEVICE_HZ: u32 = 48_000;
const FILE_HZ: u32 = 44_100;
const TONE_HZ: f64 = 10_000.0;

fn main() {
    let low = tone(441.0, DEVICE_HZ, 2.0);
    let folder = tempfile::tempdir().unwrap();
    let own_step = max_step(&low);
    println!("{:34} {:>14} {:>14}", "", "rodio's player", "the engine");

    let high = tone(TONE_HZ, FILE_HZ, 2.0);
    let mut rodio = RodioPlayer::new();
    rodio.append(&high, FILE_HZ);
    let file = encode(folder.path(), "high.wav", &high, FILE_HZ, &[]);
    let mut engine = TestEngine::new(DEVICE_HZ);
    engine.load(1, &file);
    engine.wait_open();
    engine.play_to_end(1);
    let [theirs, ours] = [rodio.pull(3 * DEVICE_HZ as usize), engine.sound().to_vec()].map(|heard| residual_db(&heard));
    println!("{:34} {theirs:11.1} dB {ours:11.1} dB", "10 kHz from 44.1 to 48 kHz: noise");

    let mut rodio = RodioPlayer::new();
    rodio.append(&low, DEVICE_HZ);
    let mut theirs = rodio.pull(10_007);
    rodio.player.pause();
    theirs.extend(rodio.pull(10_000));
    let file = encode(folder.path(), "low.wav", &low, DEVICE_HZ, &[]);
    let mut engine = playing(&file);
    engine.send(EngineCommand::Pause);
    engine.advance_until("the pause", |event| matches!(event, EngineEvent::Position { running: false, .. }));
    show_step("pause: largest step", own_step, &theirs, &engine.played);

    let mut rodio = RodioPlayer::new();
    rodio.append(&low, DEVICE_HZ);
    let mut theirs = rodio.pull(10_007);
    rodio.player.set_volume(0.1);
    theirs.extend(rodio.pull(10_000));
    let mut engine = playing(&file);
    engine.send(EngineCommand::SetGain { gain: 0.1 });
    engine.pull(20_000);
    show_step("volume 1 → 0.1: largest step", own_step, &theirs, &engine.played);

    let (first, second) = (&high[..50_001], &high[50_001..]);
    let mut rodio = RodioPlayer::new();
    rodio.append(first, FILE_HZ);
    rodio.append(second, FILE_HZ);
    let theirs = rodio.pull(3 * DEVICE_HZ as usize);
    let files =
        [(first, "a.wav"), (second, "b.wav")].map(|(part, name)| encode(folder.path(), name, part, FILE_HZ, &[]));
    let mut engine = TestEngine::new(DEVICE_HZ);
    engine.load(1, &files[0]);
    engine.wait_ready(1);
    engine.prepare(2, &files[1]);
    engine.wait_open();
    engine.play_to_end(2);
    let joint = (50_001 * DEVICE_HZ / FILE_HZ) as usize;
    let around = |heard: &[Frame]| residual_db(&trimmed(heard)[joint - 4_000..joint + 4_000]);
    println!("{:34} {:11.1} dB {:11.1} dB", "gapless join at 44.1 kHz: noise", around(&theirs), around(engine.sound()));
}

fn playing(file: &std::path::Path) -> TestEngine {
    let mut engine = TestEngine::new(DEVICE_HZ);
    engine.load(1, file);
    engine.wait_open();
    engine.advance_until("sound", |event| matches!(event, EngineEvent::Position { running: true, .. }));
    engine.pull(10_007);
    engine
}

/// Prints the largest steps above the tone's own, as shares of full scale.
fn show_step(what: &str, own: f32, theirs: &[Frame], ours: &[Frame]) {
    let above = |heard: &[Frame]| (max_step(heard) - own).max(0.0);
    println!("{what:34} {:14.4} {:14.4}", above(theirs), above(ours));
}

/// Sources queued in rodio's player, in a mixer of the device's rate.
struct RodioPlayer {
    player: Player,
    mix: MixerSource,
}

impl RodioPlayer {
    fn new() -> Self {
        let (mixer, mix) = rodio::mixer::mixer(NonZero::new(2).unwrap(), NonZero::new(DEVICE_HZ).unwrap());
        Self { player: Player::connect_new(&mixer), mix }
    }

    fn append(&self, frames: &[Frame], rate_hz: u32) {
        let samples = frames.as_flattened().to_vec();
        self.player.append(SamplesBuffer::new(NonZero::new(2).unwrap(), NonZero::new(rate_hz).unwrap(), samples));
    }

    fn pull(&mut self, frames: usize) -> Vec<Frame> {
        (0..frames).map(|_| [0, 1].map(|_| self.mix.next().unwrap_or(0.0))).collect()
    }
}

fn tone(hz: f64, rate_hz: u32, seconds: f64) -> Vec<Frame> {
    let omega = std::f64::consts::TAU * hz / f64::from(rate_hz);
    (0..(seconds * f64::from(rate_hz)) as usize).map(|n| [((omega * n as f64).sin() * 0.5) as f32; 2]).collect()
}

/// Everything that is not the tone, relative to it, by least squares over the middle half.
fn residual_db(heard: &[Frame]) -> f64 {
    let heard = trimmed(heard);
    let heard = &heard[heard.len() / 4..heard.len() * 3 / 4];
    let omega = std::f64::consts::TAU * TONE_HZ / f64::from(DEVICE_HZ);
    let (mut cc, mut ss, mut cs, mut xc, mut xs, mut xx) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for (n, frame) in heard.iter().enumerate() {
        let (sin, cos) = (omega * n as f64).sin_cos();
        let x = f64::from(frame[0]);
        (cc, ss, cs, xc, xs, xx) =
            (cc + cos * cos, ss + sin * sin, cs + sin * cos, xc + x * cos, xs + x * sin, xx + x * x);
    }
    let det = cc * ss - cs * cs;
    let (a, b) = ((xc * ss - xs * cs) / det, (xs * cc - xc * cs) / det);
    let tone = a * xc + b * xs;
    10.0 * ((xx - tone).max(1e-30) / tone).log10()
}

//! Joining two halves of a signal gives the signal.

mod common;

use auralis_core::{EngineEvent, LoadId};
use common::*;

const RATE: u32 = 44_100;
/// Neither is a multiple of any codec's frame.
const CUT: usize = 60_637;
const LENGTH: usize = 121_777;

/// Plays two files one after the other and gives what was heard.
fn join(a: &std::path::Path, b: &std::path::Path, rate_hz: u32) -> Vec<Frame> {
    let mut rig = Rig::new(rate_hz);
    rig.load(1, a);
    rig.wait_ready(1);
    rig.prepare(2, b);
    rig.wait_ready(2);
    rig.wait_open();
    rig.play_to_end(2);
    let advanced = rig.seen.iter().filter(|event| **event == EngineEvent::Advanced { load: LoadId(2) }).count();
    assert_eq!(advanced, 1, "{:#?}", rig.seen);
    assert!(!rig.seen.contains(&EngineEvent::Ended { load: LoadId(1) }));
    rig.sound().to_vec()
}

fn halves(extension: &str, options: &[&str], signal: &[Frame]) -> (tempfile::TempDir, [std::path::PathBuf; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let a = encode(folder.path(), &format!("a.{extension}"), &signal[..CUT], RATE, options);
    let b = encode(folder.path(), &format!("b.{extension}"), &signal[CUT..], RATE, options);
    (folder, [a, b])
}

#[test]
fn lossless_joins_are_the_uncut_signal() {
    let signal = sweep(LENGTH, RATE);
    for (extension, options) in [
        ("wav", &[][..]),
        ("flac", &["-c:a", "flac"]),
        ("m4a", &["-c:a", "alac"]),
        ("caf", &["-c:a", "alac"]),
        ("aiff", &[]),
        ("oga", &["-c:a", "flac"]),
    ] {
        let (_folder, [a, b]) = halves(extension, options, &signal);
        let heard = join(&a, &b, RATE);
        assert_eq!(difference(&heard, trimmed(&signal)), 0.0, "{extension}");
    }
}

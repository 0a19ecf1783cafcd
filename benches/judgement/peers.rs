//! Other programs on the same tracks, each as a separate process.

use std::{fs, path::Path, process::Command};

use auralis_dsp::Frame;

use crate::tracks::{RATE_HZ, ffmpeg};

/// A program to compare with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    Loudnorm,
    Dynaudnorm,
    /// Knows the original, which it takes as its reference.
    Matchering,
}

pub const PEERS: [Peer; 3] = [Peer::Loudnorm, Peer::Dynaudnorm, Peer::Matchering];

impl Peer {
    pub fn name(self) -> &'static str {
        match self {
            Peer::Loudnorm => "ffmpeg loudnorm",
            Peer::Dynaudnorm => "ffmpeg dynaudnorm",
            Peer::Matchering => "matchering, given the original",
        }
    }

    /// Processes a sound; `None` if the program is missing or fails.
    pub fn process(self, folder: &Path, sound: &[Frame], original: &[Frame]) -> Option<Vec<Frame>> {
        let [input, reference, output] = ["input.wav", "reference.wav", "output.wav"].map(|name| folder.join(name));
        write_wav(&input, sound)?;
        match self {
            Peer::Loudnorm => ffmpeg(&input, "loudnorm=I=-14:TP=-1:LRA=20"),
            Peer::Dynaudnorm => ffmpeg(&input, "dynaudnorm"),
            Peer::Matchering => {
                write_wav(&reference, original)?;
                let script =
                    "import sys, matchering as mg; mg.process(sys.argv[1], sys.argv[2], [mg.pcm24(sys.argv[3])])";
                let python = std::env::var("MATCHERING_PYTHON").unwrap_or_else(|_| "python3".to_owned());
                let status =
                    Command::new(python).args(["-c", script]).args([&input, &reference, &output]).output().ok()?;
                status.status.success().then(|| ffmpeg(&output, "anull"))?
            }
        }
    }
}

/// Writes a WAV file of 32-bit floats.
fn write_wav(path: &Path, sound: &[Frame]) -> Option<()> {
    let bytes: Vec<u8> = sound.as_flattened().iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let mut file = Vec::from(*b"RIFF");
    file.extend((36 + bytes.len() as u32).to_le_bytes());
    file.extend(*b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    file.extend([3_u16, 2].map(u16::to_le_bytes).as_flattened());
    file.extend([RATE_HZ, RATE_HZ * 8].map(u32::to_le_bytes).as_flattened());
    file.extend([8_u16, 32].map(u16::to_le_bytes).as_flattened());
    file.extend(*b"data");
    file.extend((bytes.len() as u32).to_le_bytes());
    file.extend(bytes);
    fs::write(path, file).ok()
}

//! The music of the benchmark: full tracks, split into a tuning and a held-out half, and copies with a known fault.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use auralis_dsp::Frame;

pub const RATE_HZ: u32 = 44_100;

/// Shorter files are jingles, longer ones would dominate the run.
const DURATION_S: std::ops::Range<f64> = 60.0..600.0;

/// A track of a package.
#[derive(Debug, Clone)]
pub struct Track {
    pub path: PathBuf,
    /// `package/file`, which decides the half and the strength of the faults.
    pub name: String,
    /// The package stands for an album.
    pub album: String,
}

/// A known fault that is put into a copy, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    Dull,
    Boomy,
    Thin,
    Narrow,
}

pub const FAULTS: [Fault; 5] = [Fault::None, Fault::Dull, Fault::Boomy, Fault::Thin, Fault::Narrow];

impl Track {
    /// Returns all tracks under a folder of packages, sorted by hash, so that the first N are a random choice.
    pub fn all(music: &Path) -> Vec<Track> {
        let entries = |folder: &Path| {
            let mut paths: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
            paths.sort();
            paths
        };
        let text = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut tracks: Vec<Track> = entries(music)
            .iter()
            .flat_map(|package| entries(package).into_iter().map(move |path| (package.clone(), path)))
            .map(|(package, path)| {
                let album = text(&package);
                Track { name: format!("{album}/{}", text(&path)), path, album }
            })
            .collect();
        tracks.sort_by_key(Track::hash);
        tracks
    }

    /// Whether the track belongs to the half that was used for tuning and for the shipped statistics.
    pub fn is_tuning(&self) -> bool {
        self.hash() & 1 == 0
    }

    /// FNV-1a of the name.
    fn hash(&self) -> u64 {
        self.name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }

    /// A number from 0 to 1 that depends on the name and on `salt`.
    fn random(&self, salt: u64) -> f64 {
        let mixed = (self.hash() ^ salt.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        ((mixed ^ (mixed >> 33)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Decodes the track with a fault; `None` if it is too short, too long or unreadable.
    pub fn decode(&self, fault: Fault) -> Option<Vec<Frame>> {
        let sound = ffmpeg(&self.path, &self.filter(fault))?;
        DURATION_S.contains(&(sound.len() as f64 / f64::from(RATE_HZ))).then_some(sound)
    }

    /// The ffmpeg filter that makes the fault. Corner frequencies and strengths vary from track to track.
    fn filter(&self, fault: Fault) -> String {
        let between = |salt: u64, low: f64, high: f64| low * (high / low).powf(self.random(salt));
        match fault {
            Fault::None => "anull".to_owned(),
            Fault::Dull => {
                format!("highshelf=f={:.0}:g=-{:.1}:t=q:w=0.7", between(1, 2_500.0, 5_000.0), between(2, 6.0, 10.0))
            }
            Fault::Boomy => {
                format!("lowshelf=f={:.0}:g={:.1}:t=q:w=0.7", between(3, 100.0, 220.0), between(4, 6.0, 10.0))
            }
            Fault::Thin => {
                format!("lowshelf=f={:.0}:g=-{:.1}:t=q:w=0.7", between(5, 150.0, 350.0), between(6, 6.0, 10.0))
            }
            Fault::Narrow => "extrastereo=m=0.35:c=0".to_owned(),
        }
    }
}

/// Runs a filter of ffmpeg over a file and returns its output.
pub fn ffmpeg(path: &Path, filter: &str) -> Option<Vec<Frame>> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-threads", "1", "-i"])
        .arg(path)
        .args(["-af", filter, "-ac", "2", "-ar", &RATE_HZ.to_string(), "-f", "f32le", "-"])
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let samples = output.stdout.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
    let samples: Vec<f32> = samples.collect();
    output.status.success().then(|| samples.as_chunks().0.to_vec())
}

//! Pairs of files for a blind test: each track mastered and unprocessed, at the same loudness.

use std::{
    fs,
    hash::{BuildHasher, RandomState},
    path::PathBuf,
};

use auralis_audio::ExportJob;
use auralis_dsp::{Parameters, decide};

use super::mastering_export::{ExportError, MasteringJob, Progress, file_error, render_to};

/// Largest loudness difference of a pair.
const MAX_DIFFERENCE_LU: f32 = 0.02;

/// Attempts to match the loudness. The limiter may change with the gain, so one is not always enough.
const MAX_ATTEMPTS: usize = 6;

/// Name of the file that says which file of a pair is which.
const KEY_FILE: &str = "key.txt";

/// Writes `NAME A` and `NAME B` for each track, in random order, and a key file. Returns the paths of all files.
///
/// # Errors
///
/// See [`ExportError`].
pub fn export_pairs(
    job: &MasteringJob,
    mut on_progress: impl FnMut(Progress) -> bool,
) -> Result<Vec<PathBuf>, ExportError> {
    fs::create_dir_all(&job.folder).map_err(|error| file_error(&job.folder, error))?;
    let key_path = job.folder.join(KEY_FILE);
    let mut written = Vec::new();
    let mut key = String::new();
    for (track, input) in job.tracks.iter().enumerate() {
        let names = ["A", "B"].map(|letter| format!("{} {letter}", input.name));
        let outputs = names.clone().map(|name| job.folder.join(format!("{name}.{}", job.extension())));
        let taken = outputs.iter().chain([&key_path]).find(|path| path.symlink_metadata().is_ok());
        if let Some(taken) = taken {
            return Err(file_error(taken, "The file already exists. Choose another folder or remove it."));
        }
        let is_a_mastered = RandomState::new().hash_one(track) & 1 == 0;
        let [mastered, unprocessed] = if is_a_mastered { [0, 1] } else { [1, 0] };
        let mut progress = |position_s| on_progress(Progress { track, position_s, done: track });

        let before = measure(&input.path, &mut progress)?;
        let decision = decide(&job.settings, Some(&before), None);
        let mut render = |parameters: &Parameters, at: usize| -> Result<f32, ExportError> {
            let export =
                ExportJob { path: &input.path, range: input.range, parameters, format: job.format, bits: job.bits };
            render_to(&export, &input.tags, &outputs[at], |position_s| progress(Some(position_s)))?;
            Ok(measure(&outputs[at], &mut progress)?.integrated_lufs)
        };
        let mastered_lufs = render(&decision.parameters, mastered)?;
        let mut bypass = Parameters { gain_db: mastered_lufs - before.integrated_lufs, ..Parameters::default() };
        let mut lufs = render(&bypass, unprocessed)?;
        for _ in 1..MAX_ATTEMPTS {
            if (lufs - mastered_lufs).abs() <= MAX_DIFFERENCE_LU {
                break;
            }
            bypass.gain_db += mastered_lufs - lufs;
            fs::remove_file(&outputs[unprocessed]).map_err(|error| file_error(&outputs[unprocessed], error))?;
            lufs = render(&bypass, unprocessed)?;
        }
        key.push_str(&format!(
            "{}: mastered ({mastered_lufs:.2} LUFS)\n{}: unprocessed ({lufs:.2} LUFS)\n",
            names[mastered], names[unprocessed]
        ));
        written.extend(outputs);
    }
    fs::write(&key_path, key).map_err(|error| file_error(&key_path, error))?;
    written.push(key_path);
    Ok(written)
}

/// Analyses a file.
fn measure(
    path: &std::path::Path,
    progress: &mut impl FnMut(Option<f64>) -> bool,
) -> Result<auralis_core::AudioProfile, ExportError> {
    let progress = std::cell::RefCell::new(progress);
    let found = auralis_audio::analyse(path, None, || !(*progress.borrow_mut())(None));
    found.map_err(|error| file_error(path, error))?.map(|found| found.profile).ok_or(ExportError::Cancelled)
}

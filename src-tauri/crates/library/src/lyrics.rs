//! Lyrics: from the file `<track>.lrc` or `<track>.txt` beside the track, else from its tags.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use auralis_core::LyricLine;

use crate::{error::LibraryError, tags};

/// The most that is read of a file beside the track, in bytes.
const FILE_BYTES: u64 = 1 << 20;

/// The most lines that are told.
const LINES: usize = 5000;

/// Reads the lyrics of a file; no lines where there are none.
pub(crate) async fn read(path: PathBuf) -> Result<Vec<LyricLine>, LibraryError> {
    let read =
        tokio::task::spawn_blocking(move || beside(&path).or_else(|| tags::read_lyrics(&path)).unwrap_or_default());
    read.await.map_err(|error| LibraryError::Database(error.to_string()))
}

fn beside(path: &Path) -> Option<Vec<LyricLine>> {
    let text = |extension| {
        let mut bytes = Vec::new();
        let file = File::open(path.with_extension(extension)).ok()?;
        file.take(FILE_BYTES).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    };
    text("lrc").or_else(|| text("txt")).map(|text| lines(&text))
}

/// The lines of a text: with times if it is LRC (<https://en.wikipedia.org/wiki/LRC_(file_format)>), else as they are.
pub(crate) fn lines(text: &str) -> Vec<LyricLine> {
    let text = text.trim_start_matches('\u{feff}');
    let mut timed = Vec::new();
    let mut offset_s = 0.0;
    for line in text.lines() {
        let mut rest = line.trim_start();
        let mut times = Vec::new();
        while let Some((mark, after)) = rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
            if let Some(at_s) = seconds(mark) {
                times.push(at_s);
            } else if let Some(offset) = mark.strip_prefix("offset:").and_then(|ms| ms.trim().parse::<f64>().ok()) {
                // Positive: the lines come sooner.
                offset_s = offset / 1000.0;
            } else {
                break;
            }
            rest = after;
        }
        let text = without_word_times(rest);
        timed.extend(times.into_iter().map(|at_s| LyricLine { at_s: Some(at_s), text: text.clone() }));
    }
    if timed.is_empty() {
        return text
            .trim()
            .lines()
            .take(LINES)
            .map(|line| LyricLine { at_s: None, text: line.trim_end().into() })
            .collect();
    }
    for line in &mut timed {
        line.at_s = line.at_s.map(|at_s| (at_s - offset_s).max(0.0));
    }
    timed.sort_by(|one, other| one.at_s.partial_cmp(&other.at_s).unwrap_or(std::cmp::Ordering::Equal));
    timed.truncate(LINES);
    timed
}

/// "01:23.45" in seconds.
fn seconds(mark: &str) -> Option<f64> {
    let (minutes, seconds) = mark.trim().split_once(':')?;
    let minutes: u32 = minutes.parse().ok()?;
    let seconds: f64 = seconds.replacen(':', ".", 1).parse().ok().filter(|s: &f64| (0.0..60.0).contains(s))?;
    Some(f64::from(minutes) * 60.0 + seconds)
}

/// The words without the times that some files give to each, as "<01:23.45>".
fn without_word_times(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        match after.split_once('>') {
            Some((mark, after)) if seconds(mark).is_some() => rest = after,
            _ => {
                text.push('<');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(Option<f64>, String)> {
        lines(text).into_iter().map(|line| (line.at_s, line.text)).collect()
    }

    #[test]
    fn lines_with_times_are_put_in_order() {
        let lrc = "\u{feff}[ti:Title]\n[offset:500]\n[01:00.50]Later\n[00:01.00][00:02:50] Twice\n[00:03]<00:03.10>Word <00:03.60>by word\n\n[00:09.00]";
        let at = |s: f64, text: &str| (Some(s), text.to_owned());
        assert_eq!(
            told(lrc),
            [at(0.5, "Twice"), at(2.0, "Twice"), at(2.5, "Word by word"), at(8.5, ""), at(60.0, "Later")]
        );
    }

    #[test]
    fn lines_without_times_stay_as_they_are() {
        let plain = |text: &str| (None, text.to_owned());
        assert_eq!(told("One [x2]\n\n  Two <3\n"), [plain("One [x2]"), plain(""), plain("  Two <3")]);
        assert_eq!(told(" \n"), []);
    }
}

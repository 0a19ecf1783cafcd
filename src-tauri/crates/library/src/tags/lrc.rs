//! The LRC format of timed lyrics.

use auralis_core::LyricLine;

/// How many lines are returned at most.
const MAX_LINES: usize = 5000;

/// Parses lyrics: lines with times if the text is LRC (<https://en.wikipedia.org/wiki/LRC_(file_format)>), else plain lines.
pub(crate) fn parse_lrc(text: &str) -> Vec<LyricLine> {
    let text = text.trim_start_matches('\u{feff}');
    let mut timed = Vec::new();
    let mut offset_s = 0.0;
    for line in text.lines() {
        let mut rest = line.trim_start();
        let mut times = Vec::new();
        while let Some((mark, after)) = rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
            if let Some(at_s) = parse_time(mark) {
                times.push(at_s);
            } else if let Some(offset) = mark.strip_prefix("offset:").and_then(|ms| ms.trim().parse::<f64>().ok()) {
                // A positive offset moves the lines earlier.
                offset_s = offset / 1000.0;
            } else {
                break;
            }
            rest = after;
        }
        let text = strip_word_times(rest);
        timed.extend(times.into_iter().map(|at_s| LyricLine { at_s: Some(at_s), text: text.clone() }));
    }
    if timed.is_empty() {
        return text
            .trim()
            .lines()
            .take(MAX_LINES)
            .map(|line| LyricLine { at_s: None, text: line.trim_end().into() })
            .collect();
    }
    for line in &mut timed {
        line.at_s = line.at_s.map(|at_s| (at_s - offset_s).max(0.0));
    }
    timed.sort_by(|one, other| one.at_s.partial_cmp(&other.at_s).unwrap_or(std::cmp::Ordering::Equal));
    timed.truncate(MAX_LINES);
    timed
}

/// Parses "01:23.45" to seconds.
fn parse_time(mark: &str) -> Option<f64> {
    let (minutes, seconds) = mark.trim().split_once(':')?;
    let minutes: u32 = minutes.parse().ok()?;
    let seconds: f64 = seconds.replacen(':', ".", 1).parse().ok().filter(|s: &f64| (0.0..60.0).contains(s))?;
    Some(f64::from(minutes) * 60.0 + seconds)
}

/// Removes the times of single words, such as "<01:23.45>".
fn strip_word_times(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        match after.split_once('>') {
            Some((mark, after)) if parse_time(mark).is_some() => rest = after,
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

    fn parsed(text: &str) -> Vec<(Option<f64>, String)> {
        parse_lrc(text).into_iter().map(|line| (line.at_s, line.text)).collect()
    }

    #[test]
    fn timed_lines_are_sorted() {
        let lrc = "\u{feff}[ti:Title]\n[offset:500]\n[01:00.50]Later\n[00:01.00][00:02:50] Twice\n[00:03]<00:03.10>Word <00:03.60>by word\n\n[00:09.00]";
        let at = |s: f64, text: &str| (Some(s), text.to_owned());
        assert_eq!(
            parsed(lrc),
            [at(0.5, "Twice"), at(2.0, "Twice"), at(2.5, "Word by word"), at(8.5, ""), at(60.0, "Later")]
        );
    }

    #[test]
    fn plain_lines_keep_their_order() {
        let plain = |text: &str| (None, text.to_owned());
        assert_eq!(parsed("One [x2]\n\n  Two <3\n"), [plain("One [x2]"), plain(""), plain("  Two <3")]);
        assert_eq!(parsed(" \n"), []);
    }
}

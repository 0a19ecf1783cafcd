//! CUE sheets: the ranges and tags of several tracks in one file
//! (<https://wiki.hydrogenaudio.org/index.php?title=Cue_sheet>).

use std::{
    ffi::{OsStr, OsString},
    path::Path,
};

use auralis_core::{Loudness, TimeRange};

use crate::{
    tags::{self, SortNames, Tags},
    text::normalize,
};

/// CD frames per second, the time unit of sheets.
const FRAMES_PER_S: f64 = 75.0;

/// Largest sheet that is read, in bytes.
pub(crate) const MAX_SHEET_BYTES: u64 = 1 << 20;

/// The part of a sheet about one file with several tracks.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct CueSheet {
    /// The file name in the sheet.
    file_name: String,
    album: SheetText,
    disc_number: Option<u32>,
    album_gain_db: Option<f32>,
    album_peak: Option<f32>,
    tracks: Vec<SheetTrack>,
}

/// The metadata of the album or of one track. Missing fields are empty.
#[derive(Debug, Default, Clone, PartialEq)]
struct SheetText {
    title: String,
    performer: String,
    songwriter: String,
    date: String,
    genre: String,
}

#[derive(Debug, Default, Clone, PartialEq)]
struct SheetTrack {
    number: u32,
    text: SheetText,
    /// Index 1, in seconds from the start of the file.
    start_s: Option<f64>,
    gain_db: Option<f32>,
    peak: Option<f32>,
}

/// One track of a file that a sheet splits.
pub(crate) struct SheetTrackRange {
    /// Its position in the sheet, from 1.
    pub cue_index: u32,
    pub range: TimeRange,
    pub tags: Tags,
}

impl CueSheet {
    /// Parses a sheet and returns one value for each file with several tracks. Invalid lines are ignored.
    pub fn parse(bytes: &[u8]) -> Vec<CueSheet> {
        let mut reader = Reader::default();
        decode(bytes).lines().for_each(|line| reader.line(&tokens(line)));
        let Reader { album, mut files } = reader;
        files.retain(|file| file.tracks.len() > 1);
        files
            .into_iter()
            .map(|file| CueSheet { file_name: file.file_name, tracks: file.tracks, ..album.clone() })
            .collect()
    }

    /// Returns which of the files beside the sheet it is for. The extension may differ: sheets are seldom rewritten when a
    /// WAV is converted to FLAC.
    pub fn find_file<'f>(&self, beside: &'f [OsString]) -> Option<&'f OsString> {
        // A sheet from Windows may contain a folder.
        let name = self.file_name.rsplit(['/', '\\']).next().unwrap_or_default();
        let is = |other: &&OsString| normalize(&other.to_string_lossy()) == normalize(name);
        beside.iter().find(is).or_else(|| same_stem(OsStr::new(name), beside))
    }

    /// Splits a file with these tags into tracks. Returns none if the sheet does not fit the file.
    pub fn split(&self, file_tags: &Tags) -> Vec<SheetTrackRange> {
        let starts: Vec<f64> = self.tracks.iter().map_while(|track| track.start_s).collect();
        let ordered = starts.windows(2).all(|pair| pair[0] < pair[1]);
        let within = starts.last().is_some_and(|last| *last < file_tags.duration_s);
        if starts.len() < self.tracks.len() || !ordered || !within {
            return Vec::new();
        }
        let ends = starts.iter().skip(1).map(|end| Some(*end)).chain([None]);
        let part =
            |(((track, cue_index), start_s), end_s): (((&SheetTrack, u32), &f64), Option<f64>)| SheetTrackRange {
                cue_index,
                range: TimeRange { start_s: *start_s, end_s },
                tags: Tags {
                    duration_s: end_s.unwrap_or(file_tags.duration_s) - start_s,
                    ..self.tags(track, file_tags)
                },
            };
        self.tracks.iter().zip(1..).zip(&starts).zip(ends).map(part).collect()
    }

    /// Returns the tags of a track: those of the sheet, else those of the file.
    fn tags(&self, track: &SheetTrack, file_tags: &Tags) -> Tags {
        let first_text = |of: fn(&SheetText) -> &String| {
            [&track.text, &self.album]
                .map(of)
                .into_iter()
                .map(|text| tags::sanitize(text))
                .find(|text| !text.is_empty())
        };
        let title = tags::sanitize(&track.text.title);
        let album = tags::sanitize(&self.album.title);
        let album_artist = tags::sanitize(&self.album.performer);
        let performer = first_text(|text| &text.performer);
        let year = |date: String| date.get(..4)?.parse().ok();
        Tags {
            title: Some(if title.is_empty() { format!("Track {}", track.number) } else { title }),
            artist: performer.clone().unwrap_or_else(|| file_tags.artist.clone()),
            artists: performer.map_or_else(|| file_tags.artists.clone(), |performer| vec![performer]),
            album: Some(album).filter(|album| !album.is_empty()).or_else(|| file_tags.album.clone()),
            album_artist: file_tags.album_artist.clone().or(Some(album_artist).filter(|artist| !artist.is_empty())),
            disc_number: self.disc_number.or(file_tags.disc_number),
            track_number: Some(track.number),
            year: first_text(|text| &text.date).and_then(year).or(file_tags.year),
            genres: first_text(|text| &text.genre).map_or_else(|| file_tags.genres.clone(), |genre| vec![genre]),
            composers: first_text(|text| &text.songwriter).map_or_else(|| file_tags.composers.clone(), |by| vec![by]),
            sort: SortNames::default(),
            bpm: None,
            rating: None,
            loudness: Loudness {
                track_gain_db: track.gain_db,
                track_peak: track.peak,
                // The gain of a file that holds a file_tags album is the album gain.
                album_gain_db: self
                    .album_gain_db
                    .or(file_tags.loudness.album_gain_db)
                    .or(file_tags.loudness.track_gain_db),
                album_peak: self.album_peak.or(file_tags.loudness.album_peak).or(file_tags.loudness.track_peak),
            },
            ..file_tags.clone()
        }
    }
}

/// Returns the file with the same name up to the extension.
pub(crate) fn same_stem<'f>(name: &OsStr, beside: &'f [OsString]) -> Option<&'f OsString> {
    let stem = |name: &OsStr| normalize(&Path::new(name).file_stem().unwrap_or_default().to_string_lossy());
    beside.iter().find(|other| stem(other) == stem(name))
}

/// The state of a parse.
#[derive(Default)]
struct Reader {
    album: CueSheet,
    files: Vec<CueSheet>,
}

impl Reader {
    fn line(&mut self, tokens: &[String]) {
        let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
        let [command, rest @ ..] = tokens.as_slice() else { return };
        match (command.to_ascii_uppercase().as_str(), rest) {
            ("FILE", [name, ..]) => self.files.push(CueSheet { file_name: (*name).into(), ..CueSheet::default() }),
            ("TRACK", [number, kind]) if kind.eq_ignore_ascii_case("AUDIO") => {
                let (Some(file), Ok(number)) = (self.files.last_mut(), number.parse()) else { return };
                file.tracks.push(SheetTrack { number, ..SheetTrack::default() });
            }
            ("INDEX", [index, at]) if index.parse() == Ok(1) => {
                self.track().into_iter().for_each(|track| track.start_s = parse_time(at));
            }
            ("TITLE", [title]) => self.text().title = (*title).into(),
            ("PERFORMER", [performer]) => self.text().performer = (*performer).into(),
            ("SONGWRITER", [songwriter]) => self.text().songwriter = (*songwriter).into(),
            ("REM", [name, value, ..]) => self.comment(&name.to_ascii_uppercase(), value),
            _ => {}
        }
    }

    fn comment(&mut self, name: &str, value: &str) {
        let number = value.parse::<f32>().ok().filter(|number| number.is_finite());
        let mut of_track = |set: fn(&mut SheetTrack, Option<f32>)| {
            self.track().into_iter().for_each(|track| set(track, number));
        };
        match name {
            "REPLAYGAIN_TRACK_GAIN" => of_track(|track, gain_db| track.gain_db = gain_db),
            "REPLAYGAIN_TRACK_PEAK" => of_track(|track, peak| track.peak = peak),
            "REPLAYGAIN_ALBUM_GAIN" => self.album.album_gain_db = number,
            "REPLAYGAIN_ALBUM_PEAK" => self.album.album_peak = number,
            "DISCNUMBER" => self.album.disc_number = value.parse().ok().filter(|number| *number > 0),
            "DATE" => self.text().date = value.into(),
            "GENRE" => self.text().genre = value.into(),
            _ => {}
        }
    }

    /// Returns the current track; `None` in the lines of the album.
    fn track(&mut self) -> Option<&mut SheetTrack> {
        self.files.iter_mut().rev().find_map(|file| file.tracks.last_mut())
    }

    fn text(&mut self) -> &mut SheetText {
        match self.files.iter_mut().rev().find_map(|file| file.tracks.last_mut()) {
            Some(track) => &mut track.text,
            None => &mut self.album.album,
        }
    }
}

/// Decodes a sheet: UTF-8, else Latin-1.
fn decode(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // In Latin-1 each byte is the code point of its character.
    std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect(), str::to_owned)
}

/// Splits a line at spaces outside of quotes.
fn tokens(line: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() {
        let (token, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        tokens.push(token.to_owned());
        rest = after.trim_start();
    }
    // Some programs omit the quotes.
    if let [first, _, _, ..] = tokens.as_slice()
        && ["TITLE", "PERFORMER", "SONGWRITER"].iter().any(|command| first.eq_ignore_ascii_case(command))
    {
        let text = line.trim()[first.len()..].trim().to_owned();
        tokens.truncate(1);
        tokens.push(text);
    }
    tokens
}

/// Parses "minutes:seconds:frames" to seconds.
fn parse_time(at: &str) -> Option<f64> {
    let parts: Vec<u32> = at.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let [minutes, seconds, frames] = parts[..] else { return None };
    Some(f64::from(minutes) * 60.0 + f64::from(seconds) + f64::from(frames) / FRAMES_PER_S)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHEET: &str = "REM GENRE \"Post Rock\"\r\nREM DATE 1999\r\nPERFORMER \"Sigur Rós\"\r\nTITLE \"Ágætis byrjun\"\r\n\
        FILE \"Ágætis byrjun.wav\" WAVE\r\n  TRACK 01 AUDIO\r\n    TITLE \"Intro\"\r\n    INDEX 01 00:00:00\r\n\
        TRACK 02 AUDIO\r\n    TITLE Svefn-g-englar\r\n    PERFORMER \"Sigur Rós & \"\r\n    REM REPLAYGAIN_TRACK_GAIN -4.5 dB\r\n\
        INDEX 00 00:58:00\r\n    INDEX 01 01:00:15\r\n";

    #[test]
    fn sheet_splits_a_file() {
        let file_tags = Tags { duration_s: 100.0, artist: "Of the file".into(), codec: "FLAC", ..Tags::default() };
        for bytes in [SHEET.as_bytes().to_vec(), SHEET.chars().map(|c| c as u8).collect()] {
            let sheets = CueSheet::parse(&bytes);
            let parts = sheets[0].split(&file_tags);
            let told: Vec<_> =
                parts.iter().map(|part| (part.cue_index, part.range.start_s, part.range.end_s)).collect();
            assert_eq!(told, [(1, 0.0, Some(60.2)), (2, 60.2, None)]);
            let Tags { title, artist, album, album_artist, year, duration_s, loudness, .. } = &parts[1].tags;
            assert_eq!((title.as_deref(), artist.as_str()), (Some("Svefn-g-englar"), "Sigur Rós &"));
            assert_eq!((album.as_deref(), album_artist.as_deref()), (Some("Ágætis byrjun"), Some("Sigur Rós")));
            assert_eq!((*year, (duration_s * 100.0).round()), (Some(1999), 3980.0));
            assert_eq!(loudness.track_gain_db, Some(-4.5));
            assert_eq!((&*parts[0].tags.artist, &*parts[0].tags.genres), ("Sigur Rós", &["Post Rock".to_owned()][..]));
        }
    }

    #[test]
    fn a_sheet_that_does_not_fit_is_none() {
        let parts = |text: &str, duration_s| {
            let file_tags = Tags { duration_s, ..Tags::default() };
            CueSheet::parse(text.as_bytes()).iter().map(|sheet| sheet.split(&file_tags).len()).sum::<usize>()
        };
        assert_eq!(parts(SHEET, 60.0), 0);
        assert_eq!(parts(&SHEET.replace("01:00:15", "00:00:00"), 100.0), 0);
        assert_eq!(parts(&SHEET.replace("01:00:15", "soon"), 100.0), 0);
        assert_eq!(parts("TRACK 01 AUDIO\nINDEX 01 00:00:00", 100.0), 0);
        assert_eq!(parts("", 100.0), 0);
    }

    #[test]
    fn finds_the_file_of_a_sheet() {
        let sheets = CueSheet::parse(SHEET.as_bytes());
        let file = |beside: &[&str]| {
            let beside: Vec<_> = beside.iter().map(Into::into).collect();
            sheets[0].find_file(&beside).map(|name| name.to_string_lossy().into_owned())
        };
        assert_eq!(file(&["other.flac", "ágætis byrjun.WAV"]).as_deref(), Some("ágætis byrjun.WAV"));
        assert_eq!(file(&["other.flac", "Ágætis byrjun.flac"]).as_deref(), Some("Ágætis byrjun.flac"));
        assert_eq!(file(&["other.flac"]), None);
    }
}

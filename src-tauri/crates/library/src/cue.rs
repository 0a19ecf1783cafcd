//! Cue sheets: where in a file its tracks are, and what these are called
//! (<https://wiki.hydrogenaudio.org/index.php?title=Cue_sheet>).

use std::{
    ffi::{OsStr, OsString},
    path::Path,
};

use auralis_core::{Loudness, TimeRange};

use crate::{
    fold::fold,
    tags::{self, SortNames, Tags},
};

/// Frames of a second on a CD, in which a sheet counts.
const FRAMES_PER_S: f64 = 75.0;

/// Largest sheet that is read, in bytes.
pub(crate) const SHEET_BYTES: u64 = 1 << 20;

/// What a sheet says of one file with several tracks.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Sheet {
    /// The file as the sheet names it.
    name: String,
    album: Texts,
    disc_number: Option<u32>,
    album_gain_db: Option<f32>,
    album_peak: Option<f32>,
    tracks: Vec<SheetTrack>,
}

/// What a sheet says of the album or of one track; empty where it says nothing.
#[derive(Debug, Default, Clone, PartialEq)]
struct Texts {
    title: String,
    performer: String,
    songwriter: String,
    date: String,
    genre: String,
}

#[derive(Debug, Default, Clone, PartialEq)]
struct SheetTrack {
    number: u32,
    texts: Texts,
    /// Where its index 1 is, in seconds from the file's start.
    start_s: Option<f64>,
    gain_db: Option<f32>,
    peak: Option<f32>,
}

/// The part of a file that one track is.
pub(crate) struct Part {
    /// Names it among those of the file, from 1.
    pub cue: u32,
    pub range: TimeRange,
    pub tags: Tags,
}

impl Sheet {
    /// Reads a sheet: one for each file that has several tracks. Lines that make no sense are passed over.
    pub fn parse(bytes: &[u8]) -> Vec<Sheet> {
        let mut reader = Reader::default();
        text_of(bytes).lines().for_each(|line| reader.line(&words(line)));
        let Reader { album, mut files } = reader;
        files.retain(|file| file.tracks.len() > 1);
        files.into_iter().map(|file| Sheet { name: file.name, tracks: file.tracks, ..album.clone() }).collect()
    }

    /// Which of the files beside the sheet is meant: by its name, or by that with another ending, because sheets are seldom
    /// rewritten when a WAV becomes a FLAC.
    pub fn file<'f>(&self, beside: &'f [OsString]) -> Option<&'f OsString> {
        // A sheet of Windows may name a folder, too.
        let name = self.name.rsplit(['/', '\\']).next().unwrap_or_default();
        let is = |other: &&OsString| fold(&other.to_string_lossy()) == fold(name);
        beside.iter().find(is).or_else(|| same_stem(OsStr::new(name), beside))
    }

    /// The tracks that it makes of a file which as a whole says `whole` of itself; none if it does not fit the file.
    pub fn parts(&self, whole: &Tags) -> Vec<Part> {
        let starts: Vec<f64> = self.tracks.iter().map_while(|track| track.start_s).collect();
        let ordered = starts.windows(2).all(|pair| pair[0] < pair[1]);
        let within = starts.last().is_some_and(|last| *last < whole.duration_s);
        if starts.len() < self.tracks.len() || !ordered || !within {
            return Vec::new();
        }
        let ends = starts.iter().skip(1).map(|end| Some(*end)).chain([None]);
        let part = |(((track, cue), start_s), end_s): (((&SheetTrack, u32), &f64), Option<f64>)| Part {
            cue,
            range: TimeRange { start_s: *start_s, end_s },
            tags: Tags { duration_s: end_s.unwrap_or(whole.duration_s) - start_s, ..self.tags(track, whole) },
        };
        self.tracks.iter().zip(1..).zip(&starts).zip(ends).map(part).collect()
    }

    /// What the sheet says of a track, and where it says nothing, the file.
    fn tags(&self, track: &SheetTrack, whole: &Tags) -> Tags {
        let told = |of: fn(&Texts) -> &String| {
            [&track.texts, &self.album].map(of).into_iter().map(|text| tags::clean(text)).find(|text| !text.is_empty())
        };
        let title = tags::clean(&track.texts.title);
        let album = tags::clean(&self.album.title);
        let album_artist = tags::clean(&self.album.performer);
        let performer = told(|texts| &texts.performer);
        let year = |date: String| date.get(..4)?.parse().ok();
        Tags {
            title: Some(if title.is_empty() { format!("Track {}", track.number) } else { title }),
            artist: performer.clone().unwrap_or_else(|| whole.artist.clone()),
            artists: performer.map_or_else(|| whole.artists.clone(), |performer| vec![performer]),
            album: Some(album).filter(|album| !album.is_empty()).or_else(|| whole.album.clone()),
            album_artist: whole.album_artist.clone().or(Some(album_artist).filter(|artist| !artist.is_empty())),
            disc_number: self.disc_number.or(whole.disc_number),
            track_number: Some(track.number),
            year: told(|texts| &texts.date).and_then(year).or(whole.year),
            genres: told(|texts| &texts.genre).map_or_else(|| whole.genres.clone(), |genre| vec![genre]),
            composers: told(|texts| &texts.songwriter).map_or_else(|| whole.composers.clone(), |by| vec![by]),
            sort: SortNames::default(),
            bpm: None,
            rating: None,
            loudness: Loudness {
                track_gain_db: track.gain_db,
                track_peak: track.peak,
                // What a whole album gains is what its one file does.
                album_gain_db: self.album_gain_db.or(whole.loudness.album_gain_db).or(whole.loudness.track_gain_db),
                album_peak: self.album_peak.or(whole.loudness.album_peak).or(whole.loudness.track_peak),
            },
            ..whole.clone()
        }
    }
}

/// The file of the same name but for its ending.
pub(crate) fn same_stem<'f>(name: &OsStr, beside: &'f [OsString]) -> Option<&'f OsString> {
    let stem = |name: &OsStr| fold(&Path::new(name).file_stem().unwrap_or_default().to_string_lossy());
    beside.iter().find(|other| stem(other) == stem(name))
}

/// What has been read of a sheet so far.
#[derive(Default)]
struct Reader {
    album: Sheet,
    files: Vec<Sheet>,
}

impl Reader {
    fn line(&mut self, words: &[String]) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let [command, rest @ ..] = words.as_slice() else { return };
        match (command.to_ascii_uppercase().as_str(), rest) {
            ("FILE", [name, ..]) => self.files.push(Sheet { name: (*name).into(), ..Sheet::default() }),
            ("TRACK", [number, kind]) if kind.eq_ignore_ascii_case("AUDIO") => {
                let (Some(file), Ok(number)) = (self.files.last_mut(), number.parse()) else { return };
                file.tracks.push(SheetTrack { number, ..SheetTrack::default() });
            }
            ("INDEX", [index, at]) if index.parse() == Ok(1) => {
                self.track().into_iter().for_each(|track| track.start_s = seconds(at));
            }
            ("TITLE", [title]) => self.texts().title = (*title).into(),
            ("PERFORMER", [performer]) => self.texts().performer = (*performer).into(),
            ("SONGWRITER", [songwriter]) => self.texts().songwriter = (*songwriter).into(),
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
            "DATE" => self.texts().date = value.into(),
            "GENRE" => self.texts().genre = value.into(),
            _ => {}
        }
    }

    /// The track whose lines are being read; none while those of the album are.
    fn track(&mut self) -> Option<&mut SheetTrack> {
        self.files.iter_mut().rev().find_map(|file| file.tracks.last_mut())
    }

    fn texts(&mut self) -> &mut Texts {
        match self.files.iter_mut().rev().find_map(|file| file.tracks.last_mut()) {
            Some(track) => &mut track.texts,
            None => &mut self.album.album,
        }
    }
}

/// Sheets are UTF-8, or older than that.
fn text_of(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // Of what came before, Latin-1 is the best guess: each byte is the character of that number.
    std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect(), str::to_owned)
}

/// The words of a line; what stands in quotes is one.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() {
        let (word, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    // Some programs leave the quotes away.
    if let [first, _, _, ..] = words.as_slice()
        && ["TITLE", "PERFORMER", "SONGWRITER"].iter().any(|command| first.eq_ignore_ascii_case(command))
    {
        let text = line.trim()[first.len()..].trim().to_owned();
        words.truncate(1);
        words.push(text);
    }
    words
}

/// Minutes, seconds and frames.
fn seconds(at: &str) -> Option<f64> {
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
    fn a_sheet_cuts_a_file() {
        let whole = Tags { duration_s: 100.0, artist: "Of the file".into(), codec: "FLAC", ..Tags::default() };
        for bytes in [SHEET.as_bytes().to_vec(), SHEET.chars().map(|c| c as u8).collect()] {
            let sheets = Sheet::parse(&bytes);
            let parts = sheets[0].parts(&whole);
            let told: Vec<_> = parts.iter().map(|part| (part.cue, part.range.start_s, part.range.end_s)).collect();
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
            let whole = Tags { duration_s, ..Tags::default() };
            Sheet::parse(text.as_bytes()).iter().map(|sheet| sheet.parts(&whole).len()).sum::<usize>()
        };
        assert_eq!(parts(SHEET, 60.0), 0);
        assert_eq!(parts(&SHEET.replace("01:00:15", "00:00:00"), 100.0), 0);
        assert_eq!(parts(&SHEET.replace("01:00:15", "soon"), 100.0), 0);
        assert_eq!(parts("TRACK 01 AUDIO\nINDEX 01 00:00:00", 100.0), 0);
        assert_eq!(parts("", 100.0), 0);
    }

    #[test]
    fn its_file_is_found() {
        let sheets = Sheet::parse(SHEET.as_bytes());
        let file = |beside: &[&str]| {
            let beside: Vec<_> = beside.iter().map(Into::into).collect();
            sheets[0].file(&beside).map(|name| name.to_string_lossy().into_owned())
        };
        assert_eq!(file(&["other.flac", "ágætis byrjun.WAV"]).as_deref(), Some("ágætis byrjun.WAV"));
        assert_eq!(file(&["other.flac", "Ágætis byrjun.flac"]).as_deref(), Some("Ágætis byrjun.flac"));
        assert_eq!(file(&["other.flac"]), None);
    }
}

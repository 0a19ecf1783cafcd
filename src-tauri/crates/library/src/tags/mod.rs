//! Tags and properties of an audio file of any format.

pub(crate) mod audio_probe;
pub(crate) mod copy;
pub(crate) mod cover_hash;
pub(crate) mod cue_sheet;
pub(crate) mod details;
pub(crate) mod lrc;
pub(crate) mod lyrics;
pub(crate) mod path_tags;
pub(crate) mod writer;

use std::{
    io::{Read, Seek},
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use auralis_core::{EditableTags, Loudness, LyricLine, MusicBrainzIds, TrackDetails};
use lofty::{
    config::{GlobalOptions, ParseOptions, ParsingMode, apply_global_options},
    error::{AllocationError, FileParseError},
    file::{AudioFile, FileType, TaggedFile, TaggedFileExt},
    flac::FlacFile,
    picture::{Picture, PictureType},
    probe::Probe,
    tag::{ItemKey, Tag},
};

use crate::{
    error::describe_io_error,
    files::regular::open_regular,
    files::seek_buffer::SeekBuffer,
    tags::{cover_hash::CoverHash, lrc::parse_lrc},
};

/// Version of this reader. The next scan reads files again that an older version read.
pub(crate) const TAGS_VERSION: i64 = 4;

/// Largest tag that is read into memory, in bytes.
const MAX_TAG_BYTES: usize = 64 << 20;

/// Longest text that is stored, in characters.
const MAX_TEXT_CHARS: usize = 1000;

/// Largest plausible gain: tags beyond it are ignored.
const MAX_GAIN_DB: f32 = 60.0;

/// The tags of one file.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Tags {
    pub title: Option<String>,
    /// The credit as printed.
    pub artist: String,
    /// The artists named in the credit. The first is the main artist.
    pub artists: Vec<String>,
    pub album: Option<String>,
    pub album_artist: Option<String>,
    /// Sort tags, where there are any.
    pub sort: SortNames,
    pub compilation: bool,
    pub disc_number: Option<u32>,
    pub track_number: Option<u32>,
    pub year: Option<i32>,
    /// Year of the first release.
    pub original_year: Option<i32>,
    pub genres: Vec<String>,
    pub composers: Vec<String>,
    pub bpm: Option<f32>,
    /// 1 to 5.
    pub rating: Option<u8>,
    pub codec: &'static str,
    pub duration_s: f64,
    pub loudness: Loudness,
    pub cover: Option<CoverHash>,
}

/// Names to sort by, such as "Bowie, David".
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct SortNames {
    pub title: Option<String>,
    pub artist: Option<String>,
    pub album: Option<String>,
    pub album_artist: Option<String>,
}

/// Sets lofty's thread-local options for reading. Call it once on each thread that calls [`read`].
pub(crate) fn configure_lofty_read() {
    apply_global_options(
        GlobalOptions::new()
            .allocation_limit(MAX_TAG_BYTES)
            .preserve_format_specific_items(false)
            .use_custom_resolvers(false),
    );
}

/// Sets lofty's thread-local options for writing: unknown items are kept.
pub(crate) fn configure_lofty_write() {
    apply_global_options(GlobalOptions::new().allocation_limit(MAX_TAG_BYTES).use_custom_resolvers(false));
}

/// Reads the tags of a file and its embedded cue sheet. Of a file whose tags cannot be read, but which can be played, the
/// codec and the length are known. The error is a text for people.
pub(crate) fn read(path: &Path) -> Result<(Tags, Option<String>), String> {
    read_tags(path).or_else(|reason| {
        let audio_probe::AudioProperties { codec, duration_s } = audio_probe::probe(path).ok_or(reason)?;
        Ok((Tags { codec, duration_s, ..Tags::default() }, None))
    })
}

fn read_tags(path: &Path) -> Result<(Tags, Option<String>), String> {
    let (file, sheet) = open_with_sheet(path, true)?;
    let properties = file.properties();
    if properties.sample_rate().is_none() && properties.duration().is_zero() {
        return Err("it is not an audio file".into());
    }
    let fields = MergedTags::new(&file);
    let (artist, artists) = fields.artists();
    let tags = Tags {
        title: fields.text(ItemKey::TrackTitle),
        artist,
        artists,
        album: fields.text(ItemKey::AlbumTitle),
        album_artist: fields.text(ItemKey::AlbumArtist),
        sort: SortNames {
            title: fields.text(ItemKey::TrackTitleSortOrder),
            artist: fields.text(ItemKey::TrackArtistSortOrder),
            album: fields.text(ItemKey::AlbumTitleSortOrder),
            album_artist: fields.text(ItemKey::AlbumArtistSortOrder),
        },
        compilation: fields.compilation(),
        disc_number: fields.number(ItemKey::DiscNumber),
        track_number: fields.number(ItemKey::TrackNumber),
        year: fields.year(&[ItemKey::RecordingDate, ItemKey::Year, ItemKey::ReleaseDate, ItemKey::OriginalReleaseDate]),
        original_year: fields.year(&[ItemKey::OriginalReleaseDate]),
        genres: fields.list(ItemKey::Genre),
        composers: fields.list(ItemKey::Composer),
        bpm: fields.decimal(ItemKey::Bpm).or(fields.decimal(ItemKey::IntegerBpm)).filter(|bpm| *bpm > 0.0),
        rating: fields.rating(),
        codec: codec(&file),
        duration_s: properties.duration().as_secs_f64(),
        loudness: fields.loudness(),
        cover: fields.front_cover().map(|picture| CoverHash::new(picture.data())),
    };
    Ok((tags, sheet))
}

/// Reads the embedded front cover of a file.
pub(crate) fn read_cover(path: &Path) -> Option<Vec<u8>> {
    let file = open(path, false).ok()?;
    MergedTags::new(&file).front_cover().map(|picture| picture.data().to_vec())
}

/// Reads all tags and properties that the details view shows.
pub(crate) fn read_details(path: &Path) -> Option<TrackDetails> {
    let file = open(path, true).ok()?;
    let properties = file.properties();
    let fields = MergedTags::new(&file);
    let text = |key| fields.text(key).unwrap_or_default();
    Some(TrackDetails {
        bitrate_kbps: properties.audio_bitrate().or(properties.overall_bitrate()),
        rate_hz: properties.sample_rate(),
        bit_depth: properties.bit_depth(),
        channels: properties.channels(),
        artists: fields.artists().1,
        album_artist: text(ItemKey::AlbumArtist),
        compilation: fields.compilation(),
        track_total: fields.number(ItemKey::TrackTotal),
        disc_total: fields.number(ItemKey::DiscTotal),
        date: fields.text(ItemKey::RecordingDate).or(fields.text(ItemKey::ReleaseDate)).unwrap_or(text(ItemKey::Year)),
        original_date: text(ItemKey::OriginalReleaseDate),
        genres: fields.list(ItemKey::Genre),
        composers: fields.list(ItemKey::Composer),
        work: text(ItemKey::Work),
        movement: text(ItemKey::Movement),
        isrc: text(ItemKey::Isrc),
        comment: text(ItemKey::Comment),
        loudness: fields.loudness(),
        musicbrainz: MusicBrainzIds {
            recording: text(ItemKey::MusicBrainzRecordingId),
            track: text(ItemKey::MusicBrainzTrackId),
            release: text(ItemKey::MusicBrainzReleaseId),
            release_group: text(ItemKey::MusicBrainzReleaseGroupId),
            artists: fields.list(ItemKey::MusicBrainzArtistId),
            album_artists: fields.list(ItemKey::MusicBrainzReleaseArtistId),
        },
        ..TrackDetails::default()
    })
}

/// Reads the editable fields. Every field is present, and empty if the file has no such tag.
pub(crate) fn read_editable(path: &Path) -> Result<EditableTags, String> {
    let file = open(path, false)?;
    let fields = MergedTags::new(&file);
    let text = |key| Some(fields.text(key).unwrap_or_default());
    let multiline = |keys: &[ItemKey]| {
        let found = keys.iter().find_map(|key| fields.raw_text(*key));
        Some(found.unwrap_or_default().trim().to_owned())
    };
    let number = |key| Some(fields.number(key).unwrap_or(0));
    Ok(EditableTags {
        title: text(ItemKey::TrackTitle),
        artists: Some(fields.artists().1),
        album: text(ItemKey::AlbumTitle),
        album_artist: text(ItemKey::AlbumArtist),
        track_number: number(ItemKey::TrackNumber),
        track_total: number(ItemKey::TrackTotal),
        disc_number: number(ItemKey::DiscNumber),
        disc_total: number(ItemKey::DiscTotal),
        date: multiline(&[ItemKey::RecordingDate, ItemKey::ReleaseDate, ItemKey::Year]),
        original_date: text(ItemKey::OriginalReleaseDate),
        genres: Some(fields.list(ItemKey::Genre)),
        composers: Some(fields.list(ItemKey::Composer)),
        compilation: Some(fields.compilation()),
        comment: multiline(&[ItemKey::Comment]),
        lyrics: multiline(&[ItemKey::UnsyncLyrics, ItemKey::Lyrics]),
    })
}

/// Reads the embedded lyrics of a file. Timed ones are preferred.
pub(crate) fn read_lyrics(path: &Path) -> Option<Vec<LyricLine>> {
    configure_lofty_read();
    let file = open(path, false).ok()?;
    let fields = MergedTags::new(&file);
    let embedded = [ItemKey::Lyrics, ItemKey::UnsyncLyrics].map(|key| fields.raw_text(key).map(parse_lrc));
    let mut embedded: Vec<_> = embedded.into_iter().flatten().filter(|lines| !lines.is_empty()).collect();
    embedded.sort_by_key(|lines| lines[0].at_s.is_none());
    embedded.into_iter().next()
}

/// Opens a file and parses its tags, and its audio properties if `properties` is set.
pub(crate) fn open(path: &Path, properties: bool) -> Result<TaggedFile, String> {
    open_with_sheet(path, properties).map(|(file, _)| file)
}

/// Like [`open`], with the embedded cue sheet, for which lofty has no key.
fn open_with_sheet(path: &Path, properties: bool) -> Result<(TaggedFile, Option<String>), String> {
    let file = open_regular(path).map_err(|error| describe_io_error(&error))?;
    let length = file.metadata().map_err(|error| describe_io_error(&error))?.len();
    if length == 0 {
        return Err("the file is empty".into());
    }
    // A panic in the parser must not end the scan.
    catch_unwind(AssertUnwindSafe(|| parse(SeekBuffer::new(file, length), path, properties)))
        .unwrap_or_else(|_| Err("its tags cannot be understood".into()))
}

fn parse(file: impl Read + Seek, path: &Path, properties: bool) -> Result<(TaggedFile, Option<String>), String> {
    let options = ParseOptions::new().parsing_mode(ParsingMode::Relaxed).read_properties(properties);
    let mut probe = Probe::new(file).options(options).guess_file_type().map_err(|error| describe_io_error(&error))?;
    if probe.file_type().is_none()
        && let Some(by_name) = FileType::from_path(path)
    {
        probe = probe.set_file_type(by_name);
    }
    if probe.file_type() == Some(FileType::Flac) {
        let file = FlacFile::read_from(&mut probe.into_inner(), options).map_err(|error| describe_error(&error))?;
        let sheet = file.vorbis_comments().and_then(|comments| comments.get("CUESHEET")).map(str::to_owned);
        return Ok((file.into(), sheet));
    }
    Ok((probe.read().map_err(|error| describe_error(&error))?, None))
}

/// Describes an error for people.
fn describe_error(error: &FileParseError) -> String {
    if error.is_unknown_format() {
        return "it is not an audio file of a known format".into();
    }
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(cause) = source {
        if cause.is::<AllocationError>() {
            return "its tags are larger than 64 MB".into();
        }
        if let Some(io) = cause.downcast_ref::<std::io::Error>() {
            return describe_io_error(io);
        }
        source = cause.source();
    }
    "it is damaged or not an audio file".into()
}

/// Returns the usual name of the encoding.
fn codec(file: &TaggedFile) -> &'static str {
    match file.file_type() {
        FileType::Aac => "AAC",
        FileType::Aiff => "AIFF",
        FileType::Ape => "APE",
        FileType::Flac => "FLAC",
        FileType::Mpeg => "MP3",
        FileType::Mp4 if file.properties().bit_depth().is_some() => "ALAC",
        FileType::Mp4 => "AAC",
        FileType::Mpc => "Musepack",
        FileType::Opus => "Opus",
        FileType::Vorbis => "Vorbis",
        FileType::Speex => "Speex",
        FileType::Wav => "WAV",
        FileType::WavPack => "WavPack",
        _ => "",
    }
}

/// All tags of a file merged, those of the format's own kind first.
struct MergedTags<'a>(Vec<&'a Tag>);

impl<'a> MergedTags<'a> {
    fn new(file: &'a TaggedFile) -> Self {
        let mut tags: Vec<_> = file.tags().iter().collect();
        tags.sort_by_key(|tag| tag.tag_type() != file.primary_tag_type());
        MergedTags(tags)
    }

    /// Returns the values of the first tag that has any.
    fn values(&self, key: ItemKey) -> Vec<String> {
        let of = |tag: &&Tag| tag.get_strings(key).map(sanitize).filter(|text| !text.is_empty()).collect::<Vec<_>>();
        self.0.iter().map(of).find(|values| !values.is_empty()).unwrap_or_default()
    }

    /// Returns a text unchanged, with line breaks.
    fn raw_text(&self, key: ItemKey) -> Option<&'a str> {
        self.0.iter().find_map(|tag| tag.get_string(key))
    }

    fn compilation(&self) -> bool {
        self.raw_text(ItemKey::FlagCompilation).is_some_and(|flag| matches!(flag.trim(), "1" | "true" | "yes"))
    }

    fn text(&self, key: ItemKey) -> Option<String> {
        self.values(key).into_iter().next()
    }

    /// Returns all values. A value may contain several, separated by semicolons.
    fn list(&self, key: ItemKey) -> Vec<String> {
        let mut list: Vec<String> = Vec::new();
        for value in self.values(key) {
            for part in value.split(';').map(str::trim) {
                if !part.is_empty() && !list.iter().any(|known| known == part) {
                    list.push(part.into());
                }
            }
        }
        list
    }

    /// Returns the credit as printed, and the artists named in it.
    fn artists(&self) -> (String, Vec<String>) {
        let credits = self.list(ItemKey::TrackArtist);
        let artists = self.list(ItemKey::TrackArtists);
        let credit = match self.values(ItemKey::TrackArtist).as_slice() {
            [] => artists.join(", "),
            [one] => one.clone(),
            several => several.join(", "),
        };
        (credit, if artists.is_empty() { credits } else { artists })
    }

    /// Parses the first number of a text such as "3/12".
    fn number(&self, key: ItemKey) -> Option<u32> {
        let text = self.text(key)?;
        let digits = text.split(|c: char| !c.is_ascii_digit()).next()?;
        digits.parse().ok().filter(|number| (1..10_000).contains(number))
    }

    fn year(&self, keys: &[ItemKey]) -> Option<i32> {
        keys.iter().find_map(|key| {
            let text = self.text(*key)?;
            text.get(..4)?.parse().ok().filter(|year| (1..=9999).contains(year))
        })
    }

    /// Parses a number with a unit, such as "-7.25 dB".
    fn decimal(&self, key: ItemKey) -> Option<f32> {
        let text = self.text(key)?.replace(',', ".");
        let number = text.split(|c: char| !(c.is_ascii_digit() || "+-.".contains(c))).next()?;
        number.parse().ok().filter(|number: &f32| number.is_finite())
    }

    fn rating(&self) -> Option<u8> {
        self.0.iter().flat_map(|tag| tag.ratings()).next().map(|rating| rating.rating() as u8)
    }

    fn loudness(&self) -> Loudness {
        let gain = |gain, r128| {
            // R128 gains are in 1/256 dB and relative to −23 LUFS (RFC 7845, 5.2.1), ReplayGain to −18 LUFS.
            let tagged = self.decimal(gain).or_else(|| Some(self.decimal(r128)? / 256.0 + 5.0));
            tagged.filter(|gain| gain.abs() <= MAX_GAIN_DB)
        };
        let peak = |peak| self.decimal(peak).filter(|peak| *peak > 0.0);
        Loudness {
            track_gain_db: gain(ItemKey::ReplayGainTrackGain, ItemKey::R128TrackGain),
            track_peak: peak(ItemKey::ReplayGainTrackPeak),
            album_gain_db: gain(ItemKey::ReplayGainAlbumGain, ItemKey::R128AlbumGain),
            album_peak: peak(ItemKey::ReplayGainAlbumPeak),
        }
    }

    /// Returns the picture marked as front cover, else the first one.
    fn front_cover(&self) -> Option<&'a Picture> {
        let pictures = || self.0.iter().flat_map(|tag| tag.pictures());
        pictures()
            .find(|picture| picture.pic_type() == PictureType::CoverFront)
            .or_else(|| pictures().next())
            .filter(|picture| !picture.data().is_empty())
    }
}

/// Replaces control characters, trims, and truncates to [`MAX_TEXT_CHARS`].
pub(crate) fn sanitize(text: &str) -> String {
    let text: String = text.chars().take(MAX_TEXT_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.trim().into()
}

//! Small tagged files of every format: ffmpeg makes one of each, the rest are copies with other tags.

use std::{fs, io, path::Path, process::Command, sync::OnceLock};

use lofty::{
    config::{ParseOptions, WriteOptions},
    file::TaggedFileExt,
    picture::{MimeType, Picture, PictureType},
    probe::Probe,
    tag::{Accessor, ItemKey, ItemValue, Tag, TagExt, TagItem},
};

/// What a fixture is encoded as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Flac,
    Mp3,
    Aac,
    Alac,
    Vorbis,
    Opus,
    Wav,
}

impl Format {
    pub const ALL: [Format; 7] =
        [Format::Flac, Format::Mp3, Format::Aac, Format::Alac, Format::Vorbis, Format::Opus, Format::Wav];

    pub fn extension(self) -> &'static str {
        match self {
            Format::Flac => "flac",
            Format::Mp3 => "mp3",
            Format::Aac | Format::Alac => "m4a",
            Format::Vorbis => "ogg",
            Format::Opus => "opus",
            Format::Wav => "wav",
        }
    }

    fn encoder(self) -> &'static str {
        match self {
            Format::Flac => "flac",
            Format::Mp3 => "libmp3lame",
            Format::Aac => "aac",
            Format::Alac => "alac",
            Format::Vorbis => "libvorbis",
            Format::Opus => "libopus",
            Format::Wav => "pcm_s16le",
        }
    }

    /// One file of this format, half a second long, without tags.
    pub fn template(self) -> &'static [u8] {
        static TEMPLATES: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
        let templates = TEMPLATES.get_or_init(|| Format::ALL.into_iter().map(Format::encode).collect());
        &templates[self as usize]
    }

    fn encode(self) -> Vec<u8> {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("template").with_extension(self.extension());
        let source = "sine=frequency=440:sample_rate=16000:duration=0.5";
        let status = Command::new("ffmpeg")
            .args(["-loglevel", "error", "-f", "lavfi", "-i", source, "-map_metadata", "-1", "-fflags", "+bitexact"])
            .args(["-c:a", self.encoder()])
            .arg(&path)
            .status()
            .expect("ffmpeg runs");
        assert!(status.success(), "ffmpeg makes {self:?}");
        fs::read(path).expect("the template")
    }
}

/// Tags of a fixture; what is empty is not written.
#[derive(Debug, Default, Clone)]
pub struct Fields {
    pub title: String,
    pub artists: Vec<String>,
    pub album: String,
    pub album_artist: String,
    pub disc: u32,
    pub track: u32,
    pub year: u32,
    pub genres: Vec<String>,
    pub compilation: bool,
    pub cover: Vec<u8>,
    /// Whatever else a test is about.
    pub more: Vec<(ItemKey, String)>,
}

/// Writes a file with these tags.
pub fn write(path: &Path, format: Format, fields: &Fields) -> io::Result<()> {
    fs::write(path, format.template())?;
    let options = ParseOptions::new().read_properties(false);
    let file = Probe::new(io::Cursor::new(format.template())).options(options).guess_file_type()?;
    let file = file.read().map_err(io::Error::other)?;
    let mut tag = Tag::new(file.primary_tag_type());
    if !fields.title.is_empty() {
        tag.set_title(fields.title.clone());
    }
    for artist in &fields.artists {
        tag.push(TagItem::new(ItemKey::TrackArtist, ItemValue::Text(artist.clone())));
    }
    if !fields.album.is_empty() {
        tag.set_album(fields.album.clone());
    }
    if !fields.album_artist.is_empty() {
        tag.insert_text(ItemKey::AlbumArtist, fields.album_artist.clone());
    }
    if fields.disc > 0 {
        tag.set_disk(fields.disc);
    }
    if fields.track > 0 {
        tag.set_track(fields.track);
    }
    if fields.year > 0 {
        tag.insert_text(ItemKey::RecordingDate, fields.year.to_string());
    }
    for genre in &fields.genres {
        tag.push(TagItem::new(ItemKey::Genre, ItemValue::Text(genre.clone())));
    }
    if fields.compilation {
        tag.insert_text(ItemKey::FlagCompilation, "1".into());
    }
    for (key, value) in &fields.more {
        tag.push(TagItem::new(*key, ItemValue::Text(value.clone())));
    }
    if !fields.cover.is_empty() {
        let picture = Picture::unchecked(fields.cover.clone()).pic_type(PictureType::CoverFront);
        tag.push_picture(picture.mime_type(MimeType::Png).build());
    }
    if tag.is_empty() {
        return Ok(());
    }
    tag.save_to_path(path, WriteOptions::default()).map_err(io::Error::other)
}

/// Writes `count` files below `folder`: albums of twelve tracks, the formats in turn, the same files each time.
pub fn generate(folder: &Path, count: usize) -> io::Result<()> {
    const ADJECTIVES: [&str; 8] = ["Blue", "Silent", "Éternal", "Broken", "Golden", "Distant", "Electric", "Last"];
    const NOUNS: [&str; 9] = ["River", "Night", "Machine", "Garden", "Signal", "Mirror", "Season", "Ødegård", "Light"];
    const GENRES: [&str; 5] = ["Rock", "Jazz", "Electronic", "Classical", "Folk"];
    for n in 0..count {
        let album = n / 12;
        let artist = album / 3;
        let words = |seed: usize| format!("{} {}", ADJECTIVES[seed % 8], NOUNS[seed % 9]);
        let artist_name = format!("The {} {artist}", words(artist));
        let dir = folder.join(format!("{artist_name}/{album} {}", words(album)));
        fs::create_dir_all(&dir)?;
        let format = Format::ALL[album % Format::ALL.len()];
        let fields = Fields {
            title: format!("{} {n}", words(n * 7)),
            artists: vec![artist_name.clone()],
            album: format!("{} {album}", words(album)),
            album_artist: artist_name,
            disc: 1,
            track: (n % 12 + 1) as u32,
            year: (1960 + album % 65) as u32,
            genres: vec![GENRES[artist % 5].into()],
            ..Fields::default()
        };
        write(&dir.join(format!("{:02} track.{}", n % 12 + 1, format.extension())), format, &fields)?;
    }
    Ok(())
}

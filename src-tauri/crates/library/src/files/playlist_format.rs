//! Playlist files of other programs: M3U (<https://en.wikipedia.org/wiki/M3U>), PLS and XSPF
//! (<https://www.xspf.org/spec>).

use std::{
    borrow::Cow,
    ffi::OsStr,
    io::{self, Write},
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::{Path, PathBuf},
};

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, percent_encode};
use quick_xml::{
    escape::{escape, unescape},
    events::Event,
    reader::Reader,
};

/// Largest playlist file that is read, in bytes.
pub(crate) const MAX_PLAYLIST_BYTES: u64 = 64 << 20;

/// One entry of a playlist file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PlaylistFileEntry {
    pub path: PathBuf,
    pub title: String,
    pub artist: String,
    pub duration_s: f64,
}

/// The format of a playlist file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PlaylistFormat {
    M3u,
    Pls,
    Xspf,
}

impl PlaylistFormat {
    /// Returns the format by the file's extension; M3U for any other.
    pub fn from_path(path: &Path) -> PlaylistFormat {
        match path.extension() {
            Some(ending) if ending.eq_ignore_ascii_case("pls") => PlaylistFormat::Pls,
            Some(ending) if ending.eq_ignore_ascii_case("xspf") => PlaylistFormat::Xspf,
            _ => PlaylistFormat::M3u,
        }
    }

    /// Returns whether a file is a playlist by its extension.
    pub fn is_playlist(path: &Path) -> bool {
        const ENDINGS: [&str; 4] = ["m3u", "m3u8", "pls", "xspf"];
        path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
    }

    /// Returns the absolute paths of the files that a playlist in `folder` names. Entries that are not files are left out.
    pub fn read(self, content: &[u8], folder: &Path) -> Vec<PathBuf> {
        let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
        let named: Vec<Vec<u8>> = match self {
            PlaylistFormat::M3u => lines(content).filter(|line| !line.starts_with(b"#")).map(<[u8]>::to_vec).collect(),
            PlaylistFormat::Pls => pls_files(content),
            PlaylistFormat::Xspf => xspf_locations(content),
        };
        named.into_iter().filter(|name| !name.is_empty()).filter_map(|name| resolve(name, folder)).collect()
    }

    /// Writes a playlist that will be stored in `folder`; paths below it are relative.
    pub fn write(self, entries: &[PlaylistFileEntry], folder: &Path, to: &mut dyn Write) -> io::Result<()> {
        match self {
            PlaylistFormat::M3u => {
                writeln!(to, "#EXTM3U")?;
                for entry in entries {
                    writeln!(to, "#EXTINF:{:.0},{}", entry.duration_s, display_title(entry))?;
                    let path = relative(&entry.path, folder).as_os_str().as_bytes();
                    // A name that begins with "#" would be read as a comment.
                    to.write_all(if path.starts_with(b"#") { b"./" } else { b"" })?;
                    to.write_all(path)?;
                    writeln!(to)?;
                }
            }
            PlaylistFormat::Pls => {
                writeln!(to, "[playlist]")?;
                for (number, entry) in (1..).zip(entries) {
                    write!(to, "File{number}=")?;
                    to.write_all(relative(&entry.path, folder).as_os_str().as_bytes())?;
                    writeln!(to, "\nTitle{number}={}\nLength{number}={:.0}", display_title(entry), entry.duration_s)?;
                }
                writeln!(to, "NumberOfEntries={}\nVersion=2", entries.len())?;
            }
            PlaylistFormat::Xspf => {
                writeln!(to, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
                writeln!(to, r#"<playlist version="1" xmlns="http://xspf.org/ns/0/"><trackList>"#)?;
                for PlaylistFileEntry { path, title, artist, duration_s } in entries {
                    let location = uri(relative(path, folder));
                    write!(to, "<track><location>{}</location>", escape(location))?;
                    write!(to, "<title>{}</title><creator>{}</creator>", escape(title), escape(artist))?;
                    writeln!(to, "<duration>{:.0}</duration></track>", duration_s * 1000.0)?;
                }
                writeln!(to, "</trackList></playlist>")?;
            }
        }
        Ok(())
    }
}

/// Returns "artist - title".
fn display_title(entry: &PlaylistFileEntry) -> String {
    if entry.artist.is_empty() { entry.title.clone() } else { format!("{} - {}", entry.artist, entry.title) }
}

fn lines(content: &[u8]) -> impl Iterator<Item = &[u8]> {
    content.split(|byte| matches!(byte, b'\n' | b'\r')).map(<[u8]>::trim_ascii)
}

fn pls_files(content: &[u8]) -> Vec<Vec<u8>> {
    let file = |line: &[u8]| {
        let at = line.iter().position(|byte| *byte == b'=')?;
        let key = std::str::from_utf8(&line[..at]).ok()?.trim().to_ascii_lowercase();
        let number: u32 = key.strip_prefix("file")?.parse().ok()?;
        Some((number, line[at + 1..].trim_ascii().to_vec()))
    };
    let mut files: Vec<_> = lines(content).filter_map(file).collect();
    files.sort_by_key(|(number, _)| *number);
    files.into_iter().map(|(_, file)| file).collect()
}

/// Returns the first location of each track, up to the first syntax error.
fn xspf_locations(content: &[u8]) -> Vec<Vec<u8>> {
    let content = String::from_utf8_lossy(content);
    let mut reader = Reader::from_str(&content);
    let (mut locations, mut location, mut taken) = (Vec::new(), None::<String>, false);
    loop {
        let event = reader.read_event();
        let text = match &event {
            Ok(Event::Text(text)) => Some(text.to_string()),
            Ok(Event::CData(text)) => Some(text.to_string()),
            Ok(Event::GeneralRef(name)) => unescape(&format!("&{};", &**name)).ok().map(Cow::into_owned),
            _ => None,
        };
        if let (Some(location), Some(text)) = (&mut location, text) {
            location.push_str(&text);
        }
        match event {
            Ok(Event::Start(tag)) => match tag.local_name().as_ref() {
                "track" => taken = false,
                "location" if !taken => location = Some(String::new()),
                _ => {}
            },
            Ok(Event::End(tag)) if tag.local_name().as_ref() == "location" => {
                taken |= location.is_some();
                locations.extend(location.take().map(|location| percent_decode_if_path(location.trim())));
            }
            Ok(Event::Eof) | Err(_) => return locations,
            Ok(_) => {}
        }
    }
}

/// Decodes a relative reference. `resolve` handles whole URIs.
fn percent_decode_if_path(location: &str) -> Vec<u8> {
    if location.contains("://") { location.into() } else { percent_decode_str(location).collect() }
}

/// Returns the path that an entry of a playlist in `folder` refers to; `None` for a URI that is not a local file.
fn resolve(name: Vec<u8>, folder: &Path) -> Option<PathBuf> {
    if let Some(uri) = std::str::from_utf8(&name).ok().filter(|name| name.contains("://")) {
        let (scheme, rest) = uri.split_once("://")?;
        let path = rest.strip_prefix("localhost").unwrap_or(rest);
        let decoded: Vec<u8> = percent_decode_str(path).collect();
        return (scheme.eq_ignore_ascii_case("file") && path.starts_with('/'))
            .then(|| PathBuf::from(std::ffi::OsString::from_vec(decoded)));
    }
    let path = folder.join(OsStr::from_bytes(&name));
    if path.exists() || !name.contains(&b'\\') {
        return Some(path);
    }
    // A Windows path. A drive letter means nothing here.
    let name: Vec<u8> = name.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect();
    let name = if name.get(1) == Some(&b':') { &name[2..] } else { &name };
    Some(folder.join(OsStr::from_bytes(name)))
}

/// Returns the path relative to a folder if it lies in it, else unchanged.
fn relative<'p>(path: &'p Path, folder: &Path) -> &'p Path {
    path.strip_prefix(folder).unwrap_or(path)
}

/// Returns a path as a URI, or a relative path as a relative reference.
fn uri(path: &Path) -> String {
    /// Characters that a path in a URI cannot contain (RFC 3986, 3.3).
    const ESCAPED: &AsciiSet = &CONTROLS
        .add(b' ')
        .add(b'"')
        .add(b'#')
        .add(b'%')
        .add(b'<')
        .add(b'>')
        .add(b'?')
        .add(b'[')
        .add(b'\\')
        .add(b']')
        .add(b'^')
        .add(b'`')
        .add(b'{')
        .add(b'|')
        .add(b'}');
    let escaped = percent_encode(path.as_os_str().as_bytes(), ESCAPED).to_string();
    let escaped: Cow<str> = match escaped.split_once('/') {
        // "a:" would be read as a scheme.
        _ if path.is_absolute() => format!("file://{escaped}").into(),
        Some((first, _)) if first.contains(':') => format!("./{escaped}").into(),
        None if escaped.contains(':') => format!("./{escaped}").into(),
        _ => escaped.into(),
    };
    escaped.into_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_what_it_wrote() {
        let folder = Path::new("/music/lists");
        let paths = [
            "/music/lists/a.flac",
            "/music/lists/sub/b: 100% & <c>.mp3",
            "/music/lists/#d?.ogg",
            "/elsewhere/é [1].flac",
        ];
        let mut entries: Vec<PlaylistFileEntry> = paths
            .iter()
            .map(|path| PlaylistFileEntry {
                path: path.into(),
                title: "Title & <b>".into(),
                artist: "Artist".into(),
                duration_s: 61.4,
            })
            .collect();
        entries[1].path = PathBuf::from(std::ffi::OsString::from_vec(b"/music/lists/\xff:x/y.flac".to_vec()));
        for format in [PlaylistFormat::M3u, PlaylistFormat::Pls, PlaylistFormat::Xspf] {
            let mut written = Vec::new();
            format.write(&entries, folder, &mut written).unwrap();
            let read: Vec<PathBuf> =
                format.read(&written, folder).iter().map(|path| path.components().collect()).collect();
            assert_eq!(read, entries.iter().map(|entry| entry.path.clone()).collect::<Vec<_>>(), "{format:?}");
        }
    }

    #[test]
    fn reads_files_of_other_programs() {
        let read = |format: PlaylistFormat, text: &str| format.read(text.as_bytes(), Path::new("/m"));
        assert_eq!(
            read(PlaylistFormat::M3u, "\u{feff}#EXTM3U\r\na.mp3\r\n\r\nC:\\b\\c.mp3\r\nhttp://radio/\r\n"),
            [Path::new("/m/a.mp3"), Path::new("/b/c.mp3")]
        );
        assert_eq!(
            read(PlaylistFormat::Pls, "[playlist]\nFile2=b\nfile1 = file:///x%20y\nTitle1=z"),
            [Path::new("/x y"), Path::new("/m/b")]
        );
        let xspf =
            "<playlist><trackList><track><location>file://localhost/a&amp;b</location><location>no</location></track>
            <track><title>x</title></track><track><location><![CDATA[c d]]></location></track>";
        assert_eq!(read(PlaylistFormat::Xspf, xspf), [Path::new("/a&b"), Path::new("/m/c d")]);
        assert!(read(PlaylistFormat::Xspf, "no xml <").is_empty());
    }
}

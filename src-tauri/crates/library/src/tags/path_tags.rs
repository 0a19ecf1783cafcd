//! Tags guessed from the path `Artist/Album/01 Title` where a file has none.

use std::path::Path;

use crate::{
    tags::{Tags, sanitize},
    text::normalize,
};

/// Fills missing tags from the path. The file name supplies the title; folder names are used only if title, artist and album
/// are all missing, because a file with a title and no album belongs to none. `within` is the file's folder relative to its
/// root.
pub(crate) fn fill_missing_tags(tags: &mut Tags, within: &Path, name: &Path) {
    let untagged = tags.title.is_none() && tags.artist.is_empty() && tags.album.is_none();
    let stem = sanitize(&name.file_stem().unwrap_or_default().to_string_lossy());
    let title = tags.title.get_or_insert_with(|| title_from(&stem).to_owned());
    if !untagged {
        return;
    }
    let mut folders: Vec<String> = within.iter().map(|folder| sanitize(&folder.to_string_lossy())).collect();
    if let Some(disc) = folders.last().and_then(|folder| disc_number(folder)) {
        tags.disc_number = tags.disc_number.or(Some(disc));
        folders.pop();
    }
    tags.album = folders.pop();
    let mut artist = folders.pop();
    if artist.is_none()
        && let Some((first, rest)) = title.clone().split_once(" - ")
    {
        artist = Some(first.trim().to_owned());
        *title = rest.trim().to_owned();
    }
    if let Some(artist) = artist {
        tags.artists = vec![artist.clone()];
        tags.artist = artist;
    }
    tags.track_number = tags.track_number.or_else(|| number_from(&stem));
}

/// Returns the number of a folder that holds one disc of an album, such as "CD 2".
pub(crate) fn disc_number(folder: &str) -> Option<u32> {
    let normalized = normalize(folder);
    let rest = ["cd", "disc", "disk"].iter().find_map(|word| normalized.strip_prefix(word))?;
    let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || "-._#".contains(c));
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    let ends = !rest[digits.len()..].starts_with(char::is_alphanumeric);
    digits.parse().ok().filter(|number| ends && (1..100).contains(number))
}

/// Returns the file name without a leading track number.
fn title_from(stem: &str) -> &str {
    let title = without_number(without_number(stem));
    if title.is_empty() { stem } else { title }
}

fn number_from(stem: &str) -> Option<u32> {
    let mut rest = stem;
    let mut number = None;
    while without_number(rest).len() < rest.len() {
        number = rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok();
        rest = without_number(rest);
    }
    number.filter(|number| *number > 0)
}

/// Removes one leading number: from "03 - Title", "03. Title", "1-03 Title" and "03 Title", but not "99 Luftballons".
fn without_number(name: &str) -> &str {
    let rest = name.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = name.len() - rest.len();
    let bare = rest.trim_start_matches(|c: char| c.is_whitespace() || "-._)".contains(c));
    let marked = rest.trim_start().starts_with(['-', '.', '_', ')']) || name.starts_with('0');
    if (1..=3).contains(&digits) && bare.len() < rest.len() && marked { bare } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_name_supplies_title_and_number() {
        for (name, title, number) in [
            ("03 - Blue.flac", "Blue", Some(3)),
            ("03. Blue.flac", "Blue", Some(3)),
            ("03 Blue.mp3", "Blue", Some(3)),
            ("12_Blue.mp3", "Blue", Some(12)),
            ("1-03 Blue.mp3", "Blue", Some(3)),
            ("99 Luftballons.mp3", "99 Luftballons", None),
            ("1999.mp3", "1999", None),
            ("07.mp3", "07", None),
            ("Blue.mp3", "Blue", None),
        ] {
            let mut tags = Tags::default();
            fill_missing_tags(&mut tags, Path::new(""), Path::new(name));
            assert_eq!((tags.title.as_deref(), tags.track_number), (Some(title), number), "{name}");
        }
    }

    #[test]
    fn folders_supply_artist_album_and_disc() {
        let filled = |within: &str, name: &str, tags: Tags| {
            let mut tags = tags;
            fill_missing_tags(&mut tags, Path::new(within), Path::new(name));
            (tags.artist, tags.album.unwrap_or_default(), tags.title.unwrap_or_default(), tags.disc_number)
        };
        let expected = |artist: &str, album: &str, title: &str, disc| (artist.into(), album.into(), title.into(), disc);
        let none = Tags::default;
        assert_eq!(filled("Rock/Björk/Début", "01 One.mp3", none()), expected("Björk", "Début", "One", None));
        assert_eq!(filled("Björk/Début/CD 2", "01 One.mp3", none()), expected("Björk", "Début", "One", Some(2)));
        assert_eq!(filled("Mixes", "Björk - One.mp3", none()), expected("Björk", "Mixes", "One", None));
        assert_eq!(filled("", "One.mp3", none()), expected("", "", "One", None));
        let titled = Tags { title: Some("Two".into()), ..Tags::default() };
        assert_eq!(filled("Björk/Début", "01 One.mp3", titled), expected("", "", "Two", None));
    }

    #[test]
    fn disc_folders_are_recognized() {
        for (folder, disc) in [
            ("CD1", Some(1)),
            ("Disc 02", Some(2)),
            ("disk_3 (live)", Some(3)),
            ("CD", None),
            ("Discovery", None),
            ("CD1abc", None),
            ("2", None),
        ] {
            assert_eq!(disc_number(folder), disc, "{folder}");
        }
    }
}

//! Writes tags to a file: into a copy, which is read again and then renamed over the file.

use std::{
    fs,
    io::{self, Seek},
    os::unix::fs::{MetadataExt, chown},
    path::Path,
};

use auralis_core::EditableTags;
use lofty::{
    config::WriteOptions,
    file::{AudioFile, TaggedFileExt},
    tag::{ItemKey, ItemValue, Tag, TagItem},
};

use crate::{
    error::describe_io_error,
    files::{atomic, regular},
    tags::{self, configure_lofty_write, read_editable},
};

/// Fails with a text for people if the tags of a file cannot be changed.
fn check_writable(path: &Path) -> Result<(), String> {
    let metadata = path.metadata().map_err(|error| describe_io_error(&error))?;
    if metadata.permissions().readonly() {
        return Err("it is read-only".into());
    }
    Ok(())
}

/// Returns the current values of the fields that are present in `new`. Fails if the file cannot be changed.
pub(crate) fn check_and_read_old(path: &Path, new: &EditableTags) -> Result<EditableTags, String> {
    check_writable(path)?;
    configure_lofty_write();
    Ok(pick_fields(&read_editable(path)?, new))
}

/// Writes the fields that are present in `new`. On an error the file is unchanged.
pub(crate) fn write(path: &Path, new: &EditableTags) -> Result<(), String> {
    check_writable(path)?;
    let path = &path.canonicalize().map_err(|error| describe_io_error(&error))?;
    let new = &trimmed(new);
    configure_lofty_write();
    let mut file = tags::open(path, true)?;
    let duration = file.properties().duration();
    let primary = file.primary_tag_type();
    if file.tag(primary).is_none() {
        file.insert_tag(Tag::new(primary));
    }
    let kinds: Vec<_> = file.tags().iter().map(Tag::tag_type).collect();
    for kind in kinds {
        // In every tag of the file, so that none keeps an old value.
        file.tag_mut(kind).into_iter().for_each(|tag| apply_fields(tag, new));
    }

    let cannot = |error: io::Error| describe_io_error(&error);
    let mut copy = atomic::temp_file_beside(path).map_err(cannot)?;
    regular::copy(&mut regular::open_regular(path).map_err(cannot)?, copy.as_file_mut()).map_err(cannot)?;
    copy.as_file_mut().rewind().map_err(cannot)?;
    file.save_to(copy.as_file_mut(), WriteOptions::default())
        .map_err(|error| format!("its tags cannot be written ({error})"))?;

    let written = tags::open(copy.path(), true)?.properties().duration();
    if written.abs_diff(duration).as_millis() > 50 {
        return Err("the new tags would damage the audio; the file was not changed".into());
    }
    let written = pick_fields(&read_editable(copy.path())?, new);
    if written != *new {
        return Err("its format cannot hold these tags".into());
    }
    let metadata = path.metadata().map_err(cannot)?;
    fs::set_permissions(copy.path(), metadata.permissions()).map_err(cannot)?;
    // Only the superuser may set another owner.
    let _ = chown(copy.path(), Some(metadata.uid()), Some(metadata.gid()));
    atomic::rename_over(copy, path).map_err(cannot)
}

/// Calls a macro with the names of all editable fields.
macro_rules! with_fields {
    ($callback:ident) => {
        $callback!(
            title,
            artists,
            album,
            album_artist,
            track_number,
            track_total,
            disc_number,
            disc_total,
            date,
            original_date,
            genres,
            composers,
            compilation,
            comment,
            lyrics
        )
    };
}
pub(crate) use with_fields;

/// Returns those fields of `all` that are present in `named`.
fn pick_fields(all: &EditableTags, named: &EditableTags) -> EditableTags {
    macro_rules! pick_fields {
        ($($field:ident),*) => {
            EditableTags { $($field: named.$field.as_ref().and(all.$field.clone())),* }
        };
    }
    with_fields!(pick_fields)
}

/// Trims all texts, as they are written.
pub(crate) fn trimmed(fields: &EditableTags) -> EditableTags {
    let text = |text: &Option<String>| text.as_ref().map(|text| text.trim().to_owned());
    let list = |list: &Option<Vec<String>>| {
        list.as_ref().map(|list| list.iter().map(|value| value.trim().to_owned()).collect::<Vec<_>>())
    };
    EditableTags {
        title: text(&fields.title),
        artists: list(&fields.artists),
        album: text(&fields.album),
        album_artist: text(&fields.album_artist),
        genres: list(&fields.genres),
        composers: list(&fields.composers),
        comment: text(&fields.comment),
        lyrics: text(&fields.lyrics),
        ..fields.clone()
    }
}

/// Sets the fields that are present in `new`.
pub(crate) fn apply_fields(tag: &mut Tag, new: &EditableTags) {
    use ItemKey::*;
    let one = |text: &Option<String>| text.clone().map(|text| vec![text]);
    let number =
        |number: Option<u32>| number.map(|number| vec![if number > 0 { number.to_string() } else { String::new() }]);
    let flag = new.compilation.map(|is| vec![String::from(if is { "1" } else { "" })]);
    // Synonymous keys, of which the first is written that the format supports, and the new values.
    let changes: [(&[ItemKey], Option<Vec<String>>); 15] = [
        (&[TrackTitle], one(&new.title)),
        (&[TrackArtist, TrackArtists], new.artists.clone()),
        (&[AlbumTitle], one(&new.album)),
        (&[AlbumArtist], one(&new.album_artist)),
        (&[TrackNumber], number(new.track_number)),
        (&[TrackTotal], number(new.track_total)),
        (&[DiscNumber], number(new.disc_number)),
        (&[DiscTotal], number(new.disc_total)),
        (&[RecordingDate, ReleaseDate, Year], one(&new.date)),
        (&[OriginalReleaseDate], one(&new.original_date)),
        (&[Genre], new.genres.clone()),
        (&[Composer], new.composers.clone()),
        (&[FlagCompilation], flag),
        (&[Comment], one(&new.comment)),
        (&[UnsyncLyrics, Lyrics], one(&new.lyrics)),
    ];
    for (keys, values) in changes {
        let Some(values) = values else { continue };
        keys.iter().for_each(|key| tag.remove_key(*key));
        for value in values.into_iter().filter(|value| !value.is_empty()) {
            let _ = keys.iter().any(|key| tag.push(TagItem::new(*key, ItemValue::Text(value.clone()))));
        }
    }
}

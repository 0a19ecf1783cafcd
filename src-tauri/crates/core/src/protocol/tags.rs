//! Tags that the user can edit in the files.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ApiError, ErrorCode};

/// The editable tags. In an edit, `None` keeps a tag and an empty value (or 0) removes it. In a row, `None` means that
/// the tracks differ.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
#[ts(optional_fields)]
pub struct EditableTags {
    /// The title.
    pub title: Option<String>,
    /// The artists, in order.
    pub artists: Option<Vec<String>>,
    /// The album's title.
    pub album: Option<String>,
    /// The album artist.
    pub album_artist: Option<String>,
    /// Position on its disc.
    pub track_number: Option<u32>,
    /// Number of tracks on the disc.
    pub track_total: Option<u32>,
    /// Disc of the album.
    pub disc_number: Option<u32>,
    /// Number of discs of the album.
    pub disc_total: Option<u32>,
    /// Day, month or year of this release: `1999`, `1999-12` or `1999-12-31`.
    pub date: Option<String>,
    /// Day, month or year of the first release.
    pub original_date: Option<String>,
    /// The genres.
    pub genres: Option<Vec<String>>,
    /// The composers.
    pub composers: Option<Vec<String>>,
    /// Whether the album is a compilation of several artists.
    pub compilation: Option<bool>,
    /// The comment.
    pub comment: Option<String>,
    /// The lyrics, with or without times.
    pub lyrics: Option<String>,
}

impl EditableTags {
    /// Longest text of a tag, in characters.
    pub const MAX_TEXT_CHARS: usize = 1000;
    /// Longest lyrics, in characters.
    pub const MAX_LYRICS_CHARS: usize = 100_000;
    /// Largest number of values of one tag.
    pub const MAX_VALUES: usize = 50;
    /// Largest track or disc number.
    pub const MAX_NUMBER: u32 = 9999;

    /// Rejects values that cannot be written to a file.
    pub(crate) fn validate(&self) -> Result<(), ApiError> {
        let out_of_range = |field, message: &str| Err(ApiError::for_field(ErrorCode::OutOfRange, field, message));
        if *self == EditableTags::default() {
            return out_of_range("tags", "Give at least one tag to change.");
        }
        let is_too_long = |text: &str| text.chars().count() > Self::MAX_TEXT_CHARS;
        for (field, text) in [
            ("title", &self.title),
            ("album", &self.album),
            ("album_artist", &self.album_artist),
            ("comment", &self.comment),
        ] {
            if text.as_deref().is_some_and(is_too_long) {
                return out_of_range(field, "A tag can have at most 1,000 characters.");
            }
        }
        if self.lyrics.as_ref().is_some_and(|text| text.chars().count() > Self::MAX_LYRICS_CHARS) {
            return out_of_range("lyrics", "Lyrics can have at most 100,000 characters.");
        }
        for (field, values) in [("artists", &self.artists), ("genres", &self.genres), ("composers", &self.composers)] {
            let Some(values) = values else { continue };
            if values.len() > Self::MAX_VALUES
                || values.iter().any(|value| value.trim().is_empty() || is_too_long(value))
            {
                return out_of_range(field, "A tag can have at most 50 values, each of 1 to 1,000 characters.");
            }
        }
        for (field, number) in [
            ("track_number", self.track_number),
            ("track_total", self.track_total),
            ("disc_number", self.disc_number),
            ("disc_total", self.disc_total),
        ] {
            if number.is_some_and(|number| number > Self::MAX_NUMBER) {
                return out_of_range(field, "Track and disc numbers must be at most 9,999.");
            }
        }
        for (field, date) in [("date", &self.date), ("original_date", &self.original_date)] {
            if date.as_deref().is_some_and(|date| !is_date(date)) {
                return out_of_range(field, "A date must be a year, a month or a day: 1999, 1999-12 or 1999-12-31.");
            }
        }
        Ok(())
    }
}

/// Whether the text is empty or an ISO 8601 year, month or day.
fn is_date(text: &str) -> bool {
    let is_number = |part: &str, digits: usize, max: u32| {
        part.len() == digits
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && part.parse().is_ok_and(|number| (1..=max).contains(&number))
    };
    let mut parts = text.split('-');
    let year = parts.next().unwrap_or_default();
    let (month, day) = (parts.next(), parts.next());
    text.is_empty()
        || (is_number(year, 4, 9999)
            && month.is_none_or(|month| is_number(month, 2, 12))
            && day.is_none_or(|day| is_number(day, 2, 31))
            && parts.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_years_months_or_days() {
        for date in ["", "1999", "1999-12", "1999-12-31"] {
            assert!(is_date(date), "{date}");
        }
        for date in ["99", "1999-", "1999-13", "1999-1", "1999-12-31-", "0000", "+999", "1999-12-32", "１９９９"] {
            assert!(!is_date(date), "{date}");
        }
    }
}

//! What a listener changes in the files themselves: their tags.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ApiError, ErrorCode};

/// The tags that can be edited. In an edit, what is `None` stays as it is, and what is empty (or 0) is taken away. In a
/// row, what is `None` differs between the tracks.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
#[ts(optional_fields)]
pub struct EditableTags {
    /// The title.
    pub title: Option<String>,
    /// Whom the credit names, in order.
    pub artists: Option<Vec<String>>,
    /// The album's title.
    pub album: Option<String>,
    /// Whose album it is.
    pub album_artist: Option<String>,
    /// Position on its disc.
    pub track_number: Option<u32>,
    /// How many tracks the disc has.
    pub track_total: Option<u32>,
    /// Which disc of the album.
    pub disc_number: Option<u32>,
    /// How many discs the album has.
    pub disc_total: Option<u32>,
    /// Day, month or year of this release: `1999`, `1999-12` or `1999-12-31`.
    pub date: Option<String>,
    /// Day, month or year of the first release.
    pub original_date: Option<String>,
    /// The genres.
    pub genres: Option<Vec<String>>,
    /// The composers.
    pub composers: Option<Vec<String>>,
    /// Whether the album is one of several artists.
    pub compilation: Option<bool>,
    /// Whatever there is to say.
    pub comment: Option<String>,
    /// The words, with or without times.
    pub lyrics: Option<String>,
}

impl EditableTags {
    /// The longest text of a tag, in characters.
    pub const TEXT_CHARS: usize = 1000;
    /// The longest lyrics, in characters.
    pub const LYRICS_CHARS: usize = 100_000;
    /// The most values of one tag.
    pub const MOST_VALUES: usize = 50;
    /// The highest number of a track or disc.
    pub const HIGHEST_NUMBER: u32 = 9999;

    /// Refuses what no file could hold.
    pub(crate) fn validate(&self) -> Result<(), ApiError> {
        let out_of_range = |field, message: &str| Err(ApiError::of_field(ErrorCode::OutOfRange, field, message));
        if *self == EditableTags::default() {
            return out_of_range("tags", "Name at least one tag to change.");
        }
        let long = |text: &str| text.chars().count() > Self::TEXT_CHARS;
        for (field, text) in [
            ("title", &self.title),
            ("album", &self.album),
            ("album_artist", &self.album_artist),
            ("comment", &self.comment),
        ] {
            if text.as_deref().is_some_and(long) {
                return out_of_range(field, "A tag has at most 1,000 characters.");
            }
        }
        if self.lyrics.as_ref().is_some_and(|text| text.chars().count() > Self::LYRICS_CHARS) {
            return out_of_range("lyrics", "Lyrics have at most 100,000 characters.");
        }
        for (field, values) in [("artists", &self.artists), ("genres", &self.genres), ("composers", &self.composers)] {
            let Some(values) = values else { continue };
            if values.len() > Self::MOST_VALUES || values.iter().any(|value| value.trim().is_empty() || long(value)) {
                return out_of_range(field, "A tag has at most 50 values, each of 1 to 1,000 characters.");
            }
        }
        for (field, number) in [
            ("track_number", self.track_number),
            ("track_total", self.track_total),
            ("disc_number", self.disc_number),
            ("disc_total", self.disc_total),
        ] {
            if number.is_some_and(|number| number > Self::HIGHEST_NUMBER) {
                return out_of_range(field, "Tracks and discs are numbered up to 9,999.");
            }
        }
        for (field, date) in [("date", &self.date), ("original_date", &self.original_date)] {
            if date.as_deref().is_some_and(|date| !is_date(date)) {
                return out_of_range(field, "A date is a year, a month or a day: 1999, 1999-12 or 1999-12-31.");
            }
        }
        Ok(())
    }
}

/// Empty, or as ISO 8601 writes a year, a month or a day.
fn is_date(text: &str) -> bool {
    let within = |part: &str, digits: usize, most: u32| {
        part.len() == digits
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && part.parse().is_ok_and(|number| (1..=most).contains(&number))
    };
    let mut parts = text.split('-');
    let year = parts.next().unwrap_or_default();
    let (month, day) = (parts.next(), parts.next());
    text.is_empty()
        || (within(year, 4, 9999)
            && month.is_none_or(|month| within(month, 2, 12))
            && day.is_none_or(|day| within(day, 2, 31))
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

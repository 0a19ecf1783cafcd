//! What the listener types to find tracks: words, and conditions such as `artist:björk`, `year:1990..1999` or `added:<30d`.
//!
//! Words are looked for in title, artist, album and genre. A condition is a field, a colon and a value, which may stand in
//! quotes, begin with `<`, `<=`, `>`, `>=` or be a range `a..b`. A minus in front of either excludes. Nothing that is typed is
//! an error: a condition that makes no sense is left out, and what is wrong with it is told.

use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::{
    edits::now_s,
    error::LibraryError,
    fold::fold,
    select::{Set, VISIBLE, Value, phrase, words},
};

/// A condition that fewer tracks satisfy is looked at before the words.
const NARROW: u32 = 10_000;

/// The columns that have an index.
const INDEXED: [&str; 8] =
    ["year", "rating", "plays", "played_s", "added_s", "duration_s", "loudness_lufs", "favourite_s"];

/// Which tracks are meant.
#[derive(Default)]
pub(crate) struct Query {
    /// What the index of words is asked, if there are words.
    pub words: Option<String>,
    /// The plain words as typed; nothing if there are only conditions.
    pub plain: String,
    /// What the rows must satisfy besides, as SQL on the columns of `tracks`.
    pub conditions: Vec<Condition>,
    /// The condition that is satisfied by few.
    narrow: Option<usize>,
    is_plain: bool,
    /// What of it was not understood, in words for the listener.
    pub problem: Option<String>,
}

/// SQL with the value of every `?` in it.
pub(crate) struct Condition {
    pub sql: String,
    pub values: Vec<Value>,
}

/// What a field is compared with.
enum Kind {
    /// A column of the index of words.
    Word,
    /// Numbers in a column (or an expression) of `tracks`.
    Number(&'static str),
    /// Seconds, also as `4:30`.
    Length(&'static str),
    /// Seconds since 1970, told as an age such as `30d` or a date such as `2024-05`.
    Time(&'static str),
    /// Yes or no.
    Flag(&'static str),
    /// SQL for a text that must be in something, folded.
    Within(&'static str),
    /// The same as the file system spells it.
    Spelt(&'static str),
}

/// The fields.
const FIELDS: [(&str, Kind); 20] = [
    ("title", Kind::Word),
    ("artist", Kind::Word),
    ("album", Kind::Word),
    ("genre", Kind::Word),
    ("year", Kind::Number("year")),
    ("original", Kind::Number("original_year")),
    ("rating", Kind::Number("rating")),
    ("plays", Kind::Number("plays")),
    ("skips", Kind::Number("skips")),
    ("bpm", Kind::Number("bpm")),
    ("disc", Kind::Number("disc_number")),
    ("track", Kind::Number("track_number")),
    ("loudness", Kind::Number("loudness_lufs")),
    ("length", Kind::Length("duration_s")),
    ("added", Kind::Time("added_s")),
    ("played", Kind::Time("played_s")),
    ("favourite", Kind::Flag("favourite_s IS NOT NULL")),
    (
        "composer",
        Kind::Within(
            "tracks.id IN (SELECT track_id FROM composers JOIN track_composers ON composer_id = composers.id WHERE instr(key, ?))",
        ),
    ),
    ("folder", Kind::Spelt("folder_id IN (SELECT id FROM folders WHERE instr(lower(CAST(path AS TEXT)), ?))")),
    ("format", Kind::Within("lower(codec) = ?")),
];

impl Query {
    pub fn parse(typed: &str) -> Query {
        let mut query = Query::default();
        let (mut wanted, mut unwanted, mut plain) = (Vec::new(), Vec::new(), Vec::new());
        for token in tokens(typed) {
            let Token { negated, field, value, quoted } = token;
            let Some(kind) = FIELDS.iter().find(|(name, _)| field.as_deref() == Some(*name)).map(|(_, kind)| kind)
            else {
                let text = field.map_or(value.clone(), |field| format!("{field}:{value}"));
                match negated {
                    true => unwanted.extend(match_of(&text, quoted)),
                    false => plain.push((text, quoted)),
                }
                continue;
            };
            let field = field.unwrap_or_default();
            if value.is_empty() {
                query.problem = Some(format!("“{field}:” waits for what to look for."));
                continue;
            }
            match kind {
                Kind::Word => {
                    let Some(found) = match_of(&value, quoted) else { continue };
                    let list = if negated { &mut unwanted } else { &mut wanted };
                    list.push(format!("{{{field}}} : ({found})"));
                }
                kind => match condition(kind, &value) {
                    Some(Condition { sql, values }) => {
                        let sql = if negated { format!("NOT coalesce({sql}, 0)") } else { sql };
                        query.conditions.push(Condition { sql, values });
                    }
                    None => query.problem = Some(format!("“{field}:{value}” is not understood.")),
                },
            }
        }
        query.is_plain = wanted.is_empty() && unwanted.is_empty() && plain.iter().all(|(_, quoted)| !quoted);
        let last = plain.len().saturating_sub(1);
        query.plain = plain.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>().join(" ");
        for (index, (text, quoted)) in plain.iter().enumerate() {
            // Only the word that is being typed may be a beginning.
            let Some(found) = match_of(text, *quoted || index < last) else { continue };
            wanted.push(found);
        }
        if wanted.is_empty() && !plain.is_empty() {
            // Marks alone: the index has none, so it is asked for what it cannot have.
            query.words = words(&query.plain);
        } else if wanted.is_empty() && !unwanted.is_empty() {
            let sql = "tracks.id NOT IN (SELECT rowid FROM track_words WHERE track_words MATCH ?)".into();
            query.conditions.push(Condition { sql, values: vec![Value::Text(unwanted.join(" OR "))] });
        } else if !wanted.is_empty() {
            let wanted = wanted.join(" AND ");
            query.words =
                Some(if unwanted.is_empty() { wanted } else { format!("({wanted}) NOT ({})", unwanted.join(" OR ")) });
        }
        query
    }

    /// Notes a condition that few tracks satisfy, if there are words, too: else each track with these words would be looked at,
    /// and a word may be that of every third track.
    pub async fn weighed(mut self, view: &mut SqliteConnection) -> Result<Query, LibraryError> {
        if self.words.is_some() {
            for (index, condition) in self.conditions.iter().enumerate() {
                let Condition { sql, values } = condition;
                if !INDEXED.iter().any(|column| sql.starts_with(column)) {
                    continue;
                }
                let some = format!("SELECT id FROM tracks WHERE {sql} LIMIT {NARROW}");
                let some = Set { sql: some.into(), values: values.clone(), condition: None, rest: None };
                let count = AssertSqlSafe(format!("SELECT count(*) FROM ({})", some.sql));
                let count: u32 = some.bound(sqlx::query_scalar(count)).fetch_one(&mut *view).await?;
                if count < NARROW {
                    self.narrow = Some(index);
                    break;
                }
            }
        }
        Ok(self)
    }

    /// Whether nothing but plain words was typed: then what begins with them is found, too.
    pub fn only_words(&self) -> bool {
        self.conditions.is_empty() && self.is_plain && !self.plain.is_empty()
    }

    /// The tracks, as a set of ids; nothing if nothing was asked for.
    pub fn set(self) -> Option<Set> {
        let conditions: String = self.conditions.iter().map(|condition| format!(" AND {}", condition.sql)).collect();
        let narrow = self.narrow.and_then(|index| self.conditions.get(index));
        let among = narrow.map_or(String::new(), |condition| {
            format!(" AND +rowid IN (SELECT id FROM tracks WHERE {})", condition.sql)
        });
        let sql = match (&self.words, conditions.is_empty()) {
            (None, true) => return None,
            (Some(_), true) => "SELECT rowid AS id FROM track_words WHERE track_words MATCH ?".into(),
            (None, false) => format!("SELECT id FROM tracks{VISIBLE}{conditions}"),
            (Some(_), false) => format!(
                "SELECT tracks.id FROM (SELECT rowid AS id FROM track_words WHERE track_words MATCH ?{among}) AS found
                 CROSS JOIN tracks ON tracks.id = found.id{VISIBLE}{conditions}"
            ),
        };
        let narrow = narrow.map(|condition| condition.values.clone()).unwrap_or_default();
        let words = self.words.map(Value::Text).into_iter();
        let values =
            words.chain(narrow).chain(self.conditions.into_iter().flat_map(|condition| condition.values)).collect();
        Some(Set { sql: sql.into(), values, condition: None, rest: None })
    }
}

/// A text as the index of words is asked for it: those whole words in a row, or words of which the last may be a beginning. Nothing if there is
/// nothing in it that the index has.
fn match_of(text: &str, whole: bool) -> Option<String> {
    let found = words(text).filter(|_| text.contains(char::is_alphanumeric))?;
    Some(if whole { phrase(text) } else { found })
}

struct Token {
    negated: bool,
    field: Option<String>,
    value: String,
    quoted: bool,
}

/// Splits at spaces outside of quotes.
fn tokens(typed: &str) -> Vec<Token> {
    let typed = typed.replace('\0', " ");
    let mut tokens = Vec::new();
    let mut rest = typed.trim_start();
    while !rest.is_empty() {
        let negated = rest.len() > 1 && rest.starts_with('-') && !rest[1..].starts_with(char::is_whitespace);
        rest = if negated { &rest[1..] } else { rest };
        let end = rest.find(|c: char| c.is_whitespace() || c == '"').unwrap_or(rest.len());
        let field = rest[..end]
            .split_once(':')
            .filter(|(name, _)| !name.is_empty() && FIELDS.iter().any(|(known, _)| name.eq_ignore_ascii_case(known)));
        let (field, after) = match field {
            Some((name, _)) => (Some(name.to_ascii_lowercase()), &rest[name.len() + 1..]),
            None => (None, rest),
        };
        let (value, quoted, after) = match after.strip_prefix('"') {
            Some(inner) => match inner.split_once('"') {
                Some((value, after)) => (value, true, after),
                None => (inner, false, ""),
            },
            None => {
                let end = after.find(char::is_whitespace).unwrap_or(after.len());
                (&after[..end], false, &after[end..])
            }
        };
        if field.is_some() || !value.trim().is_empty() {
            tokens.push(Token { negated, field, value: value.to_owned(), quoted });
        }
        rest = after.trim_start();
    }
    tokens
}

fn condition(kind: &Kind, value: &str) -> Option<Condition> {
    match kind {
        Kind::Word => None,
        Kind::Number(column @ "rating") if value == "0" => {
            Some(Condition { sql: format!("{column} IS NULL"), values: Vec::new() })
        }
        Kind::Number(column) => compared(column, value, |text| {
            let number: f64 = text.replace(',', ".").parse().ok()?;
            number.is_finite().then_some((number, number))
        }),
        Kind::Length(column) => compared(column, value, |text| {
            let seconds = text.split(':').try_fold(0.0, |all, part| Some(all * 60.0 + part.parse::<f64>().ok()?))?;
            // "4:30" is every length that is shown so.
            (seconds.is_finite() && seconds >= 0.0).then_some((seconds, seconds + 0.999))
        }),
        Kind::Time(column) => match age_s(value.trim_start_matches(['<', '>', '='])) {
            Some(age_s) => {
                // Less than 30 days ago is after what was 30 days ago.
                let operator = if value.starts_with('>') { "<" } else { ">=" };
                Some(Condition {
                    sql: format!("{column} {operator} ?"),
                    values: vec![Value::Number(now_s().saturating_sub(age_s))],
                })
            }
            None => compared(column, value, date_s),
        },
        Kind::Flag(sql) => match &*fold(value) {
            "yes" | "1" | "true" => Some(Condition { sql: (*sql).into(), values: Vec::new() }),
            "no" | "0" | "false" => Some(Condition { sql: format!("NOT ({sql})"), values: Vec::new() }),
            _ => None,
        },
        Kind::Within(sql) => Some(Condition { sql: (*sql).into(), values: vec![Value::Text(fold(value))] }),
        Kind::Spelt(sql) => {
            Some(Condition { sql: (*sql).into(), values: vec![Value::Text(value.to_ascii_lowercase())] })
        }
    }
}

/// A comparison of a column with values that each stand for a range of numbers.
fn compared(column: &str, value: &str, number: impl Fn(&str) -> Option<(f64, f64)>) -> Option<Condition> {
    let (sql, values) = if let Some((least, most)) = value.split_once("..") {
        let least = if least.is_empty() { f64::MIN } else { number(least)?.0 };
        let most = if most.is_empty() { f64::MAX } else { number(most)?.1 };
        (format!("{column} BETWEEN ? AND ?"), vec![least, most])
    } else if let Some(least) = value.strip_prefix(">=") {
        (format!("{column} >= ?"), vec![number(least)?.0])
    } else if let Some(most) = value.strip_prefix("<=") {
        (format!("{column} <= ?"), vec![number(most)?.1])
    } else if let Some(more_than) = value.strip_prefix('>') {
        (format!("{column} > ?"), vec![number(more_than)?.1])
    } else if let Some(less_than) = value.strip_prefix('<') {
        (format!("{column} < ?"), vec![number(less_than)?.0])
    } else {
        let (least, most) = number(value.strip_prefix('=').unwrap_or(value))?;
        (format!("{column} BETWEEN ? AND ?"), vec![least, most])
    };
    Some(Condition { sql, values: values.into_iter().map(Value::Real).collect() })
}

/// "12h", "30d", "2w", "6m" or "1y" in seconds.
fn age_s(text: &str) -> Option<i64> {
    const HOUR_S: i64 = 3600;
    let unit = text.chars().last()?;
    let number: u32 = text[..text.len() - unit.len_utf8()].parse().ok()?;
    let unit_s = match unit {
        'h' => HOUR_S,
        'd' => 24 * HOUR_S,
        'w' => 7 * 24 * HOUR_S,
        'm' => 30 * 24 * HOUR_S,
        'y' => 365 * 24 * HOUR_S,
        _ => return None,
    };
    Some(i64::from(number) * unit_s)
}

/// The first and last second of a year, month or day (UTC).
fn date_s(text: &str) -> Option<(f64, f64)> {
    let parts: Vec<u32> = text.split('-').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let (first, next) = match parts[..] {
        [year @ 1..=9999] => ((year, 1, 1), (year + 1, 1, 1)),
        [year @ 1..=9999, 12] => ((year, 12, 1), (year + 1, 1, 1)),
        [year @ 1..=9999, month @ 1..=11] => ((year, month, 1), (year, month + 1, 1)),
        [year @ 1..=9999, month @ 1..=12, day @ 1..=31] => ((year, month, day), (year, month, day + 1)),
        _ => return None,
    };
    let second = |(year, month, day)| days_to(year, month, day) as f64 * 86_400.0;
    Some((second(first), second(next) - 1.0))
}

/// Days from 1970-01-01 to a day of the Gregorian calendar
/// (<https://howardhinnant.github.io/date_algorithms.html#days_from_civil>).
fn days_to(year: u32, month: u32, day: u32) -> i64 {
    let year = i64::from(year) - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((i64::from(month) + 9) % 12) + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn words_and_fields_become_one_question() {
        for (typed, words) in [
            ("blue riv", Some(r#""blue" AND "riv"*"#)),
            ("\"blue riv\"", Some(r#""blue riv""#)),
            ("artist:bj", Some(r#"{artist} : ("bj"*)"#)),
            ("ARTIST:\"pink floyd\" wall", Some(r#"{artist} : ("pink floyd") AND "wall"*"#)),
            ("wall -genre:rock", Some(r#"("wall"*) NOT ({genre} : ("rock"*))"#)),
            ("a-ha", Some(r#""a-ha"*"#)),
            ("x:y", Some(r#""x:y"*"#)),
            ("year:1999", None),
            ("", None),
        ] {
            assert_eq!(Query::parse(typed).words.as_deref(), words, "{typed}");
        }
    }

    #[test]
    fn conditions_that_make_no_sense_are_told() {
        for (typed, sql) in [
            ("year:1990..1999", Some("year BETWEEN ? AND ?")),
            ("rating:>3", Some("rating > ?")),
            ("added:<30d", Some("added_s >= ?")),
            ("added:>1y", Some("added_s < ?")),
            ("loudness:<-14", Some("loudness_lufs < ?")),
            ("length:4:30", Some("duration_s BETWEEN ? AND ?")),
            ("-plays:0", Some("NOT coalesce(plays BETWEEN ? AND ?, 0)")),
            ("favourite:yes", Some("favourite_s IS NOT NULL")),
            ("year:soon", None),
            ("year:", None),
            ("added:2024-13", None),
        ] {
            let query = Query::parse(typed);
            assert_eq!(query.conditions.first().map(|condition| &*condition.sql), sql, "{typed}");
            assert_eq!(query.problem.is_some(), sql.is_none(), "{typed}");
        }
    }

    #[test]
    fn dates_are_whole_periods() {
        assert_eq!(date_s("1970"), Some((0.0, 365.0 * 86_400.0 - 1.0)));
        assert_eq!(date_s("2024-02-29").unwrap().0, 1_709_164_800.0);
        assert_eq!(date_s("2024-12").unwrap().1, date_s("2025").unwrap().0 - 1.0);
    }
}

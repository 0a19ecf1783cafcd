//! The search language: words, and conditions such as `artist:björk`, `year:1990..1999` or `added:<30d`.
//!
//! Words are searched in title, artist, album and genre. A condition is a field, a colon and a value. The value may be quoted,
//! begin with `<`, `<=`, `>` or `>=`, or be a range `a..b`. A minus in front of a word or condition excludes. A condition that is
//! still without value is ignored, an invalid one finds nothing, and a warning explains either.

use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::{
    clock::unix_now_s,
    error::LibraryError,
    query::{
        full_text::{fts_phrase, fts_query},
        sql::{IN_LIBRARY, IdQuery, SqlValue, bind_all},
    },
    text::normalize,
};

/// A condition that fewer tracks satisfy is evaluated before the words.
const MAX_SELECTIVE_ROWS: u32 = 10_000;

/// The condition that no track satisfies.
const NOTHING: &str = "0";

/// Columns with an index.
const INDEXED: [&str; 8] =
    ["year", "rating", "plays", "played_s", "added_s", "duration_s", "loudness_lufs", "favourite_s"];

/// A parsed search.
#[derive(Default)]
pub(crate) struct Query {
    /// The full-text query, if there are words.
    pub words: Option<String>,
    /// The plain words as typed; empty if there are only conditions.
    pub plain: String,
    /// Conditions on the columns of `tracks`.
    pub conditions: Vec<Condition>,
    /// Index of the condition that few tracks satisfy.
    selective: Option<usize>,
    is_plain: bool,
    /// Explains to the listener what was not understood.
    pub warning: Option<String>,
}

/// A condition in SQL, with the value of every `?` in it.
pub(crate) struct Condition {
    pub sql: String,
    pub values: Vec<SqlValue>,
}

/// How the value of a field is interpreted.
enum FieldKind {
    /// A column of the full-text index.
    Word,
    /// A number in a column (or an expression) of `tracks`.
    Number(&'static str),
    /// A duration in seconds or as `4:30`.
    Duration(&'static str),
    /// A Unix time, given as an age such as `30d` or a date such as `2024-05`.
    Time(&'static str),
    /// Yes or no.
    Flag(&'static str),
    /// SQL with a normalized text as its parameter.
    NormalizedText(&'static str),
    /// SQL with a lower-case part of a path as its parameter.
    RawPath(&'static str),
}

/// The fields.
const FIELDS: [(&str, FieldKind); 20] = [
    ("title", FieldKind::Word),
    ("artist", FieldKind::Word),
    ("album", FieldKind::Word),
    ("genre", FieldKind::Word),
    ("year", FieldKind::Number("year")),
    ("original", FieldKind::Number("original_year")),
    ("rating", FieldKind::Number("rating")),
    ("plays", FieldKind::Number("plays")),
    ("skips", FieldKind::Number("skips")),
    ("bpm", FieldKind::Number("bpm")),
    ("disc", FieldKind::Number("disc_number")),
    ("track", FieldKind::Number("track_number")),
    ("loudness", FieldKind::Number("loudness_lufs")),
    ("length", FieldKind::Duration("duration_s")),
    ("added", FieldKind::Time("added_s")),
    ("played", FieldKind::Time("played_s")),
    ("favourite", FieldKind::Flag("favourite_s IS NOT NULL")),
    (
        "composer",
        FieldKind::NormalizedText(
            "tracks.id IN (SELECT track_id FROM composers JOIN track_composers ON composer_id = composers.id WHERE instr(key, ?))",
        ),
    ),
    ("folder", FieldKind::RawPath("folder_id IN (SELECT id FROM folders WHERE instr(lower(CAST(path AS TEXT)), ?))")),
    ("format", FieldKind::NormalizedText("lower(codec) = ?")),
];

impl Query {
    pub fn parse(typed: &str) -> Query {
        Query::from_tokens(tokens(typed))
    }

    /// Parses everything but plain words: what also holds for the albums and artists of the tracks.
    pub fn parse_conditions(typed: &str) -> Query {
        Query::from_tokens(tokens(typed).into_iter().filter(|token| token.field.is_some() || token.negated).collect())
    }

    fn from_tokens(tokens: Vec<Token>) -> Query {
        let mut query = Query::default();
        let (mut wanted, mut unwanted, mut plain) = (Vec::new(), Vec::new(), Vec::new());
        for token in tokens {
            let Token { negated, field, value, quoted } = token;
            let Some(kind) = FIELDS.iter().find(|(name, _)| field.as_deref() == Some(*name)).map(|(_, kind)| kind)
            else {
                let text = field.map_or(value.clone(), |field| format!("{field}:{value}"));
                match negated {
                    true => unwanted.extend(fts_term(&text, quoted)),
                    false => plain.push((text, quoted)),
                }
                continue;
            };
            let field = field.unwrap_or_default();
            if value.is_empty() {
                query.warning = Some(format!("Type a value after “{field}:”."));
                continue;
            }
            match kind {
                FieldKind::Word => {
                    let Some(found) = fts_term(&value, quoted) else { continue };
                    let list = if negated { &mut unwanted } else { &mut wanted };
                    list.push(format!("{{{field}}} : ({found})"));
                }
                kind => match condition(kind, &value) {
                    Some(Condition { sql, values }) => {
                        let sql = if negated { format!("NOT coalesce({sql}, 0)") } else { sql };
                        query.conditions.push(Condition { sql, values });
                    }
                    None => {
                        query.warning = Some(format!("“{field}:{value}” is not understood."));
                        query.conditions.push(Condition { sql: NOTHING.into(), values: Vec::new() });
                    }
                },
            }
        }
        query.is_plain = wanted.is_empty() && unwanted.is_empty() && plain.iter().all(|(_, quoted)| !quoted);
        let last = plain.len().saturating_sub(1);
        query.plain = plain.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>().join(" ");
        for (index, (text, quoted)) in plain.iter().enumerate() {
            // Only the last word, which is being typed, may be a prefix.
            let Some(found) = fts_term(text, *quoted || index < last) else { continue };
            wanted.push(found);
        }
        if wanted.is_empty() && !plain.is_empty() {
            // Only punctuation, which the index does not contain: this finds nothing.
            query.words = fts_query(&query.plain);
        } else if wanted.is_empty() && !unwanted.is_empty() {
            let sql = "tracks.id NOT IN (SELECT rowid FROM track_words WHERE track_words MATCH ?)".into();
            query.conditions.push(Condition { sql, values: vec![SqlValue::Text(unwanted.join(" OR "))] });
        } else if !wanted.is_empty() {
            let wanted = wanted.join(" AND ");
            query.words =
                Some(if unwanted.is_empty() { wanted } else { format!("({wanted}) NOT ({})", unwanted.join(" OR ")) });
        }
        query
    }

    /// Finds a condition that few tracks satisfy, if there are words too. Without it every track with these words would be
    /// read, and a word may occur in every third track.
    pub async fn with_selective_condition(mut self, connection: &mut SqliteConnection) -> Result<Query, LibraryError> {
        if self.words.is_some() {
            for (index, condition) in self.conditions.iter().enumerate() {
                let Condition { sql, values } = condition;
                if !INDEXED.iter().any(|column| sql.starts_with(column)) {
                    continue;
                }
                let count =
                    format!("SELECT count(*) FROM (SELECT id FROM tracks WHERE {sql} LIMIT {MAX_SELECTIVE_ROWS})");
                let count = bind_all(sqlx::query_scalar(AssertSqlSafe(count)), values.iter().cloned());
                let count: u32 = count.fetch_one(&mut *connection).await?;
                if count < MAX_SELECTIVE_ROWS {
                    self.selective = Some(index);
                    break;
                }
            }
        }
        Ok(self)
    }

    /// Returns whether only plain words were typed. Names that begin with them are then found too.
    pub fn is_plain_text(&self) -> bool {
        self.conditions.is_empty() && self.is_plain && !self.plain.is_empty()
    }

    /// Returns the query for the ids of matching tracks; `None` if the search is empty.
    pub fn into_id_query(self) -> Option<IdQuery> {
        let conditions: String = self.conditions.iter().map(|condition| format!(" AND {}", condition.sql)).collect();
        let selective = self.selective.and_then(|index| self.conditions.get(index));
        let selective_sql = selective.map_or(String::new(), |condition| {
            format!(" AND +rowid IN (SELECT id FROM tracks WHERE {})", condition.sql)
        });
        let sql = match (&self.words, conditions.is_empty()) {
            (None, true) => return None,
            (Some(_), true) => "SELECT rowid AS id FROM track_words WHERE track_words MATCH ?".into(),
            (None, false) => format!("SELECT id FROM tracks{IN_LIBRARY}{conditions}"),
            (Some(_), false) => format!(
                "SELECT tracks.id FROM (SELECT rowid AS id FROM track_words WHERE track_words MATCH ?{selective_sql}) AS found
                 CROSS JOIN tracks ON tracks.id = found.id{IN_LIBRARY}{conditions}"
            ),
        };
        let selective = selective.map(|condition| condition.values.clone()).unwrap_or_default();
        let words = self.words.map(SqlValue::Text).into_iter();
        let values =
            words.chain(selective).chain(self.conditions.into_iter().flat_map(|condition| condition.values)).collect();
        Some(IdQuery { sql: sql.into(), values, condition: None, complement: None })
    }
}

/// Returns the full-text query for a text: an exact phrase, or words of which the last may be a prefix. `None` if the text is
/// only punctuation.
fn fts_term(text: &str, is_phrase: bool) -> Option<String> {
    let query = fts_query(text).filter(|_| text.contains(char::is_alphanumeric))?;
    Some(if is_phrase { fts_phrase(text) } else { query })
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

fn condition(kind: &FieldKind, value: &str) -> Option<Condition> {
    match kind {
        FieldKind::Word => None,
        FieldKind::Number(column @ "rating") if value == "0" => {
            Some(Condition { sql: format!("{column} IS NULL"), values: Vec::new() })
        }
        FieldKind::Number(column) => comparison(column, value, |text| {
            let number: f64 = text.replace(',', ".").parse().ok()?;
            number.is_finite().then_some((number, number))
        }),
        FieldKind::Duration(column) => comparison(column, value, |text| {
            let seconds = text.split(':').try_fold(0.0, |all, part| Some(all * 60.0 + part.parse::<f64>().ok()?))?;
            // "4:30" matches every length that is displayed so.
            (seconds.is_finite() && seconds >= 0.0).then_some((seconds, seconds + 0.999))
        }),
        FieldKind::Time(column) => match age_s(value.trim_start_matches(['<', '>', '='])) {
            Some(age_s) => {
                // "Less than 30 days ago" means after that time.
                let operator = if value.starts_with('>') { "<" } else { ">=" };
                Some(Condition {
                    sql: format!("{column} {operator} ?"),
                    values: vec![SqlValue::Number(unix_now_s().saturating_sub(age_s))],
                })
            }
            None => date_comparison(column, value),
        },
        FieldKind::Flag(sql) => match &*normalize(value) {
            "yes" | "1" | "true" => Some(Condition { sql: (*sql).into(), values: Vec::new() }),
            "no" | "0" | "false" => Some(Condition { sql: format!("NOT ({sql})"), values: Vec::new() }),
            _ => None,
        },
        FieldKind::NormalizedText(sql) => {
            Some(Condition { sql: (*sql).into(), values: vec![SqlValue::Text(normalize(value))] })
        }
        FieldKind::RawPath(sql) => {
            Some(Condition { sql: (*sql).into(), values: vec![SqlValue::Text(value.to_ascii_lowercase())] })
        }
    }
}

/// Returns the comparison of a column with a value. `number` parses a number as the range that it stands for.
fn comparison(column: &str, value: &str, number: impl Fn(&str) -> Option<(f64, f64)>) -> Option<Condition> {
    let (sql, values) = if let Some((min, max)) = value.split_once("..") {
        let min = if min.is_empty() { f64::MIN } else { number(min)?.0 };
        let max = if max.is_empty() { f64::MAX } else { number(max)?.1 };
        (format!("{column} BETWEEN ? AND ?"), vec![min, max])
    } else if let Some(min) = value.strip_prefix(">=") {
        (format!("{column} >= ?"), vec![number(min)?.0])
    } else if let Some(max) = value.strip_prefix("<=") {
        (format!("{column} <= ?"), vec![number(max)?.1])
    } else if let Some(more_than) = value.strip_prefix('>') {
        (format!("{column} > ?"), vec![number(more_than)?.1])
    } else if let Some(less_than) = value.strip_prefix('<') {
        (format!("{column} < ?"), vec![number(less_than)?.0])
    } else {
        let (min, max) = number(value.strip_prefix('=').unwrap_or(value))?;
        (format!("{column} BETWEEN ? AND ?"), vec![min, max])
    };
    Some(Condition { sql, values: values.into_iter().map(SqlValue::Real).collect() })
}

/// Parses "12h", "30d", "2w", "6m" or "1y" to seconds.
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

/// Returns the comparison of a Unix time with dates of the listener's time zone, such as `2024-05` or `2023..2024`. SQLite
/// converts them, because only that knows the changes to and from daylight saving time of each year.
fn date_comparison(column: &str, value: &str) -> Option<Condition> {
    const START: &str = "unixepoch(?, 'utc')";
    let (sql, dates) = if let Some((first, last)) = value.split_once("..") {
        match (first.is_empty(), last.is_empty()) {
            (false, false) => {
                let (first, (last, end)) = (date(first)?.0, date_end(last)?);
                (format!("{column} >= {START} AND {column} < {end}"), vec![first, last])
            }
            (false, true) => (format!("{column} >= {START}"), vec![date(first)?.0]),
            (true, false) => {
                let (last, end) = date_end(last)?;
                (format!("{column} < {end}"), vec![last])
            }
            (true, true) => return None,
        }
    } else if let Some(first) = value.strip_prefix(">=") {
        (format!("{column} >= {START}"), vec![date(first)?.0])
    } else if let Some(last) = value.strip_prefix("<=") {
        let (last, end) = date_end(last)?;
        (format!("{column} < {end}"), vec![last])
    } else if let Some(before) = value.strip_prefix('>') {
        let (before, end) = date_end(before)?;
        (format!("{column} >= {end}"), vec![before])
    } else if let Some(after) = value.strip_prefix('<') {
        (format!("{column} < {START}"), vec![date(after)?.0])
    } else {
        let (first, end) = date_end(value.strip_prefix('=').unwrap_or(value))?;
        (format!("{column} >= {START} AND {column} < {end}"), vec![first.clone(), first])
    };
    Some(Condition { sql, values: dates.into_iter().map(SqlValue::Text).collect() })
}

/// Returns the first day of a year, month or day, and SQL for the end of it.
fn date_end(text: &str) -> Option<(String, String)> {
    let (first, unit) = date(text)?;
    Some((first, format!("unixepoch(?, '+1 {unit}', 'utc')")))
}

/// Parses `2024`, `2024-05` or `2024-05-31` to its first day and the unit that it stands for.
fn date(text: &str) -> Option<(String, &'static str)> {
    let parts: Vec<u32> = text.split('-').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let ((year, month, day), unit) = match parts[..] {
        [year @ 1..=9999] => ((year, 1, 1), "year"),
        [year @ 1..=9999, month @ 1..=12] => ((year, month, 1), "month"),
        [year @ 1..=9999, month @ 1..=12, day @ 1..=31] => ((year, month, day), "day"),
        _ => return None,
    };
    Some((format!("{year:04}-{month:02}-{day:02}"), unit))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn words_and_fields_become_one_full_text_query() {
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
    fn invalid_conditions_give_a_warning() {
        for (typed, sql) in [
            ("year:1990..1999", Some("year BETWEEN ? AND ?")),
            ("rating:>3", Some("rating > ?")),
            ("added:<30d", Some("added_s >= ?")),
            ("added:>1y", Some("added_s < ?")),
            ("loudness:<-14", Some("loudness_lufs < ?")),
            ("length:4:30", Some("duration_s BETWEEN ? AND ?")),
            ("-plays:0", Some("NOT coalesce(plays BETWEEN ? AND ?, 0)")),
            ("favourite:yes", Some("favourite_s IS NOT NULL")),
            ("added:2024-05", Some("added_s >= unixepoch(?, 'utc') AND added_s < unixepoch(?, '+1 month', 'utc')")),
            ("added:>2024", Some("added_s >= unixepoch(?, '+1 year', 'utc')")),
            ("year:soon", Some(NOTHING)),
            ("year:", None),
            ("added:2024-13", Some(NOTHING)),
        ] {
            let query = Query::parse(typed);
            assert_eq!(query.conditions.first().map(|condition| &*condition.sql), sql, "{typed}");
            assert_eq!(query.warning.is_some(), sql.is_none_or(|sql| sql == NOTHING), "{typed}");
        }
    }
}

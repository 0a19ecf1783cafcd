//! Queries for ids, with their parameters. Values are always bound, never written into a statement.

use std::borrow::Cow;

use sqlx::{Sqlite, query::QueryScalar, sqlite::SqliteArguments};

type Scalar<'q, O> = QueryScalar<'q, Sqlite, O, SqliteArguments>;

/// Excludes external tracks, those of files outside the library's folders. Each [`IdQuery`] excludes them itself, so only a
/// list without one needs this.
pub(crate) const IN_LIBRARY: &str = " WHERE folder_id NOT IN (SELECT id FROM folders WHERE root_id = 0)";

/// The query for the ids of library tracks that satisfy a condition.
macro_rules! in_library {
    ($condition:literal) => {
        concat!(
            "SELECT id FROM tracks WHERE ",
            $condition,
            " AND folder_id NOT IN (SELECT id FROM folders WHERE root_id = 0)"
        )
    };
}
pub(crate) use in_library;

/// The ids of external tracks, as one text.
pub(crate) const EXTERNAL_TRACK_IDS_SQL: &str =
    "SELECT group_concat(tracks.id) FROM folders JOIN tracks ON folder_id = folders.id WHERE root_id = 0";

/// A bound value.
#[derive(Clone)]
pub(crate) enum SqlValue {
    Number(i64),
    Real(f64),
    Text(String),
}

/// A query for ids, with the value of every `?` in it.
pub(crate) struct IdQuery {
    pub sql: Cow<'static, str>,
    pub values: Vec<SqlValue>,
    /// The same as a condition on a row, with the same values, for reading in index order.
    pub condition: Option<&'static str>,
    /// A query for the ids that it does not return, where these are much fewer.
    pub complement: Option<&'static str>,
}

impl IdQuery {
    pub fn bind_to<'q, O>(&self, query: Scalar<'q, O>) -> Scalar<'q, O> {
        bind_all(query, self.values.iter().cloned())
    }
}

/// Binds values in order.
pub(crate) fn bind_all<'q, O>(query: Scalar<'q, O>, values: impl IntoIterator<Item = SqlValue>) -> Scalar<'q, O> {
    values.into_iter().fold(query, |query, value| match value {
        SqlValue::Number(number) => query.bind(number),
        SqlValue::Real(number) => query.bind(number),
        SqlValue::Text(text) => query.bind(text),
    })
}

/// Returns an [`IdQuery`] with one value.
pub(crate) fn id_query(sql: &'static str, value: SqlValue) -> IdQuery {
    IdQuery { sql: sql.into(), values: vec![value], condition: None, complement: None }
}

/// Parses the result of `group_concat(id)`. Half a million rows of one id each would take a second to fetch; one text does not.
pub(crate) fn parse_ids(ids: Option<String>) -> impl Iterator<Item = i64> {
    let mut offset = 0;
    let ids = ids.unwrap_or_default();
    std::iter::from_fn(move || {
        let bytes = ids.as_bytes().get(offset..).filter(|bytes| !bytes.is_empty())?;
        let digits = bytes.iter().position(|byte| *byte == b',').unwrap_or(bytes.len());
        offset += digits + 1;
        Some(bytes[..digits].iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
    })
}

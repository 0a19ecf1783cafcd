//! A list compiled to SQL: filters, a sort order that an index has, and a limit.

use std::collections::HashSet;

use sqlx::{AssertSqlSafe, Sqlite, SqliteConnection, query::QueryScalar, sqlite::SqliteArguments};

use crate::{
    database::counts::Counts,
    error::LibraryError,
    query::{
        sort_order::{IdSet, SortOrder},
        sql::{EXTERNAL_TRACK_IDS_SQL, IN_LIBRARY, IdQuery, parse_ids},
    },
};

type Scalar<'q, O> = QueryScalar<'q, Sqlite, O, SqliteArguments>;

/// Above this fraction of a table, reading in index order is faster than sorting the matching rows.
const IN_ORDER_SELECTIVITY: f64 = 0.1;

/// One list of the library, ready to be read by page.
pub(crate) struct CompiledList {
    pub(super) table: &'static str,
    /// The index that contains the complete order.
    pub(super) index: &'static str,
    /// Its columns. The id comes last implicitly.
    pub(super) order: &'static [&'static str],
    pub(super) descending: bool,
    /// The list contains the rows that all of these return, or every row if there is none.
    pub(super) filters: Vec<IdQuery>,
    /// Limits the list to the first rows of its order.
    pub max_rows: Option<u32>,
}

impl CompiledList {
    /// Returns how many rows the list has; `all` is the size of the table.
    pub async fn count(&self, connection: &mut SqliteConnection, all: u32) -> Result<u32, LibraryError> {
        if self.filters.is_empty() {
            return Ok(self.max_rows.map_or(all, |max_rows| max_rows.min(all)));
        }
        if let [IdQuery { complement: Some(complement), .. }] = self.filters.as_slice() {
            let excluded: u32 = sqlx::query_scalar(AssertSqlSafe(format!("SELECT count(*) FROM ({complement})")))
                .fetch_one(connection)
                .await?;
            let count = all.saturating_sub(excluded);
            return Ok(self.max_rows.map_or(count, |max_rows| max_rows.min(count)));
        }
        let sql = format!("SELECT count(*) FROM ({})", self.matching_ids_sql());
        let count: u32 = self.bind_to(sqlx::query_scalar(AssertSqlSafe(sql))).fetch_one(connection).await?;
        Ok(self.max_rows.map_or(count, |max_rows| max_rows.min(count)))
    }

    /// Returns the ids of `limit` rows (-1: all) from `offset`, in order. `selectivity` is the fraction of the table that
    /// the list contains, from 0 to 1.
    pub async fn ids(
        &self,
        connection: &mut SqliteConnection,
        selectivity: f64,
        offset: u32,
        limit: i64,
    ) -> Result<Vec<i64>, LibraryError> {
        let query = self.bind_to(sqlx::query_scalar(AssertSqlSafe(self.sql(selectivity))));
        let query = query.bind(self.limited(offset, limit)).bind(offset);
        Ok(parse_ids(query.fetch_one(connection).await?).collect())
    }

    /// Returns the ids of all library tracks in this order. External tracks are few: to remove them afterwards is faster than
    /// to look up the folder of each track.
    pub async fn all_ids(&self, connection: &mut SqliteConnection) -> Result<Vec<i64>, LibraryError> {
        let external: HashSet<i64> =
            parse_ids(sqlx::query_scalar(EXTERNAL_TRACK_IDS_SQL).fetch_one(&mut *connection).await?).collect();
        let query = sqlx::query_scalar(AssertSqlSafe(self.all_sql()));
        Ok(parse_ids(query.fetch_one(connection).await?).filter(|id| !external.contains(id)).collect())
    }

    pub(super) fn all_sql(&self) -> String {
        let CompiledList { index, order, .. } = self;
        let direction = if self.descending { " DESC" } else { "" };
        let order = order.join(&format!("{direction}, "));
        format!(
            "SELECT group_concat(id) FROM (SELECT id FROM tracks INDEXED BY {index} ORDER BY {order}{direction}, id{direction})"
        )
    }

    /// Returns whether it is a list of tracks without filter or limit.
    pub fn is_of_all_tracks(&self) -> bool {
        self.is_of_tracks() && self.filters.is_empty() && self.max_rows.is_none()
    }

    /// Returns the number of rows and the ids of a page, by filtering a cached order of all tracks.
    pub async fn ids_by_order(
        &self,
        order: &SortOrder,
        connection: &mut SqliteConnection,
        offset: u32,
        limit: i64,
    ) -> Result<(u32, Vec<i64>), LibraryError> {
        let mut found: IdSet = order.all.clone();
        for filter in &self.filters {
            let sql = format!("SELECT group_concat(id) FROM ({})", filter.complement.unwrap_or(&filter.sql));
            let query = filter.bind_to(sqlx::query_scalar(AssertSqlSafe(sql)));
            let ids = parse_ids(query.fetch_one(&mut *connection).await?);
            if filter.complement.is_some() { found.subtract(ids) } else { found.intersect(ids) }
        }
        let total = found.count();
        let limit = usize::try_from(self.limited(offset, limit)).unwrap_or(usize::MAX);
        let part = |ids: &mut dyn Iterator<Item = &u32>| {
            let found = ids.filter(|id| found.contains(**id)).skip(offset as usize);
            found.take(limit).map(|id| i64::from(*id)).collect()
        };
        let ids = if self.descending { part(&mut order.ids.iter().rev()) } else { part(&mut order.ids.iter()) };
        Ok((self.max_rows.map_or(total, |max_rows| max_rows.min(total)), ids))
    }

    fn limited(&self, offset: u32, limit: i64) -> i64 {
        match self.max_rows {
            None => limit,
            Some(max_rows) if limit < 0 => max_rows.saturating_sub(offset).into(),
            Some(max_rows) => limit.min(max_rows.saturating_sub(offset).into()),
        }
    }

    /// Returns the list of all rows of the table in the same order, ascending.
    pub fn unfiltered(&self) -> CompiledList {
        let CompiledList { table, index, order, .. } = *self;
        CompiledList { table, index, order, descending: false, filters: Vec::new(), max_rows: None }
    }

    pub fn is_of_tracks(&self) -> bool {
        self.table == "tracks"
    }

    pub fn index(&self) -> &'static str {
        self.index
    }

    /// Returns the revision that the order depends on.
    pub fn depends_on_revision(&self, counts: &Counts) -> i64 {
        let is_user_data = ["rating", "plays", "played_s", "favourite_s"].contains(&self.order[0]);
        if is_user_data { counts.revision.cast_signed() } else { counts.tracks_revision }
    }

    fn bind_to<'q, O>(&self, query: Scalar<'q, O>) -> Scalar<'q, O> {
        self.filters.iter().fold(query, |query, filter| filter.bind_to(query))
    }

    pub(super) fn sql(&self, selectivity: f64) -> String {
        let CompiledList { table, index, .. } = self;
        let direction = if self.descending { " DESC" } else { "" };
        let columns = self.order.iter().chain(&["id"]);
        let order: Vec<String> = columns.map(|column| format!("{table}.{column}{direction}")).collect();
        let rows = if self.filters.is_empty() {
            let in_library = if *table == "tracks" { IN_LIBRARY } else { "" };
            format!("{table} INDEXED BY {index}{in_library}")
        } else if self.reads_in_order(selectivity) {
            let conditions: Option<Vec<&str>> = self.filters.iter().map(|filter| filter.condition).collect();
            let in_library = if *table == "tracks" { IN_LIBRARY } else { " WHERE 1" };
            match conditions {
                Some(conditions) => format!("{table} INDEXED BY {index}{in_library} AND {}", conditions.join(" AND ")),
                None => format!("{table} INDEXED BY {index} WHERE id IN ({})", self.matching_ids_sql()),
            }
        } else {
            format!("({}) AS matching CROSS JOIN {table} ON {table}.id = matching.id", self.matching_ids_sql())
        };
        let order = order.join(", ");
        format!("SELECT group_concat(id) FROM (SELECT {table}.id FROM {rows} ORDER BY {order} LIMIT ? OFFSET ?)")
    }

    /// Returns whether to read in index order and filter rows: if more than 10 % match, or if the filter's column leads the
    /// index, so that matching rows are adjacent.
    pub(super) fn reads_in_order(&self, selectivity: f64) -> bool {
        let leads_index = |condition: &str| condition.starts_with(self.order[0]);
        selectivity > IN_ORDER_SELECTIVITY
            || self.filters.iter().all(|filter| filter.condition.is_some())
                && self.filters.iter().any(|filter| filter.condition.is_some_and(leads_index))
    }

    fn matching_ids_sql(&self) -> String {
        let filters: Vec<&str> = self.filters.iter().map(|filter| &*filter.sql).collect();
        filters.join(" INTERSECT ")
    }
}

//! Statistics of the listening history in a period.

use std::collections::HashMap;

use auralis_core::{MonthStatistics, Statistics, TopItem};
use sqlx::{AssertSqlSafe, Row, SqliteConnection, sqlite::SqliteRow};

use crate::{error::LibraryError, lists::rows::truncate_text, tags::cover_hash::CoverHash, text::normalize};

const DAY_S: i64 = 86_400;

/// A period between two Unix times in seconds; the end is excluded.
#[derive(Clone, Copy)]
struct Period {
    from_s: i64,
    to_s: i64,
}

/// Returns the statistics of the listens that started at or after `from_s` and before `to_s` (Unix seconds).
pub(crate) async fn of(
    connection: &mut SqliteConnection,
    from_s: Option<i64>,
    to_s: Option<i64>,
) -> Result<Statistics, LibraryError> {
    let period = Period { from_s: from_s.unwrap_or(i64::MIN), to_s: to_s.unwrap_or(i64::MAX) };
    let today = "SELECT min(unixepoch('now', 'localtime'), unixepoch(max(min(?, unixepoch('now')), 0), 'unixepoch', 'localtime'))";
    let today: i64 = sqlx::query_scalar(today).bind(period.to_s).fetch_one(&mut *connection).await?;
    let days = period.days(connection).await?;
    let numbers: Vec<i64> = days.iter().map(|day| day.number).collect();
    let (streak_days, longest_streak_days) = streaks(&numbers, today / DAY_S);
    let tracks = period.count(connection, &TRACK_RANKING).await?;
    let artists = period.count(connection, &ARTIST_RANKING).await?;
    let albums = period.count(connection, &ALBUM_RANKING).await?;
    Ok(Statistics {
        listens: days.iter().map(|day| day.listens).sum(),
        plays: days.iter().map(|day| day.month.plays).sum(),
        skips: days.iter().map(|day| day.skips).sum(),
        listened_s: days.iter().map(|day| day.month.listened_s).sum(),
        tracks,
        artists,
        albums,
        week: period.week(connection).await?,
        months: months(&days),
        top_tracks: period.top_list(connection, &TRACK_RANKING, BY_PLAYS).await?,
        top_artists: period.top_list(connection, &ARTIST_RANKING, BY_PLAYS).await?,
        top_albums: period.top_list(connection, &ALBUM_RANKING, BY_PLAYS).await?,
        top_genres: period.genres(connection).await?,
        first_played: period.top_list(connection, &TRACK_RANKING, BY_FIRST).await?,
        streak_days,
        longest_streak_days,
    })
}

/// The listens of one day.
struct Day {
    /// Days since 1970-01-01.
    number: i64,
    listens: u32,
    skips: u32,
    /// Its part of the month.
    month: MonthStatistics,
}

/// A ranking of listened tracks, artists or albums. The listens are grouped in a temporary table that lives as long as the
/// snapshot. `listens_in_period`, `plays_in_period` and `heard_in_period_s` count within the period.
struct Ranking {
    table: &'static str,
    groups: &'static str,
    /// Id, name, artist and cover of a row, and the tables that they come from.
    columns: &'static str,
    tables: &'static str,
}

// The tracks are counted first, and only then looked up, in the order of the tables: listened tracks are scattered over the
// library. A track that the library no longer has gets the name of its first listen.
const TRACK_RANKING: Ranking = Ranking {
    table: "heard_tracks",
    groups: "SELECT track_id AS id, count(*) FILTER (WHERE began_s >= ?1 AND began_s < ?2) AS listens_in_period,
             coalesce(sum(play) FILTER (WHERE began_s >= ?1 AND began_s < ?2), 0) AS plays_in_period,
             total(heard_s) FILTER (WHERE began_s >= ?1 AND began_s < ?2) AS heard_in_period_s, min(began_s) AS first
         FROM listens INDEXED BY listens_by_track GROUP BY track_id",
    columns: "tracks.id, {title}, {artist}, coalesce(tracks.cover, folders.cover)",
    tables: "LEFT JOIN tracks ON tracks.id = top.id LEFT JOIN folders ON folders.id = folder_id",
};
const ARTIST_RANKING: Ranking = Ranking {
    table: "heard_artists",
    groups: "SELECT max(found.id) AS id, coalesce(artists.name, found.name) AS named, {sums}
         FROM (SELECT artist_id AS id, CASE WHEN artist_id IS NULL THEN {artist} END AS name, {sums}
               FROM heard_tracks AS top LEFT JOIN track_artists ON track_id = top.id GROUP BY 1, 2) AS found
         LEFT JOIN artists ON artists.id = found.id
         WHERE named <> '' GROUP BY named",
    columns: "top.id, named, '', artists.cover",
    tables: "LEFT JOIN artists ON artists.id = top.id",
};
const ALBUM_RANKING: Ranking = Ranking {
    table: "heard_albums",
    groups: "SELECT max(found.id) AS id, coalesce(albums.title, found.name) AS named, coalesce(albums.artist, found.artist) AS by, {sums}
         FROM (SELECT album_id AS id, CASE WHEN album_id IS NULL THEN {album} END AS name,
                   CASE WHEN album_id IS NULL THEN {artist} END AS artist, {sums}
               FROM heard_tracks AS top LEFT JOIN tracks ON tracks.id = top.id GROUP BY 1, 2, 3) AS found
         LEFT JOIN albums ON albums.id = found.id
         WHERE named <> '' GROUP BY named, by",
    columns: "top.id, named, by, albums.cover",
    tables: "LEFT JOIN albums ON albums.id = top.id",
};
const BY_PLAYS: [&str; 2] = ["plays_in_period > 0", "plays_in_period DESC, heard_in_period_s DESC, first DESC"];
const BY_FIRST: [&str; 2] = ["first >= ?1 AND first < ?2", "first DESC"];

impl Period {
    async fn query(&self, sql: &str, connection: &mut SqliteConnection) -> Result<Vec<SqliteRow>, LibraryError> {
        let query = sqlx::query(AssertSqlSafe(sql.to_owned())).bind(self.from_s).bind(self.to_s);
        Ok(query.fetch_all(connection).await?)
    }

    async fn days(&self, connection: &mut SqliteConnection) -> Result<Vec<Day>, LibraryError> {
        let day = |row: &SqliteRow| Day {
            number: row.get(0),
            listens: row.get(1),
            skips: row.get(2),
            month: MonthStatistics { year: row.get(3), month: row.get(4), listened_s: row.get(5), plays: row.get(6) },
        };
        Ok(self.query(DAYS, connection).await?.iter().map(day).collect())
    }

    async fn week(&self, connection: &mut SqliteConnection) -> Result<Vec<Vec<f64>>, LibraryError> {
        let mut week = vec![vec![0.0; 24]; 7];
        for row in self.query(HOURS, connection).await? {
            let hour = row.get::<i64, _>(0);
            // The first day of 1970 was a Thursday.
            let weekday = (hour.div_euclid(24) + 3).rem_euclid(7);
            week[weekday as usize][hour.rem_euclid(24) as usize] += row.get::<f64, _>(1);
        }
        Ok(week)
    }

    /// Fills the temporary table. Returns how many rows were played in the period.
    async fn count(&self, connection: &mut SqliteConnection, ranking: &Ranking) -> Result<u32, LibraryError> {
        self.query(&ranking.create_table(), connection).await?;
        let count = format!("SELECT count(*) FROM {} WHERE plays_in_period > 0", ranking.table);
        Ok(sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(connection).await?)
    }

    /// Returns the first rows by an order.
    async fn top_list(
        &self,
        connection: &mut SqliteConnection,
        ranking: &Ranking,
        which: [&str; 2],
    ) -> Result<Vec<TopItem>, LibraryError> {
        let top = |row: &SqliteRow| TopItem {
            id: row.get(0),
            name: truncate_text(row.get(1)),
            artist: truncate_text(row.get(2)),
            cover: row.get::<Option<Vec<u8>>, _>(3).and_then(|hash| CoverHash::digits(&hash)),
            plays: row.get(4),
            listened_s: row.get(5),
            first_played_s: row.get(6),
        };
        Ok(self.query(&ranking.top(which), connection).await?.iter().map(top).collect())
    }

    /// Returns the top genres. A track with several genres counts for each.
    async fn genres(&self, connection: &mut SqliteConnection) -> Result<Vec<TopItem>, LibraryError> {
        let mut genres: HashMap<String, TopItem> = HashMap::new();
        for row in self.query(GENRES, connection).await? {
            for name in row.get::<String, _>(0).split(", ") {
                let first_played_s = row.get(3);
                let genre = genres.entry(normalize(name)).or_insert_with(|| TopItem {
                    id: None,
                    name: name.into(),
                    artist: String::new(),
                    plays: 0,
                    listened_s: 0.0,
                    first_played_s,
                    cover: None,
                });
                genre.plays += row.get::<u32, _>(1);
                genre.listened_s += row.get::<f64, _>(2);
                genre.first_played_s = genre.first_played_s.min(first_played_s);
            }
        }
        let mut tops: Vec<TopItem> = genres.into_values().filter(|genre| genre.plays > 0).collect();
        tops.sort_by(|one, other| {
            (other.plays, other.listened_s)
                .partial_cmp(&(one.plays, one.listened_s))
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        tops.truncate(Statistics::MAX_TOP_ITEMS as usize);
        Ok(tops)
    }
}

const DAYS: &str = "SELECT day, listens, skips, CAST(strftime('%Y', day * 86400, 'unixepoch') AS INTEGER),
         CAST(strftime('%m', day * 86400, 'unixepoch') AS INTEGER), heard_s, plays
     FROM (SELECT local_s / 86400 AS day, count(*) AS listens, count(*) FILTER (WHERE end = 'skipped' AND NOT play) AS skips,
               total(heard_s) AS heard_s, sum(play) AS plays
           FROM listens WHERE began_s >= ?1 AND began_s < ?2 GROUP BY day) ORDER BY day";
const HOURS: &str =
    "SELECT local_s / 3600 % 168, total(heard_s) FROM listens WHERE began_s >= ?1 AND began_s < ?2 GROUP BY 1";
const GENRES: &str = "SELECT genre, coalesce(sum(play) FILTER (WHERE began_s >= ?1 AND began_s < ?2), 0),
         total(heard_s) FILTER (WHERE began_s >= ?1 AND began_s < ?2), min(began_s)
     FROM listens WHERE genre <> '' GROUP BY genre";

impl Ranking {
    fn create_table(&self) -> String {
        format!("CREATE TEMP TABLE {} AS {}", self.table, expand_sql(self.groups))
    }

    fn top(&self, [which, order]: [&str; 2]) -> String {
        let Ranking { table, tables, .. } = self;
        format!(
            "SELECT {}, plays_in_period, heard_in_period_s, first FROM (SELECT * FROM {table} WHERE {which} ORDER BY {order} LIMIT {}) AS top
             {tables} ORDER BY {order}",
            expand_sql(self.columns),
            Statistics::MAX_TOP_ITEMS
        )
    }
}

/// Expands the placeholders in a statement: `{sums}`, and `{title}`, `{artist}`, `{album}` for the name at the first listen.
fn expand_sql(sql: &str) -> String {
    let sums = "sum(listens_in_period) AS listens_in_period, sum(plays_in_period) AS plays_in_period, sum(heard_in_period_s) AS heard_in_period_s, min(first) AS first";
    ["title", "artist", "album"].iter().fold(sql.replace("{sums}", sums), |sql, column| {
        let name_at_first_listen =
            format!("(SELECT {column} FROM listens WHERE track_id = top.id ORDER BY began_s LIMIT 1)");
        sql.replace(&format!("{{{column}}}"), &name_at_first_listen)
    })
}

fn months(days: &[Day]) -> Vec<MonthStatistics> {
    let mut months: Vec<MonthStatistics> = Vec::new();
    for Day { month: day, .. } in days {
        match months.last_mut().filter(|month| (month.year, month.month) == (day.year, day.month)) {
            Some(month) => {
                (month.listened_s, month.plays) = (month.listened_s + day.listened_s, month.plays + day.plays)
            }
            None => months.push(day.clone()),
        }
    }
    months
}

/// Returns the lengths of the current streak, which includes today or yesterday, and of the longest streak, in days.
fn streaks(days: &[i64], today: i64) -> (u32, u32) {
    let (mut streak, mut longest) = (0, 0);
    for (index, day) in days.iter().enumerate() {
        let is_next_day = index > 0 && days[index - 1] == day - 1;
        streak = if is_next_day { streak + 1 } else { 1 };
        longest = longest.max(streak);
    }
    let is_current = days.last().is_some_and(|last| *last >= today - 1);
    (if is_current { streak } else { 0 }, longest)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::database::{Database, query_plan};

    /// Counting reads only covering indexes; names are looked up by id.
    #[tokio::test]
    async fn statistics_are_counted_by_covering_indexes() {
        let dir = tempfile::tempdir().unwrap();
        let (database, _) = Database::open(&dir.path().join("library.db")).await.unwrap();
        let mut connection = database.begin_read().await.unwrap();
        of(&mut connection, None, None).await.unwrap();
        let rankings = [TRACK_RANKING, ARTIST_RANKING, ALBUM_RANKING];
        let tops = rankings
            .iter()
            .flat_map(|ranking| [ranking.top(BY_PLAYS), ranking.top(BY_FIRST), expand_sql(ranking.groups)]);
        let mut counted = 0;
        for sql in [DAYS, HOURS, GENRES].into_iter().map(String::from).chain(tops) {
            let plan = query_plan(&mut connection, &sql).await;
            assert!(!plan.is_empty(), "{sql}");
            for step in plan {
                let step = step.as_str();
                let ours =
                    ["SCAN top", "SCAN found", "SCAN (", "SCAN heard_"].iter().any(|ours| step.starts_with(ours));
                let counts = step.contains(" listens USING COVERING INDEX ");
                let named = step.starts_with("SEARCH listens USING INDEX listens_by_track (track_id=?");
                let found = step.starts_with("SEARCH") && (step.contains("PRIMARY KEY (") || named);
                assert!(
                    ours || counts || found || !(step.starts_with("SCAN") || step.starts_with("SEARCH")),
                    "{sql}: {step}"
                );
                counted += u32::from(counts);
            }
        }
        assert_eq!(counted, 4);
    }
}

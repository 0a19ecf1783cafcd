//! What the history tells of a period.

use std::collections::HashMap;

use auralis_core::{MonthStatistics, Statistics, TopItem};
use sqlx::{AssertSqlSafe, Row, SqliteConnection, sqlite::SqliteRow};

use crate::{cover::CoverHash, error::LibraryError, fold::fold, rows::cut};

const DAY_S: i64 = 86_400;

/// The listenings of a period.
#[derive(Clone, Copy)]
struct Period {
    from_s: i64,
    to_s: i64,
}

/// The statistics of what began at or after `from_s` and before `to_s`.
pub(crate) async fn of(
    view: &mut SqliteConnection,
    from_s: Option<i64>,
    to_s: Option<i64>,
) -> Result<Statistics, LibraryError> {
    let period = Period { from_s: from_s.unwrap_or(i64::MIN), to_s: to_s.unwrap_or(i64::MAX) };
    let today = "SELECT min(unixepoch('now', 'localtime'), unixepoch(max(min(?, unixepoch('now')), 0), 'unixepoch', 'localtime'))";
    let today: i64 = sqlx::query_scalar(today).bind(period.to_s).fetch_one(&mut *view).await?;
    let days = period.days(view).await?;
    let numbers: Vec<i64> = days.iter().map(|day| day.number).collect();
    let (streak_days, longest_streak_days) = streaks(&numbers, today / DAY_S);
    let tracks = period.count(view, &TRACKS).await?;
    let artists = period.count(view, &ARTISTS).await?;
    let albums = period.count(view, &ALBUMS).await?;
    Ok(Statistics {
        listens: days.iter().map(|day| day.listens).sum(),
        plays: days.iter().map(|day| day.month.plays).sum(),
        skips: days.iter().map(|day| day.skips).sum(),
        listened_s: days.iter().map(|day| day.month.listened_s).sum(),
        tracks,
        artists,
        albums,
        week: period.week(view).await?,
        months: months(&days),
        top_tracks: period.tops(view, &TRACKS, BY_PLAYS).await?,
        top_artists: period.tops(view, &ARTISTS, BY_PLAYS).await?,
        top_albums: period.tops(view, &ALBUMS, BY_PLAYS).await?,
        top_genres: period.genres(view).await?,
        first_played: period.tops(view, &TRACKS, BY_FIRST).await?,
        streak_days,
        longest_streak_days,
    })
}

/// A day with music.
struct Day {
    /// Rises by one a day.
    number: i64,
    listens: u32,
    skips: u32,
    /// What it adds to its month.
    month: MonthStatistics,
}

/// What is counted: groups of listenings, for as long as the view is held in a table of their own, with an `id` and, where they
/// are told apart by it, the name. `times`, `played` and `heard_in` are of the period.
struct Group {
    table: &'static str,
    groups: &'static str,
    /// Id, name, artist and cover of those that are shown, and the tables that tell these.
    shown: &'static str,
    tables: &'static str,
}

// Each track that was ever heard is counted before anything is looked up for it, and that is done in the order of the tables:
// what was heard lies all over the library. What the library does not have is known by what it was called when it was first
// heard.
const TRACKS: Group = Group {
    table: "heard_tracks",
    groups: "SELECT track_id AS id, count(*) FILTER (WHERE began_s >= ?1 AND began_s < ?2) AS times,
             coalesce(sum(play) FILTER (WHERE began_s >= ?1 AND began_s < ?2), 0) AS played,
             total(heard_s) FILTER (WHERE began_s >= ?1 AND began_s < ?2) AS heard_in, min(began_s) AS first
         FROM listens INDEXED BY listens_by_track GROUP BY track_id",
    shown: "tracks.id, {title}, {artist}, coalesce(tracks.cover, folders.cover)",
    tables: "LEFT JOIN tracks ON tracks.id = top.id LEFT JOIN folders ON folders.id = folder_id",
};
const ARTISTS: Group = Group {
    table: "heard_artists",
    groups: "SELECT max(found.id) AS id, coalesce(artists.name, found.name) AS named, {sums}
         FROM (SELECT artist_id AS id, CASE WHEN artist_id IS NULL THEN {artist} END AS name, {sums}
               FROM heard_tracks AS top LEFT JOIN track_artists ON track_id = top.id GROUP BY 1, 2) AS found
         LEFT JOIN artists ON artists.id = found.id
         WHERE named <> '' GROUP BY named",
    shown: "top.id, named, '', artists.cover",
    tables: "LEFT JOIN artists ON artists.id = top.id",
};
const ALBUMS: Group = Group {
    table: "heard_albums",
    groups: "SELECT max(found.id) AS id, coalesce(albums.title, found.name) AS named, coalesce(albums.artist, found.artist) AS by, {sums}
         FROM (SELECT album_id AS id, CASE WHEN album_id IS NULL THEN {album} END AS name,
                   CASE WHEN album_id IS NULL THEN {artist} END AS artist, {sums}
               FROM heard_tracks AS top LEFT JOIN tracks ON tracks.id = top.id GROUP BY 1, 2, 3) AS found
         LEFT JOIN albums ON albums.id = found.id
         WHERE named <> '' GROUP BY named, by",
    shown: "top.id, named, by, albums.cover",
    tables: "LEFT JOIN albums ON albums.id = top.id",
};
const BY_PLAYS: [&str; 2] = ["played > 0", "played DESC, heard_in DESC, first DESC"];
const BY_FIRST: [&str; 2] = ["first >= ?1 AND first < ?2", "first DESC"];

impl Period {
    async fn query(&self, sql: &str, view: &mut SqliteConnection) -> Result<Vec<SqliteRow>, LibraryError> {
        let query = sqlx::query(AssertSqlSafe(sql.to_owned())).bind(self.from_s).bind(self.to_s);
        Ok(query.fetch_all(view).await?)
    }

    async fn days(&self, view: &mut SqliteConnection) -> Result<Vec<Day>, LibraryError> {
        let day = |row: &SqliteRow| Day {
            number: row.get(0),
            listens: row.get(1),
            skips: row.get(2),
            month: MonthStatistics { year: row.get(3), month: row.get(4), listened_s: row.get(5), plays: row.get(6) },
        };
        Ok(self.query(DAYS, view).await?.iter().map(day).collect())
    }

    async fn week(&self, view: &mut SqliteConnection) -> Result<Vec<Vec<f64>>, LibraryError> {
        let mut week = vec![vec![0.0; 24]; 7];
        for row in self.query(HOURS, view).await? {
            let hour = row.get::<i64, _>(0);
            // The first day of 1970 was a Thursday.
            let weekday = (hour.div_euclid(24) + 3).rem_euclid(7);
            week[weekday as usize][hour.rem_euclid(24) as usize] += row.get::<f64, _>(1);
        }
        Ok(week)
    }

    /// Makes the table of the groups. How many of them were heard in the period.
    async fn count(&self, view: &mut SqliteConnection, group: &Group) -> Result<u32, LibraryError> {
        self.query(&group.make(), view).await?;
        let count = format!("SELECT count(*) FROM {} WHERE times > 0", group.table);
        Ok(sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(view).await?)
    }

    /// The first of the groups by an order.
    async fn tops(
        &self,
        view: &mut SqliteConnection,
        group: &Group,
        which: [&str; 2],
    ) -> Result<Vec<TopItem>, LibraryError> {
        let top = |row: &SqliteRow| TopItem {
            id: row.get(0),
            name: cut(row.get(1)),
            artist: cut(row.get(2)),
            cover: row.get::<Option<Vec<u8>>, _>(3).and_then(|hash| CoverHash::digits(&hash)),
            plays: row.get(4),
            listened_s: row.get(5),
            first_played_s: row.get(6),
        };
        Ok(self.query(&group.top(which), view).await?.iter().map(top).collect())
    }

    /// A track of several genres counts for each.
    async fn genres(&self, view: &mut SqliteConnection) -> Result<Vec<TopItem>, LibraryError> {
        let mut genres: HashMap<String, TopItem> = HashMap::new();
        for row in self.query(GENRES, view).await? {
            for name in row.get::<String, _>(0).split(", ") {
                let first_played_s = row.get(3);
                let genre = genres.entry(fold(name)).or_insert_with(|| TopItem {
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

impl Group {
    fn make(&self) -> String {
        format!("CREATE TEMP TABLE {} AS {}", self.table, filled(self.groups))
    }

    fn top(&self, [which, order]: [&str; 2]) -> String {
        let Group { table, tables, .. } = self;
        format!(
            "SELECT {}, played, heard_in, first FROM (SELECT * FROM {table} WHERE {which} ORDER BY {order} LIMIT {}) AS top
             {tables} ORDER BY {order}",
            filled(self.shown),
            Statistics::MAX_TOP_ITEMS
        )
    }
}

/// Writes out what the statements have in common.
fn filled(sql: &str) -> String {
    let sums = "sum(times) AS times, sum(played) AS played, sum(heard_in) AS heard_in, min(first) AS first";
    ["title", "artist", "album"].iter().fold(sql.replace("{sums}", sums), |sql, column| {
        let called = format!("(SELECT {column} FROM listens WHERE track_id = top.id ORDER BY began_s LIMIT 1)");
        sql.replace(&format!("{{{column}}}"), &called)
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

/// Rows of days that follow each other: the one that goes on today or until yesterday, and the longest.
fn streaks(days: &[i64], today: i64) -> (u32, u32) {
    let (mut streak, mut longest) = (0, 0);
    for (index, day) in days.iter().enumerate() {
        let follows = index > 0 && days[index - 1] == day - 1;
        streak = if follows { streak + 1 } else { 1 };
        longest = longest.max(streak);
    }
    let goes_on = days.last().is_some_and(|last| *last >= today - 1);
    (if goes_on { streak } else { 0 }, longest)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::database::{Database, plan};

    /// Of what is counted the indexes have everything; what is looked up is found by its number.
    #[tokio::test]
    async fn everything_is_counted_by_an_index_alone() {
        let dir = tempfile::tempdir().unwrap();
        let (database, _) = Database::open(&dir.path().join("library.db")).await.unwrap();
        let mut view = database.read().await.unwrap();
        of(&mut view, None, None).await.unwrap();
        let groups = [TRACKS, ARTISTS, ALBUMS];
        let tops = groups.iter().flat_map(|group| [group.top(BY_PLAYS), group.top(BY_FIRST), filled(group.groups)]);
        let mut counted = 0;
        for sql in [DAYS, HOURS, GENRES].into_iter().map(String::from).chain(tops) {
            let plan = plan(&mut view, &sql).await;
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

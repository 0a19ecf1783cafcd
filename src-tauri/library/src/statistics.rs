//! What the history tells of a period.

use std::collections::HashMap;

use auralis_core::{Month, Statistics, Top};
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
    let all = period
        .query(
            "SELECT count(*), coalesce(sum(play), 0), count(*) FILTER (WHERE end = 'skipped' AND NOT play),
                 total(heard_s), count(DISTINCT track_id), count(DISTINCT artist), count(DISTINCT album || '/' || artist)
             FROM listens WHERE began_s >= ?1 AND began_s < ?2",
            view,
        )
        .await?
        .pop();
    let count = |column: usize| all.as_ref().map_or(0, |row| row.get(column));
    let today = "SELECT min(unixepoch('now', 'localtime'), unixepoch(max(min(?, unixepoch('now')), 0), 'unixepoch', 'localtime'))";
    let today: i64 = sqlx::query_scalar(today).bind(period.to_s).fetch_one(&mut *view).await?;
    let (streak_days, longest_streak_days) = streaks(&period.days(view).await?, today / DAY_S);
    Ok(Statistics {
        listens: count(0),
        plays: count(1),
        skips: count(2),
        heard_s: all.as_ref().map_or(0.0, |row| row.get(3)),
        tracks: count(4),
        artists: count(5),
        albums: count(6),
        week: period.week(view).await?,
        months: period.months(view).await?,
        top_tracks: period.tops(view, TRACKS, BY_PLAYS).await?,
        top_artists: period.tops(view, ARTISTS, BY_PLAYS).await?,
        top_albums: period.tops(view, ALBUMS, BY_PLAYS).await?,
        top_genres: period.genres(view).await?,
        first_heard: period.tops(view, TRACKS, BY_FIRST).await?,
        streak_days,
        longest_streak_days,
    })
}

/// What is counted: id, name, artist and cover of a group, the tables, and what makes a group.
type Group = [&'static str; 2];

const TRACKS: Group = [
    "tracks.id, heard.title, heard.artist, coalesce(tracks.cover, folders.cover)",
    "(SELECT track_id, title, artist, began_s, heard_s, play FROM listens) AS heard
     LEFT JOIN tracks ON tracks.id = track_id LEFT JOIN folders ON folders.id = folder_id GROUP BY track_id",
];
const ARTISTS: Group = [
    "artists.id, coalesce(artists.name, heard.artist) AS named, '', artists.cover",
    "(SELECT track_id, artist, began_s, heard_s, play FROM listens) AS heard
     LEFT JOIN track_artists USING (track_id) LEFT JOIN artists ON artists.id = artist_id
     WHERE named <> '' GROUP BY named",
];
const ALBUMS: Group = [
    "albums.id, heard.album, coalesce(albums.artist, heard.artist) AS by, albums.cover",
    "(SELECT track_id, artist, album, began_s, heard_s, play FROM listens) AS heard
     LEFT JOIN tracks ON tracks.id = track_id LEFT JOIN albums ON albums.id = album_id
     WHERE heard.album <> '' GROUP BY heard.album, by",
];
const BY_PLAYS: &str = "played > 0 ORDER BY played DESC, heard_in DESC, first DESC";
const BY_FIRST: &str = "first >= ?1 AND first < ?2 ORDER BY first DESC";

impl Period {
    async fn query(&self, sql: &str, view: &mut SqliteConnection) -> Result<Vec<SqliteRow>, LibraryError> {
        let query = sqlx::query(AssertSqlSafe(sql.to_owned())).bind(self.from_s).bind(self.to_s);
        Ok(query.fetch_all(view).await?)
    }

    /// Days with music, as numbers that rise by one a day.
    async fn days(&self, view: &mut SqliteConnection) -> Result<Vec<i64>, LibraryError> {
        let days = "SELECT DISTINCT local_s / 86400 FROM listens WHERE began_s >= ?1 AND began_s < ?2 ORDER BY 1";
        Ok(self.query(days, view).await?.iter().map(|row| row.get(0)).collect())
    }

    async fn week(&self, view: &mut SqliteConnection) -> Result<Vec<Vec<f64>>, LibraryError> {
        let mut week = vec![vec![0.0; 24]; 7];
        let hours =
            "SELECT local_s / 3600, total(heard_s) FROM listens WHERE began_s >= ?1 AND began_s < ?2 GROUP BY 1";
        for row in self.query(hours, view).await? {
            let hour = row.get::<i64, _>(0);
            // The first day of 1970 was a Thursday.
            let weekday = (hour.div_euclid(24) + 3).rem_euclid(7);
            week[weekday as usize][hour.rem_euclid(24) as usize] += row.get::<f64, _>(1);
        }
        Ok(week)
    }

    async fn months(&self, view: &mut SqliteConnection) -> Result<Vec<Month>, LibraryError> {
        let months = "SELECT CAST(strftime('%Y', local_s, 'unixepoch') AS INTEGER) AS year,
                 CAST(strftime('%m', local_s, 'unixepoch') AS INTEGER) AS month, total(heard_s), sum(play)
             FROM listens WHERE began_s >= ?1 AND began_s < ?2 GROUP BY year, month ORDER BY year, month";
        let month =
            |row: &SqliteRow| Month { year: row.get(0), month: row.get(1), heard_s: row.get(2), plays: row.get(3) };
        Ok(self.query(months, view).await?.iter().map(month).collect())
    }

    async fn tops(
        &self,
        view: &mut SqliteConnection,
        [columns, tables]: Group,
        which: &str,
    ) -> Result<Vec<Top>, LibraryError> {
        let sql = format!(
            "SELECT {columns}, coalesce(sum(play) FILTER (WHERE began_s >= ?1 AND began_s < ?2), 0) AS played,
                 total(heard_s) FILTER (WHERE began_s >= ?1 AND began_s < ?2) AS heard_in, min(began_s) AS first
             FROM {tables} HAVING {which} LIMIT {}",
            Statistics::MOST_TOPS
        );
        let top = |row: &SqliteRow| Top {
            id: row.get(0),
            name: cut(row.get(1)),
            artist: cut(row.get(2)),
            cover: row.get::<Option<Vec<u8>>, _>(3).and_then(|hash| CoverHash::digits(&hash)),
            plays: row.get(4),
            heard_s: row.get(5),
            first_heard_s: row.get(6),
        };
        Ok(self.query(&sql, view).await?.iter().map(top).collect())
    }

    /// A track of several genres counts for each.
    async fn genres(&self, view: &mut SqliteConnection) -> Result<Vec<Top>, LibraryError> {
        let mut genres: HashMap<String, Top> = HashMap::new();
        let sql = "SELECT genre, coalesce(sum(play) FILTER (WHERE began_s >= ?1 AND began_s < ?2), 0),
                 total(heard_s) FILTER (WHERE began_s >= ?1 AND began_s < ?2), min(began_s)
             FROM listens WHERE genre <> '' GROUP BY genre";
        for row in self.query(sql, view).await? {
            for name in row.get::<String, _>(0).split(", ") {
                let first_heard_s = row.get(3);
                let genre = genres.entry(fold(name)).or_insert_with(|| Top {
                    id: None,
                    name: name.into(),
                    artist: String::new(),
                    plays: 0,
                    heard_s: 0.0,
                    first_heard_s,
                    cover: None,
                });
                genre.plays += row.get::<u32, _>(1);
                genre.heard_s += row.get::<f64, _>(2);
                genre.first_heard_s = genre.first_heard_s.min(first_heard_s);
            }
        }
        let mut tops: Vec<Top> = genres.into_values().filter(|genre| genre.plays > 0).collect();
        tops.sort_by(|one, other| {
            (other.plays, other.heard_s).partial_cmp(&(one.plays, one.heard_s)).unwrap_or(std::cmp::Ordering::Equal)
        });
        tops.truncate(Statistics::MOST_TOPS as usize);
        Ok(tops)
    }
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

//! What the listener did: favourites, ratings, plays, and what the history tells of them.

use auralis_core::*;

use crate::{
    fixture::{Fields, Format},
    test_library::{TestLibrary, titled},
};

async fn test() -> (TestLibrary, Vec<TrackId>) {
    let test = TestLibrary::new().await;
    for (n, genres) in [["Rock", "Jazz"], ["Rock", "Folk"], ["Jazz", "Folk"]].into_iter().enumerate() {
        let fields = Fields {
            title: format!("Title {n}"),
            artists: vec![format!("Artist {}", n % 2)],
            album: "Album".into(),
            album_artist: "Artist 0".into(),
            year: 1999 + n as u32,
            genres: genres.map(String::from).into(),
            ..Fields::default()
        };
        test.write(&format!("disc {n}/{n}.flac"), Format::Flac, &fields);
    }
    test.add().await;
    let ids = test.tracks().await.iter().map(|row| row.track.id).collect();
    (test, ids)
}

fn only(filter: TrackFilter, sort: TrackSort) -> TrackList {
    TrackList { filter, sort, descending: true }
}

async fn ids(test: &TestLibrary, list: TrackList) -> Vec<TrackId> {
    test.list(list).await.iter().map(|row| row.track.id).collect()
}

fn heard(track: TrackId, seconds_ago: f64, listened_s: f64, end: ListenEndReason) -> Listen {
    Listen { track, started_s_ago: seconds_ago, listened_s, duration_s: 100.0, end, context: PlaybackContext::Library }
}

async fn statistics(test: &TestLibrary, from_s: Option<i64>, to_s: Option<i64>) -> Statistics {
    match test.rows(ListQuery::Statistics { from_s, to_s }, 0, 1).await.items {
        RowItems::Statistics(mut statistics) => statistics.remove(0),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn favourites_and_ratings_order_and_narrow_lists() {
    let (test, all) = test().await;
    let named = |ids: &[TrackId]| TrackSelection::Ids { ids: ids.to_vec() };
    let before = test.library.counts().await.unwrap();
    test.edit(UserDataEdit::SetFavourite { tracks: named(&all[1..]), favourite: true }).await;
    let after = test.library.counts().await.unwrap();
    assert_eq!((after.revision, after.tracks), (before.revision + 1, 3), "every client asks again");
    let favourites = || only(TrackFilter { favourite: Some(true), ..TrackFilter::default() }, TrackSort::Favourited);
    assert_eq!(ids(&test, favourites()).await, [all[2], all[1]]);
    test.edit(UserDataEdit::SetFavourite { tracks: named(&all[2..]), favourite: false }).await;
    assert_eq!(ids(&test, favourites()).await, [all[1]]);
    let others = only(TrackFilter { favourite: Some(false), ..TrackFilter::default() }, TrackSort::Title);
    assert_eq!(ids(&test, others).await, [all[2], all[0]]);
    assert!(test.library.track(all[1]).await.unwrap().unwrap().summary.favourite);

    for (track, stars) in [(0, 2), (1, 5), (2, 3)] {
        test.edit(UserDataEdit::SetRating { tracks: named(&all[track..=track]), rating: Some(stars) }).await;
    }
    let rated = || only(TrackFilter::default(), TrackSort::Rating);
    assert_eq!(ids(&test, rated()).await, [all[1], all[2], all[0]]);
    test.edit(UserDataEdit::SetRating { tracks: TrackSelection::List { list: favourites() }, rating: None }).await;
    assert_eq!(ids(&test, rated()).await, [all[2], all[0], all[1]]);
    // A scan that reads the files again takes nothing away.
    let reopened = test.reopen().await;
    reopened.scan().await;
    assert_eq!(ids(&reopened, rated()).await, [all[2], all[0], all[1]]);
}

#[tokio::test]
async fn lists_count_their_rows() {
    let (test, all) = test().await;
    let RowItems::Genres(genres) = test.rows(ListQuery::Genres {}, 0, 10).await.items else { panic!() };
    let counted: Vec<_> = genres.iter().map(|row| (row.name.as_str(), row.tracks)).collect();
    assert_eq!(counted, [("Folk", 2), ("Jazz", 2), ("Rock", 2)]);
    let filter = TrackFilter { genre: Some(genres[2].id), ..TrackFilter::default() };
    assert_eq!(ids(&test, only(filter, TrackSort::Title)).await, [all[1], all[0]]);
    let RowItems::Years(years) = test.rows(ListQuery::Years {}, 0, 10).await.items else { panic!() };
    assert_eq!(years, [2001, 2000, 1999].map(|year| YearRow { year, tracks: 1 }));
    let filter = TrackFilter { year: Some(2000), ..TrackFilter::default() };
    assert_eq!(ids(&test, only(filter, TrackSort::Title)).await, [all[1]]);
    let of = ListQuery::Albums {
        search: None,
        artist: None,
        album: None,
        genre: Some(genres[0].id),
        year: Some(1999),
        sort: AlbumSort::Title,
        descending: false,
    };
    assert_eq!(test.rows(of, 0, 10).await.total, 1);
    let with_albums = |with_albums| ListQuery::Artists { search: None, artist: None, with_albums };
    assert_eq!(test.rows(with_albums(false), 0, 10).await.total, 2);
    assert_eq!(test.rows(with_albums(true), 0, 10).await.total, 1);
}

#[tokio::test]
async fn folders_are_a_tree() {
    let (test, all) = test().await;
    test.write("deep/er/still/x.flac", Format::Flac, &Fields { title: "X".into(), ..Fields::default() });
    test.scan().await;
    let folders = async |parent| match test.rows(ListQuery::Folders { parent }, 0, 10).await.items {
        RowItems::Folders(rows) => rows,
        other => panic!("{other:?}"),
    };
    let roots = folders(None).await;
    assert_eq!((roots.len(), roots[0].name.as_str(), roots[0].tracks, roots[0].folders), (1, "music", 4, 4));
    let below = folders(Some(roots[0].id)).await;
    let named: Vec<_> = below.iter().map(|row| (row.name.as_str(), row.tracks, row.folders)).collect();
    assert_eq!(named, [("deep", 1, 1), ("disc 0", 1, 0), ("disc 1", 1, 0), ("disc 2", 1, 0)]);
    let er = folders(Some(below[0].id)).await;
    let RowItems::Folders(path) = test.rows(ListQuery::FolderPath { folder: er[0].id }, 0, 10).await.items else {
        panic!()
    };
    assert_eq!(path, [roots[0].clone(), below[0].clone(), er[0].clone()]);
    let within = |folder| only(TrackFilter { folder: Some(folder), ..TrackFilter::default() }, TrackSort::Title);
    assert_eq!(ids(&test, within(below[2].id)).await, [all[1]]);
    assert_eq!(test.list(within(er[0].id)).await[0].track.title, "X");
    assert_eq!(ids(&test, within(roots[0].id)).await.len(), 4);
    let unknown = RowQuery { list: ListQuery::Folders { parent: Some(FolderId(1)) }, offset: 0, limit: 1 };
    assert!(test.library.rows(&unknown).await.is_err());
}

#[tokio::test]
async fn listens_update_history_counts_and_statistics() {
    let (test, all) = test().await;
    const DAY: f64 = 86_400.0;
    for listen in [
        heard(all[0], 2.0 * DAY, 100.0, ListenEndReason::Finished),
        heard(all[0], DAY, 60.0, ListenEndReason::Skipped),
        heard(all[1], 500.0, 20.0, ListenEndReason::Skipped),
        heard(all[1], 100.0, 50.0, ListenEndReason::Stopped),
        heard(all[2], 50.0, 0.2, ListenEndReason::Skipped),
        heard(TrackId(99), 50.0, 50.0, ListenEndReason::Finished),
    ] {
        test.library.record_listen(&listen).await.unwrap();
    }
    let RowItems::History(history) = test.rows(ListQuery::History { track: None }, 0, 10).await.items else { panic!() };
    let told: Vec<_> = history.iter().map(|row| (row.title.as_str(), row.end, row.play)).collect();
    assert_eq!(
        told,
        [
            ("Title 1", ListenEndReason::Stopped, true),
            ("Title 1", ListenEndReason::Skipped, false),
            ("Title 0", ListenEndReason::Skipped, true),
            ("Title 0", ListenEndReason::Finished, true),
        ]
    );
    assert_eq!(history[0].context, PlaybackContext::Library);
    let plays = only(TrackFilter { played: Some(true), ..TrackFilter::default() }, TrackSort::Plays);
    assert_eq!(ids(&test, plays).await, [all[0], all[1]]);
    let never = only(TrackFilter { played: Some(false), ..TrackFilter::default() }, TrackSort::Title);
    assert_eq!(ids(&test, never).await, [all[2]]);
    assert_eq!(ids(&test, only(TrackFilter::default(), TrackSort::Played)).await, [all[1], all[0], all[2]]);

    let whole = statistics(&test, None, None).await;
    assert_eq!((whole.listens, whole.plays, whole.skips, whole.tracks), (4, 3, 1, 2));
    assert!((whole.listened_s - 230.0).abs() < 1e-6);
    assert!((whole.week.iter().flatten().sum::<f64>() - 230.0).abs() < 1e-6);
    assert!((whole.months.iter().map(|month| month.listened_s).sum::<f64>() - 230.0).abs() < 1e-6);
    let top = |tops: &[TopItem]| tops.iter().map(|top| (top.name.clone(), top.plays)).collect::<Vec<_>>();
    assert_eq!(top(&whole.top_tracks), [("Title 0".into(), 2), ("Title 1".into(), 1)]);
    assert_eq!(top(&whole.top_artists), [("Artist 0".into(), 2), ("Artist 1".into(), 1)]);
    assert_eq!(top(&whole.top_albums), [("Album".into(), 3)]);
    assert_eq!(top(&whole.top_genres), [("Rock".into(), 3), ("Jazz".into(), 2), ("Folk".into(), 1)]);
    assert_eq!((whole.streak_days, whole.longest_streak_days), (3, 3));
    let last_hour = statistics(&test, Some(history[1].began_s), None).await;
    assert_eq!((last_hour.listens, last_hour.plays), (2, 1));
    assert_eq!(top(&last_hour.top_tracks), [("Title 1".into(), 1)]);
    assert_eq!(top(&last_hour.first_played), [("Title 1".into(), 1)]);
    let before = statistics(&test, None, Some(history[1].began_s)).await;
    assert_eq!((before.listens, top(&before.first_played)), (2, vec![("Title 0".into(), 2)]));

    test.edit(UserDataEdit::ForgetListens { listens: vec![history[3].id] }).await;
    assert_eq!(test.library.tracks(&all[..1]).await.unwrap()[0].as_ref().unwrap().plays, 1);
    test.edit(UserDataEdit::EraseHistory { from_s: None, to_s: None }).await;
    assert_eq!(test.rows(ListQuery::History { track: None }, 0, 10).await.total, 0);
    assert!(test.tracks().await.iter().all(|row| row.plays == 0 && row.played_s.is_none()));
    assert_eq!(statistics(&test, None, None).await.top_tracks, []);
}

#[tokio::test]
async fn listens_of_a_missing_track_count_for_its_artist_and_album() {
    let (test, all) = test().await;
    for track in &all {
        test.library.record_listen(&heard(*track, 60.0, 60.0, ListenEndReason::Finished)).await.unwrap();
    }
    let before = statistics(&test, None, None).await;
    std::fs::remove_file(test.music().join("disc 0/0.flac")).unwrap();
    test.scan().await;
    assert_eq!(test.tracks().await.len(), 2);
    let after = statistics(&test, None, None).await;
    assert_eq!((after.tracks, after.artists, after.albums), (3, 2, 1));
    let told = |tops: &[TopItem]| tops.iter().map(|top| (top.name.clone(), top.plays, top.id)).collect::<Vec<_>>();
    assert_eq!(told(&after.top_artists), told(&before.top_artists));
    assert_eq!(told(&after.top_albums), told(&before.top_albums));
    let lost: Vec<_> = after.top_tracks.iter().filter(|top| top.id.is_none()).collect();
    assert_eq!((lost.len(), &*lost[0].name, &*lost[0].artist), (1, "Title 0", "Artist 0"));
}

#[tokio::test]
async fn pending_scrobbles_include_musicbrainz_ids() {
    let test = TestLibrary::new().await;
    let recording = "8f3471b5-7e6a-48da-86a9-c1c07a0f47ae";
    let more = vec![(lofty::tag::ItemKey::MusicBrainzRecordingId, recording.to_owned())];
    test.write("one.flac", Format::Flac, &Fields { artists: vec!["Someone".into()], more, ..titled("One") });
    test.add().await;
    test.library.set_scrobbling(true).await.unwrap();
    let track = test.tracks().await[0].track.id;
    test.library.record_listen(&heard(track, 60.0, 50.0, ListenEndReason::Finished)).await.unwrap();
    let (plays, waiting) = test.library.pending_scrobbles(10).await.unwrap();
    assert_eq!((&*plays[0].title, &*plays[0].musicbrainz.recording, waiting), ("One", recording, 1));
    std::fs::remove_file(test.music().join("one.flac")).unwrap();
    let (plays, _) = test.library.pending_scrobbles(10).await.unwrap();
    assert_eq!(plays[0].musicbrainz, MusicBrainzIds::default());
}

//! Undo and redo of edits of the user's data.

use auralis_core::*;

use crate::{
    fixture::Format,
    test_library::{TestLibrary, titled},
};

/// Everything that an edit can change.
#[derive(Debug, PartialEq)]
struct UserData {
    playlists: Vec<(PlaylistRow, Vec<PlaylistEntryRow>)>,
    tracks: Vec<TrackRow>,
    favourites: Vec<TrackRow>,
    history: RowItems,
}

impl UserData {
    async fn of(test: &TestLibrary) -> UserData {
        let mut playlists = Vec::new();
        for row in playlists_of(test).await {
            let RowItems::Playlist(entries) =
                test.rows(ListQuery::Playlist { playlist: row.id }, 0, RowQuery::MAX_ROWS).await.items
            else {
                panic!("not a playlist")
            };
            playlists.push((row, entries));
        }
        let filter = TrackFilter { favourite: Some(true), ..TrackFilter::default() };
        let favourites = TrackList { filter, sort: TrackSort::Favourited, descending: false };
        UserData {
            playlists,
            tracks: test.tracks().await,
            favourites: test.list(favourites).await,
            history: test.rows(ListQuery::History { track: None }, 0, RowQuery::MAX_ROWS).await.items,
        }
    }
}

async fn playlists_of(test: &TestLibrary) -> Vec<PlaylistRow> {
    match test.rows(ListQuery::Playlists {}, 0, RowQuery::MAX_ROWS).await.items {
        RowItems::Playlists(rows) => rows,
        other => panic!("{other:?}"),
    }
}

async fn revert(test: &TestLibrary, record: &EditRecord) {
    test.execute(LibraryCommand::RevertEdit { edit: record.id }).await;
}

async fn library() -> (TestLibrary, Vec<TrackId>) {
    let test = TestLibrary::new().await;
    for title in ["a", "b", "c"] {
        test.write(&format!("{title}.flac"), Format::Flac, &titled(title));
    }
    test.add().await;
    let ids: Vec<_> = test.tracks().await.iter().map(|row| row.track.id).collect();
    for (track, started_s_ago) in ids.iter().zip([300.0, 200.0, 100.5]) {
        let (listened_s, duration_s, end) = (1.0 / 3.0 + 50.0, 50.4, ListenEndReason::Finished);
        let context = PlaybackContext::Library;
        let listen = Listen { track: *track, started_s_ago, listened_s, duration_s, end, context };
        test.library.record_listen(&listen).await.unwrap();
    }
    (test, ids)
}

#[tokio::test]
async fn every_edit_can_be_undone_and_redone() {
    let (test, ids) = library().await;
    let tracks = |indexes: &[usize]| TrackSelection::Ids { ids: indexes.iter().map(|index| ids[*index]).collect() };
    let create = |name: &str, tracks, smart| UserDataEdit::CreatePlaylist { name: name.into(), tracks, smart };
    test.edit(create("Kept", Some(tracks(&[0, 1, 2, 0])), None)).await;
    test.edit(create("Smart", None, Some(SmartPlaylist { search: "b".into(), ..SmartPlaylist::default() }))).await;
    let rows = playlists_of(&test).await;
    let id = |name: &str| rows.iter().find(|row| row.name == name).unwrap().id;
    let (playlist, smart) = (id("Kept"), id("Smart"));
    let RowItems::Playlist(entries) = test.rows(ListQuery::Playlist { playlist }, 0, 10).await.items else {
        panic!("not a playlist")
    };
    let entry = |index: usize| entries[index].entry.unwrap();
    let RowItems::History(listens) = test.rows(ListQuery::History { track: None }, 0, 10).await.items else {
        panic!("not the history")
    };

    let first = UserData::of(&test).await;
    let mut records = Vec::new();
    for (edit, count, name) in [
        (UserDataEdit::SetFavourite { tracks: tracks(&[0, 2]), favourite: true }, 2, ""),
        (UserDataEdit::SetFavourite { tracks: tracks(&[0, 1]), favourite: false }, 1, ""),
        (UserDataEdit::SetRating { tracks: tracks(&[0, 1]), rating: Some(4) }, 2, ""),
        (UserDataEdit::SetRating { tracks: tracks(&[1]), rating: None }, 1, ""),
        (create("New", Some(tracks(&[2])), None), 1, "New"),
        (UserDataEdit::RenamePlaylist { playlist, name: "Renamed".into() }, 0, "Kept"),
        (
            UserDataEdit::ChangeSmartPlaylist {
                playlist: smart,
                smart: SmartPlaylist { search: "a".into(), ..SmartPlaylist::default() },
            },
            0,
            "Smart",
        ),
        (UserDataEdit::AddToPlaylist { playlist, tracks: tracks(&[1, 1]), before: Some(entry(1)) }, 2, "Renamed"),
        (UserDataEdit::MoveInPlaylist { playlist, entries: vec![entry(3)], before: Some(entry(0)) }, 1, "Renamed"),
        (UserDataEdit::RemoveFromPlaylist { playlist, entries: vec![entry(1), entry(2)] }, 2, "Renamed"),
        (UserDataEdit::DeletePlaylist { playlist }, 4, "Renamed"),
        (UserDataEdit::ForgetListens { listens: vec![listens[1].id] }, 1, ""),
        (UserDataEdit::EraseHistory { from_s: None, to_s: None }, 2, ""),
    ] {
        let before = UserData::of(&test).await;
        let record = test.edit(edit.clone()).await.unwrap_or_else(|| panic!("{edit:?} is recorded"));
        assert_eq!((record.count, record.name.as_str()), (count, name), "{edit:?}");
        let after = UserData::of(&test).await;
        assert_ne!(before, after, "{edit:?}");
        revert(&test, &record).await;
        assert_eq!(UserData::of(&test).await, before, "{edit:?} undone");
        revert(&test, &record).await;
        assert_eq!(UserData::of(&test).await, after, "{edit:?} redone");
        records.push(record);
    }

    let last = UserData::of(&test).await;
    let test = test.reopen().await;
    for record in records.iter().rev() {
        revert(&test, record).await;
    }
    assert_eq!(UserData::of(&test).await, first);
    for record in &records {
        revert(&test, record).await;
    }
    assert_eq!(UserData::of(&test).await, last);
}

#[tokio::test]
async fn an_edit_that_changes_nothing_has_no_record() {
    let (test, ids) = library().await;
    let favourite = UserDataEdit::SetFavourite { tracks: TrackSelection::Ids { ids }, favourite: true };
    assert!(test.edit(favourite.clone()).await.is_some());
    assert_eq!(test.edit(favourite).await, None);
}

#[tokio::test]
async fn dropped_records_cannot_be_reverted() {
    let (test, ids) = library().await;
    let rate = async |rating| {
        let tracks = TrackSelection::Ids { ids: ids.clone() };
        test.edit(UserDataEdit::SetRating { tracks, rating: Some(rating) }).await.unwrap().id
    };
    let (first, second, third) = (rate(1).await, rate(2).await, rate(3).await);
    assert!(first < second && second < third);
    test.library.retain_edits(&[first], second).await.unwrap();
    let revert = |edit| test.library.execute(LibraryCommand::RevertEdit { edit });
    let error = revert(second).await.unwrap_err().to_string();
    assert!(error.contains("no longer be undone"), "{error}");
    revert(third).await.unwrap();
    revert(first).await.unwrap();
}

#[tokio::test]
async fn a_scan_and_a_listen_are_not_recorded() {
    let (test, ids) = library().await;
    let tracks = TrackSelection::Ids { ids: vec![ids[0]] };
    let record = test.edit(UserDataEdit::SetFavourite { tracks, favourite: true }).await.unwrap();
    test.write("d.flac", Format::Flac, &titled("d"));
    test.scan().await;
    let tracks = test.tracks().await.len();
    revert(&test, &record).await;
    assert_eq!(test.tracks().await.len(), tracks);
    assert!(test.tracks().await.iter().all(|row| !row.track.favourite));
}

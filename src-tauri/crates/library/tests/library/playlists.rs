//! Playlists: what is in them, in which order, and what does not go.

use auralis_core::*;
use auralis_library::LibraryError;

use crate::{
    fixture,
    fixture::Format,
    test_library::{TestLibrary, titled},
};

struct Playlists {
    test: TestLibrary,
    a: TrackId,
    b: TrackId,
    c: TrackId,
}

impl Playlists {
    async fn new() -> Playlists {
        let test = TestLibrary::new().await;
        for title in ["a", "b", "c"] {
            test.write(&format!("{title}.flac"), Format::Flac, &titled(title));
        }
        test.add().await;
        let ids: Vec<_> = test.tracks().await.iter().map(|row| row.track.id).collect();
        Playlists { test, a: ids[0], b: ids[1], c: ids[2] }
    }

    async fn create(&self, name: &str, tracks: &[TrackId]) -> PlaylistId {
        let tracks = Some(TrackSelection::Ids { ids: tracks.to_vec() });
        self.test.edit(UserDataEdit::CreatePlaylist { name: name.into(), tracks, smart: None }).await;
        self.all().await.into_iter().find(|row| row.name == name).unwrap().id
    }

    async fn all(&self) -> Vec<PlaylistRow> {
        match self.test.rows(ListQuery::Playlists {}, 0, RowQuery::MAX_ROWS).await.items {
            RowItems::Playlists(rows) => rows,
            other => panic!("{other:?}"),
        }
    }

    async fn entries(&self, playlist: PlaylistId) -> Vec<PlaylistEntryRow> {
        match self.test.rows(ListQuery::Playlist { playlist }, 0, RowQuery::MAX_ROWS).await.items {
            RowItems::Playlist(rows) => rows,
            other => panic!("{other:?}"),
        }
    }

    async fn titles(&self, playlist: PlaylistId) -> String {
        self.entries(playlist)
            .await
            .into_iter()
            .map(|row| row.track.map_or("?".into(), |row| row.track.title))
            .collect()
    }

    async fn add(&self, playlist: PlaylistId, tracks: &[TrackId], before: Option<PlaylistEntryId>) {
        let tracks = TrackSelection::Ids { ids: tracks.to_vec() };
        self.test.edit(UserDataEdit::AddToPlaylist { playlist, tracks, before }).await;
    }

    async fn refused(&self, edit: UserDataEdit) -> LibraryError {
        let before = self.all().await;
        let refusal = self.test.library.execute(LibraryCommand::Edit(edit)).await.unwrap_err();
        assert_eq!(self.all().await, before);
        refusal
    }
}

#[tokio::test]
async fn entries_are_added_moved_and_removed_by_id() {
    let it = Playlists::new().await;
    let (a, b, c) = (it.a, it.b, it.c);
    let list = it.create("Mix", &[a, b, a]).await;
    assert_eq!(it.titles(list).await, "aba");
    let entry = async |index: usize| it.entries(list).await[index].entry;
    it.add(list, &[c, c], entry(1).await).await;
    assert_eq!(it.titles(list).await, "accba");
    it.add(list, &[b], entry(0).await).await;
    assert_eq!(it.titles(list).await, "baccba");

    let entries = vec![entry(5).await.unwrap(), entry(0).await.unwrap()];
    it.test.edit(UserDataEdit::MoveInPlaylist { playlist: list, entries, before: entry(2).await }).await;
    assert_eq!(it.titles(list).await, "aabccb");
    let entries = vec![entry(0).await.unwrap()];
    it.test.edit(UserDataEdit::MoveInPlaylist { playlist: list, entries, before: None }).await;
    assert_eq!(it.titles(list).await, "abccba");
    let entries = vec![entry(1).await.unwrap(), entry(4).await.unwrap()];
    it.test.edit(UserDataEdit::RemoveFromPlaylist { playlist: list, entries }).await;
    assert_eq!(it.titles(list).await, "acca");

    let row = it.all().await.remove(0);
    assert_eq!((row.tracks, &row.smart), (Some(4), &None));
    assert!((row.duration_s.unwrap() - 2.0).abs() < 0.1, "{row:?}");
    let found = it.test.library.track_ids(&TrackSelection::Playlist { playlist: list }).await.unwrap();
    assert_eq!(found, [a, c, c, a]);
    let rows = it.test.rows(ListQuery::Playlist { playlist: list }, 1, 2).await;
    let RowItems::Playlist(page) = rows.items else { panic!() };
    assert_eq!((rows.total, page), (4, it.entries(list).await[1..3].to_vec()));
}

/// Between two neighbours there is room for entries without end: when the numbers are used up, all are put further apart.
#[tokio::test]
async fn entries_can_always_be_inserted_between_two() {
    let it = Playlists::new().await;
    let list = it.create("Mix", &[it.a, it.b]).await;
    for _ in 0..200 {
        let second = it.entries(list).await[1].entry;
        it.add(list, &[it.c], second).await;
    }
    assert_eq!(it.titles(list).await, format!("a{}b", "c".repeat(200)));
    let first = it.entries(list).await[0].entry;
    for _ in 0..3 {
        it.add(list, &[it.b, it.c], first).await;
    }
    assert_eq!(it.titles(list).await, format!("bcbcbca{}b", "c".repeat(200)));
}

#[tokio::test]
async fn smart_playlist_shows_current_matches() {
    let it = Playlists::new().await;
    let smart = SmartPlaylist { search: "b".into(), sort: TrackSort::Title, descending: true, limit: None };
    let create = UserDataEdit::CreatePlaylist { name: "Smart".into(), tracks: None, smart: Some(smart.clone()) };
    it.test.edit(create).await;
    let row = it.all().await.remove(0);
    assert_eq!((row.smart.as_ref(), row.tracks), (Some(&smart), None));
    assert_eq!(it.titles(row.id).await, "b");
    it.test.write("bb.flac", Format::Flac, &titled("bb"));
    it.test.scan().await;
    assert_eq!(it.titles(row.id).await, "bbb");
    let smart = SmartPlaylist { search: String::new(), limit: Some(3), ..smart };
    it.test.edit(UserDataEdit::ChangeSmartPlaylist { playlist: row.id, smart }).await;
    assert_eq!(it.titles(row.id).await, "cbbb");
    assert_eq!(it.test.rows(ListQuery::Playlist { playlist: row.id }, 2, 10).await.total, 3);
    assert_eq!(it.test.library.track_ids(&TrackSelection::Playlist { playlist: row.id }).await.unwrap().len(), 3);
    let add =
        UserDataEdit::AddToPlaylist { playlist: row.id, tracks: TrackSelection::Ids { ids: vec![it.a] }, before: None };
    assert!(matches!(it.refused(add).await, LibraryError::InvalidEdit(_)));
}

#[tokio::test]
async fn invalid_edits_are_refused_and_change_nothing() {
    let it = Playlists::new().await;
    let (list, other) = (it.create("Mix", &[it.a]).await, it.create("Other", &[it.b]).await);
    let named = |name: &str| UserDataEdit::CreatePlaylist { name: name.into(), tracks: None, smart: None };
    assert!(matches!(it.refused(named(" MÌX ")).await, LibraryError::NameTaken(_)));
    let rename = UserDataEdit::RenamePlaylist { playlist: other, name: "mix".into() };
    assert!(matches!(it.refused(rename).await, LibraryError::NameTaken(_)));
    it.test.edit(UserDataEdit::RenamePlaylist { playlist: list, name: "MIX".into() }).await;

    let foreign = it.entries(other).await[0].entry.unwrap();
    let remove = UserDataEdit::RemoveFromPlaylist { playlist: list, entries: vec![foreign] };
    assert!(matches!(it.refused(remove).await, LibraryError::UnknownEntry(entry) if entry == foreign));
    let gone = PlaylistId(99);
    assert!(matches!(
        it.refused(UserDataEdit::DeletePlaylist { playlist: gone }).await,
        LibraryError::UnknownPlaylist(_)
    ));
    let tracks = TrackSelection::Ids { ids: vec![TrackId(99)] };
    let add = UserDataEdit::AddToPlaylist { playlist: list, tracks, before: None };
    assert!(matches!(it.refused(add).await, LibraryError::UnknownTrack(_)));
    let smart = UserDataEdit::ChangeSmartPlaylist { playlist: list, smart: SmartPlaylist::default() };
    assert!(matches!(it.refused(smart).await, LibraryError::InvalidEdit(_)));
    it.test.edit(UserDataEdit::DeletePlaylist { playlist: list }).await;
    assert_eq!(it.all().await.len(), 1);
}

/// What the listener made of a file is kept when it goes, and is there again with it.
#[tokio::test]
async fn returning_file_gets_its_playlist_entries_back() {
    let it = Playlists::new().await;
    let list = it.create("Mix", &[it.a, it.b]).await;
    let ids = |id| TrackSelection::Ids { ids: vec![id] };
    it.test.edit(UserDataEdit::SetFavourite { tracks: ids(it.b), favourite: true }).await;
    it.test.edit(UserDataEdit::SetRating { tracks: ids(it.b), rating: Some(4) }).await;
    let listen = Listen {
        track: it.b,
        started_s_ago: 1.0,
        listened_s: 1.0,
        duration_s: 0.5,
        end: ListenEndReason::Finished,
        context: PlaybackContext::Playlist(list),
    };
    it.test.library.record_listen(&listen).await.unwrap();

    let path = it.test.music().join("b.flac");
    let content = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    it.test.scan().await;
    let lost = it.entries(list).await[1].track.clone().unwrap();
    assert_eq!((lost.track.title.as_str(), lost.available, lost.plays), ("b", false, 1));
    assert_eq!(it.test.library.track_ids(&TrackSelection::Playlist { playlist: list }).await.unwrap(), [it.a]);
    assert_eq!(it.test.titles().await, ["a", "c"]);

    std::fs::write(&path, content).unwrap();
    it.test.scan().await;
    let found = it.entries(list).await[1].track.clone().unwrap();
    let summary = &found.track;
    assert_eq!((summary.favourite, summary.rating, found.plays, found.available), (true, Some(4), 1, true));
    assert_eq!(found.added_s, lost.added_s);
    assert_eq!(it.test.tracks().await[1], found);
    let RowItems::History(history) = it.test.rows(ListQuery::History { track: Some(summary.id) }, 0, 10).await.items
    else {
        panic!()
    };
    assert_eq!((history.len(), history[0].track.as_ref()), (1, Some(&found)));
}

#[tokio::test]
async fn a_large_playlist_is_paged() {
    let it = Playlists::new().await;
    fixture::generate(&it.test.music().join("more"), 600).unwrap();
    it.test.scan().await;
    it.test.edit(UserDataEdit::CreatePlaylist { name: "All".into(), tracks: None, smart: None }).await;
    let list = it.all().await.remove(0).id;
    let tracks = TrackSelection::List { list: TrackList { sort: TrackSort::Title, ..TrackList::default() } };
    for _ in 0..3 {
        it.test.edit(UserDataEdit::AddToPlaylist { playlist: list, tracks: tracks.clone(), before: None }).await;
    }
    let ids = it.test.library.track_ids(&tracks).await.unwrap();
    assert_eq!(it.test.library.track_ids(&TrackSelection::Playlist { playlist: list }).await.unwrap(), ids.repeat(3));
    assert_eq!(it.test.rows(ListQuery::Playlist { playlist: list }, 1800, 100).await.total, 1809);
}

//! Lists: filters, orders, windows.

use std::collections::HashMap;

use auralis_core::*;
use auralis_library::LibraryError;

use crate::{
    fixture,
    fixture::{Fields, Format},
    test_library::{TestLibrary, albums, titled},
};

#[tokio::test]
async fn every_order_is_total_and_pages_are_slices_of_it() {
    let test = TestLibrary::new().await;
    fixture::generate(&test.music(), 150).unwrap();
    test.write("none.flac", Format::Flac, &Fields::default());
    test.add().await;
    for sort in TrackSort::ALL {
        let list = |descending| TrackList { sort, descending, ..TrackList::default() };
        let all = test.library.track_ids(&TrackSelection::List { list: list(false) }).await.unwrap();
        assert_eq!(all.len(), 151);
        let mut backwards = test.library.track_ids(&TrackSelection::List { list: list(true) }).await.unwrap();
        backwards.reverse();
        assert_eq!(all, backwards, "{sort:?}");
        let mut paged = Vec::new();
        for offset in (0..=160).step_by(10) {
            let rows = test.rows(ListQuery::Tracks { tracks: list(false) }, offset, 10).await;
            assert_eq!((rows.total, rows.offset), (151, offset));
            let RowItems::Tracks(rows) = rows.items else { panic!() };
            paged.extend(rows.into_iter().map(|row| row.track.id));
        }
        assert_eq!(paged, all, "{sort:?}");
    }
    let key = |row: &TrackRow| (row.track.artist.clone(), row.track.album.clone(), row.disc_number, row.track_number);
    let rows = test.list(TrackList::default()).await;
    assert_eq!(key(&rows[0]).0, "", "what has no artist comes first");
    assert!(
        rows.windows(2).filter(|pair| key(&pair[0]).1 == key(&pair[1]).1).all(|pair| key(&pair[0]) < key(&pair[1]))
    );
}

#[tokio::test]
async fn filters_narrow_every_order() {
    let test = TestLibrary::new().await;
    fixture::generate(&test.music(), 150).unwrap();
    test.add().await;
    let rows = test.tracks().await;
    let one = rows.iter().find(|row| row.track.album.ends_with(" 2")).unwrap();
    let filters = [
        TrackFilter { album: one.track.album_id, ..TrackFilter::default() },
        TrackFilter { artist: one.track.artist_id, ..TrackFilter::default() },
        TrackFilter {
            search: Some(one.track.album.clone()),
            album: one.track.album_id,
            artist: one.track.artist_id,
            ..TrackFilter::default()
        },
    ];
    for (filter, count) in filters.into_iter().zip([12, 36, 12]) {
        for sort in TrackSort::ALL {
            let list = TrackList { filter: filter.clone(), sort, descending: false };
            let found = test.list(list.clone()).await;
            assert_eq!(found.len(), count, "{list:?}");
            assert!(found.contains(one));
            let ids: Vec<_> = found.iter().map(|row| row.track.id).collect();
            assert_eq!(test.library.track_ids(&TrackSelection::List { list: list.clone() }).await.unwrap(), ids);
            let backwards = test.list(TrackList { descending: true, ..list }).await;
            assert!(found.iter().eq(backwards.iter().rev()), "{sort:?}");
        }
    }
    for sort in [AlbumSort::Title, AlbumSort::Artist, AlbumSort::Year, AlbumSort::Added] {
        assert_eq!(test.rows(albums(None, one.track.artist_id, sort), 0, 10).await.total, 3);
    }
}

#[tokio::test]
async fn rows_keep_the_order_of_their_ids() {
    let test = TestLibrary::new().await;
    test.write("1.flac", Format::Flac, &titled("One"));
    test.write("2.flac", Format::Flac, &titled("Two"));
    test.add().await;
    let rows = test.tracks().await;
    let (one, two, none) = (rows[0].track.id, rows[1].track.id, TrackId(99));
    let found = test.library.tracks(&[two, none, one, two]).await.unwrap();
    assert_eq!(found, [Some(rows[1].clone()), None, Some(rows[0].clone()), Some(rows[1].clone())]);
    assert_eq!(test.library.tracks(&[]).await.unwrap(), []);
    assert_eq!(test.library.track(none).await.unwrap(), None);

    let resolve = async |ids| test.library.track_ids(&TrackSelection::Ids { ids }).await;
    assert_eq!(resolve(vec![two, two, one]).await.unwrap(), [two, two, one]);
    assert!(matches!(resolve(vec![one, none]).await, Err(LibraryError::UnknownTrack(id)) if id == none));
    let many = vec![one; TrackSelection::MAX_TRACK_IDS + 1];
    assert!(matches!(resolve(many).await, Err(LibraryError::TooManyTracks(_))));
    let window = |of, limit| RowQuery { list: of, offset: 0, limit };
    let error = test.library.rows(&window(ListQuery::Roots {}, RowQuery::MAX_ROWS + 1)).await;
    assert!(matches!(error, Err(LibraryError::WindowTooLarge(_))));
    assert!(matches!(test.library.rows(&window(ListQuery::Queue {}, 1)).await, Err(LibraryError::QueueNotAList)));
}

/// A client pages through a list while a scan fills it, and starts again whenever the revision is another. Then no row
/// that was there all the time is missing or met twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_one_revision_belong_to_one_list() {
    let test = TestLibrary::new().await;
    fixture::generate(&test.music(), 60).unwrap();
    test.add().await;
    let before: Vec<_> = test.tracks().await.into_iter().map(|row| row.track.id).collect();
    fixture::generate(&test.music(), 2500).unwrap();
    test.execute(LibraryCommand::Scan).await;

    let mut seen = HashMap::new();
    let (mut revision, mut offset, mut whole) = (0, 0, 0);
    loop {
        let tracks = TrackList { sort: TrackSort::Title, ..TrackList::default() };
        let rows = test.rows(ListQuery::Tracks { tracks }, offset, 100).await;
        if rows.revision != revision {
            (revision, offset) = (rows.revision, 0);
            seen.clear();
            continue;
        }
        let RowItems::Tracks(page) = rows.items else { panic!() };
        for row in &page {
            *seen.entry(row.track.id).or_insert(0) += 1;
        }
        offset += 100;
        if offset >= rows.total {
            assert_eq!(seen.len() as u32, rows.total, "revision {revision}");
            assert!(before.iter().all(|id| seen.get(id) == Some(&1)));
            assert!(seen.values().all(|times| *times == 1));
            whole += 1;
            if rows.total == 2500 {
                break;
            }
            offset = 0;
            seen.clear();
        }
    }
    assert!(whole >= 2, "{whole}");
    test.wait_for_scan().await;
}

//! The shelves of Home.

use auralis_core::*;

use crate::{
    fixture::{Fields, Format},
    test_library::TestLibrary,
};

const DAY_S: f64 = 86_400.0;

async fn home(test: &TestLibrary) -> Home {
    match test.rows(ListQuery::Home {}, 0, 1).await.items {
        RowItems::Home(mut shelves) => shelves.remove(0),
        other => panic!("{other:?}"),
    }
}

fn ids(tracks: &[TrackRow]) -> Vec<TrackId> {
    tracks.iter().map(|row| row.track.id).collect()
}

#[tokio::test]
async fn home_shows_what_was_played_added_and_forgotten() {
    let test = TestLibrary::new().await;
    for n in 0..4 {
        let fields = Fields {
            title: format!("Title {n}"),
            artists: vec!["Artist".into()],
            album: format!("Album {}", n / 2),
            album_artist: "Artist".into(),
            genres: vec!["Rock".into()],
            ..Fields::default()
        };
        test.write(&format!("{n}.flac"), Format::Flac, &fields);
    }
    test.add().await;
    let tracks = test.tracks().await;
    let track = |title: &str| tracks.iter().find(|row| row.track.title == title).expect("the track").track.clone();
    let (long_ago, today, often) = (track("Title 0"), track("Title 1"), track("Title 2"));
    let empty = home(&test).await;
    assert_eq!((empty.recently_added.len(), empty.recently_played.len()), (2, 0));

    let listen = async |of: &TrackSummary, days_ago: f64, context| {
        let listen = Listen {
            track: of.id,
            started_s_ago: days_ago * DAY_S + 60.0,
            listened_s: 100.0,
            duration_s: 100.0,
            end: ListenEndReason::Finished,
            context,
        };
        test.library.record_listen(&listen).await.expect("recorded");
    };
    listen(&long_ago, 100.0, PlaybackContext::Library).await;
    listen(&often, 3.0, PlaybackContext::Artist(often.artist_id.expect("an artist"))).await;
    listen(&often, 2.0, PlaybackContext::Album(often.album_id.expect("an album"))).await;
    listen(&today, 0.0, PlaybackContext::Album(AlbumId(999))).await;
    let favourites = TrackSelection::Ids { ids: vec![long_ago.id, often.id] };
    test.edit(UserDataEdit::SetFavourite { tracks: favourites, favourite: true }).await;

    let shelves = home(&test).await;
    assert_eq!(ids(&shelves.recently_played), [today.id, often.id, long_ago.id]);
    assert_eq!(ids(&shelves.top_tracks), [often.id, today.id], "plays of the last 30 days");
    assert_eq!(ids(&shelves.forgotten_favourites), [long_ago.id], "the other was played lately");
    let contexts: Vec<_> =
        shelves.recent_contexts.iter().map(|recent| (recent.context, recent.name.as_str())).collect();
    let (album, artist) = (often.album_id.expect("an album"), often.artist_id.expect("an artist"));
    let expected = [(PlaybackContext::Album(album), "Album 1"), (PlaybackContext::Artist(artist), "Artist")];
    assert_eq!(contexts, expected, "an album that is gone and the whole library have no page");
}

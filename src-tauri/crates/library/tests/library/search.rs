//! Words find tracks, whatever is typed.

use auralis_core::*;

use crate::{
    fixture::{Fields, Format},
    test_library::{TestLibrary, albums},
};

#[tokio::test]
async fn words_find_tracks() {
    let test = TestLibrary::new().await;
    let track = |title: &str, artist: &str, album: &str, genre: &str| Fields {
        title: title.into(),
        artists: vec![artist.into()],
        album: album.into(),
        genres: vec![genre.into()],
        ..Fields::default()
    };
    for (name, fields) in [
        ("1.flac", track("Jóga", "Björk", "Homogenic", "Electronic")),
        ("2.flac", track("Thunderstruck", "AC/DC", "The Razors Edge", "Hard Rock")),
        ("3.flac", track("Say \"Hello\" NOT Goodbye", "Near", "Or", "Pop")),
        ("4.flac", track("99 Luftballons", "Nena", "Nena", "Neue Deutsche Welle")),
        ("5.flac", track("東京タワー", "宇多田ヒカル", "Łódź", "Straßenmusik")),
    ] {
        test.write(name, Format::Flac, &fields);
    }
    test.add().await;
    let all = ["99 Luftballons", "Jóga", "Say \"Hello\" NOT Goodbye", "Thunderstruck", "東京タワー"];
    for (typed, found) in [
        ("", &all[..]),
        ("   ", &all[..]),
        ("joga", &all[1..2]),
        ("JÓGA", &all[1..2]),
        ("homogenic bjork", &all[1..2]),
        ("bjork hom", &all[1..2]),
        ("hom bjork", &[]),
        ("jog", &all[1..2]),
        ("ac/dc", &all[3..4]),
        ("AC/D", &all[3..4]),
        ("razors - thunder", &all[3..4]),
        ("thunder - razors", &[]),
        ("hard", &all[3..4]),
        ("\"hello\"", &all[2..3]),
        ("\"", &all[..]),
        ("*", &[]),
        ("-", &[]),
        ("NEAR", &all[2..3]),
        ("NEAR(", &all[2..3]),
        ("NOT", &all[2..3]),
        ("or AND", &[]),
        ("title:joga", &all[1..2]),
        ("artist:joga", &[]),
        ("Artist:BJÖ", &all[1..2]),
        ("artist:\"bj\"", &[]),
        ("genre:\"hard rock\"", &all[3..4]),
        ("\"hello not\"", &all[2..3]),
        ("\"not hello\"", &[]),
        ("-genre:pop -nena", &[all[1], all[3], all[4]]),
        ("thunder -genre:rock", &[]),
        ("unknown:joga", &[]),
        ("99", &all[..1]),
        ("🎵", &[]),
        ("joga 🎵", &all[1..2]),
        ("lodz", &all[4..]),
        ("Łódź strassen", &all[4..]),
        ("タワ", &all[4..]),
        ("京 宇多", &all[4..]),
        ("タ東", &[]),
        ("'; DROP TABLE tracks; --", &[]),
        ("a\0b", &[]),
        ("^joga", &all[1..2]),
        ("{title}:", &[]),
    ] {
        assert_eq!(test.search(typed).await, found, "{typed:?}");
    }
    let long = "long ".repeat(2000);
    assert_eq!(test.search(&long).await, [""; 0]);

    let albums = |search| albums(Some(search), None, AlbumSort::default());
    assert_eq!(test.rows(albums("razor edge"), 0, 10).await.total, 0);
    assert_eq!(test.rows(albums("edge razor"), 0, 10).await.total, 1);
    assert_eq!(test.rows(albums("bjork"), 0, 10).await.total, 1);
    let artists = |search: &str| ListQuery::Artists { search: Some(search.into()), artist: None, with_albums: false };
    assert_eq!(test.rows(artists("bjö"), 0, 10).await.total, 1);
    assert_eq!(test.rows(artists("homogenic"), 0, 10).await.total, 0);
    assert_eq!(test.rows(artists("ヒカル"), 0, 10).await.total, 1);
    assert_eq!(test.rows(albums("LODZ"), 0, 10).await.total, 1);
}

#[tokio::test]
async fn conditions_narrow_results() {
    let test = TestLibrary::new().await;
    for n in 0..4 {
        let fields = Fields {
            title: format!("Title {n}"),
            artists: vec!["Artist".into()],
            year: 1990 + n,
            track: n + 1,
            more: vec![
                (lofty::tag::ItemKey::Composer, format!("Cömposer {n}")),
                (lofty::tag::ItemKey::ReplayGainTrackGain, format!("-{n}.5 dB")),
            ],
            ..Fields::default()
        };
        let format = if n == 3 { Format::Mp3 } else { Format::Flac };
        test.write(&format!("Disc {}/{n}.{}", n / 2, format.extension()), format, &fields);
    }
    test.add().await;
    let ids: Vec<TrackId> = test.tracks().await.iter().map(|row| row.track.id).collect();
    let named = |n: usize| TrackSelection::Ids { ids: vec![ids[n]] };
    test.edit(UserDataEdit::SetRating { tracks: named(1), rating: Some(4) }).await;
    test.edit(UserDataEdit::SetFavourite { tracks: named(2), favourite: true }).await;
    let listen = Listen {
        track: ids[3],
        started_s_ago: 3.0 * 86_400.0,
        listened_s: 9.0,
        duration_s: 10.0,
        end: ListenEndReason::Finished,
        context: PlaybackContext::Library,
    };
    test.library.record_listen(&listen).await.unwrap();
    for (typed, found) in [
        ("year:1991", vec![1]),
        ("year:1991..", vec![1, 2, 3]),
        ("year:<1991", vec![0]),
        ("-year:<=1991", vec![2, 3]),
        ("year:>1990 title", vec![1, 2, 3]),
        ("rating:>3", vec![1]),
        ("rating:0", vec![0, 2, 3]),
        ("favourite:yes", vec![2]),
        ("favourite:no plays:0", vec![0, 1]),
        ("played:<7d", vec![3]),
        ("played:<2d", vec![]),
        ("played:>2d", vec![3]),
        ("added:<1d", vec![0, 1, 2, 3]),
        ("added:2001", vec![]),
        ("added:>2001-02-03", vec![0, 1, 2, 3]),
        ("composer:composer 2", vec![2]),
        ("composer:\"composer 1\"", vec![1]),
        ("folder:\"disc 1\"", vec![2, 3]),
        ("format:mp3", vec![3]),
        ("track:2..3", vec![1, 2]),
        ("length:<1", vec![0, 1, 2, 3]),
        ("length:>0:01", vec![]),
        ("loudness:>-16", vec![2, 3]),
        ("year:", vec![0, 1, 2, 3]),
        ("year:soon title", vec![]),
    ] {
        let found: Vec<String> = found.into_iter().map(|n: u32| format!("Title {n}")).collect();
        assert_eq!(test.search(typed).await, found, "{typed:?}");
        let RowItems::SearchResults(best) = test.rows(ListQuery::Search { search: typed.into() }, 0, 1).await.items
        else {
            panic!()
        };
        let mut best: Vec<String> = best[0].tracks.iter().map(|row| row.track.title.clone()).collect();
        best.sort();
        assert!(best == found || typed == "year:", "{typed:?}: {best:?}");
    }
    let RowItems::SearchResults(best) =
        test.rows(ListQuery::Search { search: "year:soon tit".into() }, 0, 1).await.items
    else {
        panic!()
    };
    assert_eq!(best[0].error.as_deref(), Some("“year:soon” is not understood."));
    assert_eq!((best[0].tracks.len(), best[0].artists.len()), (0, 0));

    // Conditions also hold for the artists and their lists.
    for (typed, artists) in [("rating:4", 1), ("artist year:1991", 1), ("rating:5", 0), ("artist rating:5", 0)] {
        let found = test.rows(ListQuery::Search { search: typed.into() }, 0, 1).await.items;
        let RowItems::SearchResults(found) = found else { panic!() };
        assert_eq!(found[0].artists.len(), artists, "{typed}");
        let list = ListQuery::Artists { search: Some(typed.into()), artist: None, with_albums: false };
        assert_eq!(test.rows(list, 0, 10).await.total, artists as u32, "{typed}");
    }

    let smart = |search: &str| SmartPlaylist { search: search.into(), ..SmartPlaylist::default() };
    let create =
        |search| UserDataEdit::CreatePlaylist { name: "Smart".into(), tracks: None, smart: Some(smart(search)) };
    assert!(test.library.execute(LibraryCommand::Edit(create("rating:>much"))).await.is_err());
    assert!(test.library.execute(LibraryCommand::Edit(create(" "))).await.is_err(), "an empty rule");
    test.edit(create("rating:>3 year:1990..1999")).await;
    assert_eq!(test.rows(ListQuery::Playlist { playlist: PlaylistId(1) }, 0, 10).await.total, 1);
}

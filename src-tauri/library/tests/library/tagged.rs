//! Tags of every format arrive in the rows.

use crate::{
    fixture::{Fields, Format},
    shelf::{Shelf, titled},
};

#[tokio::test]
async fn every_format_says_who_it_is() {
    let shelf = Shelf::new().await;
    for format in Format::ALL {
        let fields = Fields {
            title: format!("Title of {format:?}"),
            artists: vec!["Björk".into(), "Other".into()],
            album: format!("Album of {format:?}"),
            album_artist: "Björk".into(),
            disc: 2,
            track: 7,
            year: 1997,
            genres: vec!["Pop".into(), "Electronic".into()],
            ..Fields::default()
        };
        shelf.write(&format!("{format:?}.{}", format.extension()), format, &fields);
    }
    let summary = shelf.add().await;
    assert_eq!(shelf.failures().await, [""; 0]);
    assert_eq!((summary.progress.added, summary.progress.found, summary.progress.done), (7, 7, 7));
    assert!(summary.progress.counted && !summary.cancelled);

    let artists = shelf.artists().await;
    let rows = shelf.tracks().await;
    assert_eq!(rows.len(), 7);
    for row in rows {
        let title = &row.track.title;
        assert!(title.starts_with("Title of "), "{title}");
        assert!(row.track.artist.starts_with("Björk"), "{row:?}");
        assert_eq!(row.track.album, title.replace("Title", "Album"));
        assert_eq!(
            row.artist_id,
            artists.iter().find(|artist| artist.name == "Björk").map(|artist| artist.id),
            "{row:?}"
        );
        assert_eq!((row.disc_number, row.track_number, row.year), (Some(2), Some(7), Some(1997)), "{title}");
        assert!(row.genre.starts_with("Pop"), "{row:?}");
        assert!((row.track.duration_s - 0.5).abs() < 0.1, "{title}: {} s", row.track.duration_s);
        assert!(row.available);
    }
}

#[tokio::test]
async fn albums_and_artists_follow_from_the_tracks() {
    let shelf = Shelf::new().await;
    let on = |album: &str, artist: &str, title: &str, track| Fields {
        title: title.into(),
        artists: vec![artist.into()],
        album: album.into(),
        track,
        year: 1990 + track,
        ..Fields::default()
    };
    shelf.write("a/1.flac", Format::Flac, &on("Début", "Björk", "One", 1));
    shelf.write("a/2.flac", Format::Flac, &on("DEBUT", "BJORK", "Two", 2));
    shelf.write("b/1.flac", Format::Flac, &on("Debut", "Someone", "Three", 1));
    let compiled = |artist, title| Fields { compilation: true, ..on("Hits", artist, title, 1) };
    shelf.write("c/1.flac", Format::Flac, &compiled("The Ants", "Four"));
    shelf.write("c/2.mp3", Format::Mp3, &compiled("Zed", "Five"));
    shelf.write("d/none.flac", Format::Flac, &titled("Six"));
    shelf.add().await;

    let albums: Vec<_> =
        shelf.albums().await.into_iter().map(|row| (row.title, row.artist, row.tracks, row.year)).collect();
    assert_eq!(albums.len(), 3, "{albums:?}");
    assert!(albums.iter().any(|(_, artist, tracks, year)| artist.to_lowercase().starts_with("bj")
        && *tracks == 2
        && *year == Some(1991)));
    assert!(albums.contains(&("Hits".into(), "Various Artists".into(), 2, Some(1991))));
    let artists: Vec<_> = shelf.artists().await.into_iter().map(|row| (row.name, row.albums, row.tracks)).collect();
    assert_eq!(artists[0], ("The Ants".into(), 0, 1), "{artists:?}");
    assert!(artists.contains(&("Various Artists".into(), 1, 0)));
    let six = shelf.tracks().await.into_iter().find(|row| row.track.title == "Six").unwrap();
    assert_eq!((six.track.album_id, six.artist_id), (None, None));
}

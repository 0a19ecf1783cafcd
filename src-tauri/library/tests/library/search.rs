//! Words find tracks, whatever is typed.

use auralis_core::*;

use crate::{
    fixture::{Fields, Format},
    shelf::{Shelf, albums},
};

#[tokio::test]
async fn words_find_tracks() {
    let shelf = Shelf::new().await;
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
    ] {
        shelf.write(name, Format::Flac, &fields);
    }
    shelf.add().await;
    let all = ["99 Luftballons", "Jóga", "Say \"Hello\" NOT Goodbye", "Thunderstruck"];
    for (typed, found) in [
        ("", &all[..]),
        ("   ", &all[..]),
        ("joga", &all[1..2]),
        ("JÓGA", &all[1..2]),
        ("homogenic bjork", &all[1..2]),
        ("bjork hom", &all[1..2]),
        ("hom bjork", &[]),
        ("jog", &all[1..2]),
        ("ac/dc", &all[3..]),
        ("AC/D", &all[3..]),
        ("razors - thunder", &all[3..]),
        ("thunder - razors", &[]),
        ("hard", &all[3..]),
        ("\"hello\"", &all[2..3]),
        ("\"", &[]),
        ("*", &[]),
        ("-", &[]),
        ("NEAR", &all[2..3]),
        ("NEAR(", &all[2..3]),
        ("NOT", &all[2..3]),
        ("or AND", &[]),
        ("title:joga", &[]),
        ("99", &all[..1]),
        ("🎵", &[]),
        ("joga 🎵", &all[1..2]),
        ("'; DROP TABLE tracks; --", &[]),
        ("a\0b", &[]),
        ("^joga", &all[1..2]),
        ("{title}:", &[]),
    ] {
        assert_eq!(shelf.search(typed).await, found, "{typed:?}");
    }
    let long = "long ".repeat(2000);
    assert_eq!(shelf.search(&long).await, [""; 0]);

    let albums = |search| albums(Some(search), None, AlbumSort::default());
    assert_eq!(shelf.rows(albums("razor edge"), 0, 10).await.total, 0);
    assert_eq!(shelf.rows(albums("edge razor"), 0, 10).await.total, 1);
    assert_eq!(shelf.rows(albums("bjork"), 0, 10).await.total, 1);
    let artists = |search: &str| List::Artists { search: Some(search.into()), artist: None, with_albums: false };
    assert_eq!(shelf.rows(artists("bjö"), 0, 10).await.total, 1);
    assert_eq!(shelf.rows(artists("homogenic"), 0, 10).await.total, 0);
}

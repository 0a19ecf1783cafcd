//! Tags of every format arrive in the rows.

use std::fs;

use auralis_core::{ListQuery, Loudness, RowItems, TrackList, TrackSort};
use lofty::tag::{
    ItemKey,
    items::popularimeter::{Popularimeter, StarRating},
};

use crate::{
    fixture::{Fields, Format},
    test_library::{TestLibrary, titled},
};

#[tokio::test]
async fn reads_basic_tags_in_every_format() {
    let test = TestLibrary::new().await;
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
        test.write(&format!("{format:?}.{}", format.extension()), format, &fields);
    }
    let summary = test.add().await;
    assert_eq!(test.failures().await, [""; 0]);
    assert_eq!((summary.progress.added, summary.progress.found, summary.progress.done), (7, 7, 7));
    assert!(summary.progress.discovery_done && !summary.cancelled);

    let artists = test.artists().await;
    let rows = test.tracks().await;
    assert_eq!(rows.len(), 7);
    for row in rows {
        let title = &row.track.title;
        assert!(title.starts_with("Title of "), "{title}");
        assert!(row.track.artist.starts_with("Björk"), "{row:?}");
        assert_eq!(row.track.album, title.replace("Title", "Album"));
        assert_eq!(
            row.track.artist_id,
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
    let test = TestLibrary::new().await;
    let on = |album: &str, artist: &str, title: &str, track| Fields {
        title: title.into(),
        artists: vec![artist.into()],
        album: album.into(),
        track,
        year: 1990 + track,
        ..Fields::default()
    };
    test.write("a/1.flac", Format::Flac, &on("Début", "Björk", "One", 1));
    test.write("a/2.flac", Format::Flac, &on("DEBUT", "BJORK", "Two", 2));
    test.write("b/1.flac", Format::Flac, &on("Debut", "Someone", "Three", 1));
    let compiled = |artist, title| Fields { compilation: true, ..on("Hits", artist, title, 1) };
    test.write("c/1.flac", Format::Flac, &compiled("The Ants", "Four"));
    test.write("c/2.mp3", Format::Mp3, &compiled("Zed", "Five"));
    test.write("d/none.flac", Format::Flac, &titled("Six"));
    test.add().await;

    let albums: Vec<_> =
        test.albums().await.into_iter().map(|row| (row.title, row.artist, row.tracks, row.year)).collect();
    assert_eq!(albums.len(), 3, "{albums:?}");
    assert!(albums.iter().any(|(_, artist, tracks, year)| artist.to_lowercase().starts_with("bj")
        && *tracks == 2
        && *year == Some(1991)));
    assert!(albums.contains(&("Hits".into(), "Various Artists".into(), 2, Some(1991))));
    let artists: Vec<_> = test.artists().await.into_iter().map(|row| (row.name, row.albums, row.tracks)).collect();
    assert_eq!(artists[0], ("The Ants".into(), 0, 1), "{artists:?}");
    assert!(artists.contains(&("Various Artists".into(), 1, 0)));
    let six = test.tracks().await.into_iter().find(|row| row.track.title == "Six").unwrap();
    assert_eq!((six.track.album_id, six.track.artist_id), (None, None));
}

#[tokio::test]
async fn reads_all_other_tags() {
    let test = TestLibrary::new().await;
    let text = |key, value: &str| (key, value.to_owned());
    let more = vec![
        text(ItemKey::Composer, "Erik Satie"),
        text(ItemKey::Composer, "Claude Debussy"),
        text(ItemKey::OriginalReleaseDate, "1888-05-01"),
        text(ItemKey::ReplayGainTrackGain, "-7.25 dB"),
        text(ItemKey::ReplayGainTrackPeak, "0.988"),
        text(ItemKey::ReplayGainAlbumGain, "+1,5 dB"),
        text(ItemKey::Popularimeter, &Popularimeter::musicbee(StarRating::Four, 0).to_string()),
        text(ItemKey::Work, "Gymnopédies"),
        text(ItemKey::Isrc, "FR0001"),
        text(ItemKey::MusicBrainzReleaseId, "5d9f0ad9-7b5b-4a24-8d5b-2b1e1a9e4b42"),
        text(ItemKey::TrackTotal, "12"),
        text(ItemKey::DiscTotal, "2"),
    ];
    let bpm = |key, value: &str| vec![text(key, value)];
    for (format, bpm) in [
        (Format::Flac, bpm(ItemKey::Bpm, "72.5")),
        (Format::Mp3, bpm(ItemKey::IntegerBpm, "72")),
        (Format::Aac, bpm(ItemKey::IntegerBpm, "72")),
        (Format::Vorbis, bpm(ItemKey::Bpm, "72.5")),
    ] {
        let fields = Fields {
            artists: vec!["One".into(), "Two".into()],
            album: "A".into(),
            album_artist: "One".into(),
            track: 3,
            disc: 1,
            year: 1970,
            genres: vec!["Classical".into(), "Piano".into()],
            more: [more.clone(), bpm].concat(),
            ..titled(&format!("{format:?}"))
        };
        test.write(&format!("{format:?}.{}", format.extension()), format, &fields);
    }
    test.add().await;
    assert_eq!(test.failures().await, [""; 0]);
    let rows = test.tracks().await;
    assert_eq!(rows.len(), 4);
    for row in rows {
        let title = &row.track.title;
        assert!(row.composer.starts_with("Erik Satie"), "{row:?}");
        assert_eq!((row.year, row.original_year), (Some(1970), Some(1888)), "{title}");
        assert_eq!(row.bpm.map(f32::floor), Some(72.0), "{title}");
        assert!(row.added_s > 1_700_000_000);
        let codec = match title.as_str() {
            "Flac" => "FLAC",
            "Mp3" => "MP3",
            "Aac" => "AAC",
            _ => "Vorbis",
        };
        assert_eq!(row.codec, codec);
        let loudness = Loudness {
            track_gain_db: Some(-7.25),
            track_peak: Some(0.988),
            album_gain_db: Some(1.5),
            album_peak: None,
        };
        assert_eq!(test.library.track(row.track.id).await.unwrap().unwrap().loudness, loudness, "{title}");

        let RowItems::Details(details) = test.rows(ListQuery::Details { track: row.track.id }, 0, 1).await.items else {
            panic!()
        };
        let [details] = details.as_slice() else { panic!("{details:?}") };
        assert!(details.path.contains(title.as_str()) && details.size_bytes > 0 && details.bitrate_kbps.is_some());
        assert_eq!((details.rate_hz.is_some(), details.channels), (true, Some(1)), "{title}");
        assert_eq!((details.track_total, details.disc_total), (Some(12), Some(2)), "{title}");
        assert_eq!((&*details.album_artist, &*details.isrc), ("One", "FR0001"), "{title}");
        assert_eq!(details.original_date, "1888-05-01", "{title}");
        assert_eq!(details.musicbrainz.release, "5d9f0ad9-7b5b-4a24-8d5b-2b1e1a9e4b42", "{title}");
        assert_eq!(details.loudness, loudness, "{title}");
        if format!("{:?}", Format::Aac) != *title {
            assert_eq!(details.work, "Gymnopédies", "{title}");
        }
    }
}

#[tokio::test]
async fn untagged_file_gets_tags_from_its_path() {
    let test = TestLibrary::new().await;
    for name in ["Björk/Debut/CD 2/03 - Come to Me.flac", "Björk/Debut/CD 1/01 Human Behaviour.mp3", "Loose.wav"] {
        test.write(name, Format::Flac, &titled(""));
    }
    test.write("Björk/Debut/titled.flac", Format::Flac, &titled("With a title"));
    test.add().await;
    let rows = test.list(TrackList { sort: TrackSort::Album, ..TrackList::default() }).await;
    let told: Vec<_> = rows
        .iter()
        .map(|row| (&*row.track.title, &*row.track.artist, &*row.track.album, row.disc_number, row.track_number))
        .collect();
    assert_eq!(
        told,
        [
            ("Loose", "", "", None, None),
            ("With a title", "", "", None, None),
            ("Human Behaviour", "Björk", "Debut", Some(1), Some(1)),
            ("Come to Me", "Björk", "Debut", Some(2), Some(3)),
        ]
    );
    assert_eq!(test.albums().await.len(), 1);
    assert_eq!(test.search("bjork human").await, ["Human Behaviour"]);
}

#[tokio::test]
async fn sort_tags_set_the_order() {
    let test = TestLibrary::new().await;
    let by = |artist: &str, title: &str, more: Vec<(ItemKey, &str)>| Fields {
        artists: vec![artist.into()],
        album: format!("Album of {artist}"),
        more: more.into_iter().map(|(key, value)| (key, value.to_owned())).collect(),
        ..titled(title)
    };
    let artist_sort = |name| (ItemKey::TrackArtistSortOrder, name);
    test.write("1.flac", Format::Flac, &by("David Bowie", "B", vec![]));
    test.write("2.mp3", Format::Mp3, &by("宇多田ヒカル", "C", vec![artist_sort("Utada, Hikaru")]));
    test.write("3.m4a", Format::Aac, &by("Zappa", "D", vec![(ItemKey::TrackTitleSortOrder, "A")]));
    test.write("4.flac", Format::Flac, &by("فيروز", "E", vec![]));
    test.add().await;
    let artists = async || test.artists().await.into_iter().map(|row| row.name).collect::<Vec<_>>();
    assert_eq!(artists().await, ["David Bowie", "宇多田ヒカル", "Zappa", "فيروز"]);
    assert_eq!(test.titles().await, ["D", "B", "C", "E"]);

    // Another track of an artist who is known by now tells it.
    test.write("5.flac", Format::Flac, &by("David Bowie", "F", vec![artist_sort("Xowie, David")]));
    test.scan().await;
    assert_eq!(artists().await, ["宇多田ヒカル", "David Bowie", "Zappa", "فيروز"]);
    let albums: Vec<_> = {
        let rows = test.rows(crate::test_library::albums(None, None, auralis_core::AlbumSort::Artist), 0, 10).await;
        let RowItems::Albums(rows) = rows.items else { panic!() };
        rows.into_iter().map(|row| row.artist).collect()
    };
    assert_eq!(albums, ["宇多田ヒカル", "David Bowie", "Zappa", "فيروز"]);
}

#[tokio::test]
async fn lyrics_come_from_sidecar_files_or_tags() {
    let test = TestLibrary::new().await;
    let within =
        |title: &str, lyrics: &str| Fields { more: vec![(ItemKey::UnsyncLyrics, lyrics.into())], ..titled(title) };
    test.write("a.flac", Format::Flac, &within("A", "Plain words\nof two lines"));
    test.write("b.mp3", Format::Mp3, &within("B", "[00:01.50]Timed"));
    test.write("c.flac", Format::Flac, &within("C", "These are not shown"));
    fs::write(test.music().join("c.lrc"), "[00:02.00]Beside\n[00:04.00]the file\n").unwrap();
    test.write("d.flac", Format::Flac, &titled("D"));
    test.add().await;
    let mut told = Vec::new();
    for row in test.tracks().await {
        let rows = test.rows(ListQuery::Lyrics { track: row.track.id }, 0, 100).await;
        let RowItems::Lyrics(lines) = rows.items else { panic!() };
        assert_eq!(rows.total as usize, lines.len());
        told.push(lines.into_iter().map(|line| (line.at_s, line.text)).collect::<Vec<_>>());
    }
    let timed = |at_s: f64, text: &str| (Some(at_s), text.to_owned());
    let plain = |text: &str| (None, text.to_owned());
    assert_eq!(told[0], [plain("Plain words"), plain("of two lines")]);
    assert_eq!(told[1], [timed(1.5, "Timed")]);
    assert_eq!(told[2], [timed(2.0, "Beside"), timed(4.0, "the file")]);
    assert_eq!(told[3], []);
}

/// A file whose tags cannot be read is listed if the player can play it, with tags from its path.
#[tokio::test]
async fn playable_file_without_readable_tags_is_listed() {
    auralis_library::set_audio_probe(|path| {
        let is_playable = path.file_stem().is_some_and(|name| name == "Playable");
        is_playable.then_some(auralis_library::AudioProperties { codec: "TTA", duration_s: 12.5 })
    });
    let test = TestLibrary::new().await;
    let folder = test.music().join("Artist").join("Album");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("Playable.tta"), b"TTA1 and more").expect("a file");
    fs::write(folder.join("Damaged.tta"), b"TTA1 and less").expect("a file");
    test.add().await;
    let rows = test.tracks().await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!((rows[0].track.title.as_str(), rows[0].track.duration_s), ("Playable", 12.5));
    let failures = test.failures().await;
    assert!(failures.len() == 1 && failures[0].starts_with("Damaged.tta"), "{failures:?}");
}

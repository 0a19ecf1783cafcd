//! What was measured of the sound: kept with the track, for as long as it is that sound.

use std::fs;

use auralis_core::*;
use auralis_library::{Analysed, Unanalysed};

use crate::{
    fixture::{self, Fields, Format},
    shelf::{Shelf, titled},
};

const VERSION: u32 = 1;

fn found(integrated_lufs: f32) -> Analysed {
    Analysed {
        profile: AudioProfile {
            duration_s: 0.5,
            integrated_lufs,
            range_lu: 0.1,
            momentary_max_lufs: -10.1,
            short_term_max_lufs: -12.3,
            true_peak_dbtp: -0.123_456,
            sample_peak_dbfs: -0.2,
            crest_db: 9.0,
            mid_db: vec![-30.0; SPECTRUM_BANDS],
            side_db: vec![-120.0; SPECTRUM_BANDS],
            correlation: vec![1.0; SPECTRUM_BANDS],
            centroid_hz: 440.0,
            onsets_per_s: 2.0,
            noise_floor_dbfs: -90.0,
        },
        waveform: Waveform { peaks: vec![0, 255, 3], rms: vec![0, 180, 2] },
        distribution: vec![1, 2, 3],
    }
}

fn on_album(title: &str, album: &str) -> Fields {
    Fields { album: album.into(), artists: vec!["Someone".into()], ..titled(title) }
}

async fn missing(shelf: &Shelf) -> Vec<Unanalysed> {
    shelf.library.unanalysed(VERSION, 100).await.unwrap()
}

async fn keep(shelf: &Shelf, track: &Unanalysed, found: Option<&Analysed>) -> Vec<TrackId> {
    shelf.library.keep_analysis(track, VERSION, found).await.unwrap()
}

#[tokio::test]
async fn what_was_found_comes_back_and_no_list_is_another() {
    let shelf = Shelf::new().await;
    shelf.write("one.flac", Format::Flac, &titled("One"));
    shelf.add().await;
    let counts = shelf.library.counts().await.unwrap();
    let track = missing(&shelf).await.remove(0);
    assert_eq!((track.path.clone(), track.listed), (shelf.music().join("one.flac"), true));
    assert_eq!(shelf.library.analysed(VERSION).await.unwrap(), (0, 1));
    assert_eq!(
        (shelf.library.profile(track.id).await.unwrap(), shelf.library.waveform(track.id).await.unwrap()),
        (None, None)
    );

    let found = found(-14.25);
    assert_eq!(shelf.search("loudness:<-14").await, [""; 0]);
    assert_eq!(keep(&shelf, &track, Some(&found)).await, [track.id]);
    assert_eq!(
        (shelf.search("loudness:<-14").await, shelf.search("loudness:>-14").await),
        (vec!["One".into()], vec![])
    );
    assert_eq!(shelf.library.counts().await.unwrap(), counts);
    let shelf = shelf.reopen().await;
    assert_eq!(shelf.library.profile(track.id).await.unwrap().as_ref(), Some(&found.profile));
    assert_eq!(shelf.library.waveform(track.id).await.unwrap(), Some(found.waveform));
    let read = shelf.library.track(track.id).await.unwrap().unwrap();
    assert_eq!(read.profile.as_deref(), Some(&found.profile));
    assert_eq!((missing(&shelf).await, shelf.library.analysed(VERSION).await.unwrap()), (vec![], (1, 1)));
}

#[tokio::test]
async fn a_file_that_changed_is_another_sound() {
    let shelf = Shelf::new().await;
    let path = shelf.write("one.flac", Format::Flac, &titled("One"));
    shelf.write("two.flac", Format::Flac, &titled("Two"));
    shelf.add().await;
    for track in missing(&shelf).await {
        keep(&shelf, &track, Some(&found(-14.0))).await;
    }
    shelf.scan().await;
    assert_eq!(missing(&shelf).await, []);

    fixture::write(&path, Format::Flac, &titled("One, and with more to say")).unwrap();
    shelf.scan().await;
    let again = missing(&shelf).await;
    assert!(again.iter().map(|track| &track.path).eq([&path]));
    assert_eq!(shelf.library.profile(again[0].id).await.unwrap(), None);
    assert_eq!(shelf.library.analysed(VERSION).await.unwrap(), (1, 2));

    // What was measured before the change is not kept.
    fixture::write(&path, Format::Flac, &titled("One")).unwrap();
    shelf.scan().await;
    assert_eq!(keep(&shelf, &again[0], Some(&found(-14.0))).await, []);
    assert_eq!(missing(&shelf).await.len(), 1);

    // A file that moves takes it along.
    let two = shelf.tracks().await.into_iter().find(|row| row.track.title == "Two").unwrap().track.id;
    fs::rename(shelf.music().join("two.flac"), shelf.music().join("three.flac")).unwrap();
    shelf.scan().await;
    assert!(shelf.library.profile(two).await.unwrap().is_some());
}

#[tokio::test]
async fn what_cannot_be_analysed_is_not_tried_again_until_it_changes() {
    let shelf = Shelf::new().await;
    let path = shelf.write("one.flac", Format::Flac, &titled("One"));
    shelf.add().await;
    let track = missing(&shelf).await.remove(0);
    assert_eq!(keep(&shelf, &track, None).await, [track.id]);
    assert_eq!((missing(&shelf).await, shelf.library.analysed(VERSION).await.unwrap()), (vec![], (0, 0)));
    assert_eq!(shelf.library.waveform(track.id).await.unwrap(), None);
    // Another version may be able to.
    assert_eq!(shelf.library.unanalysed(VERSION + 1, 100).await.unwrap().len(), 1);
    fixture::write(&path, Format::Flac, &titled("One that is whole")).unwrap();
    shelf.scan().await;
    assert_eq!(missing(&shelf).await.len(), 1);
}

#[tokio::test]
async fn a_newer_analysis_looks_again_and_the_older_serves_meanwhile() {
    let shelf = Shelf::new().await;
    shelf.write("one.flac", Format::Flac, &titled("One"));
    shelf.add().await;
    let track = missing(&shelf).await.remove(0);
    keep(&shelf, &track, Some(&found(-14.0))).await;
    assert_eq!(shelf.library.analysed(VERSION + 1).await.unwrap(), (0, 1));
    let again = shelf.library.unanalysed(VERSION + 1, 100).await.unwrap();
    assert_eq!(again.len(), 1);
    assert!(shelf.library.profile(track.id).await.unwrap().is_some());
    shelf.library.keep_analysis(&again[0], VERSION + 1, Some(&found(-15.0))).await.unwrap();
    assert_eq!(shelf.library.profile(track.id).await.unwrap().unwrap().integrated_lufs, -15.0);
}

#[tokio::test]
async fn an_album_is_known_when_all_of_it_is() {
    let shelf = Shelf::new().await;
    for title in ["One", "Two", "Three"] {
        shelf.write(&format!("{title}.flac"), Format::Flac, &on_album(title, "Together"));
    }
    shelf.write("other.flac", Format::Flac, &on_album("Other", "Apart"));
    shelf.add().await;
    let album = shelf.albums().await.into_iter().find(|row| row.title == "Together").unwrap().id;
    let tracks = missing(&shelf).await;
    let of_album: Vec<_> = tracks.iter().filter(|track| !track.path.ends_with("other.flac")).collect();
    assert_eq!(keep(&shelf, of_album[0], Some(&found(-10.0))).await, [of_album[0].id]);
    assert_eq!(shelf.library.album_analyses(album).await.unwrap(), None);
    assert_eq!(keep(&shelf, of_album[1], None).await, [of_album[1].id]);
    let mut all: Vec<_> = of_album.iter().map(|track| track.id).collect();
    let mut more = keep(&shelf, of_album[2], Some(&found(-12.0))).await;
    all.sort();
    more.sort();
    assert_eq!(more, all, "of all of them more is known");
    let analyses = shelf.library.album_analyses(album).await.unwrap().unwrap();
    let loudness: Vec<_> = analyses.iter().map(|(profile, _)| profile.integrated_lufs).collect();
    assert_eq!(loudness, [-10.0, -12.0], "without the one that cannot be analysed");
    assert_eq!(analyses[0].1, [1, 2, 3]);
}

#[tokio::test]
async fn what_is_wanted_comes_in_its_order_also_from_outside_of_the_folders() {
    let shelf = Shelf::new().await;
    for title in ["One", "Two", "Three"] {
        shelf.write(&format!("{title}.flac"), Format::Flac, &titled(title));
    }
    shelf.add().await;
    let outside = shelf.dir.path().join("outside.flac");
    fixture::write(&outside, Format::Flac, &titled("Outside")).unwrap();
    let paths = vec![outside.to_str().unwrap().to_owned()];
    let outside = shelf.library.resolve(&TrackSelection::Files { paths }).await.unwrap()[0];
    let ids: Vec<_> = shelf.tracks().await.iter().map(|row| row.track.id).collect();
    keep(&shelf, &shelf.library.unanalysed_of(VERSION, &ids[1..2]).await.unwrap()[0], Some(&found(-9.0))).await;
    let wanted = shelf.library.unanalysed_of(VERSION, &[ids[2], outside, ids[1], ids[0]]).await.unwrap();
    assert_eq!(wanted.iter().map(|track| track.id).collect::<Vec<_>>(), [ids[2], outside, ids[0]]);
    assert_eq!(wanted.iter().map(|track| track.listed).collect::<Vec<_>>(), [true, false, true]);
    assert!(missing(&shelf).await.iter().all(|track| track.id != outside), "nobody asked for it");
    assert_eq!(shelf.library.analysed(VERSION).await.unwrap(), (1, 3));
}

#[tokio::test]
async fn other_tags_are_no_other_sound() {
    let shelf = Shelf::new().await;
    shelf.write("one.flac", Format::Flac, &titled("One"));
    shelf.write("two.mp3", Format::Mp3, &titled("Two"));
    shelf.add().await;
    for track in missing(&shelf).await {
        keep(&shelf, &track, Some(&found(-14.0))).await;
    }
    let tags =
        EditableTags { album: Some("Another".into()), comment: Some("x".repeat(5_000)), ..EditableTags::default() };
    let tracks = TrackSelection::List { list: TrackList::default() };
    shelf.execute(LibraryCommand::EditTags { tracks, tags: Box::new(tags) }).await;
    assert_eq!(missing(&shelf).await, []);
    shelf.execute(LibraryCommand::UndoTags).await;
    shelf.scan().await;
    assert_eq!((missing(&shelf).await, shelf.library.analysed(VERSION).await.unwrap()), (vec![], (2, 2)));
}

#[tokio::test]
async fn what_is_away_waits_and_what_is_gone_is_forgotten() {
    let shelf = Shelf::new().await;
    shelf.write("one.flac", Format::Flac, &titled("One"));
    shelf.write("two.flac", Format::Flac, &titled("Two"));
    shelf.add().await;
    let tracks = missing(&shelf).await;
    keep(&shelf, &tracks[0], Some(&found(-14.0))).await;
    let elsewhere = shelf.dir.path().join("elsewhere");
    fs::rename(shelf.music(), &elsewhere).unwrap();
    shelf.scan().await;
    assert_eq!((missing(&shelf).await, shelf.library.analysed(VERSION).await.unwrap()), (vec![], (0, 0)));
    fs::rename(&elsewhere, shelf.music()).unwrap();
    shelf.scan().await;
    assert_eq!((missing(&shelf).await.len(), shelf.library.analysed(VERSION).await.unwrap()), (1, (1, 2)));
    fs::remove_file(&tracks[0].path).unwrap();
    shelf.scan().await;
    assert_eq!(shelf.library.analysed(VERSION).await.unwrap(), (0, 1));
    assert_eq!(shelf.library.profile(tracks[0].id).await.unwrap(), None);
}

#[tokio::test]
async fn duplicates_are_found_by_their_sound() {
    let shelf = Shelf::new().await;
    let names = ["a.flac", "a.mp3", "longer.flac", "other.flac", "darker.flac", "drone 1.flac", "drone 2.flac"];
    for name in names {
        let format = if name.ends_with("mp3") { Format::Mp3 } else { Format::Flac };
        shelf.write(name, format, &titled(name));
    }
    shelf.add().await;
    let level = |name: &str, n: usize| match name {
        "other.flac" => 90.0 + 60.0 * (n as f64 / 50.0).sin(),
        "drone 1.flac" | "drone 2.flac" => 90.0 + (n % 2) as f64,
        // Half as loud, and not quite the same.
        "a.mp3" => 45.0 + 30.0 * (n as f64 / 70.0).sin() + (n % 3) as f64,
        _ => 90.0 + 60.0 * (n as f64 / 70.0).sin(),
    };
    for track in missing(&shelf).await {
        let name = track.path.file_name().unwrap().to_str().unwrap().to_owned();
        let mut found = found(-14.0);
        found.profile.duration_s = if name == "longer.flac" { 202.0 } else { 200.0 };
        found.profile.mid_db =
            (0..SPECTRUM_BANDS).map(|n| if name == "darker.flac" { -(n as f32) } else { -0.5 * n as f32 }).collect();
        found.waveform.rms = (0..1000).map(|n| level(&name, n) as u8).collect();
        keep(&shelf, &track, Some(&found)).await;
    }
    let RowItems::Duplicates(rows) = shelf.rows(ListQuery::Duplicates {}, 0, 10).await.items else { panic!() };
    let told: Vec<_> = rows.iter().map(|row| (row.group, row.reason, &*row.track.track.title)).collect();
    assert_eq!(told, [(0, DuplicateReason::SameAudio, "a.flac"), (0, DuplicateReason::SameAudio, "a.mp3")]);
}

//! What was measured of the sound: kept with the track, for as long as it is that sound.

use std::fs;

use auralis_core::*;
use auralis_library::{AnalysisJob, AnalysisResult};

use crate::{
    fixture::{self, Fields, Format},
    test_library::{TestLibrary, titled},
};

const VERSION: u32 = 1;

fn found(integrated_lufs: f32) -> AnalysisResult {
    AnalysisResult {
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

async fn missing(test: &TestLibrary) -> Vec<AnalysisJob> {
    test.library.tracks_to_analyse(VERSION, 100).await.unwrap()
}

async fn keep(test: &TestLibrary, track: &AnalysisJob, found: Option<&AnalysisResult>) -> Vec<TrackId> {
    test.library.store_analysis(track, VERSION, found).await.unwrap()
}

#[tokio::test]
async fn stored_analysis_is_returned_and_changes_no_list() {
    let test = TestLibrary::new().await;
    test.write("one.flac", Format::Flac, &titled("One"));
    test.add().await;
    let counts = test.library.counts().await.unwrap();
    let track = missing(&test).await.remove(0);
    assert_eq!((track.path.clone(), track.listed), (test.music().join("one.flac"), true));
    assert_eq!(test.library.analysis_progress(VERSION).await.unwrap(), (0, 1));
    assert_eq!(
        (test.library.profile(track.id).await.unwrap(), test.library.waveform(track.id).await.unwrap()),
        (None, None)
    );

    let found = found(-14.25);
    assert_eq!(test.search("loudness:<-14").await, [""; 0]);
    assert_eq!(keep(&test, &track, Some(&found)).await, [track.id]);
    assert_eq!((test.search("loudness:<-14").await, test.search("loudness:>-14").await), (vec!["One".into()], vec![]));
    assert_eq!(test.library.counts().await.unwrap(), counts);
    let test = test.reopen().await;
    assert_eq!(test.library.profile(track.id).await.unwrap().as_ref(), Some(&found.profile));
    assert_eq!(test.library.waveform(track.id).await.unwrap(), Some(found.waveform));
    let read = test.library.track(track.id).await.unwrap().unwrap();
    assert_eq!(read.profile.as_deref(), Some(&found.profile));
    assert_eq!((missing(&test).await, test.library.analysis_progress(VERSION).await.unwrap()), (vec![], (1, 1)));
}

#[tokio::test]
async fn changed_file_loses_its_analysis() {
    let test = TestLibrary::new().await;
    let path = test.write("one.flac", Format::Flac, &titled("One"));
    test.write("two.flac", Format::Flac, &titled("Two"));
    test.add().await;
    for track in missing(&test).await {
        keep(&test, &track, Some(&found(-14.0))).await;
    }
    test.scan().await;
    assert_eq!(missing(&test).await, []);

    fixture::write(&path, Format::Flac, &titled("One, and with more to say")).unwrap();
    test.scan().await;
    let again = missing(&test).await;
    assert!(again.iter().map(|track| &track.path).eq([&path]));
    assert_eq!(test.library.profile(again[0].id).await.unwrap(), None);
    assert_eq!(test.library.analysis_progress(VERSION).await.unwrap(), (1, 2));

    // What was measured before the change is not kept.
    fixture::write(&path, Format::Flac, &titled("One")).unwrap();
    test.scan().await;
    assert_eq!(keep(&test, &again[0], Some(&found(-14.0))).await, []);
    assert_eq!(missing(&test).await.len(), 1);

    // A file that moves takes it along.
    let two = test.tracks().await.into_iter().find(|row| row.track.title == "Two").unwrap().track.id;
    fs::rename(test.music().join("two.flac"), test.music().join("three.flac")).unwrap();
    test.scan().await;
    assert!(test.library.profile(two).await.unwrap().is_some());
}

#[tokio::test]
async fn failed_analysis_is_retried_only_after_a_change() {
    let test = TestLibrary::new().await;
    let path = test.write("one.flac", Format::Flac, &titled("One"));
    test.add().await;
    let track = missing(&test).await.remove(0);
    assert_eq!(keep(&test, &track, None).await, [track.id]);
    assert_eq!((missing(&test).await, test.library.analysis_progress(VERSION).await.unwrap()), (vec![], (0, 0)));
    assert_eq!(test.library.waveform(track.id).await.unwrap(), None);
    // Another version may be able to.
    assert_eq!(test.library.tracks_to_analyse(VERSION + 1, 100).await.unwrap().len(), 1);
    fixture::write(&path, Format::Flac, &titled("One that is whole")).unwrap();
    test.scan().await;
    assert_eq!(missing(&test).await.len(), 1);
}

#[tokio::test]
async fn newer_version_analyses_again_and_the_old_result_stays_meanwhile() {
    let test = TestLibrary::new().await;
    test.write("one.flac", Format::Flac, &titled("One"));
    test.add().await;
    let track = missing(&test).await.remove(0);
    keep(&test, &track, Some(&found(-14.0))).await;
    assert_eq!(test.library.analysis_progress(VERSION + 1).await.unwrap(), (0, 1));
    let again = test.library.tracks_to_analyse(VERSION + 1, 100).await.unwrap();
    assert_eq!(again.len(), 1);
    assert!(test.library.profile(track.id).await.unwrap().is_some());
    test.library.store_analysis(&again[0], VERSION + 1, Some(&found(-15.0))).await.unwrap();
    assert_eq!(test.library.profile(track.id).await.unwrap().unwrap().integrated_lufs, -15.0);
}

#[tokio::test]
async fn album_analyses_are_available_once_complete() {
    let test = TestLibrary::new().await;
    for title in ["One", "Two", "Three"] {
        test.write(&format!("{title}.flac"), Format::Flac, &on_album(title, "Together"));
    }
    test.write("other.flac", Format::Flac, &on_album("Other", "Apart"));
    test.add().await;
    let album = test.albums().await.into_iter().find(|row| row.title == "Together").unwrap().id;
    let tracks = missing(&test).await;
    let of_album: Vec<_> = tracks.iter().filter(|track| !track.path.ends_with("other.flac")).collect();
    assert_eq!(keep(&test, of_album[0], Some(&found(-10.0))).await, [of_album[0].id]);
    assert_eq!(test.library.album_analyses(album).await.unwrap(), None);
    assert_eq!(keep(&test, of_album[1], None).await, [of_album[1].id]);
    let mut all: Vec<_> = of_album.iter().map(|track| track.id).collect();
    let mut more = keep(&test, of_album[2], Some(&found(-12.0))).await;
    all.sort();
    more.sort();
    assert_eq!(more, all, "of all of them more is known");
    let analyses = test.library.album_analyses(album).await.unwrap().unwrap();
    let loudness: Vec<_> = analyses.iter().map(|(profile, _)| profile.integrated_lufs).collect();
    assert_eq!(loudness, [-10.0, -12.0], "without the one that cannot be analysed");
    assert_eq!(analyses[0].1, [1, 2, 3]);
}

#[tokio::test]
async fn requested_tracks_keep_their_order_external_ones_included() {
    let test = TestLibrary::new().await;
    for title in ["One", "Two", "Three"] {
        test.write(&format!("{title}.flac"), Format::Flac, &titled(title));
    }
    test.add().await;
    let outside = test.dir.path().join("outside.flac");
    fixture::write(&outside, Format::Flac, &titled("Outside")).unwrap();
    let paths = vec![outside.to_str().unwrap().to_owned()];
    let outside = test.library.track_ids(&TrackSelection::Files { paths }).await.unwrap()[0];
    let ids: Vec<_> = test.tracks().await.iter().map(|row| row.track.id).collect();
    keep(&test, &test.library.tracks_to_analyse_among(VERSION, &ids[1..2]).await.unwrap()[0], Some(&found(-9.0))).await;
    let wanted = test.library.tracks_to_analyse_among(VERSION, &[ids[2], outside, ids[1], ids[0]]).await.unwrap();
    assert_eq!(wanted.iter().map(|track| track.id).collect::<Vec<_>>(), [ids[2], outside, ids[0]]);
    assert_eq!(wanted.iter().map(|track| track.listed).collect::<Vec<_>>(), [true, false, true]);
    assert!(missing(&test).await.iter().all(|track| track.id != outside), "nobody asked for it");
    assert_eq!(test.library.analysis_progress(VERSION).await.unwrap(), (1, 3));
}

#[tokio::test]
async fn tag_edit_keeps_the_analysis() {
    let test = TestLibrary::new().await;
    test.write("one.flac", Format::Flac, &titled("One"));
    test.write("two.mp3", Format::Mp3, &titled("Two"));
    test.add().await;
    for track in missing(&test).await {
        keep(&test, &track, Some(&found(-14.0))).await;
    }
    let tags =
        EditableTags { album: Some("Another".into()), comment: Some("x".repeat(5_000)), ..EditableTags::default() };
    let tracks = TrackSelection::List { list: TrackList::default() };
    let record = test.execute(LibraryCommand::EditTags { tracks, tags: Box::new(tags) }).await.unwrap();
    assert_eq!(missing(&test).await, []);
    test.execute(LibraryCommand::RevertEdit { edit: record.id }).await;
    test.scan().await;
    assert_eq!((missing(&test).await, test.library.analysis_progress(VERSION).await.unwrap()), (vec![], (2, 2)));
}

#[tokio::test]
async fn offline_tracks_wait_deleted_ones_are_dropped() {
    let test = TestLibrary::new().await;
    test.write("one.flac", Format::Flac, &titled("One"));
    test.write("two.flac", Format::Flac, &titled("Two"));
    test.add().await;
    let tracks = missing(&test).await;
    keep(&test, &tracks[0], Some(&found(-14.0))).await;
    let elsewhere = test.dir.path().join("elsewhere");
    fs::rename(test.music(), &elsewhere).unwrap();
    test.scan().await;
    assert_eq!((missing(&test).await, test.library.analysis_progress(VERSION).await.unwrap()), (vec![], (0, 0)));
    fs::rename(&elsewhere, test.music()).unwrap();
    test.scan().await;
    assert_eq!((missing(&test).await.len(), test.library.analysis_progress(VERSION).await.unwrap()), (1, (1, 2)));
    fs::remove_file(&tracks[0].path).unwrap();
    test.scan().await;
    assert_eq!(test.library.analysis_progress(VERSION).await.unwrap(), (0, 1));
    assert_eq!(test.library.profile(tracks[0].id).await.unwrap(), None);
}

#[tokio::test]
async fn duplicates_are_found_by_sound() {
    let test = TestLibrary::new().await;
    let names = ["a.flac", "a.mp3", "longer.flac", "other.flac", "darker.flac", "drone 1.flac", "drone 2.flac"];
    for name in names {
        let format = if name.ends_with("mp3") { Format::Mp3 } else { Format::Flac };
        test.write(name, format, &titled(name));
    }
    test.add().await;
    let level = |name: &str, n: usize| match name {
        "other.flac" => 90.0 + 60.0 * (n as f64 / 50.0).sin(),
        "drone 1.flac" | "drone 2.flac" => 90.0 + (n % 2) as f64,
        // Half as loud, and not quite the same.
        "a.mp3" => 45.0 + 30.0 * (n as f64 / 70.0).sin() + (n % 3) as f64,
        _ => 90.0 + 60.0 * (n as f64 / 70.0).sin(),
    };
    for track in missing(&test).await {
        let name = track.path.file_name().unwrap().to_str().unwrap().to_owned();
        let mut found = found(-14.0);
        found.profile.duration_s = if name == "longer.flac" { 202.0 } else { 200.0 };
        found.profile.mid_db =
            (0..SPECTRUM_BANDS).map(|n| if name == "darker.flac" { -(n as f32) } else { -0.5 * n as f32 }).collect();
        found.waveform.rms = (0..1000).map(|n| level(&name, n) as u8).collect();
        keep(&test, &track, Some(&found)).await;
    }
    let RowItems::Duplicates(rows) = test.rows(ListQuery::Duplicates {}, 0, 10).await.items else { panic!() };
    let told: Vec<_> = rows.iter().map(|row| (row.group, row.reason, &*row.track.track.title)).collect();
    assert_eq!(told, [(0, DuplicateReason::SameAudio, "a.flac"), (0, DuplicateReason::SameAudio, "a.mp3")]);
}

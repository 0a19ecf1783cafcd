//! A scan as it runs: what it tells, and how it stops.

use std::time::Instant;

use auralis_core::*;

use crate::{fixture, test_library::TestLibrary};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scan_reports_progress() {
    let test = TestLibrary::new().await;
    fixture::generate(&test.music(), 2000).unwrap();
    test.reports();
    let started = Instant::now();
    test.execute(LibraryCommand::AddRoot { path: test.music() }).await;
    let ended = |event: &LibraryEvent| matches!(event, LibraryEvent::ScanEnded(_)).then_some(());
    let ((), events) = test.wait_for(ended).await;
    let seconds = started.elapsed().as_secs_f64();

    let progress: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            LibraryEvent::ScanProgressed(progress) => Some(progress),
            _ => None,
        })
        .collect();
    assert!(progress.len() >= 2 && (progress.len() as f64) < 10.0 * seconds + 3.0, "{} in {seconds} s", progress.len());
    assert!(progress.iter().all(|progress| progress.done <= progress.found));
    assert!(progress.windows(2).all(|pair| pair[0].done <= pair[1].done && pair[0].found <= pair[1].found));
    assert!(progress.iter().filter(|progress| progress.discovery_done).all(|progress| progress.found == 2000));
    let changes: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            LibraryEvent::Changed { tracks, .. } => Some(*tracks),
            _ => None,
        })
        .collect();
    assert!((changes.len() as f64) < 2.3 * seconds + 3.0, "{} in {seconds} s", changes.len());
    assert!(changes.is_sorted() && changes.last() == Some(&2000));
    // The first one came when the library was opened.
    assert_eq!(test.library.counts().await.unwrap().revision, changes.len() as u64 + 1);
}

/// So many files that a scan of them is not over before somebody cancels it.
const MANY: u32 = 8_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancelled_scan_keeps_what_it_read() {
    let test = TestLibrary::new().await;
    fixture::generate(&test.music(), MANY as usize).unwrap();
    test.execute(LibraryCommand::AddRoot { path: test.music() }).await;
    test.wait_for(|event| matches!(event, LibraryEvent::ScanProgressed(progress) if progress.done > 100).then_some(()))
        .await;
    test.execute(LibraryCommand::CancelScan).await;
    let summary = test.wait_for_scan().await;
    assert!(summary.cancelled && summary.progress.done < MANY);
    let kept = test.library.counts().await.unwrap().tracks;
    assert_eq!(kept, summary.progress.added);
    let summary = test.scan().await;
    assert_eq!((summary.cancelled, summary.progress.added), (false, MANY - kept));
}

#[tokio::test]
async fn second_request_makes_the_scan_run_once_more() {
    let test = TestLibrary::new().await;
    fixture::generate(&test.music(), 50).unwrap();
    test.execute(LibraryCommand::AddRoot { path: test.music() }).await;
    for _ in 0..3 {
        test.execute(LibraryCommand::Scan).await;
    }
    assert_eq!(test.wait_for_scan().await.progress.added, 50);
    assert_eq!(test.wait_for_scan().await.progress.added, 0);
    test.library.clone().close().await;
    let ends = test.reports().into_iter().filter(|event| matches!(event, LibraryEvent::ScanEnded(_))).count();
    assert_eq!(ends, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_root_can_be_removed_while_it_is_scanned() {
    let test = TestLibrary::new().await;
    fixture::generate(&test.music(), 1000).unwrap();
    // A scan is short; the one that is still running when its root goes must be tried for.
    loop {
        test.execute(LibraryCommand::AddRoot { path: test.music() }).await;
        let root = test.roots().await[0].id;
        test.wait_for(|event| {
            matches!(event, LibraryEvent::ScanProgressed(progress) if progress.done > 0).then_some(())
        })
        .await;
        test.execute(LibraryCommand::RemoveRoot { root }).await;
        if test.wait_for_scan().await.cancelled {
            break;
        }
    }
    assert!(!test.wait_for_scan().await.cancelled);
    let counts = test.library.counts().await.unwrap();
    assert_eq!((counts.tracks, counts.albums, counts.artists, counts.roots), (0, 0, 0, 0));
}

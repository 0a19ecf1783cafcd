//! A scan as it runs: what it tells, and how it stops.

use std::time::Instant;

use auralis_core::*;

use crate::{fixture, shelf::Shelf};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scan_tells_how_far_it_is() {
    let shelf = Shelf::new().await;
    fixture::generate(&shelf.music(), 2000).unwrap();
    shelf.reports();
    let started = Instant::now();
    shelf.execute(LibraryCommand::AddRoot { path: shelf.music() }).await;
    let ended = |event: &LibraryEvent| matches!(event, LibraryEvent::ScanEnded(_)).then_some(());
    let ((), events) = shelf.until(ended).await;
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
    assert_eq!(shelf.library.counts().await.unwrap().revision, changes.len() as u64 + 1);
}

/// So many files that a scan of them is not over before somebody cancels it.
const MANY: u32 = 8_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scan_can_be_cancelled_and_keeps_what_it_read() {
    let shelf = Shelf::new().await;
    fixture::generate(&shelf.music(), MANY as usize).unwrap();
    shelf.execute(LibraryCommand::AddRoot { path: shelf.music() }).await;
    shelf
        .until(|event| matches!(event, LibraryEvent::ScanProgressed(progress) if progress.done > 100).then_some(()))
        .await;
    shelf.execute(LibraryCommand::CancelScan).await;
    let summary = shelf.ended().await;
    assert!(summary.cancelled && summary.progress.done < MANY);
    let kept = shelf.library.counts().await.unwrap().tracks;
    assert_eq!(kept, summary.progress.added);
    let summary = shelf.scan().await;
    assert_eq!((summary.cancelled, summary.progress.added), (false, MANY - kept));
}

#[tokio::test]
async fn a_scan_asked_for_twice_runs_once_more() {
    let shelf = Shelf::new().await;
    fixture::generate(&shelf.music(), 50).unwrap();
    shelf.execute(LibraryCommand::AddRoot { path: shelf.music() }).await;
    for _ in 0..3 {
        shelf.execute(LibraryCommand::Scan).await;
    }
    assert_eq!(shelf.ended().await.progress.added, 50);
    assert_eq!(shelf.ended().await.progress.added, 0);
    shelf.library.clone().close().await;
    let ends = shelf.reports().into_iter().filter(|event| matches!(event, LibraryEvent::ScanEnded(_))).count();
    assert_eq!(ends, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_root_can_be_removed_while_it_is_scanned() {
    let shelf = Shelf::new().await;
    fixture::generate(&shelf.music(), 1000).unwrap();
    // A scan is short; the one that is still running when its root goes must be tried for.
    loop {
        shelf.execute(LibraryCommand::AddRoot { path: shelf.music() }).await;
        let root = shelf.roots().await[0].id;
        shelf
            .until(|event| matches!(event, LibraryEvent::ScanProgressed(progress) if progress.done > 0).then_some(()))
            .await;
        shelf.execute(LibraryCommand::RemoveRoot { root }).await;
        if shelf.ended().await.cancelled {
            break;
        }
    }
    assert!(!shelf.ended().await.cancelled);
    let counts = shelf.library.counts().await.unwrap();
    assert_eq!((counts.tracks, counts.albums, counts.artists, counts.roots), (0, 0, 0, 0));
}

//! The last command wins, whatever the delays of the decoders.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use auralis::app::{self, AppControl, Snapshot};
use auralis_audio::{DecodeError, Engine, FileDecoder, OpenFile, TestDevice};
use auralis_core::{Command, PlaybackState, SourceFormat, TrackSelection};

use crate::support::app::TempHome;
use crate::support::music::make_tracks;

const TRACKS: i64 = 8;
const PAIRS: usize = 1_000;
const RATE_HZ: u32 = 48_000;

/// Opens fake files after a random delay. Each plays one constant level that identifies it.
struct SlowOpener(Mutex<fastrand::Rng>);

struct Level {
    level: f32,
    left: u64,
}

/// The level that identifies track `number`.
fn level(number: i64) -> f32 {
    0.05 * number as f32
}

impl OpenFile for SlowOpener {
    fn open(&self, path: &Path) -> Result<Box<dyn FileDecoder>, DecodeError> {
        let delay_us = self.0.lock().expect("unpoisoned").u64(..3_000);
        std::thread::sleep(Duration::from_micros(delay_us));
        let number = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
        Ok(Box::new(Level { level: level(number.expect("our names")), left: u64::from(RATE_HZ) * 600 }))
    }
}

impl FileDecoder for Level {
    fn format(&self) -> SourceFormat {
        SourceFormat::default()
    }

    fn rate_hz(&self) -> u32 {
        RATE_HZ
    }

    fn frames(&self) -> Option<u64> {
        Some(u64::from(RATE_HZ) * 600)
    }

    fn seek(&mut self, frame: u64) -> Result<(), DecodeError> {
        self.left = (u64::from(RATE_HZ) * 600).saturating_sub(frame);
        Ok(())
    }

    fn read(&mut self, out: &mut Vec<[f32; 2]>) -> Result<(), DecodeError> {
        let count = self.left.min(1_024);
        self.left -= count;
        out.extend(std::iter::repeat_n([self.level; 2], count as usize));
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn last_command_wins_after_rapid_changes() {
    let home = TempHome::new();
    make_tracks(&home.music(), TRACKS as u32, 0.1);
    let (output, device) = TestDevice::new(RATE_HZ, false);
    let opener = Arc::new(SlowOpener(Mutex::new(fastrand::Rng::with_seed(3))));
    let handle = app::start(home.dirs(), AppControl::new(false).0, |report| {
        Engine::with_output(Box::new(output), opener, report)
    })
    .await
    .expect("it starts");
    handle.dispatch(Command::AddRoot { path: home.music().display().to_string() }, None).await.expect("added");
    let mut snapshots = handle.watch();
    snapshots.wait_for(|snapshot| snapshot.view().library.last_scan.is_some()).await.expect("scanned");
    handle.dispatch(Command::SetVolume { volume: 100 }, None).await.expect("full volume");

    let window = auralis_core::RowQuery {
        list: auralis_core::ListQuery::Tracks { tracks: Default::default() },
        offset: 0,
        limit: 100,
    };
    let auralis_core::RowItems::Tracks(rows) = handle.query(&window).await.expect("rows").items else {
        panic!("tracks")
    };
    let id_of = |number: i64| {
        let title = format!("Track {number:03}");
        rows.iter().find(|row| row.track.title == title).expect("a row").track.id
    };
    let play = |number: i64| {
        let command = Command::PlayTracks {
            tracks: TrackSelection::Ids { ids: vec![id_of(number)] },
            start: Some(0),
            start_track: None,
        };
        handle.dispatch(command, None)
    };

    // The sequence of levels that were played.
    let pulling = Arc::new(Mutex::new(Vec::<f32>::new()));
    let (heard, hand) = (pulling.clone(), device.clone());
    let listener = std::thread::spawn(move || {
        // Ends when only this thread still holds the recording.
        while Arc::strong_count(&heard) > 1 {
            let frames = hand.pull(256);
            let steady = frames.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0][0]);
            let mut heard = heard.lock().expect("unpoisoned");
            // Silence comes from underruns on a busy machine, not from a track.
            for value in steady.filter(|&value| value > 0.0) {
                if heard.last() != Some(&value) {
                    heard.push(value);
                }
            }
            drop(heard);
            std::thread::sleep(Duration::from_micros(300));
        }
    });

    let mut random = fastrand::Rng::with_seed(5);
    let mut before = 0;
    for pair in 0..PAIRS {
        let mut others: Vec<i64> = (1..=TRACKS).filter(|&number| number != before).collect();
        random.shuffle(&mut others);
        let (first, last) = (others[0], others[1]);
        before = last;
        let (one, two) = tokio::join!(play(first), play(last));
        assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
        let shown = |snapshot: &Arc<Snapshot>| {
            let player = &snapshot.view().player;
            let title = player.track.as_ref().map(|track| track.title.as_str());
            title == Some(&format!("Track {last:03}")) && player.transport == PlaybackState::Playing
        };
        let patience = Duration::from_secs(30);
        tokio::time::timeout(patience, snapshots.wait_for(shown)).await.expect("in time").expect("shown");
        let wanted = level(last);
        crate::support::wait_for("the last one to be heard", || {
            (*pulling.lock().expect("unpoisoned").last()? == wanted).then_some(())
        });
        let mut heard = pulling.lock().expect("unpoisoned");
        let begins = heard.iter().position(|&value| value == wanted).expect("heard");
        assert_eq!(heard[begins..], [wanted], "pair {pair}: nothing after {last}, least of all {first}");
        heard.clear();
        heard.push(wanted);
    }
    drop(pulling);
    listener.join().expect("ends");
    handle.stop().await;
}

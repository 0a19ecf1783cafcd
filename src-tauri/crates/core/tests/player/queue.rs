//! Edits of the queue. In `1 [2] +3 4`, 2 is current and 3 is in "Up next".

use std::collections::HashSet;

use auralis_core::*;

use crate::fixture::{PlayerFixture, enqueue, play};

fn check(fixture: &mut PlayerFixture, command: Command, expected: &str) {
    fixture.run(command.clone());
    assert_eq!(fixture.queue(), expected, "after {command:?}");
}

#[test]
fn up_next_stays_in_front_of_any_context() {
    let fixture = &mut PlayerFixture::playing(&[1, 2, 3], 0);
    check(fixture, enqueue(&[7], QueuePosition::UpNext), "[1] +7 2 3");
    check(fixture, enqueue(&[8], QueuePosition::UpNext), "[1] +7 +8 2 3");
    check(fixture, enqueue(&[9], QueuePosition::Next), "[1] +9 +7 +8 2 3");
    check(fixture, enqueue(&[6], QueuePosition::End), "[1] +9 +7 +8 2 3 6");
    check(fixture, Command::Next {}, "1 [9] +7 +8 2 3 6");
    check(fixture, play(&[4, 5], 0), "[4] +7 +8 5");
    check(fixture, Command::JumpTo { entry: fixture.entry(3) }, "4 [5] +7 +8");
    check(fixture, Command::JumpTo { entry: fixture.entry(0) }, "[4] +7 +8 5");
    check(fixture, Command::JumpTo { entry: fixture.entry(2) }, "4 7 [8] 5");
}

#[test]
fn replacing_the_queue_drops_up_next() {
    let fixture = &mut PlayerFixture::playing(&[1, 2, 3], 0);
    check(fixture, enqueue(&[7], QueuePosition::UpNext), "[1] +7 2 3");
    let replace = |tracks: &[i64], start| {
        let ids = tracks.iter().copied().map(TrackId).collect();
        Command::ReplaceQueue { tracks: TrackSelection::Ids { ids }, start }
    };
    check(fixture, replace(&[4, 5], 2), "[1] +7 2 3");
    check(fixture, replace(&[4, 5], 1), "4 [5]");
    check(fixture, Command::Undo {}, "[1] +7 2 3");
}

#[test]
fn editing_other_entries_keeps_the_current_one_playing() {
    let fixture = &mut PlayerFixture::playing(&[1, 2, 3, 4], 1);
    check(fixture, Command::RemoveEntries { entries: vec![fixture.entry(0), fixture.entry(3)] }, "[2] 3");
    check(fixture, enqueue(&[5], QueuePosition::End), "[2] 3 5");
    check(fixture, Command::MoveEntries { entries: vec![fixture.entry(2)], before: Some(fixture.entry(0)) }, "5 [2] 3");
    check(fixture, Command::MoveEntries { entries: vec![fixture.entry(2), fixture.entry(0)], before: None }, "[2] 3 5");
    check(fixture, Command::MoveEntries { entries: vec![fixture.entry(0)], before: Some(fixture.entry(0)) }, "[2] 3 5");
    assert!(!fixture.take_engine_log().contains("load"), "the engine kept its stream");
    assert_eq!(fixture.state(), "playing 2 | [2] 3 5");
}

#[test]
fn removing_the_current_entry_continues_with_its_successor() {
    let fixture = &mut PlayerFixture::playing(&[1, 2, 3], 1);
    fixture.run(Command::RemoveEntries { entries: vec![fixture.entry(1)] });
    assert_eq!(fixture.state(), "playing 3 | 1 [3]");
    fixture.run(Command::Pause {}).run(Command::Previous {});
    fixture.run(Command::RemoveEntries { entries: vec![fixture.entry(0)] });
    assert_eq!(fixture.state(), "paused - | [3]");
    fixture.run(Command::Play {});
    fixture.run(Command::RemoveEntries { entries: vec![fixture.entry(0)] });
    assert_eq!(fixture.state(), "stopped - | ");
}

#[test]
fn the_next_entry_is_prepared_again_after_each_edit() {
    let mut fixture = PlayerFixture::playing(&[1, 2, 3], 0);
    fixture.run(enqueue(&[9], QueuePosition::Next));
    assert_eq!(fixture.take_engine_log(), "clear prepared, prepare 9");
    fixture.run(Command::RemoveEntries { entries: vec![fixture.entry(1)] });
    assert_eq!(fixture.take_engine_log(), "prepare 2");
    fixture.run(Command::SetRepeat { mode: Repeat::One });
    assert_eq!(fixture.take_engine_log(), "prepare 1");
    fixture.run(Command::SetRepeat { mode: Repeat::None }).run(Command::ClearQueue {});
    assert_eq!(fixture.take_engine_log(), "prepare 2, stop");
}

#[test]
fn shuffle_is_a_permutation_and_can_be_reverted() {
    let fixture = &mut PlayerFixture::playing(&(1..=50).collect::<Vec<_>>(), 20);
    fixture.run(enqueue(&[60], QueuePosition::UpNext)).run(Command::SetShuffle { enabled: true });
    let shuffled = fixture.core.queue_slice(0, 99);
    assert!(fixture.queue().starts_with("[21] +60 "));
    assert_eq!(shuffled.iter().map(|entry| entry.id).collect::<HashSet<_>>().len(), 51);
    assert_ne!(
        fixture.queue(),
        format!("[21] +60 {}", (1..=50).filter(|n| *n != 21).map(|n| n.to_string()).collect::<Vec<_>>().join(" "))
    );
    let heard: Vec<i64> = (0..10)
        .map(|_| {
            fixture.track_ends();
            fixture.current.expect("goes on").1
        })
        .collect();
    assert_eq!(heard, shuffled[1..11].iter().map(|entry| entry.track.0).collect::<Vec<_>>(), "played as shown");
    fixture.run(Command::RemoveEntries { entries: vec![fixture.entry(20)] });
    let gone = shuffled[20].track.0;
    fixture.run(Command::SetShuffle { enabled: false });
    let order: Vec<i64> =
        fixture.core.queue_slice(0, 99).iter().map(|entry| entry.track.0).filter(|&n| n != 60).collect();
    assert_eq!(order, (1..=50).filter(|&n| n != gone).collect::<Vec<_>>());
    assert_eq!(fixture.current.map(|(_, track)| track), heard.last().copied(), "what plays goes on");
    assert_eq!(fixture.core.queue_slice(fixture.view().queue.current.expect("plays"), 1)[0].track.0, heard[9]);
}

#[test]
fn previous_goes_back_in_played_order_when_shuffled() {
    let mut fixture = PlayerFixture::playing(&(1..=20).collect::<Vec<_>>(), 0);
    fixture.run(Command::SetShuffle { enabled: true });
    fixture.run(Command::JumpTo { entry: fixture.entry(12) });
    fixture.run(Command::Previous {});
    assert_eq!(fixture.current.map(|(_, track)| track), Some(1));
}

#[test]
fn a_wrapped_shuffle_never_repeats_the_last_track() {
    for seed in 0..40 {
        let tracks: Vec<i64> = (1..=3 + seed % 4).collect();
        let mut fixture = PlayerFixture::playing(&tracks, 0);
        fixture.run(Command::SetShuffle { enabled: true }).run(Command::SetRepeat { mode: Repeat::All });
        let mut last = 1;
        for _ in 0..60 {
            let following = fixture.prepared.expect("something follows").1;
            fixture.track_ends();
            let now = fixture.current.expect("goes on").1;
            assert_eq!(now, following, "what was prepared is what the queue shows");
            assert_ne!(now, last);
            assert_eq!(fixture.core.queue_slice(fixture.view().queue.current.expect("plays"), 1)[0].track.0, now);
            last = now;
        }
    }
}

#[test]
fn undo_and_redo_keep_the_current_track_playing() {
    let fixture = &mut PlayerFixture::playing(&[1, 2, 3], 0);
    fixture.run(Command::Next {});
    check(fixture, Command::RemoveEntries { entries: vec![fixture.entry(0)] }, "[2] 3");
    check(fixture, enqueue(&[9], QueuePosition::UpNext), "[2] +9 3");
    check(fixture, Command::Undo {}, "[2] 3");
    check(fixture, Command::Undo {}, "1 [2] 3");
    check(fixture, Command::Redo {}, "[2] 3");
    check(fixture, Command::Redo {}, "[2] +9 3");
    fixture.engine_log.clear();
    check(fixture, Command::ClearQueue {}, "");
    check(fixture, Command::Undo {}, "[2] +9 3");
    assert_eq!(fixture.state(), "stopped - | [2] +9 3");
    for n in 0..80 {
        fixture.run(enqueue(&[n + 1], QueuePosition::End));
    }
    assert_eq!(fixture.view().queue.undo_count, 50);
}

#[test]
fn undoing_a_new_context_plays_the_old_one() {
    let fixture = &mut PlayerFixture::playing(&[1, 2], 1);
    fixture.run(play(&[5, 6], 0)).run(Command::Undo {});
    assert_eq!(fixture.state(), "playing 2 | 1 [2]");
}

#[test]
fn the_first_enqueued_track_becomes_current() {
    let fixture = &mut PlayerFixture::new();
    check(fixture, enqueue(&[1, 2], QueuePosition::UpNext), "[1] +2");
    fixture.run(Command::Play {});
    assert_eq!(fixture.state(), "playing 1 | [1] +2");
}

#[test]
fn edits_name_their_client_and_can_be_undone_by_another_after_a_restart() {
    let mut fixture = PlayerFixture::playing(&[1, 2, 3], 0);
    let third = fixture.entry(2);
    fixture.run_from(ClientKind::CommandLine, Command::RemoveEntries { entries: vec![third] });
    fixture.run_from(ClientKind::Mpris, Command::SetShuffle { enabled: true });
    fixture.run_from(ClientKind::Tray, Command::Undo {});
    let queue = fixture.view().queue;
    assert_eq!(queue.edited_by, Some(ClientKind::Tray));
    let removal =
        EditSummary { kind: EditKind::Remove, count: 1, client: ClientKind::CommandLine, name: String::new() };
    let shuffle = EditSummary { kind: EditKind::Shuffle, count: 2, client: ClientKind::Mpris, name: String::new() };
    assert_eq!((queue.next_undo, queue.next_redo), (Some(removal.clone()), Some(shuffle.clone())));

    let written = serde_json::to_vec(&fixture.core.saved_queue()).expect("written");
    let restored = RestoredState {
        queue: serde_json::from_slice(&written).expect("read"),
        playback: fixture.core.saved_playback(),
        ..RestoredState::default()
    };
    let mut fixture = PlayerFixture::restored(restored);
    let queue = fixture.view().queue;
    assert_eq!((queue.undo_count, queue.redo_count), (2, 1));
    assert_eq!((queue.next_undo, queue.next_redo), (Some(removal), Some(shuffle)));
    fixture.run_from(ClientKind::Browser, Command::Undo {});
    assert_eq!(fixture.queue(), "[1] 2 3");
    fixture.run(Command::Redo {}).run(Command::Redo {});
    assert_eq!(fixture.queue().split(' ').count(), 2);
    assert!(fixture.view().player.shuffle);
}

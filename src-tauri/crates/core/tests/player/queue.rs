//! Edits of the queue. `1 [2] +3 4`: 2 is current, 3 was queued by the listener.

use std::collections::HashSet;

use auralis_core::*;

use crate::desk::{Desk, enqueue, play};

fn check(desk: &mut Desk, command: Command, expected: &str) {
    desk.run(command.clone());
    assert_eq!(desk.queue(), expected, "after {command:?}");
}

#[test]
fn the_listeners_own_entries_stay_in_front_of_any_context() {
    let desk = &mut Desk::playing(&[1, 2, 3], 0);
    check(desk, enqueue(&[7], QueuePosition::UpNext), "[1] +7 2 3");
    check(desk, enqueue(&[8], QueuePosition::UpNext), "[1] +7 +8 2 3");
    check(desk, enqueue(&[9], QueuePosition::Next), "[1] +9 +7 +8 2 3");
    check(desk, enqueue(&[6], QueuePosition::End), "[1] +9 +7 +8 2 3 6");
    check(desk, Command::Next {}, "1 [9] +7 +8 2 3 6");
    check(desk, play(&[4, 5], 0), "[4] +7 +8 5");
    check(desk, Command::JumpTo { entry: desk.entry(3) }, "4 [5] +7 +8");
    check(desk, Command::JumpTo { entry: desk.entry(0) }, "[4] +7 +8 5");
    check(desk, Command::JumpTo { entry: desk.entry(2) }, "4 7 [8] 5");
}

#[test]
fn a_queue_that_is_replaced_keeps_nothing() {
    let desk = &mut Desk::playing(&[1, 2, 3], 0);
    check(desk, enqueue(&[7], QueuePosition::UpNext), "[1] +7 2 3");
    let replace = |tracks: &[i64], start| {
        let ids = tracks.iter().copied().map(TrackId).collect();
        Command::ReplaceQueue { tracks: TrackSelection::Ids { ids }, start }
    };
    check(desk, replace(&[4, 5], 2), "[1] +7 2 3");
    check(desk, replace(&[4, 5], 1), "4 [5]");
    check(desk, Command::Undo {}, "[1] +7 2 3");
}

#[test]
fn editing_other_rows_never_touches_what_plays() {
    let desk = &mut Desk::playing(&[1, 2, 3, 4], 1);
    check(desk, Command::RemoveEntries { entries: vec![desk.entry(0), desk.entry(3)] }, "[2] 3");
    check(desk, enqueue(&[5], QueuePosition::End), "[2] 3 5");
    check(desk, Command::MoveEntries { entries: vec![desk.entry(2)], before: Some(desk.entry(0)) }, "5 [2] 3");
    check(desk, Command::MoveEntries { entries: vec![desk.entry(2), desk.entry(0)], before: None }, "[2] 3 5");
    check(desk, Command::MoveEntries { entries: vec![desk.entry(0)], before: Some(desk.entry(0)) }, "[2] 3 5");
    assert!(!desk.told().contains("load"), "the engine kept its stream");
    assert_eq!(desk.state(), "playing 2 | [2] 3 5");
}

#[test]
fn removing_the_playing_entry_goes_on_with_its_successor() {
    let desk = &mut Desk::playing(&[1, 2, 3], 1);
    desk.run(Command::RemoveEntries { entries: vec![desk.entry(1)] });
    assert_eq!(desk.state(), "playing 3 | 1 [3]");
    desk.run(Command::Pause {}).run(Command::Previous {});
    desk.run(Command::RemoveEntries { entries: vec![desk.entry(0)] });
    assert_eq!(desk.state(), "paused - | [3]");
    desk.run(Command::Play {});
    desk.run(Command::RemoveEntries { entries: vec![desk.entry(0)] });
    assert_eq!(desk.state(), "stopped - | ");
}

#[test]
fn what_follows_is_prepared_anew_after_each_edit() {
    let mut desk = Desk::playing(&[1, 2, 3], 0);
    desk.run(enqueue(&[9], QueuePosition::Next));
    assert_eq!(desk.told(), "unprepare, prepare 9");
    desk.run(Command::RemoveEntries { entries: vec![desk.entry(1)] });
    assert_eq!(desk.told(), "prepare 2");
    desk.run(Command::SetRepeat { mode: Repeat::One });
    assert_eq!(desk.told(), "prepare 1");
    desk.run(Command::SetRepeat { mode: Repeat::None }).run(Command::ClearQueue {});
    assert_eq!(desk.told(), "prepare 2, stop");
}

#[test]
fn shuffle_is_one_permutation_and_goes_back_in_place() {
    let desk = &mut Desk::playing(&(1..=50).collect::<Vec<_>>(), 20);
    desk.run(enqueue(&[60], QueuePosition::UpNext)).run(Command::SetShuffle { enabled: true });
    let shuffled = desk.core.queue_slice(0, 99);
    assert!(desk.queue().starts_with("[21] +60 "));
    assert_eq!(shuffled.iter().map(|entry| entry.id).collect::<HashSet<_>>().len(), 51);
    assert_ne!(
        desk.queue(),
        format!("[21] +60 {}", (1..=50).filter(|n| *n != 21).map(|n| n.to_string()).collect::<Vec<_>>().join(" "))
    );
    let heard: Vec<i64> = (0..10)
        .map(|_| {
            desk.track_ends();
            desk.current.expect("goes on").1
        })
        .collect();
    assert_eq!(heard, shuffled[1..11].iter().map(|entry| entry.track.0).collect::<Vec<_>>(), "played as shown");
    desk.run(Command::RemoveEntries { entries: vec![desk.entry(20)] });
    let gone = shuffled[20].track.0;
    desk.run(Command::SetShuffle { enabled: false });
    let order: Vec<i64> = desk.core.queue_slice(0, 99).iter().map(|entry| entry.track.0).filter(|&n| n != 60).collect();
    assert_eq!(order, (1..=50).filter(|&n| n != gone).collect::<Vec<_>>());
    assert_eq!(desk.current.map(|(_, track)| track), heard.last().copied(), "what plays goes on");
    assert_eq!(desk.core.queue_slice(desk.view().queue.current.expect("plays"), 1)[0].track.0, heard[9]);
}

#[test]
fn previous_walks_what_was_heard_when_shuffled() {
    let mut desk = Desk::playing(&(1..=20).collect::<Vec<_>>(), 0);
    desk.run(Command::SetShuffle { enabled: true });
    desk.run(Command::JumpTo { entry: desk.entry(12) });
    desk.run(Command::Previous {});
    assert_eq!(desk.current.map(|(_, track)| track), Some(1));
}

#[test]
fn a_shuffled_queue_starts_again_in_another_order_never_with_the_same_track() {
    for seed in 0..40 {
        let tracks: Vec<i64> = (1..=3 + seed % 4).collect();
        let mut desk = Desk::playing(&tracks, 0);
        desk.run(Command::SetShuffle { enabled: true }).run(Command::SetRepeat { mode: Repeat::All });
        let mut last = 1;
        for _ in 0..60 {
            let following = desk.prepared.expect("something follows").1;
            desk.track_ends();
            let now = desk.current.expect("goes on").1;
            assert_eq!(now, following, "what was prepared is what the queue shows");
            assert_ne!(now, last);
            assert_eq!(desk.core.queue_slice(desk.view().queue.current.expect("plays"), 1)[0].track.0, now);
            last = now;
        }
    }
}

#[test]
fn undo_and_redo_go_back_without_disturbing_what_plays() {
    let desk = &mut Desk::playing(&[1, 2, 3], 0);
    desk.run(Command::Next {});
    check(desk, Command::RemoveEntries { entries: vec![desk.entry(0)] }, "[2] 3");
    check(desk, enqueue(&[9], QueuePosition::UpNext), "[2] +9 3");
    check(desk, Command::Undo {}, "[2] 3");
    check(desk, Command::Undo {}, "1 [2] 3");
    check(desk, Command::Redo {}, "[2] 3");
    check(desk, Command::Redo {}, "[2] +9 3");
    desk.told.clear();
    check(desk, Command::ClearQueue {}, "");
    check(desk, Command::Undo {}, "[2] +9 3");
    assert_eq!(desk.state(), "stopped - | [2] +9 3");
    for n in 0..80 {
        desk.run(enqueue(&[n + 1], QueuePosition::End));
    }
    assert_eq!(desk.view().queue.undo_count, 50);
}

#[test]
fn undoing_a_new_context_plays_the_old_one_again() {
    let desk = &mut Desk::playing(&[1, 2], 1);
    desk.run(play(&[5, 6], 0)).run(Command::Undo {});
    assert_eq!(desk.state(), "playing 2 | 1 [2]");
}

#[test]
fn the_first_enqueued_track_is_cued() {
    let desk = &mut Desk::new();
    check(desk, enqueue(&[1, 2], QueuePosition::UpNext), "[1] +2");
    desk.run(Command::Play {});
    assert_eq!(desk.state(), "playing 1 | [1] +2");
}

#[test]
fn an_edit_says_whose_hand_it_was_and_can_be_taken_back_by_another_after_a_restart() {
    let mut desk = Desk::playing(&[1, 2, 3], 0);
    let third = desk.entry(2);
    desk.run_from(ClientKind::CommandLine, Command::RemoveEntries { entries: vec![third] });
    desk.run_from(ClientKind::Mpris, Command::SetShuffle { enabled: true });
    desk.run_from(ClientKind::Tray, Command::Undo {});
    let queue = desk.view().queue;
    assert_eq!(queue.edited_by, Some(ClientKind::Tray));
    let removal = QueueEdit { kind: QueueEditKind::Remove, entries: 1, client: ClientKind::CommandLine };
    let shuffle = QueueEdit { kind: QueueEditKind::Shuffle, entries: 2, client: ClientKind::Mpris };
    assert_eq!((queue.next_undo, queue.next_redo), (Some(removal), Some(shuffle)));

    let written = serde_json::to_vec(&desk.core.saved_queue()).expect("written");
    let restored = RestoredState {
        queue: serde_json::from_slice(&written).expect("read"),
        playback: desk.core.saved_playback(),
        ..RestoredState::default()
    };
    let mut desk = Desk::restored(restored);
    let queue = desk.view().queue;
    assert_eq!((queue.undo_count, queue.redo_count), (2, 1));
    assert_eq!((queue.next_undo, queue.next_redo), (Some(removal), Some(shuffle)));
    desk.run_from(ClientKind::Browser, Command::Undo {});
    assert_eq!(desk.queue(), "[1] 2 3");
    desk.run(Command::Redo {}).run(Command::Redo {});
    assert_eq!(desk.queue().split(' ').count(), 2);
    assert!(desk.view().player.shuffle);
}

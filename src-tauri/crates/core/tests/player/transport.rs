//! Playing, holding, going on: `state` reads "transport track-heard | queue".

use auralis_core::*;

use crate::desk::{DURATION_S, Desk, at, cd, change, enqueue, ids, play};

fn check(desk: &mut Desk, commands: &[Command], expected: &str) {
    for command in commands {
        desk.run(command.clone());
    }
    assert_eq!(desk.state(), expected, "after {commands:?}");
}

#[test]
fn starts_holds_and_goes_on() {
    let desk = &mut Desk::new();
    check(desk, &[play(&[1, 2, 3], 1)], "playing 2 | 1 [2] 3");
    assert_eq!(desk.told(), "load 2 at 0, prepare 3");
    check(desk, &[Command::Pause {}], "paused 2 | 1 [2] 3");
    check(desk, &[Command::Pause {}], "paused 2 | 1 [2] 3");
    check(desk, &[Command::Toggle {}], "playing 2 | 1 [2] 3");
    check(desk, &[Command::Stop {}], "stopped - | 1 [2] 3");
    check(desk, &[Command::Pause {}], "stopped - | 1 [2] 3");
    check(desk, &[Command::Play {}], "playing 2 | 1 [2] 3");
}

#[test]
fn pausing_freezes_the_position() {
    let mut desk = Desk::playing(&[1], 0);
    desk.hear(10.0);
    desk.now_s += 0.5;
    desk.run(Command::Pause {});
    desk.now_s += 60.0;
    desk.run(Command::SetVolume { volume: 10 });
    assert_eq!(desk.view().position, at(10.5));
    assert_eq!(desk.core.saved_playback().position_s, 10.5);
}

#[test]
fn an_ended_track_advances_once_and_the_last_stops_at_its_start() {
    let desk = &mut Desk::playing(&[1, 2], 0);
    desk.hear(DURATION_S).track_ends();
    assert_eq!(desk.state(), "playing 2 | 1 [2]");
    assert_eq!(desk.view().position.position_s, 0.0);
    desk.hear(DURATION_S).track_ends();
    assert_eq!(desk.state(), "stopped - | 1 [2]");
    assert_eq!(desk.view().position, at(0.0));
}

#[test]
fn next_and_previous() {
    let desk = &mut Desk::playing(&[1, 2, 3], 0);
    check(desk, &[Command::Next {}, Command::Next {}], "playing 3 | 1 2 [3]");
    check(desk, &[Command::Next {}], "stopped - | 1 2 [3]");
    check(desk, &[Command::Previous {}], "stopped - | 1 [2] 3");
    check(desk, &[Command::Play {}, Command::Pause {}, Command::Previous {}], "paused - | [1] 2 3");
    check(desk, &[Command::Play {}], "playing 1 | [1] 2 3");
    desk.hear(3.5).told.clear();
    check(desk, &[Command::Next {}], "playing 2 | 1 [2] 3");
    desk.hear(3.5).told.clear();
    check(desk, &[Command::Previous {}], "playing 2 | 1 [2] 3");
    assert_eq!(desk.told(), "seek 0");
    check(desk, &[Command::Previous {}, Command::Previous {}], "playing 1 | [1] 2 3");
    assert_eq!(desk.told(), "load 1 at 0, prepare 2, seek 0");
}

#[test]
fn repeat_one_loops_only_at_the_natural_end() {
    let desk = &mut Desk::playing(&[1, 2], 0);
    desk.run(Command::SetRepeat { mode: Repeat::One }).track_ends().track_ends();
    assert_eq!(desk.state(), "playing 1 | [1] 2");
    check(desk, &[Command::Next {}], "playing 2 | 1 [2]");
    check(desk, &[Command::Next {}], "playing 1 | [1] 2");
}

#[test]
fn repeat_all_wraps() {
    let desk = &mut Desk::playing(&[1, 2], 1);
    desk.run(Command::SetRepeat { mode: Repeat::All });
    desk.track_ends();
    assert_eq!(desk.state(), "playing 1 | [1] 2");
}

#[test]
fn seeking() {
    let desk = &mut Desk::playing(&[1, 2], 0);
    check(desk, &[Command::Seek { position_s: -5.0 }], "playing 1 | [1] 2");
    assert_eq!(desk.told(), "seek 0");
    check(desk, &[Command::Pause {}, Command::Seek { position_s: 40.0 }], "paused 1 | [1] 2");
    assert_eq!(desk.view().position, at(40.0));
    check(desk, &[Command::Seek { position_s: DURATION_S }], "paused - | 1 [2]");
    check(desk, &[Command::Play {}, Command::Seek { position_s: 1e9 }], "stopped - | 1 [2]");
    for position_s in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        desk.run(Command::Play {}).run(Command::Seek { position_s });
        assert_eq!(desk.last_refusal(), Some(ErrorCode::OutOfRange));
        assert_eq!(desk.state(), "playing 2 | 1 [2]");
    }
}

#[test]
fn broken_files_are_skipped_with_a_notice_that_names_them() {
    let mut desk = Desk::new();
    desk.undecodable = [1, 2, 4].into();
    check(&mut desk, &[play(&[1, 2, 3, 4, 5], 0)], "playing 3 | 1 2 [3] 4 5");
    assert_eq!(desk.prepared.map(|(_, track)| track), Some(5));
    let named: Vec<_> = desk.view().notices.into_iter().map(|notice| (notice.kind, notice.subject)).collect();
    assert_eq!(named, ["1.flac", "2.flac", "4.flac"].map(|name| (NoticeKind::TrackSkipped, name.to_owned())));
}

#[test]
fn a_queue_of_broken_files_ends_in_error_after_one_pass() {
    for repeat in [Repeat::None, Repeat::One, Repeat::All] {
        let mut desk = Desk::new();
        desk.undecodable = [1, 2].into();
        desk.run(Command::SetRepeat { mode: repeat });
        desk.run(play(&[1, 2, 1_001], 0));
        assert_eq!(desk.view().player.transport, PlaybackState::Error, "{repeat:?}");
        assert_eq!(desk.view().notices.len(), 3, "{repeat:?}");
        desk.undecodable.clear();
        desk.run(Command::JumpTo { entry: desk.entry(0) });
        assert_eq!(desk.state(), "playing 1 | [1] 2 1001", "{repeat:?}");
    }
}

#[test]
fn a_broken_last_track_ends_the_queue_as_any_end_does() {
    let mut desk = Desk::new();
    desk.undecodable = [2].into();
    desk.run(play(&[1, 2], 0)).track_ends();
    assert_eq!(desk.state(), "stopped - | [1] 2");
}

#[test]
fn previous_passes_over_what_could_not_be_played() {
    let mut desk = Desk::new();
    desk.undecodable = [1, 3].into();
    desk.run(play(&[1, 2, 3, 4], 1)).run(Command::Next {});
    assert_eq!(desk.state(), "playing 4 | 1 2 3 [4]");
    check(&mut desk, &[Command::Previous {}], "playing 2 | 1 [2] 3 4");
    // The first was never tried. Once it was, it is passed over, too, and the start is all there is to go to.
    check(&mut desk, &[Command::Previous {}], "playing 2 | 1 [2] 3 4");
    check(&mut desk, &[Command::Previous {}], "playing 2 | 1 [2] 3 4");
    assert_eq!(desk.view().notices.len(), 3, "each once, and the first once more when it was asked for");
    assert!(desk.told().ends_with("load 2 at 0, prepare 4, seek 0"));
}

#[test]
fn pause_or_stop_while_loading_holds() {
    for (hold, expected) in [(Command::Pause {}, "paused"), (Command::Stop {}, "stopped")] {
        let mut desk = Desk::new();
        desk.slow_library = true;
        desk.run(play(&[1, 2], 0)).library_answers();
        desk.run(hold.clone()).library_answers().library_answers();
        assert!(desk.state().starts_with(&format!("{expected} -")), "{} after {hold:?}", desk.state());
        assert_eq!(desk.told(), "");
    }
}

#[test]
fn pause_or_stop_while_the_file_is_opened_holds() {
    for (hold, expected) in [(Command::Pause {}, "paused 1"), (Command::Stop {}, "stopped -")] {
        let mut desk = Desk::new();
        desk.slow_engine = true;
        desk.run(play(&[1, 2], 0));
        assert_eq!(desk.view().player.transport, PlaybackState::Loading);
        desk.run(hold.clone()).engine_answers();
        assert!(desk.state().starts_with(expected), "{} after {hold:?}", desk.state());
        assert!(!desk.told().ends_with("play"));
        desk.run(Command::Play {}).engine_answers();
        assert_eq!(desk.state(), "playing 1 | [1] 2", "after {hold:?}");
    }
    // Nor does the one behind it, where the one that was asked for cannot be played.
    let mut desk = Desk::new();
    desk.slow_engine = true;
    desk.undecodable = [1].into();
    desk.run(play(&[1, 2], 0)).run(Command::Pause {}).engine_answers().engine_answers();
    assert_eq!(desk.state(), "paused - | 1 [2]");
}

#[test]
fn a_change_under_way_is_known() {
    let mut desk = Desk::new();
    desk.slow_library = true;
    assert!(desk.core.is_idle());
    desk.run(play(&[1, 2], 0));
    assert!(!desk.core.is_idle(), "the tracks are looked up");
    desk.library_answers();
    assert!(!desk.core.is_idle(), "what they are is not known");
    desk.library_answers().library_answers();
    assert!(desk.core.is_idle());
}

#[test]
fn a_jump_back_to_the_same_place_is_told_again() {
    let mut desk = Desk::playing(&[1], 0);
    desk.hear(5.0).run(Command::Seek { position_s: 10.0 });
    let before = desk.view().position;
    desk.now_s += 0.7;
    desk.run(Command::SetVolume { volume: 3 });
    assert_eq!(desk.view().position, before, "it goes on as was told");
    desk.run(Command::Seek { position_s: 10.0 });
    assert_ne!(desk.view().position, before);
    assert_eq!(desk.view().position.position_s, 10.0);
}

#[test]
fn commands_behind_a_lookup_keep_their_order() {
    let mut desk = Desk::new();
    desk.slow_library = true;
    desk.run(play(&[1, 2], 0)).run(play(&[3, 4], 0)).run(Command::Next {}).run(enqueue(&[9], QueuePosition::UpNext));
    assert!(desk.answers.is_empty());
    for _ in 0..6 {
        desk.library_answers();
    }
    assert_eq!(desk.state(), "playing 4 | 3 [4] +9");
    assert_eq!(desk.answers, [Ok(()), Ok(()), Ok(()), Ok(())]);
}

#[test]
fn half_a_change_is_not_shown() {
    let mut desk = Desk::new();
    desk.slow_library = true;
    desk.run(play(&[1], 0)).library_answers();
    assert_eq!(desk.core.view(), None);
    desk.library_answers();
    assert_eq!(desk.view().player.track.map(|track| track.title).as_deref(), Some("Track 1"));
}

#[test]
fn a_prepared_track_that_began_while_it_was_replaced_gives_way() {
    let mut desk = Desk::playing(&[1, 2], 0);
    let (revoked, _) = desk.prepared.expect("2 is prepared");
    desk.run(enqueue(&[3], QueuePosition::Next));
    assert_eq!(desk.prepared.map(|(_, track)| track), Some(3));
    desk.input(Input::Engine(EngineEvent::Advanced { load: revoked }));
    assert_eq!(desk.state(), "playing 3 | 1 [3] 2");
}

#[test]
fn reports_of_an_older_load_are_dropped() {
    let mut desk = Desk::playing(&[1], 0);
    let (old, _) = desk.current.expect("1 sounds");
    desk.run(play(&[2], 0));
    for event in [
        EngineEvent::Position { load: old, seek: SeekId(0), position_s: 55.0, running: true },
        EngineEvent::Ended { load: old },
        EngineEvent::Failed { load: old, reason: "late".into() },
        EngineEvent::Ready { load: old, duration_s: Some(1.0), source: cd() },
        EngineEvent::Advanced { load: old },
    ] {
        desk.input(Input::Engine(event));
    }
    assert_eq!(desk.state(), "playing 2 | [2]");
    assert_eq!(desk.view().position.position_s, 0.0);
    assert_eq!(desk.view().player.duration_s, DURATION_S);
    assert!(desk.view().notices.is_empty());
}

#[test]
fn a_position_from_before_a_seek_is_dropped() {
    let mut desk = Desk::playing(&[1], 0);
    desk.hear(5.0);
    let (load, _) = desk.current.expect("1 sounds");
    let before = desk.sought;
    desk.run(Command::Seek { position_s: 80.0 });
    desk.input(Input::Engine(EngineEvent::Position { load, seek: before, position_s: 6.0, running: true }));
    assert_eq!(desk.view().position.position_s, 80.0);
    desk.hear(1.0);
    assert_eq!(desk.view().position.position_s, 81.0);
}

#[test]
fn a_lost_output_pauses_with_a_notice() {
    let mut desk = Desk::playing(&[1], 0);
    desk.hear(5.0);
    desk.input(Input::Engine(EngineEvent::Output(CurrentOutput::Disconnected {
        reason: "The headphones are gone.".into(),
    })));
    assert_eq!(desk.view().player.transport, PlaybackState::Paused);
    assert_eq!(desk.view().position, at(5.0));
    assert_eq!(desk.view().notices[0].kind, NoticeKind::OutputDisconnected);
    desk.run(Command::Play {});
    assert_eq!(desk.view().player.transport, PlaybackState::Playing);
}

#[test]
fn a_restart_comes_back_paused_at_the_position() {
    let mut desk = Desk::playing(&[1, 2, 3], 1);
    desk.run(Command::SetRepeat { mode: Repeat::All }).hear(42.0);
    let restored = RestoredState {
        queue: desk.core.saved_queue(),
        playback: desk.core.saved_playback(),
        ..RestoredState::default()
    };
    let mut again = Desk::restored(restored);
    assert_eq!(again.state(), "paused - | 1 [2] 3");
    assert_eq!(again.view().position, at(42.0));
    assert_eq!(again.view().player.repeat, Repeat::All);
    again.run(Command::Play {});
    assert_eq!(again.told(), "load 2 at 42, prepare 3");
    again.run(enqueue(&[4], QueuePosition::End));
    assert_eq!(again.state(), "playing 2 | 1 [2] 3 4");
}

#[test]
fn refusals_change_nothing() {
    let mut desk = Desk::playing(&[1, 2], 0);
    let before = desk.view();
    let unknown = EntryId(99);
    let cases = [
        (Command::SetVolume { volume: 101 }, ErrorCode::OutOfRange),
        (play(&[], 0), ErrorCode::NotFound),
        (play(&[1], 1), ErrorCode::OutOfRange),
        (play_from(&[1, 2], 0, 3), ErrorCode::NotFound),
        (play_files(&["music/one.flac"]), ErrorCode::OutOfRange),
        (play_files(&["/music/one.flac"; 10_001]), ErrorCode::OutOfRange),
        (Command::JumpTo { entry: unknown }, ErrorCode::NotFound),
        (Command::RemoveEntries { entries: vec![desk.entry(1), unknown] }, ErrorCode::NotFound),
        (Command::MoveEntries { entries: vec![unknown], before: None }, ErrorCode::NotFound),
        (Command::MoveEntries { entries: vec![desk.entry(1)], before: Some(unknown) }, ErrorCode::NotFound),
        (Command::Redo {}, ErrorCode::NotPossible),
        (Command::AddRoot { path: "music".into() }, ErrorCode::OutOfRange),
        (Command::DismissNotice { notice: 3 }, ErrorCode::NotFound),
        (Command::ChooseOutput { output: Some(OutputId("none".into())) }, ErrorCode::NotFound),
        (change(SettingsPatch { pre_amp_db: Some(15.5), ..Default::default() }), ErrorCode::OutOfRange),
        (change(SettingsPatch { pre_amp_db: Some(f32::NAN), ..Default::default() }), ErrorCode::OutOfRange),
        (change(SettingsPatch { crossfade_s: Some(-0.1), ..Default::default() }), ErrorCode::OutOfRange),
        (change(SettingsPatch { crossfade_s: Some(12.5), ..Default::default() }), ErrorCode::OutOfRange),
    ];
    for (command, code) in cases {
        desk.run(command.clone());
        assert_eq!(desk.last_refusal(), Some(code), "{command:?}");
        assert_eq!(desk.view(), before, "{command:?}");
    }
    assert_eq!(Desk::new().run(Command::Play {}).last_refusal(), Some(ErrorCode::NotPossible));
}

#[test]
fn a_list_starts_with_the_track_that_was_seen() {
    let desk = &mut Desk::new();
    check(desk, &[play_from(&[9, 1, 2], 0, 1)], "playing 1 | 9 [1] 2");
    check(desk, &[play_from(&[1, 2, 1, 3, 1], 3, 1)], "playing 1 | 1 2 [1] 3 1");
    check(desk, &[play_from(&[1, 2], 9, 2)], "playing 2 | 1 [2]");
}

fn play_from(tracks: &[i64], start: u32, track: i64) -> Command {
    Command::PlayTracks { tracks: ids(tracks), start: Some(start), start_track: Some(TrackId(track)) }
}

fn play_files(paths: &[&str]) -> Command {
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    Command::PlayTracks { tracks: TrackSelection::Files { paths }, start: None, start_track: None }
}

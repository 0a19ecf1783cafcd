//! Playback. `state` reads "playback-state track-in-engine | queue".

use auralis_core::*;

use crate::fixture::{DURATION_S, PlayerFixture, at, cd_format, change, enqueue, ids, play};

fn check(fixture: &mut PlayerFixture, commands: &[Command], expected: &str) {
    for command in commands {
        fixture.run(command.clone());
    }
    assert_eq!(fixture.state(), expected, "after {commands:?}");
}

#[test]
fn play_pause_and_stop() {
    let fixture = &mut PlayerFixture::new();
    check(fixture, &[play(&[1, 2, 3], 1)], "playing 2 | 1 [2] 3");
    assert_eq!(fixture.take_engine_log(), "load 2 at 0, prepare 3");
    check(fixture, &[Command::Pause {}], "paused 2 | 1 [2] 3");
    check(fixture, &[Command::Pause {}], "paused 2 | 1 [2] 3");
    check(fixture, &[Command::Toggle {}], "playing 2 | 1 [2] 3");
    check(fixture, &[Command::Stop {}], "stopped - | 1 [2] 3");
    check(fixture, &[Command::Pause {}], "stopped - | 1 [2] 3");
    check(fixture, &[Command::Play {}], "playing 2 | 1 [2] 3");
}

#[test]
fn pausing_freezes_the_position() {
    let mut fixture = PlayerFixture::playing(&[1], 0);
    fixture.plays_for(10.0);
    fixture.now_s += 0.5;
    fixture.run(Command::Pause {});
    fixture.now_s += 60.0;
    fixture.run(Command::SetVolume { volume: 10 });
    assert_eq!(fixture.view().position, at(10.5));
    assert_eq!(fixture.core.saved_playback().position_s, 10.5);
}

#[test]
fn a_track_end_advances_once_and_the_last_one_stops() {
    let fixture = &mut PlayerFixture::playing(&[1, 2], 0);
    fixture.plays_for(DURATION_S).track_ends();
    assert_eq!(fixture.state(), "playing 2 | 1 [2]");
    assert_eq!(fixture.view().position.position_s, 0.0);
    fixture.plays_for(DURATION_S).track_ends();
    assert_eq!(fixture.state(), "stopped - | 1 [2]");
    assert_eq!(fixture.view().position, at(0.0));
}

#[test]
fn next_and_previous() {
    let fixture = &mut PlayerFixture::playing(&[1, 2, 3], 0);
    check(fixture, &[Command::Next {}, Command::Next {}], "playing 3 | 1 2 [3]");
    check(fixture, &[Command::Next {}], "stopped - | 1 2 [3]");
    check(fixture, &[Command::Previous {}], "stopped - | 1 [2] 3");
    check(fixture, &[Command::Play {}, Command::Pause {}, Command::Previous {}], "paused - | [1] 2 3");
    check(fixture, &[Command::Play {}], "playing 1 | [1] 2 3");
    fixture.plays_for(3.5).engine_log.clear();
    check(fixture, &[Command::Next {}], "playing 2 | 1 [2] 3");
    fixture.plays_for(3.5).engine_log.clear();
    check(fixture, &[Command::Previous {}], "playing 2 | 1 [2] 3");
    assert_eq!(fixture.take_engine_log(), "seek 0");
    check(fixture, &[Command::Previous {}, Command::Previous {}], "playing 1 | [1] 2 3");
    assert_eq!(fixture.take_engine_log(), "load 1 at 0, prepare 2, seek 0");
}

#[test]
fn repeat_one_loops_only_at_the_natural_end() {
    let fixture = &mut PlayerFixture::playing(&[1, 2], 0);
    fixture.run(Command::SetRepeat { mode: Repeat::One }).track_ends().track_ends();
    assert_eq!(fixture.state(), "playing 1 | [1] 2");
    check(fixture, &[Command::Next {}], "playing 2 | 1 [2]");
    check(fixture, &[Command::Next {}], "playing 1 | [1] 2");
}

#[test]
fn repeat_all_wraps() {
    let fixture = &mut PlayerFixture::playing(&[1, 2], 1);
    fixture.run(Command::SetRepeat { mode: Repeat::All });
    fixture.track_ends();
    assert_eq!(fixture.state(), "playing 1 | [1] 2");
}

#[test]
fn seeking() {
    let fixture = &mut PlayerFixture::playing(&[1, 2], 0);
    check(fixture, &[Command::Seek { position_s: -5.0 }], "playing 1 | [1] 2");
    assert_eq!(fixture.take_engine_log(), "seek 0");
    check(fixture, &[Command::Pause {}, Command::Seek { position_s: 40.0 }], "paused 1 | [1] 2");
    assert_eq!(fixture.view().position, at(40.0));
    check(fixture, &[Command::Seek { position_s: DURATION_S }], "paused - | 1 [2]");
    check(fixture, &[Command::Play {}, Command::Seek { position_s: 1e9 }], "stopped - | 1 [2]");
    for position_s in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        fixture.run(Command::Play {}).run(Command::Seek { position_s });
        assert_eq!(fixture.last_error_code(), Some(ErrorCode::OutOfRange));
        assert_eq!(fixture.state(), "playing 2 | 1 [2]");
    }
}

#[test]
fn broken_files_are_skipped_with_a_notice_that_names_them() {
    let mut fixture = PlayerFixture::new();
    fixture.corrupt = [1, 2, 4].into();
    check(&mut fixture, &[play(&[1, 2, 3, 4, 5], 0)], "playing 3 | 1 2 [3] 4 5");
    assert_eq!(fixture.prepared.map(|(_, track)| track), Some(5));
    let named: Vec<_> = fixture.view().notices.into_iter().map(|notice| (notice.kind, notice.subject)).collect();
    assert_eq!(named, ["1.flac", "2.flac", "4.flac"].map(|name| (NoticeKind::TrackSkipped, name.to_owned())));
}

#[test]
fn a_queue_of_broken_files_ends_in_error_after_one_pass() {
    for repeat in [Repeat::None, Repeat::One, Repeat::All] {
        let mut fixture = PlayerFixture::new();
        fixture.corrupt = [1, 2].into();
        fixture.run(Command::SetRepeat { mode: repeat });
        fixture.run(play(&[1, 2, 1_001], 0));
        assert_eq!(fixture.view().player.transport, PlaybackState::Error, "{repeat:?}");
        assert_eq!(fixture.view().notices.len(), 3, "{repeat:?}");
        fixture.corrupt.clear();
        fixture.run(Command::JumpTo { entry: fixture.entry(0) });
        assert_eq!(fixture.state(), "playing 1 | [1] 2 1001", "{repeat:?}");
    }
}

#[test]
fn a_broken_last_track_ends_the_queue_as_any_end_does() {
    let mut fixture = PlayerFixture::new();
    fixture.corrupt = [2].into();
    fixture.run(play(&[1, 2], 0)).track_ends();
    assert_eq!(fixture.state(), "stopped - | [1] 2");
}

#[test]
fn previous_skips_unplayable_entries() {
    let mut fixture = PlayerFixture::new();
    fixture.corrupt = [1, 3].into();
    fixture.run(play(&[1, 2, 3, 4], 1)).run(Command::Next {});
    assert_eq!(fixture.state(), "playing 4 | 1 2 3 [4]");
    check(&mut fixture, &[Command::Previous {}], "playing 2 | 1 [2] 3 4");
    // The first entry was never tried. Once it has failed it is skipped, too, so Previous restarts the current one.
    check(&mut fixture, &[Command::Previous {}], "playing 2 | 1 [2] 3 4");
    check(&mut fixture, &[Command::Previous {}], "playing 2 | 1 [2] 3 4");
    assert_eq!(fixture.view().notices.len(), 3, "each once, and the first once more when it was asked for");
    assert!(fixture.take_engine_log().ends_with("load 2 at 0, prepare 4, seek 0"));
}

#[test]
fn pause_or_stop_while_loading_prevents_playback() {
    for (hold, expected) in [(Command::Pause {}, "paused"), (Command::Stop {}, "stopped")] {
        let mut fixture = PlayerFixture::new();
        fixture.slow_library = true;
        fixture.run(play(&[1, 2], 0)).library_answers();
        fixture.run(hold.clone()).library_answers().library_answers();
        assert!(fixture.state().starts_with(&format!("{expected} -")), "{} after {hold:?}", fixture.state());
        assert_eq!(fixture.take_engine_log(), "");
    }
}

#[test]
fn pause_or_stop_while_opening_a_file_prevents_playback() {
    for (hold, expected) in [(Command::Pause {}, "paused 1"), (Command::Stop {}, "stopped -")] {
        let mut fixture = PlayerFixture::new();
        fixture.slow_engine = true;
        fixture.run(play(&[1, 2], 0));
        assert_eq!(fixture.view().player.transport, PlaybackState::Loading);
        fixture.run(hold.clone()).engine_answers();
        assert!(fixture.state().starts_with(expected), "{} after {hold:?}", fixture.state());
        assert!(!fixture.take_engine_log().ends_with("play"));
        fixture.run(Command::Play {}).engine_answers();
        assert_eq!(fixture.state(), "playing 1 | [1] 2", "after {hold:?}");
    }
    // The same if the current file fails and the next one would follow.
    let mut fixture = PlayerFixture::new();
    fixture.slow_engine = true;
    fixture.corrupt = [1].into();
    fixture.run(play(&[1, 2], 0)).run(Command::Pause {}).engine_answers().engine_answers();
    assert_eq!(fixture.state(), "paused - | 1 [2]");
}

#[test]
fn the_core_is_not_idle_during_a_lookup() {
    let mut fixture = PlayerFixture::new();
    fixture.slow_library = true;
    assert!(fixture.core.is_idle());
    fixture.run(play(&[1, 2], 0));
    assert!(!fixture.core.is_idle(), "the tracks are looked up");
    fixture.library_answers();
    assert!(!fixture.core.is_idle(), "what they are is not known");
    fixture.library_answers().library_answers();
    assert!(fixture.core.is_idle());
}

#[test]
fn seeking_to_the_published_position_is_published_again() {
    let mut fixture = PlayerFixture::playing(&[1], 0);
    fixture.plays_for(5.0).run(Command::Seek { position_s: 10.0 });
    let before = fixture.view().position;
    fixture.now_s += 0.7;
    fixture.run(Command::SetVolume { volume: 3 });
    assert_eq!(fixture.view().position, before, "it goes on as was told");
    fixture.run(Command::Seek { position_s: 10.0 });
    assert_ne!(fixture.view().position, before);
    assert_eq!(fixture.view().position.position_s, 10.0);
}

#[test]
fn commands_behind_a_lookup_keep_their_order() {
    let mut fixture = PlayerFixture::new();
    fixture.slow_library = true;
    fixture.run(play(&[1, 2], 0)).run(play(&[3, 4], 0)).run(Command::Next {}).run(enqueue(&[9], QueuePosition::UpNext));
    assert!(fixture.answers.is_empty());
    for _ in 0..6 {
        fixture.library_answers();
    }
    assert_eq!(fixture.state(), "playing 4 | 3 [4] +9");
    assert_eq!(fixture.answers, [Ok(()), Ok(()), Ok(()), Ok(())]);
}

#[test]
fn incomplete_states_are_not_published() {
    let mut fixture = PlayerFixture::new();
    fixture.slow_library = true;
    fixture.run(play(&[1], 0)).library_answers();
    assert_eq!(fixture.core.view(), None);
    fixture.library_answers();
    assert_eq!(fixture.view().player.track.map(|track| track.title).as_deref(), Some("Track 1"));
}

#[test]
fn a_replaced_prepared_track_that_started_anyway_is_dropped() {
    let mut fixture = PlayerFixture::playing(&[1, 2], 0);
    let (revoked, _) = fixture.prepared.expect("2 is prepared");
    fixture.run(enqueue(&[3], QueuePosition::Next));
    assert_eq!(fixture.prepared.map(|(_, track)| track), Some(3));
    fixture.input(Input::Engine(EngineEvent::Advanced { load: revoked }));
    assert_eq!(fixture.state(), "playing 3 | 1 [3] 2");
}

#[test]
fn events_of_older_loads_are_ignored() {
    let mut fixture = PlayerFixture::playing(&[1], 0);
    let (old, _) = fixture.current.expect("1 sounds");
    fixture.run(play(&[2], 0));
    for event in [
        EngineEvent::Position { load: old, seek: SeekId(0), position_s: 55.0, running: true },
        EngineEvent::Ended { load: old },
        EngineEvent::Failed { load: old, reason: "late".into() },
        EngineEvent::Ready { load: old, duration_s: Some(1.0), source: cd_format() },
        EngineEvent::Advanced { load: old },
    ] {
        fixture.input(Input::Engine(event));
    }
    assert_eq!(fixture.state(), "playing 2 | [2]");
    assert_eq!(fixture.view().position.position_s, 0.0);
    assert_eq!(fixture.view().player.duration_s, DURATION_S);
    assert!(fixture.view().notices.is_empty());
}

#[test]
fn positions_from_before_a_seek_are_ignored() {
    let mut fixture = PlayerFixture::playing(&[1], 0);
    fixture.plays_for(5.0);
    let (load, _) = fixture.current.expect("1 sounds");
    let before = fixture.last_seek;
    fixture.run(Command::Seek { position_s: 80.0 });
    fixture.input(Input::Engine(EngineEvent::Position { load, seek: before, position_s: 6.0, running: true }));
    assert_eq!(fixture.view().position.position_s, 80.0);
    fixture.plays_for(1.0);
    assert_eq!(fixture.view().position.position_s, 81.0);
}

#[test]
fn a_disconnected_output_pauses_with_a_notice() {
    let mut fixture = PlayerFixture::playing(&[1], 0);
    fixture.plays_for(5.0);
    fixture.input(Input::Engine(EngineEvent::Output(CurrentOutput::Disconnected {
        reason: "The headphones are gone.".into(),
    })));
    assert_eq!(fixture.view().player.transport, PlaybackState::Paused);
    assert_eq!(fixture.view().position, at(5.0));
    assert_eq!(fixture.view().notices[0].kind, NoticeKind::OutputDisconnected);
    fixture.run(Command::Play {});
    assert_eq!(fixture.view().player.transport, PlaybackState::Playing);
}

#[test]
fn a_restart_comes_back_paused_at_the_position() {
    let mut fixture = PlayerFixture::playing(&[1, 2, 3], 1);
    fixture.run(Command::SetRepeat { mode: Repeat::All }).plays_for(42.0);
    let restored = RestoredState {
        queue: fixture.core.saved_queue(),
        playback: fixture.core.saved_playback(),
        ..RestoredState::default()
    };
    let mut again = PlayerFixture::restored(restored);
    assert_eq!(again.state(), "paused - | 1 [2] 3");
    assert_eq!(again.view().position, at(42.0));
    assert_eq!(again.view().player.repeat, Repeat::All);
    again.run(Command::Play {});
    assert_eq!(again.take_engine_log(), "load 2 at 42, prepare 3");
    again.run(enqueue(&[4], QueuePosition::End));
    assert_eq!(again.state(), "playing 2 | 1 [2] 3 4");
}

#[test]
fn rejected_commands_change_nothing() {
    let mut fixture = PlayerFixture::playing(&[1, 2], 0);
    let before = fixture.view();
    let unknown = EntryId(99);
    let cases = [
        (Command::SetVolume { volume: 101 }, ErrorCode::OutOfRange),
        (play(&[], 0), ErrorCode::NotFound),
        (play(&[1], 1), ErrorCode::OutOfRange),
        (play_from(&[1, 2], 0, 3), ErrorCode::NotFound),
        (play_files(&["music/one.flac"]), ErrorCode::OutOfRange),
        (play_files(&["/music/one.flac"; 10_001]), ErrorCode::OutOfRange),
        (Command::JumpTo { entry: unknown }, ErrorCode::NotFound),
        (Command::RemoveEntries { entries: vec![fixture.entry(1), unknown] }, ErrorCode::NotFound),
        (Command::MoveEntries { entries: vec![unknown], before: None }, ErrorCode::NotFound),
        (Command::MoveEntries { entries: vec![fixture.entry(1)], before: Some(unknown) }, ErrorCode::NotFound),
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
        fixture.run(command.clone());
        assert_eq!(fixture.last_error_code(), Some(code), "{command:?}");
        assert_eq!(fixture.view(), before, "{command:?}");
    }
    assert_eq!(PlayerFixture::new().run(Command::Play {}).last_error_code(), Some(ErrorCode::NotPossible));
}

#[test]
fn a_list_starts_with_the_track_the_user_saw() {
    let fixture = &mut PlayerFixture::new();
    check(fixture, &[play_from(&[9, 1, 2], 0, 1)], "playing 1 | 9 [1] 2");
    check(fixture, &[play_from(&[1, 2, 1, 3, 1], 3, 1)], "playing 1 | 1 2 [1] 3 1");
    check(fixture, &[play_from(&[1, 2], 9, 2)], "playing 2 | 1 [2]");
}

fn play_from(tracks: &[i64], start: u32, track: i64) -> Command {
    Command::PlayTracks { tracks: ids(tracks), start: Some(start), start_track: Some(TrackId(track)) }
}

fn play_files(paths: &[&str]) -> Command {
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    Command::PlayTracks { tracks: TrackSelection::Files { paths }, start: None, start_track: None }
}

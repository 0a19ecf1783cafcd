//! Library folders that are offline while their tracks are to be played.

use auralis_core::*;

use crate::fixture::{PlayerFixture, play};

/// A player that paused at track 3, whose folder is offline.
fn paused() -> PlayerFixture {
    let mut fixture = PlayerFixture::playing(&[1, 2, 3, 4, 5], 0);
    fixture.offline = [3, 4, 5].into();
    fixture.track_ends();
    assert_eq!(fixture.state(), "playing 2 | 1 [2] 3 4 5");
    assert!(fixture.view().notices.is_empty(), "the next track may be back in time");
    fixture.track_ends();
    fixture
}

fn online(fixture: &mut PlayerFixture) {
    fixture.offline.clear();
    fixture.input(Input::FolderOnline("/music".into()));
}

#[test]
fn an_offline_folder_pauses_at_its_place_with_one_notice() {
    let fixture = &mut paused();
    assert_eq!(fixture.state(), "paused - | 1 2 [3] 4 5");
    let notices = fixture.view().notices;
    assert_eq!(notices.iter().map(|notice| notice.kind).collect::<Vec<_>>(), [NoticeKind::FolderOffline]);
    assert_eq!((notices[0].subject.as_str(), fixture.awaited_folders), ("/music", 1));
    fixture.run(Command::Play {});
    assert_eq!((fixture.state().as_str(), fixture.view().notices.len()), ("paused - | 1 2 [3] 4 5", 1));
    assert_eq!(fixture.awaited_folders, 1);
}

#[test]
fn playback_resumes_when_the_folder_is_back() {
    let fixture = &mut paused();
    online(fixture);
    assert_eq!(fixture.state(), "playing 3 | 1 2 [3] 4 5");
    assert!(fixture.view().notices.is_empty());
}

#[test]
fn it_resumes_in_the_middle_of_a_track() {
    let fixture = &mut PlayerFixture::playing(&[1, 2], 0);
    fixture.starts_playing().plays_for(30.0);
    fixture.offline = [1, 2].into();
    let (load, _) = fixture.current.take().expect("1 plays");
    fixture.input(Input::Engine(EngineEvent::Failed { load, reason: "It cannot be read.".into() }));
    assert_eq!(fixture.state(), "paused - | [1] 2");
    assert_eq!(fixture.view().position.position_s, 30.0);
    fixture.take_engine_log();
    online(fixture);
    assert_eq!(fixture.take_engine_log(), "load 1 at 30, prepare 2");
}

#[test]
fn it_does_not_resume_after_the_user_did_something_else() {
    for command in [Command::Pause {}, Command::Stop {}, Command::Previous {}] {
        let fixture = &mut paused();
        fixture.run(command.clone());
        let before = fixture.state();
        online(fixture);
        assert_eq!(fixture.state(), before, "{command:?}");
        assert!(fixture.view().notices.is_empty(), "{command:?}");
    }
    let fixture = &mut paused();
    fixture.offline.remove(&5);
    fixture.run(play(&[5], 0));
    online(fixture);
    assert_eq!(fixture.state(), "playing 5 | [5]");
}

#[test]
fn a_corrupt_file_of_an_online_folder_is_still_skipped() {
    let fixture = &mut PlayerFixture::new();
    fixture.corrupt = [1, 2].into();
    fixture.run(play(&[1, 2, 3], 0));
    assert_eq!(fixture.state(), "playing 3 | 1 2 [3]");
}

#[test]
fn the_next_track_is_prepared_once_its_folder_is_back() {
    let fixture = &mut PlayerFixture::new();
    fixture.offline = [2].into();
    fixture.run(play(&[1, 2], 0));
    assert_eq!((fixture.state().as_str(), fixture.prepared), ("playing 1 | [1] 2", None));
    online(fixture);
    assert_eq!(fixture.prepared.map(|(_, track)| track), Some(2));
}

//! The sleep timer.

use auralis_core::*;

use crate::fixture::{PlayerFixture, play};

fn set(timer: SleepTimer) -> Command {
    Command::SetSleepTimer { timer }
}

#[test]
fn playback_stops_after_the_track_at_the_next_one() {
    let fixture = &mut PlayerFixture::playing(&[1, 2], 0);
    fixture.run(set(SleepTimer::EndOfTrack {}));
    assert_eq!((fixture.prepared, fixture.view().player.sleep), (None, Some(SleepTimer::EndOfTrack {})));
    fixture.track_ends();
    assert_eq!(fixture.state(), "stopped - | 1 [2]");
    assert_eq!(fixture.view().player.sleep, None);
    fixture.run(Command::Play {});
    assert_eq!(fixture.state(), "playing 2 | 1 [2]");
}

#[test]
fn playback_stops_after_the_album() {
    let fixture = &mut PlayerFixture::new();
    fixture.singles.insert(3);
    fixture.run(play(&[1, 2, 3], 0)).run(set(SleepTimer::EndOfAlbum {}));
    fixture.track_ends();
    assert_eq!((fixture.state().as_str(), fixture.prepared), ("playing 2 | 1 [2] 3", None));
    fixture.track_ends();
    assert_eq!(fixture.state(), "stopped - | 1 2 [3]");
}

#[test]
fn playback_pauses_after_the_minutes() {
    let fixture = &mut PlayerFixture::playing(&[1], 0);
    fixture.starts_playing().run(set(SleepTimer::Minutes { minutes: 1 }));
    fixture.plays_for(59.0);
    assert_eq!(fixture.view().player.sleep, Some(SleepTimer::Minutes { minutes: 1 }));
    fixture.plays_for(1.0);
    assert_eq!((fixture.state().as_str(), fixture.view().player.sleep), ("paused 1 | [1]", None));
    assert_eq!(fixture.take_engine_log(), "pause");
}

#[test]
fn the_timer_can_be_switched_off() {
    let fixture = &mut PlayerFixture::playing(&[1, 2], 0);
    fixture.run(set(SleepTimer::EndOfTrack {})).run(set(SleepTimer::Off {}));
    assert_eq!(fixture.view().player.sleep, None);
    fixture.track_ends();
    assert_eq!(fixture.state(), "playing 2 | 1 [2]");
}

#[test]
fn a_timer_that_is_too_long_is_rejected() {
    for minutes in [0, 24 * 60 + 1] {
        let fixture = &mut PlayerFixture::new();
        fixture.run(set(SleepTimer::Minutes { minutes }));
        assert_eq!(fixture.last_error_code(), Some(ErrorCode::OutOfRange));
    }
}

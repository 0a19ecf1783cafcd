//! Which listens are recorded.

use auralis_core::*;

use crate::fixture::{PlayerFixture, enqueue, play};

/// Track, seconds listened, reason of the end.
fn listens(fixture: &PlayerFixture) -> Vec<(i64, f64, ListenEndReason)> {
    fixture.listens.iter().map(|listen| (listen.track.0, listen.listened_s, listen.end)).collect()
}

#[test]
fn leaving_a_track_records_a_listen() {
    let mut fixture = PlayerFixture::playing(&[1, 2, 3], 0);
    fixture.starts_playing().plays_for(30.0).plays_for(10.0);
    fixture.run(Command::Next {});
    fixture.starts_playing().plays_for(5.0).track_ends();
    fixture.starts_playing().plays_for(7.0);
    fixture.run(Command::Stop {});
    assert_eq!(
        listens(&fixture),
        [(1, 40.0, ListenEndReason::Skipped), (2, 5.0, ListenEndReason::Finished), (3, 7.0, ListenEndReason::Stopped)]
    );
    assert_eq!(fixture.listens[0].started_s_ago, 40.0);
}

#[test]
fn pauses_and_skipped_parts_do_not_count() {
    let mut fixture = PlayerFixture::playing(&[1, 2], 0);
    fixture.starts_playing().plays_for(10.0);
    fixture.run(Command::Pause {});
    fixture.now_s += 1000.0;
    fixture.run(Command::Play {});
    fixture.starts_playing().plays_for(5.0);
    fixture.run(Command::Seek { position_s: 60.0 });
    fixture.starts_playing().plays_for(2.0);
    fixture.run(Command::Pause {});
    fixture.now_s += 50.0;
    fixture.run(Command::Next {});
    assert_eq!(listens(&fixture), [(1, 17.0, ListenEndReason::Skipped)]);
    assert_eq!(fixture.listens[0].started_s_ago, 1067.0);
}

#[test]
fn very_short_listens_are_not_recorded() {
    let mut fixture = PlayerFixture::playing(&[1, 2, 3], 0);
    fixture.run(Command::Next {});
    fixture.starts_playing().plays_for(0.5);
    fixture.run(Command::Next {});
    assert_eq!(listens(&fixture), []);
}

#[test]
fn the_context_is_what_playback_was_started_from() {
    let mut fixture = PlayerFixture::new();
    let filter = TrackFilter { album: Some(AlbumId(4)), search: Some("x".into()), ..TrackFilter::default() };
    let tracks = TrackSelection::List { list: TrackList { filter, ..TrackList::default() } };
    fixture.run(Command::PlayTracks { tracks, start: Some(0), start_track: None });
    fixture.run(enqueue(&[9], QueuePosition::Next));
    fixture.starts_playing().plays_for(3.0);
    fixture.run(Command::Next {});
    fixture.starts_playing().plays_for(3.0);
    assert_eq!(fixture.core.saved_playback().context, PlaybackContext::Album(AlbumId(4)));
    fixture.run(play(&[1], 0));
    fixture.starts_playing().plays_for(3.0);
    let last = fixture.core.finish_listen(fixture.now_s);
    let contexts: Vec<_> = fixture.listens.iter().chain(&last).map(|listen| listen.context).collect();
    assert_eq!(contexts, [PlaybackContext::Album(AlbumId(4)), PlaybackContext::Queue, PlaybackContext::Tracks]);
}

#[test]
fn half_of_a_track_or_four_minutes_is_a_play() {
    let listen = |listened_s, duration_s| Listen {
        track: TrackId(1),
        started_s_ago: 0.0,
        listened_s,
        duration_s,
        end: ListenEndReason::Skipped,
        context: PlaybackContext::Library,
    };
    for (listened_s, duration_s, play) in
        [(99.0, 200.0, false), (100.0, 200.0, true), (239.0, 1000.0, false), (240.0, 1000.0, true), (100.0, 0.0, false)]
    {
        assert_eq!(listen(listened_s, duration_s).is_play(), play, "{listened_s} of {duration_s}");
    }
}

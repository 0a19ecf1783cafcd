//! What is told of a track when it is left.

use auralis_core::*;

use crate::desk::{Desk, enqueue, play};

/// Track, seconds heard, end.
fn told(desk: &Desk) -> Vec<(i64, f64, ListenEndReason)> {
    desk.listens.iter().map(|listen| (listen.track.0, listen.listened_s, listen.end)).collect()
}

#[test]
fn what_was_heard_is_told_when_a_track_is_left() {
    let mut desk = Desk::playing(&[1, 2, 3], 0);
    desk.sounds().hear(30.0).hear(10.0);
    desk.run(Command::Next {});
    desk.sounds().hear(5.0).track_ends();
    desk.sounds().hear(7.0);
    desk.run(Command::Stop {});
    assert_eq!(
        told(&desk),
        [(1, 40.0, ListenEndReason::Skipped), (2, 5.0, ListenEndReason::Finished), (3, 7.0, ListenEndReason::Stopped)]
    );
    assert_eq!(desk.listens[0].started_s_ago, 40.0);
}

#[test]
fn pauses_and_jumps_are_not_heard() {
    let mut desk = Desk::playing(&[1, 2], 0);
    desk.sounds().hear(10.0);
    desk.run(Command::Pause {});
    desk.now_s += 1000.0;
    desk.run(Command::Play {});
    desk.sounds().hear(5.0);
    desk.run(Command::Seek { position_s: 60.0 });
    desk.sounds().hear(2.0);
    desk.run(Command::Pause {});
    desk.now_s += 50.0;
    desk.run(Command::Next {});
    assert_eq!(told(&desk), [(1, 17.0, ListenEndReason::Skipped)]);
    assert_eq!(desk.listens[0].started_s_ago, 1067.0);
}

#[test]
fn what_is_passed_over_is_no_listening() {
    let mut desk = Desk::playing(&[1, 2, 3], 0);
    desk.run(Command::Next {});
    desk.sounds().hear(0.5);
    desk.run(Command::Next {});
    assert_eq!(told(&desk), []);
}

#[test]
fn the_context_is_where_playing_began() {
    let mut desk = Desk::new();
    let filter = TrackFilter { album: Some(AlbumId(4)), search: Some("x".into()), ..TrackFilter::default() };
    let tracks = TrackSelection::List { list: TrackList { filter, ..TrackList::default() } };
    desk.run(Command::PlayTracks { tracks, start: Some(0), start_track: None });
    desk.run(enqueue(&[9], QueuePosition::Next));
    desk.sounds().hear(3.0);
    desk.run(Command::Next {});
    desk.sounds().hear(3.0);
    assert_eq!(desk.core.saved_playback().context, PlaybackContext::Album(AlbumId(4)));
    desk.run(play(&[1], 0));
    desk.sounds().hear(3.0);
    let last = desk.core.finish_listen(desk.now_s);
    let contexts: Vec<_> = desk.listens.iter().chain(&last).map(|listen| listen.context).collect();
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

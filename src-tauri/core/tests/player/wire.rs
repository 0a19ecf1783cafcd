//! The size and the form of what goes over the wire.

use auralis_core::*;

use crate::desk::{Desk, play};

#[test]
fn a_change_costs_the_same_bytes_at_any_queue_length() {
    let size = |count: i64| {
        let mut desk = Desk::playing(&vec![7; count as usize], 0);
        desk.hear(12.5);
        let view = desk.view();
        let message = |section| serde_json::to_string(&Message { session: "0123abcd".into(), rev: 123_456, section });
        let player = message(Section::Player(view.player)).expect("serialises");
        let position = message(Section::Position(view.position)).expect("serialises");
        (player.len(), position.len())
    };
    let (player, position) = size(1);
    assert_eq!((player, position), size(100_000));
    assert!(player <= 700, "{player} bytes");
    assert!(position <= 120, "{position} bytes");
}

#[test]
fn commands_are_read_strictly() {
    let good = [
        r#"{"do":"play"}"#,
        r#"{"do":"seek","position_s":1.5}"#,
        r#"{"do":"play_tracks","tracks":{"from":"ids","ids":[1,2]},"start":1}"#,
        r#"{"do":"play_tracks","tracks":{"from":"list","list":{"filter":{"search":"x"},"sort":"title"}}}"#,
        r#"{"do":"change_settings","settings":{"theme":"dark"}}"#,
        r#"{"do":"play_tracks","tracks":{"from":"playlist","playlist":3}}"#,
        r#"{"do":"edit","edit":"create_playlist","name":"x","smart":{"search":"year:1999"}}"#,
        r#"{"do":"edit","edit":"set_rating","tracks":{"from":"ids","ids":[1]},"rating":4}"#,
    ];
    for text in good {
        serde_json::from_str::<Command>(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    }
    let bad = [
        r#"{"do":"dance"}"#,
        r#"{"do":"play","loud":true}"#,
        r#"{"do":"seek"}"#,
        r#"{"do":"seek","position_s":"1"}"#,
        r#"{"do":"set_volume","volume":-1}"#,
        r#"{"do":"set_volume","volume":50.5}"#,
        r#"{"do":"set_volume","volume":256}"#,
        r#"{"do":"change_settings","settings":{"colour":"dark"}}"#,
        r#"{"do":"edit","edit":"set_rating","tracks":{"from":"ids","ids":[1]},"stars":4}"#,
        r#"{"do":"edit","edit":"burn"}"#,
        r#"{"do":"edit"}"#,
        r#"[]"#,
    ];
    for text in bad {
        assert!(serde_json::from_str::<Command>(text).is_err(), "{text}");
    }
}

#[test]
fn every_command_is_answered_once() {
    let mut desk = Desk::new();
    for command in [play(&[1], 0), play(&[], 0), Command::Scan {}, Command::Toggle {}, Command::Undo {}] {
        desk.run(command);
    }
    assert_eq!(desk.answers.len(), 5);
}

#[test]
fn edits_that_cannot_be_are_refused_before_the_library_hears_of_them() {
    let tracks = || Tracks::Ids { ids: vec![TrackId(1)] };
    let name = String::new;
    for edit in [
        Edit::CreatePlaylist { name: "  ".into(), tracks: None, smart: None },
        Edit::CreatePlaylist { name: "x".repeat(201), tracks: None, smart: None },
        Edit::CreatePlaylist { name: "x".into(), tracks: Some(tracks()), smart: Some(SmartPlaylist::default()) },
        Edit::RenamePlaylist { playlist: PlaylistId(1), name: name() },
        Edit::SetRating { tracks: tracks(), rating: Some(6) },
        Edit::SetFavourite { tracks: Tracks::Ids { ids: vec![TrackId(1); 100_001] }, favourite: true },
    ] {
        let mut desk = Desk::new();
        desk.run(Command::Edit(edit.clone()));
        assert!(matches!(&desk.answers[..], [Err(refusal)] if refusal.code == RefusalCode::OutOfRange), "{edit:?}");
    }
}

//! Size and format of messages.

use auralis_core::*;

use crate::fixture::{PlayerFixture, play};

#[test]
fn updates_have_the_same_size_at_any_queue_length() {
    let size = |count: usize| {
        let mut fixture = PlayerFixture::playing(&vec![7; count], 0);
        fixture.plays_for(12.5);
        let AppState { player, position, queue, .. } = fixture.view();
        // These fields have more digits in a longer queue.
        let queue = QueueState { length: 1, next_undo: None, last_edit: None, ..queue };
        (
            bytes(StateSection::Player(player)),
            bytes(StateSection::Position(position)),
            bytes(StateSection::Queue(queue)),
        )
    };
    assert_eq!(size(1), size(100_000));
}

fn bytes(section: StateSection) -> usize {
    let message = StateUpdate { session: "0123abcd".into(), rev: 1_234_567, section };
    serde_json::to_string(&message).expect("serialises").len()
}

#[test]
fn messages_are_small() {
    let track = TrackSummary {
        id: TrackId(123_456),
        title: "Symphony No. 9 in D minor, Op. 125 “Choral”: IV. Finale. Presto – Allegro assai".into(),
        artist: "Wiener Philharmoniker; Singverein der Gesellschaft der Musikfreunde".into(),
        album: "Beethoven: The Nine Symphonies (Remastered, Deluxe Edition)".into(),
        album_id: Some(AlbumId(12_345)),
        artist_id: Some(ArtistId(54_321)),
        duration_s: 1_458.706_666_666_666_7,
        cover: Some("0123456789abcdef".repeat(2)),
        favourite: true,
        rating: Some(5),
    };
    let player = PlayerState {
        transport: PlaybackState::Playing,
        entry: Some(EntryId(1_234_567)),
        duration_s: track.duration_s,
        track: Some(track),
        volume: 100,
        ..PlayerState::default()
    };
    let player = bytes(StateSection::Player(player));
    assert!(player <= 700, "{player} bytes for a player with long tags");
    let position_s = 12_345.678_901_234_567;
    let position = bytes(StateSection::Position(PositionState { position_s, ..PositionState::default() }));
    assert!(position <= 120, "{position} bytes for a position");
    let name = "x".repeat(EditSummary::MAX_NAME_BYTES);
    let edit =
        EditSummary { kind: EditKind::ChangeSmartPlaylist, count: u32::MAX, client: ClientKind::CommandLine, name };
    let last_edit = Some(LastEdit { id: u32::MAX, action: EditAction::Redone, edit: edit.clone() });
    let edit = Some(edit);
    let queue = bytes(StateSection::Queue(QueueState {
        revision: 1 << 40,
        length: u32::MAX,
        current: Some(u32::MAX),
        edited_by: Some(ClientKind::CommandLine),
        undo_count: 50,
        next_undo: edit.clone(),
        redo_count: 50,
        next_redo: edit,
        last_edit,
    }));
    assert!(queue <= 800, "{queue} bytes for a queue");
}

#[test]
fn outside_texts_are_truncated() {
    // The characters with the longest JSON encodings.
    for text in ["\"", "\u{1}", "漢", "𝄞"] {
        let long = text.repeat(500);
        let mut fixture = PlayerFixture::new();
        for _ in 0..9 {
            let (subject, reason) = (format!("a{long}"), long.clone());
            fixture.input(Input::NoticeRaised { kind: NoticeKind::PlaylistIncomplete, subject, reason });
        }
        let notices = fixture.view().notices;
        assert!(notices.len() > 3 && notices.iter().all(|notice| notice.subject.starts_with('a')));
        let size = bytes(StateSection::Notices(notices));
        assert!(size < 4_096, "{size} bytes of notices of {text:?}");
    }
}

#[test]
fn commands_are_parsed_strictly() {
    let good = [
        r#"{"do":"play"}"#,
        r#"{"do":"seek","position_s":1.5}"#,
        r#"{"do":"set_mastering","preset":"punchy","intensity":0.5}"#,
        r#"{"do":"play_tracks","tracks":{"from":"ids","ids":[1,2]},"start":1}"#,
        r#"{"do":"play_tracks","tracks":{"from":"list","list":{"filter":{"search":"x"},"sort":"title"}}}"#,
        r#"{"do":"change_settings","settings":{"theme":"dark"}}"#,
        r#"{"do":"play_tracks","tracks":{"from":"playlist","playlist":3}}"#,
        r#"{"do":"edit","edit":"create_playlist","name":"x","smart":{"search":"year:1999"}}"#,
        r#"{"do":"edit","edit":"set_rating","tracks":{"from":"ids","ids":[1]},"rating":4}"#,
        r#"{"do":"set_room","room":"00:11:22:33:44:55","volume":40}"#,
    ];
    for text in good {
        serde_json::from_str::<Command>(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    }
    let bad = [
        r#"{"do":"dance"}"#,
        r#"{"do":"play","loud":true}"#,
        r#"{"do":"seek"}"#,
        r#"{"do":"seek","position_s":"1"}"#,
        r#"{"do":"set_mastering","preset":"loud"}"#,
        r#"{"do":"set_mastering","intensity":"much"}"#,
        r#"{"do":"set_volume","volume":-1}"#,
        r#"{"do":"set_volume","volume":50.5}"#,
        r#"{"do":"set_volume","volume":256}"#,
        r#"{"do":"change_settings","settings":{"colour":"dark"}}"#,
        r#"{"do":"edit","edit":"set_rating","tracks":{"from":"ids","ids":[1]},"stars":4}"#,
        r#"{"do":"edit","edit":"burn"}"#,
        r#"{"do":"set_room","room":"x","colour":"red"}"#,
        r#"{"do":"edit"}"#,
        r#"[]"#,
    ];
    for text in bad {
        assert!(serde_json::from_str::<Command>(text).is_err(), "{text}");
    }
}

#[test]
fn every_command_is_completed_once() {
    let mut fixture = PlayerFixture::new();
    for command in [play(&[1], 0), play(&[], 0), Command::Scan {}, Command::Toggle {}, Command::Undo {}] {
        fixture.run(command);
    }
    assert_eq!(fixture.answers.len(), 5);
}

#[test]
fn invalid_edits_are_rejected_before_they_reach_the_library() {
    let tracks = || TrackSelection::Ids { ids: vec![TrackId(1)] };
    let name = String::new;
    for edit in [
        UserDataEdit::CreatePlaylist { name: "  ".into(), tracks: None, smart: None },
        UserDataEdit::CreatePlaylist { name: "x".repeat(201), tracks: None, smart: None },
        UserDataEdit::CreatePlaylist {
            name: "x".into(),
            tracks: Some(tracks()),
            smart: Some(SmartPlaylist::default()),
        },
        UserDataEdit::RenamePlaylist { playlist: PlaylistId(1), name: name() },
        UserDataEdit::SetRating { tracks: tracks(), rating: Some(6) },
        UserDataEdit::SetFavourite { tracks: TrackSelection::Ids { ids: vec![TrackId(1); 100_001] }, favourite: true },
    ] {
        let mut fixture = PlayerFixture::new();
        fixture.run(Command::Edit(edit.clone()));
        assert!(matches!(&fixture.answers[..], [Err(refusal)] if refusal.code == ErrorCode::OutOfRange), "{edit:?}");
    }
}

#[test]
fn settings_change_one_by_one_within_their_limits() {
    let mut fixture = PlayerFixture::new();
    let change = |settings: &str| {
        let command = format!(r#"{{"do":"change_settings","settings":{settings}}}"#);
        serde_json::from_str::<Command>(&command).expect("a command")
    };
    fixture.run(change(r#"{"panel":"queue"}"#));
    fixture.run(change(r#"{"language":"de","shortcuts":{"mute":"Ctrl+M"}}"#));
    let settings = fixture.view().settings;
    assert_eq!((settings.open_panel, settings.language.as_str()), (Panel::Queue, "de"));
    assert_eq!(settings.shortcuts["mute"], "Ctrl+M");

    let many: Vec<String> = (0..49).map(|n| format!(r#""action {n}":"Ctrl+M""#)).collect();
    for bad in [
        format!(r#"{{"view":"{}"}}"#, "x".repeat(201)),
        format!(r#"{{"view":"{}"}}"#, r"\u0001".repeat(34)),
        format!(r#"{{"language":"{}"}}"#, "x".repeat(36)),
        format!(r#"{{"shortcuts":{{{}}}}}"#, many.join(",")),
        format!(r#"{{"shortcuts":{{"mute":"{}"}}}}"#, "x".repeat(32)),
        format!(r#"{{"shortcuts":{{"{}":"x"}}}}"#, "x".repeat(25)),
    ] {
        fixture.run(change(&bad));
        let refused = fixture.answers.last().is_some_and(|answer| answer.is_err());
        assert!(refused, "{bad}");
    }
    assert_eq!(fixture.view().settings, settings);

    let most: Vec<String> = (0..48).map(|n| format!(r#""{n:0>24}":"{}""#, "x".repeat(31))).collect();
    fixture.run(change(&format!(r#"{{"shortcuts":{{{}}}}}"#, most.join(","))));
    fixture.run(change(&format!(r#"{{"view":"{}","language":"{}"}}"#, "x".repeat(200), "x".repeat(35))));
    fixture.run(change(r#"{"remote":{"enabled":false,"port":65535,"lan":false},"pre_amp_db":-14.123456}"#));
    let scrobbling = format!(r#"{{"server":"https://{}","token":"{}"}}"#, "x".repeat(56), "x".repeat(64));
    fixture.run(change(&format!(r#"{{"scrobbling":{scrobbling}}}"#)));
    fixture.run(change(&format!(r#"{{"rooms":{{"server":"existing","host":"{}"}}}}"#, "x".repeat(64))));
    let output = Some(OutputId("x".repeat(144)));
    let settings = Settings { output, ..fixture.view().settings };
    assert_eq!((settings.shortcuts.len(), settings.last_route.len()), (48, 200));
    let size = bytes(StateSection::Settings(settings));
    assert!(size < 4_096, "{size} bytes");
}

#[test]
fn settings_from_a_file_keep_the_same_limits() {
    let settings = Settings {
        last_route: "x".repeat(201),
        language: "x".repeat(36),
        shortcuts: [("mute".to_owned(), "x".repeat(33))].into(),
        theme: Theme::Dark,
        ..Settings::default()
    };
    let settings = PlayerFixture::restored(RestoredState { settings, ..RestoredState::default() }).view().settings;
    assert_eq!(settings, Settings { theme: Theme::Dark, ..Settings::default() });
}

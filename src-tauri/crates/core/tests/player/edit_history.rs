//! Undo and redo across the queue and the library.

use auralis_core::*;

use crate::fixture::{PlayerFixture, enqueue, ids};

/// A player that plays 1, with a favourite and a new playlist among its edits.
fn edited() -> PlayerFixture {
    let mut fixture = PlayerFixture::playing(&[1, 2], 0);
    make(&mut fixture, Ok(Some(record(10, 3, ""))), favourite());
    fixture.run(enqueue(&[9], QueuePosition::UpNext));
    make(&mut fixture, Ok(Some(record(11, 1, "Party"))), create_playlist());
    fixture.take_engine_log();
    fixture
}

fn make(fixture: &mut PlayerFixture, result: Result<Option<EditRecord>, ApiError>, edit: UserDataEdit) {
    fixture.edit_results.push_back(result);
    fixture.run(Command::Edit(edit));
}

fn record(id: i64, count: usize, name: &str) -> EditRecord {
    EditRecord { id: LibraryEditId(id), count, name: name.into() }
}

fn favourite() -> UserDataEdit {
    UserDataEdit::SetFavourite { tracks: ids(&[1, 2, 3]), favourite: true }
}

fn create_playlist() -> UserDataEdit {
    UserDataEdit::CreatePlaylist { name: "Party".into(), tracks: Some(ids(&[1])), smart: None }
}

/// The last announcement: what was done, and the edit.
fn announced(fixture: &PlayerFixture) -> (EditAction, EditKind, u32, String) {
    let LastEdit { action, edit, .. } = fixture.view().queue.last_edit.expect("an announcement");
    (action, edit.kind, edit.count, edit.name)
}

#[test]
fn undo_takes_back_the_last_edit_of_whatever_kind_and_says_which() {
    let fixture = &mut edited();
    assert_eq!(announced(fixture), (EditAction::Made, EditKind::CreatePlaylist, 1, "Party".into()));
    fixture.run(Command::Undo {});
    assert_eq!(announced(fixture), (EditAction::Undone, EditKind::CreatePlaylist, 1, "Party".into()));
    assert_eq!((fixture.take_engine_log().as_str(), fixture.queue().as_str()), ("revert 11", "[1] +9 2"));
    fixture.run(Command::Undo {});
    assert_eq!(announced(fixture), (EditAction::Undone, EditKind::Insert, 1, String::new()));
    assert_eq!(fixture.state(), "playing 1 | [1] 2", "it keeps playing");
    fixture.take_engine_log();
    fixture.run(Command::Undo {});
    assert_eq!(announced(fixture), (EditAction::Undone, EditKind::AddFavourites, 3, String::new()));
    assert_eq!(fixture.take_engine_log(), "revert 10");
    fixture.run(Command::Redo {}).run(Command::Redo {}).run(Command::Redo {});
    assert_eq!(announced(fixture), (EditAction::Redone, EditKind::CreatePlaylist, 1, "Party".into()));
    assert!(fixture.take_engine_log().ends_with("revert 11"));
    assert_eq!(fixture.state(), "playing 1 | [1] +9 2");
    assert_eq!(fixture.view().queue.redo_count, 0);
}

#[test]
fn the_history_survives_a_restart() {
    let fixture = &mut edited();
    fixture.run(Command::Undo {});
    let written = serde_json::to_vec(&fixture.core.saved_queue()).expect("written");
    let restored = RestoredState {
        queue: serde_json::from_slice(&written).expect("read"),
        playback: fixture.core.saved_playback(),
        ..RestoredState::default()
    };
    let again = &mut PlayerFixture::restored(restored);
    let (before, after) = (fixture.view().queue, again.view().queue);
    assert_eq!((before.next_undo, before.next_redo), (after.next_undo, after.next_redo));
    again.run(Command::Redo {});
    assert_eq!(again.take_engine_log(), "revert 11");
    again.run(Command::Undo {}).run(Command::Undo {});
    assert_eq!(again.queue(), "[1] 2");
}

#[test]
fn each_change_of_the_history_is_saved() {
    let fixture = &mut edited();
    let mut last = fixture.core.saved_queue_revision();
    for command in [Command::Undo {}, Command::Undo {}, Command::Redo {}] {
        fixture.run(command);
        assert!(fixture.core.saved_queue_revision() > last);
        last = fixture.core.saved_queue_revision();
    }
    make(fixture, Ok(Some(record(12, 1, ""))), favourite());
    assert!(fixture.core.saved_queue_revision() > last);
}

#[test]
fn an_edit_that_changed_nothing_is_no_step() {
    let fixture = &mut edited();
    let before = fixture.view().queue;
    make(fixture, Ok(None), favourite());
    make(fixture, Err(ApiError::new(ErrorCode::Failed, "The disk is full.")), favourite());
    assert_eq!(fixture.view().queue, before);
}

#[test]
fn undo_waits_for_a_running_edit_and_later_commands_wait_for_undo() {
    let fixture = &mut edited();
    fixture.slow_edits = true;
    make(fixture, Ok(Some(record(12, 1, ""))), favourite());
    fixture.run(Command::Undo {}).run(Command::ClearQueue {});
    let answers = fixture.answers.len();
    assert!(!fixture.core.is_idle());
    assert_eq!((fixture.take_engine_log().as_str(), fixture.queue().as_str()), ("", "[1] +9 2"));
    fixture.library_answers();
    assert_eq!(fixture.queue(), "[1] +9 2", "undo is running");
    fixture.library_answers();
    assert_eq!(fixture.take_engine_log(), "revert 12, stop");
    assert_eq!((fixture.queue().as_str(), fixture.answers.len()), ("", answers + 3));
    assert!(fixture.core.is_idle());
}

#[test]
fn what_can_no_longer_be_undone_is_dropped_but_a_failure_can_be_retried() {
    let fixture = &mut edited();
    fixture.edit_results.push_back(Err(ApiError::new(ErrorCode::Failed, "The disk is full.")));
    fixture.run(Command::Undo {});
    assert_eq!((fixture.last_error_code(), fixture.view().queue.undo_count), (Some(ErrorCode::Failed), 4));
    fixture.edit_results.push_back(Err(ApiError::new(ErrorCode::NotPossible, "It can no longer be undone.")));
    fixture.run(Command::Undo {});
    assert_eq!((fixture.last_error_code(), fixture.view().queue.undo_count), (Some(ErrorCode::NotPossible), 3));
    assert_eq!(fixture.retained_edits, Some(vec![LibraryEditId(10)]));
    fixture.run(Command::Undo {});
    assert_eq!(announced(fixture).1, EditKind::Insert);
}

#[test]
fn the_library_drops_edits_that_are_no_longer_in_the_history() {
    let fixture = &mut edited();
    fixture.run(Command::Undo {});
    assert_eq!(fixture.retained_edits, None);
    fixture.run(enqueue(&[8], QueuePosition::End));
    assert_eq!(fixture.retained_edits, Some(vec![LibraryEditId(10)]), "redo is gone");
    for n in 0..60 {
        fixture.run(enqueue(&[n + 1], QueuePosition::End));
    }
    assert_eq!((fixture.retained_edits.take(), fixture.view().queue.undo_count), (Some(Vec::new()), 50));
}

#[test]
fn a_remote_client_cannot_undo_a_tag_edit() {
    let fixture = &mut edited();
    let tags = EditableTags { title: Some("x".into()), ..EditableTags::default() };
    fixture.edit_results.push_back(Ok(Some(record(12, 1, ""))));
    fixture.run(Command::EditTags { tracks: ids(&[1]), tags: Box::new(tags) });
    fixture.is_local = false;
    fixture.run(Command::Undo {});
    assert_eq!(fixture.last_error_code(), Some(ErrorCode::Forbidden));
    fixture.is_local = true;
    fixture.run(Command::Undo {});
    fixture.is_local = false;
    fixture.run(Command::Redo {});
    assert_eq!(fixture.last_error_code(), Some(ErrorCode::Forbidden));
    fixture.run(Command::Undo {});
    assert_eq!(announced(fixture).1, EditKind::CreatePlaylist);
}

#[test]
fn a_drag_into_the_queue_is_one_step() {
    let fixture = &mut PlayerFixture::playing(&[1, 2, 3], 0);
    let before = Some(fixture.entry(2));
    fixture.run(Command::Enqueue { tracks: ids(&[8, 9]), position: QueuePosition::End, before });
    assert_eq!(fixture.queue(), "[1] 2 +8 +9 3");
    fixture.run(Command::Undo {});
    assert_eq!(fixture.queue(), "[1] 2 3");
    let unknown = Some(EntryId(99));
    fixture.run(Command::Enqueue { tracks: ids(&[8]), position: QueuePosition::End, before: unknown });
    assert_eq!(fixture.last_error_code(), Some(ErrorCode::NotFound));
}

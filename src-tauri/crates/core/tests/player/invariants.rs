//! After any sequence of steps the queue is consistent and the engine plays what the queue says.

use std::collections::HashSet;

use auralis_core::*;
use proptest::prelude::*;

use crate::fixture::{PlayerFixture, enqueue, play};

#[derive(Debug, Clone)]
enum Step {
    Do(Command),
    JumpTo(usize),
    Remove(Vec<usize>),
    Move(Vec<usize>, Option<usize>),
    TrackEnds,
    Hear(f64),
}

fn step() -> impl Strategy<Value = Step> {
    let tracks = || prop::collection::vec(1i64..30, 0..6);
    let position = prop_oneof![Just(QueuePosition::Next), Just(QueuePosition::UpNext), Just(QueuePosition::End)];
    let repeat = prop_oneof![Just(Repeat::None), Just(Repeat::One), Just(Repeat::All)];
    prop_oneof![
        2 => (tracks(), 0u32..6).prop_map(|(tracks, start)| Step::Do(play(&tracks, start))),
        3 => (tracks(), position).prop_map(|(tracks, position)| Step::Do(enqueue(&tracks, position))),
        2 => prop::collection::vec(0usize..40, 1..4).prop_map(Step::Remove),
        2 => (prop::collection::vec(0usize..40, 1..4), prop::option::of(0usize..40)).prop_map(|(a, b)| Step::Move(a, b)),
        2 => (0usize..40).prop_map(Step::JumpTo),
        3 => Just(Step::TrackEnds),
        1 => (0.1f64..9.0).prop_map(Step::Hear),
        1 => any::<bool>().prop_map(|enabled| Step::Do(Command::SetShuffle { enabled })),
        1 => repeat.prop_map(|mode| Step::Do(Command::SetRepeat { mode })),
        1 => (-10.0f64..130.0).prop_map(|position_s| Step::Do(Command::Seek { position_s })),
        4 => prop_oneof![
            Just(Command::Play {}), Just(Command::Pause {}), Just(Command::Toggle {}), Just(Command::Stop {}),
            Just(Command::Next {}), Just(Command::Previous {}), Just(Command::Undo {}), Just(Command::Redo {}),
            Just(Command::ClearQueue {}),
        ].prop_map(Step::Do),
    ]
}

fn perform(fixture: &mut PlayerFixture, step: &Step) {
    let length = fixture.view().queue.length as usize;
    let entry = |fixture: &PlayerFixture, index: usize| fixture.entry((index % length) as u32);
    let distinct = |fixture: &PlayerFixture, indexes: &[usize]| {
        let mut seen = HashSet::new();
        indexes.iter().map(|&index| entry(fixture, index)).filter(|&id| seen.insert(id)).collect::<Vec<_>>()
    };
    match step {
        Step::Do(command) => drop(fixture.run(command.clone())),
        Step::TrackEnds if fixture.current.is_some() => drop(fixture.track_ends()),
        Step::Hear(seconds) if fixture.view().player.transport == PlaybackState::Playing => {
            fixture.plays_for(*seconds);
        }
        Step::JumpTo(index) if length > 0 => drop(fixture.run(Command::JumpTo { entry: entry(fixture, *index) })),
        Step::Remove(indexes) if length > 0 => {
            let entries = distinct(fixture, indexes);
            fixture.run(Command::RemoveEntries { entries });
        }
        Step::Move(indexes, before) if length > 0 => {
            let entries = distinct(fixture, indexes);
            let before = before.map(|index| entry(fixture, index));
            fixture.run(Command::MoveEntries { entries, before });
        }
        _ => {}
    }
}

fn check(fixture: &PlayerFixture) -> Result<(), TestCaseError> {
    let view = fixture.view();
    let entries = fixture.core.queue_slice(0, u32::MAX);
    prop_assert_eq!(view.queue.length as usize, entries.len());
    prop_assert_eq!(
        view.queue.current.is_some(),
        !entries.is_empty(),
        "a current entry exactly when there are entries"
    );
    let ids: HashSet<EntryId> = entries.iter().map(|entry| entry.id).collect();
    prop_assert_eq!(ids.len(), entries.len(), "no entry twice");
    let current = view.queue.current.map(|index| entries[index as usize]);
    prop_assert_eq!(view.player.entry, current.map(|entry| entry.id));
    prop_assert_eq!(view.player.track.map(|track| track.id), current.map(|entry| entry.track));
    if view.player.transport == PlaybackState::Playing {
        prop_assert_eq!(fixture.current.map(|(_, track)| track), current.map(|entry| entry.track.0), "heard is shown");
        let following = match (view.player.repeat, view.queue.current) {
            (Repeat::One, _) => current,
            (_, Some(index)) => entries.get(index as usize + 1).copied(),
            _ => None,
        };
        if let Some(following) = following {
            prop_assert_eq!(fixture.prepared.map(|(_, track)| track), Some(following.track.0), "shown next plays next");
        }
    }
    prop_assert!(view.player.transport != PlaybackState::Loading, "this engine opens at once");
    prop_assert!(view.position.position_s >= 0.0);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn invariants_hold_after_any_steps(steps in prop::collection::vec(step(), 1..80)) {
        let mut fixture = PlayerFixture::new();
        for step in &steps {
            perform(&mut fixture, step);
            check(&fixture)?;
        }
    }

    #[test]
    fn undoing_everything_restores_the_first_queue(steps in prop::collection::vec(step(), 1..40)) {
        let mut fixture = PlayerFixture::playing(&[1, 2, 3], 0);
        let before = fixture.core.queue_slice(0, 99);
        for step in steps.iter().filter(|step| !matches!(step, Step::Do(Command::Undo {} | Command::Redo {}))) {
            perform(&mut fixture, step);
        }
        while fixture.view().queue.undo_count > 1 {
            fixture.run(Command::Undo {});
        }
        let edits_fit = fixture.view().queue.redo_count < 50;
        let plain = |entries: &[Entry]| entries.iter().map(|entry| entry.id).collect::<Vec<_>>();
        if edits_fit {
            prop_assert_eq!(plain(&fixture.core.queue_slice(0, 99)), plain(&before));
        }
    }
}

//! Compares the player with a naive model after each of a million random commands of five clients.
//!
//! The model states the rules in the simplest way, with vectors that are copied as a whole. It does not predict shuffles:
//! a shuffled order is taken from the player after checking that it is a valid permutation.

use auralis_core::*;
use fastrand::Rng;

use crate::fixture::{DURATION_S, PlayerFixture, enqueue, play};

const STEPS: usize = 1_000_000;
const CLIENTS: [ClientKind; 5] =
    [ClientKind::MainWindow, ClientKind::Browser, ClientKind::CommandLine, ClientKind::Tray, ClientKind::Mpris];

#[derive(Debug, Clone, Default, PartialEq)]
struct Order {
    entries: Vec<Entry>,
    current: Option<usize>,
    unshuffled: Option<Vec<Entry>>,
}

#[derive(Debug, Default)]
struct Model {
    order: Order,
    undo: Vec<(EditSummary, Order)>,
    redo: Vec<(EditSummary, Order)>,
    edited_by: Option<ClientKind>,
    next_id: u64,
    transport: PlaybackState,
    position_s: f64,
    volume: u8,
    muted: bool,
    repeat: Repeat,
}

/// The order and current entry after a shuffle, which the model cannot predict.
struct ObservedShuffle {
    entries: Vec<Entry>,
    current: Option<usize>,
}

impl Order {
    fn up_next_end(&self) -> usize {
        let Some(current) = self.current else { return 0 };
        (current + 1..self.entries.len()).find(|&at| !self.entries[at].user_queued).unwrap_or(self.entries.len())
    }

    fn index(&self, id: EntryId) -> Option<usize> {
        self.entries.iter().position(|entry| entry.id == id)
    }

    fn set_current(&mut self, index: Option<usize>) {
        self.current = index;
        if let Some(index) = index {
            self.entries[index].user_queued = false;
        }
    }

    fn insert(&mut self, at: usize, new: &[Entry]) {
        let current = self.current.map(|current| self.entries[current].id);
        self.entries.splice(at..at, new.iter().copied());
        self.current = match current {
            Some(id) => self.index(id),
            None => (!self.entries.is_empty()).then_some(0),
        };
    }

    fn check_and_adopt(&mut self, observed: &ObservedShuffle, front: &[Entry]) {
        let sorted = |entries: &[Entry]| {
            let mut ids: Vec<_> = entries.iter().map(|entry| (entry.id, entry.track, entry.user_queued)).collect();
            ids.sort();
            ids
        };
        assert_eq!(sorted(&observed.entries), sorted(&self.entries), "a permutation: each entry once");
        assert!(observed.entries.starts_with(front), "the current entry first, then what the listener queued");
        self.entries = observed.entries.clone();
        self.current = observed.current;
    }

    fn shuffle(&mut self, observed: &ObservedShuffle) {
        self.unshuffled = Some(self.entries.clone());
        if let Some(current) = self.current {
            let front = self.entries[current..self.up_next_end()].to_vec();
            self.check_and_adopt(observed, &front);
            assert_eq!(self.current, Some(0));
        }
    }

    fn unshuffle(&mut self) {
        let Some(before) = self.unshuffled.take() else { return };
        let current = self.current.map(|index| self.entries[index].id);
        let mut order: Vec<Entry> = before.iter().filter(|old| self.index(old.id).is_some()).copied().collect();
        let known = |id: EntryId| before.iter().any(|old| old.id == id);
        let mut behind: Option<EntryId> = None;
        let mut at_front = 0;
        for entry in &self.entries {
            if known(entry.id) {
                behind = Some(entry.id);
                continue;
            }
            let at = match behind {
                Some(id) => order.iter().position(|other| other.id == id).expect("it is there") + 1,
                None => at_front,
            };
            order.insert(at, *entry);
            match behind {
                Some(_) => behind = Some(entry.id),
                None => at_front += 1,
            }
        }
        self.entries = order;
        self.current = current.and_then(|id| self.index(id));
    }
}

impl Model {
    fn new() -> Self {
        Model { volume: RestoredState::default().volume, ..Model::default() }
    }

    fn edit(&mut self, kind: EditKind, entries: usize, by: ClientKind) {
        self.undo
            .push((EditSummary { kind, count: entries as u32, client: by, name: String::new() }, self.order.clone()));
        if self.undo.len() > 50 {
            self.undo.remove(0);
        }
        self.redo.clear();
        self.edited_by = Some(by);
    }

    fn new_entries(&mut self, tracks: &[TrackId], user_queued: bool) -> Vec<Entry> {
        let first = self.next_id;
        self.next_id += tracks.len() as u64;
        (first..).zip(tracks).map(|(id, &track)| Entry { id: EntryId(id), track, user_queued }).collect()
    }

    fn start_playing(&mut self, position_s: f64) {
        self.transport = PlaybackState::Playing;
        self.position_s = position_s;
    }

    fn stop(&mut self) {
        self.transport = PlaybackState::Stopped;
        self.position_s = 0.0;
    }

    fn on_entry_changed(&mut self) {
        self.position_s = 0.0;
    }

    fn has_position(&self) -> bool {
        matches!(self.transport, PlaybackState::Playing | PlaybackState::Paused)
    }

    /// Advances to the next entry. `auto_advance`: the track ended.
    fn advance(&mut self, auto_advance: bool, observed: &ObservedShuffle) {
        let Some(current) = self.order.current else { return self.stop() };
        let length = self.order.entries.len();
        if auto_advance && self.repeat == Repeat::One {
            self.order.set_current(Some(current));
        } else if current + 1 < length {
            self.order.set_current(Some(current + 1));
        } else if self.repeat == Repeat::All || (self.repeat == Repeat::One && !auto_advance) {
            if self.order.unshuffled.is_some() {
                let heard = self.order.entries[current].track;
                let others = self.order.entries.iter().any(|entry| entry.track != heard);
                let first = observed.entries[0];
                assert!(!others || first.track != heard, "never the same track twice in a row");
                let at = self.order.index(first.id).expect("an entry of this queue");
                self.order.set_current(Some(at));
                let before = self.order.unshuffled.clone();
                self.order.shuffle(observed);
                self.order.unshuffled = before;
            } else {
                self.order.set_current(Some(0));
            }
        } else {
            return self.stop();
        }
        self.on_entry_changed();
    }

    /// Returns whether the command is rejected.
    fn perform(&mut self, by: ClientKind, command: &Command, observed: &ObservedShuffle) -> bool {
        match command {
            Command::Play {} => match self.transport {
                PlaybackState::Playing => {}
                _ if self.order.current.is_none() => return true,
                _ => self.start_playing(self.position_s),
            },
            Command::Pause {} if self.transport == PlaybackState::Playing => self.transport = PlaybackState::Paused,
            Command::Pause {} => {}
            Command::Toggle {} if self.transport == PlaybackState::Playing => self.transport = PlaybackState::Paused,
            Command::Toggle {} => return self.perform(by, &Command::Play {}, observed),
            Command::Stop {} => self.stop(),
            Command::Next {} => self.advance(false, observed),
            Command::Previous {} => match self.order.current {
                Some(current) if current > 0 && self.position_s <= 3.0 => {
                    self.order.set_current(Some(current - 1));
                    self.on_entry_changed();
                }
                _ if self.has_position() => self.position_s = 0.0,
                _ => {}
            },
            Command::Seek { .. } if !self.has_position() => return true,
            Command::Seek { position_s } if *position_s >= DURATION_S => self.advance(true, observed),
            Command::Seek { position_s } => self.position_s = position_s.max(0.0),
            Command::SetVolume { volume } if *volume > 100 => return true,
            Command::SetVolume { volume } => self.volume = *volume,
            Command::SetMuted { muted } => self.muted = *muted,
            Command::SetRepeat { mode } => self.repeat = *mode,
            Command::SetShuffle { enabled } if *enabled == self.order.unshuffled.is_some() => {}
            Command::SetShuffle { enabled: true } => {
                self.edit(EditKind::Shuffle, self.order.entries.len(), by);
                self.order.shuffle(observed);
            }
            Command::SetShuffle { enabled: false } => {
                self.edit(EditKind::Unshuffle, self.order.entries.len(), by);
                self.order.unshuffle();
            }
            Command::PlayTracks { tracks: TrackSelection::Ids { ids }, start, start_track: None } => {
                if ids.is_empty() || start.is_some_and(|start| start as usize >= ids.len()) {
                    return true;
                }
                let context = self.new_entries(ids, false);
                self.edit(EditKind::Play, ids.len(), by);
                let up_next = match self.order.current {
                    Some(current) => self.order.entries[current + 1..self.order.up_next_end()].to_vec(),
                    None => Vec::new(),
                };
                let shuffled = self.order.unshuffled.take().is_some();
                let start = match start {
                    Some(start) => *start as usize,
                    None if shuffled => {
                        context.iter().position(|entry| entry.id == observed.entries[0].id).expect("one of the context")
                    }
                    None => 0,
                };
                (self.order.entries, self.order.current) = (context, Some(start));
                if shuffled {
                    // The player shuffled before it inserted "Up next".
                    let mut entries = observed.entries.clone();
                    entries.retain(|entry| !up_next.iter().any(|waits| waits.id == entry.id));
                    self.order.shuffle(&ObservedShuffle { entries, current: Some(0) });
                }
                let at = self.order.current.map_or(0, |current| current + 1);
                self.order.insert(at, &up_next);
                self.start_playing(0.0);
            }
            Command::Enqueue { tracks: TrackSelection::Ids { ids }, position, before: None } => {
                if !ids.is_empty() {
                    let new = self.new_entries(ids, *position != QueuePosition::End);
                    self.edit(EditKind::Insert, ids.len(), by);
                    let at = match position {
                        QueuePosition::Next => self.order.current.map_or(0, |current| current + 1),
                        QueuePosition::UpNext => self.order.up_next_end(),
                        QueuePosition::End => self.order.entries.len(),
                    };
                    self.order.insert(at, &new);
                }
            }
            Command::JumpTo { entry } => {
                let Some(index) = self.order.index(*entry) else { return true };
                self.jump(index);
                self.start_playing(0.0);
            }
            Command::RemoveEntries { entries } => {
                if entries.iter().any(|&id| self.order.index(id).is_none()) {
                    return true;
                }
                if !entries.is_empty() {
                    self.remove(entries, by);
                }
            }
            Command::MoveEntries { entries, before } => {
                if entries.iter().chain(before).any(|&id| self.order.index(id).is_none()) {
                    return true;
                }
                if !entries.is_empty() {
                    self.shift(entries, *before, by);
                }
            }
            Command::ClearQueue {} => {
                self.stop();
                if !self.order.entries.is_empty() {
                    self.edit(EditKind::Clear, self.order.entries.len(), by);
                    let unshuffled = self.order.unshuffled.as_ref().map(|_| Vec::new());
                    self.order = Order { unshuffled, ..Order::default() };
                }
            }
            Command::Undo {} => {
                let Some((edit, order)) = self.undo.pop() else { return true };
                let today = self.swap_order(order, by);
                self.redo.push((edit, today));
            }
            Command::Redo {} => {
                let Some((edit, order)) = self.redo.pop() else { return true };
                let today = self.swap_order(order, by);
                self.undo.push((edit, today));
            }
            other => panic!("the model knows no {other:?}"),
        }
        false
    }

    fn jump(&mut self, index: usize) {
        let order = &mut self.order;
        let current = order.current.expect("there are entries");
        let up_next = current + 1..order.up_next_end();
        if index == current || up_next.contains(&index) {
            for passed in up_next.start..index {
                order.entries[passed].user_queued = false;
            }
            order.set_current(Some(index));
        } else if index > current && order.unshuffled.is_some() {
            let target = order.entries.remove(index);
            order.entries.insert(current + 1, target);
            order.set_current(Some(current + 1));
        } else {
            let target = order.entries[index].id;
            let kept: Vec<Entry> = order.entries.drain(up_next).collect();
            let at = order.index(target).expect("it does not wait");
            order.set_current(Some(at));
            order.entries.splice(at + 1..at + 1, kept);
        }
    }

    fn remove(&mut self, ids: &[EntryId], by: ClientKind) {
        let mut distinct = ids.to_vec();
        distinct.sort();
        distinct.dedup();
        self.edit(EditKind::Remove, distinct.len(), by);
        let order = &mut self.order;
        let current = order.current.expect("there are entries");
        let survivor = (current..order.entries.len()).map(|at| order.entries[at].id).find(|id| !ids.contains(id));
        let replaced = ids.contains(&order.entries[current].id);
        order.entries.retain(|entry| !ids.contains(&entry.id));
        let index = survivor.and_then(|id| order.index(id)).or(order.entries.len().checked_sub(1));
        order.set_current(index);
        match (replaced, survivor) {
            (false, _) => {}
            (true, Some(_)) => self.on_entry_changed(),
            (true, None) => self.stop(),
        }
    }

    fn shift(&mut self, ids: &[EntryId], before: Option<EntryId>, by: ClientKind) {
        let mut distinct: Vec<EntryId> = Vec::new();
        for (at, id) in ids.iter().enumerate() {
            // For entries given twice, the last position counts.
            if !ids[at + 1..].contains(id) {
                distinct.push(*id);
            }
        }
        self.edit(EditKind::Move, distinct.len(), by);
        let order = &mut self.order;
        let current = order.current.map(|index| order.entries[index].id);
        let target = before.and_then(|id| {
            let from = order.index(id).expect("known");
            order.entries[from..].iter().map(|entry| entry.id).find(|id| !ids.contains(id))
        });
        let moving: Vec<Entry> = distinct.iter().map(|&id| order.entries[order.index(id).expect("known")]).collect();
        order.entries.retain(|entry| !ids.contains(&entry.id));
        let at = target.and_then(|id| order.index(id)).unwrap_or(order.entries.len());
        order.entries.splice(at..at, moving);
        order.current = current.and_then(|id| order.index(id));
    }

    fn swap_order(&mut self, mut order: Order, by: ClientKind) -> Order {
        let before = self.order.current.map(|index| self.order.entries[index].id);
        if let Some(index) = before.and_then(|id| order.index(id)) {
            order.current = Some(index);
        }
        let today = std::mem::replace(&mut self.order, order);
        self.edited_by = Some(by);
        match self.order.current.map(|index| self.order.entries[index].id) {
            None => self.stop(),
            after if after != before => self.on_entry_changed(),
            _ => {}
        }
        today
    }

    fn check(&self, fixture: &PlayerFixture) {
        let view = fixture.view();
        let (player, queue) = (&view.player, &view.queue);
        assert_eq!(fixture.core.queue_slice(0, u32::MAX), self.order.entries, "entries");
        assert_eq!(queue.length as usize, self.order.entries.len());
        assert_eq!(queue.current.map(|index| index as usize), self.order.current, "current");
        let current = self.order.current.map(|index| self.order.entries[index]);
        assert_eq!(
            (player.entry, player.track.as_ref().map(|track| track.id)),
            (current.map(|entry| entry.id), current.map(|entry| entry.track))
        );
        assert_eq!(
            (queue.undo_count as usize, queue.redo_count as usize),
            (self.undo.len(), self.redo.len()),
            "undo and redo"
        );
        assert_eq!(queue.next_undo, self.undo.last().map(|turn| turn.0.clone()));
        assert_eq!(queue.next_redo, self.redo.last().map(|turn| turn.0.clone()));
        assert_eq!(queue.edited_by, self.edited_by);
        assert_eq!(player.transport, self.transport, "transport");
        assert!((view.position.position_s - self.position_s).abs() < 1e-6, "position");
        assert_eq!((player.volume, player.muted), (self.volume, self.muted));
        assert_eq!((player.repeat, player.shuffle), (self.repeat, self.order.unshuffled.is_some()));
        let sounds = matches!(self.transport, PlaybackState::Playing).then(|| current.expect("plays").track.0);
        if let Some(track) = sounds {
            assert_eq!(fixture.current.map(|(_, track)| track), Some(track), "what is shown is heard");
        }
    }
}

fn random_command(rng: &mut Rng, model: &Model) -> Command {
    let length = model.order.entries.len();
    let tracks = |rng: &mut Rng| (0..rng.usize(..6)).map(|_| rng.i64(1..30)).collect::<Vec<_>>();
    let entry = |rng: &mut Rng| match length {
        0 => EntryId(u64::MAX),
        _ if rng.u8(..) < 3 => EntryId(rng.u64(..)),
        _ => model.order.entries[rng.usize(..length)].id,
    };
    let entries = |rng: &mut Rng| (0..rng.usize(..5)).map(|_| entry(rng)).collect::<Vec<_>>();
    match rng.u8(..if length > 40 { 29 } else { 26 }) {
        0 => Command::Play {},
        1 => Command::Pause {},
        2 => Command::Toggle {},
        3 if rng.bool() => Command::Stop {},
        3 | 4 => Command::Next {},
        5 => Command::Previous {},
        6 => Command::Seek { position_s: rng.f64() * 130.0 - 10.0 },
        7 => Command::SetVolume { volume: rng.u8(..110) },
        8 => Command::SetMuted { muted: rng.bool() },
        9 | 10 => Command::SetShuffle { enabled: rng.bool() },
        11 => Command::SetRepeat { mode: *rng.choice(&[Repeat::None, Repeat::One, Repeat::All]).expect("three") },
        12 => {
            let mut command = play(&tracks(rng), rng.u32(..6));
            if let Command::PlayTracks { start, .. } = &mut command
                && rng.bool()
            {
                *start = None;
            }
            command
        }
        13..=16 => {
            let position =
                *rng.choice(&[QueuePosition::Next, QueuePosition::UpNext, QueuePosition::End]).expect("three");
            enqueue(&tracks(rng), position)
        }
        17 | 18 => Command::JumpTo { entry: entry(rng) },
        19 => Command::RemoveEntries { entries: entries(rng) },
        20 | 21 => {
            let before = rng.bool().then(|| entry(rng));
            Command::MoveEntries { entries: entries(rng), before }
        }
        22 | 23 => Command::Undo {},
        24 | 25 => Command::Redo {},
        26 | 27 => Command::RemoveEntries {
            entries: model.order.entries.iter().take(length / 2).map(|entry| entry.id).collect(),
        },
        _ => Command::ClearQueue {},
    }
}

fn observed(fixture: &PlayerFixture) -> ObservedShuffle {
    let current = fixture.view().queue.current.map(|index| index as usize);
    ObservedShuffle { entries: fixture.core.queue_slice(0, u32::MAX), current }
}

#[test]
fn a_million_commands_of_five_clients_match_a_naive_model() {
    let mut rng = Rng::with_seed(20);
    let (mut fixture, mut model) = (PlayerFixture::new(), Model::new());
    for step in 0..STEPS {
        let by = CLIENTS[rng.usize(..CLIENTS.len())];
        let step_description = match rng.u8(..10) {
            0 if fixture.current.is_some() && model.transport == PlaybackState::Playing => {
                fixture.track_ends();
                model.advance(true, &observed(&fixture));
                "a track ended".to_owned()
            }
            1 if model.transport == PlaybackState::Playing && model.position_s < DURATION_S - 10.0 => {
                let seconds = rng.f64() * 9.0;
                fixture.plays_for(seconds);
                model.position_s += seconds;
                "time passed".to_owned()
            }
            _ => {
                let command = random_command(&mut rng, &model);
                fixture.run_from(by, command.clone());
                let refused = fixture.answers.pop().expect("an answer").is_err();
                assert_eq!(model.perform(by, &command, &observed(&fixture)), refused, "step {step}: {command:?}");
                format!("{command:?}")
            }
        };
        fixture.engine_log.clear();
        let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| model.check(&fixture)));
        assert!(checked.is_ok(), "step {step}: {step_description}");
        if step % 1_000 == 0 {
            let saved = fixture.core.saved_queue();
            let written = serde_json::to_vec(&saved).expect("written");
            assert_eq!(serde_json::from_slice::<SavedQueue>(&written).expect("read"), saved, "kept as it was");
        }
    }
}

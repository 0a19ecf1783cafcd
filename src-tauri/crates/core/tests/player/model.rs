//! A million random commands of five clients, and after each of them the player is what a naive model says.
//!
//! The model is the listener's rules written down the plain way: vectors that are copied whole. Chance it does not
//! predict: a shuffled order is taken from the player, once it was seen to be a permutation that keeps the rules.

use auralis_core::*;
use fastrand::Rng;

use crate::desk::{DURATION_S, Desk, enqueue, play};

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
    undo: Vec<(QueueEdit, Order)>,
    redo: Vec<(QueueEdit, Order)>,
    edited_by: Option<ClientKind>,
    next_id: u64,
    transport: PlaybackState,
    position_s: f64,
    volume: u8,
    muted: bool,
    repeat: Repeat,
}

/// What the model cannot know: the order that chance made, and where the listener stands in it.
struct Chance {
    entries: Vec<Entry>,
    current: Option<usize>,
}

impl Order {
    fn waiting_end(&self) -> usize {
        let Some(current) = self.current else { return 0 };
        (current + 1..self.entries.len()).find(|&at| !self.entries[at].user_queued).unwrap_or(self.entries.len())
    }

    fn index(&self, id: EntryId) -> Option<usize> {
        self.entries.iter().position(|entry| entry.id == id)
    }

    fn arrive(&mut self, index: Option<usize>) {
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

    fn adopt(&mut self, chance: &Chance, front: &[Entry]) {
        let sorted = |entries: &[Entry]| {
            let mut ids: Vec<_> = entries.iter().map(|entry| (entry.id, entry.track, entry.user_queued)).collect();
            ids.sort();
            ids
        };
        assert_eq!(sorted(&chance.entries), sorted(&self.entries), "a permutation: each entry once");
        assert!(chance.entries.starts_with(front), "the current entry first, then what the listener queued");
        self.entries = chance.entries.clone();
        self.current = chance.current;
    }

    fn shuffle(&mut self, chance: &Chance) {
        self.unshuffled = Some(self.entries.clone());
        if let Some(current) = self.current {
            let front = self.entries[current..self.waiting_end()].to_vec();
            self.adopt(chance, &front);
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

    fn edit(&mut self, kind: QueueEditKind, entries: usize, by: ClientKind) {
        self.undo.push((QueueEdit { kind, entries: entries as u32, client: by }, self.order.clone()));
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

    fn sound(&mut self, position_s: f64) {
        self.transport = PlaybackState::Playing;
        self.position_s = position_s;
    }

    fn finish(&mut self) {
        self.transport = PlaybackState::Stopped;
        self.position_s = 0.0;
    }

    fn arrived(&mut self) {
        self.position_s = 0.0;
    }

    fn is_open(&self) -> bool {
        matches!(self.transport, PlaybackState::Playing | PlaybackState::Paused)
    }

    /// On to what follows; `by_itself`: nobody asked.
    fn go_on(&mut self, by_itself: bool, chance: &Chance) {
        let Some(current) = self.order.current else { return self.finish() };
        let length = self.order.entries.len();
        if by_itself && self.repeat == Repeat::One {
            self.order.arrive(Some(current));
        } else if current + 1 < length {
            self.order.arrive(Some(current + 1));
        } else if self.repeat == Repeat::All || (self.repeat == Repeat::One && !by_itself) {
            if self.order.unshuffled.is_some() {
                let heard = self.order.entries[current].track;
                let others = self.order.entries.iter().any(|entry| entry.track != heard);
                let first = chance.entries[0];
                assert!(!others || first.track != heard, "never the same track twice in a row");
                let at = self.order.index(first.id).expect("an entry of this queue");
                self.order.arrive(Some(at));
                let before = self.order.unshuffled.clone();
                self.order.shuffle(chance);
                self.order.unshuffled = before;
            } else {
                self.order.arrive(Some(0));
            }
        } else {
            return self.finish();
        }
        self.arrived();
    }

    /// Returns whether it is refused.
    fn perform(&mut self, by: ClientKind, command: &Command, chance: &Chance) -> bool {
        match command {
            Command::Play {} => match self.transport {
                PlaybackState::Playing => {}
                _ if self.order.current.is_none() => return true,
                _ => self.sound(self.position_s),
            },
            Command::Pause {} if self.transport == PlaybackState::Playing => self.transport = PlaybackState::Paused,
            Command::Pause {} => {}
            Command::Toggle {} if self.transport == PlaybackState::Playing => self.transport = PlaybackState::Paused,
            Command::Toggle {} => return self.perform(by, &Command::Play {}, chance),
            Command::Stop {} => self.finish(),
            Command::Next {} => self.go_on(false, chance),
            Command::Previous {} => match self.order.current {
                Some(current) if current > 0 && self.position_s <= 3.0 => {
                    self.order.arrive(Some(current - 1));
                    self.arrived();
                }
                _ if self.is_open() => self.position_s = 0.0,
                _ => {}
            },
            Command::Seek { .. } if !self.is_open() => return true,
            Command::Seek { position_s } if *position_s >= DURATION_S => self.go_on(true, chance),
            Command::Seek { position_s } => self.position_s = position_s.max(0.0),
            Command::SetVolume { volume } if *volume > 100 => return true,
            Command::SetVolume { volume } => self.volume = *volume,
            Command::SetMuted { muted } => self.muted = *muted,
            Command::SetRepeat { mode } => self.repeat = *mode,
            Command::SetShuffle { enabled } if *enabled == self.order.unshuffled.is_some() => {}
            Command::SetShuffle { enabled: true } => {
                self.edit(QueueEditKind::Shuffle, self.order.entries.len(), by);
                self.order.shuffle(chance);
            }
            Command::SetShuffle { enabled: false } => {
                self.edit(QueueEditKind::Unshuffle, self.order.entries.len(), by);
                self.order.unshuffle();
            }
            Command::PlayTracks { tracks: TrackSelection::Ids { ids }, start, start_track: None } => {
                if ids.is_empty() || start.is_some_and(|start| start as usize >= ids.len()) {
                    return true;
                }
                let context = self.new_entries(ids, false);
                self.edit(QueueEditKind::Play, ids.len(), by);
                let waiting = match self.order.current {
                    Some(current) => self.order.entries[current + 1..self.order.waiting_end()].to_vec(),
                    None => Vec::new(),
                };
                let shuffled = self.order.unshuffled.take().is_some();
                let start = match start {
                    Some(start) => *start as usize,
                    None if shuffled => {
                        context.iter().position(|entry| entry.id == chance.entries[0].id).expect("one of the context")
                    }
                    None => 0,
                };
                (self.order.entries, self.order.current) = (context, Some(start));
                if shuffled {
                    // Chance shuffled before what waits was put behind the first.
                    let mut entries = chance.entries.clone();
                    entries.retain(|entry| !waiting.iter().any(|waits| waits.id == entry.id));
                    self.order.shuffle(&Chance { entries, current: Some(0) });
                }
                let at = self.order.current.map_or(0, |current| current + 1);
                self.order.insert(at, &waiting);
                self.sound(0.0);
            }
            Command::Enqueue { tracks: TrackSelection::Ids { ids }, position } => {
                if !ids.is_empty() {
                    let new = self.new_entries(ids, *position != QueuePosition::End);
                    self.edit(QueueEditKind::Insert, ids.len(), by);
                    let at = match position {
                        QueuePosition::Next => self.order.current.map_or(0, |current| current + 1),
                        QueuePosition::UpNext => self.order.waiting_end(),
                        QueuePosition::End => self.order.entries.len(),
                    };
                    self.order.insert(at, &new);
                }
            }
            Command::JumpTo { entry } => {
                let Some(index) = self.order.index(*entry) else { return true };
                self.jump(index);
                self.sound(0.0);
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
                self.finish();
                if !self.order.entries.is_empty() {
                    self.edit(QueueEditKind::Clear, self.order.entries.len(), by);
                    let unshuffled = self.order.unshuffled.as_ref().map(|_| Vec::new());
                    self.order = Order { unshuffled, ..Order::default() };
                }
            }
            Command::Undo {} => {
                let Some((edit, order)) = self.undo.pop() else { return true };
                let today = self.return_to(order, by);
                self.redo.push((edit, today));
            }
            Command::Redo {} => {
                let Some((edit, order)) = self.redo.pop() else { return true };
                let today = self.return_to(order, by);
                self.undo.push((edit, today));
            }
            other => panic!("the model knows no {other:?}"),
        }
        false
    }

    fn jump(&mut self, index: usize) {
        let order = &mut self.order;
        let current = order.current.expect("there are entries");
        let waiting = current + 1..order.waiting_end();
        if index == current || waiting.contains(&index) {
            for passed in waiting.start..index {
                order.entries[passed].user_queued = false;
            }
            order.arrive(Some(index));
        } else if index > current && order.unshuffled.is_some() {
            let target = order.entries.remove(index);
            order.entries.insert(current + 1, target);
            order.arrive(Some(current + 1));
        } else {
            let target = order.entries[index].id;
            let kept: Vec<Entry> = order.entries.drain(waiting).collect();
            let at = order.index(target).expect("it does not wait");
            order.arrive(Some(at));
            order.entries.splice(at + 1..at + 1, kept);
        }
    }

    fn remove(&mut self, ids: &[EntryId], by: ClientKind) {
        let mut distinct = ids.to_vec();
        distinct.sort();
        distinct.dedup();
        self.edit(QueueEditKind::Remove, distinct.len(), by);
        let order = &mut self.order;
        let current = order.current.expect("there are entries");
        let survivor = (current..order.entries.len()).map(|at| order.entries[at].id).find(|id| !ids.contains(id));
        let replaced = ids.contains(&order.entries[current].id);
        order.entries.retain(|entry| !ids.contains(&entry.id));
        let index = survivor.and_then(|id| order.index(id)).or(order.entries.len().checked_sub(1));
        order.arrive(index);
        match (replaced, survivor) {
            (false, _) => {}
            (true, Some(_)) => self.arrived(),
            (true, None) => self.finish(),
        }
    }

    fn shift(&mut self, ids: &[EntryId], before: Option<EntryId>, by: ClientKind) {
        let mut distinct: Vec<EntryId> = Vec::new();
        for (at, id) in ids.iter().enumerate() {
            // Named twice, the last position counts.
            if !ids[at + 1..].contains(id) {
                distinct.push(*id);
            }
        }
        self.edit(QueueEditKind::Move, distinct.len(), by);
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

    fn return_to(&mut self, mut order: Order, by: ClientKind) -> Order {
        let before = self.order.current.map(|index| self.order.entries[index].id);
        if let Some(index) = before.and_then(|id| order.index(id)) {
            order.current = Some(index);
        }
        let today = std::mem::replace(&mut self.order, order);
        self.edited_by = Some(by);
        match self.order.current.map(|index| self.order.entries[index].id) {
            None => self.finish(),
            after if after != before => self.arrived(),
            _ => {}
        }
        today
    }

    fn check(&self, desk: &Desk) {
        let view = desk.view();
        let (player, queue) = (&view.player, &view.queue);
        assert_eq!(desk.core.queue_slice(0, u32::MAX), self.order.entries, "entries");
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
        assert_eq!(queue.next_undo, self.undo.last().map(|turn| turn.0));
        assert_eq!(queue.next_redo, self.redo.last().map(|turn| turn.0));
        assert_eq!(queue.edited_by, self.edited_by);
        assert_eq!(player.transport, self.transport, "transport");
        assert!((view.position.position_s - self.position_s).abs() < 1e-6, "position");
        assert_eq!((player.volume, player.muted), (self.volume, self.muted));
        assert_eq!((player.repeat, player.shuffle), (self.repeat, self.order.unshuffled.is_some()));
        let sounds = matches!(self.transport, PlaybackState::Playing).then(|| current.expect("plays").track.0);
        if let Some(track) = sounds {
            assert_eq!(desk.current.map(|(_, track)| track), Some(track), "what is shown is heard");
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

fn chance(desk: &Desk) -> Chance {
    let current = desk.view().queue.current.map(|index| index as usize);
    Chance { entries: desk.core.queue_slice(0, u32::MAX), current }
}

#[test]
fn a_million_commands_of_five_clients_leave_what_a_naive_model_says() {
    let mut rng = Rng::with_seed(20);
    let (mut desk, mut model) = (Desk::new(), Model::new());
    for step in 0..STEPS {
        let by = CLIENTS[rng.usize(..CLIENTS.len())];
        let told = match rng.u8(..10) {
            0 if desk.current.is_some() && model.transport == PlaybackState::Playing => {
                desk.track_ends();
                model.go_on(true, &chance(&desk));
                "a track ended".to_owned()
            }
            1 if model.transport == PlaybackState::Playing && model.position_s < DURATION_S - 10.0 => {
                let seconds = rng.f64() * 9.0;
                desk.hear(seconds);
                model.position_s += seconds;
                "time passed".to_owned()
            }
            _ => {
                let command = random_command(&mut rng, &model);
                desk.run_from(by, command.clone());
                let refused = desk.answers.pop().expect("an answer").is_err();
                assert_eq!(model.perform(by, &command, &chance(&desk)), refused, "step {step}: {command:?}");
                format!("{command:?}")
            }
        };
        desk.told.clear();
        let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| model.check(&desk)));
        assert!(checked.is_ok(), "step {step}: {told}");
        if step % 1_000 == 0 {
            let saved = desk.core.saved_queue();
            let written = serde_json::to_vec(&saved).expect("written");
            assert_eq!(serde_json::from_slice::<SavedQueue>(&written).expect("read"), saved, "kept as it was");
        }
    }
}

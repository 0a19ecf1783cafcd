//! What every client shows, and how it hears of a change.
//!
//! A snapshot holds the newest message of each section. Clients watch it and take what is newer than what they have:
//! one that sleeps misses steps in between, never the last state, and costs nobody anything.

use std::sync::Arc;
use std::time::Instant;

use auralis_core::{AppState, Capabilities, Hello, PositionState, StateSection, StateUpdate};

/// A message as it is sent, encoded once for every client.
#[derive(Debug, Clone)]
pub struct Published {
    /// Its revision.
    pub rev: u64,
    /// The message.
    pub message: Arc<StateUpdate>,
    /// The same as JSON.
    pub json: Arc<str>,
}

/// The whole truth at one revision.
#[derive(Debug, Clone)]
pub struct Snapshot {
    session: String,
    rev: u64,
    /// When player or queue changed last: what a command's `if_rev` is held against.
    player_rev: u64,
    view: AppState,
    /// When the position was told.
    position_at: Instant,
    published: Vec<Published>,
}

impl Snapshot {
    /// Before anything was published.
    pub(super) fn new(session: String) -> Self {
        Snapshot {
            session,
            rev: 0,
            player_rev: 0,
            view: AppState::default(),
            position_at: Instant::now(),
            published: Vec::new(),
        }
    }

    /// The newest revision.
    pub fn rev(&self) -> u64 {
        self.rev
    }

    /// Everything, decoded.
    pub fn view(&self) -> &AppState {
        &self.view
    }

    /// Seconds into the track, now.
    pub fn position_s(&self) -> f64 {
        let AppState { player, position, .. } = &self.view;
        let moved_s = if position.running { self.position_at.elapsed().as_secs_f64() } else { 0.0 };
        let position_s = position.position_s + moved_s;
        if player.duration_s > 0.0 { position_s.min(player.duration_s) } else { position_s }
    }

    /// Whether player or queue changed after `rev`.
    pub(super) fn has_moved_on_from(&self, rev: u64) -> bool {
        self.player_rev > rev
    }

    /// What a client gets first.
    pub fn hello(&self) -> Hello {
        Hello {
            session: self.session.clone(),
            rev: self.rev,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            capabilities: Capabilities { is_local: true },
            // The client extrapolates from the moment it gets this, not from when it was told.
            view: AppState {
                position: PositionState { position_s: self.position_s(), ..self.view.position },
                ..self.view.clone()
            },
        }
    }

    /// The messages that a client at `rev` has not seen, in the order of their revisions.
    pub fn newer_than(&self, rev: u64) -> impl Iterator<Item = &Published> {
        self.published.iter().filter(move |published| published.rev > rev)
    }

    /// Takes a new view and says whether anything changed.
    pub(super) fn publish(&mut self, view: AppState) -> bool {
        let before = self.rev;
        let first = before == 0;
        macro_rules! publish_changed {
            ($($field:ident as $section:ident),*) => {$(
                if first || view.$field != self.view.$field {
                    self.send(StateSection::$section(view.$field.clone()));
                }
            )*};
        }
        publish_changed!(
            player as Player,
            position as Position,
            queue as Queue,
            library as Library,
            output as Output,
            outputs as Outputs,
            signal as Signal,
            mastering as Mastering,
            export as Export,
            settings as Settings,
            remote as Remote,
            desktop as Desktop,
            scrobbling as Scrobbling,
            notices as Notices
        );
        self.view = view;
        self.rev > before
    }

    fn send(&mut self, section: StateSection) {
        self.rev += 1;
        if matches!(section, StateSection::Position(_)) {
            self.position_at = Instant::now();
        }
        if matches!(section, StateSection::Player(_) | StateSection::Queue(_)) {
            self.player_rev = self.rev;
        }
        let same_kind =
            |old: &Published| std::mem::discriminant(&old.message.section) == std::mem::discriminant(&section);
        self.published.retain(|old| !same_kind(old));
        let message = StateUpdate { session: self.session.clone(), rev: self.rev, section };
        match serde_json::to_string(&message) {
            Ok(json) => {
                self.published.push(Published { rev: self.rev, message: Arc::new(message), json: json.into() });
            }
            Err(error) => tracing::error!(%error, "a message cannot be encoded"),
        }
    }
}

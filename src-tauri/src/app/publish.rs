//! Published state with one encoded message per section.
//!
//! Clients watch a [`Snapshot`] and take the messages that are newer than what they have. A slow client skips
//! intermediate states, always gets the latest, and costs no memory.

use std::sync::Arc;
use std::time::Instant;

use auralis_core::{AppState, Capabilities, Hello, PositionState, StateSection, StateUpdate};

/// A state update, encoded once for all clients.
#[derive(Debug, Clone)]
pub struct EncodedUpdate {
    /// Its revision.
    pub rev: u64,
    /// The update.
    pub message: Arc<StateUpdate>,
    /// The update as JSON.
    pub json: Arc<str>,
}

/// The complete state at one revision.
#[derive(Debug, Clone)]
pub struct Snapshot {
    session: String,
    rev: u64,
    /// The revision of the last change of player or queue, which a command's `if_rev` is compared with.
    player_rev: u64,
    view: AppState,
    /// When the position was published.
    position_at: Instant,
    updates: Vec<EncodedUpdate>,
}

impl Snapshot {
    /// Returns the state before anything is published.
    pub(super) fn new(session: String) -> Self {
        Snapshot {
            session,
            rev: 0,
            player_rev: 0,
            view: AppState::default(),
            position_at: Instant::now(),
            updates: Vec::new(),
        }
    }

    /// Returns the latest revision.
    pub fn rev(&self) -> u64 {
        self.rev
    }

    /// Returns the complete state.
    pub fn view(&self) -> &AppState {
        &self.view
    }

    /// Returns the current position in the track, in seconds.
    pub fn position_s(&self) -> f64 {
        let AppState { player, position, .. } = &self.view;
        let moved_s = if position.running { self.position_at.elapsed().as_secs_f64() } else { 0.0 };
        let position_s = position.position_s + moved_s;
        if player.duration_s > 0.0 { position_s.min(player.duration_s) } else { position_s }
    }

    /// Whether player or queue changed after `rev`.
    pub(super) fn player_changed_since(&self, rev: u64) -> bool {
        self.player_rev > rev
    }

    /// Returns the first message for a client.
    pub fn hello(&self) -> Hello {
        Hello {
            session: self.session.clone(),
            rev: self.rev,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            capabilities: Capabilities { is_local: true },
            // Clients extrapolate from the moment they receive this.
            view: AppState {
                position: PositionState { position_s: self.position_s(), ..self.view.position },
                ..self.view.clone()
            },
        }
    }

    /// Returns the updates after `rev`, in the order of their revisions.
    pub fn newer_than(&self, rev: u64) -> impl Iterator<Item = &EncodedUpdate> {
        self.updates.iter().filter(move |updates| updates.rev > rev)
    }

    /// Replaces the state and returns whether anything changed.
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
            rooms as Rooms,
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
            |old: &EncodedUpdate| std::mem::discriminant(&old.message.section) == std::mem::discriminant(&section);
        self.updates.retain(|old| !same_kind(old));
        let message = StateUpdate { session: self.session.clone(), rev: self.rev, section };
        match serde_json::to_string(&message) {
            Ok(json) => {
                self.updates.push(EncodedUpdate { rev: self.rev, message: Arc::new(message), json: json.into() });
            }
            Err(error) => tracing::error!(%error, "failed to encode a message"),
        }
    }
}

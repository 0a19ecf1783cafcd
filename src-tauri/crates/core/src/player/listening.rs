//! What is being listened to: how much of it was heard, and how that ended.

use super::*;

/// One listening that goes on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Listening {
    track: TrackId,
    context: PlaybackContext,
    began_s: f64,
    heard_s: f64,
    duration_s: f64,
}

impl Core {
    /// Notes what was heard since the last anchor, and begins a listening where sound begins to leave.
    pub(super) fn count_heard(&mut self, running: bool) {
        if let Some(listening) = &mut self.listening
            && self.anchor.running
        {
            listening.heard_s += self.now_s - self.anchor.since_s;
        }
        if !running || self.listening.is_some() {
            return;
        }
        if let Some(entry) = self.stream.as_ref().map(|stream| stream.entry) {
            self.listening = Some(Listening {
                track: entry.track,
                context: if self.queue.current_was_queued() { PlaybackContext::Queue } else { self.context },
                began_s: self.now_s,
                heard_s: 0.0,
                duration_s: self.duration_s().unwrap_or(0.0),
            });
        }
    }

    /// The track that is heard is left; whatever comes is another listening.
    pub(super) fn leave(&mut self, end: ListenEndReason) {
        let listen = self.end_listening(end);
        self.effects.extend(listen.map(Effect::Listened));
    }

    /// Ends the listening for good, at `now_s`: the app is closed.
    pub fn last_listen(&mut self, now_s: f64) -> Option<Listen> {
        self.now_s = now_s;
        self.end_listening(ListenEndReason::Stopped)
    }

    fn end_listening(&mut self, end: ListenEndReason) -> Option<Listen> {
        self.count_heard(false);
        let Listening { track, context, began_s, heard_s, duration_s } = self.listening.take()?;
        let began_s_ago = self.now_s - began_s;
        (heard_s >= Listen::LEAST_S).then_some(Listen { track, began_s_ago, heard_s, duration_s, end, context })
    }
}

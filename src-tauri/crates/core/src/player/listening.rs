//! Records what the user listens to: how much of a track was played, and why it ended.

use super::*;

/// The open listen.
#[derive(Debug, Clone, Copy)]
pub(super) struct ActiveListen {
    track: TrackId,
    context: PlaybackContext,
    started_s: f64,
    listened_s: f64,
    duration_s: f64,
}

impl Core {
    /// Adds the time since the last known position. Opens a listen when a track starts to play.
    pub(super) fn add_listened_time(&mut self, running: bool) {
        if let Some(listen) = &mut self.active_listen
            && self.position.running
        {
            listen.listened_s += self.now_s - self.position.since_s;
        }
        if !running || self.active_listen.is_some() {
            return;
        }
        if let Some(entry) = self.stream.as_ref().map(|stream| stream.entry) {
            self.active_listen = Some(ActiveListen {
                track: entry.track,
                context: if self.queue.current_was_user_queued() { PlaybackContext::Queue } else { self.context },
                started_s: self.now_s,
                listened_s: 0.0,
                duration_s: self.duration_s().unwrap_or(0.0),
            });
        }
    }

    /// Ends the open listen and has it recorded.
    pub(super) fn end_listen(&mut self, end: ListenEndReason) {
        let listen = self.close_listen(end);
        self.effects.extend(listen.map(Effect::RecordListen));
    }

    /// Ends the open listen at shutdown (`now_s`) and returns it. The caller records it.
    pub fn finish_listen(&mut self, now_s: f64) -> Option<Listen> {
        self.now_s = now_s;
        self.close_listen(ListenEndReason::Stopped)
    }

    fn close_listen(&mut self, end: ListenEndReason) -> Option<Listen> {
        self.add_listened_time(false);
        let ActiveListen { track, context, started_s, listened_s, duration_s } = self.active_listen.take()?;
        let started_s_ago = self.now_s - started_s;
        (listened_s >= Listen::MIN_LISTEN_S).then_some(Listen {
            track,
            started_s_ago,
            listened_s,
            duration_s,
            end,
            context,
        })
    }
}

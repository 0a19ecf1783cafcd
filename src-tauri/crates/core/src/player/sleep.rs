//! The sleep timer: playback ends after the current track, after the album, or after some minutes.

use super::*;

/// When playback ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Sleep {
    EndOfTrack,
    EndOfAlbum,
    /// At this time of the core's clock.
    At(f64),
}

impl Core {
    pub(super) fn set_sleep_timer(&mut self, timer: SleepTimer) -> Result<(), ApiError> {
        self.sleep = match timer {
            SleepTimer::Off {} => None,
            SleepTimer::EndOfTrack {} => Some(Sleep::EndOfTrack),
            SleepTimer::EndOfAlbum {} => Some(Sleep::EndOfAlbum),
            SleepTimer::Minutes { minutes } => Some(Sleep::At(self.now_s + f64::from(minutes) * 60.0)),
        };
        Ok(())
    }

    /// Pauses when the time is over. The engine reports the position once a second while it plays, so that is noticed.
    pub(super) fn check_sleep_time(&mut self) {
        if matches!(self.sleep, Some(Sleep::At(at_s)) if self.now_s >= at_s) {
            self.sleep = None;
            // Pausing cannot fail.
            let _ = self.pause();
        }
    }

    /// Whether playback ends with the current track. `next`: the entry that would follow.
    pub(super) fn sleeps_after_current(&self, next: Option<Entry>) -> bool {
        let album = |track: &Track| track.summary.album_id;
        match self.sleep {
            None | Some(Sleep::At(_)) => false,
            Some(Sleep::EndOfTrack) => true,
            Some(Sleep::EndOfAlbum) => {
                let next = next.and_then(|entry| self.track_cache.get(&entry.track)?.as_ref()).and_then(album);
                next.is_none() || next != self.current_track().and_then(album)
            }
        }
    }

    pub(super) fn sleep_state(&self) -> Option<SleepTimer> {
        Some(match self.sleep? {
            Sleep::EndOfTrack => SleepTimer::EndOfTrack {},
            Sleep::EndOfAlbum => SleepTimer::EndOfAlbum {},
            Sleep::At(at_s) => SleepTimer::Minutes { minutes: ((at_s - self.now_s) / 60.0).ceil().max(0.0) as u16 },
        })
    }
}

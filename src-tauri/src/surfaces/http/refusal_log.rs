//! Logs refused requests and connections at a bounded rate.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Minimum interval between two log lines.
const INTERVAL: Duration = Duration::from_secs(10);

/// See the module.
#[derive(Debug, Default)]
pub(super) struct RefusalLog(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    last: Option<Instant>,
    suppressed: u32,
}

impl RefusalLog {
    /// Logs a refusal, or counts it for the next line.
    pub(super) fn log(&self, peer: impl std::fmt::Display, reason: &str) {
        if let Some(suppressed) = self.count(Instant::now()) {
            tracing::warn!(%peer, reason, suppressed, "refused");
        }
    }

    /// Returns how many refusals were not logged since the last line, if it is time for another.
    fn count(&self, now: Instant) -> Option<u32> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.last.is_some_and(|last| now.saturating_duration_since(last) < INTERVAL) {
            state.suppressed = state.suppressed.saturating_add(1);
            return None;
        }
        state.last = Some(now);
        Some(std::mem::take(&mut state.suppressed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_refusals_is_a_line_every_ten_seconds() {
        let (log, start) = (RefusalLog::default(), Instant::now());
        let lines: Vec<_> = (0..3_000).filter_map(|tick| log.count(start + Duration::from_millis(tick * 10))).collect();
        assert_eq!(lines, [0, 999, 999]);
    }
}

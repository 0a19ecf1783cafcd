//! How fast a client may ask: a bucket of tokens that refills.

use std::time::{Duration, Instant};

/// Tokens at most, and at first.
const MOST: f64 = 4_000.0;
/// Tokens that come back in a second.
const REFILL_PER_S: f64 = 2_000.0;
/// What a request costs that came without waiting for the answer to the one before: that is how floods look, so they
/// pay for what they cost the others. After the first 100, there are 50 a second.
const PIPELINED: f64 = 40.0;
/// What any other costs.
const ALONE: f64 = 1.0;

/// What one connection has left.
#[derive(Debug)]
pub(super) struct Pace {
    tokens: f64,
    at: Instant,
}

impl Default for Pace {
    fn default() -> Self {
        Pace { tokens: MOST, at: Instant::now() }
    }
}

impl Pace {
    /// Pays for a request and says how long it must wait.
    pub(super) fn take(&mut self, pipelined: bool) -> Duration {
        self.take_at(pipelined, Instant::now())
    }

    fn take_at(&mut self, pipelined: bool, now: Instant) -> Duration {
        let passed_s = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = now;
        self.tokens = (self.tokens + passed_s * REFILL_PER_S).min(MOST) - if pipelined { PIPELINED } else { ALONE };
        Duration::from_secs_f64((-self.tokens / REFILL_PER_S).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_for_answers_does_not_wait_for_tokens_and_who_floods_does() {
        let start = Instant::now();
        let mut polite = Pace { tokens: MOST, at: start };
        // One answer a millisecond, for a minute.
        let waits = (1..60_000).map(|ms| polite.take_at(false, start + Duration::from_millis(ms)));
        assert!(waits.into_iter().all(|wait| wait.is_zero()));

        let mut flooding = Pace { tokens: MOST, at: start };
        let mut now = start;
        let mut taken = 0;
        while now < start + Duration::from_secs(60) {
            now += flooding.take_at(true, now);
            taken += 1;
        }
        assert!((3_050..=3_150).contains(&taken), "{taken} in a minute");
        // It is forgiven once it is quiet.
        assert!(flooding.take_at(false, now + Duration::from_secs(3)).is_zero());
    }
}

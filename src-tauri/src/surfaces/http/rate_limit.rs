//! Rate limit of a connection, by a token bucket.

use std::time::{Duration, Instant};

/// Capacity of the bucket, in tokens. It starts full.
const CAPACITY: f64 = 4_000.0;
/// Tokens added per second.
const REFILL_PER_S: f64 = 2_000.0;
/// Cost of a pipelined request; limits pipelining clients to 50 requests per second, after the first 100.
const PIPELINED_COST: f64 = 40.0;
/// Cost of a request that was sent after the response to the one before.
const REQUEST_COST: f64 = 1.0;

/// The tokens of one connection.
#[derive(Debug)]
pub(super) struct TokenBucket {
    tokens: f64,
    at: Instant,
}

impl Default for TokenBucket {
    fn default() -> Self {
        TokenBucket { tokens: CAPACITY, at: Instant::now() }
    }
}

impl TokenBucket {
    /// Charges a request and returns how long it must wait.
    pub(super) fn charge(&mut self, pipelined: bool) -> Duration {
        self.charge_at(pipelined, Instant::now())
    }

    fn charge_at(&mut self, pipelined: bool, now: Instant) -> Duration {
        let passed_s = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = now;
        self.tokens = (self.tokens + passed_s * REFILL_PER_S).min(CAPACITY)
            - if pipelined { PIPELINED_COST } else { REQUEST_COST };
        Duration::from_secs_f64((-self.tokens / REFILL_PER_S).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pipelining_clients_are_throttled() {
        let start = Instant::now();
        let mut polite = TokenBucket { tokens: CAPACITY, at: start };
        // One response per millisecond, for a minute.
        let waits = (1..60_000).map(|ms| polite.charge_at(false, start + Duration::from_millis(ms)));
        assert!(waits.into_iter().all(|wait| wait.is_zero()));

        let mut flooding = TokenBucket { tokens: CAPACITY, at: start };
        let mut now = start;
        let mut taken = 0;
        while now < start + Duration::from_secs(60) {
            now += flooding.charge_at(true, now);
            taken += 1;
        }
        assert!((3_050..=3_150).contains(&taken), "{taken} in a minute");
        // The bucket refills while the client is quiet.
        assert!(flooding.charge_at(false, now + Duration::from_secs(3)).is_zero());
    }
}

//! The system clock.

use std::time::{SystemTime, UNIX_EPOCH};

/// Returns the current Unix time in seconds; 0 if the clock is set before 1970.
pub(crate) fn unix_now_s() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs() as i64)
}

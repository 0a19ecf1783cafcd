//! Units and errors of the specification.

use auralis_core::ApiError;
use zbus::fdo;

/// Converts seconds to the specification's unit of time.
pub(super) fn microseconds(seconds: f64) -> i64 {
    (seconds * 1e6).round() as i64
}

/// Converts from the specification's unit of time.
pub(super) fn seconds(microseconds: i64) -> f64 {
    microseconds as f64 / 1e6
}

/// Converts an error of the player to a D-Bus error.
pub(super) fn dbus_error(error: ApiError) -> fdo::Error {
    fdo::Error::Failed(error.message)
}

//! The rights of a client.

/// What a client may do. The rules stand in `docs/security.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClientAccess {
    /// On this machine, with the pairing secret: everything.
    Full,
    /// On another machine, with the pairing secret: no file paths, library folders or server settings.
    Paired,
    /// On this machine, without the secret, possibly another user: the v1 API, and of file paths only those in library
    /// folders.
    V1Only,
}

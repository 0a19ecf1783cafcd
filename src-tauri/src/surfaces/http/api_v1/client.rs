//! The client of a v1 request.

use std::sync::Arc;

use axum::extract::rejection::ExtensionRejection;
use axum::extract::{Extension, FromRequestParts};
use axum::http::request::Parts;

use super::state::V1State;
use crate::app::PlayerHandle;
use crate::surfaces::http::server_state::{Peer, ServerState};

/// What a v1 request handler needs.
pub(super) struct V1Client {
    /// The player, with the rights of the client.
    pub(super) handle: PlayerHandle,
    pub(super) v1: Arc<V1State>,
    pub(super) is_local: bool,
}

impl FromRequestParts<ServerState> for V1Client {
    type Rejection = ExtensionRejection;

    async fn from_request_parts(parts: &mut Parts, server: &ServerState) -> Result<Self, ExtensionRejection> {
        let Extension(peer) = Extension::<Peer>::from_request_parts(parts, server).await?;
        let Extension(v1) = Extension::from_request_parts(parts, server).await?;
        Ok(V1Client { handle: server.handle_of(&peer), v1, is_local: peer.is_local })
    }
}

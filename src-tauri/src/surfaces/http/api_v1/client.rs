//! The client of a v1 request.

use std::sync::Arc;

use axum::extract::rejection::ExtensionRejection;
use axum::extract::{Extension, FromRequestParts};
use axum::http::request::Parts;

use super::state::PathVisibility;
use super::state::V1State;
use crate::app::PlayerHandle;
use crate::surfaces::http::client_access::ClientAccess;
use crate::surfaces::http::server_state::{Peer, ServerState};

/// What a v1 request handler needs.
pub(super) struct V1Client {
    /// The player, with the rights of the client.
    pub(super) handle: PlayerHandle,
    pub(super) v1: Arc<V1State>,
    /// Which file paths the client may see.
    pub(super) paths: PathVisibility,
    access: ClientAccess,
    peer: Peer,
}

impl FromRequestParts<ServerState> for V1Client {
    type Rejection = ExtensionRejection;

    async fn from_request_parts(parts: &mut Parts, server: &ServerState) -> Result<Self, ExtensionRejection> {
        let Extension(peer) = Extension::<Peer>::from_request_parts(parts, server).await?;
        let Extension(access) = Extension::<ClientAccess>::from_request_parts(parts, server).await?;
        let Extension(v1) = Extension::from_request_parts(parts, server).await?;
        let handle = server.handle_of(access);
        Ok(V1Client { handle, v1, paths: access.into(), access, peer })
    }
}

impl V1Client {
    /// Whether the client may add a folder to the library. Without the pairing secret, only processes of the user who runs
    /// the player may: another user would get to see files that only this one can read.
    pub(super) async fn may_add_folder(&self) -> bool {
        match self.access {
            ClientAccess::Full => true,
            ClientAccess::Paired => false,
            ClientAccess::V1Only => self.peer.is_own_user().await,
        }
    }
}

//! Requests of clients over a socket, and the responses to them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Access, ApiError, Command, DataReply, DataRequest, EngineDiagnostics, PairingLink, RowPage, RowQuery};

/// A request from a client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[ts(optional_fields)]
pub enum Request {
    /// Runs a command. Answered by one [`Response`].
    Command {
        /// Chosen by the client and returned in the response.
        #[ts(type = "number")]
        id: u64,
        /// Run it only if neither player nor queue has changed since this revision.
        #[serde(default)]
        #[ts(type = "number", optional)]
        if_rev: Option<u64>,
        /// The command.
        data: Command,
    },
    /// Returns a page of rows. Answered by one [`Response`].
    #[serde(rename = "query")]
    GetRows {
        /// Chosen by the client and returned in the response.
        #[ts(type = "number")]
        id: u64,
        /// The query.
        data: RowQuery,
    },
    /// Returns engine diagnostics. Answered by one [`Response`].
    Diagnostics {
        /// Chosen by the client and returned in the response.
        #[ts(type = "number")]
        id: u64,
    },
    /// Returns the link that pairs another device. Local clients only. Answered by one [`Response`].
    #[serde(rename = "pair")]
    GetPairingLink {
        /// Chosen by the client and returned in the response.
        #[ts(type = "number")]
        id: u64,
        /// Whether to create a new secret, which disconnects every paired device.
        #[serde(default)]
        renew: bool,
    },
    /// Returns data that is not a list. Answered by one [`Response`].
    #[serde(rename = "ask")]
    GetData {
        /// Chosen by the client and returned in the response.
        #[ts(type = "number")]
        id: u64,
        /// The data.
        data: DataRequest,
    },
    /// Shows the main window in front of the others. Local clients only. Answered by one [`Response`].
    #[serde(rename = "raise")]
    RaiseWindow {
        /// Chosen by the client and returned in the response.
        #[ts(type = "number")]
        id: u64,
        /// XDG activation token of the caller, which allows the window to come to the front.
        #[serde(default)]
        #[ts(type = "string", optional)]
        token: Option<String>,
    },
    /// Answered by `{"type":"pong"}`.
    Ping {},
}

impl Request {
    /// Returns which clients may send the request.
    pub fn access(&self) -> Access {
        match self {
            Request::Command { data, .. } => data.properties().access,
            Request::GetRows { data, .. } => data.list.access(),
            Request::GetData { data, .. } => data.access(),
            Request::GetPairingLink { .. } | Request::RaiseWindow { .. } => Access::LocalOnly,
            Request::Diagnostics { .. } | Request::Ping {} => Access::AllClients,
        }
    }
}

/// The response to a [`Request`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Response {
    /// The command was run.
    Result {
        /// The request's id.
        #[ts(type = "number")]
        id: u64,
        /// The revision it caused, or the current one if it changed nothing.
        #[ts(type = "number")]
        rev: u64,
    },
    /// A page of rows.
    Rows {
        /// The request's id.
        #[ts(type = "number")]
        id: u64,
        /// The page.
        data: RowPage,
    },
    /// Engine diagnostics.
    Diagnostics {
        /// The request's id.
        #[ts(type = "number")]
        id: u64,
        /// The current values.
        data: EngineDiagnostics,
    },
    /// The pairing link.
    #[serde(rename = "pairing")]
    PairingLink {
        /// The request's id.
        #[ts(type = "number")]
        id: u64,
        /// The link.
        data: PairingLink,
    },
    /// The requested data.
    #[serde(rename = "told")]
    Data {
        /// The request's id.
        #[ts(type = "number")]
        id: u64,
        /// The data.
        data: DataReply,
    },
    /// The request failed; nothing changed.
    #[serde(rename = "refused")]
    Error {
        /// The request's id, if it could be read.
        #[ts(type = "number | null")]
        id: Option<u64>,
        /// The error.
        error: ApiError,
    },
    /// The response to a ping.
    Pong {},
}

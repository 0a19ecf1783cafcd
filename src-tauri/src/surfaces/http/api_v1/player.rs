//! `/api/player`: each call is a command to the core and returns the state that it caused.

use auralis_core::{ApiError, Command, ErrorCode, QueuePosition, Repeat, TrackId, TrackSelection};
use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::client::V1Client;
use crate::surfaces::http::http_error::HttpError;
use crate::surfaces::http::params::{RequestParams, missing};
use crate::surfaces::http::server_state::ServerState;

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/status", get(status))
        .route("/queue", get(queue).post(set_queue))
        .route("/queue/add", post(add))
        .route("/play", post(async |client, params| simple_command(client, params, Command::Play {}).await))
        .route("/pause", post(async |client, params| simple_command(client, params, Command::Pause {}).await))
        .route("/stop", post(async |client, params| simple_command(client, params, Command::Stop {}).await))
        .route("/next", post(async |client, params| simple_command(client, params, Command::Next {}).await))
        .route("/previous", post(async |client, params| simple_command(client, params, Command::Previous {}).await))
        .route("/seek", post(seek))
        .route("/volume", post(set_volume))
        .route("/shuffle", post(set_shuffle))
        .route("/repeat", post(set_repeat))
        .route("/mastering", post(set_mastering))
}

async fn status(client: V1Client) -> Result<Response, HttpError> {
    Ok(json(&client.v1.state(client.paths).await?))
}

async fn queue(client: V1Client) -> Result<Response, HttpError> {
    Ok(json(&client.v1.queue(client.paths).await?))
}

async fn simple_command(client: V1Client, params: RequestParams, command: Command) -> Result<Response, HttpError> {
    params.reject_unknown()?;
    dispatch_and_respond(client, command).await
}

async fn seek(client: V1Client, mut params: RequestParams) -> Result<Response, HttpError> {
    let position_s = params.number("position")?;
    params.reject_unknown()?;
    dispatch_and_respond(client, Command::Seek { position_s }).await
}

async fn set_volume(client: V1Client, mut params: RequestParams) -> Result<Response, HttpError> {
    let volume = params.integer("volume", 0..=100)?.ok_or_else(|| missing("volume"))?;
    params.reject_unknown()?;
    dispatch_and_respond(client, Command::SetVolume { volume }).await
}

async fn set_shuffle(client: V1Client, mut params: RequestParams) -> Result<Response, HttpError> {
    let enabled = params.take("enabled", "true or false")?.ok_or_else(|| missing("enabled"))?;
    params.reject_unknown()?;
    dispatch_and_respond(client, Command::SetShuffle { enabled }).await
}

async fn set_repeat(client: V1Client, mut params: RequestParams) -> Result<Response, HttpError> {
    let mode: Repeat = params.take("mode", "none, one or all")?.ok_or_else(|| missing("mode"))?;
    params.reject_unknown()?;
    dispatch_and_respond(client, Command::SetRepeat { mode }).await
}

async fn set_mastering(client: V1Client, mut params: RequestParams) -> Result<Response, HttpError> {
    let enabled = params.take("enabled", "true or false")?;
    let preset = params.take("preset", "the name of a preset")?;
    let intensity = params.optional_number("intensity", 0.0..=1.0)?.map(|intensity| intensity as f32);
    params.reject_unknown()?;
    dispatch_and_respond(client, Command::SetMastering { enabled, preset, intensity, night: None }).await
}

async fn set_queue(client: V1Client, mut params: RequestParams) -> Result<Response, HttpError> {
    let ids: Vec<TrackId> = params.take("tracks", "a list of ids")?.ok_or_else(|| missing("tracks"))?;
    let start = params.integer("start_index", 0..=i64::from(u32::MAX))?.unwrap_or(0);
    params.reject_unknown()?;
    if ids.is_empty() {
        return Err(ApiError::for_field(ErrorCode::OutOfRange, "tracks", "There are no tracks to play.").into());
    }
    dispatch_and_respond(client, Command::ReplaceQueue { tracks: TrackSelection::Ids { ids }, start }).await
}

async fn add(client: V1Client, mut params: RequestParams) -> Result<Response, HttpError> {
    let id: TrackId = params.take("track_id", "an id")?.ok_or_else(|| missing("track_id"))?;
    params.reject_unknown()?;
    dispatch_and_respond(
        client,
        Command::Enqueue { tracks: TrackSelection::Ids { ids: vec![id] }, position: QueuePosition::End, before: None },
    )
    .await
}

async fn dispatch_and_respond(client: V1Client, command: Command) -> Result<Response, HttpError> {
    let names = if matches!(command, Command::Enqueue { .. }) { "track_id" } else { "tracks" };
    client.handle.dispatch(command, None).await.map_err(|error| to_v1_error(error, names))?;
    Ok(json(&client.v1.state(client.paths).await?))
}

/// Renames the fields of an error to those of the v1 API.
fn to_v1_error(error: ApiError, tracks: &str) -> ApiError {
    let field = match error.field.as_deref() {
        Some("start") => Some("start_index"),
        Some("position_s") => Some("position"),
        Some("ids") => Some(tracks),
        None if error.code == ErrorCode::NotFound => Some(tracks),
        field => field,
    };
    ApiError { field: field.map(str::to_owned), ..error }
}

pub(super) fn json(text: &str) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text.to_owned()).into_response()
}

//! The player's controls. Each is a command to the core and answers with the state that it caused.

use auralis_core::{ApiError, Command, ErrorCode, QueuePosition, Repeat, TrackId, TrackSelection};
use axum::Router;
use axum::extract::{Extension, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::surfaces::http::http_error::Failure;
use crate::surfaces::http::params::{Fields, missing};
use crate::surfaces::http::server::{Door, Peer};

pub(super) fn routes() -> Router<Door> {
    Router::new()
        .route("/status", get(status))
        .route("/queue", get(queue).post(set_queue))
        .route("/queue/add", post(add))
        .route("/play", post(async |client, fields| plain(client, fields, Command::Play {}).await))
        .route("/pause", post(async |client, fields| plain(client, fields, Command::Pause {}).await))
        .route("/stop", post(async |client, fields| plain(client, fields, Command::Stop {}).await))
        .route("/next", post(async |client, fields| plain(client, fields, Command::Next {}).await))
        .route("/previous", post(async |client, fields| plain(client, fields, Command::Previous {}).await))
        .route("/seek", post(seek))
        .route("/volume", post(set_volume))
        .route("/shuffle", post(set_shuffle))
        .route("/repeat", post(set_repeat))
        .route("/mastering", post(set_mastering))
}

type Client = (State<Door>, Extension<Peer>);

async fn status((State(door), Extension(peer)): Client) -> Result<Response, Failure> {
    Ok(json(door.classic.state(peer.here).await?.as_str()))
}

async fn queue((State(door), Extension(peer)): Client) -> Result<Response, Failure> {
    Ok(json(door.classic.queue(peer.here).await?.as_str()))
}

async fn plain(client: Client, fields: Fields, command: Command) -> Result<Response, Failure> {
    fields.finish()?;
    carry_out(client, command).await
}

async fn seek(client: Client, mut fields: Fields) -> Result<Response, Failure> {
    let position_s = fields.number("position")?;
    fields.finish()?;
    carry_out(client, Command::Seek { position_s }).await
}

async fn set_volume(client: Client, mut fields: Fields) -> Result<Response, Failure> {
    let volume = fields.integer("volume", 0..=100)?.ok_or_else(|| missing("volume"))?;
    fields.finish()?;
    carry_out(client, Command::SetVolume { volume }).await
}

async fn set_shuffle(client: Client, mut fields: Fields) -> Result<Response, Failure> {
    let enabled = fields.take("enabled", "true or false")?.ok_or_else(|| missing("enabled"))?;
    fields.finish()?;
    carry_out(client, Command::SetShuffle { enabled }).await
}

async fn set_repeat(client: Client, mut fields: Fields) -> Result<Response, Failure> {
    let mode: Repeat = fields.take("mode", "none, one or all")?.ok_or_else(|| missing("mode"))?;
    fields.finish()?;
    carry_out(client, Command::SetRepeat { mode }).await
}

async fn set_mastering(client: Client, mut fields: Fields) -> Result<Response, Failure> {
    let enabled = fields.take("enabled", "true or false")?;
    let preset = fields.take("preset", "the name of a preset")?;
    let intensity = fields.optional_number("intensity", 0.0..=1.0)?.map(|intensity| intensity as f32);
    fields.finish()?;
    carry_out(client, Command::SetMastering { enabled, preset, intensity, night: None }).await
}

async fn set_queue(client: Client, mut fields: Fields) -> Result<Response, Failure> {
    let ids: Vec<TrackId> = fields.take("tracks", "a list of ids")?.ok_or_else(|| missing("tracks"))?;
    let start = fields.integer("start_index", 0..=i64::from(u32::MAX))?.unwrap_or(0);
    fields.finish()?;
    if ids.is_empty() {
        return Err(ApiError::for_field(ErrorCode::OutOfRange, "tracks", "There are no tracks to play.").into());
    }
    carry_out(client, Command::ReplaceQueue { tracks: TrackSelection::Ids { ids }, start }).await
}

async fn add(client: Client, mut fields: Fields) -> Result<Response, Failure> {
    let id: TrackId = fields.take("track_id", "an id")?.ok_or_else(|| missing("track_id"))?;
    fields.finish()?;
    carry_out(client, Command::Enqueue { tracks: TrackSelection::Ids { ids: vec![id] }, position: QueuePosition::End })
        .await
}

async fn carry_out((State(door), Extension(peer)): Client, command: Command) -> Result<Response, Failure> {
    let names = if matches!(command, Command::Enqueue { .. }) { "track_id" } else { "tracks" };
    door.handle_of(&peer).dispatch(command, None).await.map_err(|refusal| in_old_words(refusal, names))?;
    Ok(json(door.classic.state(peer.here).await?.as_str()))
}

/// The fields have other names in the core.
fn in_old_words(refusal: ApiError, tracks: &str) -> ApiError {
    let field = match refusal.field.as_deref() {
        Some("start") => Some("start_index"),
        Some("position_s") => Some("position"),
        Some("ids") => Some(tracks),
        None if refusal.code == ErrorCode::NotFound => Some(tracks),
        field => field,
    };
    ApiError { field: field.map(str::to_owned), ..refusal }
}

pub(super) fn json(text: &str) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text.to_owned()).into_response()
}

//! The library: lists, totals, scans and covers.

use auralis_core::{
    ApiError, Command, ErrorCode, ListQuery, RowItems, RowPage, RowQuery, ScanFailure, TrackFilter, TrackId, TrackList,
};
use auralis_library::CoverSize;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::get;
use axum::{Router, http::HeaderValue};
use serde_json::{Value, json};

use crate::app::Handle;
use crate::surfaces::http::http_error::Failure;
use crate::surfaces::http::params::{Fields, missing};
use crate::surfaces::http::server::{Door, Peer};

/// Rows that are sent if none says how many.
const USUAL_LIMIT: u32 = 50;

pub(super) fn routes() -> Router<Door> {
    Router::new().route("/tracks", get(tracks)).route("/stats", get(stats)).route("/scan", get(scan_state).post(scan))
}

type Client = (State<Door>, Extension<Peer>);

async fn tracks((State(door), Extension(peer)): Client, mut fields: Fields) -> Result<Json<Value>, Failure> {
    let search: Option<String> = fields.take("search", "text")?;
    let limit = fields.integer("limit", 1..=i64::from(RowQuery::MAX_ROWS))?.unwrap_or(USUAL_LIMIT);
    let offset = fields.integer("offset", 0..=i64::from(u32::MAX))?.unwrap_or(0);
    fields.finish()?;
    let filter = TrackFilter { search: search.filter(|words| !words.trim().is_empty()), ..TrackFilter::default() };
    let of = ListQuery::Tracks { tracks: TrackList { filter, ..TrackList::default() } };
    let RowPage { total, items, .. } = door.handle_of(&peer).query(&RowQuery { list: of, offset, limit }).await?;
    let RowItems::Tracks(rows) = items else { return Err(nothing().into()) };
    let items = door.classic.tracks(rows.into_iter().map(|row| row.track).collect(), peer.here).await?;
    Ok(Json(json!({ "items": items, "total": total, "limit": limit, "offset": offset })))
}

async fn stats(State(door): State<Door>, fields: Fields) -> Result<Json<Value>, Failure> {
    fields.finish()?;
    let size = door.handle.library_size().await?;
    let snapshot = door.handle.snapshot();
    let library = &snapshot.view().library;
    Ok(Json(json!({
        "tracks": library.tracks,
        "albums": library.albums,
        "artists": library.artists,
        "duration": size.duration_s,
        "size": size.bytes,
    })))
}

async fn scan_state((State(door), Extension(peer)): Client, fields: Fields) -> Result<Json<Value>, Failure> {
    fields.finish()?;
    let handle = door.handle_of(&peer);
    let library = handle.snapshot().view().library.clone();
    let progress = library.scan.clone().or(library.last_scan.map(|last| last.progress)).unwrap_or_default();
    let failures = RowQuery { list: ListQuery::ScanFailures {}, offset: 0, limit: RowQuery::MAX_ROWS };
    let RowItems::ScanFailures(failures) = handle.query(&failures).await?.items else { return Err(nothing().into()) };
    let failures: Vec<ScanFailure> = failures;
    Ok(Json(json!({
        "running": library.scan.is_some(),
        "found": progress.found,
        "read": progress.done - progress.failed.min(progress.done),
        "failed": progress.failed,
        "failures": failures,
    })))
}

async fn scan((State(door), Extension(peer)): Client, mut fields: Fields) -> Result<Response, Failure> {
    let directory: String = fields.take("directory", "a path")?.ok_or_else(|| missing("directory"))?;
    fields.finish()?;
    let handle = door.handle_of(&peer);
    // One asks at a time, so that of two who ask at once the second is told that a scan runs.
    let mut scanned = door.classic.scanned.lock().await;
    if handle.snapshot().view().library.scan.is_some() {
        return Err(ApiError::new(ErrorCode::NotPossible, "A scan is running already.").into());
    }
    let command = match is_of_the_library(&handle, &directory).await? {
        true => Command::Scan {},
        false => Command::AddRoot { path: directory.clone() },
    };
    let in_old_words = |refusal: ApiError| match refusal.code {
        ErrorCode::OutOfRange | ErrorCode::NotPossible => {
            ApiError::for_field(ErrorCode::OutOfRange, "directory", refusal.message)
        }
        _ => refusal,
    };
    handle.dispatch(command, None).await.map_err(in_old_words)?;
    scanned.clone_from(&directory);
    Ok((StatusCode::ACCEPTED, Json(json!({ "directory": directory, "running": true }))).into_response())
}

/// Whether a folder lies in one of the library's, so that looking through those looks through it.
async fn is_of_the_library(handle: &Handle, directory: &str) -> Result<bool, ApiError> {
    let Ok(directory) = tokio::fs::canonicalize(directory).await else { return Ok(false) };
    let roots = RowQuery { list: ListQuery::Roots {}, offset: 0, limit: RowQuery::MAX_ROWS };
    let RowItems::Roots(roots) = handle.query(&roots).await?.items else { return Ok(false) };
    Ok(!handle.is_elsewhere() && roots.iter().any(|root| directory.starts_with(&root.path)))
}

/// The cover of a track by its id, or a cover by its own, the hash of its content.
pub(super) async fn artwork(
    State(door): State<Door>,
    id: Result<Path<String>, PathRejection>,
    mut fields: Fields,
) -> Result<Response, Failure> {
    let Path(id) = id.map_err(|_| no_cover())?;
    let size: u32 = fields.integer("size", 1..=4_096)?.unwrap_or(256);
    fields.finish()?;
    let (hash, kept) = match id.parse() {
        Ok(track) => {
            let rows = door.handle.tracks(&[TrackId(track)]).await?;
            let cover = rows.into_iter().flatten().next().and_then(|row| row.track.cover);
            (cover.ok_or_else(no_cover)?, "no-cache")
        }
        // The hash names the content, so it never changes.
        Err(_) => (id, "private, max-age=31536000, immutable"),
    };
    let cover = door.handle.cover(&hash, CoverSize::at_least(size)).await?.ok_or_else(no_cover)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(cover.mime)),
        (header::CACHE_CONTROL, HeaderValue::from_static(kept)),
    ];
    Ok((headers, cover.bytes).into_response())
}

fn no_cover() -> ApiError {
    ApiError::new(ErrorCode::NotFound, "There is no such cover.")
}

fn nothing() -> ApiError {
    ApiError::new(ErrorCode::Failed, "The library answered something else.")
}

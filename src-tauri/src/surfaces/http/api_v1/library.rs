//! `/api/library`: tracks, totals, scans; and covers.

use auralis_core::{
    ApiError, Command, ErrorCode, ListQuery, RowItems, RowPage, RowQuery, ScanFailure, TrackFilter, TrackId, TrackList,
};
use auralis_library::CoverSize;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::get;
use axum::{Router, http::HeaderValue};
use serde_json::{Value, json};

use super::client::V1Client;
use crate::app::PlayerHandle;
use crate::surfaces::http::http_error::HttpError;
use crate::surfaces::http::params::{RequestParams, missing};
use crate::surfaces::http::server_state::ServerState;

/// Rows per page if the client gives no limit.
const DEFAULT_LIMIT: u32 = 50;

pub(super) fn routes() -> Router<ServerState> {
    Router::new().route("/tracks", get(tracks)).route("/stats", get(stats)).route("/scan", get(scan_state).post(scan))
}

async fn tracks(client: V1Client, mut params: RequestParams) -> Result<Json<Value>, HttpError> {
    let search: Option<String> = params.take("search", "text")?;
    let limit = params.integer("limit", 1..=i64::from(RowQuery::MAX_ROWS))?.unwrap_or(DEFAULT_LIMIT);
    let offset = params.integer("offset", 0..=i64::from(u32::MAX))?.unwrap_or(0);
    params.reject_unknown()?;
    let filter = TrackFilter { search: search.filter(|words| !words.trim().is_empty()), ..TrackFilter::default() };
    let of = ListQuery::Tracks { tracks: TrackList { filter, ..TrackList::default() } };
    let RowPage { total, items, .. } = client.handle.query(&RowQuery { list: of, offset, limit }).await?;
    let RowItems::Tracks(rows) = items else { return Err(unexpected_rows().into()) };
    let items = client.v1.tracks(rows.into_iter().map(|row| row.track).collect(), client.paths).await?;
    Ok(Json(json!({ "items": items, "total": total, "limit": limit, "offset": offset })))
}

async fn stats(client: V1Client, params: RequestParams) -> Result<Json<Value>, HttpError> {
    params.reject_unknown()?;
    let size = client.handle.library_size().await?;
    let snapshot = client.handle.snapshot();
    let library = &snapshot.view().library;
    Ok(Json(json!({
        "tracks": library.tracks,
        "albums": library.albums,
        "artists": library.artists,
        "duration": size.duration_s,
        "size": size.bytes,
    })))
}

async fn scan_state(client: V1Client, params: RequestParams) -> Result<Json<Value>, HttpError> {
    params.reject_unknown()?;
    let handle = &client.handle;
    let library = handle.snapshot().view().library.clone();
    let progress = library.scan.clone().or(library.last_scan.map(|last| last.progress)).unwrap_or_default();
    let failures = RowQuery { list: ListQuery::ScanFailures {}, offset: 0, limit: RowQuery::MAX_ROWS };
    let RowItems::ScanFailures(failures) = handle.query(&failures).await?.items else {
        return Err(unexpected_rows().into());
    };
    let failures: Vec<ScanFailure> = failures;
    Ok(Json(json!({
        "running": library.scan.is_some(),
        "found": progress.found,
        "read": progress.done - progress.failed.min(progress.done),
        "failed": progress.failed,
        "failures": failures,
    })))
}

async fn scan(client: V1Client, mut params: RequestParams) -> Result<Response, HttpError> {
    let directory: String = params.take("directory", "a path")?.ok_or_else(|| missing("directory"))?;
    params.reject_unknown()?;
    let handle = &client.handle;
    // Held until the scan has started: of two requests at once, the second finds a scan running.
    let mut last_scan_directory = client.v1.last_scan_directory.lock().await;
    if handle.snapshot().view().library.scan.is_some() {
        return Err(ApiError::new(ErrorCode::NotPossible, "A scan is running already.").into());
    }
    let command = match is_in_library(handle, &directory).await? {
        true => Command::Scan {},
        false if client.may_add_folder().await => Command::AddRoot { path: directory.clone() },
        false => {
            let message =
                "Only the user who runs Auralis can add a folder. Pair this program, or name a library folder.";
            return Err(ApiError::for_field(ErrorCode::Forbidden, "directory", message).into());
        }
    };
    let to_v1_error = |error: ApiError| match error.code {
        ErrorCode::OutOfRange | ErrorCode::NotPossible => {
            ApiError::for_field(ErrorCode::OutOfRange, "directory", error.message)
        }
        _ => error,
    };
    handle.dispatch(command, None).await.map_err(to_v1_error)?;
    last_scan_directory.clone_from(&directory);
    Ok((StatusCode::ACCEPTED, Json(json!({ "directory": directory, "running": true }))).into_response())
}

/// Whether the directory lies in a library folder, so that a scan of the library includes it.
async fn is_in_library(handle: &PlayerHandle, directory: &str) -> Result<bool, ApiError> {
    let Ok(directory) = tokio::fs::canonicalize(directory).await else { return Ok(false) };
    let roots = RowQuery { list: ListQuery::Roots {}, offset: 0, limit: RowQuery::MAX_ROWS };
    let RowItems::Roots(roots) = handle.query(&roots).await?.items else { return Ok(false) };
    Ok(!handle.is_remote() && roots.iter().any(|root| directory.starts_with(&root.path)))
}

/// Returns the cover of a track by the track's id, or a cover by the hash of its content.
pub(super) async fn artwork(
    client: V1Client,
    id: Result<Path<String>, PathRejection>,
    mut params: RequestParams,
) -> Result<Response, HttpError> {
    let Path(id) = id.map_err(|_| no_cover())?;
    let size: u32 = params.integer("size", 1..=4_096)?.unwrap_or(256);
    params.reject_unknown()?;
    let (hash, kept) = match id.parse() {
        Ok(track) => {
            let rows = client.handle.tracks(&[TrackId(track)]).await?;
            let cover = rows.into_iter().flatten().next().and_then(|row| row.track.cover);
            (cover.ok_or_else(no_cover)?, "no-cache")
        }
        // The hash names the content, so the response never changes.
        Err(_) => (id, "private, max-age=31536000, immutable"),
    };
    let cover = client.handle.cover(&hash, CoverSize::at_least(size)).await?.ok_or_else(no_cover)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(cover.mime)),
        (header::CACHE_CONTROL, HeaderValue::from_static(kept)),
    ];
    Ok((headers, cover.bytes).into_response())
}

fn no_cover() -> ApiError {
    ApiError::new(ErrorCode::NotFound, "There is no such cover.")
}

fn unexpected_rows() -> ApiError {
    ApiError::new(ErrorCode::Failed, "The library answered something else.")
}

//! Covers by URL: `cover://localhost/<hash>?size=<px>`.

use auralis_library::CoverSize;
use tauri::http::{Request, Response, StatusCode, header};
use tauri::{Manager, Runtime, UriSchemeContext, UriSchemeResponder};

use crate::app::PlayerHandle;

pub(super) fn serve<R: Runtime>(
    context: UriSchemeContext<'_, R>,
    request: Request<Vec<u8>>,
    responder: UriSchemeResponder,
) {
    let handle = context.app_handle().state::<PlayerHandle>().inner().clone();
    tauri::async_runtime::spawn(async move { responder.respond(find(&handle, &request).await) });
}

async fn find(handle: &PlayerHandle, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
    let hash = request.uri().path().trim_start_matches('/');
    let size = request.uri().query().and_then(|query| query.strip_prefix("size=")).and_then(|size| size.parse().ok());
    let response = match handle.cover(hash, CoverSize::at_least(size.unwrap_or(256))).await {
        // The hash names the content, so the response never changes.
        Ok(Some(cover)) => Response::builder()
            .header(header::CONTENT_TYPE, cover.mime)
            .header(header::CACHE_CONTROL, "public, max-age=31536000, immutable")
            .body(cover.bytes),
        Ok(None) => Response::builder().status(StatusCode::NOT_FOUND).body(Vec::new()),
        Err(_) => Response::builder().status(StatusCode::INTERNAL_SERVER_ERROR).body(Vec::new()),
    };
    response.unwrap_or_default()
}

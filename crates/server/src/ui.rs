//! The web pages, inside the binary.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../web/dist"]
#[allow_missing = true]
struct Pages;

/// Serves a file of the pages, or the one page that finds its own way.
pub async fn serve(request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    if path.starts_with("api/") {
        return crate::Error::NotFound.into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let is_asset = path.starts_with("assets/");
    let name = if path.is_empty() || (!is_asset && Pages::get(path).is_none()) {
        "index.html"
    } else {
        path
    };
    file(name, request.headers()).unwrap_or_else(|| {
        let text = "The web pages are not in this build: run `make build`.";
        let status = if is_asset { StatusCode::NOT_FOUND } else { StatusCode::SERVICE_UNAVAILABLE };
        (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
    })
}

fn file(name: &str, headers: &HeaderMap) -> Option<Response> {
    let accepts = |coding: &str| {
        headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).is_some_and(
            |text| text.split(',').any(|part| part.trim().split(';').next() == Some(coding)),
        )
    };
    let packed = accepts("br").then(|| Pages::get(&format!("{name}.br"))).flatten();
    let is_packed = packed.is_some();
    let file = packed.or_else(|| Pages::get(name))?;
    let etag = format!("\"{}\"", hex(&file.metadata.sha256_hash()[..16]));
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
        return Some((StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response());
    }
    // The names of assets hold their hash; everything else is asked for anew.
    let cache = if name.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let mut response = Response::builder()
        .header(header::CONTENT_TYPE, content_type(name))
        .header(header::CACHE_CONTROL, cache)
        .header(header::VARY, "accept-encoding")
        .header(header::ETAG, etag);
    if is_packed {
        response = response.header(header::CONTENT_ENCODING, "br");
    }
    response.body(Body::from(file.data)).ok()
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("json" | "webmanifest") => "application/json",
        _ => "application/octet-stream",
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

//! Files on their way out: whole, or the part that is wanted (RFC 9110, ranges).

use crate::{Error, Result};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::TryStreamExt;
use std::ops::Range;
use store::blobs::{BlobAddress, OrganizationBlobs};

/// A file that never changes under its tag.
pub(crate) struct File<'a> {
    pub address: &'a BlobAddress,
    pub bytes: u64,
    /// Without quotes.
    pub tag: &'a str,
    pub media_type: &'a str,
    pub cache: &'static str,
}

/// Sends what a request wants of a file, at the cost of that part; `more` are headers besides.
pub(crate) async fn send(
    blobs: &OrganizationBlobs,
    file: File<'_>,
    headers: &HeaderMap,
    more: &[(HeaderName, &str)],
) -> Result<Response> {
    let tag = format!("\"{}\"", file.tag);
    let length = file.bytes;
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if text(header::IF_NONE_MATCH)
        .is_some_and(|tags| tags == "*" || tags.split(',').any(|t| t.trim() == tag))
    {
        return Ok(with_headers(StatusCode::NOT_MODIFIED.into_response(), &[(header::ETAG, &tag)]));
    }
    // A part of another version is of no use: then all of this one is sent.
    let same = text(header::IF_RANGE).is_none_or(|wanted| wanted == tag);
    let wanted =
        text(header::RANGE).filter(|_| same).map_or(Wanted::All, |range| part(range, length));
    let (status, range) = match wanted {
        Wanted::All => (StatusCode::OK, 0..length),
        Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Wanted::Nothing => {
            let told = format!("bytes */{length}");
            let headers = [(header::CONTENT_RANGE, told.as_str()), (header::ETAG, &tag)];
            return Ok(with_headers(StatusCode::RANGE_NOT_SATISFIABLE.into_response(), &headers));
        }
    };
    let content = blobs.get(file.address, range.clone()).await?;
    let body = Body::from_stream(content.stream.map_err(std::io::Error::other));
    let (size, told) = (
        (range.end - range.start).to_string(),
        format!("bytes {}-{}/{length}", range.start, range.end.saturating_sub(1)),
    );
    let mut told_headers = vec![
        (header::ETAG, tag.as_str()),
        (header::CONTENT_TYPE, file.media_type),
        (header::CONTENT_LENGTH, &size),
        (header::ACCEPT_RANGES, "bytes"),
        (header::CACHE_CONTROL, file.cache),
    ];
    told_headers.extend_from_slice(more);
    if status == StatusCode::PARTIAL_CONTENT {
        told_headers.push((header::CONTENT_RANGE, &told));
    }
    Ok(with_headers((status, body).into_response(), &told_headers))
}

/// The address of a blob, as a row has it.
pub(crate) fn address(text: &str) -> Result<BlobAddress> {
    text.parse().map_err(|_| Error::Internal("an address that does not read back".into()))
}

fn with_headers(mut response: Response, headers: &[(HeaderName, &str)]) -> Response {
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name.clone(), value);
        }
    }
    response
}

#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    All,
    Part(Range<u64>),
    /// A part that the file does not have.
    Nothing,
}

/// What a `Range` asks of so many bytes. What does not read, and several parts at once, mean all.
fn part(range: &str, length: u64) -> Wanted {
    let Some((first, last)) =
        range.trim().strip_prefix("bytes=").and_then(|parts| parts.split_once('-'))
    else {
        return Wanted::All;
    };
    let number = |text: &str| {
        text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().ok()).flatten()
    };
    match (first.trim(), last.trim()) {
        ("", last) => match number(last) {
            Some(0) => Wanted::Nothing,
            Some(count) if length > 0 => Wanted::Part(length.saturating_sub(count)..length),
            Some(_) => Wanted::Nothing,
            None => Wanted::All,
        },
        (first, last) => match (number(first), number(last), last.is_empty()) {
            (Some(first), _, true) if first < length => Wanted::Part(first..length),
            (Some(first), Some(last), _) if first <= last && first < length => {
                Wanted::Part(first..last.saturating_add(1).min(length))
            }
            (Some(first), Some(last), _) if last < first => Wanted::All,
            (Some(_), Some(_), _) | (Some(_), _, true) => Wanted::Nothing,
            _ => Wanted::All,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_range_asks() {
        for (range, want) in [
            ("bytes=0-0", Wanted::Part(0..1)),
            ("bytes=2-", Wanted::Part(2..10)),
            ("bytes=2-99", Wanted::Part(2..10)),
            ("bytes=-3", Wanted::Part(7..10)),
            ("bytes=-30", Wanted::Part(0..10)),
            ("bytes=10-", Wanted::Nothing),
            ("bytes=10-12", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=5-2", Wanted::All),
            ("bytes=0-1,3-4", Wanted::All),
            ("bytes=a-b", Wanted::All),
            ("lines=1-2", Wanted::All),
            ("bytes=-", Wanted::All),
            ("bytes=+1-2", Wanted::All),
        ] {
            assert_eq!(part(range, 10), want, "{range}");
        }
        assert_eq!(part("bytes=0-", 0), Wanted::Nothing);
    }
}

//! The files of a release on their way out.

use super::visible_release;
use crate::auth::{Can, SeeLabels};
use crate::ranges::{self, File};
use crate::wire::id;
use crate::{Error, Result};
use axum::extract::Path;
use axum::http::{HeaderMap, header};
use axum::response::Response;

#[utoipa::path(get, path = "/api/releases/{release}/files/{name}", tag = "releases", params(("release" = String, Path), ("name" = String, Path)), responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>), (status = 206), (status = 304), (status = 416)))]
pub async fn get_file(
    cx: Can<SeeLabels>,
    Path((release, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response> {
    let release = id(&release)?;
    let inner = (*cx).clone();
    let file = cx
        .read(move |tx| {
            let release = visible_release(tx, &inner, release)?;
            tx.release_file(release.id, &name)?.ok_or(Error::NotFound)
        })
        .await?;
    let address = ranges::address(&file.address)?;
    let disposition = format!("attachment; filename=\"{}\"", file.name);
    let sent = File {
        address: &address,
        bytes: file.bytes as u64,
        tag: &file.sha256,
        media_type: content_type(&file.name),
        cache: "private, max-age=0, must-revalidate",
    };
    let more = [(header::CONTENT_DISPOSITION, disposition.as_str())];
    ranges::send(cx.access().blobs(), sent, &headers, &more).await
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, end)| end) {
        Some("jsonl") => "application/jsonl; charset=utf-8",
        Some("json") => "application/json",
        Some("csv") => "text/csv; charset=utf-8",
        Some("tsv") => "text/tab-separated-values; charset=utf-8",
        Some("conll" | "conllu" | "txt") => "text/plain; charset=utf-8",
        Some("xml") => "application/xml",
        Some("parquet") => "application/vnd.apache.parquet",
        Some("tar") => "application/x-tar",
        Some("zip") => "application/zip",
        _ => "application/octet-stream",
    }
}

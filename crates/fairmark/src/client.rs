//! The way to a server, with an API key: requests that repeat what a broken line lost.

use crate::failure::{Failure, Result, chain};
use clap::Args;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::time::Duration;

/// Which server, and who asks.
#[derive(Args, Clone)]
pub struct Server {
    /// Where the server is.
    #[arg(
        long,
        env = "FAIRMARK_SERVER",
        default_value = "http://127.0.0.1:7780",
        value_name = "URL"
    )]
    server: String,
    /// The API key; better left to the environment, since other users of the machine see flags.
    #[arg(long, env = "FAIRMARK_KEY", hide_env_values = true, value_name = "SECRET")]
    key: Option<String>,
}

/// How often a request is sent that gets no answer, or one that asks to come again.
const TRIES_MAX: u32 = 6;

/// A server and the key that opens it. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    key: String,
}

/// An answer that is no success: the error of the interface (H1).
pub struct Refusal {
    pub status: StatusCode,
    pub code: String,
    pub message: String,
    pub details: Value,
    problems: Vec<String>,
    /// The code of the only problem, or of the refusal itself.
    cause: String,
    request: String,
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let mut text = refusal.message.clone();
        for problem in &refusal.problems {
            text.push_str("\n  ");
            text.push_str(problem);
        }
        if refusal.status.is_server_error() && !refusal.request.is_empty() {
            text.push_str(&format!(" (request {})", refusal.request));
        }
        let mut failure = Failure::new(text);
        failure.named = Some(refusal.cause);
        match refusal.code.as_str() {
            "unauthenticated" => failure.mend("Is the key right, and not revoked? `fairmark key create` makes another."),
            "forbidden" => failure.mend("The key's role is not enough: make one of a higher role with `fairmark key create --role`."),
            _ => failure,
        }
    }
}

impl Server {
    pub fn client(&self) -> Result<Client> {
        let key = self.key.clone().ok_or_else(|| {
            Failure::usage("there is no API key")
                .mend("Put it into FAIRMARK_KEY, or give --key. `fairmark key create --organization NAME --mode live` makes one.")
        })?;
        let base = self.server.trim_end_matches('/').to_string();
        if !base.starts_with("http://") && !base.starts_with("https://") {
            return Err(Failure::usage(format!("--server {base} is not an address"))
                .mend("It begins with https:// (or http:// on this machine)."));
        }
        // One provider for the whole process. If somebody has chosen already, that one is in use.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let http = reqwest::Client::builder()
            .user_agent(concat!("fairmark/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(15))
            .read_timeout(Duration::from_secs(120))
            .build()
            .map_err(|error| Failure::new(format!("no requests can be made: {}", chain(&error))))?;
        Ok(Client { http, base, key })
    }
}

/// What a request carries.
#[derive(Clone)]
pub enum Body {
    Nothing,
    Json(Value),
    /// A piece of a file, and where it belongs.
    Piece {
        offset: u64,
        bytes: Vec<u8>,
    },
}

impl Client {
    pub async fn get(&self, path: &str) -> Result<Value> {
        self.ask(Method::GET, path, Body::Nothing).await?.map_err(Failure::from)
    }

    pub async fn post(&self, path: &str, body: Value) -> Result<Value> {
        self.ask(Method::POST, path, Body::Json(body)).await?.map_err(Failure::from)
    }

    pub async fn put(&self, path: &str, body: Value) -> Result<Value> {
        self.ask(Method::PUT, path, Body::Json(body)).await?.map_err(Failure::from)
    }

    pub async fn patch(&self, path: &str, body: Value) -> Result<Value> {
        self.ask(Method::PATCH, path, Body::Json(body)).await?.map_err(Failure::from)
    }

    pub async fn delete(&self, path: &str) -> Result<Value> {
        self.ask(Method::DELETE, path, Body::Nothing).await?.map_err(Failure::from)
    }

    /// All pages of a list, up to `count_max` entries.
    pub async fn list(&self, path: &str, count_max: usize) -> Result<Vec<Value>> {
        let mut items: Vec<Value> = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let separator = if path.contains('?') { '&' } else { '?' };
            let mut page = format!("{path}{separator}limit=200");
            if let Some(cursor) = &cursor {
                page.push_str(&format!("&cursor={}", encode(cursor)));
            }
            let mut page = self.get(&page).await?;
            if let Value::Array(more) = page["items"].take() {
                items.extend(more);
            }
            cursor = page["next_cursor"].as_str().map(str::to_owned);
            if cursor.is_none() || items.len() >= count_max {
                items.truncate(count_max);
                return Ok(items);
            }
        }
    }

    /// Sends a request until the server has answered it. What is sent again bears the same
    /// Idempotency-Key, so that it happens once (H3).
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Body,
    ) -> Result<Result<Value, Refusal>> {
        let key = server::auth::new_secret();
        for attempt in 1.. {
            let mut request = self.request(method.clone(), path);
            if matches!(method, Method::POST | Method::PUT | Method::PATCH | Method::DELETE)
                && !matches!(body, Body::Piece { .. })
            {
                request = request.header("idempotency-key", &key);
            }
            request = match &body {
                Body::Nothing => request,
                Body::Json(value) => request.json(value),
                Body::Piece { offset, bytes } => {
                    request.header("upload-offset", *offset).body(bytes.clone())
                }
            };
            let answer = request.send().await;
            let wait = match &answer {
                Ok(answer) if comes_again(answer.status()) => after(answer),
                Ok(_) => None,
                Err(error) if error.is_builder() => None,
                Err(_) => Some(Duration::from_millis(250 << attempt.min(6))),
            };
            if let Some(wait) = wait
                && attempt < TRIES_MAX
            {
                tokio::time::sleep(wait).await;
                continue;
            }
            return read(answer.map_err(|error| self.unreachable(&error))?).await;
        }
        unreachable!("the loop above ends by returning")
    }

    /// The beginning of a request that its caller sends.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.key)
    }

    pub fn unreachable(&self, error: &reqwest::Error) -> Failure {
        Failure::new(format!("no answer from {}: {}", self.base, chain(error)))
            .mend("Is the server running, and --server (or FAIRMARK_SERVER) right?")
    }

    /// The id of the project of this name, or of this id.
    pub async fn project(&self, name: &str) -> Result<Value> {
        if name.starts_with("prj_") {
            return self.get(&format!("/api/projects/{}", encode(name))).await;
        }
        let all = self.list("/api/projects", usize::MAX).await?;
        let names: Vec<&str> = all.iter().filter_map(|one| one["name"].as_str()).collect();
        let mend = match names[..] {
            [] => {
                "There is none yet: `fairmark project create NAME --template TEMPLATE`.".to_string()
            }
            _ => format!("There are: {}.", names.join(", ")),
        };
        let found = all.iter().find(|one| one["name"] == name).cloned();
        found.ok_or_else(|| Failure::new(format!("there is no project called {name}")).mend(mend))
    }
}

fn comes_again(status: StatusCode) -> bool {
    matches!(status.as_u16(), 429 | 502 | 503 | 504)
}

fn after(answer: &reqwest::Response) -> Option<Duration> {
    let asked = answer.headers().get("retry-after").and_then(|value| value.to_str().ok());
    let seconds = asked.and_then(|text| text.parse::<u64>().ok()).unwrap_or(1);
    Some(Duration::from_secs(seconds.clamp(1, 60)))
}

async fn read(answer: reqwest::Response) -> Result<Result<Value, Refusal>> {
    let status = answer.status();
    let text = answer
        .text()
        .await
        .map_err(|error| Failure::new(format!("the answer broke off: {}", chain(&error))))?;
    if status.is_success() {
        let value = if text.is_empty() { Value::Null } else { serde_json::from_str(&text)? };
        return Ok(Ok(value));
    }
    let value: Value = serde_json::from_str(&text).unwrap_or_default();
    let error = &value["error"];
    let text_of = |name: &str| error[name].as_str().unwrap_or_default().to_string();
    let message = match text_of("message") {
        empty if empty.is_empty() => {
            format!("the server answered {status}, and not as a Fairmark does")
        }
        message => message,
    };
    let cause = match error["problems"].as_array().map(Vec::as_slice) {
        Some([only]) => only["code"].as_str().unwrap_or_default().to_string(),
        _ => text_of("code"),
    };
    // One problem alone is what the message says already.
    let problems = error["problems"].as_array().into_iter().flatten().filter_map(|problem| {
        let [path, told] =
            ["path", "message"].map(|name| problem[name].as_str().unwrap_or_default());
        (told != message).then(|| format!("{path}: {told}"))
    });
    let problems = problems.collect();
    Ok(Err(Refusal {
        status,
        code: text_of("code"),
        message,
        details: error["details"].clone(),
        problems,
        cause,
        request: text_of("request"),
    }))
}

/// Makes a text harmless inside an address.
pub fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(byte as char);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn texts_become_harmless() {
        assert_eq!(super::encode("a b/ü?&=%"), "a%20b%2F%C3%BC%3F%26%3D%25");
    }
}

//! Somebody's hands on the server: a session, and the calls that a browser would make with it.

use crate::failure::{Doing, Failure, Result};
use reqwest::{Client, Method, RequestBuilder, header};
use serde_json::{Value, json};

pub struct Hands {
    http: Client,
    url: String,
    cookie: Option<String>,
}

impl Hands {
    /// Somebody who has not signed in.
    pub fn nobody(url: &str) -> Result<Self> {
        // Whoever was first has installed the same one.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        // Through no proxy: the server is on this machine.
        let http = Client::builder().no_proxy().build().doing("the HTTP client")?;
        Ok(Self { http, url: url.into(), cookie: None })
    }

    pub async fn get(&self, path: &str) -> Result<Value> {
        self.call(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.call(Method::POST, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Result<Value> {
        self.call(Method::PUT, path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Result<Value> {
        self.call(Method::PATCH, path, Some(body)).await
    }

    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let mut request = self.request(method.clone(), path);
        if let Some(body) = body {
            request = request.json(body);
        }
        let what = format!("{method} {path}");
        let response = request.send().await.doing(&what)?;
        read(response, &what).await
    }

    /// Sends a part of a file.
    pub async fn send(&self, path: &str, offset: usize, bytes: Vec<u8>) -> Result<Value> {
        let what = format!("PATCH {path}");
        let request = self.request(Method::PATCH, path).header("upload-offset", offset).body(bytes);
        read(request.send().await.doing(&what)?, &what).await
    }

    pub async fn download(&self, path: &str) -> Result<Vec<u8>> {
        let what = format!("GET {path}");
        let response = self.request(Method::GET, path).send().await.doing(&what)?;
        if !response.status().is_success() {
            return Err(refused(response, &what).await);
        }
        Ok(response.bytes().await.doing(&what)?.to_vec())
    }

    /// Comes in through a door that begins a session; answers whose hands they are then.
    pub async fn enter(&self, path: &str, body: &Value) -> Result<(Hands, Value)> {
        let what = format!("POST {path}");
        let response = self.request(Method::POST, path).json(body).send().await.doing(&what)?;
        let cookie =
            response.headers().get(header::SET_COOKIE).and_then(|value| value.to_str().ok());
        let cookie = cookie.and_then(|text| text.split(';').next()).map(String::from);
        let session = read(response, &what).await?;
        let cookie = cookie.ok_or_else(|| Failure::new(format!("{what}: no session began")))?;
        Ok((
            Hands { http: self.http.clone(), url: self.url.clone(), cookie: Some(cookie) },
            session,
        ))
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self
            .http
            .request(method, format!("{}{path}", self.url))
            .header("fairmark-request", "1");
        match &self.cookie {
            Some(cookie) => request.header(header::COOKIE, cookie),
            None => request,
        }
    }
}

pub async fn log_in(url: &str, email: &str, passphrase: &str) -> Result<Hands> {
    let login = json!({ "email": email, "password": passphrase });
    Ok(Hands::nobody(url)?.enter("/api/session", &login).await?.0)
}

async fn read(response: reqwest::Response, what: &str) -> Result<Value> {
    if !response.status().is_success() {
        return Err(refused(response, what).await);
    }
    let bytes = response.bytes().await.doing(what)?;
    if bytes.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(&bytes).doing(what) }
}

async fn refused(response: reqwest::Response, what: &str) -> Failure {
    let status = response.status();
    let body: Value = response.json().await.unwrap_or_default();
    let error = &body["error"];
    let text = |name: &str| error[name].as_str().unwrap_or_default();
    let problem = &error["problems"][0];
    let place = problem["path"]
        .as_str()
        .map(|path| format!(" ({path}: {})", problem["message"].as_str().unwrap_or_default()));
    Failure::new(format!(
        "{what}: {status} {}: {}{}",
        text("code"),
        text("message"),
        place.unwrap_or_default()
    ))
}

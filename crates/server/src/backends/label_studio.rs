//! A model that speaks the protocol of Label Studio's ML backends, reached through the one guarded way out.
//!
//! - **L1** `GET /health`, then `POST /setup` with the question; `POST /predict` with tasks, and with a `context` where
//!   somebody points; `POST /train` with labels.
//! - **L2** It is told of a task what it needs to answer: the picture or the text, and an id. It gets no token of ours:
//!   a picture is lent for a few minutes under an address of its own, or sent along.
//! - **L3** What it answers is bounded in size and time, and is data: nothing of it is run.

use super::asking::{Pointed, Unanswered, described};
use super::{Auth, Pictures, Setup};
use crate::intake::{Fault, Gate};
use crate::{Cx, Error, Result, renditions};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::limits;
use domain::projects::Media;
use formats::LossReport;
use formats::exchange::{Item, context, label_config, prediction};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use std::time::Duration;
use store::ItemRow;

const HEALTH_TIMEOUT: Duration = Duration::from_secs(10);
const SETUP_TIMEOUT: Duration = Duration::from_secs(60);
const PREDICT_TIMEOUT: Duration = Duration::from_secs(100);
const ANSWER_BYTES_MAX: usize = 32 << 20;
/// How long a picture is lent: a call and its repeat.
const LENT_MS: i64 = 5 * 60 * 1000;

/// A model at its address, with the question that it is asked.
#[derive(Clone, Copy)]
pub(super) struct Reached<'a> {
    pub cx: &'a Cx,
    pub gate: &'a Gate,
    pub setup: &'a Setup,
}

impl Reached<'_> {
    fn call(&self, method: Method, path: &str) -> Result<RequestBuilder, Unanswered> {
        let outbound = &self.cx.app.outbound;
        let refused = |refusal: crate::outbound::Refusal| Unanswered(refusal.to_string());
        let url = format!("{}{path}", self.setup.url.trim_end_matches('/'));
        let url = outbound.check(&url).map_err(refused)?;
        let call = outbound.client().map_err(refused)?.request(method, url);
        Ok(match &self.setup.auth {
            None => call,
            Some(Auth::Basic { user, password }) => call.basic_auth(user, Some(password)),
            Some(Auth::Token { token }) => call.bearer_auth(token),
        })
    }

    async fn send(&self, call: RequestBuilder, patience: Duration) -> Result<Value, Unanswered> {
        let sent = self.cx.app.outbound.send(call, patience, ANSWER_BYTES_MAX).await;
        let bytes = sent.map_err(|refusal| Unanswered(refusal.to_string()))?;
        serde_json::from_slice(&bytes)
            .map_err(|error| Unanswered(format!("what the model answers is no JSON: {error}")))
    }

    /// The project, as the protocol names one: its id and the second in which it was made.
    fn project(&self) -> String {
        let project = &self.gate.project;
        format!("{}.{}", project.id.0, project.created_at.0 / 1000)
    }

    fn config(&self) -> String {
        label_config(&self.gate.project.question, &self.gate.ontology)
    }

    /// Sees whether it is up, and tells it the question; answers its version (L1).
    pub async fn set_up(&self) -> Result<String, Unanswered> {
        let health = self.send(self.call(Method::GET, "/health")?, HEALTH_TIMEOUT).await?;
        let status = health["status"].as_str().unwrap_or_default();
        if status != "UP" {
            return Err(Unanswered(format!(
                "the model says that its status is “{status}”, not “UP”"
            )));
        }
        let body = json!({
            "project": self.project(), "schema": self.config(), "hostname": self.cx.app.config.public_url,
            "access_token": "", "extra_params": {},
        });
        let call = self.call(Method::POST, "/setup")?.json(&body);
        let answer = self.send(call, SETUP_TIMEOUT).await?;
        Ok(version(&answer["model_version"]).unwrap_or_else(|| "unknown".into()))
    }

    /// Asks about items (L1). What it says of each, or why nothing can be read of it.
    pub async fn predict(
        &self,
        items: &[ItemRow],
        pointed: Option<&Pointed>,
    ) -> Result<Result<Vec<Result<Item, Fault>>, Unanswered>> {
        let mut tasks = Vec::with_capacity(items.len());
        for item in items {
            let data = match item.media {
                Media::Text => json!({ "text": item.payload.text }),
                Media::Image => json!({ "image": self.picture(item).await? }),
                // No project of these has a model to ask.
                Media::Video | Media::Cloud => json!({}),
            };
            tasks.push(
                json!({ "id": item.id.0, "data": data, "annotations": [], "predictions": [] }),
            );
        }
        let context = pointed.filter(|pointed| !pointed.prompts.is_empty()).map(|pointed| {
            let class = pointed.class.as_ref().and_then(|key| self.gate.ontology.class(key));
            let size = items.first().and_then(|item| item.width.zip(item.height));
            let size = size.map_or([1.0, 1.0], |(width, height)| [width as f64, height as f64]);
            context(&pointed.prompts, class.map(|class| class.name.as_str()), size)
        });
        let body = json!({
            "tasks": tasks, "project": self.project(), "label_config": self.config(),
            "params": { "login": null, "password": null, "context": context },
        });
        let mut answer = self.predict_once(&body).await;
        if answer.is_err() && pointed.is_some() && self.set_up().await.is_ok() {
            // One that was started anew has forgotten what it was told.
            answer = self.predict_once(&body).await;
        }
        let answer = match answer {
            Ok(answer) => answer,
            Err(unanswered) => return Ok(Err(unanswered)),
        };
        let results = match answer["results"].as_array() {
            Some(results) if results.len() == items.len() => results,
            Some(results) => {
                let message = format!(
                    "the model was asked about {} tasks and answers {} results",
                    items.len(),
                    results.len()
                );
                return Ok(Err(Unanswered(message)));
            }
            None => return Ok(Err(Unanswered("the model answers no `results`".into()))),
        };
        let version_of_all = version(&answer["model_version"]);
        let read = items.iter().zip(results).map(|(item, said)| {
            // Some answer a list of alternatives for each task; the first is the one that they mean.
            let said = said.as_array().and_then(|all| all.first()).unwrap_or(said);
            let version = version(&said["model_version"]).or_else(|| version_of_all.clone());
            let version = version.unwrap_or_else(|| "unknown".into());
            let empty = Item { id: Some(version.clone()), ..described(item) };
            if said.is_null() || said.as_array().is_some_and(Vec::is_empty) {
                return Ok(empty);
            }
            let mut losses = LossReport::default();
            prediction(empty, said, &version, &mut losses).map_err(Fault::from)
        });
        Ok(Ok(read.collect()))
    }

    async fn predict_once(&self, body: &Value) -> Result<Value, Unanswered> {
        let call = self.call(Method::POST, "/predict")?.json(body);
        self.send(call, PREDICT_TIMEOUT).await
    }

    /// Hands over labels to learn from, as tasks with annotations, JSON with commas between; answers what it calls the
    /// training, if anything.
    pub async fn train(&self, labels: Vec<u8>) -> Result<Option<String>, Unanswered> {
        let rest = json!({
            "project": self.project(), "label_config": self.config(),
            "params": { "login": null, "password": null },
        });
        let mut body = labels;
        body.splice(..0, *b"{\"annotations\":[");
        body.extend_from_slice(b"],");
        body.extend_from_slice(&rest.to_string().as_bytes()[1..]);
        let call = self.call(Method::POST, "/train")?.header(CONTENT_TYPE, "application/json");
        let call = call.body(body);
        let answer = self.send(call, PREDICT_TIMEOUT).await?;
        Ok(version(&answer["job"]))
    }

    /// Where the model finds a picture, or the picture itself (L2).
    pub async fn picture(&self, item: &ItemRow) -> Result<String> {
        let config = &self.cx.app.config;
        if self.setup.pictures == Pictures::Lent {
            let until = (self.cx.app.now)().plus_ms(LENT_MS);
            let pass = self.cx.access().seal_pass(item.id, until)?;
            return Ok(format!("{}/api/lent/{pass}", config.public_url.trim_end_matches('/')));
        }
        let full = renditions::find(self.cx, item, "full").await?;
        let (address, mime) = match full {
            Some(found) => found,
            None => renditions::find(self.cx, item, "preview").await?.ok_or(Error::NotFound)?,
        };
        let blobs = self.cx.access().blobs();
        let bytes = blobs.read_all(&address, limits::PICTURE_BYTES_MAX as u64).await?;
        Ok(format!("data:{mime};base64,{}", STANDARD.encode(bytes)))
    }
}

/// A version, as text or as a number.
fn version(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let text = crate::intake::checked_name(text.trim());
    (!text.is_empty()).then_some(text)
}

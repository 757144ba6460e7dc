//! What all operations of the interface have in common, said once: the description that the handlers
//! make is completed here, to a document that OpenAPI 3.1 calls valid.

use axum::http::StatusCode;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    ContentBuilder, ObjectBuilder, OpenApi, Ref, RefOr, Required, Response, ResponseBuilder, Type,
};

const FAILURE: &str = "Failure";
const KEY: &str = "IdempotencyKey";

/// Mutating operations that take no `Idempotency-Key`, because they need none (H3): the caller
/// chooses the id, or the same again does no harm, or somebody is signed in or out.
const WITHOUT_KEY: [&str; 22] = [
    "delete_kept",
    "delete_organization",
    "delete_session",
    "patch_session",
    "patch_upload",
    "post_accept",
    "post_check",
    "post_claim",
    "post_finish",
    "post_predictions",
    "post_prompt",
    "post_session",
    "post_sign_up",
    "put_adjudication",
    "put_answer",
    "put_comment",
    "put_read",
    "put_thread_state",
    "put_draft",
    "put_kept",
    "put_password",
    "put_review",
];

pub fn complete(mut document: OpenApi) -> OpenApi {
    for item in document.paths.paths.values_mut() {
        let PathItem { get, put, post, delete, patch, .. } = item;
        if let Some(operation) = get {
            complete_operation(operation);
        }
        for operation in [put, post, delete, patch].into_iter().flatten() {
            complete_operation(operation);
            let id = operation.operation_id.as_deref().unwrap_or_default();
            if !WITHOUT_KEY.contains(&id) && !is_open(operation) {
                let key = RefOr::Ref(Ref::new(format!("#/components/parameters/{KEY}")));
                operation.parameters.get_or_insert_default().push(key);
            }
        }
    }
    let parts = document.components.get_or_insert_default();
    parts.parameters.insert(KEY.into(), RefOr::T(idempotency_key()));
    parts.responses.insert(FAILURE.into(), RefOr::T(failure()));
    let session = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
        "__Host-fairmark",
        "A session in a browser; `fairmark` on plain-http loopback. What changes something also sends `Fairmark-Request: 1` (H6).",
    )));
    let key = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("An API key, `fmk_live_…` or `fmk_test_…`."))
        .build();
    parts.add_security_scheme("session", session);
    parts.add_security_scheme("key", SecurityScheme::Http(key));
    let either = ["session", "key"].map(|name| SecurityRequirement::new(name, [""; 0]));
    document.security = Some(either.into());
    document
}

/// Whether an operation wants nobody to be signed in.
fn is_open(operation: &Operation) -> bool {
    operation.security.as_ref().is_some_and(|all| all.contains(&SecurityRequirement::default()))
}

fn complete_operation(operation: &mut Operation) {
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.content.iter_mut().for_each(|(kind, content)| plain_bytes(kind, content));
    }
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        response.content.iter_mut().for_each(|(kind, content)| plain_bytes(kind, content));
        if response.description.is_empty() {
            let status = status.parse().ok().and_then(|code| StatusCode::from_u16(code).ok());
            let words = status.and_then(|status| status.canonical_reason());
            response.description = words.unwrap_or("An answer").into();
        }
    }
    let failure = RefOr::Ref(Ref::from_response_name(FAILURE));
    operation.responses.responses.insert("default".into(), failure);
}

/// Bytes are bytes, and no list of numbers.
fn plain_bytes(kind: &str, content: &mut RefOr<utoipa::openapi::Content>) {
    if let (true, RefOr::T(content)) =
        (kind.starts_with("image/") || kind == "application/octet-stream", content)
    {
        content.schema = None;
    }
}

fn idempotency_key() -> Parameter {
    let text =
        ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(128));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("The same key with the same body gives the recorded answer (H3)."))
        .schema(Some(text))
        .build()
}

fn failure() -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Failure"))).build();
    ResponseBuilder::new()
        .description("It was refused or failed; the codes are in docs/spec/errors.md")
        .content("application/json", content)
        .build()
}

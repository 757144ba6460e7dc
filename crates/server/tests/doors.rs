//! The doors themselves: what they say on every answer, whom they turn away, and that nothing
//! which is thrown at them breaks them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use axum::http::{Method, StatusCode};
use domain::Role;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};
use support::{PASSWORD, World, code, schema};

fn routes() -> Vec<(Method, String)> {
    let document = serde_json::to_value(server::openapi()).unwrap();
    let mut routes = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            routes.push((method.to_uppercase().parse().unwrap(), path.clone()));
        }
    }
    routes
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_protect() {
    let world =
        World::configured(|config| config.public_url = "https://label.example.org".into()).await;
    let pages = [
        "/",
        "/projects/x",
        "/assets/none.js",
        "/healthz",
        "/readyz",
        "/metrics",
        "/api/openapi.json",
        "/api/none",
    ];
    let mut all: Vec<(Method, String)> = pages.map(|page| (Method::GET, page.to_string())).into();
    all.push((Method::POST, "/".into()));
    all.push((Method::TRACE, "/api/session".into()));
    all.extend(routes());
    for (method, path) in all {
        let reply = world.nobody().send(method.clone(), &path, "").await;
        let header =
            |name: &str| reply.headers.get(name).map_or("", |value| value.to_str().unwrap());
        let csp = header("content-security-policy");
        assert!(
            csp.starts_with("default-src 'none'") && !csp.contains("unsafe"),
            "{method} {path}: {csp}"
        );
        assert!(
            csp.contains("frame-ancestors 'none'") && csp.contains("base-uri 'none'"),
            "{path}"
        );
        for (name, want) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("strict-transport-security", "max-age=31536000; includeSubDomains"),
        ] {
            assert_eq!(header(name), want, "{method} {path}: {name}");
        }
        assert!(!header("x-request-id").is_empty(), "{method} {path}");
        assert!(!header("cache-control").is_empty(), "{method} {path}");
        assert_eq!(header("access-control-allow-origin"), "", "{method} {path}");
        assert_eq!(header("server"), "", "{method} {path}");
    }
}

#[tokio::test]
async fn every_error_has_one_shape_and_names_its_request() {
    let world = World::new().await;
    let owner = world.owner();
    let long = format!("{{\"name\":\"{}\"}}", "x".repeat(domain::limits::BODY_BYTES_MAX));
    let calls = [
        (Method::GET, "/api/none", String::new(), 404, "not_found"),
        (Method::POST, "/api/none", String::new(), 404, "not_found"),
        (Method::PUT, "/api/session", String::new(), 405, "method_not_allowed"),
        (Method::GET, "/api/projects?limit=many", String::new(), 400, "bad_request"),
        (Method::GET, "/api/projects?limit=9999", String::new(), 400, "bad_request"),
        (Method::GET, "/api/projects?cursor=no", String::new(), 400, "bad_request"),
        (Method::GET, "/api/projects/no", String::new(), 404, "not_found"),
        (Method::GET, "/api/projects/%FF", String::new(), 400, "bad_request"),
        (Method::POST, "/api/projects", "{".into(), 400, "bad_request"),
        (Method::POST, "/api/projects", long, 413, "too_large"),
        (
            Method::POST,
            "/api/keys",
            json!({ "name": "k", "mode": "live", "role": "viewer", "id": 7 }).to_string(),
            400,
            "bad_request",
        ),
        (
            Method::POST,
            "/api/invitations",
            json!({ "email": "x", "role": "viewer" }).to_string(),
            422,
            "invalid",
        ),
    ];
    for (method, path, body, status, wanted) in calls {
        let reply = owner.send(method.clone(), path, body).await;
        let error = reply.json();
        assert_eq!(
            (reply.status.as_u16(), code(&error)),
            (status, wanted),
            "{method} {path}: {error}"
        );
        let id = reply.headers["x-request-id"].to_str().unwrap();
        assert_eq!(error["error"]["request"], id, "{method} {path}");
        assert!(error["error"]["message"].as_str().is_some_and(|text| !text.is_empty()), "{error}");
    }
    let unknown = json!({ "email": "a@example.org", "role": "viewer", "rolle": 1 });
    let (_, body) = owner.post("/api/invitations", unknown).await;
    assert!(body["error"]["message"].as_str().unwrap().contains("`rolle`"), "{body}");
    let reply = owner.send(Method::PUT, "/api/session", "").await;
    assert!(reply.headers["allow"].to_str().unwrap().contains("PATCH"));
}

#[tokio::test]
async fn a_cookie_alone_changes_nothing() {
    let world = World::new().await;
    let owner = world.owner().with("host", "127.0.0.1:7780");
    let base = owner.clone().without("fairmark-request");
    let ask = |caller: &support::Caller| caller.clone().with("fairmark-request", "1");
    let table = [
        ("without the header", base.clone(), false),
        ("with another value", base.clone().with("fairmark-request", "yes"), false),
        (
            "from our page",
            ask(&base)
                .with("origin", "http://127.0.0.1:7780")
                .with("sec-fetch-site", "same-origin"),
            true,
        ),
        ("by a program", ask(&base), true),
        ("from another site", ask(&base).with("origin", "http://evil.example"), false),
        ("from another port", ask(&base).with("origin", "http://127.0.0.1:9999"), false),
        ("from a frame without origin", ask(&base).with("origin", "null"), false),
        ("from a sibling", ask(&base).with("sec-fetch-site", "same-site"), false),
        ("cross-site without origin", ask(&base).with("sec-fetch-site", "cross-site"), false),
        ("typed in", ask(&base).with("sec-fetch-site", "none"), false),
    ];
    for (what, caller, fine) in table {
        let (status, body) = caller.patch("/api/organization", json!({ "name": "Acme" })).await;
        let want = if fine { StatusCode::OK } else { StatusCode::FORBIDDEN };
        assert_eq!(status, want, "{what}: {body}");
        assert_eq!(caller.get("/api/session").await.0, StatusCode::OK, "{what}: reading is fine");
    }
    // Nobody is signed in by somebody else's page either.
    let login = json!({ "email": "owner@example.org", "password": PASSWORD });
    let elsewhere =
        world.nobody().with("host", "127.0.0.1:7780").with("origin", "http://evil.example");
    let (status, body) = elsewhere.post("/api/session", login.clone()).await;
    assert_eq!((status, code(&body)), (StatusCode::FORBIDDEN, "cross_site"));
    assert_eq!(world.nobody().post("/api/session", login).await.0, StatusCode::OK);
}

#[tokio::test]
async fn the_cookie_is_bound_to_this_host_and_hidden_from_scripts() {
    let login = json!({ "email": "owner@example.org", "password": PASSWORD }).to_string();
    for (url, name, secure) in [
        ("https://label.example.org", "__Host-fairmark=", true),
        ("http://127.0.0.1:7780", "fairmark=", false),
    ] {
        let world = World::configured(|config| config.public_url = url.into()).await;
        let reply = world.nobody().send(Method::POST, "/api/session", login.clone()).await;
        let cookie = reply.headers["set-cookie"].to_str().unwrap();
        assert!(cookie.starts_with(name), "{cookie}");
        for part in ["Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=1209600"] {
            assert!(cookie.split("; ").any(|found| found == part), "{cookie}: {part}");
        }
        assert_eq!(
            (cookie.contains("; Secure"), cookie.contains("Domain")),
            (secure, false),
            "{cookie}"
        );
        // The next login of the same browser ends this session.
        let first = world.signed_in(&reply);
        let second = first.send(Method::POST, "/api/session", login.clone()).await;
        assert_eq!(first.get("/api/session").await.0, StatusCode::UNAUTHORIZED);
        let second = world.signed_in(&second);
        let left = second.send(Method::DELETE, "/api/session", "").await;
        assert_eq!(left.status, StatusCode::NO_CONTENT);
        assert!(left.headers["clear-site-data"].to_str().unwrap().contains("storage"));
        assert_eq!(second.get("/api/session").await.0, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn guessing_is_slowed_down() {
    let world = World::new().await;
    // Whether the account exists makes no difference.
    for email in ["owner@example.org", "nobody@example.org"] {
        let guess = json!({ "email": email, "password": "wrong" }).to_string();
        // All at once, so that a slow machine does not wait the limit out.
        let nobody = world.nobody();
        let guesses = (0..16).map(|_| nobody.send(Method::POST, "/api/session", guess.clone()));
        let answers = futures_util::future::join_all(guesses).await;
        let slowed: Vec<_> = answers
            .iter()
            .filter(|answer| answer.status == StatusCode::TOO_MANY_REQUESTS)
            .collect();
        assert!((1..=6).contains(&slowed.len()), "{}", slowed.len());
        for answer in &slowed {
            assert_eq!(code(&answer.json()), "too_many_attempts");
            let wait: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
            assert!((1..=60).contains(&wait), "{wait}");
        }
        let others = answers.iter().filter(|answer| answer.status == StatusCode::UNAUTHORIZED);
        assert_eq!(others.count() + slowed.len(), 16);
    }
    let token = json!({ "token": "guessed" });
    let mut last = (StatusCode::OK, Value::Null);
    for _ in 0..11 {
        last = world.nobody().post("/api/invitations/open", token.clone()).await;
    }
    assert_eq!(last.0, StatusCode::TOO_MANY_REQUESTS, "one token");
    let (here, there) = (
        world.nobody().with("x-fairmark-peer", "192.0.2.1"),
        world.nobody().with("x-fairmark-peer", "192.0.2.2"),
    );
    for number in 0..70 {
        let token = json!({ "token": format!("guess-{number}") });
        last = here.post("/api/invitations/open", token).await;
    }
    assert_eq!(last.0, StatusCode::TOO_MANY_REQUESTS, "many tokens from one address");
    let (status, _) = there.post("/api/invitations/open", json!({ "token": "another" })).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "other addresses are not held up");
}

/// Without the hash of nobody's password the answer would come a hundred times sooner; a loaded
/// machine makes up for a factor of four at most.
#[tokio::test]
async fn a_login_takes_as_long_for_an_account_that_is_not_there() {
    let world = World::new().await;
    let mut fastest = [Duration::MAX; 2];
    for _ in 0..8 {
        for (index, email) in ["owner@example.org", "nobody@example.org"].into_iter().enumerate() {
            let began = Instant::now();
            let guess = json!({ "email": email, "password": "wrong" });
            let (status, _) = world.nobody().post("/api/session", guess).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED);
            fastest[index] = fastest[index].min(began.elapsed());
        }
    }
    let [known, unknown] = fastest;
    assert!(unknown * 4 > known && known * 4 > unknown, "{known:?} and {unknown:?}");
}

/// Numbers that are the same for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn value(&mut self, names: &[String], depth: usize) -> Value {
        match self.below(if depth == 0 { 9 } else { 12 }) {
            0 => Value::Null,
            1 => json!(self.below(2) == 0),
            2 => json!(self.below(10)),
            3 => json!(i64::MIN),
            4 => json!(1e300),
            5 => json!(-0.5),
            6 => json!("x".repeat(self.below(300))),
            7 => json!("\u{0}\u{202e}'; drop table person; --"),
            8 => json!(["owner", "live", "label", "a@example.org", "fix", ""][self.below(6)]),
            9 => Value::Array((0..self.below(4)).map(|_| self.value(names, depth - 1)).collect()),
            _ => self.object(names, depth - 1),
        }
    }

    fn object(&mut self, names: &[String], depth: usize) -> Value {
        let count = self.below(6);
        let field = |random: &mut Self| {
            (names[random.below(names.len())].clone(), random.value(names, depth))
        };
        Value::Object((0..count).map(|_| field(self)).collect())
    }
}

#[tokio::test]
async fn no_body_breaks_a_door() {
    let world = World::configured(|config| config.sign_up_open = true).await;
    let document = serde_json::to_value(server::openapi()).unwrap();
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ (seed + 1));
    let project = json!({ "name": "Cats", "template": "image_boxes" });
    let (_, project) = world.owner().post("/api/projects", project).await;
    let mut seen = BTreeSet::new();
    for (method, path) in routes().into_iter().filter(|(method, _)| method != Method::GET) {
        let operation = &document["paths"][&path][method.as_str().to_lowercase()];
        let mut fields = vec!["unknown".to_string(), "id".into()];
        let wanted = &operation["requestBody"]["content"]["application/json"]["schema"];
        schema::names(&document, wanted, &mut fields);
        let least = schema::sample(&document, wanted);
        let filled = path.replace("{project}", project["id"].as_str().unwrap());
        let filled = filled.replace(['{', '}'], "");
        // Some calls end the session, or the organization.
        let caller = world.user(Role::Owner).await;
        for round in 0..30 {
            let body = match round {
                0 => String::new(),
                1 => "[]".into(),
                2 => "\u{feff}{}".into(),
                3 => "[".repeat(100_000),
                4 => "{\"id\":1,\"id\":2}".into(),
                5 => least.to_string(),
                6 => random.value(&fields, 3).to_string(),
                // Well-formed but for one field, so that more than the reader is met.
                _ if random.below(3) > 0 && least.is_object() => {
                    let mut body = least.clone();
                    body[&fields[random.below(fields.len())]] = random.value(&fields, 2);
                    body.to_string()
                }
                _ => random.object(&fields, 3).to_string(),
            };
            let reply = caller.send(method.clone(), &filled, body.clone()).await;
            seen.insert(reply.status.as_u16());
            let start: String = body.chars().take(500).collect();
            assert!(
                !reply.status.is_server_error(),
                "SEED={seed} {method} {filled} {start}: {}",
                reply.json()
            );
        }
    }
    // A fuzzer that is stopped at the first door finds nothing.
    for status in [200, 400, 404, 409, 422] {
        assert!(seen.contains(&status), "{status} was never answered: {seen:?}");
    }
}

/// Every stable code that the source can answer, as far as a text search finds them.
fn codes(folder: &Path, into: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            codes(&path, into);
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        for marker in ["refused(", "ended(", "code: "] {
            into.extend(text.split(marker).skip(1).filter_map(literal));
        }
        for marker in ["invalid(", "Problem::new(", "Fault::new("] {
            into.extend(text.split(marker).skip(1).filter_map(|rest| literal(second(rest)?)));
        }
        let file = path.file_name().unwrap().to_str().unwrap();
        if ["error.rs", "outbound.rs"].contains(&file) {
            into.extend(text.split("=> ").skip(1).filter_map(|rest| {
                let rest = rest.trim_start_matches(['{', '\n', ' ']);
                let tuple = rest.strip_prefix('(');
                literal(tuple.map_or(Some(rest), second)?)
            }));
        }
    }
}

/// What follows the first comma that is not inside brackets.
fn second(text: &str) -> Option<&str> {
    let mut depth = 0;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => return None,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => return Some(&text[at + 1..]),
            _ => {}
        }
    }
    None
}

/// The string that the text begins with, if it looks like a code.
fn literal(text: &str) -> Option<String> {
    let (code, _) = text.trim_start().strip_prefix('"')?.split_once('"')?;
    let fine =
        !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    fine.then(|| code.to_string())
}

/// Every code that a reader of files gives a row, or the file itself.
fn codes_of_files(folder: &Path, into: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            codes_of_files(&path, into);
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for name in ["fn code(&self) -> &'static str", "fn as_str(self) -> &'static str"] {
            for body in text.split(name).skip(1) {
                let body = body.split("\n    }\n").next().unwrap();
                into.extend(body.split("=> ").skip(1).filter_map(literal));
            }
        }
    }
}

#[test]
fn every_code_is_documented() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    codes_of_files(&here.join("../formats/src"), &mut found);
    assert!(found.len() > 40 && found.contains("unclosed_quote"), "{found:?}");
    codes(&here.join("src"), &mut found);
    codes(&here.join("../domain/src"), &mut found);
    assert!(
        found.len() > 60 && found.contains("last_owner") && found.contains("wrong_login"),
        "{found:?}"
    );
    let page = std::fs::read_to_string(here.join("../../docs/spec/errors.md")).unwrap();
    let missing: Vec<&String> =
        found.iter().filter(|code| !page.contains(&format!("| `{code}` |"))).collect();
    assert!(missing.is_empty(), "docs/spec/errors.md does not explain {missing:?}");
}

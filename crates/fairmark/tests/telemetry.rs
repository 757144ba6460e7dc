//! Traces, as a receiver of OTLP gets them: real ones, from the program itself.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod program;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value};
use opentelemetry_proto::tonic::trace::v1::{Span, span::SpanKind};
use program::{Server, fairmark, json};
use prost::Message;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A receiver of OTLP over HTTP, and what it was sent.
struct Receiver {
    address: SocketAddr,
    sent: Arc<Mutex<Vec<(String, ExportTraceServiceRequest)>>>,
}

impl Receiver {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let sent = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&sent);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let kept = Arc::clone(&kept);
                std::thread::spawn(
                    move || while receive(stream.as_ref().unwrap(), &kept).is_some() {},
                );
            }
        });
        Self { address, sent }
    }

    fn spans(&self) -> Vec<Span> {
        let sent = self.sent.lock().unwrap();
        let resources = sent.iter().flat_map(|(_, batch)| &batch.resource_spans);
        resources.flat_map(|one| &one.scope_spans).flat_map(|one| one.spans.clone()).collect()
    }
}

/// One request of a connection; nothing once it is closed.
fn receive(
    mut stream: &TcpStream,
    kept: &Mutex<Vec<(String, ExportTraceServiceRequest)>>,
) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return None;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    kept.lock().unwrap().push((head, ExportTraceServiceRequest::decode(&body[..]).unwrap()));
    let answer =
        "HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";
    stream.write_all(answer.as_bytes()).ok()
}

fn text(attributes: &[KeyValue], key: &str) -> Option<String> {
    let found = attributes.iter().find(|pair| pair.key == key)?.value.clone()?;
    match found.value? {
        any_value::Value::StringValue(text) => Some(text),
        any_value::Value::IntValue(number) => Some(number.to_string()),
        other => panic!("{key} is {other:?}"),
    }
}

#[test]
fn requests_jobs_and_commands_are_told_to_the_receiver_that_was_named() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let receiver = Receiver::start();
    json(at, &["organization", "create", "Acme", "--data-dir", "data"]);
    let words = ["key", "create", "--organization", "Acme", "--mode", "live", "--data-dir", "data"];
    let secret = json(at, &words)["secret"].as_str().unwrap().to_string();

    let endpoint = format!("http://{}/", receiver.address);
    let server = Server::start(
        at,
        &["--data-dir", "data", "--otlp-endpoint", &endpoint, "--otlp-header", "x-who=fairmark"],
    );
    let door = ["--server", server.url.as_str(), "--key", &secret];
    json(at, &[&["project", "create", "Hidden", "--template", "text_choice"][..], &door].concat());
    std::fs::write(at.join("list.jsonl"), "{\"external_id\":\"a\",\"text\":\"Hidden words\"}\n")
        .unwrap();
    json(at, &[&["import", "list.jsonl", "--project", "Hidden"][..], &door].concat());
    assert_eq!(server.stop(), Some(0));

    let spans = receiver.spans();
    let named = |name: &str| {
        let all: Vec<&Span> = spans.iter().filter(|span| span.name == name).collect();
        assert!(
            !all.is_empty(),
            "{name} is not among {:?}",
            spans.iter().map(|span| &span.name).collect::<Vec<_>>()
        );
        all
    };
    let inside = |parent: &Span, name: &str, store: &str| {
        let found = spans.iter().find(|span| {
            (&span.trace_id, &span.parent_span_id) == (&parent.trace_id, &parent.span_id)
                && span.name == name
                && text(&span.attributes, "fairmark.store").as_deref() == Some(store)
        });
        let found = found.unwrap_or_else(|| panic!("{} has no {name} of {store}", parent.name));
        assert_eq!(text(&found.attributes, "db.system.name").as_deref(), Some("sqlite"));
    };

    let made = named("POST /api/projects")[0];
    assert!(made.parent_span_id.is_empty() && made.end_time_unix_nano > made.start_time_unix_nano);
    assert_eq!(made.kind, SpanKind::Server as i32);
    assert_eq!(text(&made.attributes, "http.response.status_code").as_deref(), Some("200"));
    assert_eq!(text(&made.attributes, "http.route").as_deref(), Some("/api/projects"));
    inside(made, "store.read", "control");
    inside(made, "store.write", "organization");

    let job = named("job import")[0];
    inside(job, "store.read", "organization");
    inside(job, "store.write", "organization");

    let sent = receiver.sent.lock().unwrap();
    for (head, batch) in &*sent {
        let head = head.to_lowercase();
        assert!(head.starts_with("post /v1/traces http/1.1\r\n"), "{head}");
        assert!(
            head.contains("application/x-protobuf") && head.contains("x-who: fairmark"),
            "{head}"
        );
        let resource = batch.resource_spans[0].resource.as_ref().unwrap();
        assert_eq!(text(&resource.attributes, "service.name").as_deref(), Some("fairmark"));
        assert!(!format!("{batch:?}").contains("Hidden"), "nothing of what customers brought");
    }
}

#[test]
fn nothing_leaves_that_was_not_asked_for_and_a_receiver_that_is_gone_delays_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start();
    let address = format!("http://{}", receiver.address);
    let words = ["serve", "--listen", "127.0.0.1:0", "--data-dir", "data"];
    let mut quiet = fairmark(folder.path(), &words);
    quiet.env("OTEL_EXPORTER_OTLP_ENDPOINT", &address).env("OTEL_TRACES_EXPORTER", "otlp");
    let server = Server::of(&mut quiet);
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200"));
    assert_eq!(server.stop(), Some(0));
    assert!(receiver.sent.lock().unwrap().is_empty());

    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let began = std::time::Instant::now();
    let server = Server::start(
        folder.path(),
        &["--data-dir", "data", "--otlp-endpoint", &format!("http://{gone}")],
    );
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200"));
    assert_eq!(server.stop(), Some(0));
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
}

//! The ways out: calls to addresses that somebody typed in, and letters.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use axum::http::StatusCode;
use serde_json::json;
use server::config::Smtp;
use server::outbound::{Found, Lookup, Outbound, Refusal, is_public};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use support::World;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

/// A server on this machine that counts who comes, and answers everybody the same.
async fn server(answer: &'static str) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, SeqCst);
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (address, count)
}

/// Names that lead where somebody wants us to go. A name answers differently every other time.
struct Names(AtomicUsize);

impl Lookup for Names {
    fn lookup(&self, host: String) -> Found {
        let asked = self.0.fetch_add(1, SeqCst);
        let public = "93.184.215.14";
        let found: &[&str] = match host.trim_end_matches('.') {
            "inside.test" | "localhost" | "allowed.test" => &["127.0.0.1"],
            "ten.test" => &["10.0.0.8"],
            "metadata.test" => &["169.254.169.254"],
            "six.test" => &["::1"],
            "mapped.test" => &["::ffff:127.0.0.1"],
            "local-six.test" => &["fd00:ec2::254"],
            "mixed.test" => &[public, "127.0.0.1"],
            "rebind.test" if asked.is_multiple_of(2) => &["127.0.0.1"],
            "rebind.test" => &["10.0.0.1"],
            _ => &[],
        };
        let found: Vec<IpAddr> = found.iter().map(|text| text.parse().unwrap()).collect();
        Box::pin(async move {
            if found.is_empty() { Err(std::io::ErrorKind::NotFound.into()) } else { Ok(found) }
        })
    }
}

fn guarded(allowed: &[&str]) -> Outbound {
    let allowed: Vec<String> = allowed.iter().map(|host| host.to_string()).collect();
    Outbound::new(&allowed, Arc::new(Names(AtomicUsize::new(0))))
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello";

/// Where nobody who asks us to fetch something may lead us. `{}` is the port of a server that
/// would answer.
const HOSTILE: &[&str] = &[
    // Loopback, as itself and in disguise.
    "http://127.0.0.1:{}/",
    "http://127.0.0.1:{}",
    "http://127.1:{}/",
    "http://127.0.1:{}/",
    "http://127.255.255.254:{}/",
    "http://2130706433:{}/",
    "http://0x7f000001:{}/",
    "http://0x7f.0.0.1:{}/",
    "http://0x7f.1:{}/",
    "http://017700000001:{}/",
    "http://0177.0.0.1:{}/",
    "http://0177.0.0.01:{}/",
    "http://127.0.0.1.:{}/",
    "http://%31%32%37.0.0.1:{}/",
    "http://１２７.０.０.１:{}/",
    "http://127。0。0。1:{}/",
    "http://localhost:{}/",
    "http://LOCALHOST:{}/",
    "http://localhost.:{}/",
    "http://0.0.0.0:{}/",
    "http://0:{}/",
    "http:127.0.0.1:{}/",
    "http:///127.0.0.1:{}/",
    "http:\\\\127.0.0.1:{}/",
    " http://127.0.0.1:{}/",
    "https://127.0.0.1:{}/",
    // IPv6, and IPv4 inside it.
    "http://[::1]:{}/",
    "http://[0:0:0:0:0:0:0:1]:{}/",
    "http://[::]:{}/",
    "http://[::ffff:127.0.0.1]:{}/",
    "http://[::ffff:7f00:1]:{}/",
    "http://[::127.0.0.1]:{}/",
    "http://[64:ff9b::7f00:1]:{}/",
    "http://[64:ff9b:1::7f00:1]:{}/",
    "http://[2002:7f00:1::]:{}/",
    "http://[2001:0:7f00:1::]:{}/",
    "http://[fe80::1]:{}/",
    "http://[fc00::1]:{}/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://[ff02::1]:{}/",
    "http://[2001:db8::1]/",
    "http://[100::1]/",
    // Private networks and metadata.
    "http://10.0.0.1/",
    "http://10.255.255.255/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/iam/security-credentials/",
    "http://2852039166/latest/meta-data/",
    "http://0xA9FEA9FE/",
    "http://0251.0376.0251.0376/",
    "http://[::ffff:169.254.169.254]/",
    "http://100.100.100.200/latest/meta-data/",
    "http://100.64.0.1/",
    "http://168.63.129.16/metadata/instance",
    "http://192.0.0.192/opc/v1/instance/",
    "http://198.18.0.1/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    // Names that lead inside.
    "http://inside.test:{}/",
    "https://inside.test:{}/",
    "http://INSIDE.test.:{}/",
    "http://ten.test/",
    "http://metadata.test/latest/meta-data/",
    "http://six.test:{}/",
    "http://mapped.test:{}/",
    "http://local-six.test/",
    "http://mixed.test:{}/",
    "http://rebind.test:{}/",
    // Other ways to speak.
    "file:///etc/passwd",
    "file://127.0.0.1/etc/passwd",
    "gopher://127.0.0.1:{}/_GET",
    "ftp://127.0.0.1:{}/",
    "dict://127.0.0.1:{}/",
    "data:text/plain,hello",
    "javascript:alert(1)",
    "unix:///var/run/docker.sock",
    "//127.0.0.1:{}/",
    "/etc/passwd",
    "",
    "http://",
    // Somebody else's name before the host.
    "http://example.org@127.0.0.1:{}/",
    "http://user:secret@allowed.test:{}/",
    "http://127.0.0.1:{}#@example.org/",
    "http://127.0.0.1:{}?@example.org/",
];

#[tokio::test]
async fn nothing_inside_is_reached() {
    assert!(HOSTILE.len() >= 60);
    let (address, count) = server(OK).await;
    let outbound = guarded(&["allowed.test"]);
    for url in HOSTILE {
        let url = url.replace("{}", &address.port().to_string());
        let refusal = outbound.get(&url, 100).await.expect_err(&url);
        let fine = matches!(refusal, Refusal::BadUrl | Refusal::UserInfo | Refusal::Private { .. });
        assert!(fine, "{url} was not refused but tried: {refusal}");
    }
    assert_eq!(count.load(SeqCst), 0);
}

#[tokio::test]
async fn what_is_allowed_by_name_is_reached_and_bounded() {
    let (address, count) = server(OK).await;
    let outbound = guarded(&["Allowed.test", "127.0.0.1"]);
    let url = format!("http://allowed.test:{}/", address.port());
    assert_eq!(outbound.get(&url, 100).await.unwrap(), "hello");
    assert_eq!(outbound.get(&format!("http://{address}/"), 5).await.unwrap(), "hello");
    assert_eq!(outbound.get(&url, 4).await, Err(Refusal::TooLarge { limit: 4 }));
    assert_eq!(count.load(SeqCst), 3);
    assert!(matches!(outbound.get("http://nowhere.test/", 100).await, Err(Refusal::Failed(_))));
}

#[tokio::test]
async fn a_redirect_leads_nowhere() {
    let (inside, count) = server(OK).await;
    let answer = format!(
        "HTTP/1.1 302 Found\r\nlocation: http://{inside}/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    );
    let (address, _) = server(answer.leak()).await;
    let outbound = guarded(&["allowed.test"]);
    let url = format!("http://allowed.test:{}/", address.port());
    assert_eq!(outbound.get(&url, 100).await, Err(Refusal::Redirect));
    assert_eq!(count.load(SeqCst), 0);
}

#[test]
fn public_addresses_are_public() {
    for address in
        ["93.184.215.14", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1"]
    {
        assert!(is_public(address.parse().unwrap()), "{address}");
    }
}

/// A mail server that takes everything and keeps it.
async fn mail_server() -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let letters = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&letters);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let kept = Arc::clone(&kept);
            tokio::spawn(async move {
                let mut stream = BufReader::new(stream);
                let mut letter: Option<String> = None;
                let mut line = String::new();
                let _ = stream.write_all(b"220 sink\r\n").await;
                loop {
                    line.clear();
                    if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                        return;
                    }
                    let answer = match (&mut letter, line.trim_end()) {
                        (Some(_), ".") => {
                            kept.lock().unwrap().extend(letter.take());
                            "250 kept"
                        }
                        (Some(letter), text) => {
                            letter.push_str(text);
                            letter.push('\n');
                            continue;
                        }
                        (None, "DATA") => {
                            letter = Some(String::new());
                            "354 go on"
                        }
                        (None, "QUIT") => "221 bye",
                        _ => "250 sink",
                    };
                    let _ = stream.write_all(format!("{answer}\r\n").as_bytes()).await;
                }
            });
        }
    });
    (address, letters)
}

#[tokio::test]
async fn an_invitation_is_mailed_where_mail_is_configured() {
    let (address, letters) = mail_server().await;
    let world = World::configured(|config| {
        let url = format!("smtp://{address}");
        config.smtp = Some(Smtp { url, from: "Fairmark <fairmark@example.org>".into() });
    })
    .await;
    let invitation = json!({ "email": "ann@example.org", "role": "reviewer" });
    let (status, made) = world.owner().post("/api/invitations", invitation).await;
    assert_eq!((status, &made["mailed"]), (StatusCode::OK, &json!(true)), "{made}");
    let letters = letters.lock().unwrap().clone();
    assert_eq!(letters.len(), 1);
    // Long lines are broken in the encoding; put together again, the link is whole.
    let letter = letters[0].replace("=\n", "").replace("=3D", "=");
    assert!(letter.contains(made["link"].as_str().unwrap()), "{letter}");
    assert!(letter.contains("To: ann@example.org") && letter.contains("text/plain"), "{letter}");
    assert!(letter.contains("Subject: You are invited to Acme on Fairmark"), "{letter}");
}

#[tokio::test]
async fn a_mail_server_that_is_gone_does_not_stop_an_invitation() {
    let (address, _) = mail_server().await;
    let world = World::configured(|config| {
        let url = format!("smtp://127.0.0.2:{}", address.port());
        config.smtp = Some(Smtp { url, from: "fairmark@example.org".into() });
    })
    .await;
    let invitation = json!({ "email": "ann@example.org", "role": "reviewer" });
    let (status, made) = world.owner().post("/api/invitations", invitation).await;
    assert_eq!((status, &made["mailed"]), (StatusCode::OK, &json!(false)), "{made}");
    assert!(made["link"].is_string());
}

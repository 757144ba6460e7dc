//! The server as a process: how it stops, and where it keeps things when it is told where.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod program;

use program::{Server, head, json, read};
use serde_json::{Value, json as value};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// An organization with a project, and a key to it.
fn set_up(at: &Path, place: &[&str]) -> String {
    json(at, &[&["organization", "create", "Acme"][..], place].concat());
    let words = ["key", "create", "--organization", "Acme", "--mode", "live"];
    let made = json(at, &[&words[..], place].concat());
    made["secret"].as_str().unwrap().to_string()
}

fn project(at: &Path, server: &Server, key: &str, template: &str) -> String {
    let words = ["project", "create", "Work", "--template", template, "--publish"];
    let door = ["--server", server.url.as_str(), "--key", key];
    json(at, &[&words[..], &door].concat())["id"].as_str().unwrap().to_string()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

#[test]
fn what_is_under_way_at_the_stop_is_finished_and_the_rest_goes_on_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let key = set_up(at, &["--data-dir", "data"]);
    let server = Server::start(at, &["--data-dir", "data"]);
    let project = project(at, &server, &key, "text_choice");
    let (status, added) = server.call(
        &key,
        &format!("POST /api/projects/{project}/items"),
        "",
        br#"{"items":[{"external_id":"a","text":"a word"}]}"#,
    );
    assert_eq!((status, &added["created"]), (200, &value!(1)), "{added}");
    let claims = format!("POST /api/projects/{project}/claims");
    let (_, claimed) = server.call(&key, &claims, "", br#"{"stage":"label"}"#);
    let claim = &claimed["claims"][0];
    let begin = format!("POST /api/projects/{project}/uploads");
    let new = br#"{"external_id":"words.txt","bytes":20}"#;
    let (_, upload) = server.call(&key, &begin, "", new);
    let piece = format!("PATCH /api/uploads/{}", text(&upload["id"]));
    let (_, sent) = server.call(&key, &piece, "upload-offset: 0\r\n", b"ten letter");
    assert_eq!(sent["offset"], 10, "{sent}");

    // A second piece is half sent when the server is told to stop: it comes in all the same, and
    // nobody else gets in.
    let mut stream = server.connect().unwrap();
    write!(stream, "{}four", head(&key, &piece, "upload-offset: 10\r\n", 8)).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    server.tell_to_stop();
    let mut closed = false;
    for _ in 0..100 {
        closed = server.connect().is_err();
        if closed {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(closed, "a server that stops lets nobody in");
    write!(stream, "more").unwrap();
    let (status, sent) = read(stream);
    assert_eq!((status, &sent["offset"]), (200, &value!(18)), "{sent}");
    assert_eq!(server.stop(), Some(0));

    let server = Server::start(at, &["--data-dir", "data"]);
    let (_, again) = server.call(&key, &begin, "", new);
    assert_eq!((&again["id"], &again["offset"]), (&upload["id"], &value!(18)), "{again}");
    server.call(&key, &piece, "upload-offset: 18\r\n", b"!!");
    let finish = format!("POST /api/uploads/{}/finish", text(&upload["id"]));
    let (status, done) = server.call(&key, &finish, "", b"");
    assert_eq!((status, text(&done["state"])), (200, "done"), "{done}");
    let answer = value!({
        "submission": "sub_stop0001", "fence": claim["fence"], "active_ms": 5,
        "answer": { "choices": ["positive"] },
    });
    let put = format!("PUT /api/slots/{}/answer", text(&claim["slot"]));
    let (status, receipt) = server.call(&key, &put, "", answer.to_string().as_bytes());
    assert_eq!((status, &receipt["durable"]), (200, &value!(true)), "{receipt}");
    assert_eq!(server.stop(), Some(0));
}

/// A server that speaks S3, with its buckets as folders.
async fn serve_s3(root: PathBuf) -> String {
    let files = s3s_fs::FileSystem::new(root).unwrap();
    let mut service = s3s::service::S3ServiceBuilder::new(files);
    service.set_auth(s3s::auth::SimpleAuth::from_single("AKEXAMPLES3S", "SKEXAMPLES3S"));
    let service = service.build();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let (socket, service) = (hyper_util::rt::TokioIo::new(socket), service.clone());
            tokio::spawn(async move {
                // A client that goes away is no failure of the test.
                let server = hyper::server::conn::http1::Builder::new();
                let _ = server.serve_connection(socket, service).await;
            });
        }
    });
    format!("http://{address}")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_lie_sealed_in_the_bucket_that_the_settings_name() {
    let folder = tempfile::tempdir().unwrap();
    let buckets = folder.path().join("s3");
    std::fs::create_dir_all(buckets.join("pictures")).unwrap();
    let endpoint = serve_s3(buckets.clone()).await;
    let story = move || {
        let at = folder.path();
        let settings = format!(
            "data-dir = \"data\"\ns3-bucket = \"pictures\"\ns3-endpoint = \"{endpoint}\"\ns3-prefix = \"here\"\n\
             s3-access-key-id = \"AKEXAMPLES3S\"\ns3-secret-access-key = \"SKEXAMPLES3S\"\n"
        );
        std::fs::write(at.join("settings.toml"), settings).unwrap();
        let place = ["--config", "settings.toml"];
        let key = set_up(at, &place);
        let server = Server::start(at, &place);
        let project = project(at, &server, &key, "image_boxes");
        let picture: &[u8] = include_bytes!("../../formats/tests/data/blood.jpg");
        std::fs::create_dir(at.join("new")).unwrap();
        std::fs::write(at.join("new/a.jpg"), picture).unwrap();
        let door = ["--server", server.url.as_str(), "--key", &key];
        let brought = json(at, &[&["import", "new", "--project", "Work"][..], &door].concat());
        assert_eq!(brought["made"], 1, "{brought}");

        let kept = files(&buckets.join("pictures"));
        assert!(
            kept.iter().any(|path| path.starts_with(buckets.join("pictures/here"))),
            "{kept:?}"
        );
        for path in &kept {
            let bytes = std::fs::read(path).unwrap();
            assert!(!bytes.starts_with(&picture[..4]), "{} is not sealed", path.display());
        }
        let (_, items) = server.call(&key, &format!("GET /api/projects/{project}/items"), "", b"");
        let thumb = format!("GET {}", text(&items["items"][0]["picture"]["thumb_url"]));
        assert_eq!(server.call(&key, &thumb, "", b"").0, 200);
        assert_eq!(server.stop(), Some(0));

        json(at, &[&["backup", "b.tar"][..], &place].concat());
        assert_eq!(json(at, &["restore", "b.tar", "--check"])["whole"], true);
        let doctor = json(at, &[&["doctor"][..], &place].concat());
        assert_eq!(doctor["problems"], value!([]), "{doctor}");
    };
    tokio::task::spawn_blocking(story).await.unwrap();
}

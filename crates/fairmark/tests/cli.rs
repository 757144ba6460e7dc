//! The command line as an operator and a script use it: the program itself, on folders of its own.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod program;

use program::{Server, fairmark, json, refused, run};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;

#[test]
fn an_installation_is_set_up_by_a_script_that_may_run_twice() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let data = ["--data-dir", "data"];
    for created in [true, false] {
        let made = json(at, &[&["organization", "create", "Acme"][..], &data].concat());
        assert_eq!(
            (made["name"].as_str(), made["created"].as_bool()),
            (Some("Acme"), Some(created))
        );
        let words = [
            "user",
            "create",
            "ann@example.org",
            "--name",
            "Ann",
            "--organization",
            "Acme",
            "--role",
            "owner",
        ];
        let mut adding = fairmark(at, &[&words[..], &data].concat())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        adding.stdin.take().unwrap().write_all(b"seven small green boats\n").unwrap();
        assert!(adding.wait().unwrap().success());
    }
    let invited = json(
        at,
        &[
            &["user", "invite", "bob@example.org", "--organization", "Acme", "--role", "reviewer"]
                [..],
            &data,
        ]
        .concat(),
    );
    assert!(
        invited["link"].as_str().unwrap().starts_with("http://127.0.0.1:7780/invitation#token=")
    );
    let people = json(at, &[&["user", "list", "--organization", "Acme"][..], &data].concat());
    assert_eq!(people["items"][0]["role"], "owner");

    let key = json(
        at,
        &[&["key", "create", "--organization", "Acme", "--mode", "test"][..], &data].concat(),
    );
    let secret = key["secret"].as_str().unwrap();
    assert!(secret.starts_with("fmk_test_") && secret.ends_with(
        json(at, &[&["key", "list", "--organization", "Acme"][..], &data].concat())["items"][0]["hint"].as_str().unwrap()
    ));
    json(
        at,
        &[&["key", "revoke", key["id"].as_str().unwrap(), "--organization", "Acme"][..], &data]
            .concat(),
    );
    let keys = json(at, &[&["key", "list", "--organization", "Acme"][..], &data].concat());
    assert_eq!(keys["items"], serde_json::json!([]));
}

#[test]
fn what_cannot_be_done_says_why_and_how_to_mend_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let (code, told) =
        refused(at, &["user", "list", "--organization", "Acme", "--data-dir", "nowhere"]);
    assert_eq!(code, 1);
    assert!(
        told.contains("there is no installation in nowhere") && told.contains("--data-dir"),
        "{told}"
    );
    assert!(!at.join("nowhere").exists(), "a misspelt folder is not made");

    let (code, told) = refused(at, &["serve", "--listen", "0.0.0.0:0", "--data-dir", "data"]);
    assert_eq!(code, 2);
    assert!(told.contains("not HTTPS") && told.contains("--insecure-http"), "{told}");
    assert!(!at.join("data").exists());

    std::fs::write(at.join("bad.toml"), "listen = \"127.0.0.1:0\"\ndata-dri = \"data\"\n").unwrap();
    let (code, told) = refused(at, &["serve", "--config", "bad.toml"]);
    assert!(code == 2 && told.contains("data-dri"), "{told}");

    json(at, &["organization", "create", "Acme", "--data-dir", "data"]);
    let (code, told) = refused(
        at,
        &["organization", "destroy", "Acme", "--confirm", "Acne", "--data-dir", "data"],
    );
    assert!(code == 2 && told.contains("Nothing was destroyed"), "{told}");
    let (code, told) = refused(
        at,
        &["key", "create", "--organization", "Acne", "--mode", "live", "--data-dir", "data"],
    );
    assert!(code == 1 && told.contains("There are: Acme."), "{told}");
    let (code, _) = refused(at, &["key", "create", "--organization", "Acme", "--mode", "life"]);
    assert_eq!(code, 2);
    let (code, told) = refused(at, &["project", "list"]);
    assert!(code == 2 && told.contains("FAIRMARK_KEY"), "{told}");
}

/// What there is to do with tasks, jobs and members.
fn work_through_the_door(at: &Path, door: &[&str]) {
    let run = |words: &[&str]| json(at, &[words, door].concat());
    std::fs::write(at.join("songs.csv"), "external_id,text\na,la la\n").unwrap();
    let imported = run(&["import", "songs.csv", "--project", "Songs"]);
    assert_eq!(imported["result"]["created"], 1, "{imported}");
    let tasks = run(&["task", "list", "--project", "Songs"]);
    let task = tasks["items"][0]["id"].as_str().unwrap();
    assert_eq!(run(&["task", "change", task, "--priority", "9"])["priority"], 9);
    assert_eq!(run(&["task", "cancel", task])["state"], "canceled");

    let jobs = run(&["job", "list", "--project", "Songs"]);
    let job = jobs["items"][0]["id"].as_str().unwrap();
    assert_eq!(run(&["job", "show", job])["state"], "done");
    run(&["job", "cancel", job]);

    let words = ["user", "create", "zoe@example.org", "--name", "Zoe", "--organization", "Acme"];
    let words = [&words[..], &["--role", "viewer", "--data-dir", "data"]].concat();
    let mut adding =
        fairmark(at, &words).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    adding.stdin.take().unwrap().write_all(b"seven small green boats\n").unwrap();
    assert!(adding.wait().unwrap().success());
    let members = run(&["member", "list"]);
    assert_eq!(members["items"][0]["email"], "zoe@example.org", "{members}");
    let changed = run(&["member", "change", "Zoe@example.org", "--role", "reviewer"]);
    assert_eq!(changed["role"], "reviewer", "{changed}");
    run(&["member", "remove", "zoe@example.org"]);
    assert_eq!(run(&["member", "list"])["items"], serde_json::json!([]));
    let words = [&["member", "remove", "zoe@example.org"][..], door].concat();
    let (code, told) = refused(at, &words);
    assert!(code == 2 && told.contains("is not a member"), "{told}");
}

#[test]
fn a_server_starts_works_for_keys_made_beside_it_and_ends_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    json(at, &["organization", "create", "Acme", "--data-dir", "data"]);
    std::fs::write(at.join("settings.toml"), "data-dir = \"data\"\nlog-format = \"json\"\n")
        .unwrap();
    let server = Server::start(at, &["--config", "settings.toml"]);
    assert!(
        server.printed.iter().any(|line| line.contains("/setup#token=")),
        "{:?}",
        server.printed
    );

    let (code, told) = refused(at, &["serve", "--listen", "127.0.0.1:0", "--data-dir", "data"]);
    assert!(code == 1 && told.contains("another server works in data"), "{told}");

    let made = json(
        at,
        &["key", "create", "--organization", "Acme", "--mode", "live", "--config", "settings.toml"],
    );
    let secret = made["secret"].as_str().unwrap();
    let door = ["--server", server.url.as_str(), "--key", secret];
    let words =
        [&["project", "create", "Songs", "--template", "text_choice", "--publish"][..], &door]
            .concat();
    assert_eq!(json(at, &words)["state"], "published");
    work_through_the_door(at, &door);
    let paused = json(at, &[&["project", "pause", "Songs"][..], &door].concat());
    assert_eq!(paused["state"], "paused");
    std::fs::write(at.join("how.md"), "# How\n").unwrap();
    let words = ["project", "change", "Songs", "--instructions", "how.md", "--name", "Hymns"];
    let changed = json(at, &[&words[..], &door].concat());
    assert_eq!((&changed["name"], &changed["instructions_version"]), (&"Hymns".into(), &2.into()));
    json(at, &[&["project", "change", "Hymns", "--name", "Songs"][..], &door].concat());
    let all = json(at, &[&["project", "list"][..], &door].concat());
    assert_eq!(all["items"][0]["name"], "Songs");
    let (code, told) = refused(at, &[&["project", "show", "Sings"][..], &door].concat());
    assert!(code == 1 && told.contains("There are: Songs."), "{told}");
    let wrong = ["project", "list", "--server", server.url.as_str(), "--key", "fmk_live_wrong"];
    let (code, told) = refused(at, &wrong);
    assert!(code == 1 && told.contains("key create"), "{told}");
    assert_eq!(server.stop(), Some(0));

    // The folder is free again, and its first request meets a store that is not open yet.
    let server = Server::start(at, &["--data-dir", "data"]);
    let again = ["project", "list", "--server", server.url.as_str(), "--key", secret];
    assert_eq!(json(at, &again)["items"][0]["state"], "paused");
    assert_eq!(server.stop(), Some(0));
}

/// A mail server for one letter; answers what it was told.
fn mail_server() -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let told = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let lines = BufReader::new(stream.try_clone().unwrap()).lines().map(Result::unwrap);
        let (mut told, mut in_letter) = (String::new(), false);
        stream.write_all(b"220 here\r\n").unwrap();
        for line in lines {
            let (said, ends) = match line.as_str() {
                "." if in_letter => ("250 taken", false),
                _ if in_letter => ("", false),
                "DATA" => ("354 go on", false),
                "QUIT" => ("221 bye", true),
                _ => ("250 fine", false),
            };
            in_letter = line != "." && (in_letter || line == "DATA");
            told.push_str(&line);
            told.push('\n');
            if !said.is_empty() {
                stream.write_all(format!("{said}\r\n").as_bytes()).unwrap();
            }
            if ends || line == "." {
                break;
            }
        }
        told
    });
    (url, told)
}

#[test]
fn an_invitation_is_mailed_where_the_settings_say_how() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    json(at, &["organization", "create", "Acme", "--data-dir", "data"]);
    let (url, told) = mail_server();
    let settings = format!(
        "data-dir = \"data\"\npublic-url = \"https://label.example.org\"\nsmtp-url = \"{url}\"\nmail-from = \"Fairmark <fairmark@example.org>\"\n"
    );
    std::fs::write(at.join("settings.toml"), settings).unwrap();
    let words = ["user", "invite", "Bob@example.org", "--organization", "Acme", "--role", "viewer"];
    let invited = json(at, &[&words[..], &["--config", "settings.toml"]].concat());
    let link = invited["link"].as_str().unwrap();
    assert!(link.starts_with("https://label.example.org/invitation#token="), "{link}");
    assert_eq!(invited["mailed"], true);
    let letter = told.join().unwrap().replace("=\n", "").replace("=3D", "=");
    assert!(letter.contains("RCPT TO:<bob@example.org>") && letter.contains(link), "{letter}");

    let (code, said) = refused(
        at,
        &[&words[..], &["--data-dir", "data", "--smtp-url", "smtp://127.0.0.1:1"]].concat(),
    );
    assert!(code == 2 && said.contains("--mail-from"), "{said}");
}

#[test]
fn bad_files_are_told_with_their_codes() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    json(at, &["organization", "create", "Acme", "--data-dir", "data"]);
    let words = ["key", "create", "--organization", "Acme", "--mode", "live", "--data-dir", "data"];
    let secret = json(at, &words)["secret"].as_str().unwrap().to_string();
    let picture: &[u8] = include_bytes!("../../formats/tests/data/blood.jpg");
    std::fs::create_dir(at.join("files")).unwrap();
    std::fs::write(at.join("files/good.jpg"), picture).unwrap();
    std::fs::write(at.join("files/half.jpg"), &picture[..picture.len() / 2]).unwrap();
    std::fs::write(at.join("files/words.jpg"), "no picture").unwrap();
    let server = Server::start(at, &["--data-dir", "data"]);
    let door = ["--server", server.url.as_str(), "--key", &secret];
    let words = ["import", "files", "--project", "Cells", "--create", "image_boxes", "--json"];
    let output = run(at, &[&words[..], &door].concat());
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&told["made"], &told["bad"]), (&1.into(), &2.into()), "{told}");
    let errors = std::fs::read_to_string(at.join("fairmark-errors.csv")).unwrap();
    let lines: Vec<&str> = errors.lines().collect();
    assert_eq!(lines[0], "row,field,code,message,raw");
    assert!(lines[1].starts_with("1,file,truncated,") && lines[1].ends_with("\"half.jpg\""));
    assert!(lines[2].starts_with("2,file,not_a_picture,") && lines[2].ends_with("\"words.jpg\""));
}

#[test]
fn the_figures_are_for_this_machine_or_for_the_token() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let server = Server::start(at, &["--data-dir", "data"]);
    server.get("/readyz");
    let figures = server.get("/metrics");
    for part in [
        "fairmark_requests_total{method=\"GET\",route=\"/readyz\",status=\"200\"} 1",
        "fairmark_request_seconds_bucket{route=\"/readyz\",le=\"+Inf\"} 1",
        "fairmark_info{version=\"",
    ] {
        assert!(figures.contains(part), "{part} is missing: {figures}");
    }
    assert_eq!(server.stop(), Some(0));

    // Behind a proxy everybody seems to be on this machine.
    let server = Server::start(at, &["--data-dir", "data", "--proxies", "1"]);
    assert!(server.get("/metrics").starts_with("HTTP/1.1 404"));
    assert_eq!(server.stop(), Some(0));

    let server = Server::start(at, &["--data-dir", "data", "--metrics-token", "seven boats"]);
    assert!(server.get("/metrics").starts_with("HTTP/1.1 401"));
    let asked = server.ask("/metrics", "authorization: Bearer seven boats\r\n");
    assert!(asked.starts_with("HTTP/1.1 200"), "{asked}");
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn what_is_backed_up_is_restored_and_healthy() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    json(at, &["organization", "create", "Acme", "--data-dir", "data"]);
    json(at, &["organization", "create", "Gone", "--data-dir", "data"]);
    let backup = json(at, &["backup", "b.tar", "--keys", "keys.json", "--data-dir", "data"]);
    assert_eq!(backup["manifest"]["stores"].as_array().unwrap().len(), 3);
    let (code, told) =
        refused(at, &["backup", "b2.tar", "--keys", "keys.json", "--data-dir", "data"]);
    assert!(code == 1 && told.contains("not overwritten"), "{told}");
    assert_eq!(json(at, &["restore", "b.tar", "--check"])["whole"], true);
    let (code, told) = refused(at, &["restore", "b.tar", "--data-dir", "data"]);
    assert!(code == 1 && told.contains("not empty"), "{told}");

    json(at, &["organization", "destroy", "Gone", "--confirm", "Gone", "--data-dir", "data"]);
    let doctor = json(at, &["doctor", "--data-dir", "data"]);
    assert_eq!(doctor["problems"], serde_json::json!([]), "a new folder is its owner's alone");
    std::fs::create_dir(at.join("new")).unwrap();
    for name in ["root.key", "keyring.db"] {
        std::fs::copy(at.join("data").join(name), at.join("new").join(name)).unwrap();
    }
    json(at, &["restore", "b.tar", "--keys", "keys.json", "--data-dir", "new"]);
    let all = json(at, &["organization", "list", "--data-dir", "new"]);
    assert_eq!(all["items"].as_array().unwrap().len(), 2);

    // The organization was destroyed after the backup: its doors stand open in the old data, and
    // lead nowhere. The doctor says so.
    let output = run(at, &["doctor", "--json", "--data-dir", "new"]);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    let whats: Vec<&str> = told["problems"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["what"].as_str())
        .collect();
    assert!(whats.iter().any(|what| what.contains("keys were destroyed")), "{whats:?}");
    json(at, &["organization", "destroy", "Gone", "--confirm", "Gone", "--data-dir", "new"]);
    std::fs::set_permissions(at.join("new"), std::os::unix::fs::PermissionsExt::from_mode(0o700))
        .unwrap();
    let healthy = json(at, &["doctor", "--data-dir", "new"]);
    assert_eq!(healthy["problems"], serde_json::json!([]));
}

#[test]
fn keys_are_rotated_and_the_old_root_key_opens_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    json(at, &["organization", "create", "Acme", "--data-dir", "data"]);
    assert_eq!(json(at, &["key", "rotate", "--data-dir", "data"])["items"][0]["version"], 2);
    json(at, &["key", "rotate", "--root", "new.key", "--data-dir", "data"]);
    let (code, told) = refused(at, &["key", "rotate", "--data-dir", "data"]);
    assert!(code == 1 && told.contains("--root-key-file"), "{told}");
    let again = json(at, &["key", "rotate", "--data-dir", "data", "--root-key-file", "new.key"]);
    assert_eq!(again["items"][0]["version"], 3);
}

#[test]
fn the_program_describes_itself() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let description: Value = serde_json::from_slice(&run(at, &["openapi"]).stdout).unwrap();
    assert!(description["paths"]["/api/projects"]["post"].is_object());
    for shell in ["bash", "zsh", "fish"] {
        assert!(
            String::from_utf8(run(at, &["completion", shell]).stdout)
                .unwrap()
                .contains("organization")
        );
    }
    assert!(run(at, &["man", "--out", "man"]).status.success());
    assert!(at.join("man/fairmark-serve.1").exists());
}

//! The program itself, run on a folder of its own.

#![allow(dead_code, reason = "each test includes all of it and uses a part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

pub fn fairmark(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fairmark"));
    // Nothing of the environment that this test runs in.
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("FAIRMARK_")) {
        command.env_remove(name);
    }
    command.args(words).current_dir(folder).stdin(Stdio::null());
    command
}

pub fn run(folder: &Path, words: &[&str]) -> Output {
    fairmark(folder, words).output().unwrap()
}

/// What a command answers in JSON; it must be fine.
pub fn json(folder: &Path, words: &[&str]) -> Value {
    let output = run(folder, &[words, &["--json"]].concat());
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{words:?}: {told}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The exit code of a command, and what it says on standard error.
pub fn refused(folder: &Path, words: &[&str]) -> (i32, String) {
    let output = run(folder, words);
    assert!(output.stdout.is_empty(), "{words:?}: {}", String::from_utf8_lossy(&output.stdout));
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// A server, ended with the test.
pub struct Server {
    process: Child,
    pub url: String,
    pub printed: Vec<String>,
}

impl Server {
    pub fn start(folder: &Path, words: &[&str]) -> Self {
        let words = [&["serve", "--listen", "127.0.0.1:0"], words].concat();
        Self::of(&mut fairmark(folder, &words))
    }

    /// A server that nobody has claimed: it prints where it listens, and a token last.
    pub fn of(command: &mut Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
        let first = lines.next().unwrap();
        let url = first.strip_prefix("fairmark listens on ").unwrap().to_string();
        let mut printed = vec![first];
        for line in lines {
            let last = line.starts_with("Claim token: ");
            printed.push(line);
            if last {
                break;
            }
        }
        Self { process, url, printed }
    }

    /// What the server answers to a plain request, head and body.
    pub fn get(&self, path: &str) -> String {
        self.ask(path, "")
    }

    /// The same, with more lines in its head.
    pub fn ask(&self, path: &str, more: &str) -> String {
        let host = self.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{more}\r\n")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// A connection on which a request may be sent piece by piece.
    pub fn connect(&self) -> std::io::Result<TcpStream> {
        TcpStream::connect(self.url.strip_prefix("http://").unwrap())
    }

    /// Sends a request with an API key; answers its status and what was said.
    pub fn call(&self, key: &str, line: &str, more: &str, body: &[u8]) -> (u16, Value) {
        let mut stream = self.connect().unwrap();
        write!(stream, "{}", head(key, line, more, body.len())).unwrap();
        stream.write_all(body).unwrap();
        read(stream)
    }

    /// Tells the server to stop, and does not wait for it.
    pub fn tell_to_stop(&self) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }

    pub fn stop(mut self) -> Option<i32> {
        self.tell_to_stop();
        self.process.wait().unwrap().code()
    }
}

/// How a request begins: `POST /api/projects`, further lines, and how long its body is.
pub fn head(key: &str, line: &str, more: &str, length: usize) -> String {
    format!(
        "{line} HTTP/1.1\r\nhost: fairmark\r\nauthorization: Bearer {key}\r\nconnection: close\r\n\
         content-length: {length}\r\n{more}\r\n"
    )
}

/// What a connection says until it ends.
pub fn read(mut stream: TcpStream) -> (u16, Value) {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let text = String::from_utf8_lossy(&answer);
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or_default())
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended already, where the test came so far.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

//! A PostgreSQL server of the tests' own: found on this machine, started by the first test that
//! wants it, shared by all tests of this checkout that run at the same time, and gone soon after
//! the last of them.
//!
//! - It is found by `PG_BIN`, on the `PATH`, or where Debian keeps it. Where there is none, the
//!   tests fail and say so: a suite that skips half of itself proves half of what it says.
//! - It listens on a unix socket only, inside a folder of its own under the system's temporary folder.
//! - It does not wait for the disk ([`shared`]), except for those tests that pull the plug ([`Durable`]).
//! - Run by root, it is started as `postgres` or `nobody`, since PostgreSQL refuses root.
//! - `TEST_DATABASE_URL` names a server to use instead.
//!
//! Each test takes a [`prefix`] of its own, which names its schemas. Needs nothing but `std`, so that
//! the tests of other crates can include this file by its path.

#![allow(dead_code, reason = "each test includes all of it and uses a part")]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// The address of the shared server, which is started if it does not run.
pub fn shared() -> &'static str {
    static URL: OnceLock<String> = OnceLock::new();
    URL.get_or_init(|| std::env::var("TEST_DATABASE_URL").unwrap_or_else(|_| join_shared()))
}

/// The beginning of the names of one test's schemas.
pub fn prefix() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("t{}_{number}_", std::process::id())
}

/// A server of one test's own that waits for the disk, so that it may be killed.
pub struct Durable {
    folder: PathBuf,
    server: Child,
}

impl Durable {
    pub fn start() -> Self {
        let folder = std::env::temp_dir().join(format!(
            "fairmark-durable-{}-{}",
            std::process::id(),
            prefix()
        ));
        make_cluster(&folder);
        let server = spawn_server(&folder, FAST_BUT_DURABLE);
        wait_until_it_answers(&folder);
        Self { folder, server }
    }

    pub fn url(&self) -> String {
        url(&self.folder)
    }

    /// Ends every process of the server at once, as if the power had failed.
    pub fn kill(&mut self) {
        let postmaster = postmaster(&self.folder).expect("the server has written its process id");
        // Stopped first: seeing its children die, it would begin a recovery that outlives it.
        send("STOP", &[postmaster]);
        let mut processes = children_of(postmaster);
        processes.push(postmaster);
        send("KILL", &processes);
        while processes.iter().any(|process| is_alive(*process)) {
            std::thread::sleep(Duration::from_millis(1));
        }
        let _ = self.server.wait();
    }

    pub fn restart(&mut self) {
        let _ = std::fs::remove_file(self.folder.join("data/postmaster.pid"));
        self.server = spawn_server(&self.folder, FAST_BUT_DURABLE);
        wait_until_it_answers(&self.folder);
    }
}

impl Drop for Durable {
    fn drop(&mut self) {
        if postmaster(&self.folder).is_some_and(is_alive) {
            self.kill();
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// For a server that nothing depends on: it may lose everything at any moment.
const IN_HASTE: &[&str] = &["fsync=off", "full_page_writes=off", "synchronous_commit=off"];
const FAST_BUT_DURABLE: &[&str] = &["fsync=on", "synchronous_commit=on"];

/// Joins the server of this checkout's tests, or starts it.
///
/// A folder named after the checkout holds it. Each test process leaves its number under `users`; a
/// watchman, which the starter leaves behind, stops the server once none of them lives.
fn join_shared() -> String {
    let home = std::env::temp_dir().join(format!("fairmark-tests-{:08x}", fingerprint(checkout())));
    let lock = std::fs::File::create(home.with_extension("lock"))
        .expect("the temporary folder can be written");
    lock.lock().expect("the lock of the test server can be taken");
    if !postmaster(&home).is_some_and(is_alive) {
        let _ = std::fs::remove_dir_all(&home);
        make_cluster(&home);
        let mut server = spawn_server(&home, IN_HASTE);
        wait_until_it_answers(&home);
        std::fs::create_dir(home.join("users"))
            .expect("the folder of the test server can be written");
        leave_watchman(&home);
        // Reaped when it ends, if this process is still there.
        std::thread::spawn(move || server.wait());
    }
    let user = home.join("users").join(std::process::id().to_string());
    std::fs::write(user, "").expect("the folder of the test server can be written");
    url(&home)
}

/// A small process that outlives this one and stops the server when nobody uses it any more.
#[allow(clippy::zombie_processes, reason = "it outlives this process on purpose")]
fn leave_watchman(home: &Path) {
    let script = r#"
        while sleep 2; do
            flock "$1.lock" sh -c '
                for user in "$1"/users/*; do kill -0 "${user##*/}" 2>/dev/null && exit 0; rm -f "$user"; done
                [ -f "$1/idle" ] || { touch "$1/idle"; exit 0; }
                kill -INT "$(head -1 "$1/data/postmaster.pid")" 2>/dev/null
                rm -rf "$1"' sh "$1"
            [ -d "$1" ] || exit 0
            for user in "$1"/users/*; do [ -e "$user" ] && rm -f "$1/idle"; done
        done"#;
    let lockless = home.with_extension("");
    let watchman = Command::new("setsid")
        .args(["sh", "-c", script, "sh"])
        .arg(lockless)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    watchman.expect("a watchman for the test server can be started");
}

/// A new, empty cluster in `folder/data`, owned by whom the server will run as.
fn make_cluster(folder: &Path) {
    std::fs::create_dir_all(folder).expect("the temporary folder can be written");
    give_to_server(folder);
    let made = as_server("initdb")
        .args([
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "-D",
        ])
        .arg(folder.join("data"))
        .current_dir(folder)
        .output()
        .expect("initdb can be started");
    assert!(made.status.success(), "initdb failed: {}", String::from_utf8_lossy(&made.stderr));
}

fn spawn_server(folder: &Path, settings: &[&str]) -> Child {
    let log = std::fs::File::create(folder.join("log"))
        .expect("the log of the test server can be written");
    let mut command = as_server("postgres");
    command.arg("-D").arg(folder.join("data")).arg("-k").arg(folder).current_dir(folder);
    let common = [
        "listen_addresses=",
        "max_connections=400",
        "shared_buffers=128MB",
        "deadlock_timeout=100ms",
    ];
    for setting in common.iter().chain(settings) {
        command.args(["-c", setting]);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    // A group of its own: the interrupt key ends the tests, and the watchman ends the server.
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn().expect("the test server can be started")
}

fn wait_until_it_answers(folder: &Path) {
    let patience = Instant::now() + Duration::from_secs(60);
    loop {
        let ready = Command::new(program("pg_isready")).arg("-q").arg("-h").arg(folder).status();
        if ready.is_ok_and(|status| status.success()) {
            return;
        }
        let log = || std::fs::read_to_string(folder.join("log")).unwrap_or_default();
        assert!(Instant::now() < patience, "the test server does not answer:\n{}", log());
        std::thread::sleep(Duration::from_millis(30));
    }
}

fn url(folder: &Path) -> String {
    let host = folder.display().to_string().replace('/', "%2F");
    format!("postgresql://postgres@{host}/postgres?sslmode=disable")
}

fn postmaster(folder: &Path) -> Option<u32> {
    let text = std::fs::read_to_string(folder.join("data/postmaster.pid")).ok()?;
    text.lines().next()?.trim().parse().ok()
}

fn is_alive(process: u32) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // What has ended and waits to be reaped is no longer alive.
    state.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

fn send(signal: &str, processes: &[u32]) {
    let processes = processes.iter().map(u32::to_string);
    // One that has ended by itself in the meantime is as dead as it should be.
    let _ =
        Command::new("kill").args(["-s", signal]).args(processes).stderr(Stdio::null()).status();
}

fn children_of(parent: u32) -> Vec<u32> {
    let path = format!("/proc/{parent}/task/{parent}/children");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.split_whitespace().filter_map(|word| word.parse().ok()).collect()
}

/// A program of PostgreSQL's.
fn program(name: &str) -> PathBuf {
    static BIN: OnceLock<PathBuf> = OnceLock::new();
    BIN.get_or_init(find).join(name)
}

fn find() -> PathBuf {
    let mut folders: Vec<PathBuf> =
        std::env::var_os("PG_BIN").map(PathBuf::from).into_iter().collect();
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let mut debian: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    debian.sort();
    folders.extend(debian.into_iter().rev());
    let complete = |folder: &PathBuf| {
        ["initdb", "postgres", "pg_isready"].iter().all(|name| folder.join(name).exists())
    };
    folders.into_iter().find(complete).expect(
        "these tests need a PostgreSQL server: install it (Debian: apt install postgresql), or name its folder in \
         PG_BIN, or a running one in TEST_DATABASE_URL",
    )
}

/// A program of PostgreSQL's, run as somebody other than root.
fn as_server(name: &str) -> Command {
    match other_user() {
        None => Command::new(program(name)),
        Some(user) => {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid", user, "--regid", group_of(user), "--clear-groups", "--"])
                .arg(program(name));
            command
        }
    }
}

fn give_to_server(folder: &Path) {
    if let Some(user) = other_user() {
        let owner = format!("{user}:{}", group_of(user));
        let given = Command::new("chown").arg(owner).arg(folder).status();
        assert!(
            given.is_ok_and(|status| status.success()),
            "the folder of the test server can be given away"
        );
    }
}

fn group_of(user: &str) -> &'static str {
    if user == "nobody" { "nogroup" } else { "postgres" }
}

/// Whom the server runs as, where the tests run as root.
fn other_user() -> Option<&'static str> {
    let is_root = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").ok()?) == 0;
    let known = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let exists = |user: &str| known.lines().any(|line| line.starts_with(&format!("{user}:")));
    is_root.then(|| if exists("postgres") { "postgres" } else { "nobody" })
}

/// The folder of the workspace, whichever crate this file is included in.
fn checkout() -> &'static str {
    env!("CARGO_MANIFEST_DIR")
        .rsplit_once("/crates")
        .map_or(env!("CARGO_MANIFEST_DIR"), |(folder, _)| folder)
}

/// FNV-1a: enough to tell two checkouts apart.
fn fingerprint(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

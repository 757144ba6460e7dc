//! What the kernel tells of a process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::Duration;

/// User and system time.
pub fn cpu_seconds(process: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let (_, rest) = stat.rsplit_once(") ").unwrap();
    let ticks: f64 =
        rest.split(' ').skip(11).take(2).map(|text| text.parse::<f64>().unwrap()).sum();
    ticks / 100.0
}

pub fn resident_mib(process: u32) -> f64 {
    status(process, "VmRSS:") / 1024.0
}

/// The most that it has had since it began: its own memory, and as much of its files as it has looked at
/// in place, which the system takes back when it needs to.
pub fn peak_mib(process: u32) -> f64 {
    status(process, "VmHWM:") / 1024.0
}

/// Watches how much memory of its own a process has. The kernel keeps no peak of that, so it is looked at
/// a hundred times a second.
pub struct OwnMemory {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<f64>,
}

impl OwnMemory {
    pub fn watch(process: u32) -> Self {
        let stop = Arc::<AtomicBool>::default();
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut most: f64 = 0.0;
            while !stopped.load(Relaxed) {
                most = most.max(status(process, "RssAnon:") / 1024.0);
                std::thread::sleep(Duration::from_millis(10));
            }
            most
        });
        Self { stop, thread }
    }

    pub fn peak_mib(self) -> f64 {
        self.stop.store(true, Relaxed);
        self.thread.join().unwrap()
    }
}

fn status(process: u32, name: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

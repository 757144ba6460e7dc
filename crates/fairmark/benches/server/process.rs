//! What the kernel tells of a process.

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

/// The most that it has had since it began.
pub fn peak_mib(process: u32) -> f64 {
    status(process, "VmHWM:") / 1024.0
}

fn status(process: u32, name: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

//! Work on all processors that comes out the same on any number of them: each block is computed by one thread, in order, and
//! what blocks sum up to is added in the order of the blocks.

use std::sync::Mutex;

/// Fewer rows than this are not worth a thread.
const ROWS_ALONE: usize = 20_000;
/// Rows of one block.
pub const BLOCK: usize = 2_048;

/// Runs each job once. `rows` says how much work there is in all.
pub fn each<J: Send>(rows: usize, jobs: impl Iterator<Item = J> + Send, work: impl Fn(J) + Sync) {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    if threads == 1 || rows < ROWS_ALONE {
        jobs.for_each(work);
        return;
    }
    let jobs = Mutex::new(jobs);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    // A thread that panicked has told so itself; the scope passes it on.
                    let Ok(job) = jobs.lock().map(|mut jobs| jobs.next()) else { return };
                    let Some(job) = job else { return };
                    work(job);
                }
            });
        }
    });
}

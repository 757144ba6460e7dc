//! Proof: a simulated workforce on a virtual clock, which an auditor watches.
//!
//! Two organizations that are rivals, and whose ids are equal number for number, work on the same
//! installation: the real commands on real stores, in memory, on one thread. Their people claim,
//! answer, skip, review and go home in the middle of a task. Messages come twice, hours late, in
//! the wrong order; replies are lost; the process dies before a commit or after it and starts again.
//!
//! The [`auditor`] believes what it was told and nothing else, shares no code with the engine, and
//! compares: after each step what that step touched, now and then everything (`docs/spec/invariants.md`).
//!
//! One of their projects is adaptive. [`crowd`] tries that plan alone, with people whose accuracy is known.
//!
//! The same seed gives the same run, on any machine: `SEED=7 cargo test -p sim`. A seed that failed
//! once goes into `seeds.txt` and stays.

pub mod auditor;
pub mod crowd;
pub mod dice;
pub mod people;
pub mod run;
pub mod world;

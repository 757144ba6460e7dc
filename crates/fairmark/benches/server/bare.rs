//! The limit: the writes of one cycle (an answer and the next claim) of as many people as share a
//! commit, without any server.

use std::time::{Duration, Instant};

/// More than any disk can make durable in the time.
const TASKS: u64 = 200_000;

pub fn cycles_per_second(group: usize, run_for: Duration) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let conn = rusqlite::Connection::open(folder.path().join("bare.db")).unwrap();
    conn.execute_batch(
        "pragma page_size = 8192; pragma journal_mode = wal; pragma synchronous = full;
         pragma cache_size = -16384; pragma wal_autocheckpoint = 4000; pragma mmap_size = 268435456;",
    )
    .unwrap();
    for migration in [
        include_str!("../../../store/migrations/organization/0001_spine.sql"),
        include_str!("../../../store/migrations/organization/0002_history.sql"),
        include_str!("../../../store/migrations/organization/0003_quality.sql"),
        include_str!("../../../store/migrations/organization/0004_consensus.sql"),
    ] {
        conn.execute_batch(&migration.replace("{blob}", "blob")).unwrap();
    }
    // What the cycles are about is there before, as on the server.
    conn.execute_batch(&format!(
        "insert into project_count values (1, 0, {TASKS}, 0, 0, 0, 0, 0, 0, {TASKS});
         with recursive n (id) as (select 1 union all select id + 1 from n where id < {TASKS})
         insert into task select id, 1, id, 'queued', 'label', 4, 1, 1, 0, 0, null, 0, 1, 0, 0 from n;
         pragma wal_checkpoint(truncate)"
    ))
    .unwrap();
    let sealed = [7_u8; 120];
    let detail = "d".repeat(260);
    let event = "insert into event (id, seq, at_ms, actor, kind, subject, detail, hash)
                 values (?1, ?1, 0, 'per_' || ?4, 'slot.answered', 'slt_00000' || (?1 / 2), ?2, ?3)";
    let (began, mut done, people) = (Instant::now(), 0_u64, group as i64);
    while began.elapsed() < run_for && done + (group as u64) < TASKS {
        conn.execute_batch("begin immediate").unwrap();
        for person in 0..people {
            done += 1;
            let id = done as i64;
            let run = |sql: &str, params: &[&dyn rusqlite::ToSql]| {
                conn.prepare_cached(sql).unwrap().execute(params).unwrap();
            };
            // What this person took with the last commit.
            let answered = id - people;
            if answered > 0 {
                let submission = format!("sub_w{person:03}n{:06}", id / people);
                run(
                    "insert into answer values (?1, ?4, ?1, ?1, 1, ?3, 'label', 'standing', ?2, 'd', 0, 1, 1, 0)",
                    &[&answered, &&sealed[..], &person, &submission],
                );
                run("update slot set state = 'answered', until_ms = null, submission = ?3, digest = 'd'
                     where id = ?1 and fence = ?2 and state = 'held'", &[&answered, &1, &submission]);
                run(
                    "update touch set kind = 'answered' where task_id = ?1 and person_id = ?2 and stage = 'label'",
                    &[&answered, &person],
                );
                run(
                    "insert into label values (?1, ?1, ?2, null, 0, null, 'single', 1, 1, 0, 0)",
                    &[&answered, &&sealed[..]],
                );
                run(
                    "update task set state = 'done', answers = 1, version = 3 where id = ?1 and version = 2",
                    &[&answered],
                );
                run(event, &[&(2 * id), &detail, &&sealed[..32], &person]);
            }
            // And what they take now.
            run(
                "update task set state = 'in_progress', open = 0, version = 2 where id = ?1 and version = 1",
                &[&id],
            );
            run(
                "insert into slot values (?1, ?1, 1, 'label', 1, 1, 'held', ?2, 9, null, null, null, 0)",
                &[&id, &person],
            );
            run("insert into touch values (?1, ?2, 'label', 'held', 0)", &[&id, &person]);
            run("insert into cursor values (?2, 1, 'label', 4, ?1) on conflict (person_id, project_id, stage, rank)
                 do update set task_id = excluded.task_id", &[&id, &person]);
            run(event, &[&(2 * id + 1), &detail, &&sealed[..32], &person]);
        }
        // Every cycle changes this row: once for all of a group does.
        conn.prepare_cached(
            "update project_count set queued = queued - ?1, done = done + ?1, answers = answers + ?1
             where project_id = 1",
        )
        .unwrap()
        .execute([people])
        .unwrap();
        conn.execute_batch("commit").unwrap();
    }
    done as f64 / began.elapsed().as_secs_f64()
}

//! What the types promise, the tables check, under a name that an operator can look up.

use super::place::{ORGANIZATION, Place};
use store::Backend;

/// A row that says what may not be said, and the constraint that must refuse it. `+` stands where
/// SQLite refuses without telling the name.
const BAD_ROWS: &[(&str, &str, &str)] = &[
    (
        "control",
        "person_kind",
        "insert into person values (1, 'robot', null, 'n', null, 0, 'active', 0)",
    ),
    (
        "control",
        "person_state",
        "insert into person values (1, 'human', null, 'n', null, 0, 'asleep', 0)",
    ),
    (
        "control",
        "person_operator",
        "insert into person values (1, 'human', null, 'n', null, 2, 'active', 0)",
    ),
    (
        "control",
        "person_login",
        "insert into person values (1, 'key', null, 'n', 'hash', 0, 'active', 0)",
    ),
    (
        "control",
        "+person_email_once",
        "insert into person values (1, 'human', 'a@b', 'n', null, 0, 'active', 0), (2, 'human', 'a@b', 'n', null, 0, 'active', 0)",
    ),
    ("control", "organization_state", "insert into organization values (1, 'n', 'open', 0)"),
    (
        "control",
        "+organization_name_once",
        "insert into organization values (1, 'n', 'active', 0), (2, 'n', 'active', 0)",
    ),
    ("control", "membership_role", "insert into membership values (1, 1, 'king', 0)"),
    (
        "control",
        "+membership_pk",
        "insert into membership values (1, 1, 'owner', 0), (1, 1, 'viewer', 0)",
    ),
    (
        "control",
        "api_key_mode",
        "insert into api_key values (1, 1, 1, 'n', cast('s' as {blob}), 'h', 'dead', 'viewer', 1, 0, null, null)",
    ),
    (
        "control",
        "invitation_one_end",
        "insert into invitation values (1, 1, 'e', 'viewer', cast('t' as {blob}), 1, 0, 0, 5, 5)",
    ),
    ("control", "transfer_moves", "insert into transfer values ('t', 'a', 'b', 0, 'EUR', 1, 0)"),
    (
        "control",
        "transfer_two_accounts",
        "insert into transfer values ('t', 'a', 'a', 1, 'EUR', 1, 0)",
    ),
    (
        "control",
        "+transfer_pk",
        "insert into transfer values ('t', 'a', 'b', 1, 'EUR', 1, 0), ('t', 'a', 'b', 1, 'EUR', 1, 0)",
    ),
    ("control", "event_numbered", "insert into event values (1, 5, 0, 'a', 'k', 's', '{}', null)"),
    (
        "control",
        "+event_seq",
        "insert into event values (1, 5, 0, 'a', 'k', 's', '{}', cast('h' as {blob})), (2, 5, 0, 'a', 'k', 's', '{}', cast('h' as {blob}))",
    ),
    (
        "organization",
        "project_state",
        "insert into project values (1, 'n', 't', 'q', 'p', 'gone', 'live', 1, 1, 1, 1, 0)",
    ),
    (
        "organization",
        "project_mode",
        "insert into project values (1, 'n', 't', 'q', 'p', 'draft', 'dead', 1, 1, 1, 1, 0)",
    ),
    (
        "organization",
        "+project_name_once",
        "insert into project values (1, 'n', 't', 'q', 'p', 'draft', 'live', 1, 1, 1, 1, 0), (2, 'n', 't', 'q', 'p', 'draft', 'live', 1, 1, 1, 1, 0)",
    ),
    (
        "organization",
        "item_media",
        "insert into item (id, project_id, external_id, media, bytes, sealed, created_at_ms) values (1, 1, 'x', 'smell', 1, cast('s' as {blob}), 0)",
    ),
    (
        "organization",
        "item_size",
        "insert into item (id, project_id, external_id, media, bytes, sealed, created_at_ms) values (1, 1, 'x', 'image', 1, cast('s' as {blob}), 0)",
    ),
    (
        "organization",
        "+item_external_id_once",
        "insert into item (id, project_id, external_id, media, bytes, sealed, created_at_ms) values (1, 1, 'x', 'text', 1, cast('s' as {blob}), 0), (2, 1, 'x', 'text', 1, cast('s' as {blob}), 0)",
    ),
    (
        "organization",
        "task_state",
        "insert into task (id, project_id, item_id, state, stage, rank, overlap, open, again, answers, gold, version, created_at_ms, updated_at_ms) values (1, 1, 1, 'lost', 'label', 4, 1, 0, 0, 0, 0, 1, 0, 0)",
    ),
    (
        "organization",
        "task_stage",
        "insert into task (id, project_id, item_id, state, stage, rank, overlap, open, again, answers, gold, version, created_at_ms, updated_at_ms) values (1, 1, 1, 'queued', 'left', 4, 1, 1, 0, 0, 0, 1, 0, 0)",
    ),
    (
        "organization",
        "task_rank",
        "insert into task (id, project_id, item_id, state, stage, rank, overlap, open, again, answers, gold, version, created_at_ms, updated_at_ms) values (1, 1, 1, 'queued', 'label', 10, 1, 1, 0, 0, 0, 1, 0, 0)",
    ),
    (
        "organization",
        "task_overlap",
        "insert into task (id, project_id, item_id, state, stage, rank, overlap, open, again, answers, gold, version, created_at_ms, updated_at_ms) values (1, 1, 1, 'queued', 'label', 4, 0, 1, 0, 0, 0, 1, 0, 0)",
    ),
    (
        "organization",
        "task_open",
        "insert into task (id, project_id, item_id, state, stage, rank, overlap, open, again, answers, gold, version, created_at_ms, updated_at_ms) values (1, 1, 1, 'queued', 'label', 4, 1, -1, 0, 0, 0, 1, 0, 0)",
    ),
    (
        "organization",
        "task_waits",
        "insert into task (id, project_id, item_id, state, stage, rank, overlap, open, again, answers, gold, version, created_at_ms, updated_at_ms) values (1, 1, 1, 'done', 'label', 4, 1, 1, 0, 0, 0, 1, 0, 0)",
    ),
    (
        "organization",
        "+task_item_once",
        "insert into task (id, project_id, item_id, state, stage, rank, overlap, open, again, answers, gold, version, created_at_ms, updated_at_ms) values (1, 1, 1, 'queued', 'label', 4, 1, 1, 0, 0, 0, 1, 0, 0), (2, 1, 1, 'queued', 'label', 4, 1, 1, 0, 0, 0, 1, 0, 0)",
    ),
    (
        "organization",
        "slot_state",
        "insert into slot (id, task_id, project_id, stage, ordinal, fence, state, holder, claimed_at_ms) values (1, 1, 1, 'label', 1, 1, 'lost', 5, 0)",
    ),
    (
        "organization",
        "slot_holder",
        "insert into slot (id, task_id, project_id, stage, ordinal, fence, state, until_ms, claimed_at_ms) values (1, 1, 1, 'label', 1, 1, 'held', 5, 0)",
    ),
    (
        "organization",
        "slot_until",
        "insert into slot (id, task_id, project_id, stage, ordinal, fence, state, holder, claimed_at_ms) values (1, 1, 1, 'label', 1, 1, 'held', 5, 0)",
    ),
    (
        "organization",
        "slot_answered",
        "insert into slot (id, task_id, project_id, stage, ordinal, fence, state, holder, claimed_at_ms) values (1, 1, 1, 'label', 1, 1, 'answered', 5, 0)",
    ),
    (
        "organization",
        "+slot_once",
        "insert into slot (id, task_id, project_id, stage, ordinal, fence, state, claimed_at_ms) values (1, 1, 1, 'label', 1, 1, 'free', 0), (2, 1, 1, 'label', 1, 1, 'free', 0)",
    ),
    ("organization", "touch_kind", "insert into touch values (1, 1, 'label', 'smelt', 0)"),
    (
        "organization",
        "answer_state",
        "insert into answer values (1, 's', 1, 1, 1, 1, 'label', 'lost', cast('s' as {blob}), 'd', 0, 1, 1, 0)",
    ),
    (
        "organization",
        "+answer_submission_once",
        "insert into answer values (1, 's', 1, 1, 1, 1, 'label', 'standing', cast('s' as {blob}), 'd', 0, 1, 1, 0), (2, 's', 2, 1, 1, 1, 'label', 'standing', cast('s' as {blob}), 'd', 0, 1, 1, 0)",
    ),
    (
        "organization",
        "review_fix",
        "insert into review values (1, 's', 1, 1, 1, 1, 'fix', null, cast('s' as {blob}), null, 0, 0)",
    ),
    (
        "organization",
        "label_method",
        "insert into label values (1, 1, cast('s' as {blob}), null, 0, null, 'guessed', 1, 1, 0, 0, null)",
    ),
    (
        "organization",
        "label_confidence",
        "insert into label values (1, 1, cast('s' as {blob}), 1.5, 0, null, 'adaptive', 1, 1, 0, 0, null)",
    ),
    (
        "organization",
        "label_calibrated",
        "insert into label values (1, 1, cast('s' as {blob}), null, 1, null, 'adaptive', 1, 1, 0, 0, null)",
    ),
    (
        "organization",
        "label_fused",
        "insert into label values (1, 7, cast('s' as {blob}), 0.5, 0, null, 'agreement', 1, 1, 0, 1, null)",
    ),
    (
        "organization",
        "consensus_confidence",
        "insert into consensus values (1, 7, cast('s' as {blob}), 1.5, 0, null, 0, null)",
    ),
    (
        "organization",
        "consensus_calibrated",
        "insert into consensus values (1, 7, cast('s' as {blob}), null, 1, null, 0, null)",
    ),
    (
        "organization",
        "label_claimed",
        "insert into label values (1, 1, cast('s' as {blob}), 0.5, 0, null, 'adaptive', 1, 1, 0, 0, 1.5)",
    ),
    (
        "organization",
        "consensus_claimed",
        "insert into consensus values (1, 7, cast('s' as {blob}), 0.5, 0, null, 0, 1.5)",
    ),
    ("organization", "calibration_gold", "insert into calibration values (1, -1, '[]', 0)"),
    (
        "organization",
        "gold_state",
        "insert into gold values (1, 1, cast('s' as {blob}), 0, 'lost', 0, 1, 0)",
    ),
    ("organization", "score_correct", "insert into score values (1, 1, 1, 1, 2, 1.0, 0, 0)"),
    ("organization", "score_likeness", "insert into score values (1, 1, 1, 1, 1, 1.5, 0, 0)"),
    (
        "organization",
        "contest_state",
        "insert into contest values (1, 1, 1, 1, 'lost', cast('s' as {blob}), 0, 1, 1)",
    ),
    (
        "organization",
        "contest_decided",
        "insert into contest values (1, 1, 1, 1, 'upheld', cast('s' as {blob}), 0, null, null)",
    ),
    (
        "organization",
        "backend_kind",
        "insert into backend values (1, 1, 'n', 'oracle', cast('s' as {blob}), 'up', null, null, null, 1, 1, 0)",
    ),
    (
        "organization",
        "backend_state",
        "insert into backend values (1, 1, 'n', 'local', cast('s' as {blob}), 'asleep', null, null, null, 1, 1, 0)",
    ),
    (
        "organization",
        "comment_state",
        "insert into comment values (1, 's', 1, 1, 1, 1, 1, 1, 1, 'lost', cast('s' as {blob}), 'd', 0, null, null, 0)",
    ),
    (
        "organization",
        "comment_begins",
        "insert into comment values (2, 's', 1, 1, 1, 1, 1, 1, 1, 'open', cast('s' as {blob}), 'd', 0, null, null, 0)",
    ),
    (
        "organization",
        "comment_changed",
        "insert into comment values (1, 's', 1, 1, 1, 1, 1, 1, 1, 'open', cast('s' as {blob}), 'd', 0, 1, null, 0)",
    ),
    ("organization", "inbox_unread", "insert into inbox values (1, 1, 1, 1, 1, 1, 1, -1, 0)"),
];

pub fn bad_rows_are_refused_by_name(place: &Place) {
    let _ = place.store();
    let own = format!("organization_{}", domain::encode(ORGANIZATION.0));
    for (kind, name, sql) in BAD_ROWS {
        let (bare, is_told) = (name.trim_start_matches('+'), !name.starts_with('+'));
        match &place.backend {
            Backend::Folder(folder) => {
                let file = match *kind {
                    "organization" => folder
                        .join("organizations")
                        .join(domain::encode(ORGANIZATION.0))
                        .join("store.db"),
                    other => folder.join(format!("{other}.db")),
                };
                let conn = rusqlite::Connection::open(file).unwrap();
                let error =
                    conn.execute(&sql.replace("{blob}", "blob"), []).expect_err(sql).to_string();
                assert!(error.contains("constraint failed"), "{name}: {error}");
                assert!(!is_told || error.ends_with(bare), "{name}: {error}");
            }
            Backend::Postgres { url, prefix } => {
                let schema = if *kind == "organization" { own.as_str() } else { *kind };
                let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
                client.batch_execute(&format!("set search_path to {prefix}{schema}")).unwrap();
                let error = client.execute(&sql.replace("{blob}", "bytea"), &[]).expect_err(sql);
                let told =
                    error.as_db_error().and_then(|error| error.constraint()).unwrap_or_default();
                assert_eq!(told, bare, "{error}");
            }
            Backend::Memory => {}
        }
    }
}

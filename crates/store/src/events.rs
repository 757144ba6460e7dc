//! The event log: what happened, in one order, each event chained to the one before.
//!
//! An event is written in the transaction of the change itself and gets its number once that has
//! committed: on SQLite the one writer numbers a group as it commits it, on PostgreSQL a sequencer
//! numbers what has become visible ([`Tx::number_events`]). So a reader that has seen event 7 will
//! never be handed a late event 6, and writers do not wait for a counter.
//!
//! `hash = BLAKE3(previous hash ‖ seq ‖ id ‖ at ‖ actor ‖ kind ‖ subject ‖ detail)`, each text with
//! its length before it. Whoever keeps the last hash can tell whether the log was rewritten.

use crate::engine::{Row, Tx, Value, params, sql};
use crate::keys::Label;
use crate::{Error, Result};
use domain::{EventId, Timestamp};

/// The last numbered event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub seq: i64,
    pub hash: [u8; 32],
}

impl Head {
    pub(crate) const SQL: &'static str =
        sql!("select seq, hash from event where seq is not null order by seq desc limit 1");

    pub(crate) fn start() -> Self {
        Self { seq: 0, hash: [0; 32] }
    }

    pub(crate) fn read(row: &Row<'_>) -> Result<Self> {
        let hash: Vec<u8> = row.get(1)?;
        let hash = hash
            .try_into()
            .map_err(|_| Error::Corrupt { what: "event hash", value: String::new() })?;
        Ok(Self { seq: row.get(0)?, hash })
    }
}

/// The head of the log after one more event.
pub(crate) fn chain(
    head: &Head,
    id: EventId,
    at: Timestamp,
    actor: &str,
    kind: &str,
    subject: &str,
    detail: &str,
) -> Head {
    let seq = head.seq + 1;
    let mut hasher = blake3::Hasher::new();
    hasher.update(&head.hash);
    for number in [seq, id.0, at.0] {
        hasher.update(&number.to_le_bytes());
    }
    for text in [actor, kind, subject, detail] {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    Head { seq, hash: *hasher.finalize().as_bytes() }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub id: EventId,
    pub seq: i64,
    pub at: Timestamp,
    pub actor: String,
    pub kind: String,
    pub subject: String,
    /// Plain facts as JSON, never what a customer brought.
    pub detail: String,
}

fn read_event(row: &Row<'_>) -> Result<Event> {
    Ok(Event {
        id: row.get(0)?,
        seq: row.get(1)?,
        at: row.get(2)?,
        actor: row.get(3)?,
        kind: row.get(4)?,
        subject: row.get(5)?,
        detail: row.get(6)?,
    })
}

/// Events that one call hands out or numbers at most.
pub const EVENTS_PER_PAGE: i64 = 1_000;

impl Tx<'_> {
    /// The numbered events after `seq`, in order.
    pub fn events_after(&mut self, seq: i64) -> Result<Vec<Event>> {
        self.query(
            sql!(
                "select id, seq, at_ms, actor, kind, subject, detail from event
                 where seq > $1 order by seq limit $2"
            ),
            params![seq, EVENTS_PER_PAGE],
            read_event,
        )
    }

    /// The latest events about one subject, the newest first.
    pub fn events_about(&mut self, subject: &str, limit: i64) -> Result<Vec<Event>> {
        self.query(
            sql!(
                "select id, coalesce(seq, 0), at_ms, actor, kind, subject, detail from event
                 where subject = $1 order by id desc limit $2"
            ),
            params![subject, limit],
            read_event,
        )
    }

    /// The last numbered event: where a reader of the whole log stands once it has read all.
    pub fn event_head(&mut self) -> Result<Head> {
        Ok(self.query_one(Head::SQL, &[], Head::read)?.unwrap_or_else(Head::start))
    }

    /// How many events of one kind there are.
    pub fn count_events(&mut self, kind: &str) -> Result<i64> {
        let count = self.query_one(
            sql!("select count(*) from event where kind = $1"),
            params![kind],
            |row| row.get(0),
        )?;
        Ok(count.unwrap_or(0))
    }

    /// Checks the chain from the first event to the last (I7), and answers the head.
    ///
    /// # Errors
    /// [`Error::Corrupt`] names the first event that does not follow from the one before.
    pub fn verify_events(&mut self) -> Result<Head> {
        let mut head = Head::start();
        self.for_each(
            sql!(
                "select id, seq, at_ms, actor, kind, subject, detail, hash from event
                 where seq is not null order by seq"
            ),
            &[],
            &mut |row| {
                let event = read_event(row)?;
                let next = chain(
                    &head,
                    event.id,
                    event.at,
                    &event.actor,
                    &event.kind,
                    &event.subject,
                    &event.detail,
                );
                let hash: Vec<u8> = row.get(7)?;
                if event.seq != next.seq || hash != next.hash {
                    return Err(Error::Corrupt {
                        what: "event log",
                        value: format!("event {}", event.seq),
                    });
                }
                head = next;
                Ok(())
            },
        )?;
        Ok(head)
    }

    /// Numbers the events that have become visible since the last call; answers how many.
    /// Two sequencers at once cannot both number an event: the second meets the unique index.
    pub(crate) fn number_events(&mut self) -> Result<Option<i64>> {
        let mut head = self.event_head()?;
        let waiting = self.query(
            sql!(
                "select id, cast(0 as bigint), at_ms, actor, kind, subject, detail from event
                 where seq is null order by id limit $1 {hold_or_skip}"
            ),
            params![EVENTS_PER_PAGE],
            read_event,
        )?;
        if waiting.is_empty() {
            return Ok(None);
        }
        let (mut ids, mut seqs, mut hashes) = (Vec::new(), Vec::new(), Vec::new());
        for event in &waiting {
            head = chain(
                &head,
                event.id,
                event.at,
                &event.actor,
                &event.kind,
                &event.subject,
                &event.detail,
            );
            ids.push(event.id.0);
            seqs.push(head.seq);
            hashes.push(head.hash);
        }
        let hashes: Vec<&[u8]> = hashes.iter().map(<[u8; 32]>::as_slice).collect();
        self.execute_quietly(
            "update event set seq = n.seq, hash = n.hash
             from unnest($1::bigint[], $2::bigint[], $3::bytea[]) as n(id, seq, hash) where event.id = n.id",
            &[Value::Ints(&ids), Value::Ints(&seqs), Value::Blobs(&hashes)],
        )?;
        Ok(Some(head.seq))
    }
}

impl Tx<'_> {
    /// What a call under this `Idempotency-Key` was asked and answered.
    pub fn idempotent(&mut self, scope: &str, key: &str) -> Result<Option<(String, Vec<u8>)>> {
        let found: Option<(String, Vec<u8>)> = self.query_one(
            sql!("select request_hash, body from idempotency where scope = $1 and key = $2"),
            params![scope, key],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let Some((hash, body)) = found else { return Ok(None) };
        let name = format!("{scope} {key}");
        let body = match self.keys {
            Some(keys) => keys.open(&Label::new("idempotency", name.as_str(), 0), &body)?,
            None => body,
        };
        Ok(Some((hash, body)))
    }

    /// Keeps the answer of a call, sealed where it is an organization's; two calls side by side under one
    /// key conflict, and the second is run again to find the first.
    pub fn save_idempotent(
        &mut self,
        scope: &str,
        key: &str,
        hash: &str,
        body: &[u8],
        now: Timestamp,
    ) -> Result<()> {
        let name = format!("{scope} {key}");
        let sealed =
            self.keys.map(|keys| keys.seal(&Label::new("idempotency", name.as_str(), 0), body));
        let body = sealed.as_deref().unwrap_or(body);
        let added = self.execute_quietly(
            sql!(
                "insert into idempotency (scope, key, request_hash, status, body, at_ms) values ($1, $2, $3, 200, $4, $5)
                 on conflict (scope, key) do nothing"
            ),
            params![scope, key, hash, body, now],
        )?;
        if added == 1 { Ok(()) } else { Err(Error::Conflict) }
    }

    pub fn forget_idempotent(&mut self, before: Timestamp) -> Result<u64> {
        self.execute_quietly(sql!("delete from idempotency where at_ms < $1"), params![before])
    }
}

//! One SQL text, two engines.
//!
//! Every statement is written once, in the dialect that SQLite and PostgreSQL share: `$1`
//! placeholders, text, bigint, double and blob columns, `returning`, `on conflict`. The few places
//! where the engines differ are words in braces, which [`Engine::dialect`] replaces: `{hold}` keeps
//! a selected row as it is until the transaction ends, `{hold_or_skip}` does so but passes over the
//! rows that others hold, `{blob}` is the type of bytes.

pub(crate) mod postgres;
pub(crate) mod sqlite;
pub(crate) mod tx;
mod value;

pub use tx::Tx;
pub use value::{FromColumn, Row, Value};

use crate::{Error, Result};
use std::collections::HashMap;
use std::sync::Arc;

/// Marks a statement, so that one test can prepare every one of them on both engines.
macro_rules! sql {
    ($text:literal) => {
        $text
    };
}
pub(crate) use sql;

/// Makes the parameters of a statement.
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::engine::Value::from($value)),*][..] };
}
pub(crate) use params;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
    /// PostgreSQL, in a transaction that only reads and therefore holds nothing.
    PostgresReading,
}

impl Engine {
    /// The statement in this engine's own words.
    pub(crate) fn dialect(self, sql: &str) -> String {
        let (hold, hold_or_skip, blob, nothing) = match self {
            // SQLite has one writer, which has the whole store to itself.
            Engine::Sqlite => ("", "", "blob", "?"),
            Engine::PostgresReading => ("", "", "bytea", "$"),
            Engine::Postgres => ("for update", "for update skip locked", "bytea", "$"),
        };
        let text = sql
            .replace("{hold}", hold)
            .replace("{hold_or_skip}", hold_or_skip)
            .replace("{blob}", blob);
        if nothing == "$" { text } else { text.replace('$', nothing) }
    }
}

/// The dialect of each statement, worked out once per connection.
pub(crate) struct Dialects {
    engine: Engine,
    known: HashMap<String, Arc<str>>,
}

impl Dialects {
    pub(crate) fn new(engine: Engine) -> Self {
        Self { engine, known: HashMap::new() }
    }

    pub(crate) fn get(&mut self, sql: &str) -> Arc<str> {
        if let Some(text) = self.known.get(sql) {
            return Arc::clone(text);
        }
        let text: Arc<str> = self.engine.dialect(sql).into();
        self.known.insert(sql.into(), Arc::clone(&text));
        text
    }
}

/// What became of a command inside its transaction.
pub(crate) enum Ran {
    Keep,
    Undo,
    /// Another transaction was in the way; the same command may succeed now.
    Again,
}

/// A command on its way through the store: run inside a transaction, then told whether it lasted.
pub(crate) trait Job: Send {
    fn run(&mut self, tx: &mut Tx<'_>) -> Ran;
    fn finish(self: Box<Self>, outcome: Result<(), Error>);
}

//! Rows as text: JSON, a table in parts, so that each engine reads what the other wrote.

use super::{Error, Result};
use crate::engine::{Row, Tx, Value, params};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Bigint,
    Double,
    Text,
    Blob,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

/// The first line of each part.
#[derive(Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) table: String,
    pub(super) columns: Vec<Column>,
}

/// The tables of a store, save for the list of its migrations.
pub(crate) fn tables(tx: &mut Tx<'_>) -> crate::Result<Vec<String>> {
    let sql = if tx.is_postgres() {
        "select table_name::text from information_schema.tables
         where table_schema = current_schema() and table_type = 'BASE TABLE' and table_name <> 'migration' order by 1"
    } else {
        "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and name <> 'migration' order by 1"
    };
    tx.query(sql, &[], |row| row.get(0))
}

pub(crate) fn columns(tx: &mut Tx<'_>, table: &str) -> crate::Result<Vec<Column>> {
    let sql = if tx.is_postgres() {
        "select column_name::text, data_type::text from information_schema.columns
         where table_schema = current_schema() and table_name = $1 order by ordinal_position"
    } else {
        "select name, type from pragma_table_info($1) order by cid"
    };
    tx.query(sql, params![table], |row| {
        let kind: String = row.get(1)?;
        let kind = match kind.to_ascii_lowercase().as_str() {
            "bigint" => Kind::Bigint,
            "double precision" => Kind::Double,
            "text" => Kind::Text,
            "blob" | "bytea" => Kind::Blob,
            _ => return Err(crate::Error::Corrupt { what: "type of a column", value: kind }),
        };
        Ok(Column { name: row.get(0)?, kind })
    })
}

pub(super) fn migration(tx: &mut Tx<'_>) -> crate::Result<i64> {
    let version =
        tx.query_one("select coalesce(max(version), 0) from migration", &[], |row| row.get(0))?;
    Ok(version.unwrap_or(0))
}

fn quoted(columns: &[Column]) -> String {
    let names: Vec<String> = columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
    names.join(", ")
}

pub(super) fn select(table: &str, columns: &[Column]) -> String {
    format!("select {} from \"{table}\"", quoted(columns))
}

pub(super) fn insert(head: &Head) -> String {
    let marks: Vec<String> = (1..=head.columns.len()).map(|at| format!("${at}")).collect();
    format!(
        "insert into \"{}\" ({}) values ({})",
        head.table,
        quoted(&head.columns),
        marks.join(", ")
    )
}

/// Rows on their way into the archive.
pub(super) struct Part {
    columns: Vec<Column>,
    head: Vec<u8>,
    lines: Vec<u8>,
}

impl Part {
    pub(super) fn new(table: &str, columns: &[Column]) -> Result<Self> {
        let head = Head { table: table.into(), columns: columns.to_vec() };
        let mut head = serde_json::to_vec(&head)?;
        head.push(b'\n');
        Ok(Self { columns: columns.to_vec(), lines: head.clone(), head })
    }

    pub(super) fn bytes(&self) -> usize {
        self.lines.len()
    }

    pub(super) fn push(&mut self, row: &Row<'_>) -> crate::Result<()> {
        self.lines.push(b'[');
        for (at, column) in self.columns.iter().enumerate() {
            if at > 0 {
                self.lines.push(b',');
            }
            let value = match column.kind {
                Kind::Bigint => json(&row.get::<Option<i64>>(at)?)?,
                Kind::Double => json(&row.get::<Option<f64>>(at)?)?,
                Kind::Text => json(&row.get::<Option<String>>(at)?)?,
                Kind::Blob => json(&row.get::<Option<Vec<u8>>>(at)?.map(|it| STANDARD.encode(it)))?,
            };
            self.lines.extend_from_slice(&value);
        }
        self.lines.extend_from_slice(b"]\n");
        Ok(())
    }

    /// What there is so far; the next part begins with its head.
    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::replace(&mut self.lines, self.head.clone())
    }
}

fn json(value: &impl Serialize) -> crate::Result<Vec<u8>> {
    Ok(serde_json::to_vec(value)?)
}

/// A value on its way back into a table.
pub(super) enum Cell {
    Null,
    Int(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

impl Cell {
    pub(super) fn value(&self) -> Value<'_> {
        match self {
            Cell::Null => Value::Null,
            Cell::Int(value) => Value::Int(*value),
            Cell::Real(value) => Value::Real(*value),
            Cell::Text(value) => Value::Text(value),
            Cell::Blob(value) => Value::Blob(value),
        }
    }
}

pub(super) fn head(line: &[u8]) -> Result<Head> {
    let head: Head = serde_json::from_slice(line)?;
    // The names become part of a statement, and the file may have been written by anybody.
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit())
    };
    let names = head.columns.iter().map(|column| &column.name);
    if std::iter::once(&head.table).chain(names).all(|name| is_name(name)) {
        Ok(head)
    } else {
        Err(Error::Damaged { what: "a table has an impossible name".into() })
    }
}

pub(super) fn cells(head: &Head, line: &[u8]) -> Result<Vec<Cell>> {
    let values: Vec<serde_json::Value> = serde_json::from_slice(line)?;
    if values.len() != head.columns.len() {
        return Err(Error::Damaged { what: format!("a row of {} has a wrong length", head.table) });
    }
    head.columns.iter().zip(values).map(|(column, value)| cell(column, value)).collect()
}

fn cell(column: &Column, value: serde_json::Value) -> Result<Cell> {
    use serde_json::Value as Json;
    let cell = match (column.kind, value) {
        (_, Json::Null) => Some(Cell::Null),
        (Kind::Bigint, value) => value.as_i64().map(Cell::Int),
        (Kind::Double, value) => value.as_f64().map(Cell::Real),
        (Kind::Text, Json::String(text)) => Some(Cell::Text(text)),
        (Kind::Blob, Json::String(text)) => STANDARD.decode(text).ok().map(Cell::Blob),
        _ => None,
    };
    cell.ok_or_else(|| Error::Damaged {
        what: format!("a value of {} is of another kind", column.name),
    })
}

//! Values on their way into a statement and out of a row.

use crate::{Error, Result};
use domain::Timestamp;

/// A parameter of a statement.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    Null,
    Int(i64),
    Real(f64),
    Text(&'a str),
    Blob(&'a [u8]),
    /// Many values at once, for the set-based statements of PostgreSQL.
    Ints(&'a [i64]),
    OptionalInts(&'a [Option<i64>]),
    Texts(&'a [&'a str]),
    OptionalTexts(&'a [Option<&'a str>]),
    Blobs(&'a [&'a [u8]]),
    OptionalReals(&'a [Option<f64>]),
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Value::Int(value)
    }
}
impl From<f64> for Value<'_> {
    fn from(value: f64) -> Self {
        Value::Real(value)
    }
}
impl From<Timestamp> for Value<'_> {
    fn from(value: Timestamp) -> Self {
        Value::Int(value.0)
    }
}
impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Value::Int(value.into())
    }
}
impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Value::Text(value)
    }
}
impl<'a> From<&'a String> for Value<'a> {
    fn from(value: &'a String) -> Self {
        Value::Text(value)
    }
}
impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(value: &'a [u8]) -> Self {
        Value::Blob(value)
    }
}
impl<'a> From<&'a Vec<u8>> for Value<'a> {
    fn from(value: &'a Vec<u8>) -> Self {
        Value::Blob(value)
    }
}
impl<'a, T> From<Option<T>> for Value<'a>
where
    Value<'a>: From<T>,
{
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Value::from)
    }
}

macro_rules! id_values {
    ($($id:ident),*) => { $(
        impl From<domain::$id> for Value<'_> {
            fn from(value: domain::$id) -> Self {
                Value::Int(value.0)
            }
        }
        impl FromColumn for domain::$id {
            fn from_column(row: &Row<'_>, index: usize) -> Result<Self> {
                i64::from_column(row, index).map(Self)
            }
        }
    )* };
}
id_values!(
    OrganizationId,
    PersonId,
    SessionId,
    KeyId,
    InvitationId,
    ProjectId,
    ItemId,
    TaskId,
    SlotId,
    AnswerId,
    ReviewId,
    CommentId,
    UploadId,
    JobId,
    BackendId,
    PromptId,
    ReleaseId,
    EventId
);

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput::Borrowed, ValueRef};
        Ok(Borrowed(match *self {
            Value::Null => ValueRef::Null,
            Value::Int(value) => ValueRef::Integer(value),
            Value::Real(value) => ValueRef::Real(value),
            Value::Text(value) => ValueRef::Text(value.as_bytes()),
            Value::Blob(value) => ValueRef::Blob(value),
            Value::Ints(_)
            | Value::OptionalInts(_)
            | Value::Texts(_)
            | Value::OptionalTexts(_)
            | Value::Blobs(_)
            | Value::OptionalReals(_) => {
                return Err(rusqlite::Error::ToSqlConversionFailure(
                    "SQLite takes one value at a time".into(),
                ));
            }
        }))
    }
}

impl postgres::types::ToSql for Value<'_> {
    fn to_sql(
        &self,
        ty: &postgres::types::Type,
        out: &mut bytes::BytesMut,
    ) -> Result<postgres::types::IsNull, Box<dyn std::error::Error + Sync + Send>> {
        use postgres::types::Type;
        match *self {
            Value::Null => Ok(postgres::types::IsNull::Yes),
            Value::Int(value) if *ty == Type::INT4 => i32::try_from(value)?.to_sql(ty, out),
            Value::Int(value) if *ty == Type::INT2 => i16::try_from(value)?.to_sql(ty, out),
            Value::Int(value) if *ty == Type::FLOAT8 => (value as f64).to_sql(ty, out),
            Value::Int(value) => value.to_sql(ty, out),
            Value::Real(value) => value.to_sql(ty, out),
            Value::Text(value) => value.to_sql(ty, out),
            Value::Blob(value) => value.to_sql(ty, out),
            Value::Ints(value) => value.to_sql(ty, out),
            Value::OptionalInts(value) => value.to_sql(ty, out),
            Value::Texts(value) => value.to_sql(ty, out),
            Value::OptionalTexts(value) => value.to_sql(ty, out),
            Value::Blobs(value) => value.to_sql(ty, out),
            Value::OptionalReals(value) => value.to_sql(ty, out),
        }
    }

    fn accepts(_: &postgres::types::Type) -> bool {
        true
    }

    postgres::types::to_sql_checked!();
}

/// A row of an answer, in either engine.
#[derive(Clone, Copy)]
pub enum Row<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a postgres::Row),
}

impl Row<'_> {
    /// The value of a column, counted from 0.
    pub fn get<T: FromColumn>(&self, index: usize) -> Result<T> {
        T::from_column(self, index)
    }

    /// A stored text, read back into the type that it was written from.
    pub fn parse<T: std::str::FromStr>(&self, index: usize, what: &'static str) -> Result<T> {
        let text: String = self.get(index)?;
        text.parse().map_err(|_| Error::Corrupt { what, value: text })
    }
}

/// What can be read out of a column.
pub trait FromColumn: Sized {
    fn from_column(row: &Row<'_>, index: usize) -> Result<Self>;
}

macro_rules! columns {
    ($($kind:ty),*) => { $(
        impl FromColumn for $kind {
            fn from_column(row: &Row<'_>, index: usize) -> Result<Self> {
                match row {
                    Row::Sqlite(row) => Ok(row.get(index)?),
                    Row::Postgres(row) => Ok(row.try_get(index)?),
                }
            }
        }
        impl FromColumn for Option<$kind> {
            fn from_column(row: &Row<'_>, index: usize) -> Result<Self> {
                match row {
                    Row::Sqlite(row) => Ok(row.get(index)?),
                    Row::Postgres(row) => Ok(row.try_get(index)?),
                }
            }
        }
    )* };
}
columns!(f64, String, Vec<u8>);

impl FromColumn for i64 {
    fn from_column(row: &Row<'_>, index: usize) -> Result<Self> {
        match row {
            Row::Sqlite(row) => Ok(row.get(index)?),
            // A number that stands in a statement itself is a short one there.
            Row::Postgres(row) if row.columns()[index].type_() == &postgres::types::Type::INT4 => {
                Ok(row.try_get::<_, i32>(index)?.into())
            }
            Row::Postgres(row) => Ok(row.try_get(index)?),
        }
    }
}

impl FromColumn for Option<i64> {
    fn from_column(row: &Row<'_>, index: usize) -> Result<Self> {
        match row {
            Row::Sqlite(row) => Ok(row.get(index)?),
            Row::Postgres(row) => Ok(row.try_get(index)?),
        }
    }
}

impl FromColumn for bool {
    fn from_column(row: &Row<'_>, index: usize) -> Result<Self> {
        Ok(i64::from_column(row, index)? != 0)
    }
}

impl FromColumn for Timestamp {
    fn from_column(row: &Row<'_>, index: usize) -> Result<Self> {
        Ok(Timestamp(i64::from_column(row, index)?))
    }
}

impl FromColumn for Option<Timestamp> {
    fn from_column(row: &Row<'_>, index: usize) -> Result<Self> {
        Ok(<Option<i64>>::from_column(row, index)?.map(Timestamp))
    }
}

macro_rules! optional_ids {
    ($($id:ident),*) => { $(
        impl FromColumn for Option<domain::$id> {
            fn from_column(row: &Row<'_>, index: usize) -> Result<Self> {
                Ok(<Option<i64>>::from_column(row, index)?.map(domain::$id))
            }
        }
    )* };
}
optional_ids!(OrganizationId, PersonId, ProjectId, ItemId, TaskId, SlotId, AnswerId, JobId);

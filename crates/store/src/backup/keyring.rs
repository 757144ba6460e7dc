//! The keyring, apart from the backup: wrapped under the root key, and with the list of keys that
//! were destroyed. Destruction wins: no file brings a destroyed key back.

use super::{Error, Result};
use crate::engine::{Tx, params, sql};
use crate::stores::Stores;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::OrganizationId;
use serde::{Deserialize, Serialize};

/// The keyring as a file.
#[derive(Serialize, Deserialize)]
pub struct KeyFile {
    fairmark_keys: u32,
    keys: Vec<Key>,
    destroyed: Vec<Destroyed>,
}

#[derive(Serialize, Deserialize)]
struct Key {
    organization: OrganizationId,
    version: i64,
    /// The root key that wraps it.
    root: String,
    wrapped: String,
    created_at_ms: i64,
}

#[derive(Serialize, Deserialize)]
struct Destroyed {
    organization: OrganizationId,
    at_ms: i64,
}

/// The keyring, as text. Whoever has it and the root key can read every backup: keep it apart.
pub fn write_keys(stores: &Stores) -> Result<String> {
    let file = stores.keyring().read_now(|tx| {
        let keys = tx.query(
            sql!(
                "select organization_id, version, root_id, wrapped, created_at_ms from organization_key
                 order by organization_id, version"
            ),
            &[],
            |row| {
                Ok(Key {
                    organization: row.get(0)?,
                    version: row.get(1)?,
                    root: row.get(2)?,
                    wrapped: STANDARD.encode(row.get::<Vec<u8>>(3)?),
                    created_at_ms: row.get(4)?,
                })
            },
        )?;
        let destroyed = tx.query(
            sql!("select organization_id, at_ms from destroyed_key order by organization_id"),
            &[],
            |row| Ok(Destroyed { organization: row.get(0)?, at_ms: row.get(1)? }),
        )?;
        Ok::<_, crate::Error>(KeyFile { fairmark_keys: 1, keys, destroyed })
    })?;
    Ok(serde_json::to_string_pretty(&file)?)
}

/// Reads what [`write_keys`] wrote.
pub fn read_keys(text: &str) -> Result<KeyFile> {
    let file: KeyFile = serde_json::from_str(text)?;
    if file.fairmark_keys != 1 {
        return Err(Error::Newer { what: format!("keys of form {}", file.fairmark_keys) });
    }
    Ok(file)
}

/// Adds to a keyring what it does not have.
pub(super) fn merge(tx: &mut Tx<'_>, file: &KeyFile) -> Result<()> {
    for destroyed in &file.destroyed {
        tx.execute_quietly(
            sql!(
                "insert into destroyed_key (organization_id, at_ms) values ($1, $2)
                 on conflict (organization_id) do nothing"
            ),
            params![destroyed.organization, destroyed.at_ms],
        )?;
    }
    for key in &file.keys {
        let wrapped = STANDARD.decode(&key.wrapped);
        let wrapped = wrapped.map_err(|_| Error::Damaged { what: "a key is no base64".into() })?;
        tx.execute_quietly(
            sql!(
                "insert into organization_key (organization_id, version, root_id, wrapped, created_at_ms)
                 values ($1, $2, $3, $4, $5) on conflict (organization_id, version) do nothing"
            ),
            params![key.organization, key.version, &key.root, &wrapped, key.created_at_ms],
        )?;
    }
    tx.execute_quietly(
        sql!(
            "delete from organization_key
             where organization_id in (select organization_id from destroyed_key)"
        ),
        &[],
    )?;
    Ok(())
}

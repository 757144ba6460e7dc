//! Names of people, which the control store knows and other stores only number.

use crate::{Error, Result};
use domain::PersonId;
use std::collections::HashMap;
use std::sync::Mutex;
use store::Stores;

/// Names asked for lately. A name changes rarely, and is only ever shown.
#[derive(Default)]
pub struct Names(Mutex<HashMap<PersonId, String>>);

const NAMES_KEPT: usize = 10_000;

impl Names {
    pub fn one(&self, stores: &Stores, person: PersonId) -> Result<String> {
        let many = self.many(stores, &[person])?;
        Ok(many.into_values().next().unwrap_or_else(|| "somebody".into()))
    }

    /// Blocks on the control store where a name is not known yet: call it where blocking is fine.
    pub fn many(&self, stores: &Stores, people: &[PersonId]) -> Result<HashMap<PersonId, String>> {
        let lock = || self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut found: HashMap<PersonId, String> = HashMap::new();
        let mut unknown = Vec::new();
        {
            let known = lock();
            for person in people {
                match known.get(person) {
                    Some(name) => _ = found.insert(*person, name.clone()),
                    None => unknown.push(*person),
                }
            }
        }
        if !unknown.is_empty() {
            let names = stores.control().read_now(move |tx| Ok::<_, Error>(tx.names(&unknown)?))?;
            let mut known = lock();
            if known.len() > NAMES_KEPT {
                known.clear();
            }
            for (person, name) in names {
                known.insert(person, name.clone());
                found.insert(person, name);
            }
        }
        Ok(found)
    }

    /// Like [`many`](Self::many), without blocking.
    pub async fn find(
        &self,
        stores: &Stores,
        mut people: Vec<PersonId>,
    ) -> Result<HashMap<PersonId, String>> {
        people.sort_unstable();
        people.dedup();
        let unknown: Vec<PersonId> = {
            let known = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            people.iter().copied().filter(|person| !known.contains_key(person)).collect()
        };
        let mut found: HashMap<PersonId, String> = HashMap::new();
        if !unknown.is_empty() {
            let names =
                stores.control().read(move |tx| Ok::<_, Error>(tx.names(&unknown)?)).await?;
            found.extend(names);
        }
        let mut known = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if known.len() + found.len() > NAMES_KEPT {
            known.clear();
        }
        known.extend(found.iter().map(|(person, name)| (*person, name.clone())));
        for person in people {
            if let Some(name) = known.get(&person) {
                found.entry(person).or_insert_with(|| name.clone());
            }
        }
        Ok(found)
    }

    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
    }
}

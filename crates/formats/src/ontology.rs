//! As much of an ontology as the formats need: its classes, in their order.

use std::collections::HashMap;

use serde_json::Value;

/// Names a class as other tools know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    pub key: String,
    pub name: String,
    pub parent: Option<String>,
}

/// Holds the classes of an ontology document, findable by key and by name.
#[derive(Clone, Debug, Default)]
pub struct Classes {
    list: Vec<Class>,
    keys: HashMap<String, usize>,
    /// A name that several classes share leads to none of them.
    names: HashMap<String, Option<usize>>,
}

/// Says that a document is not an ontology.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the ontology is not readable: `{0}` is missing or of the wrong type")]
pub struct NotAnOntology(pub &'static str);

impl NotAnOntology {
    /// Returns the stable name of the reason.
    pub fn code(&self) -> &'static str {
        "not_an_ontology"
    }
}

impl Classes {
    /// Reads the classes out of an ontology document.
    pub fn read(ontology: &Value) -> Result<Self, NotAnOntology> {
        let classes = ontology["classes"].as_array().ok_or(NotAnOntology("classes"))?;
        let mut read = Self::default();
        for class in classes {
            let key = class["key"].as_str().ok_or(NotAnOntology("classes[].key"))?;
            let name = class["name"].as_str().unwrap_or(key);
            let parent = class["parent"].as_str().map(str::to_owned);
            let index = read.list.len();
            if read.keys.insert(key.to_owned(), index).is_some() {
                return Err(NotAnOntology("classes[].key"));
            }
            read.names
                .entry(name.to_owned())
                .and_modify(|found| *found = None)
                .or_insert(Some(index));
            read.list.push(Class { key: key.into(), name: name.into(), parent });
        }
        Ok(read)
    }

    /// Returns the classes in their order.
    pub fn list(&self) -> &[Class] {
        &self.list
    }

    /// Returns the place of the class with this key, from 0.
    pub fn index(&self, key: &str) -> Option<usize> {
        self.keys.get(key).copied()
    }

    /// Returns the name under which other tools know the class: its name, or its key where names repeat.
    pub fn label(&self, index: usize) -> &str {
        let Some(class) = self.list.get(index) else { return "" };
        match self.names.get(&class.name) {
            Some(Some(_)) => &class.name,
            _ => &class.key,
        }
    }
}

//! The description of the interface: whole, and saying one thing by one name.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Every type with a schema, by the name that it bears there, and the files that it stands in.
fn schemas(folder: &Path, into: &mut BTreeMap<String, Vec<String>>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            schemas(&path, into);
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let file = path.file_name().unwrap().to_str().unwrap();
        for derived in text.split("#[derive(").skip(1) {
            let (traits, rest) = derived.split_once(")]").unwrap();
            if !traits.split(", ").any(|one| one == "ToSchema" || one == "utoipa::ToSchema") {
                continue;
            }
            let given = rest.split_once(" as = ").filter(|(before, _)| !before.contains('{'));
            let name = match given {
                Some((_, name)) => name,
                None => rest.split_once("struct ").or(rest.split_once("enum ")).unwrap().1,
            };
            let name = name.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap();
            into.entry(name.into()).or_default().push(file.into());
        }
        for written in text.split("impl ToSchema for ").skip(1) {
            let name = written.split(|c: char| !c.is_alphanumeric()).next().unwrap();
            into.entry(name.into()).or_default().push(file.into());
        }
    }
}

#[test]
fn every_schema_has_a_name_of_its_own() {
    let mut found = BTreeMap::new();
    schemas(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found.len() > 60 && found.contains_key("Receipt"), "{found:?}");
    // Of two schemas with one name, the document would hold one, and say it of both.
    let shared: Vec<_> = found.iter().filter(|(_, files)| files.len() > 1).collect();
    assert!(shared.is_empty(), "give each a name of its own: {shared:?}");
    let document = serde_json::to_value(server::openapi()).unwrap();
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        let name = name.split('_').next().unwrap();
        assert!(found.contains_key(name), "{name} is described, and no type has this name");
    }
}

/// Every `$ref` of a document.
fn references<'a>(value: &'a Value, into: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(fields) => {
            into.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|value| references(value, into));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, into)),
        _ => {}
    }
}

#[test]
fn the_description_is_whole() {
    let document = serde_json::to_value(server::openapi()).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    for reference in found {
        let place = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(place).is_some(), "{reference} leads nowhere");
    }
    let mut names = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name), "two operations are called {name}");
            for (status, response) in operation["responses"].as_object().unwrap() {
                let told = response["description"].as_str().or(response["$ref"].as_str());
                assert!(told.is_some_and(|told| !told.is_empty()), "{method} {path}: {status}");
            }
            assert_eq!(operation["responses"]["default"]["$ref"], "#/components/responses/Failure");
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let filled: BTreeSet<&str> = parameters
                .filter(|parameter| parameter["in"] == "path")
                .map(|parameter| parameter["name"].as_str().unwrap())
                .collect();
            let wanted = path.split('{').skip(1).map(|part| part.split('}').next().unwrap());
            assert_eq!(filled, wanted.collect(), "{method} {path}");
        }
    }
}

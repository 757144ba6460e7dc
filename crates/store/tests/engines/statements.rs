//! Every statement in the source of the store, found by reading it, prepared on both engines.

use super::place::{ORGANIZATION, Place};
use postgres::types::Type;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use store::Backend;

/// A text in the source, and what stands right before it.
struct Literal {
    before: String,
    text: String,
    file: String,
}

/// What an engine makes of a statement: how many parameters, how many columns.
type Shape = (usize, usize);

const KINDS: [&str; 3] = ["control", "keyring", "organization"];

pub fn compare(sqlite: &Place, postgres: &Place) {
    let _ = (sqlite.store(), postgres.store());
    let statements = statements();
    assert!(
        statements.len() > 100,
        "only {} statements were found: does the search still fit the source?",
        statements.len()
    );
    let files = open_sqlite(sqlite);
    let mut schemas = open_postgres(postgres);
    let mut wrong = Vec::new();
    for (file, sql) in statements.iter().filter(|(_, sql)| !is_of_one_engine(sql)) {
        let on_postgres: Vec<Result<Shape, String>> =
            schemas.iter_mut().map(|client| on_postgres(client, sql)).collect();
        if !on_postgres.iter().any(Result::is_ok) {
            let reasons: BTreeSet<_> =
                on_postgres.iter().filter_map(|shape| shape.clone().err()).collect();
            wrong.push(format!("{file}: PostgreSQL refuses ({reasons:?}): {sql}"));
        }
        if is_set_based(sql) {
            continue;
        }
        let on_sqlite: Vec<Result<Shape, String>> =
            files.iter().map(|conn| on_sqlite(conn, sql)).collect();
        for (kind, (a, b)) in KINDS.iter().zip(on_sqlite.iter().zip(&on_postgres)) {
            if a.as_ref().ok() != b.as_ref().ok() {
                wrong.push(format!(
                    "{file}: in the {kind} store SQLite says {a:?}, PostgreSQL {b:?}: {sql}"
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} statements:\n{}",
        wrong.len(),
        statements.len(),
        wrong.join("\n")
    );
}

/// What asks an engine about itself, or is made for tables whose names it has asked for.
fn is_of_one_engine(sql: &str) -> bool {
    ["sqlite_master", "pragma_table_info", "information_schema", "pg_namespace", "{}", "{table}"]
        .iter()
        .any(|word| sql.contains(word))
}

/// What stands in the place of a word that is chosen as the statement is made.
const CHOSEN: &[(&str, &str)] = &[("{bound}", ">=")];

/// Statements over many rows at once are PostgreSQL's alone.
fn is_set_based(sql: &str) -> bool {
    ["unnest(", "any($", "lateral", "::bigint", "for update"].iter().any(|word| sql.contains(word))
}

fn open_sqlite(place: &Place) -> Vec<rusqlite::Connection> {
    let Backend::Folder(folder) = &place.backend else { panic!("a folder is wanted") };
    let own = folder.join("organizations").join(domain::encode(ORGANIZATION.0)).join("store.db");
    [folder.join("control.db"), folder.join("keyring.db"), own]
        .map(|path| rusqlite::Connection::open(path).unwrap())
        .into()
}

fn open_postgres(place: &Place) -> Vec<postgres::Client> {
    let Backend::Postgres { url, prefix } = &place.backend else { panic!("a server is wanted") };
    let own = format!("organization_{}", domain::encode(ORGANIZATION.0));
    ["control", "keyring", &own]
        .map(|name| {
            let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
            client.batch_execute(&format!("set search_path to {prefix}{name}")).unwrap();
            client
        })
        .into()
}

fn on_sqlite(conn: &rusqlite::Connection, sql: &str) -> Result<Shape, String> {
    let sql = sql.replace("{hold}", "").replace("{hold_or_skip}", "").replace('$', "?");
    let statement = conn.prepare(&sql).map_err(|error| error.to_string())?;
    Ok((statement.parameter_count(), statement.column_count()))
}

fn on_postgres(client: &mut postgres::Client, sql: &str) -> Result<Shape, String> {
    let sql =
        sql.replace("{hold}", "for update").replace("{hold_or_skip}", "for update skip locked");
    let statement = client.prepare(&sql).map_err(|error| {
        error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_string())
    })?;
    // Whatever else comes out would not go into the types that the rows are read into.
    let plain = [Type::INT8, Type::FLOAT8, Type::TEXT, Type::BYTEA];
    for column in statement.columns() {
        if !plain.contains(column.type_()) {
            return Err(format!("the column {} is a {}", column.name(), column.type_()));
        }
    }
    for (number, ty) in statement.params().iter().enumerate() {
        let array = [Type::INT8_ARRAY, Type::TEXT_ARRAY, Type::BYTEA_ARRAY, Type::FLOAT8_ARRAY];
        if !plain.contains(ty) && !array.contains(ty) {
            return Err(format!("the parameter ${} is a {ty}", number + 1));
        }
    }
    Ok((statement.params().len(), statement.columns().len()))
}

/// Every statement in the source, with the constants in its text put in.
fn statements() -> Vec<(String, String)> {
    let mut literals = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut literals);
    let mut names: HashMap<(String, String), String> = HashMap::new();
    let mut anywhere: HashMap<String, String> = HashMap::new();
    for literal in &literals {
        if let Some(name) = name_of(&literal.before) {
            names.insert((literal.file.clone(), name.clone()), literal.text.clone());
            anywhere.insert(name, literal.text.clone());
        }
    }
    let verbs = ["select ", "insert into ", "update ", "delete from ", "with "];
    literals
        .iter()
        .filter(|literal| verbs.iter().any(|verb| literal.text.starts_with(verb)))
        .map(|literal| {
            let mut sql = literal.text.clone();
            let own = names
                .iter()
                .filter(|((file, _), _)| *file == literal.file)
                .map(|((_, name), text)| (name, text));
            for (name, text) in own.chain(&anywhere) {
                sql = sql.replace(&format!("{{{name}}}"), text);
            }
            for (name, text) in CHOSEN {
                sql = sql.replace(name, text);
            }
            (literal.file.clone(), sql.replace("{{", "{").replace("}}", "}"))
        })
        .collect()
}

/// `TASK` out of `const TASK: &str = `.
fn name_of(before: &str) -> Option<String> {
    let before = before
        .trim_end()
        .strip_suffix('=')
        .or_else(|| before.trim_end().strip_suffix("= sql!("))?;
    let at = before
        .rfind("const ")
        .map(|at| at + 6)
        .or_else(|| before.rfind("let ").map(|at| at + 4))?;
    let name: String =
        before[at..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let rest = before[at + name.len()..].trim();
    (!name.is_empty() && (rest.is_empty() || rest.starts_with(':'))).then_some(name)
}

fn collect(folder: &Path, literals: &mut Vec<Literal>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, literals);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let file = path.file_name().unwrap().to_string_lossy().into_owned();
            read_literals(&std::fs::read_to_string(&path).unwrap(), &file, literals);
        }
    }
}

/// The texts between quotes, outside of comments.
fn read_literals(source: &str, file: &str, literals: &mut Vec<Literal>) {
    let bytes = source.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at += source[at..].find('\n').unwrap_or(source.len() - at);
            }
            b'\'' if bytes.get(at + 2) == Some(&b'\'') => at += 3,
            b'\'' if bytes.get(at + 1) == Some(&b'\\') && bytes.get(at + 3) == Some(&b'\'') => {
                at += 4
            }
            b'"' => {
                let start = at;
                let mut text = String::new();
                at += 1;
                while bytes[at] != b'"' {
                    if bytes[at] == b'\\' {
                        at += 1;
                        if bytes[at] == b'\n' {
                            while bytes[at].is_ascii_whitespace() {
                                at += 1;
                            }
                            continue;
                        }
                    }
                    let letter = source[at..].chars().next().unwrap();
                    text.push(letter);
                    at += letter.len_utf8();
                }
                let mut from = start.saturating_sub(80);
                while !source.is_char_boundary(from) {
                    from += 1;
                }
                literals.push(Literal {
                    before: source[from..start].into(),
                    text,
                    file: file.into(),
                });
                at += 1;
            }
            _ => at += 1,
        }
    }
}

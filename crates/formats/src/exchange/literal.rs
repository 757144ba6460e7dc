//! Lists and records as Python and NumPy print them, which is what a data frame leaves in the cells of CSV: `['a', 'b']`,
//! `[0 1]`, `[{'role': 'user'} {'role': 'assistant'}]`, `array(['x'], dtype=object)`.

use serde_json::{Map, Number, Value};

/// How deep lists and records may lie in one another.
const DEPTH_MAX: usize = 32;

/// Returns the list or record that the whole cell is; none where it is anything else, or has been shortened by `...`.
pub(super) fn parse(cell: &str) -> Option<Value> {
    let mut rest = Rest { text: cell.trim(), depth: 0 };
    if !rest.text.starts_with(['[', '{']) {
        return None;
    }
    let value = rest.value()?;
    rest.text.is_empty().then_some(value)
}

struct Rest<'a> {
    text: &'a str,
    depth: usize,
}

impl Rest<'_> {
    fn take(&mut self, sign: &str) -> bool {
        self.text = self.text.trim_start();
        let rest = self.text.strip_prefix(sign);
        self.text = rest.unwrap_or(self.text);
        rest.is_some()
    }

    fn value(&mut self) -> Option<Value> {
        self.text = self.text.trim_start();
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return None;
        }
        let value = match self.text.chars().next()? {
            '[' => self.list("[", "]"),
            '(' => self.list("(", ")"),
            '{' => self.record(),
            '\'' | '"' => self.quoted().map(Value::String),
            _ if self.take("array(") => self.array(),
            _ => self.word(),
        };
        self.depth -= 1;
        value
    }

    /// Python divides by commas, NumPy by spaces.
    fn list(&mut self, open: &str, close: &str) -> Option<Value> {
        self.take(open);
        let mut list = Vec::new();
        while !self.take(close) {
            list.push(self.value()?);
            self.take(",");
        }
        Some(Value::Array(list))
    }

    fn record(&mut self) -> Option<Value> {
        self.take("{");
        let mut map = Map::new();
        while !self.take("}") {
            let Value::String(key) = self.value()? else { return None };
            if !self.take(":") {
                return None;
            }
            map.insert(key, self.value()?);
            self.take(",");
        }
        Some(Value::Object(map))
    }

    /// What stands in an array beside its values says how they were kept.
    fn array(&mut self) -> Option<Value> {
        let value = self.value()?;
        while self.take(",") {
            let end = self.text.find([',', ')'])?;
            self.text = &self.text[end..];
        }
        self.take(")").then_some(value)
    }

    fn quoted(&mut self) -> Option<String> {
        let quote = self.text.chars().next()?;
        let mut text = String::new();
        let mut signs = self.text.char_indices().skip(1);
        loop {
            let (at, sign) = signs.next()?;
            if sign == quote {
                self.text = &self.text[at + 1..];
                return Some(text);
            }
            if sign != '\\' {
                text.push(sign);
                continue;
            }
            let (_, sign) = signs.next()?;
            let digits = match sign {
                'x' => 2,
                'u' => 4,
                'U' => 8,
                _ => 0,
            };
            if digits > 0 {
                let code: String = signs.by_ref().take(digits).map(|(_, digit)| digit).collect();
                text.push(char::from_u32(u32::from_str_radix(&code, 16).ok()?)?);
                continue;
            }
            match sign {
                'n' => text.push('\n'),
                't' => text.push('\t'),
                'r' => text.push('\r'),
                '\\' | '\'' | '"' => text.push(sign),
                other => text.extend(['\\', other]),
            }
        }
    }

    fn word(&mut self) -> Option<Value> {
        let end = self.text.find(|c: char| c.is_whitespace() || ",:]})".contains(c));
        let (word, rest) = self.text.split_at(end.unwrap_or(self.text.len()));
        self.text = rest;
        match word {
            "True" => return Some(Value::Bool(true)),
            "False" => return Some(Value::Bool(false)),
            "None" | "nan" => return Some(Value::Null),
            _ => {}
        }
        // NumPy ends what is whole with a point.
        if let Ok(whole) = word.parse::<i64>() {
            return Some(whole.into());
        }
        Number::from_f64(word.strip_suffix('.').unwrap_or(word).parse().ok()?).map(Value::Number)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_python_and_numpy_print_is_read_and_nothing_else() {
        for (cell, wanted) in [
            ("['a', 'b']", Some(json!(["a", "b"]))),
            ("[]", Some(json!([]))),
            ("['it' \"isn't\"]", Some(json!(["it", "isn't"]))),
            ("[0 1 -1]", Some(json!([0, 1, -1]))),
            ("[834.0, 222.]", Some(json!([834.0, 222.0]))),
            (
                "[{'role': 'user', 'content': 'a\\nb'}\n {'role': 'x', 'content': None}]",
                Some(
                    json!([{ "role": "user", "content": "a\nb" }, { "role": "x", "content": null }]),
                ),
            ),
            (
                "{'text': array(['Ana'], dtype=object), 'at': array([8])}",
                Some(json!({ "text": ["Ana"], "at": [8] })),
            ),
            ("[(0, 3, 'PER'), (True, '\\u00eb')]", Some(json!([[0, 3, "PER"], [true, "ë"]]))),
            ("[citation needed]", None),
            ("['a' ... 'b']", None),
            ("['a'] and more", None),
            ("['a", None),
            ("nan", None),
        ] {
            assert_eq!(parse(cell), wanted, "{cell}");
        }
        assert_eq!(parse(&"[".repeat(100_000)), None);
    }
}

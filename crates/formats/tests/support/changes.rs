//! Changes to whole values, cells and lines, so that what a text says is wrong more often than how it is written.

use super::dice::Dice;

/// What stands where something else should: other types, the ends of numbers, names that lead out, marks of other scripts.
const VALUES: [&str; 43] = [
    "null",
    "true",
    "false",
    "0",
    "1",
    "-1",
    "2",
    "3.5",
    "-0.0",
    "1e308",
    "1e400",
    "1e-320",
    "255",
    "65536",
    "4294967296",
    "9007199254740993",
    "9223372036854775808",
    "18446744073709551615",
    "99999999999999999999",
    "NaN",
    "\"\"",
    "\"a\"",
    "\"zw\u{f6}lf\"",
    "\"\u{5d0}\u{5d1} \u{1f600}\"",
    "\"\u{1f469}\u{200d}\u{1f680}\"",
    r#""\ud83d""#,
    r#""\u0000""#,
    "\"12\"",
    "\"1,5\"",
    "\"a.jpg\"",
    "\"../a.png\"",
    "\"/data/a/b.jpg\"",
    "\"https://example.org/a.mp4\"",
    "\"data:image/png;base64,iVBORw0KGgo=\"",
    "\"2024-02-30T25:00:00+01:00\"",
    "\"2024-02-29T12:00:00.5Z\"",
    "[]",
    "{}",
    "[1, 2]",
    "[0, 0, 10, 10]",
    "[[0, 0, 10, 0, 10, 10]]",
    "[\"a\", \"b\"]",
    "{\"a\": 1}",
];

/// The words of a dictionary of the fuzzer, without those that are others with something behind them.
pub fn words(dictionary: &str) -> Vec<String> {
    let word = |line: &str| Some(line.strip_prefix('"')?.strip_suffix('"')?.to_owned());
    dictionary.lines().filter_map(word).filter(|word| !word.contains('\\')).collect()
}

fn one<'a, T>(of: &'a [T], dice: &mut Dice) -> Option<&'a T> {
    of.get(dice.roll(of.len()))
}

/// A value of JSON, and where the key before it begins, if it has one.
#[derive(Clone, Copy)]
struct Span {
    key: Option<usize>,
    start: usize,
    end: usize,
}

/// The values of a text, also where the rest is damaged.
fn values(text: &[u8]) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut open: Vec<(Option<usize>, usize)> = Vec::new();
    let mut key = None;
    let mut at = 0;
    while at < text.len() {
        let start = at;
        at += 1;
        match text[start] {
            b'{' | b'[' => open.push((key.take(), start)),
            b'}' | b']' => {
                if let Some((key, start)) = open.pop() {
                    spans.push(Span { key, start, end: at });
                }
            }
            b'"' => {
                while at < text.len() && text[at] != b'"' {
                    at += 1 + usize::from(text[at] == b'\\');
                }
                at = (at + 1).min(text.len());
                if text[at..].trim_ascii_start().starts_with(b":") {
                    key = Some(start);
                } else {
                    spans.push(Span { key: key.take(), start, end: at });
                }
            }
            b'-' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                let more = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-._".contains(byte);
                at += text[at..].iter().take_while(|byte| more(byte)).count();
                spans.push(Span { key: key.take(), start, end: at });
            }
            _ => {}
        }
    }
    spans
}

fn replaced(text: &[u8], start: usize, end: usize, with: &[u8]) -> Vec<u8> {
    [&text[..start], with, &text[end..]].concat()
}

fn value<'a>(text: &'a [u8], spans: &[Span], dice: &mut Dice) -> &'a [u8] {
    match one(spans, dice) {
        Some(span) if dice.roll(2) == 0 => &text[span.start..span.end],
        _ => one(&VALUES, dice).map_or(b"0", |value| value.as_bytes()),
    }
}

fn of_json(text: &[u8], words: &[String], dice: &mut Dice) -> Option<Vec<u8>> {
    let spans = values(text);
    let Span { key, start, end } = *one(&spans, dice)?;
    let whole = key.unwrap_or(start);
    let word = one(words, dice).map_or("id", String::as_str);
    Some(match dice.roll(10) {
        0..=2 => replaced(text, start, end, value(text, &spans, dice)),
        3 => {
            let tail = text[end..].trim_ascii_start().strip_prefix(b",");
            let end = tail.map_or(end, |tail| text.len() - tail.len());
            replaced(text, whole, end, b"")
        }
        4 => replaced(text, end, end, &[b", ", &text[whole..end]].concat()),
        // A field more, which the reader knows.
        5 | 6 => {
            let value = value(text, &spans, dice);
            let field = [b"\"", word.as_bytes(), b"\": ", value, b", "].concat();
            let key = key.or_else(|| spans.iter().find_map(|span| span.key))?;
            replaced(text, key, key, &field)
        }
        7 => {
            let key = key?;
            let end = key + text[key..].iter().position(|byte| *byte == b':')?;
            replaced(text, key, end, format!("\"{word}\"").as_bytes())
        }
        8 => replaced(text, start, end, format!("\"{word}\"").as_bytes()),
        _ => {
            let inner = &text[start..end];
            let wrapped = match dice.roll(3) {
                0 => [b"[", inner, b"]"].concat(),
                1 => [b"{\"", word.as_bytes(), b"\": ", inner, b"}"].concat(),
                _ => [b"\"", inner, b"\""].concat(),
            };
            replaced(text, start, end, &wrapped)
        }
    })
}

/// Cells of tables, attributes of XML and what stands between its tags.
fn of_lines(text: &[u8], words: &[String], dice: &mut Dice) -> Vec<u8> {
    let by_line = dice.roll(3) == 0;
    let ends = |byte: &u8| *byte == b'\n' || (!by_line && b" \t,;|=\"'<>/:\r".contains(byte));
    let mut starts = vec![0];
    starts.extend(text.iter().enumerate().filter(|(_, byte)| ends(byte)).map(|(at, _)| at + 1));
    let part = |start: usize| {
        let length = text[start..].iter().position(ends).unwrap_or(text.len() - start);
        (start, start + length)
    };
    let (start, end) = part(one(&starts, dice).copied().unwrap_or_default());
    let (from, to) = part(one(&starts, dice).copied().unwrap_or_default());
    match dice.roll(6) {
        0 => replaced(text, start, end, &text[from..to]),
        1 => replaced(text, start, (end + 1).min(text.len()), b""),
        2 => replaced(text, start, start, &text[start..(end + 1).min(text.len())]),
        3 => replaced(text, start, start, &text[from..(to + 1).min(text.len())]),
        4 => {
            let word = one(words, dice).map_or("id", String::as_str);
            replaced(text, start, end, word.as_bytes())
        }
        _ => {
            let value = one(&VALUES, dice).map_or("0", |value| value.trim_matches('"'));
            replaced(text, start, end, value.as_bytes())
        }
    }
}

/// A text with something else in it, if it is one.
pub fn changed(text: &[u8], words: &[String], dice: &mut Dice) -> Option<Vec<u8>> {
    std::str::from_utf8(text).ok()?;
    let mut text = text.to_vec();
    for _ in 0..=dice.roll(3) {
        let is_json = matches!(text.trim_ascii_start().first(), Some(b'{' | b'['));
        text = match is_json && dice.roll(8) > 0 {
            true => of_json(&text, words, dice)?,
            false => of_lines(&text, words, dice),
        };
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_with_their_keys() {
        let text = br#"{"a": [1, "b\"c"], "d": nul"#;
        let said: Vec<_> = values(text)
            .iter()
            .map(|span| String::from_utf8_lossy(&text[span.key.unwrap_or(span.start)..span.end]))
            .collect();
        assert_eq!(said, ["1", r#""b\"c""#, r#""a": [1, "b\"c"]"#, r#""d": nul"#]);
    }

    #[test]
    fn a_text_is_changed_and_what_is_none_is_left() {
        let words = words("\"label\"\n\"\\\"label\\\":\"\n");
        assert_eq!(words, ["label"]);
        let mut dice = Dice(7);
        for text in [&b"{\"a\": [1, {\"b\": null}]}\n"[..], b"a,b\n1,2\n", b"<a b=\"1\">c</a>"] {
            let all: Vec<_> = (0..200).filter_map(|_| changed(text, &words, &mut dice)).collect();
            assert!(all.iter().filter(|other| **other != text).count() > 100);
        }
        assert_eq!(changed(b"\x89PNG", &words, &mut dice), None);
    }
}

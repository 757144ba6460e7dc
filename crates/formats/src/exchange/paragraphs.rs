//! Texts of Label Studio that are more than a text: dialogues, whose spans count within a turn, and HTML, whose spans
//! count what a browser shows. Both become a plain text; what they were stays in the metadata.

use serde_json::Value;

use super::look::Look;
use super::{Item, Place, Sink};
use crate::row::Fault;

/// Under which name the text with its markup is kept.
const MARKUP: &str = "html";

/// The turns of the dialogue that an item has: the first list of objects with a text each.
fn turns(item: &Item) -> Option<Vec<&str>> {
    item.metadata.values().find_map(|value| {
        let list = value.as_array().filter(|list| !list.is_empty())?;
        list.iter().map(|turn| turn.get("text")?.as_str()).collect()
    })
}

/// Makes one text of a dialogue, a line or more for each turn.
pub(super) fn as_text(item: &mut Item) {
    if item.text.is_none()
        && let Some(turns) = turns(item)
    {
        item.text = Some(turns.join("\n"));
    }
}

/// A span from a place in one turn to a place in the same one, or in another.
pub(super) fn span(value: &Look, item: &Item, sink: &mut dyn Sink) -> Result<Place, Fault> {
    let turns = turns(item).unwrap_or_default();
    let place = |turn: &str, offset: &str| -> Result<u64, Fault> {
        let nth = value.get(turn)?;
        // The number of a turn is a text there.
        let number = match nth.value {
            Value::String(text) => text.parse().ok(),
            _ => nth.offset().ok().and_then(|number| usize::try_from(number).ok()),
        };
        let known = number.filter(|number| *number < turns.len());
        let number = known.ok_or_else(|| nth.range("names no turn of the dialogue"))?;
        let before: usize = turns[..number].iter().map(|turn| turn.chars().count() + 1).sum();
        let within = value.get(offset)?;
        if within.offset()? > turns[number].chars().count() as u64 {
            return Err(within.range("lies behind the end of its turn"));
        }
        Ok(before as u64 + within.offset()?)
    };
    let start = place("start", "startOffset")?;
    let end = place("end", "endOffset")?;
    if end <= start {
        return Err(value.get("endOffset")?.range("does not lie behind `startOffset`"));
    }
    if let Some(said) = value.maybe("text").and_then(|text| text.value.as_str())
        && item.text.as_deref().map(|text| part(text, start, end)).as_deref() != Some(said)
    {
        sink.lose("text_of_the_span", format!("{}: {}", item.name, value.path));
    }
    Ok(Place::Span { start, end })
}

fn part(text: &str, start: u64, end: u64) -> String {
    text.chars().skip(start as usize).take((end - start) as usize).collect()
}

/// Takes the markup out of the text of an item, once.
pub(super) fn without_markup(item: &mut Item) {
    if !item.metadata.contains_key(MARKUP)
        && let Some(text) = item.text.take_if(|text| text.contains('<') || text.contains('&'))
    {
        item.text = Some(shown(&text));
        item.metadata.insert(MARKUP.into(), text.into());
    }
}

/// A span of what a browser shows; none where the text there is another one than the file says.
pub(super) fn marked(value: &Look, item: &Item) -> Result<Option<Place>, Fault> {
    let (Some(offsets), Some(text)) = (value.maybe("globalOffsets"), &item.text) else {
        return Ok(None);
    };
    let (start, last) = (offsets.get("start")?.offset()?, offsets.get("end")?);
    let end = last.offset()?;
    if end <= start {
        return Err(last.range("does not lie behind `start`"));
    }
    if end > text.chars().count() as u64 {
        return Ok(None);
    }
    let said = value.maybe("text").and_then(|text| text.value.as_str());
    // Line ends and spaces are told as they are shown, or as they stand there.
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let same = said.is_none_or(|said| plain(said) == plain(&part(text, start, end)));
    Ok(same.then_some(Place::Span { start, end }))
}

/// The text of a piece of HTML, as `textContent` gives it.
fn shown(html: &str) -> String {
    let (mut text, mut rest) = (String::with_capacity(html.len()), html);
    while let Some(at) = rest.find(['<', '&']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, behind)| behind);
        } else if rest.starts_with('<') {
            let is_tag =
                rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c));
            match rest.split_once('>') {
                Some((_, behind)) if is_tag => rest = behind,
                _ => {
                    text.push('<');
                    rest = &rest[1..];
                }
            }
        } else {
            let (c, behind) = entity(rest);
            text.push(c);
            rest = behind;
        }
    }
    text.push_str(rest);
    text
}

/// What an entity stands for, and what follows it.
fn entity(text: &str) -> (char, &str) {
    const NAMED: [(&str, char); 6] =
        [("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\''), ("nbsp", '\u{a0}')];
    let found =
        text[1..].split_once(';').filter(|(name, _)| name.len() <= 8).and_then(|(name, behind)| {
            let number = match name.strip_prefix('#') {
                Some(hex) if hex.starts_with(['x', 'X']) => u32::from_str_radix(&hex[1..], 16).ok(),
                Some(number) => number.parse().ok(),
                None => None,
            };
            let named = NAMED.iter().find(|(known, _)| *known == name).map(|(_, c)| *c);
            Some((named.or_else(|| char::from_u32(number?))?, behind))
        });
    found.unwrap_or(('&', &text[1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_taken_out_as_a_browser_does() {
        for (html, text) in [
            ("<p>one &amp; <b class='x'>two</b></p>", "one & two"),
            ("a<!-- > no -->b<br/>c", "abc"),
            ("1 < 2 &c; &#x41;&#66; &lt;i&gt;", "1 < 2 &c; AB <i>"),
            ("cut <off", "cut <off"),
        ] {
            assert_eq!(shown(html), text, "{html}");
        }
    }
}

//! YOLO, as Darknet and Ultralytics lay it out: a text file for each picture, a line for each object, all
//! numbers as parts of the picture's sides.

use std::collections::HashMap;

use super::source::whole;
use super::yolo_lists;
use super::{
    Class, Item, MARKS_MAX, Mark, ReadError, Shape, Sink, Source, add_mark, refusal, twin,
};
use crate::row::{Code, Fault};

const TEXT_MAX_BYTES: u64 = 16 << 20;
const PICTURES: [&str; 14] = [
    "jpg", "jpeg", "png", "bmp", "webp", "tif", "tiff", "JPG", "JPEG", "PNG", "BMP", "WEBP", "TIF",
    "TIFF",
];
/// How far outside of its picture a point may lie, as a part of the side: what rounding does.
const SLACK: f64 = 0.01;
/// The list of pictures with their sizes that our writer adds; without it, the pictures are asked.
pub(super) const SIZES: &str = "sizes.csv";

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let is_text = |at: &usize| source.names()[*at].ends_with(".txt");
    let texts: Vec<usize> = (0..source.names().len()).filter(is_text).collect();
    // Such lists are few, and called so where there is more than one text for all.
    let is_named = |name: &str| texts.len() == 1 || name.ends_with("_annotations.txt");
    let lists: Vec<usize> =
        texts.iter().copied().filter(|at| is_named(&source.names()[*at])).collect();
    let mut listed = false;
    for at in lists {
        if yolo_lists::is_one(&source.head(at, 4096).unwrap_or_default()) {
            yolo_lists::read(source, at, sink)?;
            listed = true;
        }
    }
    if listed {
        return Ok(());
    }
    let layout = Layout::find(source, sink)?;
    for class in &layout.classes {
        sink.class(class)?;
    }
    for index in 0..source.names().len() {
        let name = &source.names()[index];
        if layout.is_label(name) {
            layout.label(source, index, sink)?;
        } else if is_picture(name) {
            let labels = labels_of(name);
            if labels.iter().all(|label| source.find(label).is_none()) {
                let (subset, short) = layout.shorten(name);
                let [width, height] = match source.size(index) {
                    Some(size) => size.map(Some),
                    None => [None, None],
                };
                let item = Item { name: short, subset, width, height, ..Item::default() };
                sink.item(item)?;
            }
        }
    }
    Ok(())
}

pub(super) fn is_picture(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, ending)| PICTURES.contains(&ending))
}

/// Where the labels of a picture may be.
fn labels_of(picture: &str) -> [String; 2] {
    let beside = twin(picture, "txt");
    let apart = match beside.rfind("images/") {
        Some(at) if at == 0 || beside.as_bytes()[at - 1] == b'/' => {
            format!("{}labels/{}", &beside[..at], &beside[at + 7..])
        }
        _ => beside.clone(),
    };
    [apart, beside]
}

/// Takes the folders that only say what is in them off a name: subset, and the rest.
fn shorten(name: &str) -> (String, String) {
    let mut subset = String::new();
    let mut rest = Vec::new();
    let is_subset = |part: &str| {
        ["train", "val", "test"].iter().any(|known| part.starts_with(known)) && !part.contains('.')
    };
    let parts: Vec<&str> = name.split('/').collect();
    for (at, part) in parts.iter().enumerate() {
        let last = at + 1 == parts.len();
        let plain = matches!(
            *part,
            "labels" | "images" | "Annotations" | "Images" | "obj_train_data" | "data"
        );
        if last {
            rest.push(*part);
        } else if let Some(known) = part.strip_prefix("obj_").and_then(|p| p.strip_suffix("_data"))
            && known != "train"
        {
            subset = known.into();
        } else if plain && rest.is_empty() {
        } else if subset.is_empty() && rest.is_empty() && is_subset(part) {
            subset = (*part).into();
        } else {
            rest.push(*part);
        }
    }
    (subset, rest.join("/"))
}

#[derive(Default)]
struct Layout {
    classes: Vec<Class>,
    /// Keypoints of each object, and numbers of each point.
    pose: Option<(usize, usize)>,
    sizes: HashMap<String, (String, [u32; 2])>,
    others: Vec<String>,
    /// The folder that the whole data set lies in, where it does: that of the file with the names of the classes.
    root: String,
}

impl Layout {
    fn find(source: &mut Source, sink: &mut dyn Sink) -> Result<Self, ReadError> {
        let mut layout = Self::default();
        let names = source.names().to_vec();
        let telling = |name: &&String| {
            let file = name.rsplit('/').next().unwrap_or_default();
            matches!(file, "data.yaml" | "data.yml" | "obj.names" | "obj.data" | "classes.txt")
        };
        let above = |name: &String| name.rfind('/').map_or("", |at| &name[..=at]).to_owned();
        let mut roots: Vec<String> = names.iter().filter(telling).map(above).collect();
        roots.dedup();
        if let [root] = &roots[..] {
            layout.root.clone_from(root);
        }
        for (index, name) in names.iter().enumerate() {
            let file = name.rsplit('/').next().unwrap_or_default();
            if file.ends_with(".names") || file.ends_with(".labels") || file == "classes.txt" {
                layout.others.push(name.clone());
                let text = source.text(index, TEXT_MAX_BYTES)?;
                let text = String::from_utf8_lossy(&text).into_owned();
                let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
                layout.name(lines.map(str::to_owned).collect());
            } else if file.ends_with(".yaml") || file.ends_with(".yml") {
                let text = source.text(index, TEXT_MAX_BYTES)?;
                let text = String::from_utf8_lossy(&text).into_owned();
                let found = yaml_names(&text);
                if found.is_empty() && file == "data.yaml" {
                    let message = "there are no `names`: name the classes";
                    sink.refuse(refusal(
                        name,
                        1,
                        Fault::new("names", Code::MissingField, message),
                        b"",
                    ));
                }
                layout.name(found);
                layout.pose = yaml_pose(&text).or(layout.pose);
            } else if name.strip_prefix(&layout.root) == Some(SIZES) {
                layout.read_sizes(source, index, sink)?;
            }
        }
        Ok(layout)
    }

    /// Takes the folder of the data set off a name, and those that only say what is in them.
    fn shorten(&self, name: &str) -> (String, String) {
        shorten(name.strip_prefix(&self.root).unwrap_or(name))
    }

    fn name(&mut self, names: Vec<String>) {
        if self.classes.is_empty() {
            let class = |name| Class { name, ..Class::default() };
            self.classes = names.into_iter().map(class).collect();
        }
    }

    fn read_sizes(
        &mut self,
        source: &mut Source,
        index: usize,
        sink: &mut dyn Sink,
    ) -> Result<(), ReadError> {
        let mut csv = csv::ReaderBuilder::new().flexible(true).from_reader(source.stream(index)?);
        for (nth, row) in csv.records().enumerate() {
            let line = nth as u64 + 2;
            let Ok(row) = row else {
                let message = "the row is not readable as CSV";
                sink.refuse(refusal(SIZES, line, Fault::new("", Code::NotText, message), b""));
                continue;
            };
            let side = |at: usize| row.get(at)?.parse::<u32>().ok().filter(|side| *side > 0);
            match (row.get(0), row.get(1), side(2), side(3)) {
                (Some(subset), Some(name), Some(width), Some(height)) => {
                    let key = format!("{subset}/{}", twin(name, "txt"));
                    self.sizes.insert(key, (name.into(), [width, height]));
                }
                _ => {
                    let message = "the row is not subset, file, width and height above 0";
                    let fault = Fault::new("width", Code::OutOfRange, message);
                    sink.refuse(refusal(SIZES, line, fault, b""));
                }
            }
        }
        Ok(())
    }

    fn is_label(&self, name: &str) -> bool {
        let file = name.rsplit('/').next().unwrap_or_default();
        let list = matches!(
            file,
            "train.txt" | "val.txt" | "valid.txt" | "test.txt" | "README.txt" | "classes.txt"
        );
        name.ends_with(".txt")
            && (!list || name.contains("labels/"))
            && !file.to_ascii_lowercase().starts_with("readme")
            && !self.others.iter().any(|other| other == name)
    }

    fn label(
        &self,
        source: &mut Source,
        index: usize,
        sink: &mut dyn Sink,
    ) -> Result<(), ReadError> {
        let name = source.names()[index].clone();
        let bytes = source.text(index, TEXT_MAX_BYTES)?;
        // A list of the pictures says nothing of any of them.
        let first =
            bytes.trim_ascii_start().split(|byte| *byte == b'\n').next().unwrap_or_default();
        if std::str::from_utf8(first).is_ok_and(|line| is_picture(line.trim_end())) {
            return Ok(());
        }
        let (subset, short) = self.shorten(&name);
        let (named, size) = match self.sizes.get(&format!("{subset}/{short}")) {
            Some((name, size)) => (name.clone(), Some(*size)),
            None => match picture_of(source, &name) {
                Some(at) => (self.shorten(&source.names()[at]).1, source.size(at)),
                None => match source.elsewhere(short.trim_end_matches(".txt")) {
                    Some((name, size)) => (name, Some(size)),
                    None => (twin(&short, "jpg"), None),
                },
            },
        };
        let Some([width, height]) = size else {
            if bytes.iter().any(|byte| !byte.is_ascii_whitespace()) {
                let message = "the size of the picture is not known: put the picture beside it";
                sink.refuse(whole(&name, Code::MissingField, message));
                return Ok(());
            }
            sink.item(Item { name: named, subset, ..Item::default() })?;
            return Ok(());
        };
        let mut item = Item {
            name: named,
            subset,
            width: Some(width),
            height: Some(height),
            ..Item::default()
        };
        let lines = memchr::memchr_iter(b'\n', &bytes).count() + 1;
        item.marks.reserve_exact(lines.min(MARKS_MAX));
        let mut numbers = Vec::with_capacity(8);
        for (nth, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let read = std::str::from_utf8(line)
                .map_err(|_| Fault::new("", Code::NotText, "the line is not valid UTF-8"))
                .and_then(|text| self.line(text, [width, height], &mut numbers));
            if !add_mark(&mut item, read, &name, (nth as u64 + 1, line), sink) {
                break;
            }
        }
        sink.item(item)?;
        Ok(())
    }

    fn line(&self, text: &str, size: [u32; 2], numbers: &mut Vec<f64>) -> Result<Mark, Fault> {
        let mut words = text.split_ascii_whitespace();
        let class = self.class(words.next().unwrap_or_default())?;
        numbers.clear();
        for word in words {
            let number = word.parse::<f64>().ok().filter(|number| number.is_finite());
            numbers.push(number.ok_or_else(|| {
                let field = field(numbers.len());
                let shown: String = word.chars().take(40).collect();
                let message = format!("`{field}` is “{shown}”: give a number from 0 to 1");
                Fault::new(&field, Code::WrongType, message)
            })?);
        }
        let [wide, high] = size.map(f64::from);
        let scale = |[x, y]: [f64; 2]| [x * wide, y * high];
        let pose = self.pose.filter(|(count, each)| numbers.len() == 4 + count * each);
        if pose.is_none() && numbers.len() >= 6 && numbers.len().is_multiple_of(2) {
            let points = numbers.as_chunks::<2>().0;
            if !is_within(points) {
                check(numbers, 0)?;
            }
            let points = points.iter().copied().map(scale).collect();
            return Ok(Mark::shape(class, Shape::Polygon { points }));
        }
        let [cx, cy, w, h, ..] = numbers[..] else {
            let message =
                format!("the line has {} numbers after the class: a box has 4", numbers.len());
            return Err(Fault::new("box", Code::MissingField, message));
        };
        check(&numbers[..4], 0)?;
        for (side, name) in [(w, "width"), (h, "height")] {
            if side <= 0.0 {
                let message = format!("`{name}` is {side}: a box has a width and a height above 0");
                return Err(Fault::new(name, Code::OutOfRange, message));
            }
        }
        let [x, y] = scale([cx - w / 2.0, cy - h / 2.0]);
        let [width, height] = scale([w, h]);
        if let Some((_, each)) = pose {
            let points = numbers[4..].chunks_exact(each).map(|point| {
                let [x, y] = scale([point[0], point[1]]);
                let absent = point[0] == 0.0 && point[1] == 0.0;
                [x, y, point.get(2).copied().unwrap_or(if absent { 0.0 } else { 2.0 })]
            });
            let points: Vec<_> = points.collect();
            return Ok(Mark::shape(
                class,
                Shape::Keypoints { points, around: Some([x, y, width, height]) },
            ));
        }
        let mut mark = Mark::shape(class, Shape::Box { x, y, width, height });
        match numbers[4..] {
            [] => {}
            [score] if (0.0..=1.0).contains(&score) => mark.score = Some(score),
            [score] => {
                let message = format!("`confidence` is {score}: give a number from 0 to 1");
                return Err(Fault::new("confidence", Code::OutOfRange, message));
            }
            _ => {
                let message = "the line is neither a box, a polygon nor a pose of `kpt_shape`";
                return Err(Fault::new("points", Code::OutOfRange, message));
            }
        }
        Ok(mark)
    }

    fn class(&self, word: &str) -> Result<String, Fault> {
        let wrong = |code, message: &str| {
            let shown: String = word.chars().take(40).collect();
            Fault::new("class", code, format!("`class` is “{shown}”: {message}"))
        };
        // Some tools write the number of the class as 3.0.
        let number = word.strip_suffix(".0").unwrap_or(word).parse::<usize>();
        let index =
            number.map_err(|_| wrong(Code::WrongType, "give the number of a class, from 0"))?;
        match self.classes.get(index) {
            Some(class) => Ok(class.name.clone()),
            None if self.classes.is_empty() && index < 100_000 => Ok(index.to_string()),
            None => Err(wrong(Code::UnknownValue, "there are not so many classes")),
        }
    }
}

fn field(index: usize) -> String {
    match index {
        0 => "x_center".into(),
        1 => "y_center".into(),
        2 => "width".into(),
        3 => "height".into(),
        index => format!("number {}", index + 1),
    }
}

/// Whether the middle and the sides of the box around an outline are parts of the picture, which is all that Ultralytics
/// asks of one.
fn is_within(points: &[[f64; 2]]) -> bool {
    let [x, y, width, height] = Shape::Polygon { points: points.to_vec() }.bounds();
    check(&[x + width / 2.0, y + height / 2.0, width, height], 0).is_ok()
}

pub(super) fn check(numbers: &[f64], first: usize) -> Result<(), Fault> {
    for (index, number) in numbers.iter().enumerate() {
        if !(-SLACK..=1.0 + SLACK).contains(number) {
            let field = field(first + index);
            let message = format!("`{field}` is {number}: give a part of the picture, from 0 to 1");
            return Err(Fault::new(&field, Code::OutOfRange, message));
        }
    }
    Ok(())
}

fn picture_of(source: &Source, label: &str) -> Option<usize> {
    let beside = label.strip_suffix("txt")?;
    let mut stems = vec![beside.to_owned()];
    for (labels, images) in [("labels/", "images/"), ("Annotations/", "Images/")] {
        for (at, _) in beside.match_indices(labels) {
            if at == 0 || beside.as_bytes()[at - 1] == b'/' {
                stems.push(format!("{}{images}{}", &beside[..at], &beside[at + labels.len()..]));
            }
        }
    }
    stems
        .iter()
        .find_map(|stem| PICTURES.iter().find_map(|ending| source.find(&format!("{stem}{ending}"))))
}

/// The names of a `data.yaml`: a list or a map, in lines or between brackets.
fn yaml_names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        // What stands in quotation marks may look like a remark.
        let is_quoted = line.trim_end().ends_with('"');
        let plain = if is_quoted { line } else { line.split(" #").next().unwrap_or_default() };
        let line = plain.trim_end();
        if let Some(rest) = line.strip_prefix("names:") {
            let rest = rest.trim();
            if let Some(list) = rest.strip_prefix(['[', '{']) {
                let list = list.trim_end_matches([']', '}']);
                return split_quoted(list)
                    .iter()
                    .map(|entry| unquote(after_number(entry)))
                    .collect();
            }
            inside = true;
        } else if inside {
            let entry = line.trim_start();
            if let Some(name) = entry.strip_prefix("- ") {
                names.push(unquote(name));
            } else if line.starts_with([' ', '\t']) && !entry.is_empty() {
                names.push(unquote(after_number(entry)));
            } else if !entry.is_empty() {
                inside = false;
            }
        }
    }
    names
}

fn after_number(entry: &str) -> &str {
    let entry = entry.trim();
    match entry.split_once(':') {
        Some((number, name)) if number.trim().parse::<u32>().is_ok() => name.trim(),
        _ => entry,
    }
}

fn split_quoted(list: &str) -> Vec<String> {
    let (mut parts, mut part, mut quote) = (Vec::new(), String::new(), None);
    for c in list.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            None if matches!(c, '"' | '\'')
                && (part.trim().is_empty() || part.trim().ends_with(':')) =>
            {
                quote = Some(c);
            }
            None if c == ',' => {
                parts.push(std::mem::take(&mut part));
                continue;
            }
            _ => {}
        }
        part.push(c);
    }
    if !part.trim().is_empty() {
        parts.push(part);
    }
    parts
}

fn unquote(text: &str) -> String {
    let text = text.trim();
    if text.starts_with('"')
        && let Ok(plain) = serde_json::from_str::<String>(text)
    {
        return plain;
    }
    let inner = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    inner.map_or_else(|| text.to_owned(), |inner| inner.replace("''", "'"))
}

fn yaml_pose(text: &str) -> Option<(usize, usize)> {
    let bare = |line: &str| line.split('#').next().unwrap_or_default().trim().to_owned();
    let mut lines = text.lines().skip_while(|line| !line.starts_with("kpt_shape:"));
    let line = bare(lines.next()?.split_once(':')?.1);
    let inner = match line.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']')?.to_owned(),
        // A list over several lines.
        None => {
            let entries = lines.map_while(|line| Some(bare(line.trim().strip_prefix("- ")?)));
            entries.collect::<Vec<_>>().join(",")
        }
    };
    let (count, each) = inner.split_once(',')?;
    let (count, each) = (count.trim().parse().ok()?, each.trim().parse().ok()?);
    ((1..=1000).contains(&count) && (2..=3).contains(&each)).then_some((count, each))
}

/// Pictures in a folder for each class, as Ultralytics has them for classification.
pub(super) fn read_classify(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let mut found = Vec::new();
    for (index, name) in source.names().iter().enumerate() {
        if is_picture(name) {
            found.push((index, name.clone()));
        }
    }
    // The folder that the whole data set lies in says nothing: it is the one above the subsets.
    let top = found.first().and_then(|(_, name)| name.split_once('/')).map(|(top, _)| top);
    let top = top.map(|top| format!("{top}/")).filter(|top| {
        found
            .iter()
            .all(|(_, name)| name.strip_prefix(top).is_some_and(|rest| !shorten(rest).0.is_empty()))
    });
    for (index, name) in found {
        let (subset, short) =
            shorten(top.as_deref().and_then(|top| name.strip_prefix(top)).unwrap_or(&name));
        let Some((class, _)) = short.rsplit_once('/') else {
            let message = "the picture is in no folder that names its class";
            sink.refuse(whole(&name, Code::MissingField, message));
            continue;
        };
        let size = source.size(index);
        let marks = vec![Mark::whole(class)];
        let [width, height] = size.map_or([None; 2], |size| size.map(Some));
        sink.item(Item { name: short, subset, width, height, marks, ..Item::default() })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_however_they_are_written() {
        for text in [
            "nc: 2\nnames: ['a, b', \"c\"]\n",
            "names:\n  0: 'a, b'\n  1: c # two\nnc: 2\n",
            "names:\n- a, b\n- c\n",
            "names: {0: 'a, b', 1: c}\n",
        ] {
            assert_eq!(yaml_names(text), ["a, b", "c"], "{text}");
        }
        for text in ["kpt_shape: [17, 3] # x\n", "kpt_shape:\n  - 17 # x\n  - 3\nnames: [a]\n"] {
            assert_eq!(yaml_pose(text), Some((17, 3)), "{text}");
        }
    }

    #[test]
    fn folders_that_only_sort_are_taken_off() {
        for (name, subset, short) in [
            ("labels/train/a/b.txt", "train", "a/b.txt"),
            ("train/labels/b.txt", "train", "b.txt"),
            ("obj_train_data/1.txt", "", "1.txt"),
            ("labels/b.txt", "", "b.txt"),
        ] {
            assert_eq!(shorten(name), (subset.into(), short.into()), "{name}");
        }
    }
}

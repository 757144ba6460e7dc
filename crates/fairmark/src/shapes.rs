//! `fairmark aggregate --kind` and `agreement --kind`: answers that are no classes, such as boxes, spans, texts or orders.
//!
//! - **S1** A row is one answer of one worker to one task: all boxes that they drew, and an empty list where they looked and saw none. What stands in
//!   `label` is told by the kind ([`Kind`]); in CSV it is JSON in a cell.
//! - **S2** What comes out is read again: a line of JSON for each task, its label in the form of the answers.
//! - **S3** Of several answers of one worker to one task the last one counts, as with classes.

use crate::failure::{Failure, Outcome, Result};
use crate::opinions::{Aggregate, Agreement, round, row};
use crate::print::{Print, line, note};
use crate::rows::{CONTRIBUTOR, Names, Place, TASK, WHOLE_LABEL, ordered, read};
use clap::ValueEnum;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use stats::agreement::{Region, f1};
use stats::alpha::{self, Alpha};
use stats::interval::{Bootstrap, Interval};
use stats::masks::{self, Mask};
use stats::objects::{self, Mark, Outline, Rect, Seen, Span};
use stats::rankings::{self, Order, tau};
use stats::ratings::{self, Rating};
use stats::texts;
use std::collections::HashMap;
use std::path::Path;

/// What a label is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// One of some names.
    Classes,
    /// A list of {"class", "box": [left, top, right, bottom]}.
    Boxes,
    /// A list of {"class", "points": [[x, y], …]}.
    Polygons,
    /// {"width", "height", "runs"}: pixels outside, inside, outside and so on, row after row.
    Masks,
    /// A list of {"class", "start", "end"}: places in the text, the end just beyond the last.
    Spans,
    /// A text.
    Texts,
    /// A list of names, best first.
    Rankings,
    /// A number.
    Ratings,
}

/// The answers of a file. Tasks come in the order of the file, their answers in that of the workers' first rows.
struct Given<L> {
    tasks: Names,
    contributors: Names,
    /// Of each task: by whom, and what.
    answers: Vec<Vec<(u32, L)>>,
    superseded: usize,
}

fn given<L>(
    file: &Path,
    print: &Print,
    mut parse: impl FnMut(&Place<'_>, &str) -> Result<L>,
) -> Result<Given<L>> {
    let mut given = Given {
        tasks: Names::default(),
        contributors: Names::default(),
        answers: Vec::new(),
        superseded: 0,
    };
    let mut places: HashMap<(u32, u32), usize> = HashMap::new();
    read(file, &[TASK, CONTRIBUTOR, WHOLE_LABEL], print, |place, values| {
        let label = parse(place, values[2])?;
        let (task, by) = (given.tasks.index(values[0]), given.contributors.index(values[1]));
        given.answers.resize_with(given.tasks.len(), Vec::new);
        let answers = &mut given.answers[task as usize];
        match places.get(&(task, by)) {
            Some(at) => {
                answers[*at].1 = label;
                given.superseded += 1;
            }
            None => {
                places.insert((task, by), answers.len());
                answers.push((by, label));
            }
        }
        Ok(())
    })?;
    if given.answers.is_empty() {
        return Err(Failure::new(format!("{}: there are no answers in it", file.display())));
    }
    if given.superseded > 0 {
        let count = given.superseded;
        note(&format!(
            "{count} rows repeat an answer of the same worker to the same task: the last one counts."
        ));
    }
    given.answers.iter_mut().for_each(|answers| answers.sort_by_key(|(by, _)| *by));
    Ok(given)
}

impl<L> Given<L> {
    fn count(&self) -> usize {
        self.answers.iter().map(Vec::len).sum()
    }
}

fn parsed<T: DeserializeOwned>(place: &Place<'_>, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| {
        let said = error.to_string();
        // Where in the cell says nothing to whoever looks at the line.
        place.wrong("label", said.split(" at line ").next().unwrap_or_default())
    })
}

/// What can be marked, many to a task.
trait Marked: objects::Shape {
    type Given: DeserializeOwned;

    /// Its class, and itself; or what is wrong with it.
    fn checked(given: Self::Given) -> Result<(String, Self), &'static str>;

    /// In the form of the answers, but for the class.
    fn told(&self) -> Value;

    fn outline(&self) -> Vec<[f64; 2]>;
}

fn marks<S: Marked>(place: &Place<'_>, text: &str) -> Result<Vec<(String, S)>> {
    let given: Vec<S::Given> = parsed(place, text)?;
    let checked =
        given.into_iter().map(|of| S::checked(of).map_err(|what| place.wrong("label", what)));
    checked.collect()
}

#[derive(Deserialize)]
struct BoxGiven {
    #[serde(default)]
    class: String,
    r#box: [f64; 4],
}

impl Marked for Rect {
    type Given = BoxGiven;

    fn checked(given: BoxGiven) -> Result<(String, Self), &'static str> {
        let [left, top, right, bottom] = given.r#box;
        let has_area = left < right && top < bottom;
        has_area
            .then_some((given.class, Rect(given.r#box)))
            .ok_or("a box is [left, top, right, bottom], and has an area")
    }

    fn told(&self) -> Value {
        json!({ "box": self.0.map(round) })
    }

    fn outline(&self) -> Vec<[f64; 2]> {
        let [left, top, right, bottom] = self.0;
        vec![[left, top], [right, top], [right, bottom], [left, bottom]]
    }
}

#[derive(Deserialize)]
struct PolygonGiven {
    #[serde(default)]
    class: String,
    points: Vec<[f64; 2]>,
}

impl Marked for Outline {
    type Given = PolygonGiven;

    fn checked(given: PolygonGiven) -> Result<(String, Self), &'static str> {
        let is_polygon = given.points.len() > 2;
        is_polygon
            .then_some((given.class, Outline(given.points)))
            .ok_or("a polygon has at least three points")
    }

    fn told(&self) -> Value {
        json!({ "points": self.0 })
    }

    fn outline(&self) -> Vec<[f64; 2]> {
        self.0.clone()
    }
}

#[derive(Deserialize)]
struct SpanGiven {
    #[serde(default)]
    class: String,
    start: u32,
    end: u32,
}

impl Marked for Span {
    type Given = SpanGiven;

    fn checked(given: SpanGiven) -> Result<(String, Self), &'static str> {
        let (start, end) = (given.start, given.end);
        (start < end)
            .then_some((given.class, Span { start, end }))
            .ok_or("the end of a span is beyond its start")
    }

    fn told(&self) -> Value {
        json!({ "start": self.start, "end": self.end })
    }

    /// As high as one, so that what overlaps is as much as of the places.
    fn outline(&self) -> Vec<[f64; 2]> {
        let [start, end] = [self.start, self.end].map(f64::from);
        vec![[start, 0.0], [end, 0.0], [end, 1.0], [start, 1.0]]
    }
}

#[derive(Deserialize)]
struct MaskGiven {
    width: u32,
    height: u32,
    runs: Vec<u32>,
}

/// All masks of a task are of one picture.
fn given_masks(file: &Path, print: &Print) -> Result<Given<Mask>> {
    let given = given(file, print, |place, text| {
        let given: MaskGiven = parsed(place, text)?;
        if given.width == 0 || given.height == 0 {
            return Err(place.wrong("label", "the picture has no pixels"));
        }
        let mask = Mask::new(given.width, given.height, &given.runs);
        mask.map_err(|error| place.wrong("label", error))
    })?;
    let size = |mask: &Mask| (mask.width(), mask.height());
    let differ = |answers: &Vec<(u32, Mask)>| {
        answers.windows(2).any(|pair| size(&pair[0].1) != size(&pair[1].1))
    };
    if let Some(task) = given.answers.iter().position(differ) {
        let what = format!(
            "{}: the masks of task {} are of pictures of different sizes",
            file.display(),
            given.tasks.names[task]
        );
        return Err(Failure::new(what));
    }
    Ok(given)
}

/// And the names of the options.
fn given_rankings(file: &Path, print: &Print) -> Result<(Given<Vec<u32>>, Names)> {
    let mut options = Names::default();
    let mut given = given(file, print, |place, text| {
        let names: Vec<Value> = parsed(place, text)?;
        let mut order = Vec::with_capacity(names.len());
        for name in names {
            let name = match name {
                Value::String(text) => text,
                Value::Number(number) => number.to_string(),
                _ => return Err(place.wrong("label", "a ranking is a list of names, best first")),
            };
            let option = options.index(&name);
            if order.contains(&option) {
                return Err(place.wrong("label", format!("\"{name}\" is in it twice")));
            }
            order.push(option);
        }
        Ok(order)
    })?;
    // Of equals the first is taken: not the one that came first.
    let places = ordered(&mut options);
    for (_, order) in given.answers.iter_mut().flatten() {
        order.iter_mut().for_each(|option| *option = places[*option as usize]);
    }
    Ok((given, options))
}

fn rating(place: &Place<'_>, text: &str) -> Result<f64> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| place.wrong("label", format!("\"{text}\" is not a number")))
}

fn text(_: &Place<'_>, text: &str) -> Result<String> {
    Ok(text.to_string())
}

/// What was made of a file: fields of each task and of each contributor, and how.
struct Made {
    method: &'static str,
    tasks: Vec<Value>,
    contributors: Vec<Value>,
}

pub fn aggregate(command: &Aggregate, print: &Print) -> Result {
    let file = &command.answers;
    match command.kind {
        Kind::Boxes => found::<Rect>(command, print),
        Kind::Polygons => found::<Outline>(command, print),
        Kind::Spans => found::<Span>(command, print),
        Kind::Masks => {
            let given = given_masks(file, print)?;
            Ok(tell(&given, fused(&given), print))
        }
        Kind::Texts => {
            let given = given(file, print, text)?;
            Ok(tell(&given, chosen(&given), print))
        }
        Kind::Rankings => {
            let (given, options) = given_rankings(file, print)?;
            Ok(tell(&given, ranked(&given, &options), print))
        }
        Kind::Ratings | Kind::Classes => {
            let given = given(file, print, rating)?;
            Ok(tell(&given, rated(&given), print))
        }
    }
}

fn tell<L>(given: &Given<L>, made: Made, print: &Print) -> Outcome {
    let named = |names: &Names, key: &str, fields: Vec<Value>| -> Vec<Value> {
        let with = |(name, mut fields): (&String, Value)| {
            fields[key] = json!(name);
            fields
        };
        names.names.iter().zip(fields).map(with).collect()
    };
    let items = named(&given.tasks, "task", made.tasks);
    let contributors = named(&given.contributors, "worker", made.contributors);
    let answers = given.count();
    if print.json {
        let said = json!({
            "method": made.method, "answers": answers, "superseded": given.superseded,
            "items": items, "workers": contributors,
        });
        print.say(said, "");
        return Outcome::Fine;
    }
    note(&format!("{}: {answers} answers of {} workers.", made.method, contributors.len()));
    items.iter().for_each(|item| line(&item.to_string()));
    Outcome::Fine
}

fn found<S: Marked>(command: &Aggregate, print: &Print) -> Result {
    let given = given(&command.answers, print, marks::<S>)?;
    let mut classes = Names::default();
    let mut seen: Vec<Seen<S>> = Vec::with_capacity(given.answers.len());
    for answers in &given.answers {
        let of = |(by, marks): &(u32, Vec<(String, S)>), classes: &mut Names| {
            let mark = |(class, shape): &(String, S)| Mark {
                contributor: *by,
                class: classes.index(class),
                shape: shape.clone(),
            };
            marks.iter().map(mark).collect::<Vec<_>>()
        };
        let marks = answers.iter().flat_map(|answer| of(answer, &mut classes)).collect();
        seen.push(Seen { contributors: answers.iter().map(|(by, _)| *by).collect(), marks });
    }
    let places = ordered(&mut classes);
    for mark in seen.iter_mut().flat_map(|seen| &mut seen.marks) {
        mark.class = places[mark.class as usize];
    }
    let options = objects::Options { overlap_min: command.overlap, ..Default::default() };
    let fit = objects::fit(&seen, given.contributors.len(), classes.len(), &options);
    let mut labels: Vec<Vec<Value>> = vec![Vec::new(); seen.len()];
    for object in &fit.objects {
        let mut said = object.shape.told();
        if !classes.names[object.class].is_empty() {
            said["class"] = json!(classes.names[object.class]);
        }
        said["confidence"] = json!(round(object.confidence));
        labels[object.item].push(said);
    }
    let told = |((sees, invents), off): (&(f64, f64), &f64)| json!({ "sees": round(*sees), "invents": round(*invents), "deviation": round(*off) });
    let made = Made {
        method: "matching, one coin for what is there, Dawid-Skene for its class",
        tasks: labels.into_iter().map(|label| json!({ "label": label })).collect(),
        contributors: fit.sights.iter().zip(&fit.deviations).map(told).collect(),
    };
    Ok(tell(&given, made, print))
}

fn fused(given: &Given<Mask>) -> Made {
    let mut sums = vec![(0.0, 0.0, 0.0); given.contributors.len()];
    let mut tasks = Vec::with_capacity(given.answers.len());
    for answers in &given.answers {
        let masks: Vec<Mask> = answers.iter().map(|(_, mask)| mask.clone()).collect();
        let fused = masks::staple(&masks, &masks::Options::default());
        for ((by, _), (inside, outside)) in answers.iter().zip(&fused.performances) {
            let sum = &mut sums[*by as usize];
            *sum = (sum.0 + inside, sum.1 + outside, sum.2 + 1.0);
        }
        let mask = fused.mask;
        tasks.push(json!({
            "label": { "width": mask.width(), "height": mask.height(), "runs": mask.runs() },
            "iou_expected": round(fused.iou_expected),
        }));
    }
    let told = |(inside, outside, count): &(f64, f64, f64)| json!({ "sensitivity": round(inside / count), "specificity": round(outside / count) });
    Made { method: "STAPLE", tasks, contributors: sums.iter().map(told).collect() }
}

fn apart(one: &str, other: &str) -> f64 {
    let [one, other] = [one, other].map(|text| text.chars().collect::<Vec<char>>());
    texts::distance(&one, &other)
}

fn chosen(given: &Given<String>) -> Made {
    let by = |answers: &Vec<(u32, String)>| answers.iter().map(|(by, _)| *by as usize).collect();
    let items: Vec<Vec<usize>> = given.answers.iter().map(by).collect();
    let fit = texts::choose(&items, given.contributors.len(), |item, a, b| {
        apart(&given.answers[item][a].1, &given.answers[item][b].1)
    });
    let task = |(choice, answers): (&Option<texts::Choice>, &Vec<(u32, String)>)| {
        choice.map_or(json!({}), |choice| {
            json!({ "label": answers[choice.index].1, "agreement": round(choice.agreement) })
        })
    };
    let error = |error: &f64| json!({ "error": round(error.sqrt()) });
    Made {
        method: "the text nearest to the others",
        tasks: fit.choices.iter().zip(&given.answers).map(task).collect(),
        contributors: fit.errors.iter().map(error).collect(),
    }
}

fn ranked(given: &Given<Vec<u32>>, options: &Names) -> Made {
    // Each task has options of its own, in the order of all.
    let mut own: Vec<Vec<u32>> = Vec::with_capacity(given.answers.len());
    let mut orders = Vec::new();
    for (item, answers) in (0..).zip(&given.answers) {
        let mut here: Vec<u32> = answers.iter().flat_map(|(_, order)| order).copied().collect();
        here.sort_unstable();
        here.dedup();
        for (by, order) in answers {
            let place = |option: &u32| here.binary_search(option).map_or(0, |at| at as u32);
            let best_first = order.iter().map(place).collect();
            orders.push(Order { item, contributor: *by, best_first });
        }
        own.push(here);
    }
    let counts: Vec<usize> = own.iter().map(Vec::len).collect();
    let fit = rankings::fit(&counts, given.contributors.len(), &orders);
    let task = |(consensus, own): (&rankings::Consensus, &Vec<u32>)| {
        let name = |option: &u32| &options.names[own[*option as usize] as usize];
        json!({
            "label": consensus.order.iter().map(name).collect::<Vec<_>>(),
            "sureness": consensus.sureness.iter().copied().map(round).collect::<Vec<_>>(),
            "agreement": round(consensus.agreement),
        })
    };
    Made {
        method: "Kemeny's order, workers weighed",
        tasks: fit.items.iter().zip(&own).map(task).collect(),
        contributors: fit.skills.iter().map(|skill| json!({ "skill": round(*skill) })).collect(),
    }
}

fn rated(given: &Given<f64>) -> Made {
    let mut rows = Vec::with_capacity(given.count());
    for (item, answers) in (0..).zip(&given.answers) {
        rows.extend(answers.iter().map(|(by, value)| Rating {
            item,
            contributor: *by,
            value: *value,
        }));
    }
    let fit = ratings::fit(given.tasks.len(), given.contributors.len(), &rows);
    let task = |(item, value): (usize, &f64)| {
        let interval = fit.interval(item, 0.95);
        json!({ "label": round(*value), "low": round(interval.low), "high": round(interval.high) })
    };
    let told = |rater: &ratings::Rater| json!({ "bias": round(rater.bias), "deviation": round(rater.deviation) });
    Made {
        method: "the mean, workers' bias and steadiness taken out",
        tasks: fit.values.iter().enumerate().map(task).collect(),
        contributors: fit.raters.iter().map(told).collect(),
    }
}

pub fn agreement(command: &Agreement, print: &Print) -> Result {
    let file = &command.answers;
    match command.kind {
        Kind::Boxes => marked::<Rect>(command, print),
        Kind::Polygons => marked::<Outline>(command, print),
        Kind::Spans => marked::<Span>(command, print),
        Kind::Masks => {
            let given = given_masks(file, print)?;
            let size = |mask: &Mask| (mask.width(), mask.height());
            let distance = |a: &Mask, b: &Mask| match size(a) == size(b) {
                true => 1.0 - a.iou(b),
                false => 1.0,
            };
            Ok(measured("alpha (1 - IoU)", &given, distance, command, print))
        }
        Kind::Texts => {
            let given = given(file, print, text)?;
            let distance = |a: &String, b: &String| apart(a, b);
            Ok(measured("alpha (edit distance)", &given, distance, command, print))
        }
        Kind::Rankings => {
            let (given, _) = given_rankings(file, print)?;
            let distance = |a: &Vec<u32>, b: &Vec<u32>| (1.0 - tau(a, b)) / 2.0;
            Ok(measured("alpha (Kendall's tau)", &given, distance, command, print))
        }
        Kind::Ratings | Kind::Classes => {
            let given = given(file, print, rating)?;
            let distance = |a: &f64, b: &f64| (a - b).powi(2);
            Ok(measured("alpha (interval)", &given, distance, command, print))
        }
    }
}

fn regions<S: Marked>(marks: &[(String, S)]) -> Vec<Region<'_>> {
    let of = marks.iter();
    of.map(|(class, shape)| Region {
        class,
        outline: shape.outline(),
        heights: None,
        places: vec![],
    })
    .collect()
}

/// One less the F1 of two people's marks: of the same class, and overlapping so much.
fn marked<S: Marked>(command: &Agreement, print: &Print) -> Result {
    let given = given(&command.answers, print, marks::<S>)?;
    let distance = |a: &Vec<(String, S)>, b: &Vec<(String, S)>| {
        1.0 - f1(&regions(a), &regions(b), command.overlap)
    };
    let measure = format!("alpha (1 - F1 at IoU {})", command.overlap);
    Ok(measured(&measure, &given, distance, command, print))
}

/// So many answers have all their distances reckoned beforehand, and an interval; of more the value alone is told.
const MATRIX_MAX: usize = 4_000;

fn measured<L>(
    measure: &str,
    given: &Given<L>,
    distance: impl Fn(&L, &L) -> f64,
    command: &Agreement,
    print: &Print,
) -> Outcome {
    let labels: Vec<&L> = given.answers.iter().flatten().map(|(_, label)| label).collect();
    let mut next = 0;
    let units: Vec<Vec<usize>> = given
        .answers
        .iter()
        .map(|answers| {
            next += answers.len();
            (next - answers.len()..next).collect()
        })
        .collect();
    let (found, interval): (Alpha, Option<Interval>) = if labels.len() > MATRIX_MAX {
        note(&format!("Of more than {MATRIX_MAX} answers no interval is reckoned."));
        let of = |a: &usize, b: &usize| distance(labels[*a], labels[*b]);
        (alpha::spread(&units, command.seed, of), None)
    } else {
        // Each pair is asked for in every round.
        let mut apart = vec![0.0_f32; labels.len() * labels.len()];
        for a in 0..labels.len() {
            for b in a + 1..labels.len() {
                let far = distance(labels[a], labels[b]) as f32;
                (apart[a * labels.len() + b], apart[b * labels.len() + a]) = (far, far);
            }
        }
        let of = |a: &usize, b: &usize| f64::from(apart[a * labels.len() + b]);
        let alpha = |units: &[Vec<usize>]| alpha::spread(units, command.seed, of);
        let rounds = command.rounds as usize;
        let options = Bootstrap { rounds, seed: command.seed, ..Bootstrap::default() };
        (alpha(&units), alpha::bootstrapped(&units, &options, alpha))
    };
    if !print.json {
        note(&format!("{} answers, {} pairs of answers to one task.", labels.len(), found.pairs));
    }
    let items = vec![row(measure, found.value, interval)];
    print.list(items, &["measure", "value", "low", "high"]);
    Outcome::Fine
}

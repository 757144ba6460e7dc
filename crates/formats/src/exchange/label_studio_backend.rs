//! What passes between us and a model that speaks Label Studio's protocol: the question as its labelling
//! configuration, a prompt as its context, and what it answers as marks.

use domain::Problem;
use domain::answers::Answer;
use domain::ontology::Ontology;
use domain::projects::{ChoiceMode, Media, Question, ShapeKind};
use serde_json::{Value, json};

use super::label_studio::regions;
use super::label_studio_write::results;
use super::look::Look;
use super::{Class, Item, Mark, Place, Refusal, Shape, Sink};
use crate::loss::LossReport;
use std::collections::BTreeMap;
use std::io;

/// Writes the question of a project as a labelling configuration: classes by the names that people read, the picture
/// or the text under `$image` or `$text`.
pub fn label_config(question: &Question, ontology: &Ontology) -> String {
    let is_text = question.media == Media::Text;
    let mut out = String::from("<View>\n");
    let to = if is_text { "text" } else { "image" };
    let tag = if is_text { "Text" } else { "Image" };
    out.push_str(&format!("  <{tag} name=\"{to}\" value=\"${to}\"/>\n"));
    let labels = |tag: &str| {
        ontology
            .classes
            .iter()
            .filter(|class| !class.retired)
            .map(|class| {
                let (name, color) = (escaped(&class.name), escaped(&class.color));
                match tag {
                    "Choice" => format!("    <Choice value=\"{name}\"/>\n"),
                    _ => format!("    <Label value=\"{name}\" background=\"{color}\"/>\n"),
                }
            })
            .collect::<String>()
    };
    for (kind, control, name) in CONTROLS {
        // A place that is pointed at is how segmenters are asked, whatever is asked for.
        let asked = question.shapes.contains(&kind)
            || kind == ShapeKind::Point && question.shapes.contains(&ShapeKind::Mask);
        let is_twin = kind == ShapeKind::Turned && question.shapes.contains(&ShapeKind::Box);
        if asked && !is_twin {
            let labels = labels("Label");
            out.push_str(&format!(
                "  <{control} name=\"{name}\" toName=\"{to}\" smart=\"true\">\n{labels}  </{control}>\n"
            ));
        }
    }
    if question.spans {
        let labels = labels("Label");
        out.push_str(&format!("  <Labels name=\"label\" toName=\"{to}\">\n{labels}  </Labels>\n"));
    }
    if let Some(mode) = question.choice {
        let mode = match mode {
            ChoiceMode::Single => "single",
            ChoiceMode::Multi => "multiple",
        };
        let choices = labels("Choice");
        out.push_str(&format!(
            "  <Choices name=\"choice\" toName=\"{to}\" choice=\"{mode}\">\n{choices}  </Choices>\n"
        ));
    }
    out.push_str("</View>");
    out
}

const CONTROLS: [(ShapeKind, &str, &str); 7] = [
    (ShapeKind::Box, "RectangleLabels", "box"),
    (ShapeKind::Turned, "RectangleLabels", "box"),
    (ShapeKind::Polygon, "PolygonLabels", "polygon"),
    (ShapeKind::Ellipse, "EllipseLabels", "ellipse"),
    (ShapeKind::Line, "VectorLabels", "line"),
    (ShapeKind::Mask, "BrushLabels", "mask"),
    (ShapeKind::Point, "KeyPointLabels", "point"),
];

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

/// Where somebody points, in pixels of the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Prompt {
    /// Left, top, width, height.
    Box([f64; 4]),
    /// A place that belongs to the thing, or does not.
    Point { at: [f64; 2], inside: bool },
}

/// Writes prompts as the regions of an interactive call's context.
pub fn context(prompts: &[Prompt], class: Option<&str>, [width, height]: [f64; 2]) -> Value {
    let labels: Vec<&str> = class.into_iter().collect();
    let regions = prompts.iter().enumerate().map(|(nth, prompt)| {
        let (kind, name, value, inside) = match prompt {
            Prompt::Box([x, y, wide, high]) => {
                let value = json!({
                    "x": 100.0 * x / width, "y": 100.0 * y / height,
                    "width": 100.0 * wide / width, "height": 100.0 * high / height,
                    "rotation": 0, "rectanglelabels": labels,
                });
                ("rectanglelabels", "box", value, true)
            }
            Prompt::Point { at: [x, y], inside } => {
                let value = json!({
                    "x": 100.0 * x / width, "y": 100.0 * y / height, "width": 0.5, "keypointlabels": labels,
                });
                ("keypointlabels", "point", value, *inside)
            }
        };
        json!({
            "id": format!("p{}", nth + 1), "type": kind, "from_name": name, "to_name": "image", "origin": "manual",
            "original_width": width, "original_height": height, "image_rotation": 0,
            "is_positive": inside, "value": value,
        })
    });
    json!({ "result": regions.collect::<Vec<_>>() })
}

/// Reads what a model says of one task: an entry of `results`. Percentages are of our picture, whatever size the
/// model thought it had; only a mask is bound to the size that it names.
pub fn prediction(
    mut item: Item,
    said: &Value,
    version: &str,
    losses: &mut LossReport,
) -> Result<Item, Problem> {
    let wrong =
        |fault: crate::row::Fault| Problem::new(fault.field, fault.code.as_str(), fault.message);
    let look = Look::new(said, "");
    let score = look.maybe("score").map(|score| score.number()).transpose().map_err(wrong)?;
    let mut result = look.get("result").map_err(wrong)?.value.clone();
    if let (Some(width), Some(height)) = (item.width, item.height) {
        for region in result.as_array_mut().into_iter().flatten() {
            let is_mask = region["type"]
                .as_str()
                .is_some_and(|kind| kind.starts_with("brush") || kind.starts_with("bitmask"));
            if let Some(region) = region.as_object_mut()
                && !(is_mask && region.contains_key("original_width"))
            {
                region.insert("original_width".into(), width.into());
                region.insert("original_height".into(), height.into());
            }
        }
    }
    let look = Look::new(&result, "result");
    let mut tracks = Vec::new();
    let model = Some((version.to_owned(), score));
    regions(&look, &mut item, &mut tracks, model, &mut Losses(losses)).map_err(wrong)?;
    if !tracks.is_empty() {
        losses.add("track", || item.name.clone());
    }
    Ok(item)
}

/// Writes a label as the regions of an annotation, for a model to learn from; classes by the names that
/// [`label_config`] gives them.
pub fn annotation(mut item: Item, label: &Answer, ontology: &Ontology) -> Value {
    let name = |key: &str| ontology.class(key).map_or(key, |class| class.name.as_str()).to_owned();
    let said = |attributes: &BTreeMap<String, Value>| attributes.clone().into_iter().collect();
    let objects = label.objects.iter().filter_map(|object| {
        let shape = Shape::read(&json!(object.shape))?;
        let (id, attributes) = (Some(object.id.clone()), said(&object.attributes));
        let place = Place::Shape(shape);
        Some(Mark { id, class: name(&object.class), place, attributes, ..Mark::default() })
    });
    let spans = label.spans.iter().map(|span| Mark {
        id: Some(span.id.clone()),
        class: name(&span.class),
        place: Place::Span { start: span.start, end: span.end },
        attributes: said(&span.attributes),
        ..Mark::default()
    });
    let choices = label.choices.iter().map(|key| Mark { class: name(key), ..Mark::default() });
    item.marks = objects.chain(spans).chain(choices).collect();
    // What a model cannot be told of, it cannot learn.
    let mut losses = LossReport::default();
    let regions = item.marks.iter().enumerate();
    let whole = if item.text.is_some() { "text" } else { "image" };
    let regions: Vec<Value> =
        regions.flat_map(|(nth, mark)| results(&item, whole, nth, mark, &mut losses)).collect();
    json!({ "result": regions, "was_cancelled": false, "ground_truth": false })
}

/// Counts what is not taken over.
struct Losses<'a>(&'a mut LossReport);

impl Sink for Losses<'_> {
    fn class(&mut self, _: &Class) -> io::Result<()> {
        Ok(())
    }

    fn item(&mut self, _: Item) -> io::Result<()> {
        Ok(())
    }

    fn refuse(&mut self, _: Refusal) {}

    fn lose(&mut self, kind: &'static str, example: String) {
        self.0.add(kind, || example);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(shapes: Vec<ShapeKind>) -> Question {
        Question { media: Media::Image, shapes, choice: None, spans: false }
    }

    fn ontology() -> Ontology {
        serde_json::from_value(json!({ "classes": [
            { "key": "car", "name": "Car \"&\" <van>", "color": "#112233" },
            { "key": "old", "name": "Old", "color": "#112233", "retired": true },
        ] }))
        .unwrap()
    }

    #[test]
    fn a_question_is_a_labelling_configuration() {
        let told = label_config(&question(vec![ShapeKind::Box, ShapeKind::Mask]), &ontology());
        for part in [
            "<Image name=\"image\" value=\"$image\"/>",
            "<RectangleLabels name=\"box\" toName=\"image\" smart=\"true\">",
            "<BrushLabels name=\"mask\"",
            "<KeyPointLabels name=\"point\"",
            "<Label value=\"Car &quot;&amp;&quot; &lt;van>\" background=\"#112233\"/>",
        ] {
            assert!(told.contains(part), "{part} in {told}");
        }
        assert!(!told.contains("Old"), "{told}");
        let text = Question {
            media: Media::Text,
            shapes: vec![],
            choice: Some(ChoiceMode::Multi),
            spans: true,
        };
        let told = label_config(&text, &ontology());
        assert!(told.contains("<Choices name=\"choice\" toName=\"text\" choice=\"multiple\">"));
        assert!(told.contains("<Labels name=\"label\" toName=\"text\">"), "{told}");
    }

    #[test]
    fn percentages_are_of_our_picture() {
        let item = Item { width: Some(200), height: Some(100), ..Item::default() };
        let said = json!({ "score": 0.8, "result": [{
            "type": "rectanglelabels", "original_width": 10, "original_height": 10,
            "value": { "x": 10, "y": 10, "width": 50, "height": 50, "rectanglelabels": ["Car"] },
        }] });
        let mut losses = LossReport::default();
        let read = prediction(item, &said, "v3", &mut losses).unwrap();
        let [mark] = &read.marks[..] else { panic!("{read:?}") };
        let shape = Shape::Box { x: 20.0, y: 10.0, width: 100.0, height: 50.0 };
        assert_eq!((&mark.place, mark.class.as_str()), (&Place::Shape(shape), "Car"));
        assert_eq!((mark.score, mark.model.as_deref()), (Some(0.8), Some("v3")));
        let wrong = prediction(Item::default(), &json!({}), "v3", &mut losses).unwrap_err();
        assert!(wrong.message.contains("result"), "{wrong:?}");
    }

    #[test]
    fn a_label_is_an_annotation_that_reads_back() {
        let label: Answer = serde_json::from_value(json!({ "objects": [
            { "id": "a", "class": "car", "shape": { "type": "box", "x": 20, "y": 10, "width": 100, "height": 50 } },
        ] }))
        .unwrap();
        let item = Item { width: Some(200), height: Some(100), ..Item::default() };
        let told = annotation(item.clone(), &label, &ontology());
        let mut losses = LossReport::default();
        let read = prediction(item, &told, "v1", &mut losses).unwrap();
        let shape = Shape::Box { x: 20.0, y: 10.0, width: 100.0, height: 50.0 };
        assert_eq!(read.marks[0].place, Place::Shape(shape), "{told}");
        assert_eq!(read.marks[0].class, "Car \"&\" <van>");
    }

    #[test]
    fn a_prompt_is_a_region_in_percent() {
        let prompts = [
            Prompt::Point { at: [50.0, 25.0], inside: false },
            Prompt::Box([10.0, 10.0, 20.0, 30.0]),
        ];
        let told = context(&prompts, Some("Car"), [100.0, 50.0]);
        let point = &told["result"][0];
        assert_eq!((&point["value"]["x"], &point["is_positive"]), (&json!(50.0), &json!(false)));
        assert_eq!(told["result"][1]["value"]["height"], json!(60.0));
        assert_eq!(told["result"][1]["value"]["rectanglelabels"], json!(["Car"]));
    }
}

//! What several answers of one task say together: answers in, figures out.

use domain::answers::Answer;
use domain::projects::{ChoiceMode, Question};
use domain::workflow::Opinion;
use stats::agreement::{IOU_MIN, Region, Voice, f1, jaccard, medoid, plurality};

/// How far answers agree, and which of them speaks for all.
pub fn of(question: &Question, answers: &[&Answer]) -> Opinion {
    let voice = match (question.choice, asks_for_regions(question)) {
        (Some(ChoiceMode::Single), false) => {
            let choices: Vec<&[String]> =
                answers.iter().map(|answer| &answer.choices[..]).collect();
            plurality(&choices)
        }
        (Some(ChoiceMode::Multi), false) => {
            medoid(answers.len(), |i, j| choice_likeness(answers[i], answers[j]))
        }
        (choice, true) => of_regions(answers, choice.is_some()),
        (None, false) => {
            let attributes: Vec<_> = answers.iter().map(|answer| &answer.attributes).collect();
            plurality(&attributes)
        }
    };
    Opinion {
        answers: answers.len() as i64,
        agreement: voice.agreement,
        tie: voice.tie,
        voice: voice.index,
    }
}

/// How far two answers agree, 0 to 1. Where a choice is asked for besides spans, both count alike (A19).
pub fn similarity(question: &Question, a: &Answer, b: &Answer) -> f64 {
    match (question.choice, asks_for_regions(question)) {
        (Some(_), false) => choice_likeness(a, b),
        (Some(_), true) => f64::midpoint(choice_likeness(a, b), span_likeness(a, b)),
        (None, true) => f1(&regions(a), &regions(b), IOU_MIN),
        (None, false) => f64::from(u8::from(a.attributes == b.attributes)),
    }
}

pub fn choice_likeness(a: &Answer, b: &Answer) -> f64 {
    jaccard(&a.choices, &b.choices)
}

pub fn span_likeness(a: &Answer, b: &Answer) -> f64 {
    f1(&regions(a), &regions(b), IOU_MIN)
}

fn asks_for_regions(question: &Question) -> bool {
    question.spans || (question.choice.is_none() && !question.shapes.is_empty())
}

fn of_regions(answers: &[&Answer], with_choice: bool) -> Voice {
    let regions: Vec<Vec<Region<'_>>> = answers.iter().map(|answer| regions(answer)).collect();
    medoid(answers.len(), |i, j| {
        let likeness = f1(&regions[i], &regions[j], IOU_MIN);
        if with_choice {
            f64::midpoint(choice_likeness(answers[i], answers[j]), likeness)
        } else {
            likeness
        }
    })
}

fn region(class: &str, outline: Vec<[f64; 2]>, places: Vec<Option<[f64; 2]>>) -> Region<'_> {
    Region { class, outline, places }
}

fn regions(answer: &Answer) -> Vec<Region<'_>> {
    let objects = answer
        .objects
        .iter()
        .map(|object| region(&object.class, object.shape.outline(), object.shape.places()));
    let spans = answer.spans.iter().map(|span| region(&span.class, span.outline(), Vec::new()));
    objects.chain(spans).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::projects::Media;
    use serde_json::{Value, json};

    fn answer(choice: Option<&str>, spans: &[(&str, u64, u64)]) -> Answer {
        let spans: Vec<Value> = spans
            .iter()
            .enumerate()
            .map(|(i, (class, start, end))| json!({ "id": format!("s{i}"), "class": class, "start": start, "end": end }))
            .collect();
        let choices: Vec<&str> = choice.into_iter().collect();
        serde_json::from_value(json!({ "spans": spans, "choices": choices })).unwrap()
    }

    #[test]
    fn skeletons_agree_by_their_points() {
        let question = Question {
            media: Media::Image,
            shapes: vec![domain::projects::ShapeKind::Keypoints],
            choice: None,
            spans: false,
        };
        let person = |points: [[f64; 3]; 3]| -> Answer {
            let shape = json!({ "type": "keypoints", "points": points });
            serde_json::from_value(
                json!({ "objects": [{ "id": "a", "class": "p", "shape": shape }] }),
            )
            .unwrap()
        };
        let one = person([[0.0, 0.0, 2.0], [100.0, 0.0, 2.0], [50.0, 200.0, 2.0]]);
        for (other, want) in [
            (person([[2.0, 1.0, 2.0], [99.0, 2.0, 1.0], [52.0, 198.0, 2.0]]), 1.0),
            // Left and right taken for each other: the box around them is the same.
            (person([[100.0, 0.0, 2.0], [0.0, 0.0, 2.0], [50.0, 200.0, 2.0]]), 0.0),
            (person([[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [50.0, 200.0, 2.0]]), 0.0),
        ] {
            assert!((similarity(&question, &one, &other) - want).abs() < 1e-12, "{other:?}");
        }
    }

    #[test]
    fn spans_agree_by_what_they_share() {
        let question = Question { media: Media::Text, shapes: vec![], choice: None, spans: true };
        let both = Question { choice: Some(ChoiceMode::Single), ..question.clone() };
        let one = answer(Some("praise"), &[("person", 0, 10), ("place", 20, 30)]);
        // Half of what both cover is enough, less is not; another class never is.
        for (other, want) in [
            (answer(Some("praise"), &[("place", 20, 30), ("person", 0, 10)]), 1.0),
            (answer(Some("praise"), &[("person", 0, 5), ("place", 20, 30)]), 1.0),
            (answer(Some("praise"), &[("person", 0, 4), ("place", 20, 30)]), 0.5),
            (answer(Some("praise"), &[("place", 0, 10), ("person", 20, 30)]), 0.0),
            (answer(Some("praise"), &[]), 0.0),
        ] {
            assert!((similarity(&question, &one, &other) - want).abs() < 1e-12, "{other:?}");
            assert!((similarity(&both, &one, &other) - (1.0 + want) / 2.0).abs() < 1e-12);
        }
        let empty = answer(None, &[]);
        assert!((similarity(&question, &empty, &empty) - 1.0).abs() < 1e-12);

        let near = answer(Some("blame"), &[("person", 0, 9), ("place", 20, 30)]);
        let far = answer(Some("blame"), &[]);
        let opinion = of(&question, &[&far, &one, &near]);
        assert_eq!(opinion.voice, 1);
        assert!((opinion.agreement - 1.0 / 3.0).abs() < 1e-12);
    }
}

//! What several answers of one task say together: answers in, figures out.

use domain::answers::Answer;
use domain::projects::{ChoiceMode, Question};
use domain::workflow::Opinion;
use stats::agreement::{IOU_MIN, Region, Voice, f1, jaccard, medoid, plurality};

/// How far answers agree, and which of them speaks for all.
pub fn of(question: &Question, answers: &[&Answer]) -> Opinion {
    let voice = match (question.choice, question.shapes.is_empty()) {
        (Some(ChoiceMode::Single), _) => {
            let choices: Vec<&[String]> =
                answers.iter().map(|answer| &answer.choices[..]).collect();
            plurality(&choices)
        }
        (Some(ChoiceMode::Multi), _) => of_sets(answers),
        (None, false) => of_objects(answers),
        (None, true) => {
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

/// How far two answers agree, 0 to 1.
pub fn similarity(question: &Question, a: &Answer, b: &Answer) -> f64 {
    match (question.choice, question.shapes.is_empty()) {
        (Some(_), _) => jaccard(&a.choices, &b.choices),
        (None, false) => f1(&regions(a), &regions(b), IOU_MIN),
        (None, true) => f64::from(u8::from(a.attributes == b.attributes)),
    }
}

fn of_sets(answers: &[&Answer]) -> Voice {
    medoid(answers.len(), |i, j| jaccard(&answers[i].choices, &answers[j].choices))
}

fn of_objects(answers: &[&Answer]) -> Voice {
    let regions: Vec<Vec<Region<'_>>> = answers.iter().map(|answer| regions(answer)).collect();
    medoid(answers.len(), |i, j| f1(&regions[i], &regions[j], IOU_MIN))
}

fn regions(answer: &Answer) -> Vec<Region<'_>> {
    answer
        .objects
        .iter()
        .map(|object| Region { class: &object.class, outline: object.shape.outline() })
        .collect()
}

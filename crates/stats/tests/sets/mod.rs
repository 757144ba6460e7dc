//! Real answers of real crowds, with truth: `data/` holds three sets of github.com/yuan-li/truth-inference-at-scale (MIT), and two of
//! github.com/dustalov/evalica (Apache-2.0).

#![allow(dead_code, reason = "each test file uses its part")]
use stats::answers::{Answer, Answers, Known, Shape};
use std::path::Path;

pub fn lines(file: &str) -> Vec<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.lines().map(|line| line.trim().split(',').map(str::to_string).collect()).collect()
}

fn numbers(file: &str) -> Vec<Vec<u32>> {
    let rows = lines(file).into_iter().skip(1);
    rows.map(|row| row.iter().map(|field| field.parse().unwrap()).collect()).collect()
}

pub fn rows(set: &str) -> Vec<Answer> {
    let rows = numbers(&format!("data/{set}-label.csv"));
    rows.iter().map(|row| Answer { item: row[0], contributor: row[1], label: row[2] }).collect()
}

pub fn shape(rows: &[Answer]) -> Shape {
    let count = |of: fn(&Answer) -> u32| rows.iter().map(of).max().unwrap() as usize + 1;
    Shape {
        items: count(|row| row.item),
        contributors: count(|row| row.contributor),
        classes: count(|row| row.label),
    }
}

pub fn table(rows: &[Answer]) -> Answers {
    Answers::new(shape(rows), rows).unwrap()
}

pub fn truth(set: &str) -> Vec<Known> {
    let rows = numbers(&format!("data/{set}-truth.csv"));
    rows.iter().map(|row| Known { item: row[0] as usize, class: row[1] as usize }).collect()
}

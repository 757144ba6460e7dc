//! The table of a run: figures, and the bounds that some of them are held to.

use serde_json::{Value, json};
use std::path::Path;

#[derive(Clone, Copy)]
pub enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Bound {
    fn is_met(self, figure: f64) -> bool {
        match self {
            Bound::AtLeast(least) => figure >= least,
            Bound::AtMost(most) => figure <= most,
        }
    }

    fn told(self) -> (&'static str, f64) {
        match self {
            Bound::AtLeast(least) => ("at least", least),
            Bound::AtMost(most) => ("at most", most),
        }
    }
}

struct Row {
    what: String,
    figure: f64,
    unit: &'static str,
    bound: Option<Bound>,
}

#[derive(Default)]
pub struct Table(Vec<Row>);

impl Table {
    pub fn add(&mut self, what: impl Into<String>, figure: f64, unit: &'static str) {
        self.push(Row { what: what.into(), figure, unit, bound: None });
    }

    pub fn hold(&mut self, what: impl Into<String>, figure: f64, unit: &'static str, bound: Bound) {
        self.push(Row { what: what.into(), figure, unit, bound: Some(bound) });
    }

    fn push(&mut self, row: Row) {
        let verdict = row.bound.map_or(String::new(), |bound| {
            let (words, limit) = bound.told();
            let met = if bound.is_met(row.figure) { "met" } else { "MISSED" };
            format!("{:<16} {met}", format!("{words} {limit}"))
        });
        let Row { what, figure, unit, .. } = &row;
        let figure = if *figure < 100.0 { format!("{figure:.2}") } else { format!("{figure:.0}") };
        println!("{}", format!("{what:<60} {figure:>9} {unit:<11} {verdict}").trim_end());
        self.0.push(row);
    }

    pub fn save(&self, file: &Path) {
        let rows = self.0.iter().map(|Row { what, figure, unit, bound }| {
            let mut row = json!({ "what": what, "figure": figure, "unit": unit });
            if let Some(bound) = bound {
                let (words, limit) = bound.told();
                row["bound"] = json!({ words.replace(' ', "_"): limit });
                row["met"] = bound.is_met(*figure).into();
            }
            row
        });
        let rows: Vec<Value> = rows.collect();
        std::fs::write(file, format!("{:#}\n", json!({ "rows": rows })))
            .expect("the file of the figures can be written");
    }
}

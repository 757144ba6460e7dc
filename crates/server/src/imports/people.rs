//! What several people said of one item elsewhere: an answer of each of them, as if it had been given here (ADR 0007).
//!
//! - **O1** Only where the project asks for several answers and is published, where answers are taken for labels, and where an item is a text or a picture.
//!   Elsewhere what the first of them said is the label, and the others are counted: `another_answer`.
//! - **O2** Whoever answered is a pseudonym of the organization, the same for the same name in each import: no login, no
//!   membership, no pay.
//! - **O3** It goes on when all items are in, over the file once more, and gives nothing twice.
//! - **O4** A task takes as many answers as it asks for; what is beyond is counted: `answer_that_nobody_asked_for`.

use super::batch::ByName;
use super::dataset::stop;
use super::names::{item_names, text_names};
use crate::intake::{AnswersAs, Fault, Gate, bounds};
use crate::jobs::JobCx;
use crate::models::{enroll, give};
use crate::{Cx, Error, Result};
use domain::projects::{Media, State};
use formats::LossReport;
use formats::exchange::{Class, Fit, Item, Refusal, Sink, Whose, apart};
use serde_json::json;
use std::collections::HashMap;
use std::io;
use store::{ItemRow, PersonKind};

/// How many people of a file may answer.
const PEOPLE_MAX: usize = 10_000;
/// How long a name may be.
const NAME_MAX: usize = 200;

/// Whether a project takes what several people said as their answers (O1).
pub(super) fn are_asked(gate: &Gate) -> bool {
    let project = &gate.project;
    let wanted = project.plan.wanted_first() > 1 || project.plan.is_adaptive();
    let alone = matches!(project.question.media, Media::Text | Media::Image);
    wanted && alone && project.state == State::Published && gate.answers == AnswersAs::Labels
}

/// Gives the answers of a file to items that are there.
pub(super) struct Giver<'a> {
    pub job: &'a mut JobCx,
    pub gate: &'a Gate,
    pub fit: Fit<'a>,
    pub losses: &'a mut LossReport,
    names: ByName,
    people: HashMap<String, Cx>,
    row: u64,
    /// Answers that were given, and those that had been before.
    pub given: i64,
    pub repeated: i64,
    pub stopped: Option<Error>,
}

impl<'a> Giver<'a> {
    pub fn new(
        job: &'a mut JobCx,
        gate: &'a Gate,
        fit: Fit<'a>,
        losses: &'a mut LossReport,
    ) -> Self {
        let (names, people) = (ByName::default(), HashMap::new());
        let (row, given, repeated, stopped) = (0, 0, 0, None);
        Self { job, gate, fit, losses, names, people, row, given, repeated, stopped }
    }

    fn take(&mut self, item: &Item, lay_elsewhere: bool) -> Result<()> {
        self.row += 1;
        self.job.check()?;
        let people = apart(item, self.fit.groups_are_answers, &mut LossReport::default());
        if people.len() < 2 {
            return Ok(());
        }
        let Some(there) = self.find(item, lay_elsewhere)? else { return Ok(()) };
        let asked = there.id;
        let task = self.job.cx.store().read_now(move |tx| tx.task_of_item(asked))?;
        let Some(task) = task else { return Ok(()) };
        let size = there.width.zip(there.height);
        let pixels = size.map(|(width, height)| [width as f64, height as f64]);
        for (name, said) in people {
            let Some(answer) = self.fit.answer(&said, Whose::People, pixels, self.losses) else {
                continue;
            };
            let place = || format!("{}: {name}", item.name);
            let bounds = bounds(size, None, there.payload.text.as_deref());
            let answer = match self.gate.answer(json!(answer), bounds) {
                Ok(answer) => answer,
                Err(fault) => {
                    self.job.bad(fault.at(self.row, &place()));
                    continue;
                }
            };
            let person = self.person(&name)?;
            let project = self.gate.project.id;
            let given = give(&person, project, task, &there.external_id, answer);
            let fault = match self.job.block_on(given)? {
                Ok(()) => {
                    self.given += 1;
                    continue;
                }
                Err(Error::Refused { code: "had_before", .. }) => {
                    self.repeated += 1;
                    continue;
                }
                Err(Error::Refused { code: "nothing_open", .. }) => {
                    self.losses.add("answer_that_nobody_asked_for", place);
                    continue;
                }
                Err(Error::Refused { code, message }) => Fault::new("answer", code, message),
                Err(Error::Invalid(problems)) => match problems.into_iter().next() {
                    Some(problem) => problem.into(),
                    None => Fault::new("answer", "invalid", "the answer is not valid"),
                },
                Err(error) => return Err(error),
            };
            self.job.bad(fault.at(self.row, &place()));
        }
        Ok(())
    }

    fn person(&mut self, name: &str) -> Result<Cx> {
        let name: String = name.chars().filter(|c| !c.is_control()).take(NAME_MAX).collect();
        if let Some(known) = self.people.get(&name) {
            return Ok(known.clone());
        }
        if self.people.len() >= PEOPLE_MAX {
            let message = "the answers of one file may be those of 10,000 people";
            return Err(Error::invalid("upload", "too_many", message));
        }
        let enrolled = enroll(&self.job.cx, PersonKind::Pseudonym, &name);
        let person = self.job.block_on(enrolled)??;
        self.people.insert(name, person.clone());
        Ok(person)
    }

    fn find(&mut self, item: &Item, lay_elsewhere: bool) -> Result<Option<ItemRow>> {
        let project = self.gate.project.id;
        if self.gate.project.question.media == Media::Image {
            for name in item_names(item, lay_elsewhere) {
                if let Some(there) = self.names.find(&self.job.cx, project, &name)? {
                    return Ok(Some(there));
                }
            }
            return Ok(None);
        }
        let Some(text) = &item.text else { return Ok(None) };
        for name in text_names(item, text) {
            let there =
                self.job.cx.store().read_now(move |tx| tx.item_by_external_id(project, &name))?;
            if there.as_ref().is_some_and(|there| there.payload.text.as_ref() == Some(text)) {
                return Ok(there);
            }
        }
        Ok(None)
    }
}

impl Sink for Giver<'_> {
    fn class(&mut self, _: &Class) -> io::Result<()> {
        Ok(())
    }

    fn item(&mut self, mut item: Item) -> io::Result<()> {
        let lay_elsewhere = item.come_home().is_some();
        self.take(&item, lay_elsewhere).map_err(|error| stop(&mut self.stopped, error))
    }

    fn refuse(&mut self, _: Refusal) {
        self.row += 1;
    }

    fn lose(&mut self, _: &'static str, _: String) {}
}

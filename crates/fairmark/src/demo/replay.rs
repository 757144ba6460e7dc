//! Answers that a crowd gave elsewhere, given again through the commands of the queue: each person
//! under a pseudonym claims the very task that they had then, and answers it as they did
//! (`docs/decisions/0007`).
//!
//! - **Y1** The first answer of a person to an item counts; what comes again is passed over and
//!   counted.
//! - **Y2** Everybody works side by side with the others, and through their own list in its order.
//! - **Y3** Under an adaptive plan the crowd goes round: each task is offered its next answer, and takes it if it still asks for
//!   one. After each round the model is fitted to what there is.

use crate::failure::{Doing, Failure, Result};
use crate::place::blocking;
use crate::print::Print;
use domain::answers::Answer;
use domain::people::Mode;
use domain::{Actor, OrganizationId, PersonId, Role, TaskId};
use futures_util::{StreamExt, TryStreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use server::queue::{AnswerRequest, answer, claim_exact};
use server::{App, Cx};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;
use store::{Access, Person, PersonKind};

/// One answer of the crowd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vote {
    pub person: String,
    pub item: String,
    pub class: String,
}

#[derive(Debug, Default)]
pub struct Votes {
    pub answers: Vec<Vote>,
    /// Rows in which somebody answered an item once more (Y1).
    pub repeats: usize,
}

/// Reads `worker,item,label`, one answer a line.
pub fn read(path: &Path) -> Result<Votes> {
    let text = std::fs::read_to_string(path).doing(path.display())?;
    parse(&text).map_err(|row| {
        Failure::new(format!("{}: line {row} is not worker,item,label", path.display()))
    })
}

fn parse(text: &str) -> Result<Votes, usize> {
    let mut votes = Votes::default();
    let mut seen = HashSet::new();
    for (line, row) in text.lines().zip(1..).skip(1) {
        let [person, item, class] = line.split(',').collect::<Vec<_>>()[..] else {
            return Err(row);
        };
        if seen.insert((person, item)) {
            votes.answers.push(Vote {
                person: person.into(),
                item: item.into(),
                class: class.into(),
            });
        } else {
            votes.repeats += 1;
        }
    }
    Ok(votes)
}

/// The people of a crowd, by the names that the file has for them.
pub type Crowd = BTreeMap<String, Access>;

/// Adds the people of the crowd.
pub async fn gather(app: &App, organization: &str, votes: &Votes) -> Result<Crowd> {
    let organization: OrganizationId =
        organization.parse().map_err(|_| Failure::new("the organization has no id"))?;
    let names: BTreeSet<String> = votes.answers.iter().map(|vote| vote.person.clone()).collect();
    let people = enroll(app, organization, names.iter().cloned().collect()).await?;
    Ok(names.into_iter().zip(people).collect())
}

/// What most of all who were asked said of each item; of equals the one that was said first.
pub fn consensus(votes: &Votes) -> HashMap<String, String> {
    let mut counts: HashMap<&str, Vec<(&str, usize)>> = HashMap::new();
    for vote in &votes.answers {
        let said = counts.entry(&vote.item).or_default();
        match said.iter_mut().find(|(class, _)| *class == vote.class) {
            Some((_, count)) => *count += 1,
            None => said.push((&vote.class, 1)),
        }
    }
    let most = |said: Vec<(&str, usize)>| {
        let top = said.iter().map(|(_, count)| *count).max();
        said.iter()
            .find(|(_, count)| Some(*count) == top)
            .map_or("", |(class, _)| class)
            .to_string()
    };
    counts.into_iter().map(|(item, said)| (item.to_string(), most(said))).collect()
}

/// Offers each task its answers in turn, as long as it asks for one (Y3); says in a sentence how it went.
pub async fn go_round(
    app: &App,
    crowd: &Crowd,
    tasks: &HashMap<String, TaskId>,
    votes: &Votes,
) -> Result<String> {
    let mut by_item: BTreeMap<&str, Vec<&Vote>> = BTreeMap::new();
    for vote in &votes.answers {
        by_item.entry(&vote.item).or_default().push(vote);
    }
    let rounds = by_item.values().map(Vec::len).max().unwrap_or(0);
    let mut given = 0;
    for round in 0..rounds {
        let before = given;
        for vote in by_item.values().filter_map(|votes| votes.get(round)) {
            let (Some(task), Some(access)) = (tasks.get(&vote.item), crowd.get(&vote.person))
            else {
                return Err(Failure::new(format!("there is no item {}", vote.item)));
            };
            given += usize::from(give(app, access, *task, vote, "again").await?);
        }
        if given == before {
            break;
        }
        let (Some(task), Some(access)) = (tasks.values().next(), crowd.values().next()) else {
            break;
        };
        let (app, access, task) = (app.clone(), access.clone(), *task);
        blocking(&Print { json: false }, move |_| {
            let row = access.store().read_now(move |tx| tx.task(task))?;
            let project = row.ok_or_else(|| Failure::new("there is no such task"))?.project;
            Ok(server::brain::learn(&app, &access, project, server::brain::Wanted::Model)?)
        })
        .await?;
    }
    Ok(format!(
        "{given} of {} answers were enough ({:.1} a tweet)",
        votes.answers.len(),
        given as f64 / by_item.len().max(1) as f64
    ))
}

/// Gives every answer, and says in a sentence how it went.
pub async fn run(
    app: &App,
    crowd: &Crowd,
    tasks: &HashMap<String, TaskId>,
    votes: &Votes,
) -> Result<String> {
    let mut by_person: BTreeMap<&str, Vec<&Vote>> = BTreeMap::new();
    for vote in &votes.answers {
        by_person.entry(&vote.person).or_default().push(vote);
    }
    let bar = ProgressBar::new(votes.answers.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("  {wide_bar} {pos}/{len} answers, {per_sec}") {
        bar.set_style(style);
    }
    let began = std::time::Instant::now();
    stream::iter(crowd.values().zip(by_person.values()))
        .map(Ok::<_, Failure>)
        .try_for_each_concurrent(None, |(access, votes)| {
            let bar = bar.clone();
            async move {
                for vote in votes {
                    let task = tasks
                        .get(&vote.item)
                        .ok_or_else(|| Failure::new(format!("there is no item {}", vote.item)))?;
                    give(app, access, *task, vote, "crowd").await?;
                    bar.inc(1);
                }
                Ok(())
            }
        })
        .await?;
    bar.finish_and_clear();
    let (answers, rate) =
        (votes.answers.len(), votes.answers.len() as f64 / began.elapsed().as_secs_f64());
    Ok(format!(
        "{answers} answers of {} people ({rate:.0} a second), {} repeats passed over",
        crowd.len(),
        votes.repeats
    ))
}

/// Adds the people of the crowd under their pseudonyms: they have no login and are no members.
async fn enroll(
    app: &App,
    organization: OrganizationId,
    names: Vec<String>,
) -> Result<Vec<Access>> {
    let stores = app.stores.clone();
    blocking(&Print { json: false }, move |_| {
        let people = stores.control().write_now(move |tx| {
            let now = crate::now();
            let mut people = Vec::new();
            for name in &names {
                let id = PersonId(tx.new_id(now));
                let person = Person {
                    id,
                    kind: PersonKind::Pseudonym,
                    email: None,
                    name: format!("Crowd {name}"),
                    password_hash: None,
                    operator: false,
                    disabled: false,
                };
                tx.insert_person(&person, now)?;
                tx.record(
                    now,
                    "system",
                    "person.brought_in",
                    id,
                    json!({ "organization": organization }),
                );
                people.push(id);
            }
            Ok::<_, store::Error>(people)
        })?;
        let access = |person| {
            let actor = Actor { organization, person, role: Role::Contributor, mode: Mode::Live };
            Ok(stores.access_for_job(actor)?)
        };
        people.into_iter().map(access).collect()
    })
    .await
}

/// Claims the task of a vote and answers it; nothing, where the task asks for no more.
async fn give(app: &App, access: &Access, task: TaskId, vote: &Vote, name: &str) -> Result<bool> {
    let cx = || Cx::for_job(app, access.clone(), crate::now());
    let (slot, fence) = match claim_exact(&cx(), task).await {
        Err(server::Error::Refused { code: "nothing_open", .. }) => return Ok(false),
        claimed => claimed?,
    };
    let submission = format!("sub_{name}{}x{}", vote.person, vote.item);
    let request = AnswerRequest {
        submission: submission
            .parse()
            .map_err(|_| Failure::new(format!("{submission} is no submission")))?,
        fence,
        answer: Answer { choices: vec![vote.class.clone()], ..Answer::default() },
        active_ms: 0,
        ontology_version: None,
        instructions_version: None,
        claim_next: 0,
        holding: vec![],
    };
    answer(&cx(), slot, request).await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_answer_counts() {
        let votes = parse("worker,item,label\n1,a,rain\n2,a,sun\n1,a,sun\n1,b,rain\n").unwrap();
        let classes: Vec<&str> = votes.answers.iter().map(|vote| vote.class.as_str()).collect();
        assert_eq!((classes, votes.repeats), (vec!["rain", "sun", "rain"], 1));
        assert_eq!(parse("worker,item,label\n1,a\n").unwrap_err(), 2);
        let votes =
            parse("worker,item,label\n1,a,rain\n2,a,sun\n3,a,sun\n1,b,fog\n2,b,rain\n").unwrap();
        let known = consensus(&votes);
        assert_eq!((known["a"].as_str(), known["b"].as_str()), ("sun", "fog"));
    }
}

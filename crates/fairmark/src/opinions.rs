//! `fairmark aggregate`, `agreement` and `replay`: what many people said of the same things, without any server.

use crate::failure::{Failure, Outcome, Result};
use crate::print::{Print, note};
use crate::rows::{CONTRIBUTOR, LABEL, Names, TASK, ordered, read};
use crate::shapes::{self, Kind};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use stats::answers::{Answer, Answers, Known, Shape};
use stats::auto::{self, Evidence};
use stats::calibration::Calibration;
use stats::interval::{Bootstrap, Interval};
use stats::plan::{Adaptive, Plan, Replay};
use stats::{alpha, kappa};
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct Aggregate {
    /// Answers: CSV, TSV, JSON lines or Parquet with task, worker and label; `-` is standard input.
    pub answers: PathBuf,
    /// What a label is. All but classes come out as JSON lines.
    #[arg(long, value_enum, default_value = "classes")]
    pub kind: Kind,
    /// How classes are made of answers; each other kind has a method of its own.
    #[arg(long, value_enum, default_value = "auto")]
    method: Method,
    /// Boxes, polygons and spans of two people that overlap less (intersection over union) are not of one thing.
    #[arg(long, default_value_t = stats::agreement::IOU_MIN, value_parser = share)]
    pub overlap: f64,
    /// Labels that are known: task and label. They teach, and calibrate the confidence. Of classes only.
    #[arg(long, value_name = "FILE")]
    gold: Option<PathBuf>,
    /// Of what is drawn at random.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn share(text: &str) -> std::result::Result<f64, String> {
    let share = text.parse().ok().filter(|share| *share > 0.0 && *share <= 1.0);
    share.ok_or_else(|| "it is above 0, and at most 1".into())
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Method {
    /// Tries several on held-out answers and gold, and says what it chose.
    Auto,
    Majority,
    Wawa,
    Zbs,
    /// Dawid and Skene's, by maximum likelihood.
    Ds,
    Onecoin,
    /// Dawid–Skene with the crowd as a prior.
    Pooled,
    Glad,
    Mace,
}

impl Method {
    fn chosen(self) -> Option<auto::Method> {
        match self {
            Method::Auto => None,
            Method::Majority => Some(auto::Method::Majority),
            Method::Wawa => Some(auto::Method::Wawa),
            Method::Zbs => Some(auto::Method::ZeroBasedSkill),
            Method::Ds => Some(auto::Method::DawidSkene),
            Method::Onecoin => Some(auto::Method::OneCoin),
            Method::Pooled => Some(auto::Method::Pooled),
            Method::Glad => Some(auto::Method::Glad),
            Method::Mace => Some(auto::Method::Mace),
        }
    }
}

/// A file of answers, with the names of what its indices mean.
struct Opinions {
    tasks: Names,
    labels: Names,
    answers: Answers,
    known: Vec<Known>,
    /// Known tasks that nobody answered.
    unanswered: usize,
    /// Rows that say another label of a task that was known already.
    revoked: usize,
    /// Known tasks with a label that nobody gave to any.
    unheard: usize,
}

fn opinions(answers: &Path, known: Option<&Path>, print: &Print) -> Result<Opinions> {
    let (mut tasks, mut contributors, mut labels) =
        (Names::default(), Names::default(), Names::default());
    let mut rows = Vec::new();
    read(answers, &[TASK, CONTRIBUTOR, LABEL], print, |place, values| {
        let label = labels.index(values[2]);
        if label as usize >= stats::answers::CLASSES_MAX {
            return Err(place.wrong("label", "there are more than 65,536 different labels"));
        }
        rows.push(Answer {
            item: tasks.index(values[0]),
            contributor: contributors.index(values[1]),
            label,
        });
        Ok(())
    })?;
    if rows.is_empty() {
        return Err(Failure::new(format!("{}: there are no answers in it", answers.display())));
    }
    let (mut truth, mut unanswered) = (Vec::new(), 0);
    let heard = labels.len();
    if let Some(file) = known {
        read(file, &[TASK, LABEL], print, |_, values| {
            match tasks.find(values[0]) {
                Some(item) => truth.push((item, labels.index(values[1]))),
                None => unanswered += 1,
            }
            Ok(())
        })?;
    }
    // Said twice, the last one counts, as with answers.
    let mut last = vec![None; tasks.len()];
    let mut revoked = 0;
    for (item, label) in &truth {
        let before = last[*item as usize].replace(*label);
        revoked += usize::from(before.is_some_and(|before| before != *label));
    }
    let unheard = last.iter().flatten().filter(|label| **label as usize >= heard).count();
    // In an order that does not hang on which label came first, since of equals the first is taken.
    let places = ordered(&mut labels);
    rows.iter_mut().for_each(|row| row.label = places[row.label as usize]);
    let shape =
        Shape { items: tasks.len(), contributors: contributors.len(), classes: labels.len() };
    let answers = Answers::new(shape, &rows).map_err(|misfit| Failure::new(misfit.to_string()))?;
    let known = last.iter().enumerate().filter_map(|(item, label)| {
        label.map(|label| Known { item, class: places[label as usize] as usize })
    });
    let known = known.collect();
    Ok(Opinions { known, tasks, labels, answers, unanswered, revoked, unheard })
}

impl Opinions {
    fn remark(&self) {
        if self.answers.superseded > 0 {
            note(&format!(
                "{} rows repeat an answer of the same worker to the same task, {} of them with another label: the last one counts.",
                self.answers.superseded, self.answers.contradicted
            ));
        }
        if self.unanswered > 0 {
            note(&format!("{} known tasks have no answers and are passed over.", self.unanswered));
        }
        if self.revoked > 0 {
            note(&format!(
                "{} rows say another label of a known task: the last one counts.",
                self.revoked
            ));
        }
        if self.unheard > 0 {
            note(&format!(
                "{} known tasks have a label that nobody gave to any task.",
                self.unheard
            ));
        }
    }
}

pub fn aggregate(command: &Aggregate, print: &Print) -> Result {
    if command.kind != Kind::Classes {
        if command.gold.is_some() || command.method != Method::Auto {
            return Err(Failure::usage("--method and --gold are for --kind classes"));
        }
        return shapes::aggregate(command, print);
    }
    let opinions = opinions(&command.answers, command.gold.as_deref(), print)?;
    opinions.remark();
    let (answers, known) = (&opinions.answers, &opinions.known);
    let (method, reason, evidence, beliefs) = match command.method.chosen() {
        Some(method) => {
            (method, "it was asked for".into(), Vec::new(), auto::labelled(method, answers, known))
        }
        None => {
            let choice = auto::choose(answers, known, command.seed);
            (choice.method, choice.reason.to_string(), choice.evidence, choice.beliefs)
        }
    };
    let calibration = auto::calibrate(method, answers, known, command.seed);
    let mut is_known = vec![false; answers.shape.items];
    known.iter().for_each(|known| is_known[known.item] = true);
    let open = (0..answers.shape.items).filter(|item| !is_known[*item]);
    let told = calibration.levels(open.map(|item| beliefs.best(item).1));
    let rows = (0..answers.shape.items).map(|item| {
        let (class, claimed) = beliefs.best(item);
        let sure = match (is_known[item], calibration.is_trusted()) {
            (false, true) => told.at(claimed),
            _ => claimed,
        };
        (&opinions.tasks.names[item], &opinions.labels.names[class], sure)
    });
    let confidence = calibration_said(&calibration);
    if print.json {
        let items: Vec<Value> = rows
            .map(|(task, label, sure)| json!({ "task": task, "label": label, "confidence": sure }))
            .collect();
        let said = json!({
            "method": method.name(), "reason": reason, "confidence": confidence,
            "evidence": evidence.iter().map(evidence_json).collect::<Vec<_>>(),
            "answers": answers.len(), "superseded": answers.superseded,
            "contradicted": answers.contradicted, "items": items,
        });
        print.say(said, "");
        return Ok(Outcome::Fine);
    }
    note(&format!("{}: {reason}. Confidence: {confidence}.", method.name()));
    for of in &evidence {
        note(&format!("  {}", evidence_said(of)));
    }
    let mut out = csv::Writer::from_writer(std::io::BufWriter::new(std::io::stdout().lock()));
    let header = out.write_record(["task", "label", "confidence"]);
    let written = header.and_then(|()| {
        for (task, label, sure) in rows {
            out.write_record([task, label, &format!("{sure:.6}")])?;
        }
        out.flush().map_err(csv::Error::from)
    });
    // Whoever reads it may have gone (`| head`): that is no failure.
    written.or_else(|error| match error.kind() {
        csv::ErrorKind::Io(io) if io.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        _ => Err(Failure::new(format!("standard output: {error}"))),
    })?;
    Ok(Outcome::Fine)
}

fn calibration_said(calibration: &Calibration) -> String {
    if calibration.is_trusted() {
        format!("calibrated on {} gold ({})", calibration.gold, calibration.curve.name())
    } else {
        format!(
            "not yet calibrated ({} gold of {})",
            calibration.gold,
            stats::calibration::GOLD_MIN
        )
    }
}

fn evidence_json(of: &Evidence) -> Value {
    json!({
        "method": of.method.name(), "gold": of.gold, "agreement": of.agreement,
        "log_likelihood": of.log_likelihood,
    })
}

fn evidence_said(of: &Evidence) -> String {
    let percent = |share: Option<f64>| share.map_or("-".into(), |x| format!("{:.1} %", 100.0 * x));
    format!(
        "{:9} gold {:>7}  held-out agreement {:>7}  log likelihood {}",
        of.method.name(),
        percent(of.gold),
        percent(of.agreement),
        of.log_likelihood.map_or("-".into(), |x| format!("{x:.3}"))
    )
}

#[derive(Args)]
pub struct Agreement {
    /// Answers: CSV, TSV, JSON lines or Parquet with task, worker and label; `-` is standard input.
    pub answers: PathBuf,
    /// What a label is. Of all but classes the distance is that of the kind: one less the F1 of boxes, polygons and spans, one less the IoU of masks, the edit
    /// distance of texts, Kendall's tau of rankings, the square of the difference of ratings.
    #[arg(long, value_enum, default_value = "classes")]
    pub kind: Kind,
    /// Boxes, polygons and spans that overlap less (intersection over union) are not the same.
    #[arg(long, default_value_t = stats::agreement::IOU_MIN, value_parser = share)]
    pub overlap: f64,
    /// How far apart two classes are: equal or not, by rank, or by the square of their difference.
    #[arg(long, value_enum, default_value = "nominal")]
    metric: Metric,
    /// Bootstrap rounds.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(100..=100_000))]
    pub rounds: u32,
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Metric {
    Nominal,
    Ordinal,
    Interval,
}

pub fn agreement(command: &Agreement, print: &Print) -> Result {
    if command.kind != Kind::Classes {
        if !matches!(command.metric, Metric::Nominal) {
            return Err(Failure::usage("--metric is for --kind classes"));
        }
        return shapes::agreement(command, print);
    }
    let opinions = opinions(&command.answers, None, print)?;
    opinions.remark();
    let answers = &opinions.answers;
    let options =
        Bootstrap { rounds: command.rounds as usize, seed: command.seed, ..Bootstrap::default() };
    let units: Vec<Vec<usize>> = (0..answers.shape.items)
        .map(|item| answers.of_item(item).map(|(_, label)| label).collect())
        .collect();
    let (found, interval) = match command.metric {
        Metric::Nominal => {
            let of = |units: &[Vec<usize>]| alpha::nominal(units.iter().map(|unit| unit.iter()));
            (of(&units), alpha::bootstrapped(&units, &options, of))
        }
        Metric::Ordinal => {
            (alpha::ordinal(&units), alpha::bootstrapped(&units, &options, alpha::ordinal))
        }
        Metric::Interval => {
            let measures = measures(&opinions.labels, &units)?;
            (alpha::interval(&measures), alpha::bootstrapped(&measures, &options, alpha::interval))
        }
    };
    let mut items =
        vec![row(&format!("alpha ({:?})", command.metric).to_lowercase(), found.value, interval)];
    if matches!(command.metric, Metric::Nominal) {
        let fleiss = kappa::fleiss(&units);
        items.push(row("kappa (Fleiss)", fleiss, kappa::fleiss_interval(&units, &options)));
        if answers.shape.contributors == 2 {
            let pairs: Vec<(usize, usize)> = units
                .iter()
                .filter(|unit| unit.len() == 2)
                .map(|unit| (unit[0], unit[1]))
                .collect();
            let cohen = kappa::cohen(&pairs);
            items.push(row("kappa (Cohen)", cohen, kappa::cohen_interval(&pairs, &options)));
        }
    }
    if !print.json {
        note(&format!("{} answers, {} pairs of answers to one task.", answers.len(), found.pairs));
    }
    print.list(items, &["measure", "value", "low", "high"]);
    Ok(Outcome::Fine)
}

pub fn row(measure: &str, value: Option<f64>, interval: Option<Interval>) -> Value {
    json!({
        "measure": measure, "value": value.map(round),
        "low": interval.map(|interval| round(interval.low)),
        "high": interval.map(|interval| round(interval.high)),
    })
}

/// Six places are more than any of this is good for.
pub fn round(x: f64) -> f64 {
    (x * 1e6).round() / 1e6
}

fn measures(labels: &Names, units: &[Vec<usize>]) -> Result<Vec<Vec<f64>>> {
    let mut values = Vec::with_capacity(labels.len());
    for name in &labels.names {
        let value = name.parse().ok().filter(|x: &f64| x.is_finite());
        values.push(value.ok_or_else(|| {
            Failure::usage(format!("the label \"{name}\" is no number")).mend(
                "--metric interval is for numbers; ordinal puts texts in order, nominal takes any.",
            )
        })?);
    }
    let measured = |unit: &Vec<usize>| unit.iter().map(|label| values[*label]).collect();
    Ok(units.iter().map(measured).collect())
}

#[derive(Args)]
pub struct ReplayPlans {
    /// Answers: CSV, TSV, JSON lines or Parquet with task, worker and label; `-` is standard input.
    answers: PathBuf,
    /// The truth: task and label. A part of it, --gold, is what the plan may learn from; the rest measures it.
    #[arg(long, value_name = "FILE")]
    truth: PathBuf,
    /// fixed:ANSWERS, or adaptive:TARGET[,MIN,MAX[,PRICE]]; several may be given.
    #[arg(long = "plan", value_name = "PLAN", value_parser = plan, required = true)]
    plans: Vec<Plan>,
    /// How many known tasks the plan has.
    #[arg(long, default_value_t = 100)]
    gold: usize,
    /// How often it is played, each time in another order.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    times: u32,
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// `fixed:5`, `adaptive:0.9`, `adaptive:0.9,1,9,0.01`; `fixed(5)` is the same.
fn plan(text: &str) -> std::result::Result<Plan, String> {
    let wrong = || "a plan is fixed:ANSWERS, or adaptive:TARGET[,MIN,MAX[,PRICE]]".to_string();
    let bracketed = || text.strip_suffix(')').and_then(|text| text.split_once('('));
    let (kind, numbers) = text.split_once(':').or_else(bracketed).ok_or_else(wrong)?;
    let numbers: Vec<f64> = numbers
        .split(',')
        .map(|number| number.trim().parse().ok().filter(|n: &f64| n.is_finite() && *n >= 0.0))
        .collect::<Option<_>>()
        .ok_or_else(wrong)?;
    let whole = |n: f64| (n >= 1.0 && n.fract() == 0.0 && n <= 10_000.0).then_some(n as usize);
    match (kind, numbers[..].as_ref()) {
        ("fixed", [overlap]) => {
            Ok(Plan::Fixed { overlap: whole(*overlap).ok_or("ANSWERS is a whole number from 1")? })
        }
        ("adaptive", [target, rest @ ..]) if *target <= 1.0 && [0, 2, 3].contains(&rest.len()) => {
            let [min, max] = [rest.first().unwrap_or(&1.0), rest.get(1).unwrap_or(&10.0)]
                .map(|n| whole(*n).ok_or("MIN and MAX are whole numbers from 1"));
            let (min, max) = (min?, max?);
            if min > max {
                return Err("MIN is more than MAX".into());
            }
            let price = rest.get(2).copied().unwrap_or(0.0);
            Ok(Plan::Adaptive(Adaptive { target: *target, min, max, price }))
        }
        _ => Err(wrong()),
    }
}

fn plan_said(plan: &Plan) -> String {
    match plan {
        Plan::Fixed { overlap } => format!("fixed:{overlap}"),
        Plan::Adaptive(of) => format!("adaptive:{},{},{},{}", of.target, of.min, of.max, of.price),
    }
}

pub fn replay(command: &ReplayPlans, print: &Print) -> Result {
    let opinions = opinions(&command.answers, Some(&command.truth), print)?;
    opinions.remark();
    if opinions.known.len() < command.gold + 10 {
        let what = format!(
            "{} tasks have answers and a truth: with {} of them as gold there is nothing left to measure by",
            opinions.known.len(),
            command.gold
        );
        return Err(Failure::usage(what).mend("Give more truth, or less --gold."));
    }
    let mut items = Vec::new();
    for plan in &command.plans {
        let mut sums = [0.0; 5];
        for time in 0..command.times {
            let seed = command.seed.wrapping_add(u64::from(time));
            let how = Replay { plan: *plan, gold: command.gold, seed };
            let outcome = stats::plan::replay(&opinions.answers, &opinions.known, &how);
            let got = [
                outcome.answers_per_item(),
                outcome.accuracy.unwrap_or(f64::NAN),
                outcome.claimed,
                outcome.calibration_error.unwrap_or(f64::NAN),
                outcome.doubtful as f64 / outcome.items as f64,
            ];
            sums.iter_mut().zip(got).for_each(|(sum, x)| *sum += x / f64::from(command.times));
        }
        let [answers_per_task, accuracy, claimed, calibration_error, doubtful] = sums.map(round);
        items.push(json!({
            "plan": plan_said(plan), "answers_per_task": answers_per_task, "accuracy": accuracy,
            "claimed": claimed, "calibration_error": calibration_error, "doubtful": doubtful,
        }));
    }
    let columns =
        ["plan", "answers_per_task", "accuracy", "claimed", "calibration_error", "doubtful"];
    print.list(items, &columns);
    if !print.json {
        note(&format!(
            "{} tasks, {} of them gold; each plan played {} times. A fixed plan takes the plain vote.",
            opinions.tasks.len(),
            command.gold,
            command.times
        ));
    }
    Ok(Outcome::Fine)
}

//! `bench/quality/run`: what the estimators reach on the answers of real crowds, what adaptive plans save, and how fast it is.
//!
//! Ends with 1 where a bound is broken. Sets in other folders are held to what must hold of any set.
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on should stop")]

mod worlds;

use serde_json::{Value, json};
use stats::answers::{Answer, Answers, Known, Shape, accuracy};
use stats::auto::{self, Method};
use stats::bradley_terry::{Ties, Vote, Votes, Winner, bootstrap, rank};
use stats::dawid_skene::{self, Model};
use stats::online::Online;
use stats::plan::{Adaptive, Plan, Replay, replay};
use stats::random::Random;
use stats::{calibration, glad, mace, vote};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

struct Set {
    name: String,
    answers: Answers,
    truth: Vec<Known>,
}

/// In the repository.
const SETS: [&str; 8] = ["dog", "face", "bluebird", "product", "rte", "senti_1k", "CF_amt", "SP"];

/// The largest share anywhere.
const ANYWHERE: f64 = 1.15;

/// A set, at how many votes it is compared, and the largest share of them that an adaptive plan may need.
const SAVINGS: [(&str, &[(usize, f64)]); 10] = [
    ("dog", &[(3, ANYWHERE), (5, 0.65), (9, 0.65)]),
    ("dog+spam", &[(5, 0.65), (9, 0.65)]),
    ("face", &[(3, ANYWHERE), (5, 0.65), (9, 0.65)]),
    ("face+spam", &[(5, 0.65), (9, 0.65)]),
    ("bluebird", &[(3, ANYWHERE), (5, 0.8), (7, 0.8), (9, 0.8)]),
    ("product", &[(3, 0.7)]),
    ("rte", &[(3, ANYWHERE), (5, ANYWHERE), (9, ANYWHERE)]),
    ("senti_1k", &[(3, ANYWHERE), (5, ANYWHERE), (9, ANYWHERE)]),
    ("CF_amt", &[(3, ANYWHERE), (5, ANYWHERE), (9, ANYWHERE)]),
    ("SP", &[(3, ANYWHERE), (5, ANYWHERE)]),
];

const GOLD: usize = 100;

struct Arguments {
    json: Option<PathBuf>,
    data: Option<PathBuf>,
    is_speed: bool,
    /// Instances of each made-up crowd.
    worlds: Option<u64>,
    answers: Option<PathBuf>,
}

fn main() -> std::process::ExitCode {
    let arguments = arguments();
    let mut broken = Vec::new();
    let mut report = serde_json::Map::new();
    if let Some(instances) = arguments.worlds {
        let sets = sets(None);
        report.insert("worlds".into(), worlds::measure(instances, &sets, &mut broken));
    } else if arguments.is_speed {
        report.insert("speed".into(), speed(arguments.answers.as_deref(), &mut broken));
    } else {
        let sets = sets(arguments.data.as_deref());
        report.insert("accuracy".into(), accuracies(&sets, &mut broken));
        report.insert("calibration".into(), calibrations(&sets, &mut broken));
        report.insert("savings".into(), savings(&sets, &mut broken));
    }
    for what in &broken {
        println!("BROKEN: {what}");
    }
    report.insert("broken".into(), json!(broken));
    if let Some(file) = arguments.json {
        std::fs::write(file, serde_json::to_string_pretty(&report).unwrap()).unwrap();
    }
    std::process::ExitCode::from(u8::from(!broken.is_empty()))
}

fn arguments() -> Arguments {
    let data = std::env::var_os("FAIRMARK_DATA").filter(|folder| !folder.is_empty());
    let data = data.map(|folder| PathBuf::from(folder).join("crowd"));
    let mut found = Arguments { json: None, data, is_speed: false, worlds: None, answers: None };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut file = || PathBuf::from(words.next().expect("a file after the flag"));
        match word.as_str() {
            "--json" => found.json = Some(file()),
            "--data" => found.data = Some(file()),
            "--speed" => found.is_speed = true,
            "--worlds" => {
                let count = words.next().and_then(|count| count.parse().ok());
                found.worlds = Some(count.expect("a number after --worlds"));
            }
            // These figures do not depend on how long they are measured.
            "--long" => {}
            "--answers" => found.answers = Some(file()),
            other => panic!(
                "{other}: --json FILE, --data FOLDER, --worlds COUNT, --speed [--answers FILE]"
            ),
        }
    }
    found
}

/// Those of the repository, and any others in the folder: `NAME/label.csv` of item, worker and label, and `NAME/truth.csv` of item and label.
fn sets(more: Option<&Path>) -> Vec<Set> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let file = |name: &str, what: &str| here.join(format!("{name}-{what}.csv"));
    let mut found: Vec<Set> =
        SETS.iter().map(|name| load(name, &file(name, "label"), &file(name, "truth"))).collect();
    let Some(folder) = more else { return found };
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !SETS.contains(&name.as_str()))
        .collect();
    names.sort();
    for name in names {
        let [label, truth] = ["label.csv", "truth.csv"].map(|of| folder.join(&name).join(of));
        if label.exists() && truth.exists() {
            found.push(load(&name, &label, &truth));
        }
    }
    found
}

fn load(name: &str, labels: &Path, truth: &Path) -> Set {
    let (rows, truth) = (fields(labels), fields(truth));
    let mut classes: Vec<&String> = rows.iter().map(|row| &row[2]).collect();
    classes.extend(truth.iter().map(|row| &row[1]));
    classes.sort_by_key(|class| (class.parse::<i64>().ok(), *class));
    classes.dedup();
    let class = |of: &String| classes.iter().position(|class| *class == of).unwrap();
    let (mut items, mut contributors) = (HashMap::new(), HashMap::new());
    let answers: Vec<Answer> = rows
        .iter()
        .map(|row| {
            let next = items.len() as u32;
            let item = *items.entry(&row[0]).or_insert(next);
            let next = contributors.len() as u32;
            let contributor = *contributors.entry(&row[1]).or_insert(next);
            Answer { item, contributor, label: class(&row[2]) as u32 }
        })
        .collect();
    let shape =
        Shape { items: items.len(), contributors: contributors.len(), classes: classes.len() };
    let truth = truth.iter().filter_map(|row| {
        items.get(&row[0]).map(|item| Known { item: *item as usize, class: class(&row[1]) })
    });
    let truth = truth.collect();
    Set { name: name.into(), answers: Answers::new(shape, &answers).unwrap(), truth }
}

/// Without the header.
fn fields(file: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let rows = text.lines().skip(1).filter(|line| !line.trim().is_empty());
    rows.map(|line| line.split(',').map(|field| field.trim().to_string()).collect()).collect()
}

const METHODS: [Method; 8] = [
    Method::Majority,
    Method::Wawa,
    Method::ZeroBasedSkill,
    Method::OneCoin,
    Method::DawidSkene,
    Method::Pooled,
    Method::Glad,
    Method::Mace,
];

fn accuracies(sets: &[Set], broken: &mut Vec<String>) -> Value {
    print!("\nAccuracy, %\n{:10}", "");
    METHODS.iter().for_each(|method| print!("{:>9}", method.name()));
    println!("{:>9}  chosen", "auto");
    let (mut rows, mut gains) = (Vec::new(), Vec::new());
    for set in sets {
        let of = |beliefs: &_| known_right(beliefs, set);
        let found = METHODS.map(|method| of(&auto::labelled(method, &set.answers, &[])));
        let choice = auto::choose(&set.answers, &[], 1);
        let chosen = of(&choice.beliefs);
        print!("{:10}", set.name);
        found.iter().for_each(|x| print!("{x:9.2}"));
        println!("{chosen:9.2}  {}", choice.method.name());
        gains.push(chosen - found[0]);
        if chosen < found[0] - 1.0 {
            broken.push(format!("auto on {} is {chosen:.2}, a vote {:.2}", set.name, found[0]));
        }
        let by_method: serde_json::Map<String, Value> =
            METHODS.iter().zip(found).map(|(m, x)| (m.name().into(), json!(x))).collect();
        rows.push(json!({ "set": set.name, "methods": by_method, "auto": chosen, "chosen": choice.method.name() }));
    }
    // Of those in the repository, which come first.
    let gain = gains[..SETS.len()].iter().sum::<f64>() / SETS.len() as f64;
    println!("auto is {gain:+.2} points from a plain vote on the mean of {} sets", SETS.len());
    if gain < 2.0 {
        broken.push(format!("auto gains {gain:.2} points on the mean, less than 2"));
    }
    json!({ "sets": rows, "mean_gain": gain })
}

/// The most that calibration may leave on items that are no gold.
const CALIBRATION_MAX: f64 = 0.05;

/// Of the chosen estimator, on items that are no gold, before and after calibration. The error is the plain one, over ten bins of equal width and averaged
/// over draws of the gold; beside it what claims that are perfect show by chance on as many items, and the root of the debiased square, which chance adds nothing to.
fn calibrations(sets: &[Set], broken: &mut Vec<String>) -> Value {
    println!(
        "\nCalibration error with {GOLD} gold, mean of many draws, at most {CALIBRATION_MAX}\n{:10}{:>10}{:>12}{:>11}{:>11}{:>13}  on items",
        "", "claimed", "calibrated", "9 in 10", "by chance", "debiased"
    );
    let mut rows = Vec::new();
    for set in sets.iter().filter(|set| set.truth.len() > 2 * GOLD) {
        let answers = &set.answers;
        let choice = auto::choose(answers, &[], 1);
        let all: Vec<f64> = (0..answers.shape.items)
            .filter(|item| answers.overlap(*item) > 0)
            .map(|item| choice.beliefs.best(item).1)
            .collect();
        // On few items draws differ more.
        let draws: u64 = if set.truth.len() < 1_000 { 200 } else { 50 };
        let mut truth = set.truth.clone();
        let mut random = Random::new(2);
        let (mut before, mut chance, mut square) = (0.0, 0.0, 0.0);
        let mut errors = Vec::new();
        for seed in 0..draws {
            random.shuffle(&mut truth);
            let (gold, rest) = truth.split_at(GOLD);
            let found = auto::calibrate_beliefs(&choice.beliefs, answers, gold, seed);
            let claims = |curve: &calibration::Curve| -> Vec<(f64, bool)> {
                let claim = |known: &Known| {
                    let (class, claimed) = choice.beliefs.best(known.item);
                    (curve.at(claimed), class == known.class)
                };
                rest.iter().map(claim).collect()
            };
            let error = calibration::expected_error;
            before += error(claims(&calibration::Curve::AsClaimed)) / draws as f64;
            let told = claims(&found.levels(all.iter().copied()));
            chance +=
                error(told.iter().map(|(p, _)| (*p, random.chance(*p))).collect()) / draws as f64;
            square += calibration::debiased_square(told.iter().copied()) / draws as f64;
            errors.push(error(told));
        }
        errors.sort_by(f64::total_cmp);
        let after = errors.iter().sum::<f64>() / draws as f64;
        let nine_in_ten = errors[errors.len() * 9 / 10];
        let debiased = square.max(0.0).sqrt();
        let items = truth.len() - GOLD;
        println!(
            "{:10}{before:10.3}{after:12.3}{nine_in_ten:11.3}{chance:11.3}{debiased:13.3}{items:10}",
            set.name
        );
        if after > CALIBRATION_MAX {
            broken.push(format!("calibration on {} leaves {after:.3}", set.name));
        }
        rows.push(json!({
            "set": set.name, "claimed": before, "calibrated": after, "nine_in_ten": nine_in_ten,
            "by_chance": chance, "debiased": debiased,
        }));
    }
    json!(rows)
}

fn known_right(beliefs: &stats::answers::Beliefs, set: &Set) -> f64 {
    100.0 * accuracy(beliefs, &set.truth).unwrap()
}

const TARGETS: [f64; 14] =
    [0.3, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.99, 0.999];

/// One point of a plan's curve, the mean of several plays.
#[derive(Clone, Copy)]
struct Point {
    labels: f64,
    accuracy: f64,
    claimed: f64,
}

fn savings(sets: &[Set], broken: &mut Vec<String>) -> Value {
    println!(
        "\nLabels per item at the accuracy of a plain vote of k; targets swept, thresholds from {GOLD} gold"
    );
    println!(
        "{:10}{:>4}{:>9}{:>9}{:>8}{:>8}   by its own claims: labels, accuracy",
        "", "k", "vote, %", "needs", "share", "bound"
    );
    let mut rows = Vec::new();
    let others = sets[SETS.len()..].iter().map(|set| {
        let overlap = set.answers.len() / set.answers.shape.items;
        let bounds: Vec<(usize, f64)> =
            [3, 5, 9].into_iter().filter(|k| *k <= overlap).map(|k| (k, ANYWHERE)).collect();
        (set.name.as_str(), bounds)
    });
    for (name, bounds) in SAVINGS.into_iter().map(|(name, of)| (name, of.to_vec())).chain(others) {
        let plain = name.trim_end_matches("+spam");
        let Some(set) = sets.iter().find(|set| set.name == plain) else { continue };
        let spammed = (plain != name).then(|| with_spam(&set.answers));
        let answers = spammed.as_ref().unwrap_or(&set.answers);
        let gold = GOLD.min(set.truth.len() / 2);
        let curve: Vec<Point> =
            TARGETS.iter().map(|target| adaptive(answers, &set.truth, *target, gold)).collect();
        for (k, bound) in bounds {
            let plan = Plan::Fixed { overlap: k };
            let times = if answers.shape.items < 2_000 { 200 } else { 20 };
            let vote = (0..times).map(|seed| {
                replay(answers, &set.truth, &Replay { plan, gold, seed }).accuracy.unwrap()
            });
            let vote = vote.sum::<f64>() / times as f64;
            let needs = crossing(&curve, vote, |point| point.accuracy);
            let share = needs.map(|point| point.labels / k as f64);
            let claimed = crossing(&curve, vote, |point| point.claimed);
            let said = |x: Option<f64>| x.map_or("-".into(), |x| format!("{x:.2}"));
            println!(
                "{name:10}{k:4}{:9.2}{:>9}{:>8}{bound:8.2}   {} at {}",
                100.0 * vote,
                said(needs.map(|point| point.labels)),
                said(share),
                said(claimed.map(|point| point.labels)),
                said(claimed.map(|point| 100.0 * point.accuracy)),
            );
            if share.is_none_or(|share| share > bound) {
                broken.push(format!(
                    "{name} at {k} votes needs {}, the bound is {bound}",
                    said(share)
                ));
            }
            rows.push(json!({
                "set": name, "votes": k, "vote_accuracy": vote, "labels": needs.map(|point| point.labels),
                "share": share, "bound": bound, "labels_by_claims": claimed.map(|point| point.labels),
                "accuracy_by_claims": claimed.map(|point| point.accuracy),
            }));
        }
    }
    json!(rows)
}

fn adaptive(answers: &Answers, truth: &[Known], target: f64, gold: usize) -> Point {
    // So often that a bound is not missed by chance alone: with a hundred gold, plays of small sets differ.
    let times = if answers.shape.items < 2_000 { 32 } else { 4 };
    let play = |seed: u64| {
        let plan = Plan::Adaptive(Adaptive { target, min: 1, max: 40, price: 0.0 });
        replay(answers, truth, &Replay { plan, gold, seed })
    };
    let play = &play;
    // Half of them on each of two threads, and summed up in their order.
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let halves = [0..times / 2, times / 2..times]
            .map(|seeds| scope.spawn(move || seeds.map(play).collect::<Vec<_>>()));
        halves.into_iter().flat_map(|half| half.join().unwrap()).collect()
    });
    let mut sum = Point { labels: 0.0, accuracy: 0.0, claimed: 0.0 };
    for outcome in outcomes {
        sum.labels += outcome.answers_per_item() / times as f64;
        sum.accuracy += outcome.accuracy.unwrap() / times as f64;
        sum.claimed += outcome.claimed / times as f64;
    }
    sum
}

/// Where a curve first reaches a height, between its points.
fn crossing(curve: &[Point], height: f64, of: impl Fn(&Point) -> f64) -> Option<Point> {
    if of(&curve[0]) >= height {
        return Some(curve[0]);
    }
    let pair = curve.windows(2).find(|pair| of(&pair[0]) < height && of(&pair[1]) >= height)?;
    let share = (height - of(&pair[0])) / (of(&pair[1]) - of(&pair[0]));
    let between = |of: fn(&Point) -> f64| of(&pair[0]) + share * (of(&pair[1]) - of(&pair[0]));
    Some(Point {
        labels: between(|point| point.labels),
        accuracy: between(|point| point.accuracy),
        claimed: between(|point| point.claimed),
    })
}

/// A fifth of all accounts, and of all answers, say anything.
fn with_spam(answers: &Answers) -> Answers {
    let mut random = Random::new(9);
    let honest = answers.shape.contributors;
    let spammers = honest.div_ceil(4);
    let mut rows: Vec<Answer> = answers.iter().collect();
    let mut who: Vec<usize> = (0..spammers).collect();
    for item in 0..answers.shape.items {
        random.shuffle(&mut who);
        for spammer in who.iter().take(answers.overlap(item).div_ceil(4)) {
            let label = random.below(answers.shape.classes) as u32;
            rows.push(Answer { item: item as u32, contributor: (honest + spammer) as u32, label });
        }
    }
    let shape = Shape { contributors: honest + spammers, ..answers.shape };
    Answers::new(shape, &rows).unwrap()
}

/// A made-up crowd: five answers of each item, four classes, contributors right with 0.4 to 0.95.
fn crowd(items: usize) -> (Shape, Vec<Answer>) {
    let mut random = Random::new(3);
    let contributors = 2_000;
    let skills: Vec<f64> = (0..contributors).map(|_| 0.4 + 0.55 * random.unit()).collect();
    let mut rows = Vec::with_capacity(items * 5);
    for item in 0..items as u32 {
        let class = random.below(4) as u32;
        for _ in 0..5 {
            let contributor = random.below(contributors);
            let is_right = random.chance(skills[contributor]);
            let label = if is_right { class } else { (class + 1 + random.below(3) as u32) % 4 };
            rows.push(Answer { item, contributor: contributor as u32, label });
        }
    }
    (Shape { items, contributors, classes: 4 }, rows)
}

/// Seconds of all processors that this process has used.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

/// The most memory held since the last call, in MB.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().split(' ').next()?.parse::<f64>().ok());
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    kilobytes.unwrap_or(0.0) / 1_000.0
}

fn timed<T>(what: &str, rows: &mut Vec<Value>, run: impl FnOnce() -> T) -> T {
    peak();
    let (start, before) = (std::time::Instant::now(), cpu());
    let result = run();
    let (wall, cpu, peak) = (start.elapsed().as_secs_f64(), cpu() - before, peak());
    println!("{what:58}{cpu:9.2} s CPU{wall:9.2} s{peak:9.0} MB");
    rows.push(json!({ "what": what, "cpu_s": cpu, "wall_s": wall, "peak_mb": peak }));
    result
}

/// What may be used at most, in seconds of all processors: the fewest letters that tell the row, and how much.
const SECONDS_MAX: [(&str, f64); 4] = [
    ("1 M answers: GLAD", 60.0),
    ("1 M answers: MACE", 60.0),
    // A millisecond for each.
    ("1 M answers: online, 10,000 more answers", 10.0),
    ("10 M answers: Dawid-Skene, full", 20.0),
];

fn speed(file: Option<&Path>, broken: &mut Vec<String>) -> Value {
    let mut rows = Vec::new();
    let (shape, answers) = crowd(200_000);
    if let Some(file) = file {
        let lines =
            answers.iter().map(|row| format!("{},{},{}\n", row.item, row.contributor, row.label));
        std::fs::write(file, "task,worker,label\n".to_string() + &lines.collect::<String>())
            .unwrap();
    }
    let table =
        timed("1 M answers: the table", &mut rows, || Answers::new(shape, &answers).unwrap());
    drop(answers);
    let options = |model| dawid_skene::Options { model, gain_min: 1e-5, ..Default::default() };
    for (what, model) in [("full", Model::Full), ("pooled", Model::Pooled(Default::default()))] {
        let what = format!("1 M answers: Dawid-Skene, {what}, twenty times");
        // The clock of processors ticks a hundred times a second.
        let rounds = timed(&what, &mut rows, || {
            let fits = (0..20).map(|_| dawid_skene::fit(&table, &options(model)).rounds);
            fits.max().unwrap_or(0)
        });
        println!("  {rounds} rounds");
    }
    timed("1 M answers: GLAD", &mut rows, || glad::fit(&table, &glad::Options::default()));
    timed("1 M answers: MACE", &mut rows, || mace::fit(&table, &mace::Options::default()));
    timed("1 M answers: zero-based skill", &mut rows, || vote::zero_based_skill(&table));
    timed("1 M answers: auto", &mut rows, || auto::choose(&table, &[], 1));
    let mut online = timed("1 M answers: online, from the table", &mut rows, || {
        Online::from_table(&table, &[], Default::default(), 3)
    });
    let mut random = Random::new(4);
    timed("1 M answers: online, 10,000 more answers", &mut rows, || {
        for _ in 0..10_000 {
            online.answer(random.below(200_000), random.below(2_000), random.below(4));
        }
    });
    drop((table, online));
    let (shape, answers) = crowd(2_000_000);
    let table =
        timed("10 M answers: the table", &mut rows, || Answers::new(shape, &answers).unwrap());
    drop(answers);
    let found = timed("10 M answers: Dawid-Skene, full", &mut rows, || {
        dawid_skene::fit(&table, &options(Model::Full))
    });
    println!("  {} rounds", found.rounds);
    drop((table, found));
    let votes: Vec<Vote> = (0..1_000_000)
        .map(|n| {
            let left = random.below(100);
            let right = (left + 1 + random.below(99)) % 100;
            let p = stats::special::logistic((right as f64 - left as f64) / 50.0);
            let winner = if random.chance(p) { Winner::Left } else { Winner::Right };
            Vote { left: left as u32, right: right as u32, winner, cluster: n / 100 }
        })
        .collect();
    let clustered =
        Votes { contestants: 100, votes: &votes, covariates: 0, values: &[], ties: Ties::Half };
    timed("1 M votes: Bradley-Terry, 10,000 clusters", &mut rows, || rank(&clustered, 0.95));
    let alone: Vec<Vote> =
        votes.iter().zip(0..).map(|(vote, n)| Vote { cluster: n, ..*vote }).collect();
    let single = Votes { votes: &alone, ..clustered };
    timed("1 M votes: 100 bootstrap rounds", &mut rows, || bootstrap(&single, 100, 0.95, 1));
    timed("1 M votes: 100 bootstrap rounds of clusters", &mut rows, || {
        bootstrap(&clustered, 100, 0.95, 1)
    });
    for (what, most) in SECONDS_MAX {
        let used =
            rows.iter().find(|row| row["what"] == what).and_then(|row| row["cpu_s"].as_f64());
        if used.is_none_or(|used| used > most) {
            broken.push(format!("{what}: {used:?} s CPU, at most {most}"));
        }
    }
    json!(rows)
}

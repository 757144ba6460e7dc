//! The same numbers as the published references where the model is the same: crowd-kit, krippendorff, scikit-learn, statsmodels, ppi-python, choix, Evalica, and
//! SciPy for Davidson's likelihood; masks and texts are in `fusion.rs`. `golden/` is made by `bench/quality/{golden,agreement,fusion}.py`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod sets;

use stats::answers::{Answers, Beliefs, Known, accuracy};
use stats::bradley_terry::{Ranking, Ties, Vote, Votes, Winner, rank};
use stats::dawid_skene::{self, Model};
use stats::{alpha, auto, glad, kappa, mace, ppi, vote};

/// The largest difference of a probability from the reference's.
fn farthest(set: &str, method: &str, beliefs: &Beliefs) -> f64 {
    let lines = sets::lines(&format!("golden/{set}.csv"));
    let columns: Vec<usize> = (0..beliefs.classes)
        .map(|class| {
            let name = format!("{method}_{class}");
            lines[0].iter().position(|column| *column == name).unwrap()
        })
        .collect();
    let mut farthest = 0.0_f64;
    for line in &lines[1..] {
        let item: usize = line[0].parse().unwrap();
        for (column, p) in columns.iter().zip(beliefs.of(item)) {
            farthest = farthest.max((line[*column].parse::<f64>().unwrap() - p).abs());
        }
    }
    assert!(lines.len() > 50, "{set} has its golden numbers");
    farthest
}

fn dawid_skene(answers: &Answers, model: Model) -> Beliefs {
    let options = dawid_skene::Options {
        model,
        rounds_max: 50,
        gain_min: f64::NEG_INFINITY,
        ..Default::default()
    };
    dawid_skene::fit(answers, &options).beliefs
}

#[test]
fn each_estimator_gives_the_numbers_of_the_reference() {
    for set in ["bluebird", "face", "dog"] {
        let answers = sets::table(&sets::rows(set));
        let mace = mace::Options { gain_min: 0.0, rounds_max: 50 };
        let found = [
            ("majority", vote::majority(&answers)),
            ("wawa", vote::wawa(&answers).beliefs),
            ("zbs", vote::zero_based_skill(&answers).beliefs),
            ("ds", dawid_skene(&answers, Model::Full)),
            ("onecoin", dawid_skene(&answers, Model::OneCoin)),
            ("mace", mace::fit(&answers, &mace).beliefs),
        ];
        for (method, beliefs) in found {
            let farthest = farthest(set, method, &beliefs);
            assert!(farthest < 1e-6, "{method} on {set} is off by {farthest}");
        }
    }
}

#[test]
fn glad_ends_where_the_reference_ends() {
    let mut rows = sets::rows("bluebird");
    rows.retain(|row| row.contributor < 8 && row.item < 60);
    let options = glad::Options { rounds_max: 5_000, move_min: 1e-10 };
    let found = glad::fit(&sets::table(&rows), &options);
    let farthest = farthest("bluebird-glad", "glad", &found.beliefs);
    assert!(farthest < 1e-6, "off by {farthest} after {} rounds", found.rounds);
}

/// Votes of a set, and the names of the contestants.
fn votes(set: &str) -> (Vec<Vote>, Vec<String>) {
    let mut names: Vec<String> = Vec::new();
    let mut index = |name: &String| {
        names.iter().position(|known| known == name).unwrap_or_else(|| {
            names.push(name.clone());
            names.len() - 1
        }) as u32
    };
    let votes = (0..)
        .zip(&sets::lines(&format!("data/{set}.csv"))[1..])
        .map(|(cluster, line)| {
            let winner = match line[2].as_str() {
                "left" => Winner::Left,
                "right" => Winner::Right,
                _ => Winner::Tie,
            };
            Vote { left: index(&line[0]), right: index(&line[1]), winner, cluster }
        })
        .collect();
    (votes, names)
}

fn ranked(votes: &[Vote], contestants: usize, ties: Ties) -> Ranking {
    rank(&Votes { contestants, votes, covariates: 0, values: &[], ties }, 0.95)
}

/// evalica gives strengths as shares of their sum, and half a win for a tie.
#[test]
fn bradley_terry_gives_the_shares_of_the_reference() {
    for set in ["evalica-food", "evalica-simple"] {
        let (votes, names) = votes(set);
        let ranking = ranked(&votes, names.len(), Ties::Half);
        let shares: Vec<f64> = ranking.strengths.iter().map(|s| s.exp()).collect();
        let sum: f64 = shares.iter().sum();
        let golden = sets::lines(&format!("golden/{set}.csv"));
        let golden = golden.iter().filter(|line| line[0] == "bradley_terry");
        let mut compared = 0;
        for line in golden {
            let at = names.iter().position(|name| *name == line[1]).unwrap();
            let (got, want) = (shares[at] / sum, line[2].parse::<f64>().unwrap());
            assert!((got - want).abs() < 1e-5, "{set} {}: {got} is not {want}", line[1]);
            compared += 1;
        }
        assert_eq!(compared, names.len());
    }
}

/// Davidson's likelihood, as SciPy maximizes it.
#[test]
fn ties_come_out_where_the_likelihood_is_greatest() {
    let golden = sets::lines("golden/davidson.csv");
    for set in ["food", "simple"] {
        let (votes, names) = votes(&format!("evalica-{set}"));
        let ranking = ranked(&votes, names.len(), Ties::Davidson);
        let (tie, _) = ranking.ties.unwrap();
        let mut compared = 0;
        for line in golden.iter().filter(|line| line[0] == set) {
            let got = match names.iter().position(|name| *name == line[1]) {
                Some(at) => ranking.strengths[at],
                None => 2.0 * tie / (1.0 - tie),
            };
            let want: f64 = line[2].parse().unwrap();
            assert!((got - want).abs() < 1e-4, "{set} {}: {got} is not {want}", line[1]);
            compared += 1;
        }
        assert_eq!(compared, names.len() + 1);
    }
}

/// `golden/agreement.csv` is made by `bench/quality/agreement.py`.
fn of_others(what: &str) -> f64 {
    let lines = sets::lines("golden/agreement.csv");
    let line = lines.iter().find(|line| line[0] == what);
    line.unwrap_or_else(|| panic!("{what}"))[1].parse().unwrap()
}

#[track_caller]
fn is_that_of_others(what: &str, got: f64) {
    let want = of_others(what);
    assert!((got - want).abs() < 1e-6, "{what}: {got} is not {want}");
}

/// Of each item, by the first workers; in their order.
fn codings(set: &str, workers: u32) -> Vec<Vec<usize>> {
    let mut rows = sets::rows(set);
    let shape = sets::shape(&rows);
    rows.retain(|row| row.contributor < workers);
    let answers = Answers::new(shape, &rows).unwrap();
    (0..shape.items).map(|item| answers.of_item(item).map(|(_, label)| label).collect()).collect()
}

/// krippendorff, scikit-learn and statsmodels.
#[test]
fn agreement_is_that_of_the_references() {
    let face = codings("face", 9);
    is_that_of_others("alpha_nominal", alpha::nominal(&face).value.unwrap());
    is_that_of_others("alpha_ordinal", alpha::ordinal(&face).value.unwrap());
    let measures = |unit: &Vec<usize>| unit.iter().map(|label| *label as f64).collect();
    let measures: Vec<Vec<f64>> = face.iter().map(measures).collect();
    is_that_of_others("alpha_interval", alpha::interval(&measures).value.unwrap());
    let birds = codings("bluebird", 9);
    assert!(birds.iter().all(|unit| unit.len() == 9));
    let pairs: Vec<(usize, usize)> = birds.iter().map(|unit| (unit[0], unit[1])).collect();
    is_that_of_others("cohen", kappa::cohen(&pairs).unwrap());
    is_that_of_others("fleiss", kappa::fleiss(&birds).unwrap());
}

/// ppi-python: the labels of a third, and the share of votes for all.
#[test]
fn a_mean_with_predictions_is_that_of_the_reference() {
    let mut truth = sets::truth("bluebird");
    truth.sort_by_key(|known| known.item);
    let share = |unit: &Vec<usize>| unit.iter().sum::<usize>() as f64 / unit.len() as f64;
    let shares: Vec<f64> = codings("bluebird", 39).iter().map(share).collect();
    let (labelled, rest): (Vec<&Known>, Vec<&Known>) =
        truth.iter().partition(|known| known.item % 3 == 0);
    let labelled: Vec<(f64, f64)> =
        labelled.iter().map(|known| (known.class as f64, shares[known.item])).collect();
    let predicted: Vec<f64> = rest.iter().map(|known| shares[known.item]).collect();
    let found = ppi::mean(&labelled, &predicted, 0.95).unwrap();
    is_that_of_others("ppi_mean", found.mean);
}

/// choix: the likeliest strengths, of the votes that are no ties.
#[test]
fn strengths_are_those_of_the_reference() {
    let (mut votes, names) = votes("evalica-food");
    votes.retain(|vote| vote.winner != Winner::Tie);
    let found = ranked(&votes, names.len(), Ties::Half).strengths;
    let mean = found.iter().sum::<f64>() / found.len() as f64;
    for (name, strength) in names.iter().zip(&found) {
        is_that_of_others(&format!("strength_{name}"), strength - mean);
    }
}

#[test]
fn the_choice_is_never_far_below_a_vote_and_better_on_the_whole() {
    let mut gains = 0.0;
    for set in ["bluebird", "face", "dog"] {
        let answers = sets::table(&sets::rows(set));
        let truth = sets::truth(set);
        let voted = accuracy(&vote::majority(&answers), &truth).unwrap();
        // By whichever seed.
        for seed in 1..6 {
            let choice = auto::choose(&answers, &[], seed);
            let gain = accuracy(&choice.beliefs, &truth).unwrap() - voted;
            assert!(gain > -0.01, "{set}: {gain}");
            gains += gain / 5.0;
        }
    }
    assert!(gains / 3.0 > 0.03, "{gains}");
}

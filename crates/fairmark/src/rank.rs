//! `fairmark rank`: a leaderboard out of votes between two, without any server.

use crate::failure::{Failure, Outcome, Result};
use crate::opinions::round;
use crate::print::{Print, note};
use crate::rows::{Names, Place, needed, read, wanted};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use stats::bradley_terry::{
    Fragility, Ranking, Ties, Vote, Votes, Winner, bootstrap, fragility, rank,
};
use stats::interval::Interval;
use std::path::PathBuf;

#[derive(Args)]
pub struct Rank {
    /// Votes: CSV, TSV, JSON lines or Parquet with left, right and winner (left, right, tie, or the name of the one), and worker if
    /// the votes of one person are to count as one cluster.
    votes: PathBuf,
    /// What a tie is: half a win for each, as leaderboards have it, or an outcome with a probability of its own (Davidson).
    #[arg(long, value_enum, default_value = "half")]
    ties: TieMode,
    /// What else may sway a vote: a column of numbers, or two with _left and _right after the name, whose difference counts. Its effect is told for one
    /// standard deviation, and ranks are those without it. May be given several times.
    #[arg(long = "covariate", value_name = "COLUMN", conflicts_with = "bootstrap")]
    covariates: Vec<String>,
    /// Tells how much better the left side does for being the left one.
    #[arg(long, conflicts_with = "bootstrap")]
    side: bool,
    /// For so many places from the first: how few votes keep them from falling by one.
    #[arg(long, default_value_t = 1, value_name = "PLACES")]
    drop: usize,
    /// Intervals by drawing the votes again, so many times, instead of by the sandwich.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    bootstrap: u32,
    /// How often an interval is to hold.
    #[arg(long, default_value_t = 0.95, value_parser = level)]
    level: f64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Clone, Copy, ValueEnum)]
enum TieMode {
    Half,
    Davidson,
}

impl From<TieMode> for Ties {
    fn from(mode: TieMode) -> Ties {
        match mode {
            TieMode::Half => Ties::Half,
            TieMode::Davidson => Ties::Davidson,
        }
    }
}

fn level(text: &str) -> std::result::Result<f64, String> {
    let level = text.parse().ok().filter(|level| *level > 0.0 && *level < 1.0);
    level.ok_or_else(|| "a level is between 0 and 1".into())
}

pub fn run(command: &Rank, print: &Print) -> Result {
    let (mut names, mut contributors) = (Names::default(), Names::default());
    let mut votes = Vec::new();
    let mut is_clustered = true;
    let sides: Vec<[String; 3]> = command
        .covariates
        .iter()
        .map(|name| [name.clone(), format!("{name}_left"), format!("{name}_right")])
        .collect();
    let columns: Vec<[&str; 1]> = sides.iter().flatten().map(|name| [name.as_str()]).collect();
    let mut fields = vec![
        needed(&["left", "model_a"]),
        needed(&["right", "model_b"]),
        needed(&["winner"]),
        wanted(&["worker", "contributor", "judge"]),
    ];
    fields.extend(columns.iter().map(|name| wanted(name)));
    let mut values: Vec<f64> = Vec::new();
    read(&command.votes, &fields, print, |place, row| {
        let (left, right) = (names.index(row[0]), names.index(row[1]));
        if left == right {
            return Err(place.wrong("right", "it is the same as the left one"));
        }
        let winner = match row[2] {
            "left" | "model_a" => Winner::Left,
            "right" | "model_b" => Winner::Right,
            "tie" | "draw" | "both" | "tie (bothbad)" => Winner::Tie,
            name if name == row[0] => Winner::Left,
            name if name == row[1] => Winner::Right,
            other => {
                let what = format!("\"{other}\" is not left, right, tie, or one of the two");
                return Err(place.wrong("winner", what));
            }
        };
        is_clustered &= !row[3].is_empty();
        let cluster = if is_clustered { contributors.index(row[3]) } else { 0 };
        votes.push(Vote { left, right, winner, cluster });
        for (texts, names) in row[4..].chunks(3).zip(&sides) {
            values.push(covariate(place, names, texts)?);
        }
        if command.side {
            values.push(1.0);
        }
        Ok(())
    })?;
    if votes.is_empty() {
        return Err(Failure::new(format!("{}: there are no votes in it", command.votes.display())));
    }
    if !is_clustered {
        // Each vote on its own, where it is not known of each whose it is.
        votes.iter_mut().zip(0..).for_each(|(vote, number)| vote.cluster = number);
    }
    let mut swayed = command.covariates.clone();
    swayed.extend(command.side.then(|| "(left side)".to_string()));
    scale(&mut values, swayed.len(), command.covariates.len());
    let votes = Votes {
        contestants: names.len(),
        votes: &votes,
        covariates: swayed.len(),
        values: &values,
        ties: command.ties.into(),
    };
    let ranking = rank(&votes, command.level);
    let intervals = match command.bootstrap {
        0 => ranking.intervals.clone(),
        rounds => bootstrap(&votes, rounds as usize, command.level, command.seed),
    };
    let board = Board {
        votes: &votes,
        ranking: &ranking,
        intervals: &intervals,
        names: &names,
        swayed: &swayed,
    };
    board.tell(command.drop, print);
    Ok(Outcome::Fine)
}

/// The column itself, or what the left one's is more than the right one's.
fn covariate(place: &Place<'_>, names: &[String; 3], texts: &[&str]) -> Result<f64> {
    let number = |at: usize| -> Result<f64> {
        let number = texts[at].parse().ok().filter(|number: &f64| number.is_finite());
        number.ok_or_else(|| place.wrong(&names[at], format!("\"{}\" is not a number", texts[at])))
    };
    match texts {
        ["", "", ""] => {
            let what = format!("there is neither {0} nor {0}_left and {0}_right", names[0]);
            Err(place.wrong(&names[0], what))
        }
        ["", ..] => Ok(number(1)? - number(2)?),
        _ => number(0),
    }
}

/// Each of the first columns in its standard deviations. Not from its mean: zero is where nothing sways.
fn scale(values: &mut [f64], columns: usize, scaled: usize) {
    for column in 0..scaled {
        let of = || values.iter().skip(column).step_by(columns);
        let count = of().count() as f64;
        let mean = of().sum::<f64>() / count;
        let deviation = (of().map(|x| (x - mean).powi(2)).sum::<f64>() / count).sqrt();
        if deviation > 0.0 {
            values.iter_mut().skip(column).step_by(columns).for_each(|x| *x /= deviation);
        }
    }
}

/// Of a strength of one: 400 points are odds of ten to one.
const POINTS: f64 = 400.0 / std::f64::consts::LN_10;

/// 1000 is the mean.
fn rating(strength: f64) -> f64 {
    round(1_000.0 + strength * POINTS)
}

/// What is told.
struct Board<'a> {
    votes: &'a Votes<'a>,
    ranking: &'a Ranking,
    intervals: &'a [Interval],
    names: &'a Names,
    /// Of the covariates.
    swayed: &'a [String],
}

impl Board<'_> {
    fn tell(&self, drop: usize, print: &Print) {
        let Board { votes, ranking, names, .. } = self;
        let fragile: Vec<Option<Fragility>> = (0..drop.min(names.len().saturating_sub(1)))
            .map(|place| fragility(votes, ranking, place))
            .collect();
        if print.json {
            let falls: Vec<Value> = fragile.iter().map(|of| self.drop_json(of.as_ref())).collect();
            let effects: Vec<Value> = self.effects(|x| x);
            let said = json!({
                "items": self.places(|x| x), "clusters": ranking.clusters, "votes": votes.votes.len(),
                "effects": effects, "tie_between_equals": ranking.ties.map(|(share, of)| json!({
                    "share": round(share), "low": round(of.low), "high": round(of.high),
                })),
                "first_falls_without": falls.first(), "falls_without": falls,
            });
            return print.say(said, "");
        }
        let items = self.places(f64::round);
        print.list(items, &["rank", "ranks", "name", "rating", "low", "high", "votes"]);
        for of in self.effects(f64::round) {
            note(&format!(
                "{}: {} points a standard deviation ({} to {}).",
                of["name"].as_str().unwrap_or_default(),
                of["points"],
                of["low"],
                of["high"]
            ));
        }
        if let Some((share, of)) = ranking.ties {
            let [share, low, high] = [share, of.low, of.high].map(|x| 100.0 * x);
            note(&format!(
                "Two of the same strength tie with {share:.1} % ({low:.1} to {high:.1})."
            ));
        }
        note(&format!("{} votes in {} clusters.", votes.votes.len(), ranking.clusters));
        for fragile in fragile.iter().flatten() {
            note(&format!(
                "Without {} of {} votes ({:.3} %), {} would be ahead of {}.",
                fragile.votes.len(),
                votes.votes.len(),
                100.0 * fragile.share,
                names.names[fragile.pair.1],
                names.names[fragile.pair.0]
            ));
        }
    }

    fn places(&self, places: impl Fn(f64) -> f64) -> Vec<Value> {
        let mut counts = vec![0u64; self.names.len()];
        for vote in self.votes.votes {
            counts[vote.left as usize] += 1;
            counts[vote.right as usize] += 1;
        }
        let place = |(place, of): (usize, usize)| {
            let (best, worst) = self.ranking.ranks[of];
            json!({
                "rank": place + 1, "ranks": format!("{best}-{worst}"), "name": self.names.names[of],
                "rating": places(rating(self.ranking.strengths[of])),
                "low": places(rating(self.intervals[of].low)),
                "high": places(rating(self.intervals[of].high)), "votes": counts[of],
            })
        };
        self.ranking.order().into_iter().enumerate().map(place).collect()
    }

    fn effects(&self, places: impl Fn(f64) -> f64) -> Vec<Value> {
        let points = |x: f64| places(round(x * POINTS));
        let effect = |(name, (effect, of)): (&String, &(f64, Interval))| {
            json!({
                "name": name, "points": points(*effect), "low": points(of.low),
                "high": points(of.high),
            })
        };
        self.swayed.iter().zip(&self.ranking.effects).map(effect).collect()
    }

    fn drop_json(&self, fragile: Option<&Fragility>) -> Value {
        fragile.map_or(Value::Null, |fragile| {
            json!({
                "votes": fragile.votes.len(), "share": fragile.share,
                "ahead": self.names.names[fragile.pair.0],
                "behind": self.names.names[fragile.pair.1],
            })
        })
    }
}

//! `fairmark rank`: a leaderboard out of votes between two, without any server.

use crate::failure::{Failure, Outcome, Result};
use crate::opinions::round;
use crate::print::{Print, note};
use crate::rows::{Names, needed, read, wanted};
use clap::Args;
use serde_json::{Value, json};
use stats::bradley_terry::{Ranking, Ties, Vote, Votes, Winner, bootstrap, fragility, rank};
use stats::interval::Interval;
use std::path::PathBuf;

#[derive(Args)]
pub struct Rank {
    /// Votes: CSV, TSV or JSON lines with left, right and winner (left, right, tie, or the name of the one), and worker if
    /// the votes of one person are to count as one cluster.
    votes: PathBuf,
    /// Intervals by drawing the votes again, so many times, instead of by the sandwich.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    bootstrap: u32,
    /// How often an interval is to hold.
    #[arg(long, default_value_t = 0.95, value_parser = level)]
    level: f64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn level(text: &str) -> std::result::Result<f64, String> {
    let level = text.parse().ok().filter(|level| *level > 0.0 && *level < 1.0);
    level.ok_or_else(|| "a level is between 0 and 1".into())
}

pub fn run(command: &Rank, print: &Print) -> Result {
    let (mut names, mut contributors) = (Names::default(), Names::default());
    let mut votes = Vec::new();
    let mut is_clustered = true;
    let fields = [
        needed(&["left", "model_a"]),
        needed(&["right", "model_b"]),
        needed(&["winner"]),
        wanted(&["worker", "contributor", "judge"]),
    ];
    read(&command.votes, &fields, print, |place, values| {
        let (left, right) = (names.index(values[0]), names.index(values[1]));
        if left == right {
            return Err(place.wrong("right", "it is the same as the left one"));
        }
        let winner = match values[2] {
            "left" | "model_a" => Winner::Left,
            "right" | "model_b" => Winner::Right,
            "tie" | "draw" | "both" | "tie (bothbad)" => Winner::Tie,
            name if name == values[0] => Winner::Left,
            name if name == values[1] => Winner::Right,
            other => {
                let what = format!("\"{other}\" is not left, right, tie, or one of the two");
                return Err(place.wrong("winner", what));
            }
        };
        is_clustered &= !values[3].is_empty();
        let cluster = if is_clustered { contributors.index(values[3]) } else { 0 };
        votes.push(Vote { left, right, winner, cluster });
        Ok(())
    })?;
    if votes.is_empty() {
        return Err(Failure::new(format!("{}: there are no votes in it", command.votes.display())));
    }
    if !is_clustered {
        // Each vote on its own, where it is not known of each whose it is.
        votes.iter_mut().zip(0..).for_each(|(vote, number)| vote.cluster = number);
    }
    let votes = Votes {
        contestants: names.len(),
        votes: &votes,
        covariates: 0,
        values: &[],
        ties: Ties::Half,
    };
    let ranking = rank(&votes, command.level);
    let intervals = match command.bootstrap {
        0 => ranking.intervals.clone(),
        rounds => bootstrap(&votes, rounds as usize, command.level, command.seed),
    };
    tell(&votes, &ranking, &intervals, &names, print);
    Ok(Outcome::Fine)
}

/// 1000 is the mean, and 400 points are odds of ten to one.
fn rating(strength: f64) -> f64 {
    round(1_000.0 + strength * 400.0 / std::f64::consts::LN_10)
}

fn tell(
    votes: &Votes<'_>,
    ranking: &Ranking,
    intervals: &[Interval],
    names: &Names,
    print: &Print,
) {
    let mut counts = vec![0u64; names.len()];
    for vote in votes.votes {
        counts[vote.left as usize] += 1;
        counts[vote.right as usize] += 1;
    }
    let places = |x: f64| if print.json { x } else { x.round() };
    let items: Vec<Value> = ranking
        .order()
        .into_iter()
        .enumerate()
        .map(|(place, of)| {
            let (best, worst) = ranking.ranks[of];
            json!({
                "rank": place + 1, "ranks": format!("{best}-{worst}"), "name": names.names[of],
                "rating": places(rating(ranking.strengths[of])),
                "low": places(rating(intervals[of].low)),
                "high": places(rating(intervals[of].high)), "votes": counts[of],
            })
        })
        .collect();
    let fragile = fragility(votes, ranking, 0);
    let fragile_said = fragile.as_ref().map(|fragile| {
        format!(
            "Without {} of {} votes ({:.3} %), {} would be ahead of {}.",
            fragile.votes.len(),
            votes.votes.len(),
            100.0 * fragile.share,
            names.names[fragile.pair.1],
            names.names[fragile.pair.0]
        )
    });
    if print.json {
        let drop = fragile.map(|fragile| {
            json!({
                "votes": fragile.votes.len(), "share": fragile.share,
                "ahead": names.names[fragile.pair.0], "behind": names.names[fragile.pair.1],
            })
        });
        let said = json!({
            "items": items, "clusters": ranking.clusters, "votes": votes.votes.len(),
            "first_falls_without": drop,
        });
        return print.say(said, "");
    }
    print.list(items, &["rank", "ranks", "name", "rating", "low", "high", "votes"]);
    note(&format!("{} votes in {} clusters.", votes.votes.len(), ranking.clusters));
    if let Some(said) = fragile_said {
        note(&said);
    }
}

"""The references of `bench/quality/run --speed`: crowd-kit on the same million answers, choix and arena-rank on as many votes.

arena-rank has the sandwich of independent votes; ours of votes in clusters costs more, and is what is compared.
"""

import json
import resource
import sys
import time

import choix
import numpy as np
import pandas as pd
from crowdkit.aggregation import DawidSkene

try:
    from arena_rank.models.bradley_terry import BradleyTerry
    from arena_rank.utils.data_utils import PairDataset
except ImportError:
    BradleyTerry = None


def timed(what, rows, run):
    wall, cpu = time.perf_counter(), time.process_time()
    result = run()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(f"{what:58}{cpu:9.2f} s CPU{wall:9.2f} s{peak:9.0f} MB", flush=True)
    rows.append({"what": what, "cpu_s": cpu, "wall_s": wall, "peak_mb": peak})
    return result


def bootstrap(wins, rounds, random):
    total, shares = int(wins.sum()), (wins / wins.sum()).ravel()
    start = choix.ilsr_pairwise_dense(wins, alpha=0.01)
    for _ in range(rounds):
        drawn = random.multinomial(total, shares).reshape(wins.shape).astype(float)
        choix.ilsr_pairwise_dense(drawn, alpha=0.01, initial_params=start)


def main():
    rows = []
    data = pd.read_csv(sys.argv[1])
    model = timed("1 M answers: Dawid-Skene, crowd-kit", rows, lambda: DawidSkene().fit(data))
    print(f"  {len(model.loss_history_)} rounds")
    random = np.random.default_rng(4)
    left, right = random.integers(0, 100, (2, 1_000_000))
    p = 1 / (1 + np.exp(-(right - left) / 50))
    is_left = random.random(len(p)) < p
    wins = np.zeros((100, 100))
    np.add.at(wins, (np.where(is_left, left, right), np.where(is_left, right, left)), 1)
    np.fill_diagonal(wins, 0)
    timed("1 M votes: 100 bootstrap rounds, choix", rows, lambda: bootstrap(wins, 100, random))
    if BradleyTerry:
        winner = np.where(is_left, "model_a", "model_b")
        votes = pd.DataFrame({"model_a": left, "model_b": right, "winner": winner})[left != right]

        def arena():
            found = PairDataset.from_pandas(votes)
            return BradleyTerry(100).compute_ratings_and_cis(found)

        # Twice: the first compiles.
        timed("1 M votes: Bradley-Terry, arena-rank, compiling", rows, arena)
        timed("1 M votes: Bradley-Terry, arena-rank", rows, arena)
    path = sys.argv[sys.argv.index("--json") + 1]
    with open(path) as file:
        report = json.load(file)
    report["reference"] = rows
    report["times_as_fast"] = {}
    is_met = True
    for what, ours, share, theirs, least in COMPARED:
        used = [row["cpu_s"] for row in report["speed"] if row["what"] == ours][0] * share
        reference = [row["cpu_s"] for row in rows if row["what"] == theirs]
        if not reference:
            print(f"skipped: {what}: it cannot be installed here")
            continue
        # The clock of processors ticks a hundred times a second.
        times = reference[0] / max(used, 0.01)
        report["times_as_fast"][what] = times
        is_met = is_met and times >= least
        print(f"{what:70}{times:9.1f}   at least {least} {'met' if times >= least else 'MISSED'}")
    with open(path, "w") as file:
        json.dump(report, file, indent=2)
    sys.exit(not is_met)


# What, our row, its share, the reference's row, and how many times as fast ours is to be.
COMPARED = [
    (
        "Dawid-Skene to convergence, times as fast as crowd-kit",
        "1 M answers: Dawid-Skene, full, twenty times",
        1 / 20,
        "1 M answers: Dawid-Skene, crowd-kit",
        30,
    ),
    (
        "Bradley-Terry with intervals by clusters, times as fast as arena-rank",
        "1 M votes: Bradley-Terry, 10,000 clusters",
        1,
        "1 M votes: Bradley-Terry, arena-rank",
        10,
    ),
    (
        "100 bootstrap rounds of votes, times as fast as choix on counts",
        "1 M votes: 100 bootstrap rounds",
        1,
        "1 M votes: 100 bootstrap rounds, choix",
        1,
    ),
]

main()

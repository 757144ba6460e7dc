"""The references of `bench/quality/run --speed`: crowd-kit on the same million answers, choix on as many votes."""

import json
import resource
import sys
import time

import choix
import numpy as np
import pandas as pd
from crowdkit.aggregation import DawidSkene


TIMES_MIN = 30


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
    path = sys.argv[sys.argv.index("--json") + 1]
    with open(path) as file:
        report = json.load(file)
    ours = next(row for row in report["speed"] if "Dawid-Skene, full" in row["what"])
    times = rows[0]["cpu_s"] / (ours["cpu_s"] / 20)
    report["reference"] = rows
    report["times_as_fast"] = times
    with open(path, "w") as file:
        json.dump(report, file, indent=2)
    verdict = "met" if times >= TIMES_MIN else "MISSED"
    print(f"Dawid-Skene to convergence, times as fast as crowd-kit {times:14.1f}   at least {TIMES_MIN} {verdict}")
    sys.exit(times < TIMES_MIN)


main()

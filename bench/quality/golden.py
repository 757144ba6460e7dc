"""Makes crates/stats/tests/golden: what crowd-kit says of the sets in crates/stats/tests/data.

    pip install crowd-kit choix
    python bench/quality/golden.py [SET ...]

Dawid-Skene and MACE run a fixed number of rounds, so that both sides stop at the same place; MACE begins evenly instead of at random;
GLAD maximizes each round as far as it can, since both only meet where nothing moves any more.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from crowdkit.aggregation.classification import majority_vote
from crowdkit.aggregation import GLAD, MACE, DawidSkene, MajorityVote, OneCoinDawidSkene, Wawa, ZeroBasedSkill

# The first of equals, by class instead of by the order in which a table happens to have its columns.
majority_vote.get_most_probable_labels = lambda probas: probas.sort_index(axis=1).idxmax(axis=1)

STATS = Path(__file__).parents[2] / "crates/stats/tests"


class EvenMACE(MACE):
    def _initialize(self, n_workers, n_labels):
        super()._initialize(n_workers, n_labels)
        self.spamming_ = np.full((n_workers, 2), 0.5)
        self.thetas_ = np.full((n_workers, n_labels), 1.0 / n_labels)


def mace(data):
    # It takes contributors and labels in the order in which they appear for sorted ones: so they have to appear sorted.
    data = data.sort_values("worker", kind="stable").reset_index(drop=True)
    labels = list(dict.fromkeys(data.label))
    data["label"] = data.label.map({label: at for at, label in enumerate(labels)})
    found = EvenMACE(n_restarts=1, n_iter=50).fit_predict_proba(data)
    return found.rename(columns=dict(enumerate(labels)))


def glad(data):
    model = GLAD(n_iter=400, tol=-np.inf, m_step_tol=1e-10, m_step_max_iter=400)
    return model.fit_predict_proba(data)


def by_skill(model):
    # Its own `predict` does not go with newer scikit-learns, and is this.
    def run(data):
        return MajorityVote().fit_predict_proba(data, model().fit(data).skills_)

    return run


METHODS = {
    "majority": lambda data: MajorityVote().fit_predict_proba(data),
    "wawa": by_skill(Wawa),
    "zbs": by_skill(ZeroBasedSkill),
    "ds": lambda data: DawidSkene(n_iter=50, tol=-np.inf).fit_predict_proba(data),
    "onecoin": lambda data: OneCoinDawidSkene(n_iter=50, tol=-np.inf).fit_predict_proba(data),
    "mace": mace,
}


def write(name, data, methods):
    columns = {}
    for method, run in methods.items():
        found = run(data.copy()).fillna(0.0).sort_index(axis=0).sort_index(axis=1)
        for label in found.columns:
            columns[f"{method}_{label}"] = found[label].map(lambda p: f"{p:.9g}")
    pd.DataFrame(columns).to_csv(STATS / "golden" / f"{name}.csv", index_label="item")


def main(names):
    for name in names:
        data = pd.read_csv(STATS / "data" / f"{name.removesuffix('-glad')}-label.csv")
        data.columns = ["task", "worker", "label"]
        if name.endswith("-glad"):
            # The reference takes minutes for a tenth of it.
            write(name, data[(data.worker < 8) & (data.task < 60)], {"glad": glad})
        else:
            write(name, data, METHODS)


main(sys.argv[1:] or ["dog", "face", "bluebird", "bluebird-glad"])

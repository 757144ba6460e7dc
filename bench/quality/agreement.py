"""Makes crates/stats/tests/golden/agreement.csv: what others make of agreement, of a mean with predictions, and of votes without ties.

    pip install krippendorff statsmodels scikit-learn choix
    pip install --no-deps ppi-python
    python bench/quality/agreement.py

Alpha: krippendorff, of the first nine workers of Face. Kappa: scikit-learn of two workers, statsmodels of nine. A mean: ppi-python, of Bluebirds, a third of them
with truth and all with a vote. Votes: choix, the likeliest strengths, centred.
"""

from pathlib import Path

import choix
import krippendorff
import numpy as np
import pandas as pd
from ppi_py import ppi_mean_pointestimate
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

STATS = Path(__file__).parents[2] / "crates/stats/tests"


def codings(name, workers):
    """A row is a worker, a column an item; of answers twice given the last."""
    data = pd.read_csv(STATS / f"data/{name}-label.csv")
    data.columns = ["item", "worker", "label"]
    data = data[data.worker < workers].drop_duplicates(["item", "worker"], keep="last")
    return data.pivot(index="worker", columns="item", values="label")


def main():
    rows = []
    face = codings("face", 9).to_numpy()
    for level in ["nominal", "ordinal", "interval"]:
        rows.append((f"alpha_{level}", krippendorff.alpha(face, level_of_measurement=level, value_domain=[0, 1, 2, 3])))
    birds = codings("bluebird", 9).to_numpy().astype(int)
    rows.append(("cohen", cohen_kappa_score(birds[0], birds[1])))
    rows.append(("fleiss", fleiss_kappa(aggregate_raters(birds.T)[0])))
    truth = pd.read_csv(STATS / "data/bluebird-truth.csv").set_index("item").truth.sort_index().to_numpy().astype(float)
    share = codings("bluebird", 39).mean().sort_index().to_numpy()
    is_labelled = np.arange(len(truth)) % 3 == 0
    given = truth[is_labelled], share[is_labelled], share[~is_labelled]
    # At our weight, of unbiased moments: theirs has n for n - 1 in one of them, and ends at 1.
    y, f, other = given
    spread = np.concatenate([f, other]).var(ddof=1) * (1 + len(y) / len(other))
    weight = np.cov(y, f)[0, 1] / spread
    rows.append(("ppi_mean", float(np.squeeze(ppi_mean_pointestimate(*given, lam=weight)))))
    votes = pd.read_csv(STATS / "data/evalica-food.csv")
    votes.columns = ["left", "right", "winner"]
    names = list(dict.fromkeys(votes[["left", "right"]].to_numpy().ravel()))
    won = [
        (names.index(v.left), names.index(v.right))[:: 1 if v.winner == "left" else -1]
        for v in votes.itertuples()
        if v.winner in ("left", "right")
    ]
    strengths = choix.opt_pairwise(len(names), won, alpha=0.0, tol=1e-12)
    for name, strength in zip(names, strengths - strengths.mean()):
        rows.append((f"strength_{name}", strength))
    with open(STATS / "golden/agreement.csv", "w") as file:
        file.write("what,value\n")
        file.writelines(f"{what},{value:.9g}\n" for what, value in rows)


main()

"""Makes crates/stats/tests/golden/{masks,rover,davidson}.csv: what others make of masks, texts and ties.

    pip install crowd-kit SimpleITK
    python bench/quality/fusion.py

Masks: crowd-kit's SegmentationMajorityVote, and ITK's STAPLE. Each case has masks that together touch all sides of the picture, since
ITK looks at the whole of it and we at the box around them. Texts: crowd-kit's ROVER. Ties: Davidson's likelihood, written down anew and maximized by SciPy.
"""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import SimpleITK as sitk
from scipy.optimize import minimize
from crowdkit.aggregation import ROVER, SegmentationMajorityVote

TESTS = Path(__file__).parents[2] / "crates/stats/tests"
GOLDEN = TESTS / "golden"


def runs(mask):
    flat = np.concatenate([[False], mask.ravel()])
    edges = np.flatnonzero(np.diff(flat.astype(int)))
    return np.diff(np.concatenate([[0], edges, [mask.size]])).tolist()


def ellipse(width, height, x, y, a, b):
    rows, columns = np.mgrid[0:height, 0:width] + 0.5
    return ((columns - x) / a) ** 2 + ((rows - y) / b) ** 2 < 1


def drawn(random, width, height, people):
    masks = []
    for person in range(people):
        shift = random.normal(0, 1 + person, 4)
        masks.append(
            ellipse(
                width,
                height,
                width / 2 + shift[0],
                height / 2 + shift[1],
                width / 2.2 + shift[2],
                height / 2.2 + shift[3],
            )
        )
    # All sides are touched by somebody.
    masks[-1][0, 0] = masks[-1][-1, -1] = True
    return masks


def masks(file):
    out = csv.writer(file, lineterminator="\n")
    out.writerow(["case", "what", "values"])
    random = np.random.default_rng(11)
    for case, (width, height, people) in enumerate([(40, 30, 3), (64, 64, 5), (50, 20, 7), (31, 17, 2)]):
        given = drawn(random, width, height, people)
        out.writerow([case, "size", f"{width} {height}"])
        for mask in given:
            out.writerow([case, "mask", " ".join(map(str, runs(mask)))])
        data = pd.DataFrame({"task": 0, "worker": range(people), "segmentation": given})
        vote = SegmentationMajorityVote().fit_predict(data)[0]
        out.writerow([case, "vote", " ".join(map(str, runs(vote)))])
        staple = sitk.STAPLEImageFilter()
        staple.SetForegroundValue(1)
        inside = sitk.GetArrayFromImage(
            staple.Execute([sitk.GetImageFromArray(mask.astype(np.uint8)) for mask in given])
        )
        out.writerow([case, "staple", " ".join(map(str, runs(inside > 0.5)))])
        for what, values in [("sensitivity", staple.GetSensitivity()), ("specificity", staple.GetSpecificity())]:
            out.writerow([case, what, " ".join(f"{value:.9g}" for value in values)])


TEXTS = [
    ["the cat sat on the mat", "the cat sat on a mat", "a cat sat on the mat"],
    ["one two three", "one three", "one two two three", "two three four"],
    ["he said yes", "he said", "she said yes please", "he had said yes"],
    ["a b c d e", "b c d e f", "a c d e f", "a b d e f", "a b c e f"],
    ["hello", "world"],
    ["hi", "hello"],
    ["to be or not to be that is the question", "to be or not be that is question", "too bee or not to be that is a question"],
]


def rover(file):
    out = csv.writer(file, lineterminator="\n")
    out.writerow(["case", "what", "text"])
    for case, texts in enumerate(TEXTS):
        data = pd.DataFrame({"task": 0, "worker": range(len(texts)), "text": texts})
        out.writerows([case, "said", text] for text in texts)
        out.writerow([case, "rover", ROVER(str.split, " ".join).fit_predict(data)[0]])


def davidson(file):
    out = csv.writer(file, lineterminator="\n")
    out.writerow(["set", "what", "value"])
    for name in ["food", "simple"]:
        votes = pd.read_csv(TESTS / f"data/evalica-{name}.csv")
        names = sorted(set(votes["left"]) | set(votes["right"]))
        left, right = (votes[side].map(names.index).to_numpy() for side in ("left", "right"))
        won = np.select([votes["winner"] == "left", votes["winner"] == "right"], [0, 2], 1)

        def loss(at):
            half = (at[left] - at[right]) / 2
            logits = np.stack([half, np.full(len(half), at[-1]), -half])
            top = logits.max(axis=0)
            # The same grain of doubt that keeps who never lost within reach.
            doubt = 0.5e-6 * (at**2).sum() + 0.5 * at[:-1].sum() ** 2 / len(names)
            return (top + np.log(np.exp(logits - top).sum(axis=0)) - logits[won, np.arange(len(won))]).sum() + doubt

        found = minimize(loss, np.zeros(len(names) + 1), method="BFGS", options={"gtol": 1e-9}).x
        out.writerows([name, what, f"{value:.6f}"] for what, value in zip(names, found))
        out.writerow([name, "nu", f"{np.exp(found[-1]):.6f}"])


for name, make in [("masks", masks), ("rover", rover), ("davidson", davidson)]:
    with open(GOLDEN / f"{name}.csv", "w") as file:
        make(file)

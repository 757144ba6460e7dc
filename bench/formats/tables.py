"""Tables, Parquet and preferences: written with ours and read with the other tools' own readers, and the reverse."""

import json
import math
import random


def lines(path):
    return [json.loads(line) for line in open(path, encoding="utf-8")]


def write(path, rows):
    with open(path, "w", encoding="utf-8") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return path


def bare(value):
    """Without what is null, as a struct has all its fields in each row."""
    if isinstance(value, dict):
        return {key: bare(inner) for key, inner in value.items() if inner is not None}
    return [bare(inner) for inner in value] if isinstance(value, (list, tuple)) else value


TEXTS = ["Zoë 👩‍🚀", "a,b\n\"c\"", " leading and trailing ", "مرحبا", "tab\there", "=1+1", "null", "0"]


def rows(count):
    """Rows with something of everything that a column may hold."""
    random.seed(7)
    made = []
    for nth in range(count):
        text = random.choice(TEXTS) + f" {nth}"
        row = {"id": str(nth), "text": text, "label": random.choice(["pos", "neg", "none"])}
        if nth % 3:
            row["spans"] = [{"start": 0, "end": at + 1, "label": "A"} for at in range(nth % 4)]
        row["deep"] = {"list": [[1, 2], [], [nth]], "struct": {"x": text, "y": nth / 7}}
        if nth % 5 == 0:
            row["deep"]["some"] = [{"k": nth}]
        row |= {"whole": nth * 10**12, "part": nth / 3, "yes": nth % 2 == 0}
        # An empty list is no spans.
        made.append({key: value for key, value in row.items() if value != [] or key != "spans"})
    return made


def parquet_out(folder, convert):
    import datasets
    import pandas
    import pyarrow.parquet

    wanted = rows(5000)
    out = f"{folder}/set"
    report = convert(write(f"{folder}/rows.jsonl", wanted), "jsonl", out, "parquet")
    assert not report["losses"], report
    [file] = [f"{out}/data/train-00000-of-00001.parquet"]
    table = pyarrow.parquet.read_table(file)
    names = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]["label"]["names"]

    def named(row):
        return bare(row | {"label": names[row["label"]]})

    assert [named(row) for row in table.to_pylist()] == wanted, "pyarrow"
    frame = pandas.read_parquet(file)
    assert list(frame["text"]) == [row["text"] for row in wanted], "pandas"
    found = datasets.load_dataset(out, cache_dir=f"{folder}/cache")["train"]
    assert found.features["label"].names == names
    assert [named(row) for row in found] == wanted, "datasets"
    back = f"{folder}/back.jsonl"
    convert(out, "parquet", back, "jsonl")
    assert [{k: v for k, v in row.items() if k != "split"} for row in lines(back)] == wanted, "ours"
    return f"{len(wanted)} rows equal in pyarrow, pandas and datasets, and back"


def parquet_in(folder, convert):
    import datetime
    import decimal

    import datasets
    import pyarrow as pa
    import pyarrow.parquet

    plain = rows(300)
    checked = 0
    # The columns are those of the first row.
    keys = {key: None for row in plain for key in row}
    table = pa.Table.from_pylist([keys | row for row in plain])
    for packing in ["none", "snappy", "gzip", "zstd", "lz4"]:
        for version in ["1.0", "2.0"]:
            path = f"{folder}/{packing}-{version}.parquet"
            pa.parquet.write_table(table, path, compression=packing, data_page_version=version, row_group_size=77)
            convert(path, "parquet", f"{path}.jsonl", "jsonl")
            assert lines(f"{path}.jsonl") == plain, path
            checked += 1
    # What columns of other types come to.
    kinds = pa.table({
        "text": pa.array(["a", "b"], pa.large_string()),
        "label": pa.array(["x", "y"], pa.string()).dictionary_encode(),
        "date": pa.array([datetime.date(2024, 2, 29), None]),
        "time": pa.array([datetime.datetime(2024, 2, 29, 1, 2, 3), None], pa.timestamp("ms", "UTC")),
        "money": pa.array([decimal.Decimal("-1.50"), None], pa.decimal128(9, 2)),
        "half": pa.array([0.1, None], pa.float32()),
        "map": pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int32())),
        "wide": pa.array([2**63, 1], pa.uint64()),
        "endless": pa.array([math.inf, 1.0]),
    })
    pa.parquet.write_table(kinds, f"{folder}/kinds.parquet")
    report = convert(f"{folder}/kinds.parquet", "parquet", f"{folder}/kinds.jsonl", "jsonl")
    assert list(report["losses"]) == ["number_that_is_not_finite"], report
    assert lines(f"{folder}/kinds.jsonl") == [
        {"text": "a", "label": "x", "date": "2024-02-29", "time": "2024-02-29 01:02:03 +00:00",
         "money": "-1.50", "half": 0.1, "map": {"k": 1}, "wide": 2**63},
        {"text": "b", "label": "y", "wide": 1, "endless": 1.0},
    ]
    # Classes have their names, wherever in a feature they stand.
    features = datasets.Features({
        "text": datasets.Value("string"), "label": datasets.ClassLabel(names=["no", "yes"]),
        "tokens": datasets.List(datasets.Value("string")),
        "ner_tags": datasets.List(datasets.ClassLabel(names=["O", "B-PER", "I-PER"])),
    })
    made = datasets.Dataset.from_list(
        [{"text": "t", "label": 1, "tokens": ["Ana", "Li", "ate"], "ner_tags": [1, 2, 0]}], features=features)
    made.to_parquet(f"{folder}/classes.parquet")
    convert(f"{folder}/classes.parquet", "parquet", f"{folder}/classes.jsonl", "jsonl")
    [row] = lines(f"{folder}/classes.jsonl")
    assert row["label"] == "yes" and row["spans"] == [{"start": 0, "end": 6, "label": "PER"}], row
    return f"{checked} packings, nine other types, classes of datasets"


def trl(folder, convert):
    from trl.data_utils import extract_prompt, is_conversational

    random.seed(3)
    words = "the sky is blue green very often seldom".split()
    made = []
    for nth in range(200):
        start = " ".join(random.choices(words, k=random.randint(1, 5)))
        good, bad = (start + " " + " ".join(random.choices(words, k=3)) + end for end in "!?")
        if nth % 2:
            said = [{"role": "user", "content": start}] * random.randint(1, 2)
            good, bad = ([*said, {"role": "assistant", "content": text}] for text in (good, bad))
        made.append({"chosen": good, "rejected": bad})
    path, out = write(f"{folder}/implicit.jsonl", made), f"{folder}/explicit.jsonl"
    convert(path, "trl-preference-implicit", out, "trl-preference")
    theirs = [extract_prompt(row) for row in made]
    ours = lines(out)
    for one, other in zip(theirs, ours, strict=True):
        assert one == other, (one, other)
    assert [is_conversational(row) for row in ours] == [nth % 2 == 1 for nth in range(200)]
    convert(out, "trl-preference", f"{folder}/again.jsonl", "trl-preference-implicit")
    assert lines(f"{folder}/again.jsonl") == made
    return f"{len(ours)} prompts taken out as TRL takes them out, and put back"


def argilla(folder, convert):
    import argilla as rg

    user = "11111111-1111-1111-1111-111111111111"
    record = rg.Record(
        id="r1", fields={"text": "a cat sat"}, metadata={"k": 1},
        suggestions=[rg.Suggestion("animal", "cat", score=0.5, agent="m")],
        responses=[
            rg.Response("animal", "dog", user_id=user), rg.Response("topics", ["a", "b"], user_id=user),
            rg.Response("stars", 4, user_id=user),
            rg.Response("spans", [{"start": 2, "end": 5, "label": "ANIMAL"}], user_id=user),
        ])
    theirs = record.to_dict()
    with open(f"{folder}/theirs.json", "w") as out:
        json.dump([theirs], out)
    convert(f"{folder}/theirs.json", "argilla", f"{folder}/ours.json", "argilla")
    [ours] = json.load(open(f"{folder}/ours.json"))
    again = rg.Record.from_dict(ours).to_dict()
    for part in ["id", "fields", "metadata", "suggestions", "responses"]:
        assert again[part] == theirs[part], (part, again[part], theirs[part])
    # A preference of TRL as a record to answer.
    made = [{"prompt": "Q", "chosen": "A", "rejected": "B"}]
    convert(write(f"{folder}/pair.jsonl", made), "trl-preference", f"{folder}/pair.json", "argilla")
    [pair] = json.load(open(f"{folder}/pair.json"))
    rg.Record.from_dict(pair)
    return "a record equal after ours, a preference taken"


def cells(folder, convert):
    import csv

    import pandas

    wanted = [{"id": str(nth), "text": text, "label": "x"} for nth, text in enumerate(TEXTS)]
    convert(write(f"{folder}/cells.jsonl", wanted), "jsonl", f"{folder}/cells.csv", "csv")
    frame = pandas.read_csv(f"{folder}/cells.csv", dtype=str, keep_default_na=False)
    assert frame.to_dict("records") == wanted, frame
    frame = pandas.DataFrame(wanted)
    for dialect, encoding in [("excel", "utf-8"), ("excel", "utf-16"), ("excel-tab", "utf-8-sig"), ("unix", "utf-8")]:
        path = f"{folder}/{dialect}-{encoding}.{'tsv' if 'tab' in dialect else 'csv'}"
        with open(path, "w", encoding=encoding, newline="") as out:
            writer = csv.DictWriter(out, ["id", "text", "label"], dialect=dialect)
            writer.writeheader()
            writer.writerows(wanted)
        convert(path, "tsv" if "tab" in dialect else "csv", f"{path}.jsonl", "jsonl")
        assert lines(f"{path}.jsonl") == wanted, path
    return f"{len(wanted)} rows equal in pandas, four dialects of csv read"


CHECKS = {
    "Parquet out: pyarrow, pandas, datasets": parquet_out,
    "Parquet in: pyarrow, datasets": parquet_in,
    "preferences, TRL": trl,
    "records, Argilla": argilla,
    "CSV, pandas and csv": cells,
}

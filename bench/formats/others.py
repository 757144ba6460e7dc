"""What other tools write, recognised and read by ours without a word of help, and equal to what the tool itself says of it."""

import json
import os
import random
import subprocess


class Reader:
    """Reads whatever is there; the format is left to ours to tell."""

    def __init__(self, program):
        self.program = program

    def items(self, path, wanted):
        out = f"{path}.items.jsonl"
        command = [self.program, "--json", "convert", path, out, "--to", "items"]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr or done.stdout
        report = json.loads(done.stdout)
        assert report["from"] == wanted, f"{path} is taken for {report['from']}"
        with open(out, encoding="utf-8") as file:
            rows = [json.loads(line) for line in file]
        return [row["item"] for row in rows if "item" in row], report


def saved(folder, read):
    """Each data set as `save_to_disk` keeps it, and as Parquet: the same items."""
    import datasets

    datasets.disable_progress_bars()
    random.seed(11)
    text, whole = datasets.Value("string"), datasets.Value("int64")
    kinds = datasets.ClassLabel(names=["neg", "pos"])
    words = [random.choice(["Zoë", "👩‍🚀", "met", "", "مرحبا"]) for _ in range(2500)]
    count, answer = range(len(words)), {"text": ["met"], "answer_start": [4]}
    sets = {
        "classes": ({"text": words, "label": [at % 3 - 1 for at in count]}, {"text": text, "label": kinds}),
        "tags": ({"tokens": [words[:at % 7] for at in count], "ner_tags": [[0] * (at % 7) for at in count]},
                 {"tokens": [text], "ner_tags": [datasets.ClassLabel(names=["O", "B-X"])]}),
        "boxes": ({"id": list(count), "objects": [[{"bbox": [at, 1.5, 2, 3], "category": at % 2}] * (at % 3) for at in count]},
                  {"id": whole, "objects": [{"bbox": [datasets.Value("float32")], "category": kinds}]}),
        "answers": ({"id": words, "context": ["Zoë met Ana"] * len(words), "question": words, "answers": [answer] * len(words)}, None),
        "pairs": ({"prompt": words, "chosen": [[{"role": "user", "content": word}, {"role": "assistant", "content": "a"}] for word in words],
                   "rejected": [[{"role": "user", "content": word}, {"role": "assistant", "content": "b"}] for word in words]}, None),
    }
    total = 0
    for name, (columns, features) in sets.items():
        made = datasets.Dataset.from_dict(columns, features=datasets.Features(features) if features else None)
        made.save_to_disk(f"{folder}/{name}", num_shards=2)
        made.to_parquet(f"{folder}/{name}.parquet")
        ours, report = read.items(f"{folder}/{name}", "arrow")
        wanted, _ = read.items(f"{folder}/{name}.parquet", "parquet")
        assert len(ours) == len(words) and report["refused"] == 0, report
        assert ours == wanted, next((one, other) for one, other in zip(ours, wanted) if one != other)
        total += len(ours)
    return f"{len(sets)} data sets, {total} rows the same as from Parquet"


def frames(folder, read):
    """Lists in the cells of CSV, and the same frame as Feather."""
    import pandas

    labels = [["a", "it's"], [], ["b \"c\"", "d, e"]]
    frame = pandas.DataFrame({"text": ["one", "two", "three"], "labels": labels,
                              "kind": pandas.Categorical(["x", "y", "x"]), "on": pandas.to_datetime(["2024-02-29"] * 3)})
    frame.to_csv(f"{folder}/frame.csv", index=False)
    for packing in ("lz4", "zstd", "uncompressed"):
        frame.to_feather(f"{folder}/{packing}.feather", compression=packing)
    for name, wanted in [("frame.csv", "csv"), ("lz4.feather", "arrow"), ("zstd.feather", "arrow"), ("uncompressed.feather", "arrow")]:
        items, _ = read.items(f"{folder}/{name}", wanted)
        assert [[mark["class"] for mark in item.get("marks", [])] for item in items] == labels, (name, items)
        assert [item["metadata"]["kind"] for item in items] == ["x", "y", "x"], items
    chats = [[{"role": "user", "content": f"it's \"{at}\"\n"}, {"role": "assistant", "content": "é"}] for at in range(3)]
    pandas.DataFrame({"messages": chats}).to_csv(f"{folder}/chats.csv")
    items, _ = read.items(f"{folder}/chats.csv", "trl-sft")
    said = [[{"role": turn["role"], "content": turn["text"]} for turn in item["turns"]] for item in items]
    assert said == chats, said
    return "lists, categories and messages equal"


def studio(folder, read):
    """Tasks through every export of Label Studio's own converter."""
    import logging

    from label_studio_sdk.converter import Converter
    from label_studio_sdk.converter.converter import Format
    from PIL import Image

    logging.disable(logging.CRITICAL)
    os.makedirs(f"{folder}/images")
    for name in ["a", "b"]:
        Image.new("RGB", (200, 100)).save(f"{folder}/images/{name}.jpg")
    side = {"original_width": 200, "original_height": 100, "image_rotation": 0, "from_name": "label", "to_name": "image"}

    def region(nth, label, x):
        value = {"x": x, "y": 20, "width": 30, "height": 40, "rotation": 0, "rectanglelabels": [label]}
        return {"id": f"r{nth}", "type": "rectanglelabels", "value": value, **side}

    def task(nth, data, result):
        return {"id": nth, "data": data, "annotations": [{"id": nth, "completed_by": {"id": 1, "email": "a@b.c"}, "result": result,
                                                          "was_cancelled": False, "lead_time": 1.5}]}
    seen = [task(1, {"image": f"{folder}/images/a.jpg"}, [region(1, "cat", 10), region(2, "dog", 20)]),
            task(2, {"image": f"{folder}/images/b.jpg"}, [region(3, "cat", 30)])]
    read_text = "Zoë met Ana in Rome 😀 then Rome"
    named = [task(1, {"text": read_text}, [
        {"id": f"n{at}", "type": "labels", "from_name": "label", "to_name": "text",
         "value": {"start": at, "end": at + 4, "text": "Rome", "labels": ["LOC"]}} for at in [15, 27]])]
    felt = [task(at + 1, {"text": f"text {at}"}, [{"id": "c", "type": "choices", "from_name": "mood", "to_name": "text",
                                                  "value": {"choices": [mood]}}]) for at, mood in enumerate(["good", "bad"])]
    image = '<View><Image name="image" value="$image"/><RectangleLabels name="label" toName="image"><Label value="cat"/><Label value="dog"/></RectangleLabels></View>'
    text = '<View><Labels name="label" toName="text"><Label value="LOC"/></Labels><Text name="text" value="$text"/></View>'
    mood = '<View><Text name="text" value="$text"/><Choices name="mood" toName="text"><Choice value="good"/><Choice value="bad"/></Choices></View>'

    def export(kind, config, tasks, fmt):
        with open(f"{folder}/{kind}.json", "w") as out:
            json.dump(tasks, out)
        out = f"{folder}/{kind}-{fmt.name}"
        Converter(config, project_dir=folder, download_resources=False).convert(f"{folder}/{kind}.json", out, fmt, is_dir=False)
        return out

    def boxes(items):
        found = []
        for item in items:
            for mark in item.get("marks", []):
                shape = mark["place"]["shape"]
                found.append((mark["class"], *(round(shape[key]) for key in ["x", "y", "width", "height"])))
        return sorted(found)

    wanted = [("cat", 20, 20, 60, 40), ("cat", 60, 20, 60, 40), ("dog", 40, 20, 60, 40)]
    done = []
    for fmt, taken in [(Format.JSON_MIN, "label-studio"), (Format.CSV, "csv"), (Format.TSV, "tsv"), (Format.VOC, "voc"), (Format.YOLO, "yolo")]:
        out = export("boxes", image, seen, fmt)
        if fmt == Format.YOLO:
            # The pictures stay where they were.
            for name in os.listdir(f"{out}/labels"):
                picture = f"{folder}/images/{name[-5]}.jpg"
                os.makedirs(f"{out}/images", exist_ok=True)
                with open(picture, "rb") as file, open(f"{out}/images/{name[:-4]}.jpg", "wb") as copy:
                    copy.write(file.read())
        items, _ = read.items(out, taken)
        assert boxes(items) == wanted, (fmt, items)
        done.append(fmt.name)
    for fmt, taken in [(Format.JSON_MIN, "label-studio"), (Format.CSV, "csv"), (Format.TSV, "tsv"), (Format.CONLL2003, "conll")]:
        items, _ = read.items(export("spans", text, named, fmt), taken)
        cut = [item["text"][mark["place"]["span"]["start"]:mark["place"]["span"]["end"]] for item in items for mark in item["marks"]]
        assert cut == ["Rome", "Rome"], (fmt, items)
    for fmt, taken in [(Format.JSON_MIN, "label-studio"), (Format.CSV, "csv"), (Format.TSV, "tsv")]:
        items, _ = read.items(export("moods", mood, felt, fmt), taken)
        assert [mark["class"] for item in items for mark in item["marks"]] == ["good", "bad"], (fmt, items)
    return f"{', '.join(done)}, CONLL2003: boxes, spans and choices equal"


CHECKS = {
    "data sets in Arrow, datasets": saved,
    "cells and Feather, pandas": frames,
    "every export, label-studio-sdk": studio,
}

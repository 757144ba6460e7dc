"""Times conversions, each in a process of its own, and reads the peak memory that the system counted.

Whatever else the machine does adds to all of it, so everything goes in turns with what it is compared with, and the least
counts. Making the files of YOLO costs the system the same whoever asks for it: the bare loop says how much that is.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

CONVERT, WORDS = sys.argv[1], sys.argv[2:]
PICTURES, EACH = (100_000 if "--long" in WORDS else 20_000), 10
OUT = WORDS[WORDS.index("--json") + 1] if "--json" in WORDS else None

# Reading alone is what these do; ours reads, converts and writes a file for each picture.
PYTHON = {
    "json (reads only)": "import json,sys; json.load(open(sys.argv[1]))",
    "orjson (reads only)": "import orjson,sys; orjson.loads(open(sys.argv[1],'rb').read())",
    "pycocotools (reads and indexes)": "import sys; from pycocotools.coco import COCO; COCO(sys.argv[1])",
    "orjson to YOLO (by hand)": """
import collections, orjson, os, sys
coco = orjson.loads(open(sys.argv[1], 'rb').read())
os.makedirs(sys.argv[2] + '/labels')
order = {c['id']: i for i, c in enumerate(coco['categories'])}
by = collections.defaultdict(list)
for a in coco['annotations']:
    by[a['image_id']].append(a)
for i in coco['images']:
    w, h = i['width'], i['height']
    with open(sys.argv[2] + '/labels/' + os.path.splitext(i['file_name'])[0] + '.txt', 'w') as out:
        for a in by[i['id']]:
            x, y, bw, bh = a['bbox']
            out.write(f"{order[a['category_id']]} {(x+bw/2)/w:.10g} {(y+bh/2)/h:.10g} {bw/w:.10g} {bh/h:.10g}\\n")
""",
    "orjson to a ZIP of YOLO (by hand)": """
import collections, orjson, os, sys, zipfile
coco = orjson.loads(open(sys.argv[1], 'rb').read())
order = {c['id']: i for i, c in enumerate(coco['categories'])}
by = collections.defaultdict(list)
for a in coco['annotations']:
    by[a['image_id']].append(a)
with zipfile.ZipFile(sys.argv[2], 'x') as packed:
    for i in coco['images']:
        w, h, lines = i['width'], i['height'], []
        for a in by[i['id']]:
            x, y, bw, bh = a['bbox']
            lines.append(f"{order[a['category_id']]} {(x+bw/2)/w:.10g} {(y+bh/2)/h:.10g} {bw/w:.10g} {bh/h:.10g}\\n")
        packed.writestr('labels/' + os.path.splitext(i['file_name'])[0] + '.txt', ''.join(lines))
""",
    "datumaro to YOLO": """
import os, shutil, sys
import datumaro as dm
root = sys.argv[2] + '.in'
os.makedirs(root + '/annotations')
os.makedirs(root + '/images/train')
shutil.copy(sys.argv[1], root + '/annotations/instances_train.json')
dm.Dataset.import_from(root, 'coco_instances').export(sys.argv[2], 'yolo')
""",
}

# The way back; the sizes of the pictures, which YOLO leaves to the pictures, are given.
BACK = {
    "YOLO to COCO with orjson (by hand)": """
import orjson, os, sys
folder, w, h = sys.argv[1] + '/labels/', 1280, 720
images, annotations, classes = [], [], set()
for entry in sorted(os.listdir(folder)):
    images.append({'id': len(images) + 1, 'file_name': entry[:-4] + '.jpg', 'width': w, 'height': h})
    for line in open(folder + entry):
        c, x, y, bw, bh = line.split()
        x, y, bw, bh = float(x) * w, float(y) * h, float(bw) * w, float(bh) * h
        classes.add(int(c))
        annotations.append({'id': len(annotations) + 1, 'image_id': len(images), 'category_id': int(c) + 1,
                            'bbox': [x - bw / 2, y - bh / 2, bw, bh], 'area': bw * bh, 'iscrowd': 0, 'segmentation': []})
categories = [{'id': c + 1, 'name': str(c)} for c in sorted(classes)]
with open(sys.argv[2] + '.json', 'wb') as out:
    out.write(orjson.dumps({'images': images, 'categories': categories, 'annotations': annotations}))
""",
    "YOLO to COCO with datumaro": """
import os, shutil, sys
import datumaro as dm
# As Darknet has it, which is the YOLO that it reads without pictures.
root = sys.argv[2] + '.in'
shutil.copytree(sys.argv[1] + '/labels', root + '/obj_train_data')
names = sorted(name[:-4] for name in os.listdir(root + '/obj_train_data'))
open(root + '/train.txt', 'w').writelines(f'data/obj_train_data/{name}.jpg\\n' for name in names)
open(root + '/obj.names', 'w').writelines(f'class {c}\\n' for c in range(1, 81))
open(root + '/obj.data', 'w').write('classes = 80\\ntrain = data/train.txt\\nnames = data/obj.names\\nbackup = backup/\\n')
sizes = {name: (720, 1280) for name in names}
dm.Dataset.import_from(root, 'yolo', image_info=sizes).export(sys.argv[2], 'coco_instances')
""",
}


def make(path):
    random.seed(1)
    nth = 0
    with open(path, "w") as out:
        out.write('{"images":[')
        for image in range(1, PICTURES + 1):
            comma = "," if image > 1 else ""
            out.write(f'{comma}{{"id":{image},"file_name":"{image:08}.jpg","width":1280,"height":720}}')
        out.write('],"categories":[')
        out.write(",".join(f'{{"id":{c},"name":"class {c}","supercategory":""}}' for c in range(1, 81)))
        out.write('],"annotations":[')
        # As in the wild, an image's annotations do not stand together.
        for _ in range(EACH):
            for image in range(1, PICTURES + 1):
                nth += 1
                w, h = random.randint(2, 40000) / 100, random.randint(2, 30000) / 100
                x, y = random.randint(0, 87900) / 100, random.randint(0, 41900) / 100
                comma = "," if nth > 1 else ""
                out.write(
                    f'{comma}{{"id":{nth},"image_id":{image},"category_id":{nth % 80 + 1},'
                    f'"bbox":[{x},{y},{w},{h}],"area":{round(w * h, 4)},"iscrowd":0,"segmentation":[]}}'
                )
        out.write("]}")


ROWS = []


def row(what, figure, unit, bound=None):
    """One line of the table, as every part of the benchmark prints and keeps it."""
    verdict = ""
    entry = {"what": what, "figure": figure, "unit": unit}
    if bound is not None:
        words, limit = bound
        met = figure >= limit if words == "at_least" else figure <= limit
        entry |= {"bound": {words: limit}, "met": met}
        verdict = f"{words.replace('_', ' ') + ' ' + str(limit):<16} {'met' if met else 'MISSED'}"
    ROWS.append(entry)
    print(f"{what:<60} {figure:>9.{2 if figure < 100 else 0}f} {unit:<11} {verdict}".rstrip(), flush=True)


# Starts a command and tells what the system counted of it. A process begins with the peak of whoever started it, and this
# one here is large: so a small one stands between.
LAUNCH = """
import json, os, subprocess, sys, time
started = time.monotonic()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
err = process.stderr.read()
_, status, usage = os.wait4(process.pid, 0)
last = (err.decode(errors='replace').strip().splitlines() or ['no message'])[-1]
print(json.dumps([status, time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, last]))
"""


def launched(command):
    """Seconds of the clock, seconds of the processor and MiB at most; or what it said before it failed."""
    out = subprocess.run([sys.executable, "-S", "-E", "-c", LAUNCH, *command], stdout=subprocess.PIPE, check=True)
    status, clock, processor, memory, last = json.loads(out.stdout)
    return (clock, processor, memory) if status == 0 else last


def least(turns):
    """The least of several turns, figure by figure: what others did in the meantime only adds."""
    return tuple(min(figures) for figures in zip(*turns))


def told(name, took, memory=None):
    row(f"{name}: processor", took[1], "s")
    row(f"{name}: clock", took[0], "s")
    row(f"{name}: memory at most", took[2], "MiB", memory)
    return took


def timed(name, command, memory=None):
    took = launched(command)
    if isinstance(took, str):
        print(f"{name} is left out: {took[:150]}", flush=True)
        return None
    return told(name, took, memory)


BARE = """
import os, sys
labels, out = sys.argv[1:]
os.makedirs(out)
for name in os.listdir(labels):
    text = open(f'{labels}/{name}', 'rb').read()
    made = os.open(f'{out}/{name}', os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    os.write(made, text)
    os.close(made)
"""
READ = """
import os, sys
for name in os.listdir(sys.argv[1]):
    open(f'{sys.argv[1]}/{name}', 'rb').read()
"""


def in_turns(commands, turns):
    """What each of the commands took at least; `{}` in a command is the number of the turn.

    Nothing is deleted in between: for minutes after many files are gone, ext4 looks for each new one past the places
    that they had, which made what came first in the next run several times as slow.
    """
    took = {name: [] for name in commands}
    for turn in range(turns):
        for name, command in commands.items():
            found = launched([word.replace("{}", str(turn)) for word in command])
            if isinstance(found, str):
                print(f"{name} is left out: {found[:150]}", flush=True)
                took[name] = None
            elif took[name] is not None:
                took[name].append(found)
    return {name: least(turns) for name, turns in took.items() if turns}


def compared(ours, took, bounds):
    for name, theirs in took.items():
        if name in bounds:
            row(f"{name}, of ours by the clock", theirs[0] / ours[0], "")
            row(f"{name}, of ours by the processor", theirs[1] / ours[1], "", ("at_least", bounds[name]))


def table(path, megabytes):
    """Rows of a text data set, about as long as reviews are."""
    random.seed(2)
    words = [f"word{nth}" for nth in range(2000)] + ["Zoë", "naïve", "👍", "\\n"]
    texts = [" ".join(random.choices(words, k=random.randint(5, 120))) for _ in range(4000)]
    labels = ["negative", "neutral", "positive"]
    with open(path, "w") as out:
        nth = 0
        while out.tell() < megabytes * 2**20 if nth % 1000 == 0 else True:
            out.write(json.dumps({"id": str(nth), "text": texts[nth * 7919 % 4000], "label": labels[nth % 3],
                                  "stars": nth % 5, "score": 0.5 + nth % 50 / 100}, ensure_ascii=False) + "\n")
            nth += 1


def disk(source, out):
    """Bytes a second that a bare loop brings onto the disk, one behind the other, for as long as a disk's own
    memory does not hide it."""
    block = open(source, "rb").read(16 << 20)
    times = (1 << 30) // len(block) + 1
    started = time.monotonic()
    with open(out, "wb", buffering=0) as file:
        for _ in range(times):
            file.write(block)
        os.fsync(file.fileno())
    took = time.monotonic() - started
    os.remove(out)
    return times * len(block) / took


def onto_disk(name, source, out, to, text=None):
    """Reads, converts and writes until it is on the disk, in turns with the bare loop."""
    size = os.path.getsize(text or source)
    ratios, ours, bare_speeds, processors, peaks = [], [], [], [], []
    for turn in range(3):
        bare_speed = disk(text or source, out + ".bare")
        written = f"{turn}-{os.path.basename(out)}"
        written = os.path.join(os.path.dirname(out), written)
        started = time.monotonic()
        took = launched([CONVERT, source, "parquet" if text else "jsonl", written, to])
        assert not isinstance(took, str), f"{name} failed: {took}"
        with open(written, "rb") as file:
            os.fsync(file.fileno())
        speed = size / (time.monotonic() - started)
        if turn:
            os.remove(written)
        ours.append(speed)
        processors.append(size / took[1])
        peaks.append(took[2])
        bare_speeds.append(bare_speed)
        ratios.append(speed / bare_speed)
    row(f"{name}, of its text", sorted(ours)[1] / 2**20, "MiB/s")
    row(f"{name}: the disk by a bare loop", sorted(bare_speeds)[1] / 2**20, "MiB/s")
    row(f"{name}, of the disk", sorted(ratios)[1], "", ("at_least", 0.3))
    row(f"{name}, by the processor alone", sorted(processors)[1] / 2**20, "MiB/s")
    row(f"{name}: memory at most", max(peaks), "MiB", ("at_most", 300))
    return os.path.join(os.path.dirname(out), f"0-{os.path.basename(out)}")


def same(a, b):
    a, b = json.load(open(a)), json.load(open(b))
    names = [{c["id"]: c["name"] for c in x["categories"]} for x in (a, b)]
    files = [{i["id"]: i["file_name"] for i in x["images"]} for x in (a, b)]

    def boxes(x, which):
        found = {}
        for o in x["annotations"]:
            found.setdefault(files[which][o["image_id"]], []).append((names[which][o["category_id"]], o["bbox"]))
        return found

    first, second = boxes(a, 0), boxes(b, 1)
    assert first.keys() == second.keys()
    worst = 0.0
    for name, objects in first.items():
        assert [c for c, _ in objects] == [c for c, _ in second[name]], name
        for (_, p), (_, q) in zip(objects, second[name]):
            worst = max(worst, *(abs(u - v) for u, v in zip(p, q)))
    return worst


folder = tempfile.mkdtemp(prefix="fairmark-formats-")
try:
    coco = f"{folder}/coco.json"
    make(coco)
    size = os.path.getsize(coco) / 2**20
    row(f"COCO with {PICTURES * EACH} objects", size, "MiB")
    memory = ("at_most", 300)
    turns = 2 if "--long" in WORDS else 3
    hand, ours, bare = "orjson to YOLO (by hand)", "COCO to YOLO", "the same files by a bare loop"
    took = in_turns({
        ours: [CONVERT, coco, "coco", f"{folder}/yolo{{}}", "yolo"],
        bare: [sys.executable, "-c", BARE, f"{folder}/yolo0/labels", f"{folder}/bare{{}}"],
        hand: [sys.executable, "-c", PYTHON[hand], coco, f"{folder}/hand{{}}"],
    }, turns)
    there = told(ours, took[ours], memory)
    # The system makes the same files for everybody, and no program is faster than that.
    files = told(bare, took[bare])
    row("COCO to YOLO, of the bare loop by the clock", there[0] / files[0], "")
    row("COCO to YOLO, of the bare loop by the processor", there[1] / files[1], "")
    if hand in took:
        told(hand, took[hand])
        row(f"{hand}, of the bare loop by the clock: no program is faster than", took[hand][0] / files[0], "")
    compared(there, took, {hand: 5})
    # As one file, which is how it goes to another tool, no file is made for each picture.
    hand, ours = "orjson to a ZIP of YOLO (by hand)", "COCO to a ZIP of YOLO"
    took = in_turns({
        ours: [CONVERT, coco, "coco", f"{folder}/yolo{{}}.zip", "yolo"],
        hand: [sys.executable, "-c", PYTHON[hand], coco, f"{folder}/hand{{}}.zip"],
    }, turns)
    packed = told(ours, took[ours], memory)
    if hand in took:
        told(hand, took[hand])
    compared(packed, took, {hand: 5})
    hand, ours, bare = "YOLO to COCO with orjson (by hand)", "YOLO to COCO", "reading the same files by a bare loop"
    took = in_turns({
        ours: [CONVERT, f"{folder}/yolo0", "yolo", f"{folder}/back{{}}.json", "coco"],
        bare: [sys.executable, "-c", READ, f"{folder}/yolo0/labels"],
        hand: [sys.executable, "-c", BACK[hand], f"{folder}/yolo0", f"{folder}/hand-back{{}}"],
    }, turns)
    back = told(ours, took[ours], memory)
    told(bare, took[bare])
    if hand in took:
        told(hand, took[hand])
    compared(back, took, {hand: 5})
    told("COCO to items", launched([CONVERT, coco, "coco", f"{folder}/items.jsonl", "items"]), memory)
    for name in ("json (reads only)", "orjson (reads only)", "pycocotools (reads and indexes)"):
        timed(name, [sys.executable, "-c", PYTHON[name], coco])
    # Datumaro takes minutes for a million objects: a twentieth of the pictures, and ours beside it.
    PICTURES //= 20 if "--long" in WORDS else 4
    few = f"{folder}/few.json"
    make(few)
    for name, program, ours, source in (
        ("datumaro to YOLO", PYTHON["datumaro to YOLO"], ["coco", f"{folder}/few-yolo", "yolo"], few),
        ("datumaro to YOLO", PYTHON["datumaro to YOLO"], ["coco", f"{folder}/few-yolo.zip", "yolo"], few),
        ("YOLO to COCO with datumaro", BACK["YOLO to COCO with datumaro"], ["yolo", f"{folder}/few.back.json", "coco"], f"{folder}/few-yolo"),
    ):
        kind = "a ZIP of " if ours[1].endswith(".zip") else ""
        mine = told(f"{PICTURES} pictures, {ours[0]} to {kind}{ours[2]}", launched([CONVERT, source, *ours]))
        took = timed(f"{PICTURES} pictures, {name}", [sys.executable, "-c", program, source, f"{folder}/datumaro-{os.path.basename(ours[1])}"])
        if took:
            compared(mine, {name: took}, {name: 20})
    rows = f"{folder}/rows.jsonl"
    table(rows, 1024 if "--long" in WORDS else 200)
    onto_disk("JSONL", rows, f"{folder}/out.jsonl", "jsonl")
    parquet = onto_disk("Parquet", rows, f"{folder}/out.parquet", "parquet")
    onto_disk("Parquet to JSONL", parquet, f"{folder}/again.jsonl", "jsonl", rows)
    # Last, as it is large itself, and what it starts would seem so, too.
    row("there and back: the largest difference", same(coco, f"{folder}/back0.json"), "pixels", ("at_most", 0.01))
    if OUT:
        with open(OUT, "w") as out:
            json.dump({"rows": ROWS}, out, indent=2)
finally:
    shutil.rmtree(folder, ignore_errors=True)

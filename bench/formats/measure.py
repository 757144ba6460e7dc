"""Times conversions, each in a process of its own, and reads the peak memory that the system counted.

Seconds of the clock depend on whatever else the machine does; seconds of the processor hardly do, so the bounds are on
those. Making the files of YOLO costs the system the same whoever asks for it: the bare loop says how much that is.
"""

import json
import os
import random
import resource
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


def timed(name, command, memory=None):
    """Seconds of the processor that a command took, with those of the system; none where it failed."""
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - started
    if status != 0:
        last = (err.decode().strip().splitlines() or ["no message"])[-1]
        print(f"{name} is left out: {last[:150]}", flush=True)
        return None
    processor = usage.ru_utime + usage.ru_stime
    row(f"{name}: processor", processor, "s")
    row(f"{name}: clock", seconds, "s")
    row(f"{name}: memory at most", usage.ru_maxrss / 1024, "MiB", memory)
    return processor


def bare(labels, out):
    """Seconds of the processor to make the same files with the same bytes, and nothing else."""
    texts = [(f"{out}/{name}", open(f"{labels}/{name}", "rb").read()) for name in os.listdir(labels)]
    os.makedirs(out)
    before, started = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    for name, text in texts:
        made = os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        os.write(made, text)
        os.close(made)
    after = resource.getrusage(resource.RUSAGE_SELF)
    row("the same files by a bare loop: clock", time.monotonic() - started, "s")
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


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


def onto_disk(name, source, out, to):
    """Reads, converts and writes until it is on the disk, in turns with the bare loop."""
    size = os.path.getsize(source)
    ratios, ours, bare_speeds, processors = [], [], [], []
    for _ in range(3):
        bare_speed = disk(source, out + ".bare")
        started = time.monotonic()
        process = subprocess.Popen([CONVERT, source, "jsonl", out, to], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        assert status == 0, f"{name} failed"
        with open(out, "rb") as file:
            os.fsync(file.fileno())
        speed = size / (time.monotonic() - started)
        os.remove(out)
        ours.append(speed)
        processors.append(size / (usage.ru_utime + usage.ru_stime))
        bare_speeds.append(bare_speed)
        ratios.append(speed / bare_speed)
    middle = sorted(ratios)[1]
    row(f"{name}, of its text", sorted(ours)[1] / 2**20, "MiB/s")
    row(f"{name}: the disk by a bare loop", sorted(bare_speeds)[1] / 2**20, "MiB/s")
    row(f"{name}, of the disk", middle, "", ("at_least", 0.3))
    row(f"{name}, by the processor alone", sorted(processors)[1] / 2**20, "MiB/s")
    row(f"{name}: memory at most", usage.ru_maxrss / 1024, "MiB", ("at_most", 300))


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
    there = timed("COCO to YOLO", [CONVERT, coco, "coco", f"{folder}/yolo", "yolo"], memory)
    back = timed("YOLO to COCO", [CONVERT, f"{folder}/yolo", "yolo", f"{folder}/back.json", "coco"], memory)
    timed("COCO to items", [CONVERT, coco, "coco", f"{folder}/items.jsonl", "items"], memory)
    # The system makes the same files for everybody.
    files = bare(f"{folder}/yolo/labels", f"{folder}/bare")
    row("the same files by a bare loop: processor", files, "s")
    bounds = {"orjson to YOLO (by hand)": 5, "datumaro to YOLO": 20}
    for at, (name, program) in enumerate(PYTHON.items()):
        took = timed(name, [sys.executable, "-c", program, coco, f"{folder}/python{at}"])
        if took and name in bounds:
            row(f"{name}, of ours", took / there, "", ("at_least", bounds[name]))
            row(f"{name}, of ours, but for making files", (took - files) / (there - files), "")
        shutil.rmtree(f"{folder}/python{at}", ignore_errors=True)
    bounds = {"YOLO to COCO with orjson (by hand)": 5, "YOLO to COCO with datumaro": 20}
    for at, (name, program) in enumerate(BACK.items()):
        took = timed(name, [sys.executable, "-c", program, f"{folder}/yolo", f"{folder}/back{at}"])
        if took:
            row(f"{name}, of ours", took / back, "", ("at_least", bounds[name]))
    rows = f"{folder}/rows.jsonl"
    table(rows, 1024 if "--long" in WORDS else 200)
    onto_disk("JSONL", rows, f"{folder}/out.jsonl", "jsonl")
    onto_disk("Parquet", rows, f"{folder}/out.parquet", "parquet")
    # Last, as it is large itself, and what it starts would seem so, too.
    row("there and back: the largest difference", same(coco, f"{folder}/back.json"), "pixels", ("at_most", 0.01))
    if OUT:
        with open(OUT, "w") as out:
            json.dump({"rows": ROWS}, out, indent=2)
finally:
    shutil.rmtree(folder, ignore_errors=True)

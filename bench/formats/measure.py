"""Times conversions, each in a process of its own, and reads the peak memory that the system counted."""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

CONVERT, PICTURES, EACH = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])

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
shutil.copy(sys.argv[1], root + '/annotations/instances_train.json')
dm.Dataset.import_from(root, 'coco_instances').export(sys.argv[2], 'yolo')
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


def timed(name, command):
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - started
    if status != 0:
        last = (err.decode().strip().splitlines() or ["no message"])[-1]
        print(f"{name:34} left out: {last[:150]}", flush=True)
        return None
    print(f"{name:34} {seconds:8.2f} s {usage.ru_maxrss / 1024:8.0f} MB", flush=True)
    return out


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
    print(f"{PICTURES} pictures, {PICTURES * EACH} objects, {size:.0f} MiB of JSON")
    timed("fairmark COCO to YOLO", [CONVERT, coco, "coco", f"{folder}/yolo", "yolo"])
    timed("fairmark YOLO to COCO", [CONVERT, f"{folder}/yolo", "yolo", f"{folder}/back.json", "coco"])
    timed("fairmark COCO to items", [CONVERT, coco, "coco", f"{folder}/items.jsonl", "items"])
    print(f"there and back: the largest difference is {same(coco, f'{folder}/back.json'):.2g} pixels")
    for at, (name, program) in enumerate(PYTHON.items()):
        timed(name, [sys.executable, "-c", program, coco, f"{folder}/python{at}"])
finally:
    shutil.rmtree(folder, ignore_errors=True)

"""Writes with ours and reads with the other tools' own readers, and the reverse.

`peers.py FAIRMARK [DATA]`: the program, and a folder of other tools' files, if there is one. Each check is a
line; the exit status is 1 if one failed.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import tables

try:
    import datumaro as dm
    import numpy as np
    from pycocotools import mask as coco_mask
    from pycocotools.coco import COCO
    MISSING = None
except ImportError as error:
    MISSING = error

FAIRMARK, DATA = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
failed = 0


def check(name, run):
    global failed
    began = time.monotonic()
    try:
        said = run()
        print(f"ok   peers: {name}: {said} ({round(1000 * (time.monotonic() - began))} ms)", flush=True)
    except ImportError as error:
        print(f"skipped   peers: {name}: {error}", flush=True)
    except Exception as error:
        failed += 1
        print(f"FAIL   peers: {name}: {type(error).__name__}: {str(error)[:300]}", flush=True)


def convert(path, source, out, to):
    command = [FAIRMARK, "--json", "convert", path, out, "--from", source, "--to", to]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr or done.stdout
    return json.loads(done.stdout)


def sample(folder):
    """A COCO file as pycocotools would be fed: boxes, outlines, masks as text and as numbers."""
    ring = np.zeros((48, 64), order="F", dtype=np.uint8)
    ring[10:20, 30:50] = 1
    ring[12:15, 33:40] = 0
    rle = coco_mask.encode(ring)
    text = {"size": [48, 64], "counts": rle["counts"].decode()}
    numbers, inside = [0], 0
    for pixel in ring.flatten(order="F"):
        if pixel != inside:
            numbers.append(0)
            inside = pixel
        numbers[-1] += 1
    images = [{"id": 7, "file_name": "a/one.png", "width": 64, "height": 48},
              {"id": 3, "file_name": "two.png", "width": 64, "height": 48}]
    box = {"iscrowd": 0, "segmentation": [], "area": 200.0}
    annotations = [
        {"id": 11, "image_id": 7, "category_id": 2, "bbox": [1.5, 2, 20.25, 10], **box},
        {"id": 5, "image_id": 7, "category_id": 9, "bbox": [1, 2, 30, 20], "iscrowd": 0, "area": 300.0,
         "segmentation": [[1, 2, 31, 2, 31, 22]]},
        {"id": 6, "image_id": 3, "category_id": 9, "bbox": [30, 10, 20, 10], "iscrowd": 1, "area": 179,
         "segmentation": text},
        {"id": 8, "image_id": 3, "category_id": 2, "bbox": [30, 10, 20, 10], "iscrowd": 1, "area": 179,
         "segmentation": {"size": [48, 64], "counts": numbers}},
    ]
    categories = [{"id": 2, "name": "cat", "supercategory": ""}, {"id": 9, "name": "dog", "supercategory": "x"}]
    path = f"{folder}/sample.json"
    with open(path, "w") as out:
        json.dump({"images": images, "annotations": annotations, "categories": categories}, out)
    return path, ring


def coco_round(folder):
    path, ring = sample(folder)
    out = f"{folder}/coco.json"
    convert(path, "coco", out, "coco")
    theirs, ours = COCO(path), COCO(out)
    assert sorted(theirs.getImgIds()) == sorted(ours.getImgIds())
    assert {c["id"]: c["name"] for c in theirs.loadCats(theirs.getCatIds())} == {
        c["id"]: c["name"] for c in ours.loadCats(ours.getCatIds())}
    for one in theirs.loadAnns(theirs.getAnnIds()):
        [other] = ours.loadAnns([one["id"]])
        assert one["category_id"] == other["category_id"] and one["image_id"] == other["image_id"]
        assert np.allclose(one["bbox"], other["bbox"]), (one["bbox"], other["bbox"])
        assert one["iscrowd"] == other["iscrowd"]
        if one["segmentation"]:
            assert (theirs.annToMask(one) == ours.annToMask(other)).all(), one["id"]
        if isinstance(one["segmentation"], dict):
            assert (ours.annToMask(other) == ring).all() and other["area"] == ring.sum()
    return f"{len(theirs.anns)} annotations equal in pycocotools"


def taco(folder):
    found = [os.path.join(at, n) for at, _, names in os.walk(f"{DATA}/images/taco") for n in names]
    [path] = [n for n in found if n.endswith("annotations.json")]
    out = f"{folder}/taco.json"
    report = convert(path, "coco", out, "coco")
    theirs, ours = COCO(path), COCO(out)
    count = 0
    # Some annotations of this file share their id: their outlines are compared image by image.
    for image in theirs.getImgIds():
        def facts(coco):
            found = [a for a in coco.dataset["annotations"] if a["image_id"] == image]
            return sorted((a["category_id"], a["segmentation"]) for a in found)
        assert facts(theirs) == facts(ours), image
        count += len(facts(theirs))
    return f"{count} of {report['marks']} annotations, outlines equal number for number"


def items(dataset):
    found = {}
    labels = dataset.categories()[dm.AnnotationType.label]
    for item in dataset:
        key = os.path.basename(item.id)
        shapes = found.setdefault(key, [])
        for annotation in item.annotations:
            name = labels[annotation.label].name if getattr(annotation, "label", None) is not None else ""
            if hasattr(annotation, "get_bbox"):
                shapes.append((name, type(annotation).__name__, [round(v, 2) for v in annotation.get_bbox()]))
            else:
                shapes.append((name, type(annotation).__name__, []))
        shapes.sort()
    return found


def through_datumaro(folder, source, theirs, ours, ending=""):
    """A data set that datumaro reads, before and after it went through ours and back to the same format."""
    def run():
        out = f"{folder}/{theirs}-{abs(hash(source))}{ending}"
        report = convert(f"{DATA}/{source}", ours, out, ours)
        if theirs == "cvat":
            shutil.copytree(os.path.dirname(f"{DATA}/{source}") + "/images", f"{folder}/images", dirs_exist_ok=True)
        before = items(dm.Dataset.import_from(f"{DATA}/{source}", theirs))
        after = items(dm.Dataset.import_from(out, theirs))
        before = {key: value for key, value in before.items() if value}
        after = {key: value for key, value in after.items() if value}
        assert before == after, f"{before} is not {after}"
        return f"{report['marks']} marks equal in datumaro"
    return run


def coco_to(folder, to, theirs, kind, ending=""):
    """Written by ours from COCO, read by datumaro: the boxes are those of the COCO file."""
    def run():
        from PIL import Image
        path, _ = sample(folder)
        out = f"{folder}/to-{theirs}{ending}"
        convert(path, "coco", out, to)
        if kind == "yolo":
            for name in ["a/one.png", "two.png"]:
                for root in ["obj_train_data", "images"]:
                    file = f"{out}/{root}/{name}"
                    os.makedirs(os.path.dirname(file), exist_ok=True)
                    Image.new("RGB", (64, 48)).save(file)
        if kind == "cvat":
            for name in ["a/one.png", "two.png"]:
                file = f"{folder}/images/{name}"
                os.makedirs(os.path.dirname(file), exist_ok=True)
                Image.new("RGB", (64, 48)).save(file)
        found = items(dm.Dataset.import_from(out, theirs))
        boxes = sorted(shape[2] for shapes in found.values() for shape in shapes)
        # pycocotools and ours know the box of a mask by its pixels.
        wanted = [[1.0, 2.0, 30.0, 20.0], [1.5, 2.0, 20.25, 10.0], [30.0, 10.0, 20.0, 10.0], [30.0, 10.0, 20.0, 10.0]]
        slack = 1.01 if kind == "voc" else 0.02
        assert len(boxes) == len(wanted), boxes
        for one, other in zip(boxes, wanted):
            assert np.allclose(one, other, atol=slack), (boxes, wanted)
        return f"{len(boxes)} boxes"
    return run


def brush(folder):
    from label_studio_sdk.converter import brush as studio
    path, ring = sample(folder)
    out = f"{folder}/studio.json"
    convert(path, "coco", out, "label-studio")
    tasks = json.load(open(out))
    regions = [r for t in tasks for a in t["annotations"] for r in a["result"] if r["type"] == "brushlabels"]
    for region in regions:
        alpha = studio.decode_rle(region["value"]["rle"]).reshape(48, 64, 4)[:, :, 3]
        assert ((alpha > 0) == (ring > 0)).all()
    theirs = studio.encode_rle(np.repeat((ring * 255).flatten(), 4).astype(np.uint8))
    task = [{"id": 1, "data": {"image": "x.png"}, "annotations": [{"result": [
        {"id": "b", "type": "brushlabels", "original_width": 64, "original_height": 48,
         "value": {"format": "rle", "rle": [int(v) for v in theirs], "brushlabels": ["cat"]}}]}]}]
    with open(f"{folder}/theirs.json", "w") as file:
        json.dump(task, file)
    convert(f"{folder}/theirs.json", "label-studio", f"{folder}/theirs-coco.json", "coco")
    coco = COCO(f"{folder}/theirs-coco.json")
    assert (coco.annToMask(coco.loadAnns(coco.getAnnIds())[0]) == ring).all()
    return f"{len(regions)} brushes read by the SDK, one of the SDK's read by ours"


def pictures(folder):
    check("COCO to COCO, pycocotools", lambda: coco_round(folder))
    check("COCO to Darknet, datumaro", coco_to(folder, "darknet", "yolo", "yolo"))
    check("COCO to VOC, datumaro", coco_to(folder, "voc", "voc_detection", "voc"))
    check("COCO to CVAT, datumaro", coco_to(folder, "cvat", "cvat", "cvat", ".xml"))
    check("brushes, label-studio-sdk", lambda: brush(folder))
    if DATA:
        assets = "formats/datumaro_assets/tests/assets"
        check("TACO, pycocotools", lambda: taco(folder))
        check("CVAT images, datumaro", through_datumaro(
            folder, f"{assets}/cvat_dataset/for_images/export_task/train.xml", "cvat", "cvat", ".xml"))
        check("CVAT video, datumaro", through_datumaro(
            folder, f"{assets}/cvat_dataset/for_video/annotations.xml", "cvat", "cvat", ".xml"))
        check("KITTI, datumaro", through_datumaro(
            folder, f"{assets}/kitti_dataset/kitti_detection/training", "kitti_detection", "kitti"))


with tempfile.TemporaryDirectory() as folder:
    for name, run in tables.CHECKS.items():
        check(name, lambda: run(folder, convert))
    if MISSING:
        print(f"skipped   peers: pictures: {MISSING}", flush=True)
    else:
        pictures(folder)
sys.exit(1 if failed else 0)

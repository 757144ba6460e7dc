"""Masks in pictures of their own: written with ours and read by datumaro, and the reverse."""

import json
import os

SIZE = (20, 30)


def area(x, y, width, height):
    import numpy as np
    pixels = np.zeros(SIZE, bool)
    pixels[y:y + height, x:x + width] = True
    return pixels


# Of each thing its class, its pixels, and whether it has a box besides.
THINGS = {
    "a/one": [("cat", (2, 3, 5, 6), True), ("dog", (10, 3, 4, 6), False), ("cat", (14, 5, 4, 4), True)],
    "two": [("dog", (0, 0, 30, 20), False)],
}


def theirs(folder, name, colours=True):
    """What datumaro writes in one of its formats."""
    import datumaro as dm
    import numpy as np
    from datumaro.components.annotation import AnnotationType, Bbox, LabelCategories, Mask, MaskCategories
    names = ["background", "cat", "dog"]
    items = []
    for subset, (item, things) in zip(["train", "val"], THINGS.items()):
        annotations = []
        for at, (label, box, boxed) in enumerate(things, 1):
            facts = {"label": names.index(label), "id": at, "group": at, "attributes": {"occluded": boxed}}
            annotations.append(Mask(area(*box), z_order=at, **facts))
            if boxed:
                annotations.append(Bbox(*box, **facts))
        media = dm.Image.from_numpy(data=np.ones((*SIZE, 3), np.uint8))
        items.append(dm.DatasetItem(id=item, subset=subset, media=media, annotations=annotations))
    categories = {AnnotationType.label: LabelCategories.from_iterable(names)}
    if colours:
        colormap = {0: (0, 0, 0), 1: (250, 50, 83), 2: (10, 200, 30)}
        categories[AnnotationType.mask] = MaskCategories(colormap)
    data = dm.Dataset.from_iterable(items, categories=categories)
    data.export(f"{folder}/{name}", name, save_media=True)
    return f"{folder}/{name}"


def runs(pixels):
    from pycocotools import mask
    import numpy as np
    return mask.encode(np.asfortranarray(pixels, np.uint8))["counts"].decode()


def wanted(subsets=True):
    return {
        (item, subset if subsets else ""): sorted((label, runs(area(*box))) for label, box, _ in things)
        for subset, (item, things) in zip(["train", "val"], THINGS.items())
    }


def read(folder, convert, path, source, ending, by="name"):
    """The masks that ours finds; nothing else may be there, and nothing refused."""
    out = f"{folder}/{source}-{abs(hash(path))}.jsonl"
    report = convert(path, source, out, "items")
    assert report["refused"] == 0, report
    rows = [json.loads(line) for line in open(out)]
    found = {}
    for item in [row["item"] for row in rows if "item" in row]:
        marks = found.setdefault((item["id"] if by == "id" else os.path.splitext(item["name"])[0], item.get("subset", "")), [])
        for mark in item["marks"]:
            shape = mark["place"]["shape"]
            assert shape["type"] == "mask", mark
            marks.append((mark["class"], shape["counts"]))
        marks.sort()
        assert item["name"].endswith(ending) and (item["height"], item["width"]) == SIZE, item
    return found, rows


def voc(folder, convert):
    import datumaro as dm
    count = 0
    for colours in [True, False]:
        for name in ["voc", "voc_segmentation", "voc_instance_segmentation"]:
            place = f"{folder}/{colours}"
            path = theirs(place, name, colours)
            found, rows = read(place, convert, path, "voc", ".jpg")
            assert found == wanted(), (name, found)
            occluded = [m for r in rows if "item" in r for m in r["item"]["marks"] if m.get("attributes", {}).get("occluded")]
            assert len(occluded) == (0 if name == "voc_segmentation" else 2), occluded
            count += 1
    # Back again, and read by theirs.
    convert(f"{folder}/True/voc", "voc", f"{folder}/ours", "voc")
    found = {}
    data = dm.Dataset.import_from(f"{folder}/ours", "voc")
    names = data.categories()[dm.AnnotationType.label]
    for item in data:
        masks = [a for a in item.annotations if a.type == dm.AnnotationType.mask]
        found[item.id, item.subset] = sorted((names[mask.label].name, runs(mask.image)) for mask in masks)
        assert sum(a.type == dm.AnnotationType.bbox for a in item.annotations) == len(masks)
    assert found == wanted(), found
    return f"masks of {count} folders of theirs read by ours, and ours by theirs"


def open_images(folder, convert):
    path = theirs(folder, "open_images")
    found, rows = read(folder, convert, path, "open-images", ".jpg", by="id")
    assert found == wanted(), found
    occluded = [m for r in rows if "item" in r for m in r["item"]["marks"] if m.get("attributes", {}).get("occluded")]
    assert len(occluded) == 2, occluded
    return f"{sum(map(len, found.values()))} masks of theirs read by ours, with their boxes"


def coco(folder, convert):
    path = theirs(folder, "coco")
    kinds = sorted({name.split("_")[0] for name in os.listdir(f"{path}/annotations")})
    found, rows = read(folder, convert, path, "coco", ".jpg")
    assert found == wanted(), found
    items = sum("item" in row for row in rows)
    assert items == len(THINGS), rows
    return f"{items} pictures out of {', '.join(kinds)}, each once"


CHECKS = {"COCO in several files, datumaro": coco, "masks of Pascal VOC, datumaro": voc, "masks of Open Images, datumaro": open_images}

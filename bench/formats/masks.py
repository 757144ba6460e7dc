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


def camvid(folder, convert):
    count = 0
    for colours in [True, False]:
        place = f"{folder}/{colours}"
        path = theirs(place, "camvid", colours)
        found, _ = read(place, convert, path, "camvid", ".jpg")
        # Of each class one mask.
        import numpy as np
        for subset, (item, things) in zip(["train", "val"], THINGS.items()):
            labels = sorted({label for label, _, _ in things})
            masks = [runs(np.any([area(*box) for label, box, _ in things if label == one], 0)) for one in labels]
            assert found.pop((f"{subset}/{item}", subset)) == list(zip(labels, masks)), found
            count += len(masks)
        assert not found, found
    return f"{count} masks of theirs read by ours, with colours of their own and without"


def lists(folder, convert):
    """Classes and texts of pictures as lists."""
    import datumaro as dm
    import numpy as np
    from datumaro.components.annotation import AnnotationType, Bbox, Caption, Label, LabelCategories, Polygon

    def write(name, ours, annotations):
        media = dm.Image.from_numpy(data=np.ones((*SIZE, 3), np.uint8))
        made = [dm.DatasetItem(id=item, subset="train", media=media, annotations=list(said))
                for item, said in annotations.items()]
        labels = {AnnotationType.label: LabelCategories.from_iterable(["cat", "red dog", "sky"])}
        path = f"{folder}/{name}"
        dm.Dataset.from_iterable(made, categories=labels).export(path, name, save_media=True)
        report = convert(path, ours, f"{path}.jsonl", "items")
        assert report["refused"] == 0, report
        rows = [json.loads(line) for line in open(f"{path}.jsonl")]
        return {row["item"]["name"]: row["item"].get("marks", []) for row in rows if "item" in row}

    found = write("imagenet_txt", "imagenet-txt", {"a/one": [Label(1), Label(0)], "two words": [Label(2)]})
    assert {name: sorted(mark["class"] for mark in marks) for name, marks in found.items()} == {
        "a/one.jpg": ["cat", "red dog"], "two words.jpg": ["sky"]}, found
    found = write("icdar_text_localization", "icdar", {
        "a/one": [Polygon([1, 2, 9, 2, 9, 8, 1, 8], attributes={"text": "FOOD, HALL"}), Bbox(2, 3, 4, 5, attributes={"text": "12"})],
        "two": []})
    [first, second] = found["train/images/a/one.png"]
    assert first["attributes"] == {"text": "FOOD, HALL"} and second["attributes"] == {"text": "12"}, found
    assert first["place"]["shape"]["points"] == [[1, 2], [9, 2], [9, 8], [1, 8]], first
    assert second["place"]["shape"] == {"type": "box", "x": 2, "y": 3, "width": 4, "height": 5}, second
    assert found["train/images/two.png"] == [], found
    found = write("icdar_word_recognition", "icdar", {"a/one": [Caption("say so")], "two": []})
    assert found == {"a/one.png": [{"place": {"words": "say so"}}], "two.png": []}, found
    return "lists of ImageNet and both of ICDAR read by ours"


CHECKS = {"CamVid, datumaro": camvid, "lists about pictures, datumaro": lists, "COCO in several files, datumaro": coco, "masks of Pascal VOC, datumaro": voc, "masks of Open Images, datumaro": open_images}

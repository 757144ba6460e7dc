"""The models of others against ours: `peers.py FAIRMARK`, a line for each check, exit status 1 if one failed.

A backend made with the published `label-studio-ml` (a classical detector: the red part of a picture) is connected to a
server of its own, checked, fetched from and asked by pointing; what comes out is compared with where the red was
painted. Then the built-in detector against onnxruntime on a real street, the same file with the same preparation.
"""

import io
import json
import logging
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

FAIRMARK = sys.argv[1]
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
failed = 0


def check(name, run):
    global failed
    began = time.monotonic()
    try:
        said = run()
        print(f"ok   models: {name}: {said} ({round(1000 * (time.monotonic() - began))} ms)", flush=True)
    except ImportError as error:
        print(f"skipped   models: {name}: {error}", flush=True)
    except Exception as error:
        failed += 1
        print(f"FAIL   models: {name}: {type(error).__name__}: {str(error)[:400]}", flush=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A server on an empty folder, and its owner."""

    def __init__(self, folder):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = [FAIRMARK, "serve", "--data-dir", folder, "--listen", f"127.0.0.1:{self.port}", "--allow-host", "127.0.0.1"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.cookie, token = None, None
        for line in self.process.stdout:
            found = re.search(r"oken[=: ]+([\w-]{20,})", line)
            if found:
                token = found[1]
                break
        threading.Thread(target=lambda: [None for _ in self.process.stdout], daemon=True).start()
        for _ in range(150):
            try:
                urllib.request.urlopen(f"{self.url}/readyz").read()
                break
            except OSError:
                time.sleep(0.2)
        self.call("POST", "/api/setup/claim", {"token": token, "email": "olga@example.org", "name": "Olga", "password": "seven small green boats", "organization": "Acme"})

    def call(self, method, path, body=None, **headers):
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)
        request.add_header("origin", self.url)
        request.add_header("fairmark-request", "1")
        if self.cookie:
            request.add_header("cookie", self.cookie)
        kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
        request.add_header("content-type", kind)
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            with urllib.request.urlopen(request) as reply:
                self.cookie = (reply.headers.get("set-cookie") or self.cookie or "").split(";")[0]
                text = reply.read()
                return json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read()[:300]}") from error

    def project(self, name, pictures):
        project = self.call("POST", "/api/projects", {"name": name, "template": "image_boxes", "plan": {"overlap": 1}})
        for external_id, content in pictures:
            new = {"external_id": external_id, "name": external_id, "bytes": len(content)}
            upload = self.call("POST", f"/api/projects/{project['id']}/uploads", new)
            self.call("PATCH", f"/api/uploads/{upload['id']}", content, upload_offset="0")
            self.call("POST", f"/api/uploads/{upload['id']}/finish", {})
        text = {"base": 1, "markdown": "# Boxes\n\nTight ones.\n"}
        self.call("PUT", f"/api/projects/{project['id']}/instructions", text)
        now = self.call("GET", f"/api/projects/{project['id']}")
        self.call("PATCH", f"/api/projects/{project['id']}", {"base": now["version"], "state": "published"})
        return project["id"]

    def fetch(self, backend):
        job = self.call("POST", f"/api/backends/{backend}/fetch", {"batch": 3})
        while job["state"] in ("queued", "running"):
            time.sleep(0.2)
            job = self.call("GET", f"/api/jobs/{job['id']}")
        assert job["state"] == "done" and job["bad"] == 0, job
        return job["result"]

    def claim(self, project, count):
        return self.call("POST", f"/api/projects/{project}/claims", {"stage": "label", "count": count})["claims"]


def backend_of_label_studio(folder):
    """The published package with the smallest model that is one; answers its address."""
    from label_studio_ml.api import init_app
    from label_studio_ml.model import LabelStudioMLBase
    from PIL import Image
    from werkzeug.serving import make_server

    class Red(LabelStudioMLBase):
        def predict(self, tasks, **kwargs):
            context = kwargs.get("context")
            return [self.one(task, context) for task in tasks]

        def one(self, task, context):
            with Image.open(self.get_local_path(task["data"]["image"])) as picture:
                picture = picture.convert("RGB")
                width, height = picture.size
                red = picture.split()[0].point(lambda value: 255 * (value > 200))
                left, top, right, bottom = red.getbbox()
            label = "Car"
            if context:
                label = context["result"][0]["value"]["keypointlabels"][0]
            value = {"x": 100 * left / width, "y": 100 * top / height, "width": 100 * (right - left) / width,
                     "height": 100 * (bottom - top) / height, "rotation": 0, "rectanglelabels": [label]}
            region = {"from_name": "box", "to_name": "image", "type": "rectanglelabels", "value": value, "score": 0.75}
            return {"result": [region], "score": 0.75}

    app = init_app(model_class=Red, model_dir=folder)
    port = free_port()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{port}"


def painted(left, top, right, bottom):
    from PIL import Image, ImageDraw
    picture = Image.new("RGB", (640, 480), (20, 60, 90))
    ImageDraw.Draw(picture).rectangle((left, top, right - 1, bottom - 1), fill=(240, 20, 20))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def label_studio(server, folder):
    url = backend_of_label_studio(folder)
    places = {f"red-{n}.png": (40 + 20 * n, 50, 200 + 31 * n, 170 + 7 * n) for n in range(7)}
    project = server.project("Red", [(name, painted(*place)) for name, place in places.items()])
    new = {"name": "Red finder", "kind": "label_studio", "url": url}
    backend = server.call("POST", f"/api/projects/{project}/backends", new)["id"]
    now = server.call("POST", f"/api/backends/{backend}/check", {})
    assert now["state"] == "up" and now["model_version"] == "INITIAL", now
    result = server.fetch(backend)
    assert result["suggested"] == len(places), result
    claims = server.claim(project, len(places))
    worst = 0
    for claim in claims:
        [object_] = claim["suggestion"]["objects"]
        shape, (left, top, right, bottom) = object_["shape"], places[claim["item"]["external_id"]]
        found = (shape["x"], shape["y"], shape["x"] + shape["width"], shape["y"] + shape["height"])
        worst = max(worst, *(abs(a - b) for a, b in zip(found, (left, top, right, bottom))))
        assert claim["suggested_by"]["model"] == "Red finder INITIAL", claim["suggested_by"]
        assert claim["suggested_by"]["scores"] == {object_["id"]: 0.75}
    assert worst < 0.01, worst
    prompt = {"fence": claims[0]["fence"], "backend": backend, "class": "person", "points": [{"x": 80, "y": 80}]}
    told = server.call("POST", f"/api/slots/{claims[0]['slot']}/prompts", prompt)
    assert told["suggestion"]["objects"][0]["class"] == "person", told
    return f"{len(claims)} pictures lent, fetched and asked about; the boxes are {worst:.4f} pixels off at most"


def onnxruntime_boxes(path):
    import numpy as np
    import onnxruntime
    from PIL import Image
    session = onnxruntime.InferenceSession(f"{ROOT}/crates/server/models/nanodet.onnx")
    with Image.open(path) as picture:
        picture = picture.convert("RGB")
    width, height = picture.size
    ratio = 416 / max(width, height)
    wide, high = round(width * ratio), round(height * ratio)
    left, top = (416 - wide) // 2, (416 - high) // 2
    canvas = np.zeros((416, 416, 3), np.float32)
    canvas[top:top + high, left:left + wide] = np.asarray(picture.resize((wide, high), Image.BILINEAR), np.float32)
    canvas = (canvas[..., ::-1] - np.float32([103.53, 116.28, 123.675])) / np.float32([57.375, 57.12, 58.395])
    outputs = session.run(None, {session.get_inputs()[0].name: np.ascontiguousarray(canvas.transpose(2, 0, 1)[None])})
    by_shape = {output.shape[1:]: output[0] for output in outputs}
    found = []
    for stride in (8, 16, 32):
        across = 416 // stride
        scores, bins = by_shape[(across * across, 80)], by_shape[(across * across, 44)].reshape(-1, 4, 11)
        weights = np.exp(bins - bins.max(-1, keepdims=True))
        far = (weights / weights.sum(-1, keepdims=True) * np.arange(11)).sum(-1) * stride
        for cell, label in np.argwhere(scores >= 0.4):
            x, y = (cell % across + 0.5) * stride, (cell // across + 0.5) * stride
            sides = [x - far[cell, 0] - left, y - far[cell, 1] - top, x + far[cell, 2] - left, y + far[cell, 3] - top]
            sides = np.clip(np.array(sides) / ratio, 0, [width, height, width, height])
            found.append((float(scores[cell, label]), int(label), sides))
    kept = []
    for one in sorted(found, key=lambda one: -one[0]):
        if all(one[1] != other[1] or iou(one[2], other[2]) <= 0.5 for other in kept):
            kept.append(one)
    return kept


def iou(a, b):
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    shared = max(0, wide) * max(0, high)
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)


def built_in(server):
    folder = f"{ROOT}/demo/street/images"
    names = sorted(name for name in os.listdir(folder) if name.startswith("test"))[:8]
    with open(f"{ROOT}/crates/server/models/coco.names") as lines:
        classes = lines.read().split("\n")
    pictures = []
    for name in names:
        with open(f"{folder}/{name}", "rb") as content:
            pictures.append((name, content.read()))
    project = server.project("Street", pictures)
    settings = {"at_least": 0.4, "classes": {"truck": None, "bus": None}}
    new = {"name": "Built-in", "kind": "local", "model": "nanodet", "settings": settings}
    backend = server.call("POST", f"/api/projects/{project}/backends", new)["id"]
    server.fetch(backend)
    compared, worst_overlap, worst_score = 0, 1.0, 0.0
    for claim in server.claim(project, len(names)):
        theirs = [one for one in onnxruntime_boxes(f"{folder}/{claim['item']['external_id']}") if classes[one[1]] == "car"]
        ours = claim["suggestion"].get("objects", [])
        scores = claim["suggested_by"]["scores"]
        # The two decode and scale pictures with other libraries: what is near the threshold may fall on either side.
        for score, _, sides in (one for one in theirs if one[0] >= 0.5):
            shapes = [(one["shape"], scores[one["id"]]) for one in ours]
            overlap, near = max((iou(sides, (s["x"], s["y"], s["x"] + s["width"], s["y"] + s["height"])), p) for s, p in shapes)
            compared, worst_overlap = compared + 1, min(worst_overlap, overlap)
            worst_score = max(worst_score, abs(near - score))
    assert compared >= 8 and worst_overlap >= 0.9 and worst_score <= 0.05, (compared, worst_overlap, worst_score)
    return f"{compared} cars of {len(names)} pictures, IoU with onnxruntime's {worst_overlap:.3f} at least, scores {worst_score:.3f} apart at most"


with tempfile.TemporaryDirectory() as data, tempfile.TemporaryDirectory() as models:
    server = Server(data)
    try:
        check("label-studio-ml", lambda: label_studio(server, models))
        check("onnxruntime", lambda: built_in(server))
    finally:
        server.process.terminate()
        server.process.wait()
sys.exit(1 if failed else 0)

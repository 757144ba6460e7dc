"""Writes the small models that the tests of the server bring as an operator would: `fixtures.py FOLDER`.

The detector is colour: of a 32 × 32 picture, four cells of 16 × 16, each as red and as green as its mean. It answers as
YOLOv8 does, 1 × 6 × 4. The segmenter is brightness: what is brighter than the mean of the picture, by the decoder of the SAM
family; its score says where the last point lies, so that a test sees that it arrived.
"""

import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT = TensorProto.FLOAT


def value(name, shape):
    return helper.make_tensor_value_info(name, FLOAT, shape)


def constant(name, array):
    return numpy_helper.from_array(np.asarray(array), name)


def save(path, nodes, inputs, outputs, constants):
    graph = helper.make_graph(nodes, "fixture", inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    onnx.save(model, path)


def detector(path):
    centres = [[8, 24, 8, 24], [8, 8, 24, 24], [16] * 4, [16] * 4]
    sides = constant("sides", np.array([centres], dtype=np.float32))
    save(path, [
        helper.make_node("AveragePool", ["images"], ["mean"], kernel_shape=[16, 16], strides=[16, 16]),
        helper.make_node("Reshape", ["mean", "flat"], ["cells"]),
        helper.make_node("Slice", ["cells", "first", "third", "axis"], ["scores"]),
        helper.make_node("Concat", ["sides", "scores"], ["output0"], axis=1),
    ], [value("images", [1, 3, 32, 32])], [value("output0", [1, 6, 4])], [
        sides, constant("flat", np.array([1, 3, 4], dtype=np.int64)), constant("first", np.array([0], dtype=np.int64)),
        constant("third", np.array([2], dtype=np.int64)), constant("axis", np.array([1], dtype=np.int64)),
    ])


def encoder(path):
    save(path, [
        helper.make_node("ReduceMean", ["image"], ["grey"], axes=[1], keepdims=1),
        helper.make_node("ReduceMean", ["grey"], ["level"], axes=[2, 3], keepdims=1),
        helper.make_node("Sub", ["grey", "level"], ["image_embeddings"]),
    ], [value("image", [1, 3, 32, 32])], [value("image_embeddings", [1, 1, 32, 32])], [])


def decoder(path):
    save(path, [
        helper.make_node("Identity", ["image_embeddings"], ["masks"]),
        helper.make_node("ReduceMax", ["point_coords"], ["far"], axes=[1, 2], keepdims=0),
        helper.make_node("Div", ["far", "side"], ["share"]),
        helper.make_node("Reshape", ["share", "one"], ["spread"]),
        helper.make_node("ReduceMax", ["point_labels"], ["label"], axes=[1], keepdims=1),
        helper.make_node("Mul", ["label", "nothing"], ["zero"]),
        helper.make_node("Add", ["spread", "zero"], ["iou_predictions"]),
    ], [value("image_embeddings", [1, 1, 32, 32]), value("point_coords", [1, None, 2]), value("point_labels", [1, None])],
        [value("masks", [1, 1, 32, 32]), value("iou_predictions", [1, 1])], [
        constant("side", np.array([32.0], dtype=np.float32)), constant("one", np.array([1, 1], dtype=np.int64)),
        constant("nothing", np.array([0.0], dtype=np.float32)),
    ])


if __name__ == "__main__":
    folder = sys.argv[1]
    detector(f"{folder}/colours.onnx")
    encoder(f"{folder}/bright_encoder.onnx")
    decoder(f"{folder}/bright_decoder.onnx")
    with open(f"{folder}/colours.names", "w") as out:
        out.write("red thing\ngreen thing\n")

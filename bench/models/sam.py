"""Segment Anything, small and untrained, as its authors' package exports it: `sam.py export FOLDER`, then `sam.py ask FOLDER`.

`export` writes `sam_encoder.onnx`, the same as `samexporter --use-preprocess` has it, which takes pixels, and
`sam_decoder.onnx` (torch 1.13, onnx, segment-anything 1.0; weights by a fixed seed).
`ask` prints what onnxruntime finds with them in the picture of the test in `crates/server/src/local/segmenter.rs`: the score
of the mask that `select_masks` of the package takes, and its pixels.
"""

import functools
import sys
import types

import numpy as np

SIDE = 128


def export(folder):
    # The package asks for torchvision, of which the export uses nothing.
    for name in ["torchvision", "torchvision.transforms", "torchvision.transforms.functional", "torchvision.ops",
                 "torchvision.ops.boxes"]:
        sys.modules[name] = types.ModuleType(name)
    for name in ["resize", "to_pil_image"]:
        setattr(sys.modules["torchvision.transforms.functional"], name, None)
    for name in ["batched_nms", "box_area"]:
        setattr(sys.modules["torchvision.ops.boxes"], name, None)
    import torch
    from segment_anything.modeling import ImageEncoderViT, MaskDecoder, PromptEncoder, Sam, TwoWayTransformer
    from segment_anything.utils.onnx import SamOnnxModel

    torch.manual_seed(6)
    width, cells = 32, SIDE // 16
    norm = functools.partial(torch.nn.LayerNorm, eps=1e-6)
    sam = Sam(
        image_encoder=ImageEncoderViT(
            depth=2, embed_dim=32, img_size=SIDE, mlp_ratio=2, norm_layer=norm, num_heads=2, patch_size=16, qkv_bias=True,
            use_rel_pos=True, global_attn_indexes=[1], window_size=7, out_chans=width),
        prompt_encoder=PromptEncoder(
            embed_dim=width, image_embedding_size=(cells, cells), input_image_size=(SIDE, SIDE), mask_in_chans=4),
        mask_decoder=MaskDecoder(
            num_multimask_outputs=3, transformer=TwoWayTransformer(depth=2, embedding_dim=width, mlp_dim=64, num_heads=8),
            transformer_dim=width, iou_head_depth=3, iou_head_hidden_dim=width),
    )
    sam.eval()
    # Wider than at the start of training, so that the masks answer to the picture; scores between 0 and 1.
    with torch.no_grad():
        for name, weights in sam.named_parameters():
            if weights.dim() > 1 and "iou_pred" not in name:
                weights.mul_(1.5)
            if name.endswith("iou_prediction_head.layers.2.bias"):
                weights.add_(0.6)
    torch.onnx.export(
        sam.image_encoder, torch.zeros(1, 3, SIDE, SIDE), f"{folder}/sam_encoder.onnx", opset_version=17,
        input_names=["image"], output_names=["image_embeddings"])
    mean, deviation = torch.tensor([123.675, 116.28, 103.53]), torch.tensor([58.395, 57.12, 57.375])

    class OfPixels(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = sam.image_encoder

        def forward(self, pixels):
            planes = torch.permute((pixels - mean) / deviation, (2, 0, 1))
            high, wide = planes.shape[-2:]
            padded = torch.nn.functional.pad(planes, (0, SIDE - wide, 0, SIDE - high))
            return self.encoder(torch.unsqueeze(padded, 0))

    torch.onnx.export(
        OfPixels(), torch.zeros(96, SIDE, 3), f"{folder}/sam_encoder_of_pixels.onnx", opset_version=17,
        input_names=["input_image"], output_names=["image_embeddings"],
        dynamic_axes={"input_image": {0: "image_height", 1: "image_width"}})
    given = {
        "image_embeddings": torch.randn(1, width, cells, cells),
        "point_coords": torch.randint(0, SIDE, (1, 5, 2)).float(),
        "point_labels": torch.randint(0, 4, (1, 5)).float(),
        "mask_input": torch.randn(1, 1, 4 * cells, 4 * cells),
        "has_mask_input": torch.tensor([1.0]),
        "orig_im_size": torch.tensor([150.0, 220.0]),
    }
    points = {1: "num_points"}
    torch.onnx.export(
        SamOnnxModel(sam, return_single_mask=False), tuple(given.values()), f"{folder}/sam_decoder.onnx", opset_version=17,
        input_names=list(given), output_names=["masks", "iou_predictions", "low_res_masks"],
        dynamic_axes={"point_coords": points, "point_labels": points})


def ask(folder):
    import onnxruntime

    width, height = SIDE, SIDE * 3 // 4
    y, x = np.mgrid[0:height, 0:width]
    picture = np.stack([x * 2 % 256, y * 3 % 256, (x // 16 + y // 16) % 2 * 200], -1)
    planes = np.zeros((1, 3, SIDE, SIDE), np.float32)
    planes[0, :, :height] = ((picture - [123.675, 116.28, 103.53]) / [58.395, 57.12, 57.375]).transpose(2, 0, 1)
    encoder = onnxruntime.InferenceSession(f"{folder}/sam_encoder.onnx")
    decoder = onnxruntime.InferenceSession(f"{folder}/sam_decoder.onnx")
    reading = encoder.run(None, {"image": planes})[0]
    for name, points, labels in [
        ("a point", [[40, 30], [0, 0]], [1, -1]),
        ("a box and a point", [[10, 10], [90, 70], [50, 40]], [2, 3, 0]),
    ]:
        masks, scores = decoder.run(["masks", "iou_predictions"], {
            "image_embeddings": reading,
            "point_coords": np.array([points], np.float32),
            "point_labels": np.array([labels], np.float32),
            "mask_input": np.zeros((1, 1, SIDE // 4, SIDE // 4), np.float32),
            "has_mask_input": np.zeros(1, np.float32),
            "orig_im_size": np.array([height, width], np.float32),
        })
        best = int((scores[0] + (len(points) - 2.5) * np.array([1000, 0, 0, 0])).argmax())
        print(name, scores[0, best], int((masks[0, best] > 0).sum()))


if __name__ == "__main__":
    {"export": export, "ask": ask}[sys.argv[1]](sys.argv[2])

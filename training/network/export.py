"""A checkpoint as the ONNX file and model card of the package.

``python -m training.network.export build/training/first/last.pt --version 1 --metrics FILE.json ...``
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ovcf.segmentation.network.builtin_model import CARD, MODEL
from ovcf.segmentation.network.inference import CLASSES, PIXEL_MM, POINTS
from training.network.model_digests import write_digests
from training.network.spine_net import FIRST, SpineNet

PACKAGE = Path(__file__).resolve().parents[2] / "src/ovcf/segmentation/model"
_SHAPES = "shapes derived from NHANES 2013-2014 lateral DXA, extended by published anatomy; "
_REAL = (
    " Since version 0.12 also real MRI, of which only what its readers drew was asked: T1 of 329 patients with "
    "polygons of L1 to L5 and S1, and T2 SPACE of 19 patients with masks; others of the same collections were held "
    "back, and by them it was decided what is shipped. What digital patients show followed, in part, from a look at "
    "what the model made of real images, as docs/validation.md says."
)
_REAL_FILMS = (
    " Since version 0.5 also real T1 MRI of 329 patients with polygons of L1 to L5 and S1, shown as a film might show "
    "it, of which only what its readers drew was asked; 63 others were held back, and on them, beside digital ones, "
    "it was decided what is shipped. No radiograph of a person was used to train it or to choose a checkpoint; what is "
    "drawn followed, in part, from a look at what it made of real images, as docs/validation.md says."
)
_SUDIRMAN = (
    "Sudirman S, et al. Lumbar Spine MRI Dataset. Mendeley Data, doi 10.17632/k57fr854j2.2 (see also Masood RF, et "
    "al., doi 10.17632/k3b363f3vz.2); polygons as published in Saktheesh15/Spine-Segmentation-using-YOLOv8. CC BY 4.0; "
    "images cropped, turned, scaled, deformed and given other greys."
)
_SPIDER = (
    "van der Graaf JW, et al. SPIDER: lumbar spine segmentation in MR images. Zenodo, doi 10.5281/zenodo.10159290; as "
    "republished in istiak769/Lumbar-Spine-MRI-Segementation. CC BY 4.0; changed likewise."
)
_LIMITS = [
    "T1 to sacrum; the neck is not modelled",
    "no tumour, infection, metal or severe deformity beyond fractures and mild to moderate scoliosis was drawn",
    "research software, not a medical device",
]
ABOUT = {
    "sagittal": {
        "name": "ovcf built-in spine model",
        "task": "vertebral bodies, discs, canal, cord, sacrum, posterior elements; six landmarks per body",
        "input": f"a sagittal slice of any contrast and those beside it, {PIXEL_MM:g} mm pixels, locally normalised; "
        "whole field of view",
        "training_data": f"digital patients: {_SHAPES}appearance by MR physics, perturbed physics and random "
        f"contrast.{_REAL}",
        "sources_of_real_images": [_SUDIRMAN, _SPIDER],
        "limits": ["axial and coronal series are not read", *_LIMITS],
        "never_tested_on": [
            "spines with implants, tumour or infection",
            "children",
            "cervical series",
            "low-field and open scanners",
            "acute osteoporotic fractures in real patients with reference segmentations",
        ],
    },
    "radiograph": {
        "name": "ovcf built-in radiograph model",
        "task": "vertebral bodies, discs and sacrum in the mid-sagittal plane; six landmarks per body",
        "input": f"a lateral radiograph, {PIXEL_MM:g} mm pixels, locally normalised",
        "training_data": f"digital patients: {_SHAPES}projected as X-rays, with overlying anatomy by chance, since "
        f"version 0.5 in a pelvis and as screenshots.{_REAL_FILMS}",
        "sources_of_real_images": [_SUDIRMAN],
        "limits": ["frontal and cervical radiographs are not read", *_LIMITS],
        "never_tested_on": [
            "landmarks on radiographs of real patients: none with landmarks was at hand",
            "spines with implants",
            "children",
            "EOS images, fluoroscopy, photographs of film",
        ],
    },
}
FILES = {"sagittal": (MODEL, CARD), "radiograph": ("radiograph.onnx", "radiograph_card.json")}


class Probabilities(nn.Module):
    """What the package asks of a network: probabilities and heights of maps, in half the memory.

    ``less`` is taken off the logit of each class: real outlines are drawn closer than digital ones. ``doubt`` is taken
    off the log odds of sacrum against body, the sum of both staying as it is: where L5 and S1 look alike it decides
    which of them is mistaken.
    """

    def __init__(self, net: SpineNet, doubt: float = 0.0, less: dict[str, float] | None = None) -> None:
        super().__init__()
        self.net, self.doubt = net, doubt
        self.register_buffer("less", torch.tensor([(less or {}).get(name, 0.0) for name in CLASSES])[:, None, None])

    def forward(self, slices: Tensor) -> Tensor:
        logits = self.net(slices)
        classes, points = logits[:, : len(CLASSES)] - self.less, logits[:, len(CLASSES) :]
        p = classes.softmax(1)
        if self.doubt:
            body, sacrum = CLASSES.index("body"), CLASSES.index("sacrum")
            either = p[:, body : body + 1] + p[:, sacrum : sacrum + 1]
            odds = classes[:, body : body + 1] - classes[:, sacrum : sacrum + 1] + self.doubt
            p = torch.cat(
                [
                    p[:, :body],
                    either * odds.sigmoid(),
                    p[:, body + 1 : sacrum],
                    either * (-odds).sigmoid(),
                    p[:, sacrum + 1 :],
                ],
                1,
            )
        return torch.cat([p, points.sigmoid()], 1).half()


def main() -> None:
    """Export the averaged weights, check that onnxruntime gives what torch gives, and write the card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--task", choices=tuple(ABOUT), default="sagittal")
    parser.add_argument("--folder", type=Path, default=PACKAGE)
    parser.add_argument("--version", default="draft")
    parser.add_argument("--note", default="in one go by training/network/train.py", help="how the training went")
    parser.add_argument("--doubt", type=float, default=0.0, help="taken off the log odds of sacrum against body")
    parser.add_argument("--less", nargs="*", default=[], metavar="CLASS=VALUE", help="taken off the logit of a class")
    parser.add_argument("--metrics", type=Path, nargs="*", default=[], help="JSON of evaluate.py and the bench")
    args = parser.parse_args()
    saved = torch.load(args.checkpoint, map_location="cpu", weights_only=True)
    given = saved["average"][FIRST].shape[1] // 4
    spine_net = SpineNet(given)
    spine_net.load_state_dict(saved["average"])
    less = {name: float(value) for name, value in (one.split("=") for one in args.less)}
    if strangers := sorted(set(less) - set(CLASSES)):
        parser.error(f"--less: {strangers[0]} is none of {', '.join(CLASSES)}")
    net = Probabilities(spine_net, args.doubt, less).eval()
    args.folder.mkdir(parents=True, exist_ok=True)
    onnx, card_file = (args.folder / name for name in FILES[args.task])
    sizes = {0: "n", 2: "rows", 3: "columns"}
    torch.onnx.export(
        net,
        (torch.randn(2, given, 64, 96),),
        onnx,
        input_names=["slices"],
        output_names=["probabilities"],
        dynamo=False,
        opset_version=17,
        dynamic_axes={"slices": sizes, "probabilities": sizes},
    )
    gap = _gap(net, onnx, given)
    if gap > 1e-3:
        raise SystemExit(f"onnxruntime differs from torch by {gap:.2g}")
    content = onnx.read_bytes()
    card = {
        **ABOUT[args.task],
        "version": args.version,
        "steps": saved["step"],
        "training": args.note,
        "classes": list(CLASSES),
        "landmark_maps": list(POINTS),
        "parameters": sum(p.numel() for p in net.parameters()),
        "sha256": hashlib.sha256(content).hexdigest(),
        "metrics": {k: v for path in args.metrics for k, v in json.loads(path.read_text()).items()},
    }
    card_file.write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    write_digests()
    print(f"{onnx}: step {saved['step']}, {len(content) / 1e6:.1f} MB, differs from torch by {gap:.1e}")


def _gap(net: nn.Module, onnx: Path, slices: int) -> float:
    import onnxruntime

    other = torch.randn(3, slices, 80, 64)
    given = onnxruntime.InferenceSession(onnx).run(None, {"slices": other.numpy()})[0]
    with torch.no_grad():
        return float(np.abs(given.astype(np.float32) - net(other).float().numpy()).max())


if __name__ == "__main__":
    main()

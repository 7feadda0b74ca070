"""What the model shows of an S1 that it takes for a body: ``python -m training.evidence.sacral_evidence DATA``.

DATA is a folder of mid-sagittal T1 images of real patients with polygons of L1 to L5 and S1 (SOURCE); taken are the
patients whom no model of ours has learnt from (``real_mri.py``). Digital patients hardly ever deceive the model so;
real sacra do, above all where the image ends within them. Each image is read whole and cut off at five heights around
S1. What is written to ``model/sacral_evidence.json``: how much shorter the step from the last lumbar body to S1 is than
the step above, how the spine bends there, how far below S1 a sacrum is still seen, how often, and how often S1 is the
last body found.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from ovcf.imaging.volume import Volume
from ovcf.segmentation.levels.level_evidence import ROOMY_PITCHES, ColumnSeen, column_seen
from ovcf.segmentation.network.builtin_model import builtin_network, model_card
from ovcf.segmentation.network.fusion import fused
from ovcf.segmentation.network.inference import slice_maps
from training.mri.real_mri import t1_names
from training.network.model_digests import write_digests

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = (
    "T1 images of Sudirman et al., Mendeley Data 10.17632/k57fr854j2.2, in the set of Masood et al., "
    "10.17632/k3b363f3vz.2; polygons of Saktheesh15/Spine-Segmentation-using-YOLOv8; all CC BY 4.0"
)
OUT = Path(__file__).resolve().parents[2] / "src/ovcf/segmentation/model/sacral_evidence.json"
PIXEL_MM, SLICE_MM, NEAR_PX = 0.57, 4.0, 20.0
"""Pixel size by anatomy, the slice thickness usual in such exams, and how near a true body a found one must lie."""


def views(folder: Path) -> Iterator[tuple[str, ColumnSeen]]:
    """The true level of the last body found, and the column seen, of every image held back and its cuts."""
    network, judged = builtin_network(), set(t1_names(judge=True))
    for name, entry in json.loads((folder / "polygons.json").read_text()).items():
        bodies = {level: np.array(polygon) for level, polygon in entry["polygons"].items()}
        if name not in judged or not {"L5", "S1"} <= bodies.keys():
            continue
        pixels = np.asarray(Image.open(folder / "images" / name).convert("L"), np.float32)
        end, middle = bodies["S1"][:, 1].max(), bodies["S1"][:, 1].mean()
        for cut in (len(pixels), end + 18, end + 4, (end + middle) / 2, middle, bodies["L5"][:, 1].max() + 6):
            affine = np.array([[SLICE_MM, 0, 0, 0], [0, 0, PIXEL_MM, 0], [0, -PIXEL_MM, 0, 0], [0, 0, 0, 1]])
            spine = fused(slice_maps(Volume(pixels[None, : int(cut)], affine), network))
            if len(spine) < 4:
                continue
            last = spine.centres[-1, 1:] * (1, -1) / PIXEL_MM
            away = {level: float(np.linalg.norm(last - polygon.mean(axis=0))) for level, polygon in bodies.items()}
            level = min(away, key=lambda name: away[name])
            if away[level] <= NEAR_PX:
                yield level, column_seen(spine)


def main() -> None:
    """Fit, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    args = parser.parse_args()
    found = list(views(args.data))
    sacral = [seen for level, seen in found if level == "S1"]
    lumbar = [seen for level, seen in found if level == "L5"]
    with_sacrum = [s.below for s in sacral if s.below and s.below.sacrum_pitches is not None]
    steps = [s.features[-2, 0] - s.features[-3, 0] for s in sacral]
    bends = [s.features[-2, 3] for s in sacral]
    roomy = [[b for s in sacral if (b := s.below) and (b.room_pitches >= ROOMY_PITCHES) == wide] for wide in (0, 1)]
    beside = sum(s.below is not None and s.below.sacrum_pitches is not None for s in lumbar)
    fitted = {
        "pitch_step": _spread(steps),
        "bend_deg": _spread(bends),
        "gap": _spread([b.sacrum_pitches for b in with_sacrum]),
        # One view more of either kind: what was not met in so few is not impossible.
        "seen": [round((sum(b.sacrum_pitches is not None for b in part) + 1) / (len(part) + 2), 3) for part in roomy],
        "share_with_sacrum": round((len(with_sacrum) + 1) / (beside + 2), 3),
    }
    about = {
        "made_by": "training/evidence/sacral_evidence.py",
        "model": model_card()["version"],
        "views": len(sacral),
        "source": SOURCE,
    }
    print(f"{len(sacral)} of {len(found)} views end in S1\n{json.dumps(fitted, indent=1)}")
    OUT.write_text(json.dumps({**about, **fitted}, indent=1) + "\n")
    write_digests()


def _spread(values: list[float]) -> list[float]:
    """Median and robust SD."""
    middle = float(np.median(values))
    return [round(middle, 3), round(1.4826 * float(np.median(np.abs(np.array(values) - middle))), 3)]


if __name__ == "__main__":
    main()

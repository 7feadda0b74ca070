"""SHA-256 of every file of the built-in models, which loading them checks (``digests.json``).

The scripts that write a model file call it; by hand: ``python -m training.network.model_digests``.
"""

import hashlib
import json
from pathlib import Path

from ovcf.segmentation.network.model_files import DIGESTS, digests

FOLDER = Path(__file__).resolve().parents[2] / "src/ovcf/segmentation/model"


def write_digests() -> None:
    """Of the files as they lie there now; what this process remembered of them is forgotten."""
    found = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(FOLDER.iterdir()) if p.name != DIGESTS}
    (FOLDER / DIGESTS).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8", newline="\n")
    digests.cache_clear()


if __name__ == "__main__":
    write_digests()

"""Decode files in a process that may crash: paths on standard input, one ``.npy`` for each into a folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np

from ovcf.budget import DECODER_BYTES, MAX_IMAGE_BYTES
from ovcf.errors import OvcfError
from ovcf.imaging.archive import FoundFile
from ovcf.imaging.pixels import decode_here


def main() -> None:
    """Decode until the first failure; its message goes to standard error."""
    _limit_memory()
    folder = Path(sys.argv[1])
    for number, name in enumerate(sys.stdin.buffer.read().split(b"\0")):
        path = Path(os.fsdecode(name))
        try:
            pixels = decode_here(FoundFile(str(path), path))
        except OvcfError as error:
            sys.exit(error.problem)
        np.save(folder / f"{number}.npy", pixels)


def _limit_memory() -> None:
    """Ask the system to refuse more memory than a decoder needs; Windows has no such limit."""
    try:
        import resource
    except ImportError:
        return
    limit = DECODER_BYTES + MAX_IMAGE_BYTES
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (limit if most == resource.RLIM_INFINITY else min(limit, most), most))


if __name__ == "__main__":
    main()

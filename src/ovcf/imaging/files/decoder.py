"""Decode files in a process that may crash: paths on standard input, one ``.npy`` for each into a folder."""

from __future__ import annotations

import errno
import math
import os
import sys
from pathlib import Path

import numpy as np

from ovcf.budget import DECODER_BYTES, MAX_IMAGE_BYTES
from ovcf.errors import OvcfError
from ovcf.imaging.files.archive import FoundFile
from ovcf.imaging.files.picture_files import picture_here
from ovcf.imaging.files.pixels import decode_here


def main() -> None:
    """Decode until the first failure; its message goes to standard error, a full disk is the exit code ENOSPC."""
    _limit(float(sys.argv[2]))
    folder = Path(sys.argv[1])
    decode = picture_here if sys.argv[3:] == ["picture"] else decode_here
    for number, name in enumerate(sys.stdin.buffer.read().split(b"\0")):
        path = Path(os.fsdecode(name))
        try:
            pixels = decode(FoundFile(str(path), path))
        except OvcfError as error:
            sys.exit(error.problem)
        try:
            np.save(folder / f"{number}.npy", pixels)
        except OSError:
            sys.exit(errno.ENOSPC)


def _limit(seconds: float) -> None:
    """Ask the system for an end after so much work, and at more memory than decoding needs; Windows cannot do that."""
    try:
        import resource
    except ImportError:
        return
    for kind, limit in (
        (resource.RLIMIT_AS, DECODER_BYTES + MAX_IMAGE_BYTES),
        (resource.RLIMIT_CPU, math.ceil(seconds)),
        (resource.RLIMIT_CORE, 0),
    ):
        _, most = resource.getrlimit(kind)
        resource.setrlimit(kind, (limit if most == resource.RLIM_INFINITY else min(limit, most), most))


if __name__ == "__main__":
    main()

"""Decode files in a process that may crash: paths on standard input, one ``.npy`` for each into a folder."""

from __future__ import annotations

import errno
import sys
from pathlib import Path

import numpy as np

from ovcf.errors import OvcfError
from ovcf.imaging.archive import FoundFile
from ovcf.imaging.pixels import decode_here


def main() -> None:
    """Decode until the first failure; its message goes to standard error, a full disk is the exit code ENOSPC."""
    folder = Path(sys.argv[1])
    for number, line in enumerate(sys.stdin.read().split("\0")):
        try:
            pixels = decode_here(FoundFile(line, Path(line)))
        except OvcfError as error:
            sys.exit(error.problem)
        try:
            np.save(folder / f"{number}.npy", pixels)
        except OSError:
            sys.exit(errno.ENOSPC)


if __name__ == "__main__":
    main()

"""How a process that serves many shares its turns and gives memory back."""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress

from ovcf.kept import LARGE_BYTES

TURN_S = 0.0005
"""So long a thread that concludes works before one that only looks something up has its turn."""
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
"""Of glibc's malloc.h."""


def give_memory_back() -> None:
    """Large arrays take memory of their own, only where something is written, and leave none behind: so the C library
    of Linux does it once it is told how large. Elsewhere nothing is told, and memory is kept for later use."""
    with suppress(OSError, AttributeError, TypeError):
        library = ctypes.CDLL(None)
        library.mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES)
        library.mallopt(_M_ARENA_MAX, 2)


def collect_by_hand() -> None:
    """Look for garbage in circles only where :func:`collect` is called. What is concluded leaves none behind, and to
    look through all that open readings hold takes up to a second, in which nobody is answered."""
    gc.disable()
    collect()


def collect() -> None:
    """Look for garbage in circles among what is new since this was called last."""
    gc.collect()
    gc.freeze()

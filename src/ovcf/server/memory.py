"""How a process that serves many shares its turns and gives memory back."""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress

from ovcf.kept import LARGE_BYTES

TURN_S = 0.0005
"""So long a thread that concludes works before one that only looks something up has its turn."""
_SELDOM = (20_000, 20, 50)
"""New objects before the youngest are looked at, such looks before the next generation, and so on."""
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
"""Of glibc's malloc.h."""


def give_memory_back() -> None:
    """Large arrays take memory of their own, only where something is written, and leave none behind: so the C library
    of Linux does it once it is told how large. Elsewhere nothing is told, and memory is kept for later use."""
    with suppress(OSError, AttributeError, TypeError):
        library = ctypes.CDLL(None)
        library.mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES)
        library.mallopt(_M_ARENA_MAX, 2)


def collect_seldom() -> None:
    """Look for garbage in circles a tenth as often as usual: what is concluded holds none, and to look through all
    that open readings hold takes longer than to conclude an edit."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_SELDOM)

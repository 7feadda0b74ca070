"""What one input may cost: bytes, voxels, entries, depth and seconds. Every reader keeps to it.

The limits lie far beyond any spine study and far below what takes a machine away from others.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import copy_context
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

MAX_UNPACKED_BYTES = 16 * 2**30
"""On disk, for a whole archive. A whole-body CT at 0.5 mm is about 2 GiB."""
MAX_RATIO = 200
"""Medical images pack 2:1 to 10:1, an empty slice about 1000:1; a whole file beyond 200:1 is no image."""
MAX_LABEL_RATIO = 1100
"""Label maps are mostly background and reach the limit of gzip, 1032:1."""
ALWAYS_ALLOWED_BYTES = 64 * 2**20
"""Unpacked, whatever the ratio: harmless."""
MAX_FILES = 20_000
"""In a folder or archive. A study with a thin CT has about 3,000."""
MAX_VOXELS = 300_000_000
"""In one volume. A whole-body CT at 1 mm has 250 million."""
MAX_SIDE = 16_384
"""Pixels along one side of an image. The largest radiographs have about 5,000, stitched ones 12,000."""
MAX_FILM_PIXELS = 80_000_000
"""In one picture of a radiograph. A stitched film of the whole spine has about 40 million."""
MAX_IMAGE_BYTES = 2**30
"""In memory, for one file as stored."""

MAX_TEXT_BYTES = 1_000_000
"""A clinical file, landmarks or a dictionary are some pages of text."""
MAX_DEPTH = 32
"""Lists and tables within each other. Ours have four."""
MAX_DIGITS = 40
"""In one number. Sixteen say all that a measurement can."""

MAX_TABLE_BYTES = 256 * 2**20
MAX_TABLE_ROWS = 1_000_000
MAX_TABLE_COLUMNS = 5_000
MAX_TABLE_CELLS = 5_000_000
"""A cell costs about 100 bytes in memory. A registry of 20,000 patients with 250 columns."""

DECODER_BYTES = 2 * 2**30
"""Memory of the process that decodes pixels, beyond what the pixels take themselves."""
DECODER_SECONDS = 6.0
"""Of work for one batch of files, before what their size adds; a start takes one."""
DECODER_SECONDS_PER_MIB = 1.0
"""Decoders take 2 to 20 MiB of packed data a second; a damaged stream must not hold one for ever."""
DECODER_PATIENCE = 10.0
"""Times its work: how long a decoder may take on a busy machine, and where the system does not count its work."""


_OF_CONTAINER = Path("/sys/fs/cgroup/memory.max")
OPEN_SHARE = 3
"""A third of the memory may hold readings that are open; the rest is for work on them, and for others."""


def may_unpack_to(packed: int, ratio: int = MAX_RATIO, limit: int = MAX_IMAGE_BYTES) -> int:
    """The bytes that a compressed file of ``packed`` bytes may grow to."""
    return min(limit, max(ALWAYS_ALLOWED_BYTES, ratio * packed))


def threads(unset: int | None = None) -> int:
    """Threads that this process may keep busy: what ``OVCF_THREADS`` says, else ``unset``, or the cores it may use."""
    told = os.environ.get("OVCF_THREADS", "")
    if told.isascii() and told.isdigit() and int(told):
        return int(told)
    if unset is not None:
        return unset
    return cores()


def open_readings_bytes() -> int:
    """Memory that a service may hold open readings in: what ``OVCF_OPEN_MIB`` says, else a third of what there is."""
    told = os.environ.get("OVCF_OPEN_MIB", "")
    if told.isascii() and told.isdigit():
        return int(told) * 2**20
    return memory_bytes() // OPEN_SHARE


def memory_bytes() -> int:
    """Memory of this machine, or of the container that this runs in; 4 GiB where neither is told."""
    there = 4 * 2**30
    told = getattr(os, "sysconf", None)  # only some systems tell
    with suppress(ValueError, OSError):
        there = there if told is None else told("SC_PAGE_SIZE") * told("SC_PHYS_PAGES")
    with suppress(ValueError, OSError):  # a word instead of a number: no limit
        there = min(there, int(_OF_CONTAINER.read_text()))
    return there


def cores() -> int:
    """Processor cores that this process may use."""
    own = getattr(os, "sched_getaffinity", None)  # only some systems tell
    return os.cpu_count() or 1 if own is None else len(own(0))


@contextmanager
def beside(job: Callable[[], T]) -> Iterator[Callable[[], T]]:
    """Do a job in a thread while the block runs, if this process may keep two busy; else when its result is asked for.

    The block is given what gives the result, to be called once; what the job raises is raised there.
    """
    if threads() < 2:
        yield job
        return
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(copy_context().run, job).result

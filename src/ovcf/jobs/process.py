"""A process that does one piece of work: what it may take, and how it is ended."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess


@dataclass(frozen=True, slots=True)
class Limits:
    """What one job may take: seconds, and bytes of memory of its process and all that it starts."""

    seconds: float = 1800.0
    bytes: int = 6 * 2**30


def end_process(process: subprocess.Popen[bytes]) -> None:
    """The process and all that it started."""
    if process.poll() is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except AttributeError:  # no process groups here
            process.kill()
        except ProcessLookupError:
            pass
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()

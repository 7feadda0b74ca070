"""Processes that are kept beside this one: workers, or whoever else is to end with it and to be started again."""

from __future__ import annotations

import subprocess
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_RESTART_S = 2.0


@contextmanager
def processes_beside(
    count: int, command: Sequence[str], environment: dict[str, str] | None = None, *, quiet: bool = False
) -> Iterator[None]:
    """So many processes of a command, started again when one ends; they end with this process.

    Each ends when its standard input closes: so it does when we are killed. ``quiet`` drops what it prints, warnings
    and errors aside.
    """
    stop = threading.Event()
    out = subprocess.DEVNULL if quiet else None
    args = command, stop, environment, out
    threads = [threading.Thread(target=_keep, args=args, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=10)


def _keep(command: Sequence[str], stop: threading.Event, environment: dict[str, str] | None, out: int | None) -> None:
    while not stop.is_set():
        process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
            command, stdin=subprocess.PIPE, stdout=out, env=environment
        )
        assert process.stdin is not None
        try:
            while process.poll() is None and not stop.wait(0.2):
                pass
        finally:
            with suppress(OSError):
                process.stdin.close()  # it ends when this closes, and when we are killed
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        stop.wait(_RESTART_S)

"""Waiting for a registry that is busy or away, rather than ending: another program holds it, or its server restarts."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy.exc import OperationalError

from ovcf.registry.database import AwayError

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

T = TypeVar("T")
AWAY = (OperationalError, AwayError)
"""What is raised while nothing can be written, or read."""
log = logging.getLogger("ovcf.jobs")
_FIRST_S, _LONGEST_S = 0.1, 5.0
PATIENCE_S = 900.0
"""Whoever still waits then does not wait for a busy database; on SQLite each attempt waits for 30 seconds by itself."""


def patiently(do: Callable[[], T], stop: threading.Event, *, patience_s: float = PATIENCE_S) -> T:
    """What ``do`` gives, done again while the registry is busy: the transaction of one that failed left nothing.

    Raises:
        OperationalError, AwayError: it is still busy after ``patience_s``, or once ``stop`` is set.
    """
    until, pause = time.monotonic() + patience_s, _FIRST_S
    while True:
        try:
            return do()
        except AWAY as error:
            if stop.is_set() or time.monotonic() >= until:
                raise
            told(error)
        stop.wait(pause)
        pause = min(2 * pause, _LONGEST_S)


def told(error: Exception) -> None:
    """Say in the log that the registry is waited for; nothing of what was to be written is said."""
    log.warning("waiting for the registry: %s", getattr(error, "orig", None) or type(error).__name__)

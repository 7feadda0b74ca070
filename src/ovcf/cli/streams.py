"""Standard output and error: clean text, whatever their encoding, and whether or not anybody still reads."""

from __future__ import annotations

import errno
import os
import sys
import warnings
from contextlib import suppress
from typing import TextIO

from ovcf.plain_text import clean, clean_json

_CLOSED = (errno.EPIPE, errno.EINVAL if os.name == "nt" else errno.EPIPE)


def say(text: object, *, error: bool = False, end: str = "\n") -> None:
    """Print text, clean."""
    _put(clean(str(text)) + end, sys.stderr if error else sys.stdout)


def say_json(text: str) -> None:
    """Print JSON; what would steer a terminal is escaped."""
    _put(clean_json(text) + "\n", sys.stdout)


def prepare() -> None:
    """Show a character that the encoding of the terminal lacks by its number, and warnings of libraries clean."""
    warnings.showwarning = _show_warning
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def finish() -> None:
    """See everything printed.

    Raises:
        OSError: standard output cannot be written, on a full disk for example.
    """
    for stream in (sys.stdout, sys.stderr):
        _put("", stream, flush=True)


def leave(stream: TextIO) -> None:
    """Nobody reads this stream any more, as after `| head`: what is printed from now on goes nowhere."""
    with suppress(OSError, ValueError):  # not a stream of the system
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    del file  # always standard error
    say(warnings.formatwarning(message, category, filename, lineno, line), error=True, end="")


def _put(text: str, stream: TextIO | None, *, flush: bool = False) -> None:
    if stream is None:  # closed by whoever started us
        return
    try:
        stream.write(text)
        if flush:
            stream.flush()
    except OSError as error:
        leave(stream)
        if error.errno not in _CLOSED:
            raise

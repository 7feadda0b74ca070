"""What killed processes leave in folders."""

import os
import time
from contextlib import suppress


def open_to_others(*folders):
    """What lies there that another user of the machine could read."""
    found = []
    if os.name == "posix":
        for folder in folders:
            for path in folder.iterdir():
                with suppress(FileNotFoundError):
                    if path.stat().st_mode & 0o077:
                        found.append(path)
    return found


def aged(folder, days=2):
    """Make everything in a folder look as if it had lain there for days: the service lets go what is a day old."""
    then = time.time() - days * 86400
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (then, then))

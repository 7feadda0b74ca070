"""What programs of this machine have taken: processor time and memory, as Linux tells it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def family(pid):
    """A process and all that it started, each with the fields of its ``stat`` after the name."""
    there = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                there[int(entry.name)] = (entry / "stat").read_text().rpartition(")")[2].split()
    found = {pid: there[pid]}
    while more := {p: f for p, f in there.items() if p not in found and int(f[1]) in found}:
        found |= more
    return found


def processor_seconds(pid, *, alone=False):
    """User and system time of a process, and unless ``alone`` of those it started, also those that have ended."""
    each = family(pid)
    fields = (11, 12) if alone else (11, 12, 13, 14)
    return sum(int(stat[n]) for p, stat in each.items() if p == pid or not alone for n in fields) / TICKS


def resident(pid):
    """Memory that a process and those it started hold now, MiB; what they share is counted once."""
    total = 0.0
    for one in family(pid):
        with suppress(OSError):
            told = (Path("/proc") / str(one) / "smaps_rollup").read_text()
            total += int(told.partition("\nPss:")[2].split()[0]) / 1024
    return total


def of_postgres():
    """Processor time of the database: its server and every process of it, also those that have ended."""
    total = 0.0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if "postgres" in (entry / "comm").read_text():
                    fields = (entry / "stat").read_text().rpartition(")")[2].split()
                    total += sum(int(fields[n]) for n in (11, 12, 13, 14)) / TICKS
            except OSError:
                continue
    return total

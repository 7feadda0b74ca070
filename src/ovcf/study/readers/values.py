"""What blinded readers give, in words: a measurement by its name, a rating by that of its fact."""

from __future__ import annotations

_WORDS = {"t2_pattern": "T2 pattern", "sq_grade": "Genant grade", "time per case": "Time per case"}


def called(name: str) -> str:
    """What is read, in words."""
    from ovcf.measures.registry import measurements

    known = measurements()
    return known[name].method.name if name in known else _WORDS.get(name, name.replace("_", " "))

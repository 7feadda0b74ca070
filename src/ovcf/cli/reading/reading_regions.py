"""``ovcf reading regions``, and how a region or a slice is written on the command line."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from ovcf.cli.reading.reading_words import vertebra_of
from ovcf.cli.streams import say_json
from ovcf.errors import ReadingError
from ovcf.reading.editing.edits import RegionName

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ovcf.reading.editing.edited import Edited
    from ovcf.reading.observing.regions import Region

_CORNERS = 36
"""Of a circle that stands for a region."""


def regions(file: Path, /, *, json: bool = False) -> None:
    """Show where bone quality is read, in L1 to L4 and CSF on T1 and T2, and the attenuation of L1 on CT.

    Args:
        file: The reading.ovcf.
        json: Print JSON, with the outlines.
    """
    from ovcf.reading.file import read_reading
    from ovcf.reading.observing.regions import regions_of
    from ovcf.reading.session import Session

    found = regions_of(Session(read_reading(file)).now())
    if json:
        from pydantic import TypeAdapter

        from ovcf.reading.observing.regions import Region

        say_json(TypeAdapter(tuple[Region, ...]).dump_json(found, indent=2).decode())
        return
    _print_regions(found)


def on_series(text: str, now: Edited) -> tuple[str, str, int | None]:
    """``WHAT[@SERIES[:SLICE]]``: what is named, the uid of its series (empty: none named), and its slice.

    A series is written as what it is read for (T1, T2, STIR), as its description or as its uid; slices count from 1 at
    the patient's right.
    """
    what, at, where = text.partition("@")
    if not at:
        return what, "", None
    name, colon, number = where.rpartition(":")
    if not colon or not number.isdigit() or int(number) < 1:
        name, number = where, ""
    seen = now.observations
    for samples in seen.marrow:
        facts = seen.get_series(samples.series)
        assert facts is not None
        role = now.roles.get(facts.uid, facts.role)
        if name in (facts.uid, facts.description) or name.casefold() == role.value.removeprefix("sagittal ").casefold():
            return what, facts.uid, int(number) - 1 if number else None
    read = ", ".join(s.description or s.uid for m in seen.marrow if (s := seen.get_series(m.series)))
    raise ReadingError(text, f"{name!r} is no MR or CT series of this reading", f"It has {read or 'none'}.")


def chosen_image(text: str, now: Edited) -> dict[str, str]:
    """A landmark set by its id or name, or an MR series by its description or uid."""
    seen = now.observations
    for s in seen.landmarks:
        if text in (s.id, s.name):
            return {"landmark_set": s.id}
    found = [s.uid for s in seen.series if text in (s.uid, s.description)]
    return {"series": found[0] if found else text}


def placed_region(words: Iterable[str], now: Edited) -> dict[str, Any]:
    """``L3.csf +1,-2`` (the present region moved by so much) or ``L3.csf 52,140,3`` (a circle: X, Y, radius).

    Lengths are millimetres in the plane of the landmarks. ``L3.csf@T2:7`` names series and slice; without them the
    region stays on its own, or lies on T1 in the middle of the spine.
    """
    from ovcf.imaging.study import Role
    from ovcf.reading.observing.regions import regions_of

    where, to = words
    what, series, at = on_series(where, now)
    name, _, region = what.rpartition(".")
    if region not in get_args(RegionName):
        raise ReadingError(
            f"--region {where}", f"{region!r} is no region", "Write L3.csf, L3.body or, on CT, L1.attenuation."
        )
    vertebra, _ = vertebra_of(name, now)
    usual = Role.CT if region == "attenuation" else Role.T1
    there = [
        r
        for r in regions_of(now)
        if (r.vertebra, r.region) == (vertebra, region) and series in ("", r.series) and (series or r.role is usual)
    ]
    try:
        numbers = [float(v.replace("\u2212", "-")) for v in to.split(",")]
    except ValueError:
        numbers = []
    if to.lstrip()[:1] in "+-\u2212" and len(numbers) == 2:
        if not there:
            raise ReadingError(f"--region {where}", "has no region to move", "Place one: X,Y,RADIUS.")
        now_at = there[0]
        outline = tuple((x + numbers[0], y + numbers[1]) for x, y in now_at.outline)
        return {
            "vertebra": vertebra,
            "region": region,
            "series": now_at.series,
            "outline": outline,
            "slice": now_at.slice if at is None else at,
        }
    if len(numbers) != 3 or not numbers[2] > 0:
        raise ReadingError(f"--region {where} {to}", "is neither DX,DY nor X,Y,RADIUS", "Write +1,-2 or 52,140,3.")
    samples = [m for m in now.observations.marrow if m.series == (series or (there[0].series if there else ""))]
    samples = samples or [m for m in now.observations.marrow if _role_of(m.series, now) is usual]
    if not samples:
        raise ReadingError(
            f"--region {where}",
            f"there is no {usual.value.removeprefix('sagittal ')} series",
            "Name the series: L3.csf@T2.",
        )
    x, y, radius = numbers
    turns = [2 * math.pi * k / _CORNERS for k in range(_CORNERS)]
    return {
        "vertebra": vertebra,
        "region": region,
        "series": samples[0].series,
        "slice": at if at is not None else there[0].slice if there else samples[0].middle,
        "outline": tuple((x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn in turns),
    }


def _role_of(series: str, now: Edited) -> object:
    facts = now.observations.get_series(series)
    return None if facts is None else now.roles.get(series, facts.role)


def _print_regions(found: Sequence[Region]) -> None:
    from rich.table import Table

    from ovcf.cli.terminal import Terminal

    table = Table("Region", "Series", "Slice", "Centre x, y [mm]", "Signal", "Placed by")
    for r in found:
        x, y = (sum(p[axis] for p in r.outline) / len(r.outline) for axis in (0, 1))
        who = "a reader" if r.by_reader else "ovcf"
        table.add_row(f"{r.level}.{r.region}", r.role, str(r.slice + 1), f"{x:.1f}, {y:.1f}", f"{r.signal:.0f}", who)
    Terminal().print(table if found else "No T1 or T2 series shows L1 to L4, and no CT shows L1.")

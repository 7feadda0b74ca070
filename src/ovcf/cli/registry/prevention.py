"""``ovcf db prevention``: how far a service reaches the IOF's indicators of secondary prevention."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from cyclopts import Parameter

from ovcf.cli.streams import say, say_json


def prevention(
    *,
    today: str | None = None,
    overdue: bool = False,
    json: bool = False,
    as_: Annotated[str | None, Parameter(name="--as", help="Code of the person who acts, with --overdue.")] = None,
) -> None:
    """How many fractures of the registry reached each indicator of the IOF in time, of all whose time has come.

    What is not recorded counts as not reached, and is told apart. Two of the eleven indicators (how a service finds its
    patients) cannot be told from a registry of fractures that were found.

    Try

        ovcf db prevention --today 2026-11-29

        ovcf db prevention --overdue

    Args:
        today: The day on which timers are judged, YYYY-MM-DD; this day if not given.
        overdue: Whom to call: each fracture of which a time is over and nothing is recorded, of longest ago first.
        json: Print as JSON.
    """
    from ovcf.cli.registry.opened import open_registry
    from ovcf.cli.score.score_output import table
    from ovcf.errors import RegistryError
    from ovcf.registry.clinic.prevention import levels_of

    try:
        day = datetime.now(UTC).date() if today is None else date.fromisoformat(today)
    except ValueError:
        raise RegistryError("today", f"{today!r} is not a date", "Write it as YYYY-MM-DD.") from None
    if overdue:
        _call(day, json=json, as_=as_)
        return
    registry = open_registry()
    try:
        with registry.reading() as session:
            found = levels_of(session, registry, day)
    finally:
        registry.close()
    if json:
        from dataclasses import asdict
        from json import dumps

        say_json(dumps([asdict(level) for level in found], indent=1))
        return
    table(
        ("Indicator", "Reached in time", "Of", "Not recorded", "Level (IOF)"),
        (
            (
                level.indicator.value,
                str(level.reached),
                str(level.patients),
                str(level.unrecorded),
                level.band or "no patient yet",
            )
            for level in found
        ),
    )
    say("IOF 2020, abstract: below 50%, 50 to 80%, above 80%. Indicators of a service, not of a patient's need.")


def _call(day: date, *, json: bool, as_: str | None) -> None:
    """The list of whom to call, within what the person may read."""
    from ovcf.cli.registry.acting import opened
    from ovcf.registry import service
    from ovcf.registry.access import Act, principal_of
    from ovcf.registry.clinic.overdue_prevention import count_undated, overdue_of

    with opened() as registry, registry.reading() as session:
        person = service.person_named(session, as_, Act.READ_CASES)
        who = principal_of(session, person)
        found, undated = overdue_of(session, registry, who, day), count_undated(session, who)
    if json:
        from dataclasses import asdict
        from json import dumps

        lines = [
            {
                "patient": one.patient,
                "levels": one.levels,
                "fractured_on": one.fractured_on.isoformat(),
                "weeks": one.weeks,
                "timers": [asdict(timer) for timer in one.timers],
            }
            for one in found
        ]
        say_json(dumps(lines, indent=1))
        return
    for one in found:
        what = "; ".join(t.indicator.value for t in one.timers)
        say(f"{one.patient}, {', '.join(one.levels)}, week {one.weeks:.0f}: {what}")
    if undated:
        say(f"Not judged, for their day is not known: {undated} fracture{'' if undated == 1 else 's'}.")
    say(
        "IOF 2020, abstract: what is overdue was not recorded; that it was not done is not known."
        if found
        else "Nothing is overdue."
    )

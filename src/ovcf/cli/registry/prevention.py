"""``ovcf db prevention``: how far a service reaches the IOF's indicators of secondary prevention."""

from __future__ import annotations

from datetime import UTC, date, datetime

from ovcf.cli.streams import say, say_json


def prevention(*, today: str | None = None, json: bool = False) -> None:
    """How many fractures of the registry reached each indicator of the IOF in time, of all whose time has come.

    What is not recorded counts as not reached, and is told apart. Two of the eleven indicators (how a service finds its
    patients) cannot be told from a registry of fractures that were found.

    Try

        ovcf db prevention --today 2026-11-29

    Args:
        today: The day on which timers are judged, YYYY-MM-DD; this day if not given.
        json: Print the levels as JSON.
    """
    from ovcf.cli.registry.opened import open_registry
    from ovcf.cli.score.score_output import table
    from ovcf.errors import RegistryError
    from ovcf.registry.clinic.prevention import levels_of

    try:
        day = datetime.now(UTC).date() if today is None else date.fromisoformat(today)
    except ValueError:
        raise RegistryError("today", f"{today!r} is not a date", "Write it as YYYY-MM-DD.") from None
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

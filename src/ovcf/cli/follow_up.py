"""``ovcf follow-up``: the readings of several visits in, what changed and what became of the fracture out."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ovcf.cli.streams import say, say_json

if TYPE_CHECKING:
    from ovcf.files.result_folder import ResultFolder
    from ovcf.follow_up.timeline import Timeline

KIND = "follow-up"


def follow_up(
    *visits: Path,
    level: str | None = None,
    confirmed_levels: bool = False,
    today: str | None = None,
    reliability: Path | None = None,
    out: Path | None = None,
    language: Literal["en", "zh"] = "en",
    json: bool = False,
) -> None:
    """Follow a fracture over visits: each change against its error, each outcome as its source defines it.

    VISITS are readings (reading.ovcf, or the folder of a report that holds one), or clinical files where only their
    facts are known. Their dates put them in order. Images of another or an unknown posture are not compared.

    Try

        ovcf follow-up visit-1/report visit-2/report --out follow-up

        ovcf follow-up january.toml july.toml --reliability our-readers.toml

    Args:
        visits: Two or more, of one patient.
        level: The vertebra to follow; the index vertebra of the first visit if it is not given.
        confirmed_levels: You have checked that all visits mean the same vertebrae by the same names.
        today: The day for which visits are due or overdue, YYYY-MM-DD; the day of the last visit if not given.
        reliability: Your own readers' errors of measurement, as `ovcf cohort agreement --reliability` writes them.
        out: Folder for follow-up.html and follow-up.pdf.
        language: Language of the report: en, or zh (Simplified Chinese).
        json: Print the result as JSON.
    """
    from ovcf.anatomy import Level
    from ovcf.errors import FollowUpError
    from ovcf.files.result_folder import ResultFolder
    from ovcf.follow_up.reliability import read_reliability
    from ovcf.follow_up.timeline import timeline
    from ovcf.language.spoken import speaking
    from ovcf.workflow.visits import visits_from_files

    try:
        day = None if today is None else date.fromisoformat(today)
    except ValueError:
        raise FollowUpError("today", f"{today!r} is not a date", "Write it as YYYY-MM-DD.") from None
    site = None if reliability is None else read_reliability(reliability)
    folder = None if out is None else ResultFolder.at(out, KIND, visits)
    found = timeline(
        visits_from_files(visits),
        level=None if level is None else Level.parse(level),
        today=day,
        confirmed_levels=confirmed_levels,
        reliability=site,
    )
    if json:
        from json import dumps

        from ovcf.report.visits.follow_up_json import to_data

        say_json(dumps(to_data(found), ensure_ascii=False, indent=1))
    else:
        show(found)
    if folder is not None:
        with speaking(language):
            write(found, folder, quiet=json)


def show(found: Timeline) -> None:
    """The course in lines of the terminal."""
    from ovcf.render.words.course_words import (
        DUE,
        OUTCOMES,
        TITLES,
        alert_title,
        answer_words,
        change_words,
        question_words,
        site_words,
        summary,
        timer_name,
        timer_state,
        value_words,
    )

    for visit in dict.fromkeys(a.visit for a in found.alerts):
        own = [a for a in found.alerts if a.visit == visit]
        say("\n".join((f"{alert_title(own)}.", *(f"  {a.text}" for a in own))))
    say(" ".join(summary(found)))
    for question in found.questions:
        say(f"Check: {question_words(question)}.")
    for warning in found.warnings:
        say(f"Note: {warning}.")
    for course in found.courses:
        told = " → ".join(value_words(v) for v in course.values)
        changed = change_words(course.changes[-1])
        say(f"{TITLES[course.quantity]}: {told}{f'; {changed}' if changed else ''}")
    for outcome in found.outcomes:
        say(f"{OUTCOMES[outcome.kind]}, {outcome.visit}: {answer_words(outcome)}; {outcome.because}")
    for site in found.reliability:
        say(f"Error of measurement: {site_words(site)}")
    for planned in found.plan:
        window = f"{planned.first_day} to {planned.last_day}"
        say(f"Visit planned for month {planned.months} ({window}): {DUE[planned.due]}")
    for timer in found.prevention:
        say(f"Prevention, {timer_name(timer)}: {timer_state(timer)}")


def write(found: Timeline, out: Path | ResultFolder, *, patient: str = "", quiet: bool = False) -> None:
    """``follow-up.html`` and ``follow-up.pdf`` in a folder."""
    from ovcf.files.result_folder import ResultFolder
    from ovcf.report.html import page_of
    from ovcf.report.pdf import pdf_of
    from ovcf.report.visits.follow_up import follow_up_content

    folder = out if isinstance(out, ResultFolder) else ResultFolder.at(out, KIND)
    content = follow_up_content(found, patient=patient)
    files = {"follow-up.html": page_of(content).encode(), "follow-up.pdf": pdf_of(content, content["created"])}
    folder.write(files)
    if not quiet:
        say("\n".join(str(folder.path / name) for name in files))

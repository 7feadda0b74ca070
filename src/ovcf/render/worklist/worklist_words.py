"""The worklist in words: plain data that HTML, PDF and CSV lay out alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ovcf.guidance.wilson import wilson
from ovcf.language.spoken import tag, tr
from ovcf.language.worded import in_clauses, joined, say
from ovcf.plain_text import listed
from ovcf.render.words.wording import decimal
from ovcf.render.worklist.entry import Entry, Measured, Sure, Told, Vertebra, Worklist

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TITLE = "Vertebral fractures to look at"
NOTICE = (
    "Made by a program, read by nobody. A line here is a reason to look at the images, no diagnosis; who is not on the "
    "list may have a fracture all the same. Research software, not a medical device."
)
_SURE = {Sure.LIKELY: "Likely", Sure.POSSIBLE: "Possible", Sure.UNCERTAIN: "Uncertain"}
_TOLD = {
    Told.NOT_REPORTED: "the report does not name it",
    Told.NEIGHBOUR_REPORTED: "the report names the vertebra next to it, perhaps the same one counted differently",
    Told.UNKNOWN: "not known whether it was reported",
    Told.REPORTED: "reported",
}
_WHAT = {
    "survey": (
        "Shape alone, on points that a survey's readers placed: vertebrae that they graded 1 to 3, NHANES 2013-2014, "
        "lateral DXA. The error of placing points is not in it."
    ),
    "survey-moderate": "The same, of the vertebrae that the readers graded 2 or 3.",
    "digital": (
        "The whole line from images, digital patients (radiograph, T1, T2 and STIR) with a drawn fracture: found where "
        "the list names its level, or shows a deformed body where levels are not sure. Digital patients are not "
        "people: expect less."
    ),
}
_ASKED = (
    "A fracture may be here: only which vertebra it is stays open. Look at the body of that number, counted from the "
    "head down. With one body named in the manifest (level: 11=L5), the next run grades the study."
)
_FRAME = (
    "research software, not a medical device",
    "How many fractures such a list finds",
    "Studies",
    "No picture",
    "Urgent",
    "Look at these today.",
    "Looks fractured",
    "The surest first.",
    "Marrow signal not clear",
    "Of sound shape; the signal does not say whether there is a recent fracture. Look at the images.",
    "A body looks deformed, its level is not sure",
    "Could not be judged",
    "None of these is cleared: somebody must look.",
    "Graded but for vertebrae at the border of the image",
    "No graded vertebra looks fractured. These were shown in part, or next to the last one, and not graded.",
    "Not graded at the border",
)
"""Headings and what stands below them."""
_NAMES = frozenset({"study", "patient", "study_uid", "picture", "class", "level", "count"})
_UNMEASURED = (
    "On real images from routine care the sensitivity of this list has not been measured. When an earlier version was "
    "judged on 68 real examinations, two fractures were known in them and both were missed."
)


def content(found: Worklist, measured: Sequence[Measured], *, software: str, made_on: str) -> dict[str, Any]:
    """Everything that the worklist says, in the language that is spoken."""
    deformed = [e for e in found.apart if e.deformed]
    border = [e for e in found.apart if e.only_at_the_border]
    unclear = [e for e in found.apart if e.marrow_unclear and not e.deformed]
    named = {e.key for e in (*deformed, *border, *unclear)}
    other = [e for e in found.apart if e.key not in named]
    said: dict[str, Any] = {
        "title": TITLE,
        "notice": NOTICE,
        "counts": _counts(found, unclear, deformed, other, border),
        "sensitivity": [_sensitivity(one) for one in measured],
        "unmeasured": _UNMEASURED,
        "urgent": [entry_words(e) for e in found.entries if e.urgent],
        "listed": [entry_words(e) for e in found.entries if not e.urgent],
        "unclear": [entry_words(e) for e in unclear],
        "deformed_what": _ASKED,
        "deformed": [entry_words(e) for e in deformed],
        "apart": [entry_words(e) for e in other],
        "border": [
            {"study": e.study, "patient": e.patient, "levels": listed([one.level for one in e.not_judged])}
            for e in border
        ],
        "words": {name: name for name in _FRAME},
    }
    return {**_in_words(said), "lang": tag(), "software": software, "made_on": made_on}


def _in_words(part: Any) -> Any:
    """The same with its sentences in the language that is spoken; what names a study, a patient or a file stays."""
    if isinstance(part, dict):
        return {key: value if key in _NAMES else _in_words(value) for key, value in part.items()}
    if isinstance(part, list):
        return [_in_words(one) for one in part]
    return tr(part) if isinstance(part, str) else part


def entry_words(entry: Entry) -> dict[str, Any]:
    """One study."""
    age = "" if entry.age_years is None else say("{age_years:g} years", age_years=round(entry.age_years))
    return {
        "study": entry.study,
        "patient": entry.patient or tr("patient not named"),
        "facts": in_clauses([part for part in (entry.sex, age, entry.acquired_on) if part]),
        "study_uid": entry.study_uid,
        "urgent": listed(entry.urgent) if entry.urgent else "",
        "vertebrae": [vertebra_words(v) for v in entry.vertebrae],
        "open": open_words(entry),
        "picture": entry.picture,
        "alt": say("Image of {study} with the outlines that were found", study=entry.study),
    }


def vertebra_words(v: Vertebra) -> dict[str, Any]:
    """``L1``, ``Likely``, ``97%``, and what speaks for it."""
    said = []
    if v.grade:
        grade = say("grade {grade}", grade=v.grade)
        said.append(in_clauses([grade, v.shape]) if v.shape else grade)
    if v.height_loss_percent is not None and v.height_loss_percent > 0:
        sd = v.height_loss_sd_percent
        percent = decimal(v.height_loss_percent, 0) + "%" + (f" ± {decimal(sd, 0)}" if sd is not None else "")
        said.append(say("height loss {m}", m=percent))
    said.append({True: "recent by its signal", False: "old or none by its signal", None: "age not known"}[v.recent])
    return {
        "level": v.level,
        "sure": _SURE[v.sure],
        "class": v.sure.value,
        "percent": "" if v.sure is Sure.UNCERTAIN else _percent(v.sureness),
        "because": _because(v),
        "signs": joined("; ", said),
        "told": _TOLD[v.told],
    }


def _percent(probability: float) -> str:
    """``97%``; nothing is certain."""
    return "over 99%" if probability > 0.99 else f"{100 * probability:.0f}%"


def _because(v: Vertebra) -> str:
    """What the probability is of."""
    if v.sure is Sure.UNCERTAIN:
        return "one sign is near its limit, the others are not those of a fracture"
    shape = v.by_measurement if v.by_readers is None else v.by_readers
    if v.sureness > (shape or 0.0):
        return "probability of a recent fracture by signal"
    if v.by_readers is not None:
        return "of readers would call its shape fractured"
    return "probability that its measured shape is that of a fracture"


def open_words(entry: Entry) -> str:
    """What could not be judged, named; empty where everything was."""
    if entry.outcome != "assessed":
        return joined(
            " ", [joined(": ", [entry.outcome, say("{problem}.", problem=entry.problem)]), entry.remedy]
        ).strip()
    said = []
    if entry.marrow_unclear:
        said.append(say("marrow signal of {levels} not clear", levels=listed(entry.marrow_unclear)))
    if entry.asked:
        said.append(say("which vertebra is which is not sure on {images}", images=listed(entry.asked)))
    if entry.least_ratio is not None:
        said.append(
            say(
                "the body lowest in front or in the middle is number {n}, {percent:.0f}% of its posterior height",
                n=entry.least_ratio_body,
                percent=100 * entry.least_ratio,
            )
        )
    said += [say("{level} not graded: {why}", level=one.level, why=one.why) for one in entry.not_judged]
    if entry.unnamed:
        said.append(say("{n} more without a sure name", n=entry.unnamed))
    if not entry.graded and not entry.asked:
        said.append("no vertebra was graded")
    return joined("; ", said)


def csv_rows(found: Worklist) -> list[dict[str, object]]:
    """One row for each vertebra that is listed, and one for each study in which something else is to be looked at."""
    rows: list[dict[str, object]] = []
    for entry in (*found.entries, *found.apart):
        base: dict[str, object] = {
            "study": entry.study,
            "patient": entry.patient,
            "date": entry.acquired_on,
            "sex": entry.sex,
            "age_years": entry.age_years,
            "study_uid": entry.study_uid,
            "urgent": "; ".join(entry.urgent),
        }
        could_not: dict[str, object] = {
            "marrow_unclear": "; ".join(entry.marrow_unclear),
            "not_judged": open_words(entry),
        }
        rows += [base | _csv_vertebra(v) | could_not for v in entry.vertebrae]
        if not entry.vertebrae:
            rows.append(base | could_not)
    return rows


def _csv_vertebra(v: Vertebra) -> dict[str, object]:
    return {
        "level": v.level,
        "sure": v.sure.value,
        "probability": round(v.sureness, 3),
        "probability_of": _because(v),
        "grade": v.grade,
        "shape": v.shape,
        "recent": {True: "yes", False: "no", None: ""}[v.recent],
        "reported": v.told.value,
    }


CSV_COLUMNS = (
    *("study", "patient", "date", "sex", "age_years", "study_uid", "urgent", "level", "sure", "probability"),
    *("probability_of", "grade", "shape", "recent", "reported", "marrow_unclear", "not_judged"),
)


def _counts(
    found: Worklist,
    unclear: Sequence[Entry],
    deformed: Sequence[Entry],
    other: Sequence[Entry],
    border: Sequence[Entry],
) -> list[dict[str, object]]:
    told: Iterable[tuple[int, str]] = (
        (len(found.entries), "with a vertebra that looks fractured, or something urgent"),
        (len(unclear), "with a vertebra of sound shape whose marrow signal is not clear"),
        (len(deformed), "with a body that looks deformed, but it is not sure which vertebra it is"),
        (len(other), "that could not be judged, in whole or in part"),
        (
            len(border),
            "in which no graded vertebra looks fractured, but some at the border of the image were not graded",
        ),
        (found.reported_already, "whose suspected fractures are all in the report"),
        (found.nothing_seen, "in which every vertebra shown was graded and none looks fractured"),
        (found.studies, "in all"),
    )
    return [{"count": f"{count:,}", "what": what} for count, what in told]


def _sensitivity(one: Measured) -> dict[str, str]:
    rate = wilson(one.found, one.of)
    passed = ""
    if one.of_sound:
        passed = say(
            "{percent:.1f}% of {sound:,} sound {unit} passed as sound",
            percent=100 * one.passed / one.of_sound,
            sound=one.of_sound,
            unit=one.unit,
        )
    return {
        "what": _WHAT[one.id],
        "found": say(
            "{found:,} of {of:,} found: {share:.0f}% (95% {low:.0f}% to {high:.0f}%)",
            found=one.found,
            of=one.of,
            share=100 * rate.share,
            low=100 * rate.low,
            high=100 * rate.high,
        ),
        "passed": passed,
    }

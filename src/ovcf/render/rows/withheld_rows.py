"""What was not measured, why, and what helps; what has the same reason stands together."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ovcf.assessment.findings.kinds import SuggestedFracture, Ungraded
from ovcf.language.worded import capital, joined, say
from ovcf.render.blocks import bold, column, heading, said, table
from ovcf.render.seen import AGE_BY_SIGNAL, State
from ovcf.render.words.remedies import words
from ovcf.render.words.wording import plain, spans
from ovcf.units import Unit
from ovcf.vocabulary import Modality

if TYPE_CHECKING:
    from ovcf.anatomy import Level
    from ovcf.render.blocks import Block
    from ovcf.render.seen import Seen

_HEAD = (("What", 1.3), ("Why", 1.7), ("What helps", 1.5))


def withheld_table(seen: Seen) -> list[Block]:
    """The table, the index vertebra first."""
    rows = [[said(bold(what)), said(why), said(helps)] for what, why, helps in _rows(seen)]
    columns = [column(name, width=width) for name, width in _HEAD]
    return [heading("Not measured, and why"), table(columns, rows, style="plain")] if rows else []


def withheld_rows(seen: Seen) -> list[tuple[str, str, str]]:
    """What was withheld, at which levels, why, and what helps: what has one reason in one row."""
    index = seen.index
    names: dict[tuple[str, str], list[str]] = defaultdict(list)
    levels: dict[tuple[str, str], list[Level]] = defaultdict(list)
    for w in sorted(seen.assessment.withheld, key=lambda w: w.level != index):
        key = plain(w.reason), plain(words(w.remedy))
        names[key].append(_readable(w.name))
        if w.level is not None:
            levels[key].append(w.level)
    rows = []
    for (why, helps), same in names.items():
        at = spans(list(dict.fromkeys(levels[why, helps])))
        what = joined("; ", dict.fromkeys(same))
        rows.append((say("{at}: {what}", at=at, what=what) if at else capital(what), why, helps))
    return rows


def _rows(seen: Seen) -> list[tuple[str, str, str]]:
    rows = withheld_rows(seen)
    if any(m.unit is Unit.PIXEL for m in seen.of_index):
        helps = "the length of a known object on the film"
        rows.append(("Heights in mm on the radiograph", "the film has no calibration", helps))
    if any(s.modality is Modality.MR for s in seen.sources) and seen.state is not State.LEVEL_UNSURE:
        rows.append(("Canal, cord, nerve roots", "not measured by this software", "read them on the MRI"))
    return rows


def _readable(name: str) -> str:
    """``landmarks on PHANTOM T2 TSE SAG`` as it is; a method's short name in words."""
    return plain(name.replace("SQ_from_measurement", "Genant grade").replace("_", " "))


def look_here(seen: Seen) -> list[Block]:
    """Vertebrae that look fractured and are not named, and those that could not be judged."""
    case = seen.case
    named = {*case.fractured, *case.old_fractures, *case.cemented_levels, *case.focal_lesions}
    rows = []
    for f in seen.assessment.suggested_fractures:
        if f.level in named:
            continue
        if isinstance(f.data, Ungraded):
            rows.append(
                [said(bold(str(f.level))), said("could not be judged: look here"), said(plain(joined("; ", f.reasons)))]
            )
            continue
        recent = f.data.recent if isinstance(f.data, SuggestedFracture) else None
        grade = seen.grade_of(f.level)
        if isinstance(f.data, SuggestedFracture) and f.data.unclear:
            reading = "marrow signal not clear: for the reader to judge"
        else:
            reading = say("looks fractured: {age_by_signal}", age_by_signal=AGE_BY_SIGNAL[recent])
        why = plain(joined("; ", f.reasons)) or (
            "" if grade is None or not grade.grade else say("Genant grade {grade}", grade=grade.grade)
        )
        rows.append([said(bold(str(f.level))), said(reading), said(why)])
    columns = [column("Level"), column("Reading", width=1), column("Based on", width=2)]
    title = "Vertebrae that look fractured, and those to look at"
    return [heading(title), table(columns, rows, style="plain")] if rows else []

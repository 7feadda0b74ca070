"""Who stands on a fracture-liaison worklist, as data; nothing here is words or layout.

A vertebra that looks fractured is listed unless the radiologist's report names it; one of sound shape whose marrow is
not clear stands apart, as just that. Whoever could not be judged in whole or in part is named, too: nobody counts as
sound whose spine was not seen.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ovcf.anatomy import STANDARD_COLUMN, Level
from ovcf.batch.sources.study_source import NONE_REPORTED
from ovcf.batch.tables.columns import slug
from ovcf.errors import ClinicalDataError, LevelError
from ovcf.measures.shape.height import VERTEBRAL_HEIGHT_LOSS
from ovcf.render.worklist.entry import Entry, Told, Unjudged, Vertebra, Worklist

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Row = Mapping[str, Any]

_LOSS = slug(VERTEBRAL_HEIGHT_LOSS.id)
STUDIES = (
    *("study", "key", "outcome", "problem", "remedy", "patient", "reported", "study_uid", "acquired_on", "sex"),
    *("age_years", "urgent", "graded", "suspected", "marrow_unclear", "not_judged_unnamed", "asked", "least_ratio"),
    "least_ratio_body",
)
VERTEBRAE = (
    *("study", "key", "level", "suspected", "not_judged_because", "sq_grade", "sq_shape", "sq_fracture_probability"),
    *("readers_fracture_probability", "recent", "recent_probability", _LOSS, f"{_LOSS}_sd"),
)


def worklist(studies: Iterable[Row], vertebrae: Iterable[Row], reported: Mapping[str, str] | None = None) -> Worklist:
    """The worklist of rows of the tables; ``reported``, by study, goes before the tables.

    A study that stands in several shards counts once.

    Raises:
        ClinicalDataError: what is reported of a study is neither levels nor ``none``.
    """
    said = dict(reported or {})
    of: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in vertebrae:
        of[row["study"], row["key"]].append(row)
    entries, apart, sound, known = [], [], 0, 0
    once = {(row["study"], row["key"]): row for row in studies}
    for at, row in once.items():
        if row["outcome"] != "assessed":
            apart.append(_entry(row, ()))
            continue
        levels = _reported(said.get(row["study"], row["reported"] or ""), row["study"])
        rows = {v["level"]: v for v in of[at] if v["level"]}
        suspects = [_vertebra(rows[level], levels) for level in row["suspected"] if level in rows]
        unclear = [level for level in row["marrow_unclear"] or () if Level(level) not in (levels or ())]
        entry = _entry(row, (v for v in suspects if v.told is not Told.REPORTED), unclear, rows.values())
        if entry.vertebrae or entry.urgent:
            entries.append(entry)
        elif entry.marrow_unclear or entry.not_judged or entry.unnamed or entry.asked or not row["graded"]:
            apart.append(entry)
        elif suspects or row["marrow_unclear"]:
            known += 1
        else:
            sound += 1
    return Worklist(
        entries=tuple(sorted(entries, key=_first)),
        apart=tuple(sorted(apart, key=lambda e: (e.least_ratio is None, e.least_ratio or 0.0, e.study))),
        studies=len(once),
        reported_already=known,
        nothing_seen=sound,
    )


def _first(entry: Entry) -> tuple[bool, float, int, str]:
    """Urgent ones, then the surest to a hundredth, then the worst."""
    surest = max((v.sureness for v in entry.vertebrae), default=0.0)
    return not entry.urgent, -round(surest, 2), -max((v.grade or 0 for v in entry.vertebrae), default=0), entry.study


def _entry(row: Row, vertebrae: Iterable[Vertebra], unclear: Iterable[str] = (), rows: Iterable[Row] = ()) -> Entry:
    open_ = [(v["level"], v["not_judged_because"]) for v in rows if v["not_judged_because"] and not v["suspected"]]
    return Entry(
        study=row["study"],
        key=row["key"],
        patient=row["patient"] or "",
        acquired_on=row["acquired_on"] or "",
        sex=row["sex"] or "",
        age_years=row["age_years"],
        study_uid=row["study_uid"] or "",
        outcome=row["outcome"],
        problem=row["problem"] or "",
        remedy=row["remedy"] or "",
        urgent=tuple(row["urgent"] or ()),
        vertebrae=tuple(sorted(vertebrae, key=lambda v: -v.sureness)),
        marrow_unclear=tuple(unclear),
        not_judged=tuple(Unjudged(level, why) for level, why in open_),
        unnamed=row["not_judged_unnamed"] or 0,
        asked=tuple(row["asked"] or ()),
        graded=tuple(row["graded"] or ()),
        least_ratio=row["least_ratio"],
        least_ratio_body=row["least_ratio_body"],
    )


def _vertebra(row: Row, reported: Sequence[Level] | None) -> Vertebra:
    level = Level(row["level"])
    beside = {STANDARD_COLUMN.above(level), STANDARD_COLUMN.below(level)} - {None}
    told = Told.NOT_REPORTED
    if reported is None:
        told = Told.UNKNOWN
    elif level in reported:
        told = Told.REPORTED
    elif beside & set(reported):
        told = Told.NEIGHBOUR_REPORTED
    return Vertebra(
        level=row["level"],
        told=told,
        grade=row["sq_grade"],
        shape=row["sq_shape"] or "",
        by_readers=row["readers_fracture_probability"],
        by_measurement=row["sq_fracture_probability"],
        recent=row["recent"],
        recent_probability=row["recent_probability"],
        height_loss_percent=row[_LOSS],
        height_loss_sd_percent=row[f"{_LOSS}_sd"],
    )


def _reported(text: str, study: str) -> list[Level] | None:
    """The levels that a report names; None where nobody looked."""
    parts = [part.strip() for part in text.replace(",", ";").split(";") if part.strip()]
    if not parts:
        return None
    if [part.casefold() for part in parts] == [NONE_REPORTED]:
        return []
    try:
        return [Level.parse(part) for part in parts]
    except LevelError as error:
        raise ClinicalDataError(
            f"reported, study {study}", f"{text!r} is not levels ({error.problem})", "Write L1; T12, or none."
        ) from None


def with_pictures(found: Worklist, pictures: Mapping[str, bytes]) -> Worklist:
    """The same with its pictures, by key."""
    entries, apart = (
        tuple(replace(one, picture=pictures.get(one.key, b"")) for one in part) for part in (found.entries, found.apart)
    )
    return replace(found, entries=entries, apart=apart)

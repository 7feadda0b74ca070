"""The columns of every table, typed, as they follow from what measurements and scores declare.

A measurement gives two columns, its value and ``_sd``, its standard uncertainty; a score its status, total, attainable
range and group, or its class. Nothing is listed here by hand but what identifies a row and what a worklist decides by.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import NamedTuple

from ovcf.measures.declare import Of
from ovcf.measures.registry import measurements
from ovcf.scores.registry import scores


class Kind(StrEnum):
    """The type of a column."""

    TEXT = "text"
    TEXTS = "texts"
    NUMBER = "number"
    WHOLE = "whole number"
    FLAG = "yes or no"
    BYTES = "bytes"


class Column(NamedTuple):
    """A column: its name, its type, and what it says, with its unit in front where it has one."""

    name: str
    kind: Kind
    about: str


_ROW = (
    Column("study", Kind.TEXT, "The study, as the manifest calls it"),
    Column("key", Kind.TEXT, "What the result was made from and with: equal keys are equal results"),
)
_STUDY = (
    Column("outcome", Kind.TEXT, "assessed, refused, quarantined or missing"),
    Column("problem", Kind.TEXT, "Why it was not assessed"),
    Column("remedy", Kind.TEXT, "What to do about that"),
    Column("patient", Kind.TEXT, "Whom the manifest names, else the patient id of the images"),
    Column("reported", Kind.TEXT, "Levels of the fractures that were reported, none, or empty where nobody looked"),
    Column("study_uid", Kind.TEXT, "StudyInstanceUID of the images"),
    Column("acquired_on", Kind.TEXT, "Day of the images, ISO 8601"),
    Column("sex", Kind.TEXT, "female or male"),
    Column("age_years", Kind.NUMBER, "a; age"),
    Column("roles", Kind.TEXTS, "What the images could be read for"),
    Column("state", Kind.TEXT, "What a report of it would say first"),
    Column("urgent", Kind.TEXTS, "Topics of urgent statements"),
    Column("index_level", Kind.TEXT, "The vertebra that was named as fractured"),
    Column("graded", Kind.TEXTS, "Levels that were graded"),
    Column("fractured", Kind.TEXTS, "Levels with a measured grade of 1 to 3"),
    Column("suspected", Kind.TEXTS, "Levels that look fractured, most conspicuous first"),
    Column("marrow_unclear", Kind.TEXTS, "Levels of sound shape whose marrow signal is not clear: to be looked at"),
    Column("not_judged", Kind.TEXTS, "Levels that are shown, or must be there, and could not be graded"),
    Column("not_judged_unnamed", Kind.WHOLE, "Vertebrae without a sure name that could not be graded"),
    Column("asked", Kind.TEXTS, "Images on which it is not sure which vertebra is which"),
    Column("least_ratio", Kind.NUMBER, "1; where levels are asked, the least height ratio of a body"),
    Column("least_ratio_body", Kind.WHOLE, "The number of that body, from the head down"),
    Column("warnings", Kind.WHOLE, "How many doubts stand at the top of its report"),
)
_VERTEBRA = (
    Column("level", Kind.TEXT, "The vertebra; empty where its name is not sure"),
    Column("number", Kind.WHOLE, "Its number from the head down, where its name is not sure"),
    Column("suspected", Kind.WHOLE, "Its place among those that look fractured, from 1"),
    Column("marrow_unclear", Kind.FLAG, "Whether its shape is sound and its marrow signal not clear"),
    Column("not_judged_because", Kind.TEXT, "Why it could not be graded"),
    Column("sq_grade", Kind.WHOLE, "Genant's grade from measurement, 0 to 3"),
    Column("sq_shape", Kind.TEXT, "wedge, biconcave or crush"),
    Column("sq_fracture_probability", Kind.NUMBER, "1; probability of grade 1 to 3 under the error of measurement"),
    Column("readers_fracture_probability", Kind.NUMBER, "1; share of readers of a survey who would grade it 1 to 3"),
    Column("recent", Kind.FLAG, "Whether its marrow reads as that of a recent fracture; empty where that is open"),
    Column("recent_probability", Kind.NUMBER, "1; probability of that"),
    Column("image", Kind.TEXT, "The image that height loss was measured on"),
)
_LONG = (
    Column("level", Kind.TEXT, "The vertebra that was measured; empty for the whole spine"),
    Column("levels", Kind.TEXTS, "Every vertebra that takes part"),
    Column("number", Kind.WHOLE, "Its number from the head down, where its name is not sure"),
    Column("measurement", Kind.TEXT, "Id of the measurement, see `ovcf measurements`"),
    Column("value", Kind.NUMBER, "Unrounded"),
    Column("sd", Kind.NUMBER, "Standard uncertainty, in the same unit"),
    Column("unit", Kind.TEXT, "UCUM code"),
    Column("image", Kind.TEXT, "The image"),
    Column("modality", Kind.TEXT, "Its modality"),
    Column("posture", Kind.TEXT, "Posture of the patient"),
    Column("placed_by", Kind.TEXT, "Who or what placed the points"),
    Column("series_uid", Kind.TEXT, "SeriesInstanceUID"),
)
_FINDINGS = (
    Column("level", Kind.TEXT, "The vertebra; empty for the whole spine"),
    Column("finding", Kind.TEXT, "Its kind"),
    Column("value", Kind.TEXT, "What it says, in words"),
    Column("data", Kind.TEXT, "What it says, as JSON"),
    Column("image", Kind.TEXT, "The images that it was read on"),
)
_PICTURES = (
    Column("jpeg", Kind.BYTES, "The image that height loss was measured on, with outlines"),
    Column("image", Kind.TEXT, "Which image it is"),
)
_ATTEMPTS = (
    Column("attempt", Kind.WHOLE, "From 1"),
    Column("outcome", Kind.TEXT, "How it ended; begun where it was cut off"),
    Column("problem", Kind.TEXT, "Why it failed"),
    Column("begun_at", Kind.TEXT, "UTC, ISO 8601"),
    Column("seconds", Kind.NUMBER, "s; how long it took"),
    Column("peak_bytes", Kind.WHOLE, "By; the most memory that it took"),
    Column("host", Kind.TEXT, "The machine"),
    Column("worker", Kind.TEXT, "The process on it"),
)


def slug(id_: str) -> str:
    """The name of a column for an id."""
    return id_.replace("-", "_")


@cache
def tables() -> dict[str, tuple[Column, ...]]:
    """The columns of every table by its name; those of ``attempts`` differ between runs, all others do not."""
    return {
        "studies": (*_ROW, *_STUDY, *_measured(whole_spine=True), *_scored()),
        "vertebrae": (*_ROW, *_VERTEBRA, *_measured(whole_spine=False)),
        "measurements": (*_ROW, *_LONG),
        "findings": (*_ROW, *_FINDINGS),
        "pictures": (*_ROW, *_PICTURES),
        "attempts": (*_ROW, *_ATTEMPTS),
    }


RESULTS = ("studies", "vertebrae", "measurements", "findings", "pictures")
"""The tables that are equal, byte for byte, between runs."""


def _measured(*, whole_spine: bool) -> list[Column]:
    found = []
    for one in measurements().values():
        if (one.of is Of.SPINE) is whole_spine:
            unit = "mm or {pixel}" if one.unit is None else one.unit.value
            name = slug(one.id)
            found.append(Column(name, Kind.NUMBER, f"{unit}; {one.method.name}"))
            found.append(Column(f"{name}_sd", Kind.NUMBER, f"{unit}; standard uncertainty of that"))
    return found


def _scored() -> list[Column]:
    found = []
    for one in scores().values():
        name = slug(one.id)
        if one.classes:
            found.append(Column(f"{name}_class", Kind.TEXT, f"{one.name}: the class"))
            continue
        found += [
            Column(f"{name}_status", Kind.TEXT, f"{one.name}: whether it could be computed"),
            Column(f"{name}_total", Kind.NUMBER, f"{one.name}: the total"),
            Column(f"{name}_least", Kind.NUMBER, f"{one.name}: least total that is still possible"),
            Column(f"{name}_most", Kind.NUMBER, f"{one.name}: largest total that is still possible"),
            Column(f"{name}_group", Kind.TEXT, f"{one.name}: the group"),
        ]
    return found

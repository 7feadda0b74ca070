"""Before signing: which vertebra is assessed, asked while some look fractured, with the answers that a key gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovcf.assessment.findings.kinds import looks_fractured
from ovcf.language.worded import say
from ovcf.reading.version import to_choose_from
from ovcf.server.views.findings.to_judge import Answer, cannot_tell, shown_on

if TYPE_CHECKING:
    from ovcf.assessment.result import Assessment
    from ovcf.reading.editing.edited import Edited

MOST = 3
"""Vertebrae that are offered by name: the others can be selected like any. One whose marrow alone is not clear is
offered where none looks fractured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BeforeSigning:
    """What is asked before a reading is signed. ``assess`` names a vertebra, the most conspicuous first; ``none`` says
    that there is no recent fracture to assess, after which the reading can be signed as it is; ``unknown`` that of the
    most conspicuous it cannot be told: the report names it as not judged."""

    assess: tuple[Answer, ...]
    none: Answer
    unknown: Answer


def before_signing(now: Edited, assessment: Assessment) -> BeforeSigning | None:
    """The answers to what :func:`ovcf.reading.version.open_questions` says of fractures; None where it is silent."""
    found = [(f.level, shown_on(now, f.level, f)) for f in to_choose_from(assessment) if f.level is not None]
    there = [(level, vertebra) for level, vertebra in found if vertebra is not None]
    if not there:
        return None
    looking = {f.level for f in to_choose_from(assessment) if looks_fractured(f.data)}
    offered = [one for one in there if one[0] in looking] or there
    first, of_first = offered[0]
    return BeforeSigning(
        assess=tuple(
            Answer(say("Assess {level}", level=level), {"kind": "choose index", "vertebra": vertebra})
            for level, vertebra in offered[:MOST]
        ),
        none=Answer(
            "No recent fracture to assess: sign as it is",
            {"kind": "nothing to assess", "vertebrae": tuple(vertebra for _, vertebra in there)},
        ),
        unknown=Answer(say("{level}: cannot tell", level=first), cannot_tell(of_first)),
    )

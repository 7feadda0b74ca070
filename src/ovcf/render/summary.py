"""One reading in a line, for lists of many: what it shows, what is urgent, what is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ovcf.imaging.study import Role
from ovcf.language.stored_sentences import to_data
from ovcf.program import program
from ovcf.render.impression import impression

if TYPE_CHECKING:
    from ovcf.reading.session import Session

_READ = (Role.RADIOGRAPH, Role.T1, Role.T2, Role.STIR, Role.FS_T2, Role.CT)


def summary(session: Session) -> dict[str, Any]:
    """Plain data: ``lead`` is the sentence to show, ``said`` the same for other languages; ``urgent`` the topics that
    nobody has acknowledged; ``asked`` the images on which a level is not sure; ``roles`` what the images could be read
    for; ``program`` by which program: another one may conclude something else."""
    assessment, now = session.assessment(), session.now()
    found = {s.role for s in session.file.current.series}
    lead = impression(assessment)[0].lead
    return {
        "lead": lead,
        "said": to_data(lead),
        "urgent": [s.topic for s in assessment.guidance if s.must_be_seen and s.id not in now.acknowledged],
        "asked": [q.image for q in assessment.questions],
        "roles": [role.value for role in _READ if role in found],
        "program": program(),
    }

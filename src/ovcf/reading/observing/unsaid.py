"""Stacks of which nothing says the contrast: what is assumed of them, what is not read, and that it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.errors import Remedy, RemedyCode
from ovcf.imaging.mid_sagittal import is_sagittal
from ovcf.imaging.one_time import MARROW_ROLES
from ovcf.imaging.study import Role
from ovcf.imaging.volume import Volume
from ovcf.language.worded import joined, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.imaging.study import Series, Study
    from ovcf.reading.observations import Unseen
    from ovcf.reading.observing.labelled import LabelledImage


def contrasts_unsaid(study: Study, labelled: Sequence[LabelledImage]) -> tuple[tuple[str, ...], tuple[Unseen, ...]]:
    """What stands at the top of the report, and what is withheld with how to say it; both empty where all is said.

    ``labelled`` are the images that bodies were found on, or are asked about.
    """
    unsaid = [s for s in study.series if s.contrast_unsaid and isinstance(s.image, Volume) and is_sagittal(s.image)]
    if not unsaid:
        return (), ()
    names = joined(", ", sorted(map(_called, unsaid)))
    how = Remedy(
        "Say of each whether it is sagittal T1, sagittal T2, sagittal STIR or sagittal fat-suppressed T2 (or CT).",
        RemedyCode.NAME_THE_ROLE,
    ).having(series=unsaid[0].description or unsaid[0].uid, role=Role.T2)
    if any(s.role in MARROW_ROLES for s in study.series):  # enough is known to assess the study
        why = say("nothing says which contrast {names} shows, so its signal is not read", names=names)
        return (), ((say("marrow signal on {names}", names=names), why, how),)
    measured = [i.series for i in labelled if i.series is not None and any(i.series.uid == s.uid for s in unsaid)]
    assumed = (
        say("vertebral bodies are measured on {on}, whatever it is", on=_called(measured[0]))
        if measured
        else "no vertebral body is measured on any of them"
    )
    why = say(
        "nothing says which contrast is shown by {n} of the stacks ({names}). None is assumed: {assumed}, and neither "
        "edema, T2 pattern, VBQ nor signs of a recent fracture are read",
        n=len(unsaid),
        names=names,
        assumed=assumed,
    )
    return (say("{why}. {how}", why=why, how=how.text.removesuffix(".")),), (("marrow signal", why, how),)


def _called(series: Series) -> str:
    """A stack by its description. Where that is the name of its file it is told without the ending: a report names no
    files, and stacks that are all called "a file" cannot be told apart."""
    text = series.description or series.uid
    ending = next((e for e in (".nii.gz", ".nii") if text.lower().endswith(e)), "")
    return text[: len(text) - len(ending)]

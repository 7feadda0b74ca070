"""What stands under a panel: the image, the posture, and one fact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.imaging.study import Role
from ovcf.language.worded import joined, say
from ovcf.measures.shape.height import VERTEBRAL_HEIGHT_LOSS
from ovcf.measures.shape.kyphosis import LOCAL_KYPHOSIS_ANGLE
from ovcf.measures.signal.recent_fracture import FLUID_HIGH, T1_LOW
from ovcf.measures.signal.t2_pattern import HIGH_T2_AREA, LOW_T2_AREA
from ovcf.render.words.wording import quantity, share
from ovcf.report.figures.bodies import bodies_of, near
from ovcf.vocabulary import Modality, Posture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.anatomy import Level
    from ovcf.measures.measurement import Measurement
    from ovcf.workflow.slice_view import View

_IMAGE = {
    Role.RADIOGRAPH: "Radiograph",
    Role.T1: "MRI T1",
    Role.T2: "MRI T2",
    Role.STIR: "MRI STIR",
    Role.FS_T2: "MRI fat-suppressed T2",
    Role.CT: "CT",
}
_SIGNAL = {T1_LOW.id: "Low", FLUID_HIGH.id: "High", LOW_T2_AREA.id: "Low", HIGH_T2_AREA.id: "High"}
_SIGNAL_OF = {
    Role.T1: (T1_LOW.id,),
    Role.STIR: (FLUID_HIGH.id,),
    Role.FS_T2: (FLUID_HIGH.id,),
    Role.T2: (LOW_T2_AREA.id, HIGH_T2_AREA.id),
}


def image_name(view: View) -> str:
    """``MRI T1``; the words of its series where its role says nothing."""
    return _IMAGE.get(view.role) or view.image or "Image"


def title_of(view: View, measurements: Sequence[Measurement] = ()) -> str:
    """The image and the posture: ``Radiograph, standing``. Measurements on it know what the clinical file adds."""
    posture = next((m.source.posture for m in measurements if m.source.image == view.image), view.posture)
    if posture is not Posture.UNKNOWN:
        return say("{image_name}, {posture}", image_name=image_name(view), posture=posture.value)
    return (
        say("{image_name}, posture not recorded", image_name=image_name(view))
        if view.modality is Modality.RADIOGRAPH
        else image_name(view)
    )


def fact_of(view: View, index: Level | None, measurements: Sequence[Measurement]) -> str:
    """What the picture shows of the index vertebra: how much of it is low or high, or its height loss and kyphosis."""
    if index is None:
        return levels_words(view)
    there = view.spine is not None and index in view.spine
    if not there and all(p.level != index for p in view.places):
        return (
            say("{index} was not found on this image.", index=index)
            if view.places or view.spine
            else "Levels were not found here."
        )
    of_it = {m.method.id: m for m in measurements if m.index_level == index and m.source.image == view.image}
    signal = [of_it[id_] for id_ in _SIGNAL_OF.get(view.role, ()) if id_ in of_it]
    if signal:
        m = max(signal, key=lambda m: m.value)
        return say(
            "{signal} signal in {m} of {index}.", signal=_SIGNAL[m.method.id], m=share(m.value / 100), index=index
        )
    loss = of_it.get(VERTEBRAL_HEIGHT_LOSS.id)
    if view.modality is Modality.RADIOGRAPH and loss is not None:
        return say("Height loss of {index} {loss}.", index=index, loss=quantity(loss.value, loss.unit))
    return shown_words(view, index) if there else say("{index} was not measured here.", index=index)


def shown_words(view: View, index: Level) -> str:
    """The vertebra in the middle and those beside it: ``L1 between T12 and L2.``"""
    beside = [b.level.value for b in near(bodies_of(view.spine, view.places), index) if b.level != index]
    return (
        say("{index} between {join}.", index=index, join=joined(" and ", beside))
        if len(beside) == 2
        else say("{index} in the middle.", index=index)
    )


def levels_words(view: View) -> str:
    """Which vertebrae were measured on the image, and which were seen and not measured."""
    measured = [v.level for v in view.spine or ()]
    if not measured:
        return "No vertebra was measured here."
    others = [p.level.value for p in view.places if p.level not in measured]
    ends = (
        measured[0].value
        if len(measured) == 1
        else say("{measured} to {measured_2}", measured=measured[0], measured_2=measured[-1])
    )
    return say("{ends} measured", ends=ends) + (
        say("; seen only: {join}.", join=joined(", ", others)) if others else "."
    )


def measured_words(view: View, index: Level, measurements: Sequence[Measurement], *, radiograph: bool) -> str:
    """What the lines of a measured panel are."""
    of_it = {m.method.id for m in measurements if m.index_level == index and m.source.image == view.image}
    if LOCAL_KYPHOSIS_ANGLE.id not in of_it:
        return "White: anterior and posterior height."
    if radiograph:
        return "White: anterior and posterior height. Yellow: local kyphosis."
    angle = next(
        m
        for m in measurements
        if m.method.id == LOCAL_KYPHOSIS_ANGLE.id and m.index_level == index and m.source.image == view.image
    )
    return say(
        "White: heights. Yellow: the endplates of local kyphosis, {angle}.", angle=quantity(angle.value, angle.unit)
    )


def signs_words(view: View) -> str:
    """What ? and × behind a name mean, where the picture has such names."""
    measured = {v.level for v in view.spine or ()}
    said = []
    if any(p.level not in measured for p in view.places):
        said.append("?: not measured.")
    if view.spine is not None and any(view.spine.why_unusable(level) for level in measured):
        said.append("×: no reference for others.")
    return joined(" ", said)

"""The AO Spine thoracolumbar class (2013) from findings: A0-A4, B or C.

Not Magerl's: his A3 is every burst fracture, the A3 here only the incomplete one.
"""

from __future__ import annotations

from ovcf.scores.classify import possible_classes, spoken
from ovcf.scores.of import wall_fraction
from ovcf.scores.result import Classification
from ovcf.scores.tally import above

MEANING = {
    "A0": "no or minor injury: the body keeps its structure",
    "A1": "wedge compression, one endplate, posterior wall intact",
    "A2": "split or pincer fracture, both endplates, posterior wall intact",
    "A3": "incomplete burst, one endplate and the posterior wall",
    "A4": "complete burst, both endplates and the posterior wall",
    "B": "failure of the tension band; the findings do not tell B1, B2 and B3 apart",
    "C": "displacement: translation or rotation",
}


def ao_spine_class(
    *,
    superior_endplate: bool | None,
    inferior_endplate: bool | None,
    posterior_wall_fraction: float | None,
    split_or_pincer: bool | None,
    tension_band_injury: bool | None,
    translation_or_rotation: bool | None,
) -> Classification:
    """The AO Spine class; any involvement of the posterior wall makes a burst fracture.

    Raises:
        ClinicalDataError: the posterior wall fraction is not within 0 to 1.
    """
    findings = {
        "superior_endplate": superior_endplate,
        "inferior_endplate": inferior_endplate,
        "posterior_wall_fraction": wall_fraction(posterior_wall_fraction),
        "split_or_pincer": split_or_pincer,
        "tension_band_injury": tension_band_injury,
        "translation_or_rotation": translation_or_rotation,
    }
    fill = dict.fromkeys(findings, (False, True)) | {"posterior_wall_fraction": (0.0, 1.0)}
    possible, missing = possible_classes(_decide, findings, fill)
    label = possible[0] if len(possible) == 1 else None
    wall = findings["posterior_wall_fraction"]
    flags = (
        ("posterior wall involved without an endplate: no class describes this, look again",)
        if label == "A0" and wall is not None and above(wall, 0)
        else ()
    )
    return Classification(
        system="AO Spine thoracolumbar classification", version="2013", label=label,
        meaning=MEANING[label] if label else "", possible=possible, missing=spoken(missing), flags=flags,
        advisories=("Made for traumatic fractures; do not mix it with Magerl's classes of the same names.",),
        evidence=("ao-spine-2013",),
    )  # fmt: skip


def _decide(
    *,
    superior_endplate: bool,
    inferior_endplate: bool,
    posterior_wall_fraction: float,
    split_or_pincer: bool,
    tension_band_injury: bool,
    translation_or_rotation: bool,
) -> str:
    if translation_or_rotation:
        return "C"
    if tension_band_injury:
        return "B"
    both = split_or_pincer or (superior_endplate and inferior_endplate)
    if not (both or superior_endplate or inferior_endplate):
        return "A0"
    if above(posterior_wall_fraction, 0):
        return "A4" if both else "A3"
    return "A2" if both else "A1"

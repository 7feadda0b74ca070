"""The AO Spine thoracolumbar class (2013) from findings: A0-A4, B or C.

Not Magerl's: his A3 is every burst fracture, the A3 here only the incomplete one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.scores.classification.of import ENDPLATES, POSTERIOR_WALL, TENSION_BAND, TRANSLATION
from ovcf.scores.declare import Advice, Group, Score, all_of, any_of, flag, number, of_case, word
from ovcf.scores.evaluate import classify

if TYPE_CHECKING:
    from ovcf.scores.result import Classification

_BOTH = any_of(flag("split_or_pincer"), all_of(flag("superior_endplate"), flag("inferior_endplate")))
_ANY = any_of(flag("split_or_pincer"), flag("superior_endplate"), flag("inferior_endplate"))
_WALL = number("posterior_wall_fraction", ">", 0)

AO_SPINE = Score(
    id="ao",
    name="AO Spine thoracolumbar classification",
    version="2013",
    title="AO Spine thoracolumbar class, A0-A4, B, C",
    about="Not Magerl's.",
    population="traumatic thoracolumbar fractures",
    not_for="osteoporotic fractures, and Magerl's classes of the same names",
    evidence=("ao-spine-2013",),
    function="ao_spine_class",
    examples=(
        {
            "superior_endplate": True,
            "inferior_endplate": False,
            "posterior_wall_fraction": 0,
            "split_or_pincer": False,
            "tension_band_injury": False,
            "translation_or_rotation": False,
        },
    ),
    inputs=(
        *ENDPLATES,
        POSTERIOR_WALL,
        of_case("pincer", "Split or pincer", id="split_or_pincer", option="pincer", help="Split or pincer fracture"),
        TENSION_BAND,
        TRANSLATION,
    ),
    classes=(
        Group("C", flag("translation_or_rotation"), "displacement: translation or rotation"),
        Group(
            "B",
            flag("tension_band_injury"),
            "failure of the tension band; the findings do not tell B1, B2 and B3 apart",
        ),
        Group("A4", all_of(_BOTH, _WALL), "complete burst, both endplates and the posterior wall"),
        Group("A3", all_of(_ANY, _WALL), "incomplete burst, one endplate and the posterior wall"),
        Group("A2", _BOTH, "split or pincer fracture, both endplates, posterior wall intact"),
        Group("A1", _ANY, "wedge compression, one endplate, posterior wall intact"),
        Group("A0", meaning="no or minor injury: the body keeps its structure"),
    ),
    flags=(
        Advice(
            "posterior wall involved without an endplate: no class describes this, look again",
            all_of(word("class", "A0"), _WALL),
        ),
    ),
    advice=(Advice("Made for traumatic fractures; do not mix it with Magerl's classes of the same names."),),
)
SCORES = (AO_SPINE,)


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
    return classify(
        AO_SPINE,
        superior_endplate=superior_endplate,
        inferior_endplate=inferior_endplate,
        posterior_wall_fraction=posterior_wall_fraction,
        split_or_pincer=split_or_pincer,
        tension_band_injury=tension_band_injury,
        translation_or_rotation=translation_or_rotation,
    )

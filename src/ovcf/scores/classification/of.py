"""The OF classification (Schnake 2018) and the OF score of the DGOU and AO Spine.

The score exists in more than one version, so the version is never implied. The one computed here is that of the AO
Spine pocket card, which itself says "not validated"; the score of 2018 was not read and is not offered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.kept import kept
from ovcf.language.worded import say
from ovcf.scores.declare import (
    Advice,
    Case,
    Group,
    Input,
    Item,
    Score,
    Some,
    all_of,
    any_of,
    flag,
    number,
    of_case,
    word,
)
from ovcf.scores.evaluate import classify, evaluate, groups_of
from ovcf.units import Unit
from ovcf.vocabulary import NeurologicalGrade, OfClass

if TYPE_CHECKING:
    from ovcf.scores.result import Classification, ScoreResult

POSTERIOR_WALL_LIMIT = 0.2
CARD = "ao-card-modified"

#: Findings of a fracture that more than one classification asks for.
TENSION_BAND = of_case("tension_band_injury", "Tension band injury")
TRANSLATION = of_case("translation_or_rotation", "Translation or rotation", option="translation")
ENDPLATES = (of_case("superior_endplate", "Superior endplate"), of_case("inferior_endplate", "Inferior endplate"))
POSTERIOR_WALL = of_case(
    "posterior_wall_fraction",
    "posterior wall fraction",
    option="posterior-wall",
    help="Involved fraction of the posterior wall, 0 to 1",
)

OF_CLASS = Score(
    id="of-class",
    name="OF classification",
    version="Schnake 2018",
    title="OF classification, OF1-OF5",
    about="Findings not given leave several classes possible.",
    population="osteoporotic thoracolumbar fractures",
    not_for="fractures that are not osteoporotic",
    evidence=("schnake-2018",),
    function="of_class",
    examples=(
        {
            "superior_endplate": True,
            "inferior_endplate": False,
            "posterior_wall_fraction": 0.3,
            "pincer_or_collapse": False,
            "tension_band_injury": False,
            "translation_or_rotation": False,
            "distraction": False,
        },
    ),
    inputs=(
        TENSION_BAND,
        TRANSLATION,
        of_case("distraction", "Distraction"),
        *ENDPLATES,
        of_case(
            "pincer",
            "Pincer or collapse",
            id="pincer_or_collapse",
            option="pincer",
            help="Pincer fracture, collapse or loss of the vertebral frame",
        ),
        POSTERIOR_WALL,
        Input(id="edema", name="Edema", kind="flag", help="Edema on STIR"),
    ),
    classes=(
        Group(
            "OF5",
            any_of(flag("tension_band_injury"), flag("translation_or_rotation"), flag("distraction")),
            "distraction, rotation, translation or failure of the tension band",
        ),
        Group(
            "OF4",
            any_of(flag("pincer_or_collapse"), all_of(flag("superior_endplate"), flag("inferior_endplate"))),
            "both endplates, loss of the vertebral frame, collapse or pincer fracture",
        ),
        Group(
            "OF3",
            all_of(
                any_of(flag("superior_endplate"), flag("inferior_endplate")),
                number("posterior_wall_fraction", ">=", POSTERIOR_WALL_LIMIT),
            ),
            "one endplate, posterior wall involved (1/5 or more)",
        ),
        Group(
            "OF2",
            any_of(flag("superior_endplate"), flag("inferior_endplate")),
            "one endplate, posterior wall not or hardly involved (below 1/5)",
        ),
        Group("OF1", flag("edema"), "edema only, no deformity"),
        Group("none", meaning="no fracture by these findings"),
    ),
    advice=(
        Advice(
            "Readers agree moderately: kappa 0.49 on radiographs, 0.51 on CT, 0.49 on MRI, 0.63 on CT with MRI "
            "(abstracts).",
            None,
            ("of-type-readers",),
        ),
    ),
    flags=(
        Advice(
            "posterior wall involvement of exactly 1/5 is not defined: taken as OF3",
            all_of(
                number("posterior_wall_fraction", "=", POSTERIOR_WALL_LIMIT), word("class", "OF2", "OF3", unknown=True)
            ),
        ),
        Advice(
            "posterior wall involved without an endplate: no OF class describes this, look again",
            all_of(number("posterior_wall_fraction", ">", 0), word("class", "OF1", "none")),
        ),
    ),
)
MEANING = {c.label: c.meaning for c in OF_CLASS.classes}


@kept
def of_class(
    *,
    tension_band_injury: bool | None,
    translation_or_rotation: bool | None,
    distraction: bool | None,
    superior_endplate: bool | None,
    inferior_endplate: bool | None,
    pincer_or_collapse: bool | None,
    posterior_wall_fraction: float | None,
    edema: bool | None,
) -> Classification:
    """The OF class from its findings; ``posterior_wall_fraction`` is 0 to 1, ``edema`` that of STIR.

    A posterior wall of exactly 1/5, which Schnake leaves undefined, counts as OF3 and is flagged.

    Raises:
        ClinicalDataError: the posterior wall fraction is not within 0 to 1.
    """
    return classify(
        OF_CLASS,
        tension_band_injury=tension_band_injury,
        translation_or_rotation=translation_or_rotation,
        distraction=distraction,
        superior_endplate=superior_endplate,
        inferior_endplate=inferior_endplate,
        pincer_or_collapse=pincer_or_collapse,
        posterior_wall_fraction=posterior_wall_fraction,
        edema=edema,
    )


_BY_CARD = word("version", CARD)
_ASA, _MFI, _ANTICOAGULATION = number("asa_class", ">", 3), number("mfi5", ">", 2), flag("anticoagulation")
#: By version: pain from which on a point is added, and the health findings that each take one away.
PAIN_LIMITS = {CARD: 5.0}
HEALTH = {CARD: (("ASA > 3", _ASA), ("mFI-5 > 2", _MFI), ("anticoagulation", _ANTICOAGULATION))}


def _pain(version: str) -> Item:
    limit = PAIN_LIMITS[version]
    return Item(
        name="Pain under analgesia",
        when=word("version", version),
        zero_if_unknown=True,
        cases=(
            Case(1, say("VAS >= {limit:g}: yes", limit=limit), number("vas_under_analgesia", ">=", limit)),
            Case(-1, say("VAS >= {limit:g}: no", limit=limit)),
        ),
    )


def _health(version: str) -> Item:
    present = tuple(condition for _, condition in HEALTH[version])
    return Item(
        name="Health",
        when=word("version", version),
        parts=HEALTH[version],
        zero_if_unknown=True,
        cases=(Case(-2, "two or more", Some(2, present)), Case(-1, "one", any_of(*present)), Case(0, "none")),
    )


_KNOWN_LOW = any_of(number("t_score", "<", -3, unknown=False), number("qct_hu", "<=", 90, unknown=False))
_KNOWN_NOT_LOW = any_of(number("t_score", ">=", -3, unknown=False), number("qct_hu", ">", 90, unknown=False))

OF_SCORE = Score(
    id="of",
    name="OF score",
    version="",
    title="OF score, version named",
    about="-3 to 16 points; the version must be named.",
    population="osteoporotic thoracolumbar fractures",
    not_for="fractures that are not osteoporotic, and a score whose version is not named",
    evidence=("blattert-2018",),
    alerts=(
        Advice(
            "{neurology} is a deficit of the cord or cauda equina: emergency MRI and spine-surgical review go before "
            "this score.",
            word("neurology", "N3", "N4"),
            ("rule-neurology",),
        ),
    ),
    function="of_score",
    examples=(
        {
            "version": "ao-card-modified",
            "of": "OF3",
            "t_score": -3.2,
            "deformity_progression": True,
            "vas_under_analgesia": 7,
            "mobile_under_analgesia": False,
        },
    ),
    inputs=(
        Input(id="version", name="Version", kind="word", words=(CARD,), required=True, help="Which published version"),
        Input(id="of", name="OF class", kind="word", words=tuple(OfClass)[:5], help="OF class, OF1 to OF5"),
        of_case("t_score", "T-score", unit=Unit.STANDARD_DEVIATION, help="T-score"),
        of_case(
            "qct_hu", "attenuation by quantitative CT (HU)", option="hu", help="Attenuation by quantitative CT, HU"
        ),
        of_case("deformity_progression", "Deformity progression", option="progression"),
        of_case("vas_under_analgesia", "pain under analgesia (VAS)", option="vas"),
        Input(
            id="neurology",
            name="Neurology",
            kind="word",
            words=tuple(NeurologicalGrade),
            unknown_word=NeurologicalGrade.NX,
            help="AO Spine neurological status",
        ),
        of_case("mobile_under_analgesia", "Mobile under analgesia", option="mobile"),
        of_case("asa_class", "ASA class", option="asa"),
        of_case("mfi5", "mFI-5"),
        of_case("anticoagulation", "Anticoagulation"),
    ),
    items=(
        Item(
            name="OF class",
            shows="{of}: {label}",
            cases=tuple(Case(2 * n, MEANING[say("OF{n}", n=n)], word("of", say("OF{n}", n=n))) for n in range(1, 6)),
        ),
        Item(
            name="Low bone density",
            zero_if_unknown=True,
            cases=(Case(1, "T < -3 or HU <= 90: yes", _KNOWN_LOW), Case(0, "T < -3 or HU <= 90: no", _KNOWN_NOT_LOW)),
        ),
        Item(
            name="Deformity progression",
            zero_if_unknown=True,
            cases=(Case(1, "progressing: yes", flag("deformity_progression")), Case(-1, "progressing: no")),
        ),
        *map(_pain, PAIN_LIMITS),
        Item(
            name="Neurological deficit",
            zero_if_unknown=True,
            cases=(Case(2, "N2 to N4: yes", word("neurology", "N2", "N3", "N4")), Case(0, "N2 to N4: no")),
        ),
        Item(
            name="Mobilisation under analgesia",
            zero_if_unknown=True,
            cases=(Case(1, "not possible: yes", flag("mobile_under_analgesia", False)), Case(-1, "not possible: no")),
        ),
        *map(_health, HEALTH),
    ),
    groups=(
        Group("conservative", number("total", "<", 6)),
        Group("either", number("total", "<=", 6)),
        Group("surgery"),
    ),
    advice=(
        Advice(
            'AO pocket card, "modified" version, read on a secondary page; the card says "not validated".', _BY_CARD
        ),
        Advice(
            "Pain counts from VAS 5 on, by the card; in 508 patients (abstract) 5.5 went best with the decision to "
            "operate (AUC 0.811).",
            _BY_CARD,
            ("of-score-2025",),
        ),
        Advice(
            "Tested elsewhere, in abstracts: cut above 6.5 in 157 patients (AUC 0.77, sensitivity 87.9%, "
            "specificity 61.0%), 5.5 in 237 (AUC 0.820, 91.9%, 56.5%); an optimised version "
            "operates above 5 (accuracy 80.7%). The limit of 6 is the card's.",
            number("total", ">=", -3),
            ("of-validation-157", "mitani-2023", "of-optimised"),
        ),
    ),
)
SCORES = (OF_CLASS, OF_SCORE)
GROUPS = tuple(group.label for group in OF_SCORE.groups)


def of_group(total: float) -> str:
    """Conservative below 6, either at 6, surgery above 6."""
    return groups_of(OF_SCORE, [total])[0]


@kept
def of_score(
    *,
    version: str,
    of: int | str | None,
    t_score: float | None = None,
    qct_hu: float | None = None,
    deformity_progression: bool | None = None,
    vas_under_analgesia: float | None = None,
    neurology: NeurologicalGrade | str | None = None,
    mobile_under_analgesia: bool | None = None,
    asa_class: int | None = None,
    mfi5: float | None = None,
    anticoagulation: bool | None = None,
) -> ScoreResult:
    """The OF score, -3 to 16 points; ``version`` is ``ao-card-modified``.

    The published rule gives an unknown parameter 0 points. It is followed, but the result lists what is unknown and
    ``attainable`` spans what the total could become. Without the OF class the score is incomplete.

    Args:
        version: which published version; there is no default.
        of: the OF class, 1 to 5 or "OF1" to "OF5".
        t_score, qct_hu: either low bone density criterion scores (T < -3, or HU <= 90 by quantitative CT).
        vas_under_analgesia: pain 0-10 under analgesia of WHO step II.
        neurology: AO Spine status N0-N4, NX.
        asa_class, mfi5, anticoagulation: health.

    Raises:
        ScoreInputError: an unknown version, OF class or neurological status.
        ClinicalDataError: a value that no patient can have.
    """
    return evaluate(
        OF_SCORE,
        version=version,
        of=None if of is None else say("OF{upper}", upper=str(of).upper().replace(" ", "").removeprefix("OF")),
        t_score=t_score,
        qct_hu=qct_hu,
        deformity_progression=deformity_progression,
        vas_under_analgesia=vas_under_analgesia,
        mobile_under_analgesia=mobile_under_analgesia,
        neurology=neurology,
        asa_class=asa_class,
        mfi5=mfi5,
        anticoagulation=anticoagulation,
    )

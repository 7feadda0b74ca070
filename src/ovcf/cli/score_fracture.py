"""``ovcf score``: the scores and classes of a fracture."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from ovcf.cli.score_output import UNANSWERED, Number, needed, number, show, whole

T2 = Literal["confined high", "diffuse high", "confined low", "diffuse low", "none"]


def nasovcf(
    *,
    type_: Annotated[Literal["compression", "burst"] | None, Parameter(name="--type")] = None,
    vhl: Number = None,
    ka: Number = None,
    t2: T2 | None = None,
    t_score: Number = None,
    vhl_sd: Number = None,
    ka_sd: Number = None,
    t2_probability: Number = None,
    age: Number = None,
    level: str | None = None,
    single: bool | None = None,
    neurology: bool | None = None,
    red_flags: bool | None = None,
    secondary: bool | None = None,
    low_energy: bool | None = None,
    conservative: bool | None = None,
    extrapolate: bool = False,
    json: bool = False,
) -> None:
    """NASOVCF (Han 2025), 0-12 points, for one fracture of T11-L2.

    Try

        ovcf score nasovcf --type compression --vhl 17.8 --ka 19.6 --t2 "diffuse low" --t-score -3.6

    and add `--vhl-sd 2 --ka-sd 1.5` for the probability of each total under the measurement error.

    Args:
        type_: compression (anterior column) or burst (anterior and middle columns).
        vhl: Vertebral height loss by HAN's definition, percent.
        ka: Local kyphosis angle by HAN's definition (not Cobb), degrees.
        t2: T2 pattern on the mid-sagittal slice.
        t_score: DXA T-score, L1-L4 without the fractured level.
        vhl_sd: Standard deviation of the measurement error of VHL; with --ka-sd gives the probability of each total.
        ka_sd: Standard deviation of the measurement error of the angle.
        t2_probability: Probability that the T2 signal is diffuse low, 0 to 1.
        age: Years.
        level: The fractured vertebra.
        single: Whether it is the only recent fracture.
        neurology: Whether there are neurological symptoms.
        red_flags: Whether malignancy or infection is suspected.
        secondary: Whether the osteoporosis is secondary.
        low_energy: Whether the fracture followed low-energy trauma or none.
        conservative: Whether treatment is conservative.
        extrapolate: Score T above -1.0 with 0 points, which HAN does not.
        json: Print JSON.
    """
    from ovcf.errors import ScoreInputError
    from ovcf.scores.nasovcf import nasovcf as compute

    sd = (number(vhl_sd, "--vhl-sd"), number(ka_sd, "--ka-sd"))
    if (sd[0] is None) != (sd[1] is None):
        raise ScoreInputError("--vhl-sd, --ka-sd", "only one is given", "Give both, or neither.")
    result = compute(
        fracture_type=type_, vhl_percent=number(vhl, "--vhl"), local_kyphosis_deg=number(ka, "--ka"),
        t2_diffuse_low=t2, t_score=number(t_score, "--t-score"), age_years=number(age, "--age"), level=level,
        single_level=single, neurological_symptoms=neurology, malignancy_or_infection=red_flags,
        secondary_osteoporosis=secondary, low_energy_trauma=low_energy, conservative=conservative,
        uncertainty=None if sd[0] is None else [v or 0.0 for v in sd],
        t2_probability=number(t2_probability, "--t2-probability"), extrapolate=extrapolate,
    )  # fmt: skip
    show(result, json)


def of_class(
    *,
    tension_band_injury: bool | None = None,
    translation: bool | None = None,
    distraction: bool | None = None,
    superior_endplate: bool | None = None,
    inferior_endplate: bool | None = None,
    pincer: bool | None = None,
    posterior_wall: Number = None,
    edema: bool | None = None,
    json: bool = False,
) -> None:
    """OF classification (Schnake 2018). Findings not given leave several classes possible.

    Try

        ovcf score of-class --superior-endplate --no-inferior-endplate --posterior-wall 0.3 --no-pincer
        --no-tension-band-injury --no-translation --no-distraction

    Args:
        tension_band_injury: Failure of the posterior tension band.
        translation: Translation or rotation.
        distraction: Distraction.
        superior_endplate: Superior endplate fractured.
        inferior_endplate: Inferior endplate fractured.
        pincer: Pincer fracture, collapse or loss of the vertebral frame.
        posterior_wall: Involved fraction of the posterior wall, 0 to 1.
        edema: Oedema on STIR.
        json: Print JSON.
    """
    from ovcf.scores.of import of_class as compute

    result = compute(
        tension_band_injury=tension_band_injury, translation_or_rotation=translation, distraction=distraction,
        superior_endplate=superior_endplate, inferior_endplate=inferior_endplate, pincer_or_collapse=pincer,
        posterior_wall_fraction=number(posterior_wall, "--posterior-wall"), edema=edema,
    )  # fmt: skip
    show(result, json)


def of_score(
    *,
    version: Literal["ao-card-modified", "blattert-2018"],
    of: str | None = None,
    t_score: Number = None,
    hu: Number = None,
    progression: bool | None = None,
    vas: Number = None,
    neurology: Literal["N0", "N1", "N2", "N3", "N4", "NX"] | None = None,
    mobile: bool | None = None,
    asa: Number = None,
    mfi5: Number = None,
    anticoagulation: bool | None = None,
    dementia: bool | None = None,
    bmi: Number = None,
    dependent: bool | None = None,
    json: bool = False,
) -> None:
    """OF score, -3 to 16 points; the version must be named.

    Try

        ovcf score of --version ao-card-modified --of OF3 --t-score -3.2 --progression --vas 7 --no-mobile

    Args:
        version: Which published version.
        of: OF class, OF1 to OF5.
        t_score: T-score.
        hu: Attenuation by quantitative CT, HU.
        progression: Progression of the deformity.
        vas: Pain under analgesia, 0 to 10.
        neurology: AO Spine neurological status.
        mobile: Mobile under analgesia.
        asa: ASA class.
        mfi5: Five-item modified frailty index.
        anticoagulation: Therapeutic anticoagulation.
        dementia: Dementia (2018 version).
        bmi: Body mass index (2018 version).
        dependent: Dependent in daily life (2018 version).
        json: Print JSON.
    """
    from ovcf.scores.of import of_score as compute

    result = compute(
        version=version, of=of, t_score=number(t_score, "--t-score"), qct_hu=number(hu, "--hu"),
        deformity_progression=progression, vas_under_analgesia=number(vas, "--vas"), neurology=neurology,
        mobile_under_analgesia=mobile, asa_class=None if asa is None else whole(asa, "--asa"),
        mfi5=number(mfi5, "--mfi5"), anticoagulation=anticoagulation, dementia=dementia,
        bmi=number(bmi, "--bmi"), dependent=dependent,
    )  # fmt: skip
    show(result, json)


def tlics(
    *,
    morphology: Literal["compression", "burst", "translation or rotation", "distraction"] | None = None,
    ligaments: Literal["intact", "suspected", "injured"] | None = None,
    neurology: Literal["intact", "root", "complete cord", "incomplete cord", "cauda equina"] | None = None,
    json: bool = False,
) -> None:
    """TLICS (Lee 2005), for traumatic fractures.

    Try

        ovcf score tlics --morphology compression --ligaments intact --neurology "cauda equina"

    Args:
        morphology: Morphology of the injury.
        ligaments: Posterior ligamentous complex.
        neurology: Neurological status.
        json: Print JSON.
    """
    from ovcf.scores.tlics import tlics as compute

    show(compute(morphology=morphology, posterior_ligaments=ligaments, neurology=neurology), json)


def ao(
    *,
    superior_endplate: bool | None = None,
    inferior_endplate: bool | None = None,
    posterior_wall: Number = None,
    pincer: bool | None = None,
    tension_band_injury: bool | None = None,
    translation: bool | None = None,
    json: bool = False,
) -> None:
    """AO Spine thoracolumbar class (2013), A0-A4, B or C. Not Magerl's.

    Try

        ovcf score ao --superior-endplate --no-inferior-endplate --posterior-wall 0 --no-pincer
        --no-tension-band-injury --no-translation

    Args:
        superior_endplate: Superior endplate fractured.
        inferior_endplate: Inferior endplate fractured.
        posterior_wall: Involved fraction of the posterior wall, 0 to 1.
        pincer: Split or pincer fracture.
        tension_band_injury: Failure of the posterior tension band.
        translation: Translation or rotation.
        json: Print JSON.
    """
    from ovcf.scores.ao_spine import ao_spine_class

    result = ao_spine_class(
        superior_endplate=superior_endplate, inferior_endplate=inferior_endplate,
        posterior_wall_fraction=number(posterior_wall, "--posterior-wall"), split_or_pincer=pincer,
        tension_band_injury=tension_band_injury, translation_or_rotation=translation,
    )  # fmt: skip
    show(result, json)


def genant(*grades: str, json: bool = False) -> None:
    """Genant grades of a spine, summed up: fractured levels, highest grade, fracture index.

    Try

        ovcf score genant T12=1 L1=2 L2=0 L3=x

    Args:
        grades: LEVEL=GRADE with grade 0, 0.5, 1, 2 or 3; x where the level could not be graded.
        json: Print JSON.
    """
    from ovcf.errors import ScoreInputError
    from ovcf.scores.genant import genant as compute

    pairs: dict[str, float | None] = {}
    for text in grades:
        level, equals, grade = text.partition("=")
        if not equals or level in pairs:
            raise ScoreInputError(f"grade {text!r}", "cannot be read", "Write each level once, as L1=2.")
        pairs[level] = None if grade.strip() in UNANSWERED else needed(grade, text)
    show(compute(pairs), json)


COMMANDS = {"nasovcf": nasovcf, "of-class": of_class, "of": of_score, "tlics": tlics, "ao": ao, "genant": genant}

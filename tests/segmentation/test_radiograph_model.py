"""The built-in radiograph model on a digital patient's radiograph, and on what is none."""

from dataclasses import replace

import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.assessment.result import Provenance
from ovcf.clinical.case import ClinicalCase
from ovcf.errors import LabelSchemeError, OvcfError, SeriesChoiceError, SeriesGeometryError
from ovcf.imaging.study import Role, Series, Study
from ovcf.imaging.volume import Calibration, ImagePlane, Volume
from ovcf.landmarks import SpineLandmarks, VertebraLandmarks
from ovcf.phantom.radiograph import lateral_radiograph
from ovcf.phantom.raster import Grid
from ovcf.phantom.recipe import FractureRecipe, Recipe, completed
from ovcf.phantom.render import build
from ovcf.reading.observing.observe import Found
from ovcf.report.html import to_html
from ovcf.report.pdf import to_pdf
from ovcf.report.pictures import figures_of
from ovcf.segmentation.film import radiograph
from ovcf.segmentation.film.radiograph import landmarks_on, look_at, read_radiograph
from ovcf.segmentation.film.radiograph_evidence import canal_behind
from ovcf.segmentation.film.radiograph_gate import unsure
from ovcf.segmentation.film.radiograph_held import FLIPPED, Flip, HeldUncertainError, as_the_reader_says
from ovcf.segmentation.levels import level_labels
from ovcf.segmentation.levels.level_labels import LevelsUncertainError
from ovcf.segmentation.network.inference import CLASSES, POINTS
from ovcf.units import Unit
from ovcf.vocabulary import Modality
from ovcf.workflow.draft import draft
from ovcf.workflow.on_radiograph import placed_on, read_in

SPACING_MM = 0.6


@pytest.fixture(scope="module")
def exposed():
    wedge = FractureRecipe(level=Level.L1, shape="wedge", vhl_percent=30.0)
    recipe, patient = build(completed(Recipe(seed=70_002, fractures=(wedge,), scoliosis_deg=0.0)))
    patient.calibrate(Grid(-250.0, -450.0, 2.0, 450, 250), [-8.0, 0.0, 8.0])
    return lateral_radiograph(recipe, patient, patient.middle, spacing_mm=SPACING_MM)


def series(pixels, spacing=(SPACING_MM, SPACING_MM), calibration=Calibration.DETECTOR):
    image = ImagePlane(pixels, spacing, calibration)
    return Series("1.2.3", "lumbar spine lateral", image, Modality.RADIOGRAPH, Role.RADIOGRAPH)


@pytest.fixture(scope="module")
def seen(exposed):
    return look_at(series(exposed.pixels))


def anchor(seen, exposed):
    """The level of the body seen nearest to a true one."""
    centres = {v.level: v.array[:4].mean(axis=0) for v in exposed.landmarks}
    away = {(k, level): np.linalg.norm(c - p) for k, c in enumerate(seen.centres_px, 1) for level, p in centres.items()}
    number, level = min(away, key=away.get)
    return {number: level}


@pytest.fixture(scope="module")
def reading(seen, exposed):
    return landmarks_on(seen, anchors=anchor(seen, exposed))


def errors_mm(reading, exposed):
    mm = SPACING_MM / exposed.magnification
    return [
        np.linalg.norm(v.array - exposed.landmarks[v.level].array, axis=1).mean() * mm
        for v in reading.spine
        if v.level in exposed.landmarks
    ]


def test_the_six_points_lie_where_they_were_drawn(reading, exposed):
    found = errors_mm(reading, exposed)
    assert len(found) >= 5
    assert np.median(found) < 2.5


def test_an_uncalibrated_radiograph_gives_pixels_and_a_spread(reading):
    source = reading.spine.vertebrae[0].source
    assert source.length_unit is Unit.PIXEL
    assert source.modality is Modality.RADIOGRAPH
    assert source.placed_by.startswith("built-in radiograph model")
    assert all(0 < s < 15 for v in reading.spine for s in v.sd)


def test_a_calibrated_radiograph_gives_millimetres(exposed):
    mm = SPACING_MM / exposed.magnification
    seen = look_at(series(exposed.pixels, (mm, mm), Calibration.CALIBRATED))
    reading = landmarks_on(seen, anchors=anchor(seen, exposed))
    assert reading.spine.vertebrae[0].source.length_unit is Unit.MM
    off = [np.linalg.norm(v.array - exposed.landmarks[v.level].array * mm, axis=1).mean() for v in reading.spine]
    assert np.median(off) < 2.5


def test_a_mirrored_radiograph_is_turned_back_says_so_and_gives_the_same_landmarks(reading, exposed):
    other = look_at(series(exposed.pixels[:, ::-1]))
    assert [note.rsplit(", ", 1)[1] for note in other.notes] == ["mirrored"]
    assert np.array_equal(other.series.image.pixels, exposed.pixels)
    back = landmarks_on(other, anchors=anchor(other, exposed))
    assert any("mirrored" in doubt for doubt in back.doubts)
    for v in reading.spine:
        again = back.spine[v.level].array
        assert np.allclose(again[:4], v.array[:4], atol=0.5)
        # The middle is the deepest place of an endplate: where it is flat, that may lie a little before or behind.
        assert np.allclose(again[4:, 1], v.array[4:, 1], atol=0.6)
        assert np.allclose(again[4:, 0], v.array[4:, 0], atol=2.0)


@pytest.mark.parametrize(
    ("turned", "flip"), [(lambda x: x[::-1], Flip.UPSIDE_DOWN), (lambda x: x[::-1, ::-1], Flip.BOTH)]
)
def test_a_radiograph_upside_down_is_never_turned_unasked_and_turned_when_a_reader_says_so(
    turned, flip, reading, exposed
):
    picture = series(turned(exposed.pixels))
    with pytest.raises(HeldUncertainError, match="upside down"):
        look_at(picture)
    other = look_at(picture, flip=flip)
    assert np.array_equal(other.series.image.pixels, exposed.pixels)
    back = landmarks_on(other, anchors=anchor(other, exposed))
    for v in reading.spine:
        assert np.allclose(back.spine[v.level].array, v.array, atol=0.5)


@pytest.mark.parametrize(("turned", "flip"), [(np.rot90, Flip.HEAD_LEFT), (lambda x: np.rot90(x, -1), Flip.HEAD_RIGHT)])
def test_a_radiograph_on_its_side_is_never_turned_unasked_and_turned_when_a_reader_says_so(turned, flip, seen, exposed):
    picture = series(turned(exposed.pixels))
    with pytest.raises(HeldUncertainError, match="on its side"):
        look_at(picture)
    other = look_at(picture, flip=flip)
    assert np.array_equal(other.series.image.pixels, exposed.pixels)
    assert np.allclose(other.centres_px, seen.centres_px, atol=0.5)


def test_of_a_radiograph_that_lay_the_anterior_side_is_seen(exposed):
    lying = series(np.rot90(exposed.pixels[:, ::-1]))
    with pytest.raises(HeldUncertainError, match="on its side"):
        look_at(lying)
    other = look_at(lying, flip=Flip.HEAD_LEFT)
    assert np.array_equal(other.series.image.pixels, exposed.pixels)
    assert other.notes == (FLIPPED[1],)


def test_the_spacing_of_a_radiograph_that_lay_is_turned_with_it(exposed):
    lying = series(np.rot90(exposed.pixels), spacing=(0.5, 0.6))
    assert as_the_reader_says(lying, lying.image, Flip.HEAD_LEFT).image.spacing_mm == (0.6, 0.5)


def test_where_tags_or_a_reader_say_how_it_is_held_nothing_is_turned_or_asked(exposed):
    upside_down = series(exposed.pixels[::-1])
    stated = replace(upside_down, image=replace(upside_down.image, oriented=True))
    for seen in (look_at(stated), look_at(upside_down, flip=Flip.NONE)):
        assert np.array_equal(seen.series.image.pixels, exposed.pixels[::-1])
        assert seen.notes == ()


def test_the_report_asks_how_the_film_is_held_and_shows_it(exposed):
    study, error = read_in(Study(series=(series(exposed.pixels[::-1]),)))
    made = draft(
        study,
        ClinicalCase(),
        Found(engine_error=error),
        provenance=Provenance(software="test", created_at="", command="", inputs=()),
    )
    assert any("upside down" in warning for warning in made.assessment.warnings)
    assert len(made.views) == 1


def test_while_levels_are_open_bodies_are_numbered_and_what_needs_no_name_is_measured(exposed, seen, monkeypatch):
    monkeypatch.setattr(level_labels, "CONFIDENT", 1.01)
    study, error = read_in(Study(series=(series(exposed.pixels),)))
    assert isinstance(error, LevelsUncertainError)
    made = draft(
        study,
        ClinicalCase(),
        Found(engine_error=error),
        provenance=Provenance(software="test", created_at="", command="", inputs=()),
    )
    (question,) = made.assessment.questions
    assert [body.number for body in question.bodies] == list(range(1, len(seen.spine) + 1))
    measured = [body for body in question.bodies if body.measurements]
    assert len(measured) >= 4
    assert all(m.levels == () for body in measured for m in body.measurements)
    assert {"wedge-ratio", "wedge-angle"} <= {m.method.id for m in measured[0].measurements}
    assert all(body.withheld for body in question.bodies if not body.measurements)
    assert made.assessment.landmarks == ()
    assert not any(f.level for f in made.assessment.findings)
    first = figures_of(made)[0]
    assert first.asks
    assert all(f">{body.number}<" in first.svg for body in question.bodies)
    page = to_html(made.assessment, figures_of(made))
    assert page.index("One question first") < page.index("Impression")
    assert to_pdf(made.assessment, figures_of(made)).startswith(b"%PDF")


def test_bodies_seen_vaguely_or_at_an_end_are_not_graded():
    body = np.array([(-17, -13), (17, -13), (-17, 13), (17, 13)], float)
    levels = (Level.T12, Level.L1, Level.L2, Level.L3)
    spine = SpineLandmarks(
        vertebrae=tuple(
            VertebraLandmarks.from_array(v, body + np.array([0, 34 * k]), sd=2.4 if v is Level.L2 else 1.0)
            for k, v in enumerate(levels)
        )
    )
    found = unsure(spine, dict.fromkeys(levels, 0.6) | {Level.L1: 0.4}, (Level.T12,))
    assert set(found) == {Level.T12, Level.L1, Level.L2}
    assert "at the end" in found[Level.T12]


def test_an_upright_radiograph_is_left_upright(seen):
    assert seen.notes == ()


def test_an_inverted_radiograph_is_read_as_well(exposed):
    seen = look_at(series(4095 - exposed.pixels))
    assert np.median(errors_mm(landmarks_on(seen, anchors=anchor(seen, exposed)), exposed)) < 3.0


def test_the_scale_of_an_image_without_spacing_is_found(exposed):
    seen = look_at(series(exposed.pixels, None, Calibration.NONE))
    assert seen.mm == pytest.approx(SPACING_MM / exposed.magnification, rel=0.35)
    assert np.median(errors_mm(landmarks_on(seen, anchors=anchor(seen, exposed)), exposed)) < 3.0


def test_levels_are_weighed_over_every_scale_that_may_be_true(seen):
    assert sum(x.probability for x in seen.labellings) == pytest.approx(1.0)
    vague = replace(seen, series=series(seen.series.image.pixels, None, Calibration.NONE))
    assert sum(x.probability for x in vague.labellings) == pytest.approx(1.0)


def missed(seen, number):
    """The same radiograph, had the model not seen one body."""
    spine = seen.spine
    others = [k for k in range(1, len(spine) + 1) if k != number]
    renumbered = np.zeros(len(spine) + 1, spine.instances.dtype)
    renumbered[others] = range(1, len(spine))
    kept = np.array(others) - 1
    left = {name: getattr(spine, name)[kept] for name in ("centres", "certainty", "canal")}
    return replace(seen, spine=replace(spine, instances=renumbered[spine.instances], **left))


def test_bodies_beyond_one_that_was_missed_get_no_name_rather_than_a_wrong_one(seen, exposed):
    ((number, level),) = anchor(seen, exposed).items()
    gone = number - 3  # three below it, the anchor the last of them
    found = landmarks_on(missed(seen, gone), anchors={number - 1: level})
    assert min(v.level.rank for v in found.spine) == level.rank - 2
    (why,) = [why for nameless, why in found.withheld if nameless is None]
    assert why.startswith("no names for those counted " + ", ".join(map(str, range(1, gone))))
    assert np.median(errors_mm(found, exposed)) < 2.5


def test_a_level_on_either_side_of_one_that_was_missed_names_all(seen, reading, exposed):
    ((number, level),) = anchor(seen, exposed).items()
    gone = number - 3
    levels = reading.spine.column.levels
    above, lost = (levels[levels.index(level) - steps] for steps in (4, 3))
    found = landmarks_on(missed(seen, gone), anchors={gone - 1: above, number - 1: level})
    assert [v.level for v in found.spine] == [v.level for v in reading.spine if v.level is not lost]
    assert np.median(errors_mm(found, exposed)) < 2.5


def photograph():
    from matplotlib.cbook import get_sample_data
    from PIL import Image

    with get_sample_data("grace_hopper.jpg") as file:
        return np.asarray(Image.open(file).convert("L"))


@pytest.mark.parametrize("make", [photograph, lambda: np.random.default_rng(5).normal(1000, 200, (500, 400))])
@pytest.mark.parametrize("spacing", [None, (0.6, 0.6)])
def test_what_shows_no_spine_is_refused(make, spacing):
    calibration = Calibration.NONE if spacing is None else Calibration.DETECTOR
    with pytest.raises(LabelSchemeError, match=r"no spine|uncertain"):
        read_radiograph(series(make(), spacing, calibration))


class SeesNothing:
    """A network that sees no spine anywhere, and counts the pixels that it is shown."""

    def __init__(self):
        self.shown = 0

    def __call__(self, slices):
        self.shown += slices[:, 0].size
        seen = np.zeros((len(slices), len(CLASSES) + len(POINTS), *slices.shape[2:]), np.float32)
        seen[:, 0] = 1.0
        return seen


def shown_before_refusal(picture):
    network = SeesNothing()
    with pytest.raises(LabelSchemeError, match="no spine"):
        look_at(picture, network=network)
    return network.shown


@pytest.mark.parametrize(
    ("shape", "spacing", "most"), [((200, 200), None, 2), ((350, 500), (0.6, 0.6), 2), ((500, 400), (0.6, 0.6), 1)]
)
def test_trying_quarter_turns_at_most_doubles_what_a_refusal_costs(monkeypatch, shape, spacing, most):
    noise = np.random.default_rng(5).normal(1000, 200, shape)
    picture = series(noise, spacing, Calibration.NONE if spacing is None else Calibration.DETECTOR)
    tried = shown_before_refusal(picture)
    monkeypatch.setattr(radiograph, "_AS_WIDE", float("inf"))
    assert tried <= most * shown_before_refusal(picture)


@pytest.mark.parametrize(
    ("pixels", "problem"),
    [(np.full((300, 200), 7), "one value"), (np.eye(40), "too few"), (np.full((200, 200), np.nan), "one value")],
)
def test_what_is_no_image_is_refused(pixels, problem):
    with pytest.raises(SeriesGeometryError, match=problem):
        read_radiograph(series(pixels))


def test_a_volume_is_refused():
    stack = Series("1", "T2", Volume(np.zeros((3, 9, 9)), np.eye(4)), Modality.MR, Role.T2)
    with pytest.raises(SeriesChoiceError, match="not a radiograph"):
        read_radiograph(stack)


def test_the_whole_line_measures_a_radiograph_alone_and_draws_what_it_found(reading, seen, exposed):
    study, found = read_in(Study(series=(series(exposed.pixels[:, ::-1]),)), anchor(seen, exposed))
    assert not isinstance(found, OvcfError)
    made = draft(
        study,
        ClinicalCase(index_level=Level.L1),
        Found(radiograph=found),
        provenance=Provenance(software="test", created_at="", command="", inputs=()),
    )
    loss = next(m for m in made.assessment.measurements if m.method.id == "vhl-han" and m.index_level is Level.L1)
    assert loss.value == pytest.approx(30.0, abs=3 * loss.standard_uncertainty)
    (view,) = made.views
    assert view.spine is not None
    assert not view.calibrated
    assert np.array_equal(view.pixels, exposed.pixels)
    first = figures_of(made)[0]
    assert first.place == "front"
    assert first.caption.startswith("Height loss of L1")
    assert ">not calibrated<" in first.svg


def test_a_study_without_a_radiograph_is_left_as_it_is():
    study = Study(series=())
    assert read_in(study) == (study, None)


def test_landmarks_of_another_image_are_not_drawn(reading, exposed):
    taken = series(exposed.pixels)
    assert placed_on(taken, reading.spine)
    assert not placed_on(series(exposed.pixels[:200, :100]), reading.spine)
    assert not placed_on(replace(taken, description="another", uid="9"), reading.spine)


def test_the_canal_counts_behind_what_is_surely_a_body(seen):
    """Below the last lumbar body the sacrum hides it: what is seen there says little of the bodies above."""
    every = canal_behind(seen.spine, seen.confidence)
    assert every > 0.9
    dim = seen.spine.maps.classes.copy()
    last = seen.spine.instances == len(seen.spine)
    rows = np.flatnonzero(last.any(axis=(0, 2)))
    dim[CLASSES.index("canal"), :, rows] *= 0.6
    dimmed = replace(seen.spine, maps=replace(seen.spine.maps, classes=dim))
    unsure = (*seen.confidence[:-1], 0.0)
    assert canal_behind(dimmed, unsure) == pytest.approx(canal_behind(seen.spine, unsure), abs=0.01)
    assert canal_behind(dimmed, seen.confidence) < every
    assert canal_behind(seen.spine, (0.0,) * len(seen.spine)) == 0

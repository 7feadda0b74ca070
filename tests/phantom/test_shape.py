"""A sampled spine is anatomically possible, repeats from its seed, and has the fractures that were asked for."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from ovcf.anatomy import Level
from ovcf.errors import LevelError, PhantomError
from ovcf.geometry import polygon_area
from ovcf.measures.shape.height import anterior_height, posterior_height, vertebral_height_loss
from ovcf.measures.shape.kyphosis import local_kyphosis_angle
from ovcf.measures.shape.semiquantitative import sq_from_measurement
from ovcf.phantom.shape import Fracture, SpineShape, sample_spine
from ovcf.vocabulary import Sex

SEEDS = st.integers(0, 2**32 - 1)
few = settings(max_examples=8, deadline=None)


def spine(seed: int = 0, **asked) -> SpineShape:
    return sample_spine(np.random.default_rng(seed), **asked)


def mask(outline: np.ndarray, origin: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Pixels of half a millimetre inside an outline."""
    image = Image.new("1", shape[::-1])
    ImageDraw.Draw(image).polygon([tuple(p) for p in (outline - origin) * 2], fill=1)
    return np.asarray(image)


def overlap_mm2(outlines: list[np.ndarray]) -> float:
    """Area that belongs to more than one of the outlines."""
    points = np.concatenate(outlines)
    origin = points.min(axis=0) - 1
    width, height = np.ceil((points.max(axis=0) - origin) * 2).astype(int) + 2
    return float((sum(mask(o, origin, (height, width)).astype(int) for o in outlines) > 1).sum() / 4)


def test_the_same_seed_gives_the_same_spine() -> None:
    asked = {"fractures": [Fracture(Level.L1, "wedge", 20)], "kyphosis_deg": 15.0}
    first, second = spine(7, **asked), spine(7, **asked)
    assert all(np.array_equal(a.outline, b.outline) for a, b in zip(first.bodies, second.bodies, strict=True))
    assert first.tissues.keys() == second.tissues.keys()
    assert all(np.array_equal(first.tissues[name], second.tissues[name]) for name in first.tissues)


def test_different_seeds_give_different_spines() -> None:
    assert not np.allclose(spine(1).bodies[5].landmarks.array, spine(2).bodies[5].landmarks.array, atol=0.1)


def test_a_standard_spine_runs_from_t1_to_s1_with_a_disc_between_all() -> None:
    found = spine()
    assert [b.level for b in found.bodies] == [*(f"T{i}" for i in range(1, 13)), *(f"L{i}" for i in range(1, 6)), "S1"]
    assert len(found.discs) == len(found.bodies) - 1
    assert len(found.sacrum) == 3
    assert len(found.posterior_elements) == len(found.bodies) + 1
    assert set(found.half_width_mm) == {b.level for b in found.bodies}


@few
@given(SEEDS)
def test_every_outline_is_closed_positive_and_finer_than_a_millimetre(seed: int) -> None:
    found = spine(seed)
    for body in found.bodies:
        steps = np.linalg.norm(body.outline - np.roll(body.outline, 1, axis=0), axis=1)
        assert steps.max() < 1
    outlines = [*(b.outline for b in found.bodies), *found.discs, *found.sacrum, *found.posterior_elements]
    for outline in [*outlines, found.canal, found.cord, *found.tissues.values()]:
        assert np.isfinite(outline).all()
        assert polygon_area(outline) > 0


@few
@given(SEEDS)
def test_the_true_landmarks_lie_on_the_outline(seed: int) -> None:
    for body in spine(seed).bodies:
        gap = np.linalg.norm(body.landmarks.array[:, None] - body.outline, axis=2).min(axis=1)
        assert gap.max() < 1e-9


@few
@given(SEEDS, st.sampled_from([None, Fracture(Level.L1, "wedge", 25), Fracture(Level.T12, "crush", None, 3, True)]))
def test_bodies_discs_and_canal_do_not_overlap(seed: int, fracture: Fracture | None) -> None:
    found = spine(seed, fractures=[] if fracture is None else [fracture])
    bodies = [b.outline for b in found.bodies]
    assert overlap_mm2(bodies) < 1
    # Neighbours share their border: the pixels on it are counted for both.
    border_mm2 = 0.5 * sum(np.ptp(d[:, 0]) + np.ptp(d[:, 1]) for d in found.discs)
    assert overlap_mm2([*bodies, *found.discs]) < 2 * border_mm2
    length = np.ptp(found.canal[:, 1])
    assert overlap_mm2([found.canal, *bodies]) < 1.5 * length


@few
@given(SEEDS)
def test_the_cord_ends_near_l1_inside_the_sac_inside_the_canal(seed: int) -> None:
    found = spine(seed, fractures=[Fracture(Level.T12, "wedge", None, 2, True)])
    sac = found.tissues["thecal_sac"]
    for inner, outer in ((found.cord, sac), (sac, found.canal)):
        assert overlap_mm2([inner, outer]) > 0.97 * polygon_area(inner)
    tip, marks = found.cord[:, 1].max(), found.spine_landmarks
    assert marks[Level.T11].array[:, 1].min() < tip < marks[Level.L3].array[:, 1].max()


def test_anterior_is_at_the_smaller_x_and_the_spine_stands_upright() -> None:
    found = spine()
    skin, bodies = found.tissues["body"], found.bodies
    assert skin[:, 0].min() < min(b.outline[:, 0].min() for b in bodies) < found.canal[:, 0].max() < skin[:, 0].max()
    top, bottom = bodies[0].outline.mean(axis=0), bodies[-1].landmarks.superior_posterior
    assert abs(top[0] - bottom[0]) < 0.1 * (bottom[1] - top[1])


def test_a_shift_moves_everything_alike() -> None:
    still, moved = spine(3), spine(3, shift=(4.0, -9.0))
    assert np.allclose(moved.canal, still.canal + np.array([4, -9]))
    assert np.allclose(moved.tissues["aorta"], still.tissues["aorta"] + np.array([4, -9]))


def test_men_and_taller_people_have_larger_vertebrae() -> None:
    def mean_height(**asked) -> float:
        return float(np.mean([posterior_height(spine(k, **asked).spine_landmarks[Level.L1].array) for k in range(6)]))

    assert mean_height(sex=Sex.MALE, age_years=60) > mean_height(sex=Sex.FEMALE, age_years=60) + 0.5
    tall, small = (mean_height(sex=Sex.FEMALE, age_years=60, height_cm=h) for h in (178, 148))
    assert tall > small + 1


def test_half_widths_are_those_of_human_vertebrae() -> None:
    widths = {level: 2 * half for level, half in spine(0, sex=Sex.FEMALE).half_width_mm.items()}
    assert 20 < widths[Level.T4] < 32
    assert 34 < widths[Level.L3] < 55


@pytest.mark.parametrize(
    ("variant", "last_thoracic", "last_lumbar", "bodies"),
    [
        ({"thoracic": 13}, "T13", "L5", 19),
        ({"thoracic": 11}, "T11", "L5", 17),
        ({"lumbar": 6}, "T12", "L6", 19),
        ({"lumbar": 4}, "T12", "L4", 17),
    ],
)
def test_numbering_variants_are_whole_spines(variant: dict, last_thoracic: str, last_lumbar: str, bodies: int) -> None:
    found = spine(4, **variant, fractures=[Fracture(Level(last_thoracic), "wedge", 18)], kyphosis_deg=12)
    levels = [b.level for b in found.bodies]
    assert len(levels) == bodies
    assert levels[-2] == last_lumbar
    assert last_thoracic in levels
    assert overlap_mm2([b.outline for b in found.bodies]) < 1
    marks = found.spine_landmarks
    assert vertebral_height_loss(marks, Level(last_thoracic)).value == pytest.approx(18, abs=0.3)
    assert local_kyphosis_angle(marks, Level(last_thoracic)).value == pytest.approx(12, abs=0.3)


def test_an_unknown_column_is_refused() -> None:
    with pytest.raises(LevelError, match="not a known variant"):
        spine(lumbar=7)


@few
@given(
    SEEDS,
    st.sampled_from([Level.T7, Level.T11, Level.T12, Level.L1, Level.L2, Level.L4]),
    st.sampled_from(["wedge", "biconcave", "crush"]),
    st.floats(3, 45),
    st.floats(-5, 25),
    st.booleans(),
)
def test_a_wanted_vhl_and_kyphosis_are_met(seed, level, shape, vhl, kyphosis, burst) -> None:
    try:
        marks = spine(seed, fractures=[Fracture(level, shape, vhl, None, burst)], kyphosis_deg=kyphosis).spine_landmarks
    except PhantomError:
        assume(False)
    assert vertebral_height_loss(marks, level).value == pytest.approx(vhl, abs=0.3)
    assert local_kyphosis_angle(marks, level).value == pytest.approx(kyphosis, abs=0.3)


@pytest.mark.parametrize("shape", ["wedge", "biconcave", "crush"])
@pytest.mark.parametrize("grade", [1, 2, 3])
def test_a_wanted_grade_and_shape_are_what_is_measured(shape, grade) -> None:
    for seed, level in enumerate((Level.T8, Level.T12, Level.L1, Level.L3)):
        found = sq_from_measurement(spine(seed, fractures=[Fracture(level, shape, None, grade)]).spine_landmarks, level)
        assert (found.grade, found.shape) == (grade, shape)


def test_common_requests_are_never_refused() -> None:
    """The range a wedge has in the clinic: every third point of VHL, with the kyphosis that goes with it."""
    for seed, vhl in enumerate(range(6, 40, 3)):
        spine(seed, fractures=[Fracture(Level.L1, "wedge", vhl)], kyphosis_deg=0.5 * vhl)


def test_an_impossible_fracture_is_refused_with_the_reason() -> None:
    with pytest.raises(PhantomError, match=r"no wedge body has grade 1 and a height loss of 60 %"):
        spine(fractures=[Fracture(Level.L1, "wedge", 60, 1)])


def test_a_fracture_without_neighbours_is_refused() -> None:
    with pytest.raises(PhantomError, match="not between two vertebrae"):
        spine(fractures=[Fracture(Level.T1, "wedge", 20)])
    with pytest.raises(PhantomError, match="not between two vertebrae"):
        spine(fractures=[Fracture(Level.L6, "wedge", 20)])


def test_fractures_that_would_bend_the_column_past_a_right_angle_are_refused() -> None:
    wedges = [Fracture(Level(f"T{k}"), "wedge", grade=3) for k in range(3, 12)]
    with pytest.raises(PhantomError, match="fewer or milder"):
        spine(fractures=wedges)


def test_a_vertebra_breaks_once() -> None:
    with pytest.raises(PhantomError, match="appears twice"):
        spine(fractures=[Fracture(Level.L1, "wedge", 20), Fracture(Level.L1, "crush", 20)])


def test_neighbouring_fractures_both_have_their_height_loss_against_what_was_before() -> None:
    whole = spine(5).spine_landmarks
    both = spine(5, fractures=[Fracture(Level.L1, "wedge", 20), Fracture(Level.L2, "biconcave", 15)]).spine_landmarks

    def mean_height(marks, level: Level) -> float:
        return float(anterior_height(marks[level].array) + posterior_height(marks[level].array)) / 2

    for level, above, below, loss in ((Level.L1, "T12", "L2", 20), (Level.L2, "L1", "L3", 15)):
        reference = (mean_height(whole, Level(above)) + mean_height(whole, Level(below))) / 2
        assert 100 * (1 - mean_height(both, level) / reference) == pytest.approx(loss, abs=0.01)


def test_a_kyphosis_needs_a_fracture() -> None:
    with pytest.raises(PhantomError, match="Name a fracture"):
        spine(kyphosis_deg=20)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"shape": "burst"}, "is not a shape"),
        ({"grade": 4}, "does not exist"),
        ({"vhl_percent": 90}, "cannot be drawn"),
    ],
)
def test_a_fracture_that_does_not_exist_is_refused(wrong, message) -> None:
    with pytest.raises(PhantomError, match=message):
        Fracture(**{"level": Level.L1, "shape": "wedge", **wrong})


def test_a_fractured_vertebra_is_no_reference_for_its_neighbour() -> None:
    marks = spine(fractures=[Fracture(Level.L1, "wedge", 20)]).spine_landmarks
    assert marks.why_unusable(Level.L1) == "fractured"


def test_a_fracture_leaves_the_other_vertebrae_as_they_were() -> None:
    whole, broken = spine(9), spine(9, fractures=[Fracture(Level.L1, "wedge", 25)])
    for a, b in pairwise([whole.spine_landmarks, broken.spine_landmarks]):
        for level in (Level.T12, Level.L2):
            for height in (anterior_height, posterior_height):
                assert height(a[level].array) == pytest.approx(height(b[level].array), abs=1e-9)


def test_a_burst_stands_behind_the_line_of_the_posterior_walls() -> None:
    def reach(burst: bool) -> float:
        """How far the wall of T12 stands behind the chord of its posterior corners."""
        body = spine(11, fractures=[Fracture(Level.T12, "wedge", 20, None, burst)]).bodies[11]
        sp, ip = body.landmarks.array[[1, 3]]
        chord = (ip - sp) / np.linalg.norm(ip - sp)
        gap = body.outline - sp
        return float((gap @ [chord[1], -chord[0]]).max())

    assert reach(True) > reach(False) + 1

"""Which pictures a report has, where they stand, and what is written under them."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.assessment.findings.kinds import Ungraded
from ovcf.guidance.statement import Statement, Urgency
from ovcf.imaging.study import Role
from ovcf.landmarks import SpineLandmarks
from ovcf.measures.signal.recent_fracture import FLUID_HIGH, T1_LOW
from ovcf.report.pictures import figures_of
from ovcf.segmentation.places import Place
from ovcf.units import Unit
from ovcf.vocabulary import Posture
from ovcf.workflow.draft import Draft
from tests.report.drawn import ANGLE, INDEX, Drawn
from tests.report.example import ASSESSMENT, MRI, SPINE, figures, measured, mri, view

SVG = "{http://www.w3.org/2000/svg}"
CALM = replace(
    ASSESSMENT,
    guidance=tuple(s for s in ASSESSMENT.guidance if s.urgency is not Urgency.EMERGENCY),
    measurements=(
        *ASSESSMENT.measurements,
        measured(T1_LOW, 81.2, Unit.PERCENT, 1.0, (Level.T11,), replace(MRI, image="t1")),
        measured(FLUID_HIGH, 64.0, Unit.PERCENT, 1.0, (Level.T11,), replace(MRI, image="stir")),
    ),
)
EMERGENCY = replace(
    CALM,
    guidance=(
        Statement(id="e", topic="Urgent", urgency=Urgency.EMERGENCY, text="Now.", evidence=("unc-case",)),
        *CALM.guidance,
    ),
)
T1, T2, STIR = mri(Role.T1, "t1", overlay=None), mri(Role.T2, "t2", overlay=None), mri(Role.STIR, "stir")
PLACES = tuple(
    Place(n, v.level, tuple(v.array.min(axis=0)), tuple(v.array.max(axis=0))) for n, v in enumerate(SPINE, 1)
)


def made(*views, assessment=CALM):
    return figures_of(Draft(assessment, None, views))


def front(*views, assessment=CALM):
    return [f for f in made(*views, assessment=assessment) if f.place == "front"]


def bears_no_marks(figure):
    drawn = Drawn(figure.svg)
    return sorted(t for t in drawn.texts if "mm" not in t) == ["A", "P"] and not len(drawn.dots)


def test_every_figure_is_well_formed_and_embeds_its_pixels():
    for figure in figures():
        root = ET.fromstring(figure.svg)
        links = [v for e in root.iter() for k, v in e.attrib.items() if k.endswith("href")]
        assert links
        assert all(link.startswith(("data:image/jpeg;base64,", "data:image/png;base64,")) for link in links)
        assert not [
            e for e in root.iter() if e.tag.endswith(("script", "style", "foreignObject")) or "style" in e.attrib
        ]


def test_page_one_shows_radiograph_t1_and_stir_in_this_order_and_equally_large():
    panels = front(STIR, T2, T1, view())
    assert [f.title for f in panels] == ["Radiograph, standing", "MRI T1, supine", "MRI STIR, supine"]
    sizes = {(e.attrib["width"], e.attrib["height"]) for e in (ET.fromstring(f.svg) for f in panels)}
    assert len(sizes) == 1
    dots = [Drawn(f.svg).dots for f in panels]
    for other in dots[1:]:
        assert other == pytest.approx(dots[0], abs=1)


@pytest.mark.parametrize(
    ("views", "titles"),
    [
        ((T1, T2, STIR), ["MRI T1, supine", "MRI STIR, supine", "MRI T2, supine"]),
        ((T2, mri(Role.FS_T2, "fs", overlay=None), STIR), ["MRI STIR, supine", "MRI T2, supine"]),
        ((T2, view()), ["Radiograph, standing", "MRI T2, supine"]),
        ((view(),), ["Radiograph, standing"]),
        ((T2,), ["MRI T2, supine", "MRI T2, supine"]),
        ((), []),
    ],
)
def test_it_shows_what_exists(views, titles):
    calm = replace(CALM, landmarks=())
    assert [f.title for f in front(*views, assessment=calm)] == titles


def test_one_mri_alone_stands_beside_its_clean_copy():
    marked, clean = front(T2)
    assert "T11" in Drawn(marked.svg).texts
    assert bears_no_marks(clean)


def test_a_radiograph_alone_is_one_wide_panel_with_the_film_and_the_fracture():
    (wide,) = front(view())
    root = ET.fromstring(wide.svg)
    assert float(root.attrib["width"]) > 1.5 * float(root.attrib["height"])
    assert len(list(root.iter(f"{SVG}image"))) == 2
    assert wide.share == 1.0


def test_in_an_emergency_the_mri_of_the_canal_comes_first_and_bears_no_marks():
    first, *others = front(view(), T1, T2, STIR, assessment=EMERGENCY)
    assert first.title == "MRI T2, supine"
    assert bears_no_marks(first)
    assert "first" in first.caption
    assert "canal" in first.caption
    assert [f.title for f in others] == ["MRI STIR, supine", "Radiograph, standing"]


def test_every_marked_mri_has_a_clean_copy():
    pictures = made(view(), T1, T2, STIR)
    for name in ("MRI T1", "MRI T2", "MRI STIR"):
        copies = [f for f in pictures if f.title == f"{name}, without marks"]
        assert len(copies) == 1
        assert bears_no_marks(copies[0])


def test_the_pixels_counted_as_edema_are_outlined_one_by_one():
    (edema,) = [f for f in made(view(), STIR) if f.title == "MRI STIR, edema"]
    (path,) = Drawn(edema.svg).paths
    assert path.attrib["stroke"] == INDEX
    mask = STIR.overlay
    sides = sum(np.abs(np.diff(np.pad(mask, 1).astype(int), axis=axis)).sum() for axis in (0, 1))
    assert path.attrib["d"].count("M") == sides


def test_the_caption_is_image_posture_and_one_fact():
    said = {f.title: f.caption for f in front(view(), T1, STIR)}
    assert said["MRI T1, supine"] == "Low signal in 81% of T11."
    assert said["MRI STIR, supine"] == "High signal in 64% of T11."
    assert said["Radiograph, standing"] == "White: anterior and posterior height. Yellow: local kyphosis."


def test_an_unknown_posture_is_said_for_a_radiograph():
    posture = replace(SPINE.vertebrae[0].source, posture=Posture.UNKNOWN)
    loose = SpineLandmarks(vertebrae=tuple(replace(v, source=posture) for v in SPINE))
    bare = replace(CALM, measurements=(), landmarks=())
    (panel,) = front(view(posture=Posture.UNKNOWN, spine=loose), assessment=bare)
    assert panel.title == "Radiograph, posture not recorded"


def test_an_image_without_the_index_vertebra_says_so_and_is_shown_whole():
    without = front(view(), mri(Role.T1, "t1", overlay=None, spine=None))[1]
    assert without.caption == "Levels were not found here."
    assert "50 mm" in Drawn(without.svg).texts or "20 mm" in Drawn(without.svg).texts


def test_no_angle_is_drawn_against_a_fractured_neighbour():
    broken = SPINE.marked([(Level.T12, "fractured")])
    drawn = Drawn(front(view(spine=broken))[0].svg)
    assert "T12 ×" in drawn.texts
    assert "T11" in drawn.texts
    assert not drawn.lines(ANGLE)
    assert not [t for t in drawn.texts if "°" in t]


def test_landmarks_without_their_image_are_drawn_and_say_so():
    (panel,) = front()
    assert panel.caption == "Drawn without their image."
    drawn = Drawn(panel.svg)
    assert {"T10", "T11", "T12", "21.0°", "20 mm"} <= set(drawn.texts)
    assert not list(drawn.root.iter(f"{SVG}image"))


def test_while_a_level_is_asked_the_numbered_picture_comes_first_and_unread_images_wait():
    asked = view(spine=None, places=PLACES, asked=True)
    pictures = made(asked, mri(Role.T1, "t1", overlay=None, spine=None), assessment=replace(CALM, landmarks=()))
    assert [f.place for f in pictures][:1] == ["question"]
    assert {"1", "2", "3"} <= set(Drawn(pictures[0].svg).texts)
    assert [f.place for f in pictures[1:]] == ["appendix"]


def test_a_body_that_could_not_be_judged_is_shown_with_its_neighbours_and_the_reason():
    kept = SpineLandmarks(vertebrae=SPINE.vertebrae[:2])
    data = Ungraded(level=Level.T12, reason="cut off by the border", image="t2")
    look = replace(ASSESSMENT.findings[0], level=Level.T12, data=data, sources=())
    shown = made(
        mri(Role.T2, "t2", overlay=None, spine=kept, places=PLACES),
        assessment=replace(CALM, suggested_fractures=(look,)),
    )
    (close,) = [f for f in shown if f.title == "T12: could not be judged, look here"]
    assert close.caption == "MRI T2, supine. Cut off by the border."
    assert {"T12 ?", "T11 ?"} & set(Drawn(close.svg).texts)


def test_pixels_beyond_the_image_are_black_and_landmarks_off_it_still_drawn():
    drawn = Drawn(front(view(pixels=np.ones((5, 5)), origin=(1000.0, 1000.0)))[0].svg)
    assert "T11" in drawn.texts
    assert drawn.grey([[20, 300], [300, 20]]).tolist() == [0, 0]

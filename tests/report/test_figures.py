"""The pictures: landmarks where the image shows them, the angle that was measured, words as words."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.landmarks import SpineLandmarks
from ovcf.report.figure import image_figure, landmark_figure, probability_figure
from tests.report.example import NASOVCF, SPINE, figures, picture

SVG = "{http://www.w3.org/2000/svg}"


def texts(figure):
    return [t.text for t in ET.fromstring(figure.svg).iter(f"{SVG}text")]


def test_every_figure_is_well_formed_and_embeds_its_pixels():
    for figure in figures():
        root = ET.fromstring(figure.svg)
        links = [v for e in root.iter() for k, v in e.attrib.items() if k.endswith("href")]
        assert all(link.startswith("data:image/png;base64,") for link in links)
        assert not [
            e for e in root.iter() if e.tag.endswith(("script", "style", "foreignObject")) or "style" in e.attrib
        ]


def test_levels_heights_angle_scale_and_orientation_are_named():
    said = set(texts(landmark_figure(SPINE, Level.T11)))
    assert {"T10", "T11", "T12", "a 20.0 mm", "b 30.0 mm", "KA 21.0°", "10 mm", "A", "P", "H", "F"} <= said


def test_without_calibration_there_is_no_scale_and_no_millimetre():
    loose = SpineLandmarks(vertebrae=tuple(replace(v, source=replace(v.source, calibrated=False)) for v in SPINE))
    said = texts(landmark_figure(loose, Level.T11))
    assert "a 20.0 px" in said
    assert not [words for words in said if words.endswith("mm")]


def test_no_angle_is_drawn_against_a_fractured_neighbour():
    said = texts(landmark_figure(SPINE.marked([(Level.T12, "fractured")]), Level.T11))
    assert not [words for words in said if words.startswith("KA")]
    assert "T12 ×" in said


def test_the_drawn_angle_is_the_measured_one():
    """The two dashed perpendiculars open by HAN's angle: 20.99 degrees, from the corners of TV-3 B."""
    dashed = [
        np.array([[float(n) for n in pair.split(",")] for pair in e.attrib["points"].split()])
        for e in ET.fromstring(landmark_figure(SPINE, Level.T11).svg).iter(f"{SVG}polyline")
        if "stroke-dasharray" in e.attrib
    ]
    first, second = (line[1] - line[0] for line in dashed[1::2])
    cosine = first @ second / np.linalg.norm(first) / np.linalg.norm(second)
    expected = np.degrees(np.arctan2(12, 40) + np.arctan2(3, 40))
    assert np.degrees(np.arccos(cosine)) == pytest.approx(expected, abs=0.05)


def test_landmarks_lie_on_the_pixels_they_were_placed_on():
    """Pixel borders in the drawing, worked back to the plane, give origin and spacing again."""
    pixels, origin, (row, column), _ = picture()
    svg = ET.fromstring(image_figure(pixels, origin, (row, column)).svg)
    image = next(svg.iter(f"{SVG}image"))
    x, y, width, height = (float(image.attrib[k]) for k in ("x", "y", "width", "height"))
    assert (x, y) == pytest.approx((0, 0), abs=0.01)
    assert width / height == pytest.approx(pixels.shape[1] * column / (pixels.shape[0] * row), rel=1e-3)


@pytest.mark.parametrize(
    "pixels",
    [np.zeros((20, 30)), np.full((20, 30), np.nan), np.array([[0.0, np.inf], [1.0, 2.0]]), np.ones((1, 1))],
)
def test_odd_pixels_still_give_a_picture(pixels):
    ET.fromstring(image_figure(pixels, (0.0, 0.0), (1.0, 1.0)).svg)


def test_an_image_that_does_not_show_the_landmarks_still_shows_them():
    figure = image_figure(np.ones((5, 5)), (1000.0, 1000.0), (1.0, 1.0), landmarks=SPINE, index_level=Level.T11)
    assert "T11" in texts(figure)


def test_bars_are_as_high_as_the_probability():
    figure = probability_figure(NASOVCF)
    bars = [float(h) for h in re.findall(r'<rect [^>]*height="([\d.]+)"', figure.svg)]
    assert np.array(bars[:4]) / bars[6] == pytest.approx([0.004, 0.127, 0.869, 0.0], abs=1e-3)


def test_words_in_a_figure_are_escaped():
    figure = probability_figure(replace(NASOVCF, group_probability=(("<script>&", 1.0),), group="<script>&"))
    assert "<script>&" in texts(figure)

"""The chart of one quantity over visits: what is joined, what stays apart; a page without styles can show it."""

import re
from dataclasses import replace
from itertools import combinations

import pytest

from ovcf.render.course_chart import Dot, Mark, course_chart

DOTS = (
    Dot(at=0, label="first", value=10, sd=1),
    Dot(at=3, label="3 months", value=20, sd=1),
    Dot(at=6, label="6 months", value=15, sd=2, open_=True),
)


def drawn(svg, tag, **wanted):
    """The elements of a kind with these attributes, each as its attributes."""
    found = [dict(re.findall(r'([\w-]+)="([^"]*)"', one)) for one in re.findall(rf"<{tag}\b([^>]*)>", svg)]
    return [one for one in found if all(one.get(k.replace("_", "-")) == v for k, v in wanted.items())]


def test_a_value_that_must_not_be_compared_is_open_and_joined_with_none():
    svg = course_chart(DOTS)
    assert len(drawn(svg, "circle", fill="var(--paper)")) == 1
    (joined,) = drawn(svg, "line", stroke_width="1.4")
    first, second, third = (float(c["cx"]) for c in drawn(svg, "circle"))
    assert (float(joined["x1"]), float(joined["x2"])) == (first, second)
    assert first < second < third
    assert abs((second - first) - (third - second)) < 0.11  # three months each


def test_the_bar_of_a_value_holds_95_percent():
    svg = course_chart(DOTS, span=(0.0, 40.0))
    narrow, _, wide = drawn(svg, "line", stroke_width="2.2")
    lengths = [abs(float(b["y2"]) - float(b["y1"])) for b in (narrow, wide)]
    a, b = (float(c["cy"]) for c in drawn(svg, "circle")[:2])
    per_unit = (a - b) / 10  # from 10 to 20
    assert abs(lengths[0] - 2 * 1.96 * per_unit) < 0.11  # coordinates have one decimal
    assert abs(lengths[1] - 2 * lengths[0]) < 0.3


def test_a_treatment_stands_at_its_month_and_as_long_as_it_lasted():
    svg = course_chart(DOTS, marks=[Mark(at=3, until=9, words="brace"), Mark(at=-2, until=-1, words="long ago")])
    (area,) = drawn(svg, "rect")
    _, second, third = (float(c["cx"]) for c in drawn(svg, "circle"))
    assert float(area["x"]) == second
    assert abs(float(area["x"]) + float(area["width"]) - third) < 0.11  # as far as the visits go
    assert "brace" in svg
    assert "long ago" not in svg


def test_words_are_escaped_and_nothing_needs_an_inline_style():
    svg = course_chart(DOTS, marks=[Mark(at=1, words="<script>")], limits=[(15, "a & b")])
    assert "&lt;script&gt;" in svg
    assert "a &amp; b" in svg
    assert "<script" not in svg
    assert "style=" not in svg


def test_no_figure_is_cut_off_where_a_dot_lies_at_the_end_of_the_axis():
    dots = [Dot(at=at, label=f"{at} months", value=value) for at, value in ((0, 3), (3, 2), (6, 3), (12, 0))]
    svg = course_chart(dots, span=(0, 3))
    tops = [float(y) - 9.5 for y in re.findall(r'<text x="[\d.]+" y="([\d.]+)"[^>]*font-weight="600">', svg)]
    assert len(tops) == 4
    assert min(tops) >= 0


CROWDED = (
    Dot(at=0, label="first", value=12.0, sd=2),
    Dot(at=3, label="3 months", value=21.3, sd=2),
    Dot(at=6, label="6 months", value=22.4, sd=2),
)
TREATED = (Mark(at=0.4, until=2.5, words="brace (TLSO)"), Mark(at=0.5, words="teriparatide 20 µg daily"))


def printed_boxes(svg):
    """The words of a chart with the box that they take, by the metrics of Debian's DejaVu Sans, wider than Inter."""
    font = pytest.importorskip("matplotlib.ft2font").FT2Font(
        pytest.importorskip("matplotlib.font_manager").findfont("DejaVu Sans")
    )
    found = []
    for attributes, words in re.findall(r"<text\b([^>]*)>([^<]*)</text>", svg):
        at = dict(re.findall(r'([\w-]+)="([^"]*)"', attributes))
        font.set_size(float(at["font-size"]), 72)
        font.set_text(words)
        wide = font.get_width_height()[0] / 64 * 0.93  # Inter runs narrower than DejaVu
        left = float(at["x"]) - {"start": 0, "middle": wide / 2, "end": wide}[at["text-anchor"]]
        found.append((words, left, float(at["y"]) - 6.9, left + wide, float(at["y"])))
    return found


@pytest.mark.parametrize("first", [5.0, 12.0, 18.0])
@pytest.mark.parametrize("marks", [TREATED[:1], TREATED])
def test_no_words_of_a_chart_lie_over_others(first, marks):
    dots = (replace(CROWDED[0], value=first), *CROWDED[1:])
    svg = course_chart(dots, limits=[(first + 10, "progression (Han)")], span=(0.0, 30.0), marks=marks, digits=1)
    boxes = printed_boxes(svg)
    assert {"progression (Han)", *(m.words for m in marks)} <= {words for words, *_ in boxes}
    for (one, *a), (other, *b) in combinations(boxes, 2):
        apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
        assert apart, (one, other)

"""The chart of one quantity over visits: what is joined, what stays apart; a page without styles can show it."""

import re

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

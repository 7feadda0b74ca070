"""The Chinese of the server: what it may say, and how much of a report it has."""

import json
import re
from collections import Counter
from html import unescape
from importlib.resources import files
from pathlib import Path
from string import Formatter

import pytest

from ovcf.language import spoken
from ovcf.language.spoken import catalogue, speaking
from ovcf.language.worded import Worded
from ovcf.report.content import content
from ovcf.report.html import page_of
from tests.report.conftest import states  # noqa: F401  # a fixture

SHOWN = ("recent", "treatment not recorded", "emergency", "tumour", "old", "not chosen", "level unsure", "second visit")
"""States that between them use every page of a report."""
LEAST_COVERED = 0.95
#: What no report translates: names of files and programs, citations, formulas, what a person wrote.
_NAME = re.compile(
    r"\.(nii\.gz|ovcf)\b|\bovcf \d|^t[12]_|\b(19|20)\d\d;\d|doi|^H[amp]\b|^Hp/|^[^a-z]*\bmm\b[^a-z]*$|^P-\d"
)


def places(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_no_chinese_message_names_a_value_that_the_english_has_not():
    assert {en: zh for en, zh in catalogue("zh").items() if not places(zh) <= places(en)} == {}


TWO_THINGS = {
    *("About", "Code", "Groups", "In words", "Later", "Measure", "More", "Readings", "Screened", "Sign", "above"),
    *("below", "case", "months", "open", "table", "visit"),
}
"""Words of a page that mean something else elsewhere: to sign a reading, a sign on an image."""


def test_one_english_text_has_one_chinese():
    """Files of the catalogue are put together: where two differ, which one is shown would follow from their names."""
    found = {}
    for file in files("ovcf.language").joinpath("zh").iterdir():
        for english, chinese in json.loads(file.read_text("utf-8")).items():
            found.setdefault(english, set()).add(chinese)
    assert {english: said for english, said in found.items() if len(said) > 1} == {}
    pages = Path(__file__).parents[2] / "web/src/language/zh.json"
    differ = {en for en, zh in json.loads(pages.read_text("utf-8")).items() if en in found and found[en] != {zh}}
    assert differ <= TWO_THINGS


def test_a_number_is_formatted_as_in_english():
    spec = re.compile(r"\{\w+:[^}]+\}")
    wrong = {en: zh for en, zh in catalogue("zh").items() if not set(spec.findall(zh)) <= set(spec.findall(en))}
    assert wrong == {}


def test_figures_of_a_message_are_those_of_the_english():
    """A limit, a count or a year is never lost or changed; words for one and two, and months, may become figures."""
    wrong = {}
    for english, chinese in catalogue("zh").items():
        figures = [Counter(re.findall(r"\d+(?:\.\d+)?", re.sub(r"\{[^}]*\}", "", text))) for text in (english, chinese)]
        if figures[0] - figures[1]:
            wrong[english] = chinese
    assert wrong == {}


def said_and_silent(assessment, monkeypatch):
    """Every text that a report puts into Chinese: those the catalogue has, and those it has not."""
    words = catalogue("zh")
    had, missed = set(), set()

    def seen(text):
        if isinstance(text, Worded):
            if text.between is None:
                look(text.template)
            for value in text.values.values():
                if isinstance(value, str):
                    seen(value)
        else:
            look(text)

    def look(text):
        literal = "".join(part for part, *_ in Formatter().parse(text)) if "{" in text else text
        if re.search("[a-z]{2}", literal) and not _NAME.search(text):
            (had if str(text) in words else missed).add(str(text))

    real = spoken.in_language

    def in_language(text, known):
        seen(text)
        return real(text, known)

    monkeypatch.setattr(spoken, "in_language", in_language)
    with speaking("zh"):
        content(assessment, ())
    monkeypatch.undo()
    return had, missed


def test_reports_are_in_chinese_but_for_a_few_words(states, monkeypatch):  # noqa: F811
    had, missed = set(), set()
    for name in SHOWN:
        one, other = said_and_silent(states[name], monkeypatch)
        had, missed = had | one, missed | other
    assert len(had) > 300
    assert len(had) / len(had | missed) >= LEAST_COVERED, sorted(missed)


def figures_of(page):
    words = re.sub(r"<style>.*?</style>|<svg.*?</svg>|<[^>]+>", " ", page, flags=re.DOTALL)
    return Counter(re.findall(r"\d+(?:\.\d+)?", unescape(words)))


@pytest.mark.parametrize("name", ["recent", "emergency", "tumour"])
def test_a_chinese_report_has_every_figure_of_the_english_one(states, name):  # noqa: F811
    english = figures_of(page_of(content(states[name], ())))
    with speaking("zh"):
        page = page_of(content(states[name], ()))
    assert '<html lang="zh-CN">' in page
    assert english - figures_of(page) == Counter()


def test_the_urgent_comes_first_in_chinese_too(states):  # noqa: F811
    with speaking("zh"):
        said = content(states["emergency"], ())
    band = said["front"][0]
    assert band["tone"] == "urgent"
    assert band["title"] == "急症：可能的脊髓或马尾受压"
    assert "立即" in "".join(run["t"] for run in band["lines"][0])


@pytest.mark.parametrize("style", ["Regular", "Bold"])
def test_the_fonts_of_the_pdf_have_every_letter_of_the_catalogue(style):
    tables = pytest.importorskip("fontTools.ttLib", reason="reads fonts with fontTools, which comes with matplotlib")
    font = tables.TTFont(files("ovcf.report").joinpath(f"fonts/NotoSansSC-{style}.otf"))
    letters = {c for text in catalogue("zh").values() for c in text if ord(c) > 0x2E7F}
    assert sorted(letters - {chr(code) for code in font.getBestCmap()}) == []

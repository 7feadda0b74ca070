"""What the HTML page and the PDF say, read as a reader would; words of the input stay words."""

import re
import shutil
import subprocess
import unicodedata
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from ovcf.anatomy import Level
from ovcf.assessment.result import ReadingRecord, Withheld
from ovcf.clinical.case import ClinicalCase
from ovcf.errors import Remedy
from ovcf.render.words.wording import quantity, share
from ovcf.report.html import to_html
from ovcf.report.pdf import to_pdf
from ovcf.scores.prognosis.nasovcf import nasovcf
from ovcf.scores.result import ScoreResult, Status
from ovcf.units import Unit
from ovcf.vocabulary import ReadingStatus
from tests.report.example import ASSESSMENT, INCOMPLETE, MRI, figures

CALM = replace(ASSESSMENT, guidance=ASSESSMENT.guidance[1:])
"""Without the emergency, which hides the score."""
HOSTILE = '<script>alert("x")</script> #read("/etc/passwd") $x^2$ @label {{ 7*7 }} \\ </style> & \x00\x07'


class Page(HTMLParser):
    """Visible words, tags with their attributes."""

    def __init__(self, source):
        super().__init__()
        self.words, self.tags, self._hidden = [], [], False
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._hidden = tag in ("style", "title")

    def handle_endtag(self, tag):
        self._hidden = False

    def handle_data(self, data):
        if not self._hidden:
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def html_text(assessment, pictures=()):
    return Page(to_html(assessment, pictures)).text


def pdf_text(assessment, pictures=()):
    if shutil.which("pdftotext") is None:
        pytest.skip("needs pdftotext (poppler-utils) to read the PDF back")
    data = to_pdf(assessment, pictures)
    out = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=data, capture_output=True, check=True
    ).stdout.decode()
    return " ".join(out.replace("\u200b", "").split())


both = pytest.mark.parametrize("read", [html_text, pdf_text])


@both
def test_what_the_surgeon_asks_first_is_there(read):
    text = read(CALM)
    for said in (
        "HAN Fig. 5",
        "T11",
        "NASOVCF 10 of 12, high group",
        "height loss 17.8%",
        "17.8%",
        "13.7 to 21.9%",
        "19.6°",
        "−3.6",
        "diffuse low",
        "63% of the body",
        "research software, not a medical device",
        "standing",
        "reader HAN-1",
        "14 May 2025, 09:30 UTC",
        "Add the sagittal T1.",
        "10.1038/s41598-025-01839-w",
        "39 of 63",
        "Read, corrected where needed and confirmed by",
    ):
        assert said in text, said
    assert "9f86d081884c7d659a2feaa0c55ad015" in text.replace(" ", "")


@both
def test_what_is_urgent_comes_first_and_hides_the_score(read):
    text = read(ASSESSMENT)
    assert text.index("New leg weakness") < text.index("Impression")
    assert "of 12" not in text


@both
def test_an_incomplete_score_shows_the_range_and_what_is_missing(read):
    text = read(replace(CALM, scores=(INCOMPLETE,)))
    assert "NASOVCF 8 to 10 of 12 still possible, high group" in text
    assert "T2 signal not recorded" in text


@both
def test_a_score_that_does_not_apply_says_why_and_gives_no_number(read):
    refused = ScoreResult(
        score="NASOVCF", version="Han 2025", status=Status.NOT_APPLICABLE, items=(), reasons=("two levels broken",)
    )
    text = read(replace(CALM, scores=(refused,)))
    assert "NASOVCF gives no number: two levels broken." in text
    assert "of 12" not in text


def test_the_reason_stands_beside_a_t_score_that_han_does_not_score():
    score = nasovcf(fracture_type="burst", vhl_percent=20, local_kyphosis_deg=16, t2_diffuse_low=True, t_score=-0.9)
    assert "above −1.0" in html_text(replace(CALM, scores=(score,)))


def test_a_signed_report_names_the_reader_on_each_page():
    page = to_html(CALM, (), confirmed_by="Dr A. Reader, 2 March 2026")
    assert "Confirmed by Dr A. Reader, 2 March 2026" in Page(page).text
    assert "draft until" not in page


def test_the_report_of_a_signed_reading_says_who_confirmed_it_and_when():
    record = ReadingRecord(
        id="r",
        version="1",
        status=ReadingStatus.CONFIRMED,
        reader="A. Reader",
        confirmed_at="2026-03-02T10:00:00+00:00",
        observations="",
    )
    assert "Confirmed by A. Reader, 2 March 2026" in html_text(replace(CALM, reading=record))
    assert "Draft" in html_text(replace(CALM, reading=replace(record, status=ReadingStatus.DRAFT)))


@both
def test_hostile_words_are_printed_not_obeyed(read):
    case = ClinicalCase(patient_id=HOSTILE, notes=(HOSTILE,))
    nasty = replace(ASSESSMENT, case=case, notes=(HOSTILE,), guidance=(replace(ASSESSMENT.guidance[1], text=HOSTILE),))
    text = read(nasty)
    assert '<script>alert("x")</script> #read("/etc/passwd") $x^2$ @label {{ 7*7 }}' in text
    assert "root:" not in text


@both
def test_long_words_and_other_scripts_survive(read):
    names = ("x" * 3000, "Ünsal Gökçe", "Łukasz", "محمد علي", "山田 太郎", "Ωμέγα")
    text = read(replace(ASSESSMENT, notes=names))
    assert text.replace(" ", "").count("x" * 3000) == 1 or "x" * 28 in text
    for name in ("Ünsal", "Łukasz", "Ωμέγα"):
        assert name in unicodedata.normalize("NFC", text)


@both
def test_what_has_the_same_reason_and_remedy_stands_together(read):
    twice = [Withheld(name, Level.T11, "T12 is cemented", Remedy("none is substituted")) for name in ("VHL", "KA")]
    text = read(replace(CALM, withheld=tuple(twice)))
    assert "T11: VHL; KA" in text
    assert text.count("T12 is cemented") == 1


@both
def test_a_mark_that_would_turn_the_reading_direction_is_left_out(read):
    text = read(replace(ASSESSMENT, notes=("dose \u202e05\u202c mg",)))
    assert "Dose 05 mg" in text


def test_letters_that_no_font_has_do_not_stop_the_pdf_and_its_first_page_says_so():
    text = pdf_text(replace(CALM, notes=("\U00013000 \U0001f9b4",)))
    assert "Some letters of this report stand as boxes" in text.split("Impression")[0]
    assert "stand as boxes" not in pdf_text(CALM)


def test_names_in_chinese_japanese_and_korean_are_printed_where_the_font_is_installed():
    pytest.importorskip("noto_cjk_sans_otc", reason="needs the extra cjk")
    text = pdf_text(replace(CALM, case=ClinicalCase(patient_id="山田 太郎 王伟 김민수")))
    assert "山田 太郎 王伟 김민수" in unicodedata.normalize("NFKC", text)
    assert "stand as boxes" not in text


def test_one_row_holds_radiograph_and_mri_the_radiograph_first_and_the_scored_ones_before_all():
    mri = tuple(replace(m, source=MRI) for m in CALM.measurements[:2])
    text = html_text(replace(CALM, measurements=mri[::-1] + CALM.measurements))
    assert "Radiograph, standing (95% interval) MRI, supine (95% interval)" in text
    first, second = text.index("Height loss mean of anterior"), text.index("Local kyphosis lower endplate")
    assert text.index("Used in NASOVCF") < first < second < text.index("Heights and shape")


@pytest.mark.parametrize(
    ("value", "unit", "printed"),
    [
        (-7.04, Unit.DEGREE, "−7.0°"),
        (-0.04, Unit.PERCENT, "0.0%"),
        (0.9216, Unit.RATIO, "0.92"),
        (69, Unit.PIXEL, "69.0 px"),
    ],
)
def test_numbers_are_rounded_for_people_with_a_true_minus(value, unit, printed):
    assert quantity(value, unit) == printed


@pytest.mark.parametrize(("p", "printed"), [(0, "0%"), (0.004, "< 1%"), (0.126, "13%"), (0.999, "> 99%"), (1, "100%")])
def test_a_probability_is_never_rounded_to_certainty(p, printed):
    assert share(p) == printed


def test_every_printed_measurement_has_its_unit():
    measured = re.findall(r'<span class="v">([^<]+)', to_html(ASSESSMENT, ()))
    assert len(measured) > 3
    assert all(re.search(r"(%|°|\u00a0mm)$|^\d\.\d\d$|^–$", cell) for cell in measured), measured


def test_the_page_loads_nothing_and_runs_nothing():
    page = Page(to_html(ASSESSMENT, figures()))
    assert not [tag for tag, _ in page.tags if tag in ("script", "link", "iframe", "object", "embed")]
    sources = [attrs["src"] for _, attrs in page.tags if "src" in attrs]
    assert sources
    assert all(source.startswith("data:image/svg+xml;base64,") for source in sources)
    assert all(a["href"].startswith(("#", "https://doi.org/")) for _, a in page.tags if "href" in a)
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]


def test_every_reference_number_leads_to_a_reference():
    page = Page(to_html(ASSESSMENT, ()))
    targets = {attrs.get("id") for _, attrs in page.tags}
    assert all(attrs["href"][1:] in targets for _, attrs in page.tags if attrs.get("class") == "r")


def test_the_pdf_is_tagged_and_dated_by_the_assessment():
    pdf = to_pdf(ASSESSMENT, figures())
    assert b"/MarkInfo" in pdf
    assert b"pdfuaid:part" in pdf
    assert b"2025-05-14" in pdf

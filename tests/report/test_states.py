"""Every state of the report: what stands first, what is hidden, what is never said, and how many pages it takes."""

import re
import shutil
import subprocess
from dataclasses import replace

import pytest

from ovcf.anatomy import Level
from ovcf.assessment.findings.finding import Finding
from ovcf.assessment.findings.kinds import SqGrade, SuggestedFracture
from ovcf.assessment.result import NONE, Withheld
from ovcf.cli.tables import print_summary
from ovcf.render.seen import Seen, State
from ovcf.report.html import to_html
from ovcf.report.pdf import to_pdf
from tests.report.test_report_text import Page

WITHOUT_POINTS = {"emergency", "tumour", "infection", "metastasis", "trauma", "old", "cemented", "level unsure"}
FORBIDDEN = (
    r"(?<![\w-])--[a-z]",
    r"\bovcf (assess|score|measure|reading|schema)\b",
    r"\.nii\b",
    r"\.dcm\b",
    r"\.toml\b",
    r"\.csv\b",
    r"\.json\b",
    r"\bINC-\d",
    r"\basked\)",
    r"\bis asked\b",
    r"\bsunk\b",
    r"\bstay open\b",
    r"from memory",
    r"\bas asked\b",
    r"\bis safe\b",
    r"your risk",
    r"\boedema\b",
    r">\s*unknown\s*<",
    r"± unknown",
    r"index_level",
    r"\bNone\b",
    r"\bnan\b",
)


BEFORE_THE_REFERENCES = (r"\bsignificant",)
"""What a source may say in its own words."""


def page(assessment):
    return Page(to_html(assessment, ())).text


def before_the_references(assessment):
    return page(assessment).split("Appendix C.")[0]


def test_nothing_is_said_that_belongs_to_a_command_line_or_to_nobody(states, state):
    source = to_html(states[state], ())
    shown = Page(source).text
    found = [word for word in FORBIDDEN if re.search(word, source if ">" in word else shown)]
    found += [word for word in BEFORE_THE_REFERENCES if re.search(word, shown.split("Appendix C.")[0])]
    assert not found, [(w, re.findall(f".{{30}}{w}.{{20}}", shown)) for w in found]


def test_every_page_says_who_it_is_of_what_made_it_and_that_nobody_has_confirmed_it(states, state):
    text = page(states[state])
    case = states[state].case
    assert (case.patient_id or "patient not named") + " · ovcf" in text
    assert "research software, not a medical device · draft until confirmed by a reader" in text
    assert "Draft, not yet confirmed by a reader" in text


def test_the_impression_comes_before_any_table(states, state):
    source = to_html(states[state], ())
    assert source.index('class="impression"') < source.index("<table")


def test_points_groups_and_rates_are_hidden_where_the_score_is_withheld(states, state):
    if state not in WITHOUT_POINTS:
        pytest.skip("the score is shown")
    text = before_the_references(states[state])
    said = ("of 12", "Against the limit", "39 of 63", "No bony union", "possible, ", "superior option")
    assert not [word for word in said if word in text]
    assert "withheld" in text.lower()


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("emergency", "Emergency: possible cord or cauda equina compression"),
        ("tumour", "Urgent: tumour suspected"),
        ("infection", "Urgent: infection suspected"),
        ("level unsure", "One question first: which vertebra is number 10?"),
    ],
)
def test_what_is_urgent_or_open_stands_above_the_impression(states, name, title):
    text = page(states[name])
    assert text.index(title) < text.index("Impression")


@pytest.mark.parametrize("name", ["old", "cemented", "trauma"])
def test_a_withheld_score_says_why_in_an_amber_band(states, name):
    assert re.search(r'class="band hold"[^>]*><h2>Score withheld: ', to_html(states[name], ()))


def test_an_emergency_asks_for_what_was_not_recorded_of_the_nerves(states):
    text = page(states["emergency"])
    assert "Leg strength not recorded: examine now" in text
    assert "Bladder or bowel new dysfunction" in text


def test_of_two_fractures_both_are_named_and_which_one_is_assessed(states):
    text = page(states["two at once"])
    assert "NASOVCF gives no number" in text
    assert "Named as recently fractured: L1, L3. Assessed here: L1." in text


def test_an_earlier_visit_brings_what_changed_with_dates(states):
    text = page(states["second visit"])
    assert "Change since earlier visits" in text
    assert re.search(r"Height loss \+\d+\.\d points since 1 September 2025", text)
    assert "Pain 8 (1 September 2025), 4 (now)" in text
    assert "Change since earlier visits" not in page(states["recent"])


def test_an_emergency_lists_no_criteria_of_augmentation(states):
    assert "what each source requires" not in page(states["emergency"])


def test_a_doubted_cause_shows_signs_for_and_against(states):
    text = page(states["tumour"])
    assert "Convex posterior border present tumour" in text
    assert "Low-signal band not recorded osteoporosis" in text


def test_an_unsure_level_gives_no_level_in_the_title_and_boxes_to_tick(states):
    a = states["level unsure"]
    assert "<h1>Vertebral fracture assessment: level to be confirmed</h1>" in to_html(a, ())
    text = page(a)
    for said in ("10 is L5", "10 is L4", "Number ____ is ____", "What depends on the answer"):
        assert said in text


def test_nothing_fractured_names_what_was_not_graded_and_what_is_not_excluded(states):
    text = page(states["nothing fractured"])
    assert "No fracture found in the 3 vertebrae that could be graded (T11 to L1)" in text
    assert "Not graded: T10." in text
    assert "What this does not exclude" in text


def with_chance(a, level, fractured):
    """The same with this probability of grades 1 to 3 of a vertebra of grade 0."""
    chance = SqGrade(grade=0, probability=((0, 1 - fractured), (1, fractured), (2, 0.0), (3, 0.0)))
    return replace(
        a,
        findings=tuple(
            replace(f, data=chance) if f.level == level and isinstance(f.data, SqGrade) else f for f in a.findings
        ),
    )


@pytest.mark.parametrize(("fractured", "named"), [(0.57, True), (0.21, True), (0.19, False), (0.0, False)])
def test_a_vertebra_of_grade_0_whose_heights_are_unsure_is_named_wherever_none_is_called_fractured(
    states, fractured, named, capsys
):
    a = with_chance(states["nothing fractured"], Level.T12, fractured)
    text = page(a)
    assert ("A mild fracture of T12 is not excluded by its heights." in text) is named
    assert ("Not excluded: a mild fracture of T12 (grade 0 in less than 80%)" in text) is named
    print_summary(a)
    assert ("Mild fracture not excluded by its heights: T12" in capsys.readouterr().out) is named


def test_a_vertebra_of_grade_0_that_looks_fractured_is_nowhere_called_free_of_signs(states):
    sound = states["nothing fractured"]
    doubted = Finding(data=SuggestedFracture(recent=None), level=Level.T12, reasons=("wedged beyond its norm",))
    unclear = Finding(data=SuggestedFracture(recent=None, unclear=True), level=Level.L1)
    text = page(replace(sound, suggested_fractures=(doubted, unclear)))
    assert text.count("no sign of a fracture") == page(sound).count("no sign of a fracture") - 2
    assert text.count("looks fractured by other signs: see above") == 1
    assert text.count("marrow signal not clear: see above") == 1


def test_where_nothing_could_be_measured_every_level_is_named_once_with_its_reason(states):
    why = "pixels of 3.0 mm are too coarse for landmarks"
    levels = (Level.T12, Level.L1, Level.L2)
    held = tuple(Withheld("landmarks on CT", level, why, NONE) for level in levels)
    text = page(replace(states["everything missing"], withheld=held))
    needed = text[text.index("What is needed") : text.index("Guidance")]
    assert "T12 to L2: landmarks on CT" in needed
    assert needed.count("too coarse") == 1


def test_with_everything_missing_what_is_needed_comes_first_and_no_table_is_empty(states):
    source = to_html(states["everything missing"], ())
    assert Page(source).text.index("What is needed") < Page(source).text.index("Guidance")
    assert not re.search(r"<tbody>\s*</tbody>", source)


def test_rates_are_shown_only_where_the_score_holds(states):
    shown = {name for name, a in states.items() if "What happened to such patients Han 2025, 208" in page(a)}
    holding = {
        name
        for name, a in states.items()
        if (s := Seen(a).score) and s.group and not s.conditions and not s.withheld and Seen(a).state is State.USUAL
    }
    assert shown == holding
    assert "recent" in shown


@pytest.mark.slow
def test_at_most_four_pages_stand_before_the_appendix_and_each_says_whose_it_is(states, state):
    if shutil.which("pdftotext") is None:
        pytest.skip("needs pdftotext (poppler-utils) to read the PDF back")
    pdf = to_pdf(states[state], ())
    text = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()
    pages = text.split("\f")[:-1]
    first = next(i for i, words in enumerate(pages, 1) if "Appendix " in words)
    assert first <= 5
    for words in pages:
        assert "research software, not a medical device" in words
        assert len(words.split()) > 40, "a page that holds next to nothing"

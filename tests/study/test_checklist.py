"""The checklists of a study: what the protocol says and the registry counts, and nothing that they do not know."""

import csv
import io
import re
from datetime import timedelta

import pytest

from ovcf.cohort.checklists import AUTHORS, CONSORT, STARD, TRIPOD_AI
from ovcf.errors import StudyError
from ovcf.language.spoken import speaking
from ovcf.registry.service import patient_named
from ovcf.registry.words import TreatmentKind, WithdrawalKind
from ovcf.study.conduct import screening, studies
from ovcf.study.data.checklist import Checklist, checklist
from ovcf.study.protocol.read import parse_protocol, shipped
from tests.study.conftest import DAY, FIT, enrol


def items_of(registry, study, which):
    with registry.reading() as session:
        (head, *rows) = csv.reader(io.StringIO(checklist(session, study, which)))
    assert head == ["Item", "What it asks for", "Here"]
    return {item: (asks, here) for item, asks, here in rows}


@pytest.fixture
def conducted(registry, study):
    """Three screened, one too young, two enrolled, one of them given cement."""
    with registry.writing(registry.admin.id) as writer:
        enrol(writer, study, registry.admin, "P-1")
        two = enrol(writer, study, registry.admin, "P-2", on=DAY + timedelta(days=30))
        screening.treat(writer, two, TreatmentKind.KYPHOPLASTY, on=DAY + timedelta(days=40))
        screening.screen(writer, study, registry.admin, "P-3", {**FIT, "age_years": 51.0}, on=DAY)
    return study


def test_every_item_is_there_and_what_nobody_said_is_left_to_the_authors(registry, conducted, protocol):
    for which, all_ in ((Checklist.STARD, STARD), (Checklist.TRIPOD_AI, TRIPOD_AI)):
        items = items_of(registry, conducted, which)
        assert [(item, asks) for item, (asks, _) in items.items()] == list(all_)
        assert items["17"][1] == AUTHORS  # of STARD: variability; of TRIPOD+AI: ethics
    assert items_of(registry, conducted, Checklist.STARD)["9"][1] == AUTHORS  # consecutive? the registry cannot know


def test_counts_and_days_are_those_of_the_registry(registry, conducted, protocol):
    stard = items_of(registry, conducted, Checklist.STARD)
    assert stard["19"][1].startswith(
        "3 screened, 1 not eligible, 0 with something not known yet, 0 eligible and not enrolled, 2 enrolled"
    )
    assert stard["16"][1] == "score not known in 2, outcome not known in 2 of 2 enrolled"
    assert "1 site (" in stard["8"][1]
    assert "screened from 10 Jan 2026 to 09 Feb 2026" in stard["8"][1]
    assert protocol.digest in stard["29"][1]
    assert "425 patients: 100 events and 100 non-events" in stard["18"][1]
    tripod = items_of(registry, conducted, Checklist.TRIPOD_AI)
    assert "2 enrolled, crossed over to kyphoplasty 1" in tripod["6c"][1]
    assert "0 with the outcome judged, 0 of them with it" in tripod["20a"][1]
    assert "Aged 60 years or older" in tripod["6b"][1]


def test_before_anybody_is_screened_nothing_is_made_up(registry, study):
    stard = items_of(registry, study, Checklist.STARD)
    assert stard["8"][1] == AUTHORS
    assert stard["19"][1].startswith("0 screened")


AMENDED = (
    shipped("han-validation")
    .replace('version = "1.0"', 'version = "1.1"')
    .replace("[[visit]]", '[[arm]]\nid = "cement"\ntitle = "Kyphoplasty"\ntreatment = "kyphoplasty"\n\n[[visit]]', 1)
)


def test_consort_is_of_studies_that_compare_arms(registry, study):
    with registry.reading() as session, pytest.raises(StudyError, match="compares no arms"):
        checklist(session, study, Checklist.CONSORT)


def test_consort_counts_each_arm_and_leaves_allocation_to_the_authors(registry, study):
    with registry.writing(registry.admin.id) as writer:
        studies.amend(writer, study, parse_protocol(AMENDED, "amended"), "a second arm")
        for number, (arm, days) in enumerate([("conservative", 0), ("conservative", 3), ("cement", 9)]):
            screening.screen(writer, study, registry.admin, f"P-{number}", FIT, on=DAY)
            patient = patient_named(writer.session, f"P-{number}", site=registry.admin.site_id)
            day = DAY + timedelta(days=days)
            taken = screening.enrol(writer, study, patient, on=day, consent_on=day, arm=arm)
            if number == 0:
                screening.treat(writer, taken, TreatmentKind.KYPHOPLASTY, on=DAY + timedelta(days=20))
            if number == 1:
                screening.withdraw(writer, taken, WithdrawalKind.LOST, on=DAY + timedelta(days=40))
    items = items_of(registry, study, Checklist.CONSORT)
    assert [(item, asks) for item, (asks, _) in items.items()] == list(CONSORT)
    told = {item: here for item, (_, here) in items.items()}
    assert told["9"].startswith("2 arms: ")
    assert told["10"].endswith(": a second arm")
    assert told["22a"].startswith("3 screened, 0 not eligible")
    assert "regimen: 2 enrolled, 1 without the treatment of another arm, 0 with the primary outcome" in told["22a"]
    assert "Kyphoplasty: 1 enrolled, 1 without" in told["22a"]
    assert told["22b"].split("; ")[-2:] == [
        "Rest, brace, drugs as in Han's regimen: lost to follow-up 1",
        "Kyphoplasty: none left",
    ]
    assert "got kyphoplasty 1" in told["24a"]
    assert told["23a"] == "enrolled from 10 Jan 2026 to 19 Jan 2026"
    assert {told[item] for item in ("17a", "17b", "18", "19", "27")} == {AUTHORS}


HAN = re.compile("[\u4e00-\u9fff]")


@pytest.mark.parametrize("which", list(Checklist))
def test_in_chinese_words_are_translated_and_codes_and_numbers_stay(registry, conducted, which):
    if which is Checklist.CONSORT:
        with registry.writing(registry.admin.id) as writer:
            studies.amend(writer, conducted, parse_protocol(AMENDED, "amended"), "第二组")
    english = items_of(registry, conducted, which)
    with registry.reading() as session, speaking("zh"):
        head, *rows = csv.reader(io.StringIO(checklist(session, conducted, which)))
    assert head == ["项目", "要求内容", "本研究"]
    assert [item for item, _, _ in rows] == list(english)  # numbers of the published items
    left = [text for row in rows for text in row[1:] if re.search("[a-z]{2}", text) and not HAN.search(text)]
    assert left == []
    for item, _, here in rows:  # 09 Feb is 2月9日
        told, kept = ({n.lstrip("0") for n in re.findall(r"\d+", text)} for text in (english[item][1], here))
        assert told <= kept, (item, english[item][1], here)

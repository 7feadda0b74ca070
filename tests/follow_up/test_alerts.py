"""What must not be missed at a visit goes before the course; indicators stand only for whom they are."""

import pytest

from ovcf.cli.follow_up import show
from ovcf.clinical.flags import Neurology, RedFlags
from ovcf.follow_up.timeline import timeline
from ovcf.guidance.statement import Urgency
from ovcf.report.visits.follow_up import follow_up_content
from ovcf.report.visits.follow_up_json import to_data
from ovcf.server.views.course_view import timeline_view
from ovcf.vocabulary import Aetiology
from tests.follow_up.test_sources import visit

WEAK = {"neurology": Neurology(progressive_weakness=True)}


def course(first=None, then=None):
    return timeline([visit("first", "2025-01-07", **(first or {})), visit("then", "2025-02-04", **(then or {}))])


@pytest.mark.parametrize(
    ("facts", "urgency", "word"),
    [
        (WEAK, Urgency.EMERGENCY, "progressive weakness"),
        ({"canal_compromise_percent": 42.1}, Urgency.IMPORTANT, "42.1%"),
        ({"dynamic_angle_change_deg": 15.1}, Urgency.IMPORTANT, "15.1°"),
        ({"aetiology": Aetiology.METASTASIS}, Urgency.URGENT, "metastasis"),
        ({"red_flags": RedFlags(abscess=True)}, Urgency.URGENT, "abscess"),
    ],
)
def test_what_must_be_seen_at_the_last_visit_goes_before_everything(facts, urgency, word, capsys):
    found = course(then=facts)
    assert found.alerts
    first = found.alerts[0]
    assert (first.visit, first.now) == ("then", True)
    assert urgency in {a.urgency for a in found.alerts}
    assert any(word in a.text for a in found.alerts)
    front = follow_up_content(found)["front"]
    assert front[0]["tone"] == "urgent"
    assert word in str(front[0]["lines"])
    show(found)
    printed = capsys.readouterr().out
    assert "the last visit" in printed.splitlines()[0]
    assert printed.index(word) < printed.index("L1 from first to then")
    assert word in "".join(timeline_view(found).alerts[0].texts)
    assert any(word in a["text"] for a in to_data(found)["alerts"])


def test_what_an_earlier_visit_recorded_is_told_with_its_visit():
    found = course(first=WEAK)
    (alert,) = found.alerts
    assert (alert.visit, alert.now) == ("first", False)
    assert "the last visit" not in follow_up_content(found)["front"][0]["title"]


@pytest.mark.parametrize(("percent", "degrees"), [(42, 15), (41.9, 14.9)])
def test_at_the_limits_there_is_no_alert(percent, degrees):
    found = course(then={"canal_compromise_percent": percent, "dynamic_angle_change_deg": degrees})
    assert found.alerts == ()
    assert follow_up_content(found)["front"][0]["kind"] == "impression"


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"age_years": 50}, True),
        ({"age_years": 49.9}, False),
        ({}, True),
        ({"aetiology": Aetiology.METASTASIS}, False),
        ({"aetiology": Aetiology.OSTEOPOROSIS}, True),
    ],
)
def test_indicators_of_fracture_services_stand_only_for_whom_they_are(facts, told):
    found = course(first=facts, then=facts)
    assert bool(found.prevention) is told
    assert ("iof-kpi" in str(follow_up_content(found)) or "2020, abstract" in str(follow_up_content(found))) is told

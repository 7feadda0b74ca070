"""Who stands on the worklist, in which order, and who is named because nobody could judge them."""

import csv
import io
import json
import re
from pathlib import Path

import pytest

from ovcf.batch.tables.columns import tables
from ovcf.batch.worklist.entries import STUDIES, VERTEBRAE, with_pictures, worklist
from ovcf.batch.worklist.sensitivity import measured
from ovcf.errors import ClinicalDataError
from ovcf.language.spoken import speaking
from ovcf.render.worklist.entry import Sure, Told
from ovcf.render.worklist.worklist_words import CSV_COLUMNS, content, csv_rows
from ovcf.report.worklist.pages import worklist_csv, worklist_html, worklist_pdf

VALIDATION = Path(__file__).parents[2] / "docs" / "validation.md"


def study(name, suspected=(), **more):
    """A row of ``studies`` as a batch writes it."""
    row = dict.fromkeys(STUDIES) | {"study": name, "key": f"key-{name}", "outcome": "assessed", "patient": f"P-{name}"}
    return row | {"graded": ["T12", "L1", "L2"], "suspected": list(suspected), "not_judged_unnamed": 0} | more


def vertebra(name, level, **more):
    """A row of ``vertebrae``."""
    return dict.fromkeys(VERTEBRAE) | {"study": name, "key": f"key-{name}", "level": level} | more


def fractured(name, level, by_readers=0.9, **more):
    return vertebra(
        name, level, suspected=1, sq_grade=2, sq_shape="wedge", readers_fracture_probability=by_readers, **more
    )


def test_the_columns_that_a_worklist_reads_are_those_that_a_batch_writes():
    assert set(STUDIES) <= {column.name for column in tables()["studies"]}
    assert set(VERTEBRAE) <= {column.name for column in tables()["vertebrae"]}


def test_the_surest_stand_first_and_what_is_urgent_before_all():
    found = worklist(
        [study("a", ["L1"]), study("b", ["L1"]), study("c", ["L1"], urgent=["Cauda equina"])],
        [fractured("a", "L1", 0.3), fractured("b", "L1", 0.8), fractured("c", "L1", 0.2)],
    )
    assert [entry.study for entry in found.entries] == ["c", "b", "a"]
    assert [entry.vertebrae[0].sure for entry in found.entries] == [Sure.POSSIBLE, Sure.LIKELY, Sure.POSSIBLE]


@pytest.mark.parametrize(
    ("reported", "told"),
    [
        ("", Told.UNKNOWN),
        ("none", Told.NOT_REPORTED),
        ("L4", Told.NOT_REPORTED),
        ("T12", Told.NEIGHBOUR_REPORTED),
        ("L2; T4", Told.NEIGHBOUR_REPORTED),
    ],
)
def test_what_the_report_says_of_the_vertebra(reported, told):
    found = worklist([study("a", ["L1"], reported=reported)], [fractured("a", "L1")])
    assert found.entries[0].vertebrae[0].told is told


def test_who_is_reported_is_counted_and_not_listed():
    found = worklist([study("a", ["L1"], reported="L1")], [fractured("a", "L1")])
    assert (found.entries, found.reported_already) == ((), 1)


def test_a_second_fracture_that_was_not_reported_is_listed():
    rows = [fractured("a", "L1"), fractured("a", "T8")]
    found = worklist([study("a", ["L1", "T8"], reported="L1")], rows)
    assert [v.level for v in found.entries[0].vertebrae] == ["T8"]


def test_a_table_of_reports_goes_before_the_manifest():
    found = worklist([study("a", ["L1"], reported="none")], [fractured("a", "L1")], {"a": "L1"})
    assert found.reported_already == 1


def test_a_report_that_is_no_level_is_refused():
    with pytest.raises(ClinicalDataError, match="study a"):
        worklist([study("a", ["L1"], reported="old fracture")], [fractured("a", "L1")])


@pytest.mark.parametrize(
    "row",
    [
        study("x", graded=[]),
        study("x", asked=["T2"], graded=[]),
        study("x", not_judged_unnamed=1),
        study("x", outcome="quarantined", problem="it took more than 900 seconds", remedy="Try again."),
        study("x", outcome="refused", problem="holds no image", remedy="Send images."),
        study("x", outcome="missing", problem="does not exist", remedy="Check."),
    ],
)
def test_nobody_counts_as_sound_who_could_not_be_judged(row):
    found = worklist([row], [])
    assert (len(found.apart), found.nothing_seen) == (1, 0)
    said = content(found, measured(), software="ovcf", made_on="")
    assert said["apart"][0]["open"]


def test_a_vertebra_that_could_not_be_graded_is_named_with_the_reason():
    found = worklist([study("x")], [vertebra("x", "L1", not_judged_because="two contrasts place it 4 mm apart")])
    assert found.nothing_seen == 0
    (entry,) = content(found, (), software="", made_on="")["apart"]
    assert entry["open"] == "L1 not graded: two contrasts place it 4 mm apart"


def test_a_vertebra_that_the_image_cuts_off_is_named_in_a_list_of_its_own():
    rows = [vertebra("x", "T11", not_judged_because="cut off"), vertebra("y", "L1", not_judged_because="motion")]
    found = worklist([study("x"), study("y")], rows)
    assert found.nothing_seen == 0
    said = content(found, (), software="", made_on="")
    assert said["border"] == [{"study": "x", "patient": "P-x", "levels": "T11"}]
    assert [e["study"] for e in said["apart"]] == ["y"]  # L1 lies between graded ones


def test_sound_shape_with_unclear_marrow_is_to_be_looked_at_and_does_not_look_fractured():
    rows = [study("x", marrow_unclear=["L2"]), study("y", ["L1"], marrow_unclear=["L4"])]
    rows += [study("z", marrow_unclear=["L2"], reported="L2")]
    found = worklist(rows, [fractured("y", "L1")])
    assert ([e.study for e in found.entries], [e.study for e in found.apart]) == (["y"], ["x"])
    assert found.nothing_seen == 0
    said = content(found, (), software="", made_on="")
    assert [e["study"] for e in said["unclear"]] == ["x"]
    assert "marrow signal of L2 not clear" in said["unclear"][0]["open"]
    assert (said["apart"], said["border"], said["deformed"]) == ([], [], [])
    table = {row["study"]: (row.get("level"), row["marrow_unclear"]) for row in csv_rows(found)}
    assert table == {"y": ("L1", "L4"), "x": (None, "L2")}
    page = worklist_html(said)
    assert page.index("Looks fractured") < page.index("P-y") < page.index("Marrow signal not clear") < page.index("P-x")
    assert worklist_pdf(said).startswith(b"%PDF")


def test_nothing_is_called_certain():
    (entry,) = content(worklist([study("a", ["L1"])], [fractured("a", "L1", 1.0)]), (), software="", made_on="")[
        "listed"
    ]
    assert entry["vertebrae"][0]["percent"] == "over 99%"


def test_a_deformed_body_without_a_name_stands_apart_from_the_others():
    rows = [study("x", asked=["film"], graded=[], least_ratio=0.95, least_ratio_body=2)]
    rows += [study("y", asked=["film"], graded=[], least_ratio=0.6, least_ratio_body=7)]
    said = content(worklist(rows, []), (), software="", made_on="")
    assert [e["study"] for e in said["deformed"]] == ["y"]
    assert "number 7" in said["deformed"][0]["open"]
    assert "A fracture may be here" in said["deformed_what"]  # a level that is asked for is no fracture missed
    assert [e["study"] for e in said["apart"]] == ["x"]


def test_every_study_is_counted_once():
    rows = [study("a", ["L1"]), study("b", ["L1"], reported="L1"), study("c"), study("d", graded=[]), study("c")]
    found = worklist(rows, [fractured("a", "L1"), fractured("b", "L1")])
    assert found.studies == 4
    assert len(found.entries) + len(found.apart) + found.reported_already + found.nothing_seen == 4


def test_a_sign_near_its_limit_is_called_uncertain_and_bears_no_percentage():
    rows = [vertebra("a", "L2", suspected=1, sq_grade=0, readers_fracture_probability=0.002, recent_probability=0.001)]
    (entry,) = content(worklist([study("a", ["L2"])], rows), (), software="", made_on="")["listed"]
    (said,) = entry["vertebrae"]
    assert (said["sure"], said["percent"]) == ("Uncertain", "")


def test_the_measured_sensitivity_is_printed_and_stands_in_the_validation():
    found = worklist([study("a")], [])
    html = worklist_html(content(found, measured(), software="ovcf 1", made_on=""))
    validation = VALIDATION.read_text("utf-8")
    assert {one.id for one in measured()} >= {"survey", "survey-moderate"}
    for one in measured():
        assert f"{one.found:,} of {one.of:,} found" in html
        if one.id.startswith("survey"):
            assert f"{one.found}/{one.of}" in validation
            assert not one.of_sound or f"{one.passed}/{one.of_sound}" in validation
    assert "has not been measured" in html


def test_words_of_a_study_are_shown_as_they_are(tmp_path):
    name = '<script>alert("x")</script>'
    found = worklist([study(name, ["L1"], patient="=1+1")], [fractured(name, "L1")])
    said = content(with_pictures(found, {}), measured(), software="ovcf", made_on="")
    assert "<script" not in worklist_html(said)
    assert worklist_pdf(said | {"title": "#eval(1)"}).startswith(b"%PDF")
    (row,) = csv.DictReader(io.StringIO(worklist_csv(csv_rows(found), CSV_COLUMNS)))
    assert row["patient"] == "'=1+1"
    assert row["study"] == name
    assert json.dumps(row)


def test_every_column_of_the_csv_is_filled_from_a_row():
    found = worklist([study("a", ["L1"])], [fractured("a", "L1")])
    assert {name for row in csv_rows(found) for name in row} == set(CSV_COLUMNS)
    assert all(re.fullmatch(r"[a-z_]+", name) for name in CSV_COLUMNS)


def test_it_speaks_chinese_and_its_table_does_not_change():
    rows = [
        study("a", ["L1"], urgent=["Cauda equina"], sex="female", age_years=74.0, acquired_on="2026-01-06"),
        study("b", ["L1"], not_judged=["L4"]),
        study("d", marrow_unclear=["L2"]),
        study("c", outcome="refused", problem="none of the images can be read", remedy="Send it again."),
    ]
    found = worklist(rows, [fractured("a", "L1", 0.995), fractured("b", "L1", 0.4)])
    english = csv_rows(found)
    with speaking("zh"):
        said = content(found, measured(), software="ovcf 0", made_on="")
        page, pdf = worklist_html(said), worklist_pdf(said)
        assert csv_rows(found) == english
    assert '<html lang="zh-CN">' in page
    words = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)
    left = set(re.findall(r"[a-z]{3,}", words)) - {"ovcf", "level"}
    of_stored_text = set(re.findall("[a-z]{3,}", "Cauda equina none of the images can be read Send it again."))
    assert left <= of_stored_text
    assert pdf.startswith(b"%PDF")

"""In Python an assessment shows itself shortly, in a notebook as tables; every measurement says its vertebra."""

import re

import pytest

from ovcf.workflow.from_files import assess
from tests.assessment.patient import write_patient


@pytest.fixture(scope="module")
def assessment(tmp_path_factory):
    patient = write_patient(tmp_path_factory.mktemp("patient"))
    return assess(patient.images, clinical=patient.case, labels=patient.labels, anchors=["2=L1"])


def test_one_line_stands_for_the_whole(assessment):
    text = repr(assessment)
    assert "\n" not in text
    assert len(text) < 500
    assert text.startswith("<Assessment: L1; ")
    assert f"{len(assessment.measurements)} measurements" in text


def test_a_notebook_shows_the_index_vertebra_in_tables(assessment):
    page = assessment._repr_html_()
    (loss,) = [m for m in assessment.measurements if m.method.id == "vhl-han" and m.index_level == "L1"]
    assert f'<td style="text-align:left;vertical-align:top">{loss.text}</td>' in page
    assert page.count("<table>") == page.count("</table>") >= 3
    assert len(page) < 60_000
    measured = page.split("Measurement</th>")[1].split("</table>")[0]
    assert set(re.findall(r">([TL]\d+)</td>", measured)) == {"L1"}


def test_what_comes_from_files_is_escaped(assessment):
    from dataclasses import replace

    page = replace(assessment, warnings=("<script>alert(1)</script>",))._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_measurement_says_its_vertebra(assessment):
    for m in assessment.measurements:
        assert m.index_level is None or str(m).startswith(f"{m.index_level} {m.method.name} ")


def test_rows_make_a_table(assessment):
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame(assessment.rows())
    assert list(table["value"]) == [m.value for m in assessment.measurements]
    assert {"level", "measurement", "unit", "image", "posture"} <= set(table.columns)

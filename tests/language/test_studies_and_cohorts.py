"""Clinical studies and cohort reports in Chinese: every figure stays, and nothing of ours is left in English."""

import re
from html import unescape

import pytest

from ovcf.language.spoken import catalogue, in_language, speaking
from ovcf.language.worded import in_clauses, joined
from ovcf.study.conduct.flow import ArmFlow, Flow
from ovcf.study.conduct.flow_words import chart, rows
from ovcf.study.protocol.read import parse_protocol, shipped

WORDS = catalogue("zh")
HAN = re.compile("[\u4e00-\u9fff]")


def english_in(texts):
    """Texts with words in small letters and no Chinese letter."""
    return [text for text in texts if re.search("[a-z]{2}", text) and not HAN.search(text)]


@pytest.fixture(scope="module")
def protocol():
    return parse_protocol(shipped("han-validation"), "protocol")


@pytest.fixture(scope="module")
def flow(protocol):
    (arm,) = protocol.arms
    counted = (("low", 4), ("medium", 3), ("high", 2), ("not known", 1))
    told = ArmFlow(
        id=arm.id,
        title=arm.title,
        enrolled=10,
        crossed=(("kyphoplasty", 1),),
        left=(("lost to follow-up", 2),),
        visits=(("pretreatment", 10), ("6 months", 7)),
        index_test=counted,
        outcome=(("yes", 2), ("no", 5), ("not known", 3)),
    )
    return Flow(
        title=protocol.title,
        outcome=protocol.primary.title,
        screened=31,
        not_eligible=((protocol.criteria[0].text, 17),),
        pending=3,
        not_enrolled=1,
        enrolled=10,
        planned=425,
        arms=(told,),
        crossed_table=tuple((group, answer, 1) for group, _ in counted for answer in ("yes", "no", "not known")),
    )


def test_the_protocol_that_comes_with_ovcf_has_its_chinese(protocol):
    said = [protocol.title, protocol.sample_size_reason, *(c.text for c in protocol.criteria)]
    said += [one.title for one in (*protocol.arms, *protocol.forms, *protocol.outcomes)]
    said += [field.label for form in protocol.forms for field in form.fields]
    assert [text for text in said if text not in WORDS] == []


def test_the_flow_of_patients_is_in_chinese_with_the_same_numbers(flow):
    assert english_in(in_language(part, WORDS) or part for row in rows(flow) for part in row[:2]) == []
    english = chart(flow)
    with speaking("zh"):
        chinese = chart(flow)

    def texts(svg):
        return [unescape(text) for text in re.findall("<(?:text|title)[^>]*>([^<]*)<", svg)]

    assert english_in(texts(chinese)) == []
    assert english_in(texts(english)) != []
    assert [t for t in texts(chinese) if t.isdigit()] == [t for t in texts(english) if t.isdigit()]


def test_items_of_a_list_are_joined_by_another_mark_than_clauses():
    assert in_language(joined(", ", ["T11", "recent fracture"]), WORDS) == "T11、新鲜骨折"
    assert in_language(in_clauses(["female", "6 months"]), WORDS) == "女，6个月"


def test_a_cohort_report_is_said_but_for_what_its_table_and_its_authors_called_things():
    pytest.importorskip("pandas", reason="needs the extra `cohort`")
    from ovcf.cohort.result import Column, Estimate, Table
    from ovcf.report.cohort.cohort_html import cohort_html
    from ovcf.report.cohort.cohort_words import in_words

    table = Table(
        "Areas",
        (Column("score", "Score"), Column("auc", "AUC (interval)", ".3f")),
        (("Angle", Estimate(0.7, 0.6, 0.8)),),
    )
    item = {
        "id": "roc",
        "title": "ROC curves compared",
        "svg": "",
        "remarks": [{"label": "Method", "texts": ["DeLong"]}],
        "tables": [
            {
                "caption": table.title,
                "columns": [{"label": label, "number": False} for label in table.headings()],
                "rows": table.cells(),
            }
        ],
    }
    english = {
        "title": "Diagnostic accuracy",
        "notice": "",
        "notices": [],
        "design": "",
        "references": ["Delong ER"],
        "n": 12,
        "missing": [{"column": "Age", "count": "3", "share": "25.0%"}],
        "complete": [],
        "undescribed": [],
        "mistakes": [],
        "sections": [{"title": "Results", "items": [item]}],
        "not_made": [],
        "methods": "We compared areas.",
        "methods_references": [],
        "software": "ovcf",
        "command": "ovcf cohort roc",
        "created": "2026-01-01",
        "inputs": [],
    }
    with speaking("zh"):
        page = cohort_html(in_words(english))
    for said in (
        "诊断准确性",
        "ROC曲线比较",
        "面积",
        "曲线下面积（95% CI）",
        "缺失值",
        "12行。",
        "0.700 (0.600至0.800)",
    ):
        assert said in page
    for kept in ("<td>0.700", ">Age<", "We compared areas.", "Delong ER", '<html lang="zh-CN">'):
        assert kept in page


def test_the_names_of_analyses_that_were_not_made_are_in_chinese(monkeypatch):
    """Every analysis of every design, none of which is made here."""
    pytest.importorskip("pandas", reason="needs the extra `cohort`")
    from ovcf.cohort.data.dataset import check
    from ovcf.cohort.recipes import kadri, multicentre, nagao, nasovcf, study_report, voormolen
    from ovcf.cohort.recipes.columns_of import dictionary_for
    from ovcf.report.cohort.cohort_words import in_words
    from tests.cohort import simulated

    def none_made(self, key, analysis, *, needs=(), title=""):
        self.leave(key, "", "", title)

    monkeypatch.setattr(study_report.Workbench, "make", none_made)
    names = set()
    for design, made in {
        "nasovcf": nasovcf.nasovcf_study,
        "nagao": nagao.nagao_study,
        "voormolen": voormolen.voormolen_study,
        "kadri": kadri.kadri_study,
        "multicentre": multicentre.multicentre_study,
    }.items():
        raw = simulated.han() if design == "nasovcf" else getattr(simulated, design)()
        names |= {one.name for one in made(check(raw, dictionary_for(design, raw.columns)).checked()).not_made}
    # These follow from another that was made.
    for outcome in ("non union", "progressive kyphosis"):
        names |= {f"{outcome} {what}" for what in ("other scores", "model optimism", "model imputed", "roc model")}
    assert len(names) > 80
    assert english_in(in_language(name, WORDS) or name for name in names) == []
    lines = [{"what": name, "section": "Results", "reason": "", "remedy": ""} for name in sorted(names)]
    with speaking("zh"):
        assert english_in(line["what"] for line in in_words({"not_made": lines})["not_made"]) == []

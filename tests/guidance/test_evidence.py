"""Every figure has a source, every source a mark, and everything that is cited exists."""

import ast
import re
from pathlib import Path

import pytest

import ovcf
from ovcf.errors import EvidenceError
from ovcf.guidance.evidence import Mark, evidence, load_evidence
from ovcf.scores.registry import scores

SOURCE = Path(ovcf.__file__).parent
LIKE_AN_ID = re.compile(r"[a-z]+(-[a-z]+)*-(19|20)\d\d|INC-\d\d")


def cited_in_source():
    """(file, id) of every evidence id in the code: what looks like one, and what an ``evidence=`` argument holds."""
    for path in sorted(SOURCE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and LIKE_AN_ID.fullmatch(node.value):
                yield path.name, node.value
            elif isinstance(node, ast.keyword) and node.arg == "evidence" and isinstance(node.value, ast.Tuple):
                yield from ((path.name, e.value) for e in node.value.elts if isinstance(e, ast.Constant))


def test_every_id_cited_in_the_code_exists():
    cited = set(cited_in_source())
    assert len(cited) > 50
    assert [(file, id_) for file, id_ in sorted(cited) if id_ not in load_evidence()] == []


def test_every_entry_says_what_where_on_whom_and_how_known():
    for e in load_evidence().values():
        assert e.citation, e.id
        assert e.where, e.id
        assert e.population, e.id
        assert isinstance(e.mark, Mark)
        assert not e.doi or re.fullmatch(r"10\.\d{4,}/\S+", e.doi), e.id
        assert not re.search(r"/(work|home|tmp)/|\.\./", e.citation + e.note + e.where)


def test_all_inconsistencies_have_an_entry_with_what_is_printed_found_and_done():
    ids = [id_ for id_ in load_evidence() if id_.startswith("INC-")]
    assert ids == [f"INC-{n:02}" for n in range(1, 43)]
    for id_ in ids:
        entry = evidence(id_)
        assert entry["printed"]
        assert entry["recomputed"]
        assert entry["handling"]
        assert entry.about
        assert all(source in load_evidence() for source in entry.about)


@pytest.mark.parametrize(
    ("id_", "mark"),
    [
        ("han-2025", Mark.READ),
        ("nagao-2025", Mark.READ),
        ("voormolen-2006", Mark.READ),
        ("kadri-2025", Mark.READ),
        ("unc-case", Mark.READ),
        ("genant-1993", Mark.SECONDARY),
        ("eastell-1991", Mark.SECONDARY),
        ("rule-two-criteria", Mark.PROJECT),
        ("angle-above", Mark.PROJECT),
        ("fukui-2008", Mark.SECONDARY),
        ("sugita-2005", Mark.UNVERIFIED),
        ("cirse-2017", Mark.SECONDARY),
        ("aace-2020", Mark.SECONDARY),
        ("ostelo-2008", Mark.SECONDARY),
        ("nice-ta279", Mark.SECONDARY),
        ("schnake-2018", Mark.SECONDARY),
        ("rule-imminent-risk", Mark.PROJECT),
        ("INC-05", Mark.DERIVED),
    ],
)
def test_marks_say_how_each_source_was_verified(id_, mark):
    assert evidence(id_).mark is mark


def test_nothing_is_from_memory_but_the_label_that_a_reader_gives_himself():
    """Sugita's shape is chosen by the reader, decides nothing, and bears its mark wherever it is shown."""
    known = load_evidence()
    assert [id_ for id_, e in known.items() if e.mark is Mark.UNVERIFIED] == ["sugita-2005"]
    assert not known["sugita-2005"].figures
    assert not [(id_, f.name) for id_, e in known.items() for f in e.figures if f.mark is Mark.UNVERIFIED]
    assert [id_ for id_, s in scores().items() if "sugita-2005" in s.evidence] == ["sugita"]


def test_a_figure_recomputed_from_a_table_that_was_read_is_marked_derived():
    marks = {f.name: f.mark for f in evidence("han-2025-outcomes").figures}
    assert marks["union_low"] is Mark.READ
    assert marks["non_union_low"] is Mark.DERIVED


def test_hans_groups_add_up():
    """Union and non-union make the group; the groups make 208 patients, 49 non-unions and 48 progressive kyphoses."""
    outcomes = evidence("han-2025-outcomes")
    sizes, non_unions, kyphoses = [], 0, 0
    for group in ("low", "medium", "high"):
        union, n = outcomes.counts(f"union_{group}")
        events, same = outcomes.counts(f"non_union_{group}")
        progressive, again = outcomes.counts(f"progressive_kyphosis_{group}")
        assert union + events == n == same == again
        sizes.append(n)
        non_unions += events
        kyphoses += progressive
    assert (sizes, non_unions, kyphoses) == ([47, 98, 63], 49, 48)


def test_the_auc_of_hans_score_lies_between_what_his_three_groups_allow():
    """The low group has one total, 0, so that its pairs are ties; within the others the order is not printed."""
    events, others = (1, 9, 39), (46, 89, 24)
    between = events[1] * others[0] + events[2] * (others[0] + others[1]) + events[0] * others[0] / 2
    within = events[1] * others[1] + events[2] * others[2]
    pairs = sum(events) * sum(others)
    printed = evidence("han-2025-models")["auc_attainable_range"]
    assert printed == pytest.approx((between / pairs, (between + within) / pairs), abs=5e-4)
    assert "0.732-0.955" in str(evidence("INC-09")["recomputed"])


def test_an_odds_ratio_lies_inside_its_interval():
    for id_ in ("han-2025-table-1", "han-2025-models"):
        for figure in evidence(id_).figures:
            if figure.mark is Mark.READ and isinstance(figure.value, tuple):
                estimate, low, high = figure.value
                assert low < estimate < high, figure.name


def test_a_position_that_was_not_seen_says_so():
    assert "not seen" in evidence("nass").where


def test_an_unknown_id_is_refused_with_the_nearest():
    with pytest.raises(EvidenceError, match="han-2025"):
        evidence("han2025")
    with pytest.raises(EvidenceError, match="INC-05"):
        evidence("inc-05")


def test_an_unknown_figure_is_refused_with_the_nearest():
    with pytest.raises(EvidenceError, match="union_low"):
        evidence("han-2025-outcomes")["unionlow"]
    with pytest.raises(EvidenceError, match="counts"):
        evidence("han-2025").counts("items")


@pytest.mark.parametrize(
    ("id_", "figure", "value"),
    [
        ("han-2025-outcomes", "height_m_high", (1.55, 1.5, 1.6)),
        ("han-2025-outcomes", "weight_kg_low", (60, 56, 67.5)),
        ("han-2025-outcomes", "bmi_mean_sd_medium", (24.30, 2.49)),
        ("han-2025-models", "non_union_male_multivariable", (0.531, 0.177, 1.593)),
        ("han-2025-models", "non_union_vas_univariate", (1.817, 1.234, 2.677)),
        ("han-2025-models", "progressive_kyphosis_female_univariate", (4.575, 1.556, 13.454)),
        ("han-2025-models", "progressive_kyphosis_vas_multivariable", (0.728, 0.391, 1.354)),
        ("han-2025-models", "progressive_kyphosis_l2_vs_l1", (0.922, 0.396, 2.145)),
        ("han-2025-claims", "cement_leakage_percent", (10, 40)),
        ("nagao-2025", "severe_collapse", (39, 103)),
        ("voormolen-2006", "pain_subgroup", 31),
        ("voormolen-2006", "visits_months", (0, 3, 6, 12)),
        ("kadri-2025", "age_mean_sd", (73.65, 10.1)),
        ("kadri-2025", "bmi_mean_sd", (28.93, 6.7)),
        ("unc-case", "kyphoplasty_pain_relief_percent", 92),
    ],
)
def test_figures_stand_as_the_sources_print_them(id_, figure, value):
    assert evidence(id_)[figure] == value


@pytest.mark.parametrize(
    ("id_", "figure", "words"),
    [
        ("han-2025", "conservative_treatment", "6 weeks in bed"),
        ("han-2025", "doses", "celecoxib 200 mg"),
        ("han-2025", "other_systems", "primarily morphology"),
        ("han-2025", "limits", "adherence"),
        ("han-2025-outcomes", "p_between_groups", "height .185, weight .478"),
        ("nagao-2025", "interpretation", "bone healing"),
        ("unc-case", "background", "women more often"),
        ("unc-case", "usual_site", "posterior part spared"),
        ("unc-case", "contrast", "no rule"),
    ],
)
def test_what_sources_say_in_words_is_held_in_theirs(id_, figure, words):
    assert words in str(evidence(id_)[figure])

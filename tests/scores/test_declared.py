"""Every declared score: at its limits, with anything missing, on columns, and computed from its JSON elsewhere."""

import json
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

import ovcf.scores
from ovcf.assessment.field_scores import derived_facts
from ovcf.clinical.case import ClinicalCase
from ovcf.scores.columns import evaluate_columns
from ovcf.scores.evaluate import classify, code_of, evaluate
from ovcf.scores.registry import Published, published, scores
from ovcf.scores.result import Status
from tests.scores import page
from tests.unchanging import changeable, dataclasses_of

ADAPTER = TypeAdapter(dict[str, Published])
JSON = ADAPTER.dump_json(published())
EXPORTED = json.loads(JSON)
TABLES = [id_ for id_, score in scores().items() if score.items]
CLASSES = [id_ for id_, score in scores().items() if score.classes]


def known(id_, *parts):
    """Facts that answer every input of a score; with ``parts`` only those that these parts ask for."""
    exported = EXPORTED[id_]
    asked = [
        i
        for i in exported["score"]["inputs"]
        if not parts or any(list(page.asked_for(exported["score"][part], i["id"])) for part in parts)
    ]
    by_input = [[(i["id"], a) for a in page.answers(exported, i, 1e-6)] for i in asked]
    return st.tuples(*map(st.sampled_from, by_input)).map(dict)


def partly_known(id_):
    """Facts of which any that are not required may be missing."""
    required = {i.id for i in scores()[id_].inputs if i.required}

    def hide(facts):
        if not set(facts) - required:
            return st.just(facts)
        return st.sets(st.sampled_from(sorted(set(facts) - required))).map(
            lambda gone: {**facts, **dict.fromkeys(gone)}
        )

    return known(id_).flatmap(hide)


def same(mine, theirs):
    return (mine is None and theirs is None) or mine == pytest.approx(theirs, abs=1e-9)


def test_every_table_and_class_is_tested():
    assert {"nasovcf", "of", "tlics", "odi", "ava"} <= set(TABLES)
    assert {"of-class", "ao", "t-score", "sugita"} <= set(CLASSES)


def test_the_export_read_back_is_the_declaration():
    assert ADAPTER.validate_json(JSON) == published()


@pytest.mark.parametrize("id_", TABLES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_page_that_knows_only_the_json_says_the_same(id_, data):
    facts = data.draw(partly_known(id_))
    total, group, attainable = page.scored(EXPORTED[id_], facts)
    result = evaluate(scores()[id_], **facts)
    assert same(result.total, total)
    assert result.group == group
    assert same(result.attainable, attainable)


@pytest.mark.parametrize("id_", TABLES)
def test_just_below_at_and_above_each_limit_python_the_page_and_the_columns_agree(id_):
    score, exported = scores()[id_], EXPORTED[id_]
    base = {i["id"]: page.answers(exported, i)[0] for i in exported["score"]["inputs"]}
    tried = 0
    for declared in exported["score"]["inputs"]:
        steps = (-1, 0, 1) if declared["kind"] == "whole" else (-1e-6, -1e-12, 0, 1e-12, 1e-6)
        low, high = (declared[end] if declared[end] is not None else far for end, far in (("low", -9e9), ("high", 9e9)))
        for limit, step in product(set(page.limits(exported, declared["id"])), steps):
            facts = {**base, declared["id"]: limit + step}
            if not low <= limit + step <= high:
                continue
            total, group, _ = page.scored(exported, facts)
            result = evaluate(score, **facts)
            columns = evaluate_columns(score, columns_of(score, [facts]))
            assert (result.total, result.group) == (total, group), (declared["id"], limit + step)
            assert same(None if np.isnan(columns.total[0]) else columns.total[0], total)
            tried += 1
    assert tried or not any(i["kind"] == "number" for i in exported["score"]["inputs"])


def decides_whether_it_applies(score, id_):
    made = {q["id"] for q in score["quantities"] if id_ in page.names(q["value"])}
    return any(list(page.asked_for(score["checks"], name)) for name in (id_, *made))


@pytest.mark.parametrize("id_", TABLES)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_each_input_missing_leaves_just_the_range_that_its_answers_could_give(id_, data):
    facts, exported, score = data.draw(known(id_, "items")), EXPORTED[id_], scores()[id_]
    assume(page.scored(exported, facts)[0] is not None)
    for declared in exported["score"]["inputs"]:
        if declared["required"] or declared["id"] not in facts or score.average:
            continue
        result = evaluate(score, **{**facts, declared["id"]: None})
        answered = (page.scored(exported, {**facts, declared["id"]: a})[0] for a in page.answers(exported, declared))
        reached = [total for total in answered if total is not None]
        if result.status is Status.INCOMPLETE:
            assert result.total is None
            assert result.missing
            if decides_whether_it_applies(exported["score"], declared["id"]):  # the range may hold totals beyond
                assert result.attainable[0] <= min(reached) <= max(reached) <= result.attainable[1]
            else:
                assert same(result.attainable, (min(reached), max(reached)))
        elif result.missing:  # counted 0, as its source does: the range stays in sight
            assert result.attainable[0] <= min(reached)
            assert result.attainable[1] >= max(reached)


@pytest.mark.parametrize("id_", TABLES)
def test_nothing_known_is_never_a_total(id_):
    score = scores()[id_]
    required = {i.id: i.words[0] for i in score.inputs if i.required}
    result = evaluate(score, **required)
    assert (result.status, result.total, result.group) == (Status.INCOMPLETE, None, None)
    totals = EXPORTED[id_]["totals"]
    assert result.attainable == (totals[0], totals[-1])


@pytest.mark.parametrize("id_", TABLES)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_a_column_of_patients_is_each_patient(id_, data):
    score = scores()[id_]
    patients = data.draw(st.lists(partly_known(id_), min_size=1, max_size=8))
    for i in score.inputs:
        if i.required:  # one version for the whole column
            patients = [{**p, i.id: patients[0][i.id]} for p in patients]
    found = evaluate_columns(score, columns_of(score, patients))
    for k, facts in enumerate(patients):
        one = evaluate(score, **facts)
        assert found.statuses[found.status[k]] is one.status
        assert same(None if np.isnan(found.total[k]) else found.total[k], one.total)
        assert (found.groups[found.group[k]] if found.group[k] >= 0 else None) == one.group
        assert same(None if np.isnan(found.low[k]) else (found.low[k], found.high[k]), one.attainable)


@pytest.mark.parametrize("id_", CLASSES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_class_stands_only_if_every_answer_to_what_is_missing_gives_it(id_, data):
    facts = data.draw(partly_known(id_))
    possible = page.labels(EXPORTED[id_], facts)
    result = classify(scores()[id_], **facts)
    assert set(result.possible) == possible
    assert result.label == (next(iter(possible)) if len(possible) == 1 else None)
    assert bool(result.missing) == (len(possible) > 1)


def test_a_score_without_groups_has_a_total_alone():
    bare = replace(scores()["ava"], groups=())
    known_all = {"instability_mm": 6, "focal_kyphosis_deg": 0, "days": 3, "cleft": True, "previous_fracture": False}
    result = evaluate(bare, **known_all)
    assert (result.total, result.group, result.attainable_groups) == (2, None, ())
    assert evaluate_columns(bare, columns_of(bare, [{**known_all, "single_level": None}])).total == [2]


def test_what_the_clinical_file_knows_has_its_range_and_words():
    for score in scores().values():
        for i in score.inputs:
            if i.case_field and not i.derived:
                section, _, name = i.case_field.rpartition(".")
                record = getattr(ClinicalCase(), section) if section else ClinicalCase
                known = record.__dataclass_fields__[name].metadata
                assert (i.low, i.high) == tuple(known.get(end) for end in ("ge", "le")), i.id


def test_what_an_assessment_derives_for_an_input_is_there():
    asked = {i.derived for score in scores().values() for i in score.inputs if i.derived}
    assert asked
    assert asked <= derived_facts(ClinicalCase()).keys()


def test_every_condition_asks_for_something_declared():
    def facts(node):
        if isinstance(node, dict):
            if "relation" in node:
                yield node
            node = list(node.values())
        for part in node if isinstance(node, list) else ():
            yield from facts(part)

    for id_, exported in EXPORTED.items():
        inputs = {i["id"]: i for i in exported["score"]["inputs"]}
        made = {q["id"] for q in exported["score"]["quantities"]}
        for fact in facts(exported["score"]):
            if fact["input"] not in {"total", "class", *made}:
                words = inputs[fact["input"]]["words"]
                assert all(v in words for v in fact["values"] if isinstance(v, str)), (id_, fact)


def columns_of(score, patients):
    return {
        i.id: np.array([np.nan if p[i.id] is None else code_of(score, i, p[i.id])[0] for p in patients])
        for i in score.inputs
    }


def test_a_result_cannot_be_changed_after_it_was_made():
    assert dataclasses_of(ovcf.scores)
    assert changeable(ovcf.scores) == []

"""Edits as data: in force until taken back, written and read back as they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from ovcf.reading.editing.edits import AnyEdit, EnterFact, Revoke, in_force

AT = "2026-01-05T08:00:00+00:00"


def fact(n):
    return EnterFact(id=f"f{n}", reader="AB", at=AT, field="vas", value=float(n))


def revoke(id_, what):
    return Revoke(id=id_, reader="AB", at=AT, edit=what)


def test_an_edit_is_in_force_until_it_is_taken_back_and_again_once_that_is():
    first, second = fact(1), fact(2)
    assert in_force((first, second)) == (first, second)
    assert in_force((first, second, revoke("r1", "f2"))) == (first,)
    assert in_force((first, second, revoke("r1", "f2"), revoke("r2", "r1"))) == (first, second)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 30)), max_size=30))
def test_what_is_in_force_is_told_from_the_list_alone_and_holds_no_undo(plan):
    made = []
    state = {}  # the same by simulation: an undo turns its target off, and on again if it is itself undone
    for n, (undo, at) in enumerate(plan):
        if undo and made:
            target = made[at % len(made)]
            made.append(revoke(f"f{n}", target.id))
        else:
            made.append(fact(n))
    for edit in reversed(made):
        state.setdefault(edit.id, True)
        if isinstance(edit, Revoke) and state[edit.id]:
            state[edit.edit] = False
    expected = tuple(e for e in made if state[e.id] and not isinstance(e, Revoke))
    assert in_force(tuple(made)) == expected


def test_edits_are_written_and_read_back_equal():
    adapter = TypeAdapter(tuple[AnyEdit, ...])
    edits = (fact(1), revoke("r", "f1"))
    assert adapter.validate_json(adapter.dump_json(edits)) == edits


@pytest.mark.parametrize("wrong", [{"kind": "move point"}, {"kind": "nonsense"}, {"kind": "set threshold", "sd": -1}])
def test_an_edit_that_is_none_is_refused(wrong):
    with pytest.raises(ValidationError):
        TypeAdapter(AnyEdit).validate_python({"id": "x", "reader": "AB", "at": AT, **wrong})

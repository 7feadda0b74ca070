"""Which edits of two readers stand against each other: those that set the same thing, and those about a body that is
there no more."""

import pytest

from ovcf.reading.editing.apart import apart
from ovcf.reading.editing.edits import Drawn
from tests.reading.words import edit

AT = (1.0, 2.0)
FOUR = (AT, (3.0, 2.0), (1.0, 4.0), (3.0, 4.0))
RING = (AT, (3.0, 2.0), (3.0, 4.0))
PLACE = {"vertebra": "a1", "region": "body", "series": "1.2", "slice": 3, "outline": RING}


def meets(mine, *theirs):
    (found,) = apart([mine], theirs)
    return [other.id for other in found.theirs] == [theirs[0].id] if theirs and found.theirs else False


def move(vertebra="a1", point="superior_anterior"):
    return edit("MovePoint", vertebra=vertebra, point=point, to=AT)


@pytest.mark.parametrize(
    ("mine", "theirs", "clash"),
    [
        (move(), move(), True),
        (move(), move(point="inferior_anterior"), False),
        (move(), move(vertebra="a2"), False),
        (move(), edit("PlaceVertebra", vertebra="a1", points=FOUR), True),
        (edit("PlaceVertebra", vertebra="a1", points=FOUR), move(point="inferior_middle"), False),
        (move(), edit("MoveEndplate", vertebra="a1", endplate="superior", anterior=AT), True),
        (move(), edit("MoveEndplate", vertebra="a1", endplate="inferior", anterior=AT), False),
        (move(), edit("DeleteVertebra", vertebra="a1"), True),
        (edit("DeleteVertebra", vertebra="a1"), move(), True),
        (move(), edit("DeleteVertebra", vertebra="a2"), False),
        (
            edit("SetState", vertebra="a2", state="cemented"),
            edit("MergeVertebrae", vertebrae=("a1", "a2"), into=Drawn(vertebra="a9", level="L1", points=FOUR)),
            True,
        ),
        (edit("SetThreshold", name="edema", sd=4.0), edit("SetThreshold", name="edema", sd=None), True),
        (edit("SetThreshold", name="edema", sd=4.0), edit("SetThreshold", name="t2", sd=5.0), False),
        (edit("PlaceRegion", **PLACE), edit("PlaceRegion", **PLACE | {"slice": 4}), True),
        (edit("PlaceRegion", **PLACE), edit("PlaceRegion", **PLACE | {"series": "1.3"}), False),
        (edit("RedrawOutline", vertebra="a1", outline=RING), edit("RedrawOutline", vertebra="a1", outline=RING), True),
        (
            edit("RedrawOutline", vertebra="a1", outline=RING),
            edit("RedrawOutline", vertebra="a1", outline=RING, offset_mm=4.0),
            False,
        ),
        (edit("EnterFact", field="vas", value=7.0), edit("EnterFact", field="vas", value=8.0), True),
        (edit("EnterFact", field="vas", value=7.0), edit("EnterFact", field="odi_percent", value=8.0), False),
        (
            edit("Overrule", vertebra="a1", finding="recent", value=True),
            edit("Overrule", vertebra="a1", finding="recent", value=False),
            True,
        ),
        (edit("Accept", vertebra="a1"), edit("Accept", vertebra="a1"), False),
    ],
)
def test_two_edits_stand_against_each_other_where_they_set_the_same(mine, theirs, clash):
    assert meets(mine, theirs) is clash


def test_what_was_taken_back_since_stands_against_nothing():
    theirs = move()
    assert not meets(move(), theirs, edit("Revoke", edit=theirs.id))

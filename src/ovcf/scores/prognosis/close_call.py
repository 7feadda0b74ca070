"""Too close to call: how near a value lies to the limit that decides, against its own error and that of readers.

The published errors are of other constructs than Han's; a site may put its own reliability study in their place.
Nothing here moves a point of a score.
"""

from __future__ import annotations

import math

from ovcf.kept import kept
from ovcf.language.worded import say
from ovcf.scores.declare import Advice, Calc, Group, Input, Quantity, Score, all_of, not_known, number, word
from ovcf.scores.evaluate import classify
from ovcf.scores.prognosis.follow_up import PROGRESSION_DEG
from ovcf.scores.prognosis.nasovcf import KYPHOSIS_LIMIT_DEG, VHL_LIMIT_PERCENT, group_of
from ovcf.scores.result import Classification, ScoreResult, Status

SURE = 1.96
"""Standard errors on both sides of a limit: 95 of 100."""
OF_TWO = math.sqrt(2)
"""What the error of a change is of that of one value."""
#: Standard error of one value between readers, from the printed 95 % limits of the difference of two.
READERS_VHL_PERCENT = 12.53 / (SURE * OF_TWO)
READERS_KYPHOSIS_DEG = 8.7 / (SURE * OF_TWO)
VHL, KYPHOSIS, PROGRESSION = LIMITS = ("vhl", "kyphosis", "progression")
TOO_CLOSE, BETWEEN_READERS = "too close to call", "too close between readers"

_HOW = "{off} from the limit of {at}; in 95 of 100 its own error allows: {own_band}, that of readers: {readers_band}"
_WIDER = Calc("by word", ("limit", 1.0, 1.0, OF_TWO))

CLOSE_CALL = Score(
    id="close-call",
    name="Too close to call",
    version="project rule",
    title="Is a value too close to the limit that decides?",
    about="Limits: VHL 15%, local kyphosis 15°, a progression of 10°. It moves no point of a score.",
    population="the published errors are of height loss on 50 chest CTs and of kyphosis between end vertebrae not "
    "chosen beforehand: neither is Han's measure",
    not_for="deciding points: it moves none",
    evidence=("rule-close-call", "buckens-2013", "kyphosis-readers"),
    function="close_call",
    examples=({"limit": VHL, "value": 13.8, "sd": 1.2}, {"limit": PROGRESSION, "value": 9.1, "readers_sem": 2.0}),
    inputs=(
        Input(
            id="limit",
            name="Limit",
            kind="word",
            words=LIMITS,
            required=True,
            help="vhl (15%), kyphosis (15 degrees), or progression (10 degrees of change)",
        ),
        Input(
            id="value",
            name="Value",
            required=True,
            low=-120,
            high=120,
            decimals=1,
            help="The measured value; for progression the change of the angle",
        ),
        Input(
            id="sd",
            name="SD of its own error",
            low=0,
            high=100,
            help="Standard deviation of the error of one measurement, in its unit",
        ),
        Input(
            id="readers_sem",
            name="Readers' standard error",
            low=0,
            high=100,
            help="Standard error of one value between your readers, from your own reliability study; the published "
            "one stands without it",
        ),
    ),
    quantities=(
        Quantity(
            id="at",
            name="The limit",
            value=Calc("by word", ("limit", VHL_LIMIT_PERCENT, KYPHOSIS_LIMIT_DEG, PROGRESSION_DEG)),
        ),
        Quantity(
            id="off", name="Distance from the limit", decimals=1, value=Calc("abs", (Calc("-", ("value", "at")),))
        ),
        Quantity(id="own_band", name="Own band", decimals=1, value=Calc("*", (SURE, _WIDER, "sd"))),
        Quantity(
            id="readers_band",
            name="Band between readers",
            decimals=1,
            value=Calc(
                "*",
                (
                    SURE,
                    _WIDER,
                    Calc(
                        "first known",
                        (
                            "readers_sem",
                            Calc("by word", ("limit", READERS_VHL_PERCENT, READERS_KYPHOSIS_DEG, READERS_KYPHOSIS_DEG)),
                        ),
                    ),
                ),
            ),
        ),
        Quantity(id="clear_of_own", name="Beyond its own band", value=Calc("-", ("off", "own_band"))),
        Quantity(
            id="clear_of_readers", name="Beyond the band between readers", value=Calc("-", ("off", "readers_band"))
        ),
        Quantity(id="over", name="Beyond the limit", value=Calc("-", ("value", "at"))),
    ),
    classes=(
        Group(TOO_CLOSE, number("clear_of_own", "<=", 0, unknown=False), _HOW),
        Group(BETWEEN_READERS, number("clear_of_readers", "<=", 0), _HOW),
        Group("above the limit", number("over", ">", 0), _HOW),
        Group("below the limit", meaning=_HOW),
    ),
    advice=(
        Advice(
            "No reader study of Han's height loss or kyphosis angle was found: the published errors are those of "
            "other measures.",
            not_known("readers_sem"),
        ),
        Advice(
            "The 10° rule of progression hardly exceeds what two readers differ by (8.7° in 95 of 100).",
            all_of(word("limit", PROGRESSION), not_known("readers_sem")),
        ),
    ),
)
SCORES = (CLOSE_CALL,)


@kept
def close_call(
    limit: str, value: float, *, sd: float | None = None, readers_sem: float | None = None
) -> Classification:
    """Whether a value lies within 1.96 standard errors of a limit: its own (``sd``), and that of readers.

    Args:
        limit: ``vhl`` (percent), ``kyphosis`` or ``progression`` (degrees; the value is the change of two angles).
        value: as measured.
        sd: standard deviation of the error of one measurement; None: its own error is not known.
        readers_sem: standard error of one value between the site's readers; None: the published one.

    Raises:
        ClinicalDataError: a value or error that is not possible. ScoreInputError: an unknown limit.
    """
    return classify(CLOSE_CALL, limit=limit, value=value, sd=sd, readers_sem=readers_sem)


_ITEMS = {VHL: "Vertebral height loss", KYPHOSIS: "Local kyphosis angle"}


def on_the_other_side(result: ScoreResult, limit: str) -> tuple[float, str] | None:
    """The total and group of NASOVCF, were a value on the other side of its limit; None where the group stays.

    ``limit`` is ``vhl`` or ``kyphosis``; a score without a total has no other one.
    """
    item = next((i for i in result.items if i.name == _ITEMS[limit]), None)
    if result.status is not Status.COMPLETE or result.total is None or item is None or item.points is None:
        return None
    other = result.total - item.points + (max(item.possible) if item.points == 0 else 0)
    return None if group_of(other) == result.group else (other, group_of(other))


def near_progression(
    change_deg: float, *, sd: float | None = None, readers_sem: float | None = None
) -> tuple[str, ...]:
    """What must stand beside a change of kyphosis near HAN's 10 degrees; nothing where it is clear of both errors.

    ``sd`` is that of one angle, as is ``readers_sem``.
    """
    found = close_call(PROGRESSION, change_deg, sd=sd, readers_sem=readers_sem)
    if found.label not in (TOO_CLOSE, BETWEEN_READERS):
        return ()
    sem = READERS_KYPHOSIS_DEG if readers_sem is None else readers_sem
    whose = "published readers (of another angle)" if readers_sem is None else "the readers of this site"
    own = "" if sd is None else say("the error of the two angles allows ±{sure:.1f}°, ", sure=SURE * OF_TWO * sd)
    called = "too close to call" if found.label == TOO_CLOSE else "another reader could say otherwise"
    return (
        say(
            "{called}: {own}{whose} differ by ±{sure:.1f}° on a change, the limit is 10°",
            called=called,
            own=own,
            whose=whose,
            sure=SURE * OF_TWO * sem,
        ),
    )

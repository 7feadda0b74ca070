"""A whole reading by keys alone in few actions, and one with corrections whose operators are counted as it is done."""

from dataclasses import replace

import pytest

from bench.speed.modelled_reading import ALLOWED_S, SECONDS, STEPS
from ovcf.clinical.read_case import with_fact
from ovcf.reading.editing.edits import Accept, Acknowledge, NameVertebra
from ovcf.vocabulary import ReadingStatus
from tests.e2e import han
from tests.e2e.conftest import ROOT
from tests.server.small_reading import LEVELS, asked_reading, body, small_reading

pytestmark = pytest.mark.slow
MOST_ACTIONS = 25


class Keys:
    """A keyboard that counts: a chord is one action."""

    def __init__(self, opened):
        self.opened, self.count = opened, 0

    def press(self, *keys, wait=150):
        for key in keys:
            self.opened.page.keyboard.press(key)
            self.count += 1
            self.opened.page.wait_for_timeout(wait)  # the page draws and the focus goes where it belongs
        self.opened.settled()


def urgent_and_asked():
    """Landmarks as they should be, and all that keeps a reading open: a level to say, an emergency to see."""
    file = asked_reading()
    case = with_fact(file.reading.current.case, "neurology.progressive_weakness", True)
    version = replace(file.reading.current, case=case)
    return replace(file, reading=replace(file.reading, versions=(version,)))


def test_a_case_with_correct_landmarks_is_read_by_keys_alone_in_25_actions(reopened):
    opened = reopened(urgent_and_asked())
    keys = Keys(opened)
    assert opened.view()["reading"]["open"]
    keys.press("n", "Enter")  # the likely name is offered first
    assert opened.view()["questions"] == []
    keys.press("v", "PageDown", "PageUp", "PageUp", "PageDown", "v")  # one view large, its three slices
    keys.press("ArrowUp", "Enter", "ArrowDown", "Enter", "ArrowDown", "Enter")  # the index vertebra and its neighbours
    keys.press("s", "s", "s")  # the lines of height loss, of kyphosis, and off again
    for _ in opened.view()["urgent"]:
        keys.press("u", "Enter")
    assert opened.view()["reading"]["open"] == []
    keys.press("Control+Enter")
    signed = opened.saved()
    assert signed.status is ReadingStatus.CONFIRMED
    assert signed.reader == "A. Reader"
    kinds = [type(e) for e in signed.edits]
    assert kinds.count(NameVertebra) == 1
    assert [e.vertebra for e in signed.edits if isinstance(e, Accept)] == ["a2", "a3", "a4"]
    assert kinds.count(Acknowledge) >= 1
    assert keys.count <= MOST_ACTIONS


class Reader:
    """Hands, eyes and a mouse that write down every operator of the keystroke-level model; hands begin at the mouse."""

    def __init__(self, opened):
        self.opened, self.page, self.done, self.hand = opened, opened.page, "", "mouse"

    def _hand(self, at):
        if self.hand != at:
            self.hand = at
            self.done += "H"

    def think(self, times=1):
        self.done += "M" * times

    def point(self, at):
        self.page.mouse.move(*at, steps=4)
        self.done += "P"

    def button(self, what):
        getattr(self.page.mouse, what)()
        self.done += "B"

    def keys(self, *names):
        """Keys one after the other, or held together: each is one."""
        for name in names:
            self.page.keyboard.press(name)
            self.done += "K" * len(name.split("+"))
            self.page.wait_for_timeout(100)

    def answered(self):
        self.opened.settled()
        self.done += "R"

    def drag(self, start, end):
        self._hand("mouse")
        self.think()
        self.point(start)
        self.button("down")
        self.point(end)
        self.button("up")
        self.answered()

    def took(self):
        done, self.done = self.done, ""
        return done


def test_one_level_and_two_corners_are_corrected_and_signed_within_40_modelled_seconds(reopened):
    """What is called L1 is L2; two of its corners lie 3 mm off."""
    opened = reopened(small_reading())
    opened.measured_on("MR")
    reader, steps, shown = Reader(opened), [], body(LEVELS[2])
    above = body(LEVELS[1])

    def screen(point):
        return opened.on_screen("a", point)

    reader.think(3)
    steps.append(reader.took())
    reader.think()
    reader.point(screen((37, shown[0][1] + 12)))
    reader.button("down")
    reader.button("up")
    steps.append(reader.took())
    reader._hand("keyboard")
    reader.think()
    reader.keys("n", "ArrowDown")
    reader.answered()
    steps.append(reader.took())
    reader.think()
    steps.append(reader.took())
    for corner, (x, y) in ((0, (0.0, -3.0)), (2, (1.0, 3.0))):
        start = shown[corner]
        reader.drag(screen(start), screen((start[0] + x, start[1] + y)))
        steps.append(reader.took())
    reader.think(3)
    steps.append(reader.took())
    reader._hand("keyboard")
    reader.think()
    reader.keys("Control+Enter")
    reader.answered()
    steps.append(reader.took())

    now = opened.view()
    named = {i: v["level"] for i, v in now["vertebrae"].items()}
    assert [named[f"a{n}"] for n in range(1, 6)] == ["T12", "L1", "L2", "L3", "L4"]
    assert [named[f"b{n}"] for n in range(1, 6)] == ["T12", "L1", "L2", "L3", "L4"]  # all follow
    points = now["vertebrae"]["a3"]["points"]
    within = 1 / opened.camera("a")["scale"]
    assert points[0] == pytest.approx([shown[0][0], shown[0][1] - 3], abs=within)
    assert points[2] == pytest.approx([shown[2][0] + 1, shown[2][1] + 3], abs=within)
    assert now["reading"]["status"] == "confirmed"
    assert [e.kind for e in opened.saved().edits[-3:]] == ["name vertebra", "move point", "move point"]
    index = now["index"]
    (body_of_index,) = [v["points"] for i, v in now["vertebrae"].items() if i[0] == "a" and v["level"] == index]
    assert index == "L1"  # the clinical file names the fracture by its level
    assert body_of_index == [list(p) for p in above]
    expected = han.height_loss_percent(body(LEVELS[0]), above, points)
    assert float(opened.in_table("vhl-han", "MR").split("%")[0]) == pytest.approx(expected, abs=0.051)

    assert steps == [step.operators for step in STEPS]
    seconds = sum(SECONDS[o] for step in steps for o in step)
    assert seconds <= ALLOWED_S
    told = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    assert f"**{seconds:.1f} s**" in told.partition("<!-- speed.modelled_reading -->")[2]

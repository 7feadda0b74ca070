"""A reader who moves points of readings, each until the service says that it is saved."""

import uuid

from scripts.quality.soaked.asking import LostError, StoppedAskingError

_AGAIN_S = 0.1


class Editor:
    """Edits until told to stop."""

    def __init__(self, asking, promised, chance):
        self.asking, self.promised, self.chance = asking, promised, chance

    def run(self):
        """Until the soak is over."""
        try:
            while not self.asking.stop.wait(self.chance.uniform(0, 0.5)):
                readings = [line["reading"] for line in self.asking.lines() if line["reading"]]
                if readings:
                    # Mostly one of the newest, so that its reading is open in a process when that is killed.
                    self.one(self.chance.choice(readings[:4] if self.chance.random() < 0.8 else readings))
        except StoppedAskingError:
            pass

    def one(self, reading):
        """Move a point of a reading."""
        path, name = f"readings/{reading}", uuid.uuid4().hex
        shown = self.asking.ask("GET", path)
        if shown.status_code != 200:
            self.promised.fault(f"a reading of the worklist is not shown: {shown.status_code} {shown.text[:300]}")
            return
        drawn = {id_: v["points"] for id_, v in shown.json()["vertebrae"].items() if v["points"]}
        if not drawn:
            return
        vertebra = self.chance.choice(sorted(drawn))
        x, y = drawn[vertebra][0]
        to = [round(x + self.chance.uniform(-0.4, 0.4), 3), round(y + self.chance.uniform(-0.4, 0.4), 3)]
        edit = {"id": name, "kind": "move point", "vertebra": vertebra, "point": "superior_anterior", "to": to}
        lost = False
        while True:
            try:
                answer = self.asking.once("PATCH", path, json=edit, headers={"If-Match": shown.headers["etag"]})
            except LostError:  # as the page does: the same edit once more, which is made once
                if not lost:
                    self.promised.count("edits whose answer was lost")
                lost = True
                if self.asking.stop.wait(_AGAIN_S):
                    raise StoppedAskingError from None
                continue
            if answer.status_code == 200:
                self.promised.edit(reading, name)
                return
            if answer.status_code == 412:
                shown = self.asking.ask("GET", path)
            elif answer.status_code == 422:  # beyond what this vertebra may look like: nothing is promised
                self.promised.count("edits refused")
                return
            elif answer.status_code not in (429, 503):
                self.promised.fault(f"an edit was answered with {answer.status_code} {answer.text[:300]}")
                return
            elif self.asking.stop.wait(_AGAIN_S):
                raise StoppedAskingError

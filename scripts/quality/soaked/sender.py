"""A coordinator who sends studies over tus, gives them patients, and asks again for what was set aside."""

import base64

from scripts.quality.soaked.asking import LostError, StoppedAskingError
from scripts.quality.soaked.studies import study_of

_TUS = {"Tus-Resumable": "1.0.0"}
_PIECE = 400_000
_MOST_WAITING = 4
"""Studies that wait or are assessed; no more are sent meanwhile."""
_OVER = ("done", "set aside", "cancelled")


class BrokenLineError(Exception):
    """Raised in the middle of a body, so that the line breaks there."""


class Sender:
    """Sends until there are ``enough``. ``break_next`` breaks the line of an upload once."""

    def __init__(self, asking, promised, models, chance, *, numbers, enough):
        self.asking, self.promised, self.models, self.chance = asking, promised, models, chance
        self.numbers, self.enough, self.break_next, self.own = numbers, enough, False, {}

    def run(self):
        """Until there are enough; what is being sent then is sent."""
        try:
            while not self.enough.is_set():
                lines = self.asking.lines()
                self.see_to(lines)
                if sum(line["status"] in ("waiting", "being assessed") for line in lines) >= _MOST_WAITING:
                    self.enough.wait(0.3)
                    continue
                self.one(self.chance.choice(self.models))
        except StoppedAskingError:
            pass

    def one(self, model):
        """One study from its first byte until it is taken: its id."""
        number = next(self.numbers)
        sent = study_of(model, number)
        patient = self._patient(number) if number % 3 else None
        uploads = [self._upload(sent)]
        asked = {"uploads": uploads, "name": sent.name, "at": None if patient is None else _at(patient)}
        while True:
            try:
                answer = self.asking.once("POST", "studies", json=asked)
            except LostError:
                # The page tells its user that it failed; the user looks at the worklist before sending it again.
                study = next((line["id"] for line in self.asking.lines() if line["name"] == sent.name), None)
                if study is None:
                    continue
                self.promised.count("studies taken whose answer was lost")
            else:
                if answer.status_code == 503:
                    continue
                if answer.status_code != 202:
                    self.promised.fault(f"{sent.name} was not taken: {answer.status_code} {answer.text[:300]}")
                    return None
                study = answer.json()["study"]
            self.promised.study(study, sent, patient)
            self.own[study] = number
            return study

    def see_to(self, lines):
        """Give a patient to one of one's studies that has none; ask again for one that was set aside."""
        free = [line["id"] for line in lines if line["patient"] is None and line["id"] in self.own]
        if free and self.chance.random() < 0.3:
            study = self.chance.choice(free)
            patient = self._patient(self.own[study])
            # 409: the answer was lost, and it has its patient.
            answer = self.asking.ask("POST", f"studies/{study}/visit", json=_at(patient))
            if answer.status_code not in (200, 409):
                self.promised.fault(f"a study was not given a patient: {answer.status_code} {answer.text[:300]}")
            else:
                self.promised.given(study, patient)
        for line in lines:
            if line["status"] == "set aside":
                self._again(line["id"])

    def _again(self, study):
        job = self.asking.ask("GET", f"studies/{study}").json()["newest_job"]
        if job["state"] != "set aside":
            return
        problem = (job["why"] or {}).get("problem", "")
        if not problem:
            self.promised.fault("a study was set aside without a reason")
        self.promised.count(f"set aside ({problem})")
        # 409: the answer was lost, and it is being assessed.
        answer = self.asking.ask("POST", f"admin/jobs/{job['id']}/retry")
        if answer.status_code not in (201, 409):
            self.promised.fault(f"a study was not tried again: {answer.status_code} {answer.text[:300]}")

    def _patient(self, number):
        """A patient of a study, admitted once."""
        code = f"S-{number:05d}"
        episode = {"levels": ["L1"], "fractured_on": "2025-01-01"}
        answer = self.asking.ask(
            "POST", "patients", json={"code": code, "sex": "female", "birth_year": 1950, "episode": episode}
        )
        if answer.status_code == 201:
            return answer.json()["id"]
        found = self.asking.ask("GET", "patients", params={"q": code}).json()["items"]
        return next(one["id"] for one in found if one["code"] == code)

    def _upload(self, sent):
        """Send the bytes of a study, however often the line breaks: the id of the upload."""
        name = base64.b64encode(sent.name.encode()).decode()
        headers = {"Upload-Length": str(len(sent.content)), "Upload-Metadata": f"filename {name}"}
        begun = self.asking.ask("POST", "uploads", headers=_TUS | headers)
        id_, came, offered = begun.headers["location"].rsplit("/", 1)[1], 0, 0
        while came < len(sent.content):
            piece = sent.content[came : came + self.chance.randint(1, _PIECE)]
            offered = max(offered, came + len(piece))
            headers = _TUS | {"Upload-Offset": str(came), "Content-Type": "application/offset+octet-stream"}
            try:
                answer = self.asking.once("PATCH", f"uploads/{id_}", headers=headers, content=self._breaking(piece))
                if answer.status_code == 204:
                    came = int(answer.headers["upload-offset"])
                    continue
            except (LostError, BrokenLineError):
                pass
            asked = self.asking.ask("HEAD", f"uploads/{id_}", headers=_TUS)
            there = int(asked.headers.get("upload-offset", -1))
            # What came of a broken line may be kept only after one has asked, and has sent a shorter piece.
            if not came <= there <= offered:
                self.promised.fault(f"an upload had {came} bytes and has {there} ({asked.status_code})")
                raise StoppedAskingError
            came = there
        return id_

    def _breaking(self, piece):
        if not self.break_next:
            return piece
        self.break_next = False

        def broken():
            yield piece[: len(piece) // 2]
            raise BrokenLineError

        return broken()


def _at(patient):
    return {"patient": patient, "window": "pretreatment", "held_on": "2025-01-07"}

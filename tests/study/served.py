"""A registry of several people with a study in it: candidates, visits, readings; and who reads them."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import uuid
from dataclasses import replace
from datetime import date, timedelta
from unittest.mock import patch

from ovcf.registry import service
from ovcf.registry.people import accounts
from ovcf.registry.words import Role, TreatmentKind
from ovcf.study.conduct import form_values, screening, studies
from ovcf.study.protocol.read import parse_protocol, shipped
from ovcf.study.readers import rounds
from tests.people.conftest import PASSWORD, Place
from tests.server import small_reading as small
from tests.study.conftest import DAY, FIT, hold

CODE = "HAN-VAL"


def protocol_text(*, washout_days=28, repeats_percent=20):
    """The example, with other repeats and another washout."""
    text = shipped("han-validation")
    return text.replace("washout_days = 28", f"washout_days = {washout_days}").replace(
        "repeats_percent = 20", f"repeats_percent = {repeats_percent}"
    )


def wedged(depth):
    """A small reading whose L1 has lost ``depth`` mm of its anterior height."""
    wedge = ((0.0, depth), *small.WEDGE[1:4], (17.0, 1.5 + depth / 2), small.WEDGE[5])
    with patch.object(small, "WEDGE", wedge):
        file = small.small_reading()
    return replace(file, reading=replace(file.reading, id=uuid.uuid4().hex))


class StudyPlace(Place):
    """Two sites; at A a study with patients, a coordinator, a monitor, and three readers: r1, r2, r3."""

    def __init__(self, folder, depths=(4.0, 6.0, 9.0, 11.0), site="A", **plan):
        super().__init__(folder, site=site)
        self.depths = depths
        protocol = parse_protocol(protocol_text(**plan), "protocol")
        with self.registry.writing(self.admin.id) as writer:
            for code in ("r1", "r2", "r3"):
                self.people[code] = accounts.add_person(
                    writer, site=self.sites["A"], code=code, name=f"Reader {code[1]}", role=Role.READER
                )
            writer.session.flush()
            writer.session.expunge_all()
        coordinator = self.people["coordinator-A"]
        with self.registry.writing(coordinator.id) as writer:
            self.study = studies.begin(writer, protocol)
            writer.session.flush()
            writer.session.expunge(self.study)
        self.numbers = []
        with self.registry.writing(coordinator.id) as writer:
            for n, depth in enumerate(depths, 1):
                screening.screen(writer, self.study, coordinator, f"P-{n}", FIT, on=DAY)
                patient = service.patient_named(writer.session, f"P-{n}", site=coordinator.site_id)
                one = screening.enrol(writer, self.study, patient, on=DAY, consent_on=DAY)
                screening.treat(writer, one, TreatmentKind.CONSERVATIVE, on=DAY)
                visit = hold(writer, one, "pretreatment", 0, VAS=7, ODI=60)
                service.keep_reading(writer, self.registry, visit, wedged(depth))
                hold(writer, one, "6 months", 183, VAS=2, ODI=20)
                self.numbers.append(one.number)
            young = {**FIT, "age_years": 51.0}
            screening.screen(writer, self.study, coordinator, "P-young", young, on=DAY)
            unknown = {k: v for k, v in FIT.items() if k != "t1_low"}
            screening.screen(writer, self.study, coordinator, "P-unknown", unknown, on=DAY + timedelta(days=1))

    def assign(self, name="main", readers=("r1", "r2"), seed=20260110):
        """Begin a round; its tasks by reader code, in the order of reading."""
        with self.registry.writing(self.people["coordinator-A"].id) as writer:
            _, tasks = rounds.open_round(writer, self.study, name, list(readers), seed=seed)
            writer.session.flush()
            writer.session.expunge_all()
        by = {self.people[code].id: code for code in readers}
        found = {code: [] for code in readers}
        for task in sorted(tasks, key=lambda t: t.place):
            found[by[task.reader_id]].append(task)
        return found

    def fill(self, number, window, form, given, **more):
        """Fill in a form as the coordinator."""
        with self.registry.writing(self.people["coordinator-A"].id) as writer:
            one = studies.enrolment_of(writer.session, self.study, number)
            form_values.enter(writer, self.study, one, window, form, given, **more)


TODAY = date(2026, 8, 1)


@contextlib.contextmanager
def serving(place, folder, *codes):
    """The service of a place, as a process; its address. The people named by their codes get a password."""
    for code in codes:
        place.password(code)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, "-m", "ovcf", "serve", "--people", "--port", str(port), "--workers", "0"],
        env={**os.environ, "OVCF_DATA": str(folder)},
        stdout=subprocess.PIPE,
    ) as process:
        try:
            process.stdout.readline()
            for _ in range(200):
                with socket.socket() as tried:
                    if tried.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


def signed_in(browser, address, code, **options):
    """A page of somebody who has signed in, in a browser of their own."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True, **options)
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.goto(f"{address}/sign-in")
    page.get_by_label("Code").fill(code)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button").click()
    page.wait_for_url(f"{address}/")
    return page

"""Killed at any moment, the registry holds every write it acknowledged, whole, and a whole chain."""

import os
import signal
import subprocess
import sys
import time

import pytest
from sqlalchemy import select

from ovcf.registry.store import Registry, current
from ovcf.registry.tables import Episode, Patient, PatientReport, Visit

WRITER = """
import sys
from pathlib import Path
from uuid import UUID
from ovcf.registry.store import Registry
from tests.registry.conftest import admit
folder, database, admin, site = sys.argv[1:5]
registry = Registry.open(Path(folder), database=database or None)
class Admin: id = UUID(admin); site_id = UUID(site)
registry.admin = Admin
number = 0
while True:
    admit(registry, f"{sys.argv[5]}-{number}")
    sys.stdout.write(f"{sys.argv[5]}-{number}\\n"); sys.stdout.flush()
    number += 1
"""
KILLS = int(os.environ.get("OVCF_KILLS", "5"))


@pytest.mark.slow
def test_no_acknowledged_write_is_lost(new_place):
    folder, database = new_place()
    registry = Registry.open(folder, database=database, create=True)
    admin = registry.begin("S1", "Site one", "admin", "Ada Min")
    registry.close()
    promised = []
    for kill in range(KILLS):
        command = [sys.executable, "-c", WRITER, str(folder), database or "", str(admin.id), str(admin.site_id)]
        writers = [
            subprocess.Popen([*command, f"{kill}-{n}"], stdout=subprocess.PIPE, text=True) for n in range(2)
        ]  # two at once
        first = writers[0].stdout.readline()
        time.sleep(0.02 + 0.17 * kill / max(KILLS - 1, 1))
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
        promised += [first.strip()]
        for writer in writers:
            promised += writer.communicate()[0].split()
    again = Registry.open(folder, database=database)
    with again.reading() as session:
        patients = {p.code: p.id for p in session.scalars(select(Patient))}
        whole = [{row.patient_id for row in session.scalars(current(kind))} for kind in (Episode, Visit, PatientReport)]
    assert set(promised) <= patients.keys()
    assert all(set(patients.values()) == rows for rows in whole)  # none half made
    assert again.faults() == []
    again.close()

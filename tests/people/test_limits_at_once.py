"""Requests that are counted at the same moment are all counted, and none fails for it."""

import sys
import threading
import time

import pytest

from ovcf.server.people.limits import OF_A_SESSION, Limits

AT_ONCE, EACH = 8, 60


@pytest.fixture
def hasty():
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_many_at_once(hasty, monkeypatch):
    limits, wrong, together = Limits(), [], threading.Barrier(AT_ONCE)
    monkeypatch.setattr(sys, "unraisablehook", lambda told: wrong.append(told.exc_value))

    def ask(number):
        try:
            for n in range(EACH):
                together.wait()
                time.sleep(0.012)  # by then the library has let go of the thread that clears its counters
                limits.session(f"session {number} {n % 4}")
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert OF_A_SESSION.amount > EACH
    assert wrong == []

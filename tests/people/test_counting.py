"""Requests are counted without a thread for each."""

import threading

from limits.storage import memory

from ovcf.errors import TooManyError
from ovcf.server.people.limits import Limits


def test_many_requests_start_few_threads_and_are_counted(monkeypatch):
    begun = []

    class Counted(threading.Timer):
        def start(self):
            begun.append(self)
            super().start()

    monkeypatch.setattr(memory.threading, "Timer", Counted)
    monkeypatch.setattr("ovcf.server.people.limits._EXPIRY_S", 3600.0)
    limits, refused = Limits(), 0
    for _ in range(1205):
        try:
            limits.session("a secret")
        except TooManyError:
            refused += 1
    assert refused == 5
    assert len(begun) <= 2 * len(vars(limits))  # when a counter is made, and with its first request

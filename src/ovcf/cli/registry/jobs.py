"""``ovcf jobs``: the worker that assesses what arrives, and what waits for it."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Annotated

from cyclopts import App, Parameter

from ovcf.cli.streams import say

app = App(name="jobs", help="Assess the studies that wait in the registry, and see how far they are.")


@app.command
def work(
    *,
    until_empty: bool = False,
    minutes: float = 30.0,
    memory_gib: float = 6.0,
    beside: Annotated[bool, Parameter(show=False)] = False,
) -> None:
    """Do one job after the other until stopped. Several workers may run, also on other machines with the same data.

    A job that is interrupted, however, is done again by this or another worker; one that fails three times, or takes
    more than its limits, is set aside with the reason.

    Args:
        until_empty: Stop when nothing waits.
        minutes: What one study may take.
        memory_gib: Memory that one study may take.
        beside: End when standard input closes.
    """
    from ovcf.cli.registry.opened import open_registry
    from ovcf.jobs.process import Limits
    from ovcf.jobs.worker import Worker

    registry = open_registry()
    worker = Worker(registry, limits=Limits(seconds=60 * minutes, bytes=int(memory_gib * 2**30)))
    stop = threading.Event()
    for name in ("SIGTERM", "SIGINT"):
        signal.signal(getattr(signal, name), lambda *_: stop.set())
    if beside:
        threading.Thread(target=_until_closed, args=(stop,), daemon=True).start()
    try:
        if until_empty:
            while not stop.is_set() and worker.one(stop):
                pass
        else:
            worker.run(stop)
    finally:
        registry.close()


@app.command(name="list")
def list_() -> None:
    """The jobs that are not over, and those that were set aside, with the reason."""
    from sqlalchemy import select

    from ovcf.cli.registry.opened import open_registry
    from ovcf.registry.tables import Job, WorkItem
    from ovcf.registry.words import JobState

    registry = open_registry()
    try:
        with registry.reading() as session:
            asked = select(Job).where(Job.state.not_in((JobState.DONE, JobState.CANCELLED))).order_by(Job.enqueued_at)
            rows = session.scalars(asked).all()
            for job in rows:
                item = session.get(WorkItem, job.work_item_id)
                told = job.progress if job.why is None else f"{job.why['problem']}. {job.why['remedy']}"
                name = "" if item is None else f" {item.name}"
                say(f"{job.id}{name}: {job.state}, attempt {job.attempts}{f'; {told}' if told else ''}")
    finally:
        registry.close()
    if not rows:
        say("Nothing waits.")


def _until_closed(stop: threading.Event) -> None:
    """The service that started this worker holds the other end; when it is gone, however, this ends too."""
    while os.read(sys.stdin.fileno(), 64):
        pass
    stop.set()

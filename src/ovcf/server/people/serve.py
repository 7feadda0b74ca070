"""The registry for several people, until it is stopped."""

from __future__ import annotations

import logging
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

from ovcf import budget
from ovcf.jobs.beside import processes_beside
from ovcf.server.concluding.processes import Processes
from ovcf.server.people.people import People
from ovcf.server.people.signing_in import log
from ovcf.server.serve import listen
from ovcf.server.serve_registry import WORKER, run_app

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ovcf.registry.store import Registry
    from ovcf.server.people.address import Address
    from ovcf.server.people.oidc import Provider

MAX_UNASKED = 4
"""Processes that conclude, unless more are asked for: each may take eight of the hundred connections of a database."""


def serve_people(
    registry: Registry,
    data: Path,
    *,
    address: Address,
    listening_on: tuple[str, int],
    provider: Provider | None,
    proxy: str,
    ready: Callable[[], None],
    workers: int = 1,
    concluding: int | None = None,
    environment: dict[str, str] | None = None,
) -> None:
    """Serve at ``address`` until interrupted; ``proxy`` is whose word is taken for where a request comes from.

    ``concluding`` processes conclude readings, one for each processor core and at most four unless said; with 0 it is
    done here.

    Raises:
        OvcfError: the port is taken.
    """
    from ovcf.server.api.app import make_service

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    listening = listen(listening_on[1], listening_on[0])
    people = People(registry, address, provider)
    registry.sweep()
    many = min(budget.cores(), MAX_UNASKED) if concluding is None else concluding
    with ExitStack() as until:
        processes = until.enter_context(Processes(registry, many)) if many else None
        app = make_service(
            registry, people=people, data=data, hosts=(address.host,), scheme=address.scheme, processes=processes
        )
        until.enter_context(processes_beside(workers, WORKER, environment))
        ready()
        run_app(app, listening, proxy=proxy)

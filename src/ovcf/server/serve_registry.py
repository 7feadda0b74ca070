"""The registry of a user on a port of this machine, with a worker beside it, until it is stopped."""

from __future__ import annotations

import sys
from getpass import getuser
from typing import TYPE_CHECKING

from sqlalchemy import select

from ovcf.jobs.beside import processes_beside
from ovcf.plain_text import clean
from ovcf.registry.tables import Person
from ovcf.server.memory import TURN_S, give_memory_back
from ovcf.server.serve import LOOPBACK, listen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from socket import socket
    from types import FrameType

    from fastapi import FastAPI

    from ovcf.registry.store import Registry

WORKER = (sys.executable, "-m", "ovcf", "jobs", "work", "--beside")
"""The command of a worker that ends with us."""
_KEEP_OPEN_S = 75
"""A line that nobody speaks on is kept open so long: longer than a proxy keeps it, so that the proxy closes first."""


def serve_registry(
    registry: Registry,
    data: Path,
    *,
    port: int,
    ready: Callable[[str], None],
    workers: int = 1,
    environment: dict[str, str] | None = None,
) -> None:
    """Serve until interrupted; ``ready`` gets the address, its token included, once it answers.

    Raises:
        OvcfError: the port is taken.
    """
    from ovcf.server.api.app import make_service
    from ovcf.server.api.one_user import OneUser

    someone(registry)
    registry.sweep()
    listening = listen(port)
    port = listening.getsockname()[1]
    people = OneUser(registry, data)
    names = (LOOPBACK, "localhost")  # clients of DICOMweb name the host without its port
    hosts = (*(f"{name}:{port}" for name in names), *names)
    app = make_service(registry, people=people, data=data, hosts=hosts)
    with processes_beside(workers, WORKER, environment):
        ready(f"http://{LOOPBACK}:{port}/enter?token={people.token}")
        run_app(app, listening)


def run_app(app: FastAPI, listening: socket, *, proxy: str = "") -> None:
    """Answer on a socket until interrupted; ``proxy`` is whose word is taken for where a request comes from."""
    import uvicorn

    sys.setswitchinterval(TURN_S)
    give_memory_back()

    class Server(uvicorn.Server):
        """Lets go of the pages that listen for events before it ends: they would keep it."""

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            app.state.service.stopping.set()
            super().handle_exit(sig, frame)

    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=_KEEP_OPEN_S,
        timeout_graceful_shutdown=3,
        proxy_headers=bool(proxy),
        forwarded_allow_ips=proxy or None,
    )
    Server(config).run(sockets=[listening])


def someone(registry: Registry) -> None:
    """Whoever runs this becomes the administrator of a registry that is new."""
    with registry.reading() as session:
        if session.scalars(select(Person.id).limit(1)).first() is not None:
            return
    name = clean(getuser()) or "reader"
    registry.begin("HERE", "This computer", name, name)

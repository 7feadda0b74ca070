"""One reading on a port of this machine, until the reader stops it."""

from __future__ import annotations

import secrets
import socket
from typing import TYPE_CHECKING

from ovcf.errors import OutputError
from ovcf.server.open_reading import OpenReading

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LOOPBACK = "127.0.0.1"


def serve(path: Path, *, reader: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve a reading until interrupted; ``ready`` gets the address, token included, once it answers.

    Raises:
        OvcfError: the file is no reading, or the port is taken.
    """
    import uvicorn

    from ovcf.server.app import make_app

    reading = OpenReading(path, reader)
    reading.view()  # what is wrong with the file is said here, not on the page
    listening = listen(port)
    port = listening.getsockname()[1]
    token = secrets.token_urlsafe(24)
    app = make_app(reading, token=token, hosts=(f"{LOOPBACK}:{port}", f"localhost:{port}"))
    ready(f"http://{LOOPBACK}:{port}/?token={token}")
    uvicorn.Server(uvicorn.Config(app, log_level="warning", server_header=False)).run(sockets=[listening])


def listen(port: int, host: str = LOOPBACK) -> socket.socket:
    """A socket on a port, which only this machine reaches unless ``host`` says otherwise; 0 takes a free one.

    Raises:
        OutputError: the port is taken.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()
    except OSError as error:
        raise OutputError(
            f"port {port}", f"cannot be listened on ({error.strerror or error})", "Choose another port, or 0."
        ) from None
    return listening

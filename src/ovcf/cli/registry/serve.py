"""``ovcf serve``: the registry in the browser, and its REST service."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from ovcf.cli.streams import say
from ovcf.errors import MissingExtraError


def serve(
    *,
    folder: Path | None = None,
    port: int = 8321,
    workers: int = 1,
    browser: Annotated[bool, Parameter(negative="--no-browser")] = False,
) -> None:
    """Open the registry in the browser: drop studies, read them, follow patients. Only this machine can reach it.

    The registry is made where there is none. The printed address lets one browser in, once. Images are assessed by
    workers beside the service; what they were doing when the machine stopped is done again. The REST service is
    described at /api/v1/openapi.json. Needs the extra `serve`.

    Try

        ovcf serve

        ovcf serve --folder registry --port 8400

    Args:
        folder: The data folder; OVCF_DATA or the user's own where it is not given.
        port: Port of this machine; 0 takes a free one.
        workers: Studies that are assessed at the same time; each takes one to two cores and some 2 GiB of memory.
        browser: Open the address in the browser.
    """
    if any(find_spec(name) is None for name in ("fastapi", "uvicorn", "sqlalchemy", "alembic")):
        raise MissingExtraError(
            "ovcf serve", "needs the extra `serve`", 'Run pip install ".[serve]" in the folder of the source.'
        )
    from ovcf.registry import place
    from ovcf.server.serve_registry import serve_registry

    if folder is not None:
        os.environ[place.DATA] = str(folder.expanduser().absolute())
    registry = place.open_registry(create=True)

    def ready(address: str) -> None:
        say(f"{address}\nThis address lets one browser in, once. Stop with Ctrl C; everything is kept in "
            f"{place.data_folder()}.")  # fmt: skip
        sys.stdout.flush()  # a pipe would hold it back while the service runs
        if browser:
            import webbrowser

            webbrowser.open(address)

    try:
        serve_registry(
            registry, place.data_folder(), port=port, ready=ready, workers=workers, environment=dict(os.environ)
        )
    finally:
        registry.close()

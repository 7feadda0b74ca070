"""``ovcf reading open``: one reading in the browser."""

from __future__ import annotations

import getpass
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from ovcf.cli.streams import say
from ovcf.errors import MissingExtraError


def open_(
    file: Path,
    /,
    *,
    reader: str = "",
    port: int = 0,
    browser: Annotated[bool, Parameter(negative="--no-browser")] = True,
) -> None:
    """Open a reading in the browser, to move points, rename levels and overrule findings.

    Every edit is saved in the file at once and can be undone. Only this machine can reach the page. Needs the extra
    `server`.

    Try

        ovcf reading open report/reading.ovcf

    Args:
        file: The reading.ovcf that `ovcf assess` wrote.
        reader: Who reads; stands beside every edit. The name of your account, unless given.
        port: Port of this machine; 0 takes a free one.
        browser: Open the page in the browser; --no-browser only prints its address.
    """
    if find_spec("fastapi") is None or find_spec("uvicorn") is None:
        raise MissingExtraError(
            "ovcf reading open", "needs the extra `server`", 'Run pip install ".[server]" in the folder of the source.'
        )
    from ovcf.server.serve import serve

    def ready(address: str) -> None:
        say(f"{address}\nStop with Ctrl C; every edit is saved in {file}.")
        sys.stdout.flush()  # a pipe would hold it back while the page is open
        if browser:
            import webbrowser

            webbrowser.open(address)

    serve(file, reader=reader or getpass.getuser(), port=port, ready=ready)

"""``ovcf serve``: the registry in the browser, and its REST service."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter, validators

from ovcf.cli.streams import say
from ovcf.errors import MissingExtraError, RegistryError


def serve(
    *,
    folder: Path | None = None,
    port: int = 8321,
    workers: int = 1,
    browser: Annotated[bool, Parameter(negative="--no-browser")] = False,
    people: Annotated[bool, Parameter(negative="")] = False,
    address: str | None = None,
    oidc: Path | None = None,
    listen: str = "127.0.0.1",
    proxy: str = "127.0.0.1",
    concluding: Annotated[int | None, Parameter(validator=validators.Number(gte=0, lte=64))] = None,
) -> None:
    """Open the registry in the browser: drop studies, read them, follow patients. Only this machine can reach it.

    The registry is made where there is none. The printed address lets one browser in, once. Images are assessed by
    workers beside the service; what they were doing when the machine stopped is done again. The REST service is
    described at /api/v1/openapi.json. Needs the extra `serve`.

    Try

        ovcf serve

        ovcf serve --folder registry --port 8400

        ovcf serve --people --address https://ovcf.example.org

    Args:
        folder: The data folder; OVCF_DATA or the user's own where it is not given.
        port: Port of this machine; 0 takes a free one.
        workers: Studies that are assessed at the same time; each takes one to two cores and some 2 GiB of memory.
        browser: Open the address in the browser.
        people: For several people, who sign in (see `ovcf person`), each seeing the patients of their own site.
        address: With --people, the https address by which a proxy on this machine is reached.
        oidc: With --people, settings of an OpenID provider (docs/how-to/accounts.md).
        listen: With --people, the address that is listened on, where the proxy is another machine or container.
        proxy: With --people, the address of the proxy, whose word is taken for where requests come from.
        concluding: With --people, processes in which edits are concluded; one for each core and at most 4 unless given,
            with 0 the service does it itself.
    """
    if any(find_spec(name) is None for name in ("fastapi", "uvicorn", "sqlalchemy", "alembic")):
        raise MissingExtraError(
            "ovcf serve", "needs the extra `serve`", 'Run pip install ".[serve]" in the folder of the source.'
        )
    from ovcf.registry import place
    from ovcf.server.serve_registry import serve_registry

    if folder is not None:
        os.environ[place.DATA] = str(folder.expanduser().absolute())
    if people:
        _serve_people(address or f"http://127.0.0.1:{port}", oidc, (listen, port), proxy, (workers, concluding))
        return
    if address or oidc:
        raise RegistryError("--address and --oidc", "are for several people", "Give --people, too.")
    registry = place.open_registry(create=True)

    def ready(address: str) -> None:
        say(
            f"{address}\nThis address lets one browser in, once. Stop with Ctrl C; everything is kept in "
            f"{place.data_folder()}."
        )
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


def _serve_people(
    address: str, oidc: Path | None, listen: tuple[str, int], proxy: str, many: tuple[int, int | None]
) -> None:
    """For several people, over a registry that an administrator made."""
    if any(find_spec(name) is None for name in ("argon2", "authlib", "limits")):
        raise MissingExtraError(
            "ovcf serve --people", "needs the extra `serve`", 'Run pip install ".[serve]" in the folder of the source.'
        )
    from ovcf.registry import place
    from ovcf.server.people.address import Address
    from ovcf.server.people.oidc import Provider
    from ovcf.server.people.oidc_settings import ProviderSettings
    from ovcf.server.people.serve import serve_people

    at = Address.parse(address)
    provider = None if oidc is None else Provider(ProviderSettings.read(oidc))
    registry = place.open_registry()

    def ready() -> None:
        say(
            f"{at.origin}\nListening on {listen[0]}:{listen[1]}. Stop with Ctrl C; everything is kept in "
            f"{place.data_folder()}."
        )
        sys.stdout.flush()

    try:
        serve_people(
            registry,
            place.data_folder(),
            address=at,
            listening_on=listen,
            provider=provider,
            proxy=proxy,
            ready=ready,
            workers=many[0],
            concluding=many[1],
            environment=dict(os.environ),
        )
    finally:
        registry.close()

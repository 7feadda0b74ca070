"""One assessment for all who have it done in a process of its own: the service's worker and batches."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ovcf.workflow.draft import Draft


def assessed(
    paths: Sequence[Path],
    options: Mapping[str, Any],
    *,
    clinical: Path | None = None,
    tell: Callable[[str], None] | None = None,
) -> Draft:
    """Assess the images of one study as ``ovcf assess`` does.

    ``options`` may hold ``roles`` (a mapping, or texts ``NAME=ROLE``), ``levels`` (as for ``--level``), ``fracture``,
    ``flip``, ``pixel_mm`` and ``engine``.

    Raises:
        OvcfError: an input cannot be used.
    """
    from ovcf.workflow.from_files import draft_from_files

    roles = options.get("roles") or ()
    return draft_from_files(
        paths,
        clinical=clinical,
        roles=[f"{name}={role}" for name, role in roles.items()] if isinstance(roles, dict) else roles,
        anchors=options.get("levels") or (),
        fracture=options.get("fracture"),
        flip=options.get("flip"),
        pixel_mm=options.get("pixel_mm"),
        engine=options.get("engine") or "builtin",
        progress=tell,
    )

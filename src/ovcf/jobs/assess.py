"""One assessment for all who have it done in a process of its own: the service's worker and batches."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ovcf.imaging.study import Study
    from ovcf.workflow.draft import Draft


def images_of(paths: Sequence[Path], options: Mapping[str, Any]) -> Study:
    """The images of one study as :func:`assessed` reads them, for who shows them too.

    Raises:
        OvcfError: they cannot be read.
    """
    from ovcf.workflow.from_files import read_images

    return read_images(paths, _roles(options))


def assessed(
    paths: Sequence[Path],
    options: Mapping[str, Any],
    *,
    images: Study | None = None,
    clinical: Path | None = None,
    tell: Callable[[str], None] | None = None,
    pictured: bool = True,
) -> Draft:
    """Assess the images of one study as ``ovcf assess`` does.

    ``options`` may hold ``roles`` (a mapping, or texts ``NAME=ROLE``), ``levels`` (as for ``--level``), ``fracture``,
    ``flip``, ``pixel_mm`` and ``engine``. ``images`` are those of the paths where they were read already
    (:func:`images_of`). Unless it is ``pictured`` no reading can be kept of it.

    Raises:
        OvcfError: an input cannot be used.
    """
    from ovcf.workflow.from_files import draft_from_files

    return draft_from_files(
        paths,
        clinical=clinical,
        roles=_roles(options),
        anchors=options.get("levels") or (),
        fracture=options.get("fracture"),
        flip=options.get("flip"),
        pixel_mm=options.get("pixel_mm"),
        engine=options.get("engine") or "builtin",
        progress=tell,
        images=images,
        pictured=pictured,
    )


def _roles(options: Mapping[str, Any]) -> Sequence[str]:
    roles = options.get("roles") or ()
    return [f"{name}={role}" for name, role in roles.items()] if isinstance(roles, dict) else roles

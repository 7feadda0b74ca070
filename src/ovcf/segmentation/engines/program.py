"""A program of others as an engine: it runs by itself, in its own environment.

In our environment such programs would replace packages and bring several gigabytes of others. So nothing of them is
imported: the volume is written as NIfTI, their command is called, and the maps that it writes are read through their
label scheme.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass, replace
from importlib.metadata import distributions
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.anatomy import STANDARD_COLUMN, Level, VertebralColumn
from ovcf.errors import EngineError, GridMismatchError, LabelSchemeError, Remedy, RemedyCode, SeriesChoiceError
from ovcf.files.workspace import workspace
from ovcf.geometry import ras_from_lps
from ovcf.imaging.study import Role
from ovcf.imaging.volume import Volume
from ovcf.language.worded import say
from ovcf.segmentation.engines.declare import DeclaredEngine, Gives
from ovcf.segmentation.label_map import VertebralBodies, bodies_from_labels, read_label_volume
from ovcf.segmentation.schemes import SCHEMES, anchor_hint

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from ovcf.imaging.field_of_view import FieldOfView

LIMIT_VARIABLE = "OVCF_ENGINE_MINUTES"
_LIMIT_MINUTES = 120.0
"""On processors alone, without a graphics card, either program takes many minutes for one stack."""
_REPORT_EVERY_S = 60.0


def _or_built_in(what: str) -> Remedy:
    """What to do, or else to let the built-in model look."""
    return Remedy(say("{what} or use the built-in model.", what=what), RemedyCode.CHOOSE_THE_ENGINE).having(
        engine="builtin"
    )


_NO_WEIGHTS = re.compile(
    r"could not download|failed to download|weights are missing|urlopen error|HTTP Error \d+|max retries exceeded"
    r"|SPINEPS_SEGMENTOR_MODELS' = .* does not exist|totalspineseg data folder does not exist",
    re.IGNORECASE,
)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class Program:
    """A segmentation program: ``command`` is found on PATH unless the environment variable ``variable`` names it.

    ``arguments`` gives its command line for an image and an output folder; ``outputs`` the maps it then writes: the
    vertebrae and, if apart, the subregions. ``discs`` and ``sacrum`` are their numbers in the last of these maps.
    """

    command: str
    title: str
    variable: str
    package: str
    weights: str
    citation: str
    arguments: Callable[[Path, Path, Role], list[str]]
    outputs: Callable[[Path, Path], tuple[Path, ...]]
    discs: Collection[int]
    sacrum: Collection[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalEngine:
    """A program of others behind :class:`ovcf.segmentation.engines.declare.Engine`.

    ``progress`` is told what goes on, once a minute; ``limit_minutes`` ends a run that takes longer (None: the
    environment variable ``OVCF_ENGINE_MINUTES``, else two hours).
    """

    program: Program
    progress: Callable[[str], None] | None = None
    limit_minutes: float | None = None

    @property
    def name(self) -> str:
        """Program and version.

        Raises:
            EngineError: it is not installed.
        """
        return f"{self.program.title} {_version(_executable(self.program)) or '(version unknown)'}"

    def segment(
        self,
        volume: Volume,
        role: Role,
        *,
        name: str = "image",
        anchors: Mapping[int, Level] | None = None,
        column: VertebralColumn = STANDARD_COLUMN,
        field: FieldOfView | None = None,
    ) -> VertebralBodies:
        """See :class:`~ovcf.segmentation.engines.declare.Engine`; levels are its own unless ``anchors`` are given.

        Raises:
            EngineError: the program is not installed, has no weights, fails, takes too long or writes no map.
            GridMismatchError: what it writes does not lie on the image.
        """
        del field  # these programs name levels by what they see
        program, made_by = self.program, self.name
        if role is Role.RADIOGRAPH:
            raise SeriesChoiceError(
                name, say("is a radiograph, which {title} does not read", title=program.title), "Give MRI or CT."
            )
        with workspace() as folder:
            contrast = {Role.T1: "T1w", Role.CT: "ct"}.get(role, "T2w")
            image, out = Path(folder, f"sub-ovcf_{contrast}.nii.gz"), Path(folder, "out")
            _write(volume, image)
            self._say(
                say("{made_by} segments {name}: minutes, on processors alone far longer", made_by=made_by, name=name)
            )
            log = Path(folder, "log.txt")
            command = [str(_executable(program)), *program.arguments(image, out, role)]
            self._run(command, made_by, log)
            maps = [_read(path, volume, made_by, log) for path in program.outputs(image, out)]
        labels, parts = maps[0], maps[1] if len(maps) > 1 else None
        bodies = bodies_from_labels(labels, name, parts=parts, scheme=program.command, anchors=anchors, column=column)
        if not anchors:
            _refuse_impossible(bodies, made_by, program.command)
        discs, sacrum = (Volume(np.isin(maps[-1].voxels, [*k]), volume.affine) for k in (program.discs, program.sacrum))
        return replace(
            bodies,
            engine=made_by,
            discs=discs,
            sacrum=sacrum,
            notes=(
                *bodies.notes,
                say("when you publish, cite {title} ({citation})", title=program.title, citation=program.citation),
            ),
        )

    def _say(self, text: str) -> None:
        if self.progress is not None:
            self.progress(text)

    def _run(self, command: list[str], made_by: str, log: Path) -> None:
        """Run to the end, everything printed going to ``log``; no child outlives this call."""
        limit_s = 60 * (self.limit_minutes or float(os.environ.get(LIMIT_VARIABLE, _LIMIT_MINUTES)))
        apart = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHOME")}
        began = monotonic()
        with log.open("wb") as printed:
            try:
                process = subprocess.Popen(  # noqa: S603  # the program that the person named or installed
                    command,
                    cwd=log.parent,
                    env=apart,
                    stdin=subprocess.DEVNULL,
                    stdout=printed,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                raise EngineError(
                    made_by, say("cannot be started ({error})", error=error), _or_built_in("Install it anew,")
                ) from error
        try:
            while process.poll() is None:
                left = limit_s - (monotonic() - began)
                if left <= 0:
                    raise EngineError(
                        made_by,
                        say(
                            "was stopped after {limit_s:.0f} minutes{kept}",
                            limit_s=limit_s / 60,
                            kept=_kept(log, made_by),
                        ),
                        _or_built_in(
                            say(
                                "Allow more minutes in {limit_variable}, run it where there is a graphics card,",
                                limit_variable=LIMIT_VARIABLE,
                            )
                        ),
                    )
                try:
                    process.wait(timeout=min(left, _REPORT_EVERY_S))
                except subprocess.TimeoutExpired:
                    self._say(
                        say(
                            "{made_by}, {monotonic:.0f} min: {last_line}",
                            made_by=made_by,
                            monotonic=(monotonic() - began) / 60,
                            last_line=_last_line(log),
                        )
                    )
        finally:
            _end(process)
        if process.returncode:
            raise self._failed(process.returncode, made_by, log)

    def _failed(self, code: int, made_by: str, log: Path) -> EngineError:
        """Why it failed, in its own words."""
        missing = [line for line in _lines(log) if _NO_WEIGHTS.search(line)]
        if missing:
            return EngineError(
                made_by,
                say("could not get its model weights ({missing})", missing=min(missing, key=len)),
                _or_built_in(
                    say("Let it fetch them once where there is a network, or {weights};", weights=self.program.weights)
                ),
            )
        how = (
            say("was ended by {name}", name=signal.Signals(-code).name)
            if code < 0
            else say("failed (exit code {code})", code=code)
        )
        memory = " (out of memory?)" if code == -getattr(signal, "SIGKILL", 9) else ""
        return EngineError(
            made_by,
            say("{how}{memory}: {line}{kept}", how=how, memory=memory, line=_last_line(log), kept=_kept(log, made_by)),
            _or_built_in("Try it by itself on this image,"),
        )


def declared(program: Program, licence: str) -> DeclaredEngine:
    """The declaration of a program that reads MRI and CT and names every structure; ``licence`` is that of its code."""
    return DeclaredEngine(
        id=program.command,
        title=program.title,
        reads=(Role.T2, Role.T1, Role.STIR, Role.FS_T2, Role.CT),
        gives=(Gives.BODIES, Gives.LEVELS, Gives.CANAL, Gives.DISCS, Gives.SACRUM),
        licence=licence,
        citation=program.citation,
        needs=say(
            "the program in an environment of its own, on PATH or named in {variable}, and its weights",
            variable=program.variable,
        ),
        make=lambda asked: ExternalEngine(program=program, progress=asked.progress),
    )


def _executable(program: Program) -> Path:
    named = os.environ.get(program.variable)
    found = shutil.which(named or program.command)
    if found is None:
        problem = (
            say("{variable} names no program ({named})", variable=program.variable, named=named)
            if named
            else "is not installed"
        )
        raise EngineError(
            program.title,
            problem,
            _or_built_in(
                say(
                    "Install it in an environment of its own (python -m venv {command}-env; "
                    '{command}-env/bin/pip install "{package}") and name its command: '
                    "{variable}={command}-env/bin/{command};",
                    command=program.command,
                    package=program.package,
                    variable=program.variable,
                )
            ),
        )
    return Path(found).absolute()


def _version(executable: Path) -> str | None:
    """The installed version, from the package folders of the program's environment; None where it has none there."""
    root = executable.resolve().parent.parent
    folders = [str(p) for lib in ("lib*/python*/*-packages", "Lib/site-packages") for p in root.glob(lib)]
    return next((d.version for d in distributions(name=executable.stem, path=folders)), None)


def _write(volume: Volume, path: Path) -> None:
    import nibabel

    affine = ras_from_lps(volume.affine)
    image: Any = nibabel.Nifti1Image  # nibabel is half typed
    image = image(np.nan_to_num(np.asarray(volume.voxels, np.float32)), affine)
    image.set_sform(affine, 1)
    image.set_qform(affine, 1)
    nibabel.save(image, path)


def _read(path: Path, volume: Volume, made_by: str, log: Path) -> Volume:
    if not path.is_file():
        raise EngineError(
            made_by,
            say(
                "ended without writing {name} ({last_line}){kept}",
                name=path.name,
                last_line=_last_line(log),
                kept=_kept(log, made_by),
            ),
            _or_built_in("Check that the image shows a spine,"),
        )
    found = read_label_volume(path)
    if not found.same_grid(volume):
        raise GridMismatchError(
            made_by,
            say(
                "wrote {name} on another grid ({shape}) than the image ({shape_2})",
                name=path.name,
                shape=found.voxels.shape,
                shape_2=volume.voxels.shape,
            ),
            _or_built_in("Its version may differ from the one this was made for;"),
        )
    return found


def _refuse_impossible(bodies: VertebralBodies, made_by: str, scheme: str) -> None:
    """Names that no spine could have, such as lumbar distances between cervical names, are not believed."""
    voxels = bodies.labels.voxels
    centres = {k: bodies.labels.to_patient(np.argwhere(voxels == k).mean(axis=0)) for k in bodies.levels}
    why = SCHEMES[scheme].why_not(centres) if len(centres) > 1 else None
    if why is not None:
        raise LabelSchemeError(
            bodies.name,
            say("{made_by} names its vertebrae so that {why}", made_by=made_by, why=why),
            anchor_hint(centres),
        )


def _lines(log: Path) -> list[str]:
    """What the program printed, without colours; of a progress bar what it showed last."""
    lines = log.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n").split("\n")
    shown = (_COLOUR.sub("", line.rstrip("\r").rpartition("\r")[2]).strip() for line in lines)
    return [line[:400] for line in shown if line]


def _last_line(log: Path) -> str:
    return next(reversed(_lines(log)), "it printed nothing")


def _kept(log: Path, made_by: str) -> str:
    """Where a copy of everything printed is kept, as the end of a sentence."""
    with tempfile.NamedTemporaryFile(prefix=f"ovcf-{made_by.split()[0].lower()}-", suffix=".log", delete=False) as copy:
        copy.write(log.read_bytes())
    return say("; all it printed is in {name}", name=copy.name)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program and every worker it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (AttributeError, ProcessLookupError, PermissionError):  # no process groups here, or none left
        process.kill()
    process.wait()

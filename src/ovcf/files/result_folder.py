"""A folder of results that is always whole, and never takes the place of anything but its own earlier self."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ovcf.errors import OutputError
from ovcf.files.leftovers import beside, discard, lock_of, sweep
from ovcf.files.lock import BusyError, locked
from ovcf.files.result_manifest import begin, kind_of, seal, sealed_as, strange, to_disk, write_private
from ovcf.files.swap import exchange

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_ELSEWHERE = "Choose an empty or a new folder for the result; nothing was changed."
_WAIT_S = 10.0
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class ResultFolder:
    """A place where a result may go: absent, empty, or an earlier result that nobody touched since.

    ``kind`` says what it is: a report takes the place of a report only, for example. ``found`` is the digest of the
    earlier result's record: what is there when the result is put in place must be what was there when the place was
    chosen, or another run has been at work meanwhile.
    """

    path: Path
    kind: str
    found: str | None

    @classmethod
    def at(cls, out: Path | str, kind: str = "result", inputs: Iterable[Path | str] = ()) -> ResultFolder:
        """The folder ``out``, if a result may go there; what killed runs left beside it is removed.

        Raises:
            OutputError: it holds anything that ovcf did not write, that was changed since, or is of another kind; it
                holds one of the ``inputs``; it is a file, a link, or a folder that cannot be exchanged as a whole.
        """
        path = absolute(out)
        with _named(path):
            sweep(path)
            _refuse_inputs(path, inputs)
            return cls(path, kind, _earlier(path, path, kind))

    def write(self, files: Mapping[str, bytes]) -> None:
        """Put a result of these files in place; see `staged`."""
        with self.staged() as stage:
            for name, data in files.items():
                (stage / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                write_private(stage / name, data)

    @contextmanager
    def staged(self) -> Iterator[Path]:
        """A private folder to write a result into, which goes into place as a whole when it is done.

        At every moment ``path`` holds what was there before, or the new result whole. Where system or file system
        cannot exchange two folders in one step (Windows, some network drives), ``path`` is absent between two renames,
        and a run that is killed just there has its earlier result put back by the next; a step without this gap would
        need a link or a pointer in the place of the folder.

        Raises:
            OutputError: the folder cannot be written, or another run wrote it meanwhile.
        """
        stage = beside(self.path, ".stage")
        with _named(self.path):
            missing = [parent for parent in self.path.parents if not parent.exists()]
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with locked(lock_of(self.path), wait_s=_WAIT_S):
                    try:
                        stage.mkdir(mode=0o700)
                        begin(stage)
                        yield stage
                        seal(stage, self.kind)
                        self._publish(stage)
                        to_disk(self.path.parent)
                    finally:
                        with suppress(OSError):  # what stays is for the next run
                            discard(stage)
            except BusyError:
                raise OutputError(
                    self.path, "is being written by another run", "Wait for it, or choose another folder."
                ) from None
            finally:
                for parent in missing:
                    with suppress(OSError):
                        parent.rmdir()

    def _publish(self, stage: Path) -> None:
        """Exchange the finished stage and what is in its place; what was there is looked at again before it goes."""
        self._refuse_unless_as_found(self.path)
        if self.found is None:
            if self.path.exists():
                self.path.rmdir()
            stage.rename(self.path)
        elif exchange(stage, self.path):
            try:
                self._refuse_unless_as_found(stage)
            except BaseException:
                exchange(stage, self.path)
                raise
        else:
            self._publish_in_two_steps(stage)

    def _publish_in_two_steps(self, stage: Path) -> None:
        earlier = beside(self.path, ".earlier")
        try:
            self.path.rename(earlier)
            stage.rename(self.path)
            self._refuse_unless_as_found(earlier)
        except BaseException:
            if earlier.exists():
                if self.path.exists():
                    self.path.rename(stage)
                earlier.rename(self.path)
            raise
        with suppress(OSError):
            discard(earlier)

    def _refuse_unless_as_found(self, folder: Path) -> None:
        if _earlier(folder, self.path, self.kind) != self.found:
            raise OutputError(
                self.path,
                "was changed by another run or by hand while this one was at work",
                "Look at it, then run again or choose another folder; nothing was changed.",
            )


def absolute(path: Path | str) -> Path:
    """A path from the root, its folder resolved, itself not.

    Raises:
        OutputError: ``~name`` of nobody, or links in a ring.
    """
    try:
        full = Path(path).expanduser().absolute()
        return full.resolve() if full.name in ("", "..") else full.parent.resolve() / full.name
    except (RuntimeError, OSError) as error:
        raise OutputError(path, f"is no place to write to ({error})", "Check the path.") from None


def _earlier(path: Path, shown: Path, kind: str) -> str | None:
    """The digest of the result that is there; None for nothing or an empty folder.

    Raises:
        OutputError: there is something that must not be replaced.
    """
    if path.is_symlink():
        raise OutputError(shown, "is a link", "Give the folder itself; nothing was changed.")
    if not path.exists():
        return None
    if not path.is_dir():
        raise OutputError(shown, "is a file, not a folder", _ELSEWHERE)
    if os.path.ismount(path) or path in (here := Path.cwd().resolve(), *here.parents):
        raise OutputError(
            shown,
            "is mounted, or the folder that you are in, and cannot be replaced as a whole",
            f"Give a folder in it, {shown / 'report'} for example.",
        )
    if others := strange(path):
        more = f", and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
        raise OutputError(shown, f"holds {'; '.join(others[:_SHOWN])}{more}", _ELSEWHERE)
    found = sealed_as(path)
    if found and (there := kind_of(path)) != kind:
        raise OutputError(shown, f"holds another result (not {kind}, but {there})", _ELSEWHERE)
    return found


def _refuse_inputs(path: Path, inputs: Iterable[Path | str]) -> None:
    """No input may lie where a result goes, by whatever name it is reached."""
    if not path.exists():
        return
    place = path.stat()
    for given in map(Path, inputs):
        with suppress(OSError, RuntimeError):
            ways = {given.absolute(), given.resolve()}
            for above in {folder for way in ways for folder in (way, *way.parents)}:
                if above.exists() and os.path.samestat(above.stat(), place):
                    raise OutputError(path, f"holds {given}, which is read", _ELSEWHERE)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """An error of the operating system as one that says what could not be written."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            path, f"cannot be written ({error.strerror or error})", "Choose another folder for the result."
        ) from None

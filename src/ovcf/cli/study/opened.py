"""What every command of ``ovcf study`` needs: the registry, who acts, and which study is meant."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from ovcf.errors import StudyError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from enum import StrEnum
    from typing import TypeVar

    from ovcf.registry.access import Act
    from ovcf.registry.store import Registry, Writer
    from ovcf.registry.tables import Person, Study

    E = TypeVar("E", bound=StrEnum)

Acting = Annotated[str | None, Parameter(name="--as", help="Code of the person who acts, where there are several.")]
Which = Annotated[str | None, Parameter(name="--study", help="Id of the study, where the registry holds several.")]


@dataclass(frozen=True, slots=True)
class Opened:
    """The registry, and the person who acts."""

    registry: Registry
    person: Person

    @contextmanager
    def writing(self, study: str | None) -> Iterator[tuple[Writer, Study]]:
        """Write to a study; all of it is kept, or nothing."""
        from ovcf.study.conduct.studies import study_named

        with self.registry.writing(self.person.id) as writer:
            yield writer, study_named(writer.session, study)


@contextmanager
def opened(as_: str | None, act: Act) -> Iterator[Opened]:
    """The registry as the environment names it, and who acts, if their role allows the ``act``.

    Raises:
        RegistryError: it is not clear who acts. ForbiddenError: their role does not allow it.
    """
    from ovcf.cli.registry.opened import open_registry
    from ovcf.registry.service import person_named

    registry = open_registry()
    try:
        with registry.reading() as session:
            person = person_named(session, as_, act)
        yield Opened(registry, person)
    finally:
        registry.close()


def day(text: str | None) -> date:
    """A date as it is typed; today if none is.

    Raises:
        StudyError: it is none.
    """
    if text is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise StudyError("date", f"{text!r} is not a date", "Write it as YYYY-MM-DD.") from None


def word(text: str, words: type[E], what: str) -> E:
    """One of a closed list as it is typed.

    Raises:
        StudyError: it is none.
    """
    if text not in [w.value for w in words]:
        raise StudyError(what, f"{text!r} is not known", f"Choose: {', '.join(w.value for w in words)}.")
    return words(text)


def pairs(given: tuple[str, ...], option: str) -> dict[str, str]:
    """``NAME=VALUE`` taken apart.

    Raises:
        StudyError: one that is not so, or a name given twice.
    """
    found: dict[str, str] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name.strip():
            raise StudyError(option, f"{one!r} is not NAME=VALUE", f"Write it like {option} age_years=74.")
        if name.strip() in found:
            raise StudyError(option, f"{name.strip()!r} is given twice", "Give it once.")
        found[name.strip()] = value.strip()
    return found

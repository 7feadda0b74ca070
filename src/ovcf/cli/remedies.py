"""What to do, in the words of the command line: the sentence for everybody, and the option that does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.errors import RemedyCode, SeveralClinicalDataError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ovcf.errors import OvcfError, Remedy

    Given = Mapping[str, str]


def words(remedy: Remedy) -> str:
    """The sentence, and behind it the options of ``ovcf assess`` or ``ovcf score`` that stand for it."""
    options = _OPTIONS[remedy.code](remedy.given)
    return f"{remedy.text.rstrip().removesuffix('.')}: {options}" if options else remedy.text


def message(error: OvcfError) -> str:
    """An error as one line: where, what is wrong, what to do; several entries of a file on a line each."""
    if isinstance(error, SeveralClinicalDataError):
        each = (f"  {message(one).removeprefix(f'{error.where}: ')}" for one in error.each)
        return "\n".join((f"{error.where}: {len(error.each)} entries cannot be used.", *each))
    return f"{error.where}: {error.problem}. {words(error.remedy)}"


def _level(given: Given) -> str:
    image = f"{given['image']}:" if "image" in given else ""
    said = f"{image}{given.get('label', 'NUMBER')}={given.get('level', 'LEVEL')}"
    return f'--level "{said}"' if " " in said else f"--level {said}"


def _scheme(given: Given) -> str:
    schemes = [name for name in given.get("schemes", "").split(", ") if name]
    return " or ".join(f"--scheme {name}" for name in schemes or ["NAME"])


def _role(given: Given) -> str:
    return f'--role "{given.get("series", "NAME")}={given.get("role", "ROLE")}"'


_OPTIONS: dict[RemedyCode, Callable[[Given], str]] = {
    RemedyCode.AS_SAID: lambda _: "",
    RemedyCode.NAME_A_LEVEL: _level,
    RemedyCode.CORRECT_A_LEVEL: lambda given: _level({**given, "label": "NUMBER"}),
    RemedyCode.NAME_THE_SCHEME: _scheme,
    RemedyCode.NAME_SCHEME_OR_LEVEL: lambda given: f"{_scheme(given)}, or {_level(given)}",
    RemedyCode.NAME_THE_ROLE: _role,
    RemedyCode.NAME_THE_INDEX_VERTEBRA: lambda _: "--fracture L1",
    RemedyCode.CHECK_THE_LEVELS: lambda _: "--fracture, --level, or the landmark file",
    RemedyCode.GIVE_A_LABEL_MAP: lambda _: "--labels FILE",
    RemedyCode.PLACE_LANDMARKS: lambda _: "--landmarks FILE",
    RemedyCode.PLACE_OR_DRAW: lambda _: "--landmarks FILE or --labels FILE",
    RemedyCode.SAY_HOW_IT_IS_HELD: lambda _: (
        "--flip none if it is at the top, --flip upside-down if at the bottom, --flip head-left or --flip head-right"
    ),
    RemedyCode.CHOOSE_THE_ENGINE: lambda given: f"--engine {given.get('engine', 'NAME')}",
    RemedyCode.GIVE_BOTH_ERRORS: lambda _: "--vhl-sd and --ka-sd",
}

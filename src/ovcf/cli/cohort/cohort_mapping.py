"""One look at how a table was understood, before anything is made of it: shown, confirmed, kept as a dictionary."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ovcf.cli.streams import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.cohort.data.dictionary import Dictionary
    from ovcf.cohort.mapping.guess import Guess, Mapping


def understood(
    mapping: Mapping, own: Dictionary | None, data: Path, *, yes: bool, command: Sequence[str]
) -> tuple[Dictionary, bytes]:
    """The dictionary that a mapping stands for once it is confirmed, and its text; a certain one needs no question.

    ``command`` is what was asked for, without a dictionary: how to go on is said with it.

    Raises:
        CohortDataError: it was not confirmed. The dictionary is then written for editing, and the message says how to
            go on.
    """
    from ovcf.cohort.mapping.write import mapping_text
    from ovcf.errors import CohortDataError

    if not mapping.is_certain:
        _show(mapping)
        answer = "yes" if yes else ""
        if not yes and sys.stdin is not None and sys.stdin.isatty():
            mapping = _answered(mapping)
            answer = _ask("Analyse these columns? yes / no (no: they are written as a file that you can edit)")
        unsaid = [g for g in mapping.guesses if g.open_codes]
        if unsaid or answer.strip().casefold() not in ("y", "yes"):
            path = _write_beside_work(data, mapping_text(mapping, own).encode())
            what = (
                "nobody has said what "
                + "; ".join(f"{', '.join(g.open_codes)} of {g.heading!r}" for g in unsaid)
                + f' stand for, and nothing was analysed. Answer each "?" in {path}'
                if unsaid
                else f"nothing was analysed, for these columns are guesses. They are written to {path}: correct them"
            )
            go_on = shlex.join([*command, "--dictionary", str(path)])
            accept = "" if unsaid else " (or accept them as they are with --yes)"
            raise CohortDataError(data, what, f"Then go on with: {go_on}{accept}")
    mine = own.variables if own else ()
    whole = mapping.dictionary()
    comma = whole.decimal_comma or bool(own and own.decimal_comma)
    ignored = own.ignored if own else None
    return replace(whole, variables=(*mine, *whole.variables), ignored=ignored, decimal_comma=comma), mapping_text(
        mapping, own
    ).encode()


def _show(mapping: Mapping) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from ovcf.cli.terminal import Terminal

    table = Table("Your heading", "Column", "Read as", "Examples", "Look here", box=SIMPLE_HEAD, pad_edge=False)
    table.columns[1].no_wrap = True
    for g in mapping.guesses:
        v = g.variable
        unit = ", ".join([v.unit] * bool(v.unit) + [f"yours times {v.factor:.4g}"] * (v.factor != 1))
        codes = ", ".join(f"{code} = {label}" for code, label in v.levels if code != label)
        look = "; ".join(d.value for d in g.doubts)
        table.add_row(g.heading, v.name, codes or unit or v.label, ", ".join(g.examples), look)
    say("How your headings are understood:")
    Terminal().print(table)
    if mapping.decimal_comma:
        say("Numbers are written with a decimal comma: 1,5 is one and a half.")
    if mapping.gaps:
        say(f"Taken as not known: {', '.join(mapping.gaps)}")
    for u in mapping.unfit:
        say(f"{u.heading!r} may be {u.name}, but its values are not such: {', '.join(u.examples)}")
    if named := [h for h in mapping.ignored if h]:
        say(f"Not used: {', '.join(named)}")


def _answered(mapping: Mapping) -> Mapping:
    """Ask what each unexplained code stands for; what is not answered stays open."""
    return replace(mapping, guesses=tuple(_explained(g) if g.open_codes else g for g in mapping.guesses))


def _explained(guess: Guess) -> Guess:
    from ovcf.cohort.data.dictionary import OPEN
    from ovcf.vocabulary import choice

    allowed = guess.variable.allowed
    # Letters, for the codes asked about are mostly numbers themselves.
    by_letter = dict(zip("abcdefghijklmnopqrstuvwxyz", allowed, strict=False))
    shown = ", ".join(f"{letter} {label}" for letter, label in by_letter.items())
    levels = []
    for code, label in guess.variable.levels:
        if label == OPEN:
            answer = _ask(f"{guess.heading!r}: what does {code} stand for? {shown} (empty: not known)").strip()
            label = by_letter.get(answer.casefold()) or choice(answer, allowed) or OPEN
        levels.append((code, label))
    said = ", ".join(f"{code} = {label}" for code, label in levels)
    say(f"{guess.heading!r}: {said}")
    order = {label: i for i, label in enumerate(allowed)}
    levels.sort(key=lambda pair: order.get(pair[1], -1))
    return replace(guess, variable=replace(guess.variable, levels=tuple(levels)))


def _ask(question: str) -> str:
    say(question, end=": ")
    sys.stdout.flush()
    try:
        return input()
    except EOFError:
        return ""


def _write_beside_work(data: Path, content: bytes) -> Path:
    """The dictionary into the folder one works in, under a name that is free or holds just this."""
    from ovcf.errors import OutputError
    from ovcf.files.result_file import write_file

    for number in range(1, 1000):
        path = Path(f"{data.stem}-columns{'' if number == 1 else f'-{number}'}.toml")
        if path.is_file() and path.read_bytes() == content:
            return path
        if not path.exists():
            write_file(path, content)
            return path
    raise OutputError(path, "and 998 of its kind exist", "Remove those that you do not need.")

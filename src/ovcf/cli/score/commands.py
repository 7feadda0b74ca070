"""``ovcf score``: every published score from its inputs. Each command is made from the declaration of its score."""

from __future__ import annotations

from difflib import get_close_matches
from inspect import Parameter as Argument
from inspect import Signature
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from ovcf.cli.score.score_output import show, table
from ovcf.cli.streams import say, say_json
from ovcf.clinical.number import UNANSWERED, parse_quantity
from ovcf.errors import ClinicalDataError, ScoreInputError
from ovcf.scores.registry import function_of, published, scores
from ovcf.vocabulary import choice

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ovcf.scores.declare import Example, Input, Score

_KIND = {"option": Argument.KEYWORD_ONLY, "first": Argument.POSITIONAL_ONLY, "rest": Argument.VAR_POSITIONAL}

app = App(
    name="score",
    help="Compute a published score from its items; without a name, list the scores.",
    help_epilogue="""What is not given is missing, never zero. Minus may be a hyphen or "−"; decimals take a point.
    A percentage may carry its sign. `ovcf score NAME --help` shows an example of each.""",
)


_ELSEWHERE = {
    "frax": "It is not computed here: what its website says goes into the clinical file, as frax_mof_percent and "
    "frax_hip_percent. "
}


@app.default
def without_a_score(
    *names: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)], json: bool = False
) -> None:
    """List the scores.

    Args:
        json: Print every declaration as JSON.
    """
    if names:
        name = names[0].lower()
        near = get_close_matches(name, scores(), n=1)
        hint = f"Did you mean {near[0]}? " if near else _ELSEWHERE.get(name, "")
        known = ", ".join(sorted(scores()))
        raise ScoreInputError(f"score {names[0]!r}", "is not known", f"{hint}The scores are {known}.")
    list_(json=json)


@app.command(name="list")
def list_(*, json: bool = False) -> None:
    """List the scores.

    Args:
        json: Print every declaration as JSON: inputs, items, thresholds, points, groups, sources.
    """
    if json:
        from pydantic import TypeAdapter

        say_json(TypeAdapter(dict).dump_json(published(), indent=2).decode())
        return
    table(("Score", "What it is"), ((id_, score.title) for id_, score in sorted(scores().items())))
    say("ovcf score NAME --help says what a score takes, with an example.")


def command_of(score: Score) -> Callable[..., None]:
    """The command of a declared score."""
    first, rest, options = ([i for i in score.inputs if i.place == p] for p in ("first", "rest", "option"))

    def command(*positional: Any, json: bool = False, **named: Any) -> None:
        values = {i.id: _value(i, text) for i, text in zip(first, positional, strict=False)}
        if rest:
            values["answers"] = [_value(_asked(rest, k), text) for k, text in enumerate(positional[len(first) :])]
        values |= {i.id: _value(i, named.get(i.id, i.default)) for i in options}
        show(function_of(score.id)(**values), json, score)

    typed = [*map(_argument, first), *(_answers(rest) if rest else ()), *map(_argument, options)]
    typed.append(Argument("json", Argument.KEYWORD_ONLY, default=False, annotation=_named(bool, "", "Print JSON.")))
    command.__signature__ = Signature(typed)  # type: ignore[attr-defined]  # what inspect and cyclopts read
    command.__annotations__ = {a.name: a.annotation for a in typed}
    examples = "\n\n".join(f"    ovcf score {score.id} {example_of(score, one)}" for one in score.examples)
    stop = "" if score.title.endswith("?") else "."
    about = f"{score.about}\n\n" if score.about else ""
    whom = f"Population: {score.population}. Not for: {score.not_for}."
    command.__doc__ = f"{score.title}{stop}\n\n{about}{whom}\n\nTry\n\n{examples}"
    return command


def _asked(rest: list[Input], k: int) -> Input:
    """The input of the answer at place k, by which a refusal names it; the first where an answer may be of any."""
    return rest[k] if k < len(rest) and rest[k].kind == rest[0].kind else rest[0]


def example_of(score: Score, values: Mapping[str, Example]) -> str:
    """An example of a declaration as one would type it behind ``ovcf score NAME``."""
    words = [_word(values[i.id]) for i in score.inputs if i.place == "first" and i.id in values]
    answers = values.get("answers", ())
    words += map(_word, answers if isinstance(answers, tuple) else (answers,))
    for input_ in score.inputs:
        value = values.get(input_.id)
        if input_.place != "option" or value is None:
            continue
        if isinstance(value, bool):
            words.append(input_.typed_as if value else input_.typed_as.replace("--", "--no-", 1))
        else:
            words += [input_.typed_as, *map(_word, value if isinstance(value, tuple) else (value,))]
    return " ".join(words)


def _word(value: Example | None) -> str:
    text = "x" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    return f'"{text}"' if " " in text else text


def _argument(input_: Input) -> Argument:
    kind = _KIND[input_.place]
    types: dict[str, Any] = {"flag": bool, "numbers": tuple[str, ...]}
    type_ = types.get(input_.kind, str)
    required = input_.required or input_.place == "rest"
    if not required and input_.default is None:
        type_ = type_ | None
    name = input_.typed_as if input_.place == "option" else ""
    more: dict[str, Any] = {"allow_leading_hyphen": True} if type_ in (str, str | None) else {}
    if input_.kind == "numbers":
        more["consume_multiple"] = True
    default = Argument.empty if required else str(input_.default) if type_ is str else input_.default
    choices = f" [choices: {', '.join(input_.words)}]" if input_.kind == "word" else ""
    return Argument(
        input_.id, kind, default=default, annotation=_named(type_, name, f"{input_.help}.{choices}", **more)
    )


def _answers(rest: list[Input]) -> list[Argument]:
    """The answers that stand one after the other: as their own input says, or the order that they are given in."""
    in_order = rest[0].kind == rest[-1].kind
    about = f"{len(rest)} answers, in this order: {', '.join(i.said for i in rest)}" if in_order else rest[0].help
    return [Argument("answer" if in_order else rest[0].id, _KIND["rest"], annotation=_named(str, "", f"{about}."))]


def usage_of(score: Score) -> str:
    """How the command is typed: what must be given by its place, then options."""
    rest = [i for i in score.inputs if i.place == "rest"]
    words = [i.id.upper().replace("_", "-") for i in score.inputs if i.place == "first"]
    if rest:
        words.append("ANSWER..." if rest[0].kind == rest[-1].kind else f"{rest[0].id.upper()}...")
    return " ".join(["Usage: ovcf score", score.id, *words, "[OPTIONS]"])


def _named(type_: Any, name: str, help_: str, **more: Any) -> Any:
    return Annotated[type_, Parameter(name=name or None, help=help_, **more)]


def _value(input_: Input, text: Any) -> Any:
    """What was typed, as the declared kind. Ranges and words are left to the score, which names them."""
    where = input_.typed_as
    if input_.kind == "numbers":
        return [None if t.strip() in UNANSWERED else parse_quantity(t, field=where) for t in text]
    if input_.kind == "word" and text is not None:
        return choice(text, input_.words) or text
    if text is None or input_.kind not in ("number", "whole"):
        return text
    if input_.place == "rest" and text.strip() in UNANSWERED:
        return None
    x = parse_quantity(str(text), field=where, unit=input_.unit)
    if input_.kind == "whole" and x != int(x):
        raise ClinicalDataError(where, f"{text!r} is no whole number", "Give a whole number.")
    return int(x) if input_.kind == "whole" else x


for _score in scores().values():
    app.command(command_of(_score), name=_score.id, usage=usage_of(_score))

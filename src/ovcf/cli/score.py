"""``ovcf score``: every published score from its items."""

from __future__ import annotations

from cyclopts import App

from ovcf.cli import score_fracture, score_outcomes
from ovcf.cli.streams import say, say_json

app = App(
    name="score",
    help="Compute a published score from its items; without a name, list the scores.",
    help_epilogue="""What is not given is missing, never zero. Minus may be a hyphen or "−"; decimals take a point.
    `ovcf score NAME --help` shows an example of each.""",
)


@app.default
def scores(*, json: bool = False) -> None:
    """List the scores.

    Args:
        json: Print JSON.
    """
    from ovcf.cli.score_output import table
    from ovcf.scores.registry import SCORES

    if json:
        from pydantic import TypeAdapter

        say_json(TypeAdapter(dict).dump_json(SCORES, indent=2).decode())
        return
    table(("Score", "What it is"), ((name, entry.help) for name, entry in SCORES.items()))
    say("ovcf score NAME --help says what a score takes, with an example.")


for _module in (score_fracture, score_outcomes):
    for _name, _command in _module.COMMANDS.items():
        app.command(_command, name=_name)

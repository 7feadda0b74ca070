"""``ovcf score``: every published score from its items. Each command is imported when it is called."""

from __future__ import annotations

from cyclopts import App

app = App(
    name="score",
    help="""Compute a published score from its items; without a name, list the scores.

    What is not given is missing, never zero. Minus may be a hyphen or "−"; decimals take a point.

        ovcf score nasovcf --type compression --vhl 17.8 --ka 19.6 --t2 "diffuse low" --t-score -3.6
    """,
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

        print(TypeAdapter(dict).dump_json(SCORES, indent=2).decode())
        return
    table(("Score", "What it is"), ((name, entry.help) for name, entry in SCORES.items()))
    print("ovcf score NAME --help says what a score takes, with an example.")


for _module, _names in {
    "score_fracture": ("nasovcf", "of-class", "of", "tlics", "ao", "genant"),
    "score_outcomes": (
        "t-score", "odi", "joabpeq", "joabpeq-effect", "pain", "analgesics", "change", "progressive-kyphosis",
        "non-union",
    ),
}.items():  # fmt: skip
    for _name in _names:
        app.command(f"ovcf.cli.{_module}:{_name.replace('-', '_')}", name=_name)

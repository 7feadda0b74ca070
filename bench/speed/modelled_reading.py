"""How long a practised reader takes to correct a case on the reading page, by the keystroke-level model.

The steps are those that tests/e2e/test_modelled_reading.py takes in a real browser, where it counts the operators.
Times: S. K. Card, T. P. Moran, A. Newell, "The keystroke-level model for user performance time with interactive
systems", Commun. ACM 1980;23:396-410, for an average typist; a mouse button as they counted it later (0.1 s).
"""

from dataclasses import dataclass

SECONDS = {"K": 0.28, "P": 1.1, "B": 0.1, "H": 0.4, "M": 1.35, "R": 0.1}
#: What the letters stand for; R is what ``make bench-web`` allows from an edit to its number.
WORDS = {
    "K": "a key",
    "P": "pointing with the mouse",
    "B": "a mouse button pressed or let go",
    "H": "a hand from mouse to keys or back",
    "M": "a decision, or a look to check",
    "R": "the answer of the page",
}
ALLOWED_S = 40.0


@dataclass(frozen=True)
class Step:
    """One thing that the reader does, and its operators in the order they come."""

    words: str
    operators: str

    @property
    def seconds(self) -> float:
        """What the model says it takes."""
        return sum(SECONDS[o] for o in self.operators)


STEPS = (
    Step("look at the impression and at each of the two images", "MMM"),
    Step("take the body whose name is wrong", "MPBB"),
    Step("open its names, choose the next one: all others follow", "HMKKR"),
    Step("see that the names are right now", "M"),
    Step("drag the first corner", "HMPBPBR"),
    Step("drag the second corner", "MPBPBR"),
    Step("see that height loss, kyphosis and score follow", "MMM"),
    Step("sign by Ctrl and Enter", "HMKKR"),
)


def total() -> float:
    """All steps together, in seconds."""
    return sum(step.seconds for step in STEPS)


def main() -> None:
    print("## Time to correct a case on the page, modelled\n")
    print(
        "A practised reader corrects one level and two corners and signs, by the keystroke-level model (Card, Moran "
        f"and\nNewell 1980): **{total():.1f} s**, where {ALLOWED_S:.0f} s are allowed. It is a model: "
        "thinking about the patient, and finding what is\n"
        "wrong, take what they take. A test performs these very steps in a browser and counts the operators.\n"
    )
    print("Operators: " + ", ".join(f"{o} {WORDS[o]} ({s:g} s)" for o, s in SECONDS.items()) + ".\n")
    print("| Step | Operators | Seconds |\n|---|---|---:|")
    for step in STEPS:
        print(f"| {step.words} | {step.operators} | {step.seconds:.2f} |")
    print(f"| all | {sum(len(s.operators) for s in STEPS)} | {total():.2f} |")


if __name__ == "__main__":
    main()

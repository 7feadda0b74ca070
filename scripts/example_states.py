"""The states a report can be in: of each a patient, what the clinic knows, and what must be true of the report."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ovcf.anatomy import Level
from ovcf.assessment.findings.kinds import SpineGrades
from ovcf.guidance.statement import Urgency
from ovcf.phantom.recipe import FractureRecipe, Recipe
from ovcf.report.figure import Figure
from ovcf.scores.result import ScoreResult, Status, Withholding
from ovcf.vocabulary import Sex, T2Pattern
from ovcf.workflow.draft import Draft

MR, FILM = ("T1", "T2", "STIR"), ("DX",)
"""Folders of a digital study."""


@dataclass(frozen=True)
class Report:
    """One example as it was made."""

    draft: Draft
    figures: tuple[Figure, ...]
    page: str
    """The visible words of the HTML page."""

    @property
    def nasovcf(self) -> ScoreResult | None:
        return next((s for s in self.draft.assessment.scores if s.score.upper() == "NASOVCF"), None)

    @property
    def front(self) -> list[str]:
        """The titles of the panels of page one."""
        return [f.title for f in self.figures if f.place == "front"]

    @property
    def spine(self) -> list[SpineGrades]:
        return [f.data for f in self.draft.assessment.findings if isinstance(f.data, SpineGrades)]

    def urgent(self, urgency: Urgency) -> bool:
        return any(s.urgency is urgency for s in self.draft.assessment.guidance)

    def first(self, *words: str) -> bool:
        """Whether these words stand on the page in this order, each before the next, whatever their case."""
        places = [self.page.lower().find(w.lower()) for w in words]
        return -1 not in places and places == sorted(places)


@dataclass(frozen=True)
class Example:
    """A state of the report: the patient, what the clinic knows, and what must be true of the report (``claims``)."""

    name: str
    title: str
    see: str
    claims: Mapping[str, Callable[[Report], object]]
    recipe: Recipe | None = None
    parts: tuple[str, ...] = (*FILM, *MR)
    anchors: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Clinical facts beyond those of the digital patient; None takes one away."""


def wedge(level: Level = Level.L1, loss: float = 22.0, **more: Any) -> FractureRecipe:
    return FractureRecipe(level=level, vhl_percent=loss, **more)


def patient(*fractures: FractureRecipe, seed: int = 11, **more: Any) -> Recipe:
    return Recipe(
        seed=seed,
        sex=Sex.FEMALE,
        age_years=74,
        t_score=-3.1,
        centre=more.pop("centre", Level.L1),
        field_strength_t=1.5,
        motion=0.0,
        haemangiomas=(),
        schmorl_nodes=(),
        fractures=fractures,
        **more,
    )


RECENT = patient(wedge(), kyphosis_deg=17)
L5_LAST = ("11=L5",)
INTACT = {
    "bladder_or_bowel": False,
    "saddle_anaesthesia": False,
    "progressive_weakness": False,
    "gait_change": False,
    "n_grade": "N0",
}


def withheld(*why: Withholding) -> Callable[[Report], object]:
    return lambda r: r.nasovcf is not None and r.nasovcf.total is None and set(why) & set(r.nasovcf.withheld)


NO_ITEMS: Mapping[str, Callable[[Report], object]] = {
    "the points of no item are shown": lambda r: r.nasovcf is not None and not r.nasovcf.items
}
THREE = ["Radiograph", "MRI T1", "MRI STIR"]


def starts(*names: str) -> Callable[[Report], object]:
    """Whether the panels of page one are of these images, in this order."""
    return lambda r: len(r.front) == len(names) and all(t.startswith(n) for t, n in zip(r.front, names, strict=True))


EXAMPLES = (
    Example(
        "recent-l1-fracture",
        "A recent fracture of L1",
        "The impression and the three pictures come first, then the five items of the score with their limits. The "
        "group of the patient stands beside what happened to such patients.",
        {
            "L1 is the index vertebra": lambda r: r.draft.assessment.index_level is Level.L1,
            "the score is complete": lambda r: r.nasovcf and r.nasovcf.status is Status.COMPLETE,
            "nothing is urgent": lambda r: not r.urgent(Urgency.EMERGENCY) and not r.urgent(Urgency.URGENT),
            "radiograph, T1 and STIR stand on page one": starts(*THREE),
        },
        RECENT,
        anchors=L5_LAST,
        facts={"neurology": INTACT, "weeks_since_onset": 2},
    ),
    Example(
        "two-fractures",
        "Two fractures at once",
        "The clinic names L1 and knows of T11. Both are graded, and the report says which one it assesses.",
        {
            "T11 and L1 are graded as fractured": lambda r: any(
                {Level.T11, Level.L1} <= {*s.fractured} for s in r.spine
            ),
            "L1 is the index vertebra": lambda r: r.draft.assessment.index_level is Level.L1,
            "T11 is named on the page": lambda r: "T11" in r.page,
        },
        patient(wedge(), wedge(Level.T11, 24.0), seed=23),
        anchors=(*L5_LAST, "radiograph:13=L5"),
        facts={"neurology": INTACT},
    ),
    Example(
        "old-fracture",
        "An old fracture",
        "The marrow of L1 is like that of its neighbours, so the fracture is not recent. The score and its rates are "
        "withheld with this reason, and a reader can overrule it.",
        {
            "the score is withheld because the fracture is not recent": withheld(Withholding.NOT_RECENT),
            "the height loss is still given": lambda r: any(
                m.method.id == "vhl-han" and m.index_level is Level.L1 for m in r.draft.assessment.measurements
            ),
        },
        patient(wedge(edema_percent=0.0, t2_pattern=T2Pattern.NONE), kyphosis_deg=17, disc_degeneration=0.2),
        anchors=L5_LAST,
        facts={"neurology": INTACT, "weeks_since_onset": 60},
    ),
    Example(
        "cemented-vertebra",
        "A cemented vertebra",
        "L1 holds bone cement, and the clinic says so. The report measures it, gives no points and suggests no further "
        "augmentation of it.",
        {"the score is withheld because L1 was treated": withheld(Withholding.TREATED)},
        patient(wedge(cement=True, loss=20.0), seed=31),
        anchors=("12=L5", "radiograph:12=L5"),
        facts={"neurology": INTACT},
    ),
    Example(
        "tumour-suspected",
        "A tumour is suspected",
        "A history of cancer and two signs on MRI are urgent and stand first. Total, group, items and rates are hidden "
        "until the cause is known.",
        {
            "it is urgent": lambda r: r.urgent(Urgency.URGENT) or r.urgent(Urgency.EMERGENCY),
            "the urgent words stand before the score": lambda r: r.first("urgent", "NASOVCF"),
            "the score is withheld because of the tumour": withheld(Withholding.TUMOUR, Withholding.CAUSE_OPEN),
            **NO_ITEMS,
        },
        RECENT,
        anchors=L5_LAST,
        facts={
            "neurology": INTACT,
            "red_flags": {"cancer_history": True, "convex_posterior_border": True, "pedicle_signal": True},
        },
    ),
    Example(
        "cord-emergency",
        "An emergency of cord or cauda equina",
        "What was recorded and what to do now stand first, in red. The MRI of the canal is the first picture and bears "
        "no marks.",
        {
            "it is an emergency": lambda r: r.urgent(Urgency.EMERGENCY),
            "the emergency stands before the score": lambda r: r.first("emergency", "NASOVCF"),
            "the MRI of the canal is the first picture": lambda r: r.front[0].startswith("MRI T2"),
            "it bears no marks": lambda r: "<circle" not in r.figures[0].svg and ">L1<" not in r.figures[0].svg,
            "the score is withheld": withheld(Withholding.NEUROLOGY),
            **NO_ITEMS,
        },
        RECENT,
        anchors=L5_LAST,
        facts={"neurology": {"bladder_or_bowel": True, "saddle_anaesthesia": True}},
    ),
    Example(
        "nothing-fractured",
        "Nothing fractured",
        "It says how many vertebrae were graded and which were not, and why. What was not graded is never counted as "
        "sound.",
        {
            "no vertebra is graded as fractured": lambda r: r.spine and not any(s.fractured for s in r.spine),
            "some are graded": lambda r: any(s.graded for s in r.spine),
            "every ungraded one is named": lambda r: all(
                u.level is None or u.level.value in r.page for s in r.spine for u in s.ungraded
            ),
            "there is no index vertebra": lambda r: r.draft.assessment.index_level is None,
        },
        patient(seed=5, centre=Level.L2),
        facts={"neurology": INTACT},
    ),
    Example(
        "level-unsure",
        "The level is not sure",
        "The question comes first, with the bodies numbered in front of them. Until it is answered the report names no "
        "level.",
        {
            "a question is asked": lambda r: r.draft.assessment.questions,
            "its picture is the first": lambda r: r.figures[0].place == "question",
            "every body that is asked about bears its number": lambda r: (
                r.draft.assessment.questions
                and all(
                    f">{b.number}<" in f.svg
                    for q, f in zip(r.draft.assessment.questions, r.figures, strict=False)
                    for b in q.bodies
                )
            ),
            "no vertebra is named by a finding": lambda r: not any(f.level for f in r.draft.assessment.findings),
        },
        patient(wedge(Level.T10), seed=12, centre=Level.T9),
        facts={"index_level": None, "neurology": INTACT},
    ),
    Example(
        "radiograph-only",
        "Only a radiograph",
        "The T2 item is missing, so the total is a range. The film stands beside the enlarged fracture, in one wide "
        "picture.",
        {
            "one wide picture stands on page one": starts("Radiograph"),
            "the score is incomplete and gives a range": lambda r: (
                r.nasovcf and r.nasovcf.status is Status.INCOMPLETE and r.nasovcf.attainable and r.nasovcf.missing
            ),
        },
        RECENT,
        FILM,
        ("radiograph:11=L5",),
        {"neurology": INTACT},
    ),
    Example(
        "mri-only",
        "Only MRI",
        "Three MRI panels stand on page one. Height loss and kyphosis are supine ones, and the report says that Han "
        "used radiographs.",
        {
            "three MRI panels stand on page one": starts("MRI T1", "MRI STIR", "MRI T2"),
            "the score is complete": lambda r: r.nasovcf and r.nasovcf.status is Status.COMPLETE,
            "the posture is supine": lambda r: "supine" in r.page,
        },
        RECENT,
        MR,
        L5_LAST,
        {"neurology": INTACT},
    ),
    Example(
        "everything-missing",
        "Everything missing",
        "Nothing but an age was given. The report says what is needed first and shows no empty table.",
        {
            "there is no picture": lambda r: not r.figures,
            "nothing is measured": lambda r: not r.draft.assessment.measurements,
            "no total is shown": lambda r: r.nasovcf is None or r.nasovcf.total is None,
        },
        parts=(),
        facts={"patient_id": "PHANTOM-0", "age_years": 74, "sex": "female"},
    ),
)

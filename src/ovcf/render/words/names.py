"""What readers call each measurement, in a few words, and where it stands in the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ovcf.anatomy import STANDARD_COLUMN
from ovcf.language.worded import say

if TYPE_CHECKING:
    from ovcf.anatomy import Level
    from ovcf.measures.measurement import Measurement

SCORED, SHAPE, SIGNAL, SPINE, OTHER = (
    "Used in NASOVCF",
    "Heights and shape",
    "Signal, endplates and wall",
    "Whole spine",
    "Other",
)
GROUPS = (SCORED, SHAPE, SIGNAL, SPINE, OTHER)


class Name(NamedTuple):
    """A label, its definition in half a line, the group of the table, and the place in it."""

    label: str
    definition: str
    group: str
    order: int


_NAMES: dict[str, tuple[str, str, str]] = {
    "vhl-han": ("Height loss", "mean of anterior and posterior height against both neighbours", SCORED),
    "ka-han": ("Local kyphosis", "lower endplate of {above} to upper endplate of {below}", SCORED),
    "t2-low-percent": ("Low T2 area", "share of the body area, mid-sagittal", SCORED),
    "ha": ("Anterior height", "", SHAPE),
    "hm": ("Middle height", "", SHAPE),
    "hp": ("Posterior height", "", SHAPE),
    "wedge-ratio": ("Anterior / posterior", "", SHAPE),
    "biconcave-ratio": ("Middle / posterior", "", SHAPE),
    "crush-ratio-above": ("Posterior height / that of {above}", "", SHAPE),
    "crush-ratio-below": ("Posterior height / that of {below}", "", SHAPE),
    "lovbh": ("Anterior height loss", "against both neighbours", SHAPE),
    "mean-height-loss-above": ("Mean height loss", "against {above}", SHAPE),
    "mean-height-loss-below": ("Mean height loss", "against {below}", SHAPE),
    "wedge-angle": ("Wedge angle", "upper to lower endplate of {index}", SHAPE),
    "cobb-bisegmental": ("Cobb angle", "upper endplate of {above} to lower endplate of {below}", SHAPE),
    "angle-above": ("Angle with the vertebra above", "upper endplate of {above} to lower endplate of {index}", SHAPE),
    "height-difference": ("Posterior minus anterior height", "", SHAPE),
    "t1-low-percent": ("Low T1 signal", "share of the body volume", SIGNAL),
    "fluid-high-percent": ("High STIR or fat-suppressed T2 signal", "share of the body volume", SIGNAL),
    "t2-high-percent": ("High T2 area", "share of the body area, mid-sagittal", SIGNAL),
    "bme-percent": ("Edema", "all slices, share of the body area", SIGNAL),
    "cleft-percent": ("Cleft", "share of the body volume", SIGNAL),
    "superior-endplate-sink": ("Upper endplate depression", "share of the neighbours' height", SIGNAL),
    "inferior-endplate-sink": ("Lower endplate depression", "share of the neighbours' height", SIGNAL),
    "posterior-wall-bulge": ("Posterior wall", "behind the line of its corners", SIGNAL),
    "vbq": ("Bone quality (VBQ)", "T1 signal of L1 to L4 over CSF, without fractured levels", SPINE),
    "vbq-t2": ("Bone quality on T2 (VBQ-CSF)", "T2 signal of L1 to L4 over CSF, without fractured levels", SPINE),
    "vbq-all-levels": ("Bone quality, all levels", "fractured levels too", SPINE),
}
_ORDER = {id_: i for i, id_ in enumerate(_NAMES)}
LEFT_OUT = frozenset(
    {"avhr"} | {f"sq-loss-{shape}{end}" for shape in ("wedge", "biconcave", "crush") for end in ("", "-normalised")}
)
"""The same figures under another name: the ratio is what the loss leaves, the losses are behind the grade."""


def name_of(m: Measurement, index: Level | None) -> Name:
    """The words for one measurement; its own where nobody has given it shorter ones."""
    if m.method.id not in _NAMES:
        return Name(m.method.name, "", OTHER, len(_ORDER))
    label, definition, group = _NAMES[m.method.id]
    levels = STANDARD_COLUMN.levels
    at = levels.index(index) if index in levels else None
    above = str(levels[at - 1]) if at else "the vertebra above"
    below = str(levels[at + 1]) if at is not None and at + 1 < len(levels) else "the vertebra below"
    if len(m.levels) == 3:
        above, below = str(m.levels[0]), str(m.levels[2])
    words = {"above": above, "below": below, "index": index or "the body"}
    return Name(say(label, **words), say(definition, **words), group, _ORDER[m.method.id])

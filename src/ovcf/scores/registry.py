"""Every score by name: where it lives, what it is, what it rests on. Importing this imports none of them."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Entry:
    """One published score: ``where`` is ``module:function`` below ``ovcf.scores``."""

    where: str
    help: str
    evidence: tuple[str, ...]

    def load(self) -> Callable[..., Any]:
        """The function itself."""
        module, name = self.where.split(":")
        function: Callable[..., Any] = getattr(import_module(f"ovcf.scores.{module}"), name)
        return function


SCORES = {
    "nasovcf": Entry("nasovcf:nasovcf", "NASOVCF: non-union and kyphosis to expect, 0-12 points", ("han-2025",)),
    "of-class": Entry("of:of_class", "OF classification, OF1-OF5", ("schnake-2018",)),
    "of": Entry("of:of_score", "OF score, version named", ("blattert-2018", "of-score-2025")),
    "tlics": Entry("tlics:tlics", "TLICS, for traumatic fractures", ("lee-2005",)),
    "ao": Entry("ao_spine:ao_spine_class", "AO Spine thoracolumbar class, A0-A4, B, C", ("ao-spine-2013",)),
    "genant": Entry("genant:genant", "Genant grades of a spine, summed up", ("genant-1993",)),
    "t-score": Entry("t_score:who_class", "WHO class of a T-score", ("who-1994",)),
    "odi": Entry("odi:odi", "Oswestry disability index, percent", ("odi",)),
    "joabpeq": Entry(
        "joabpeq:joabpeq_domain", "JOABPEQ domain score, by coefficients of your own", ("joabpeq", "fukui-2009")
    ),
    "joabpeq-effect": Entry(
        "joabpeq:joabpeq_effect", "JOABPEQ: was treatment effective in a domain?", ("kasai-2017", "fukui-2009")
    ),
    "pain": Entry("pain:pain", "Pain by VAS (0-10 or mm) or NRS", ("uk-commissioning-vas",)),
    "analgesics": Entry("analgesics:analgesic_class", "Analgesic class, 0-3", ("voormolen-2006",)),
    "change": Entry(
        "change:judge_change", "Does a change reach the MCID, and exceed its error?", ("ostelo-2008", "mannion-odi")
    ),
    "progressive-kyphosis": Entry(
        "follow_up:progressive_kyphosis", "More than 10° more kyphosis, in the same posture?",
        ("han-2025", "posture-kyphosis"),
    ),
    "non-union": Entry("follow_up:non_union", "Cleft or mobility at 6 months?", ("han-2025", "fracture-union-2020")),
}  # fmt: skip

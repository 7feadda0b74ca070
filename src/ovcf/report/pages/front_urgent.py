"""Page one where something is urgent, or the score is withheld: the band, what was recorded, what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.guidance.statement import Urgency
from ovcf.language.worded import joined, say
from ovcf.measures.outline.endplates_and_wall import BULGE_LIMIT_MM, WALL_BULGE
from ovcf.measures.shape.height import VERTEBRAL_HEIGHT_LOSS
from ovcf.measures.shape.kyphosis import LOCAL_KYPHOSIS_ANGLE
from ovcf.measures.signal.edema import BONE_MARROW_EDEMA
from ovcf.measures.signal.recent_fracture import FLUID_HIGH, T1_LOW
from ovcf.plain_text import listed
from ovcf.render.blocks import band, bold, cited, column, heading, hold, said, soft, split, table
from ovcf.render.seen import image_words
from ovcf.render.words.score_words import so_made, why_withheld
from ovcf.render.words.values import limits_of, near, value_text, with_interval
from ovcf.render.words.wording import decimal, plain, sentence
from ovcf.scores.result import Withholding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ovcf.guidance.statement import Statement
    from ovcf.render.blocks import Block, Text
    from ovcf.render.seen import Seen

    Cite = Callable[[Iterable[str]], list[str]]

_TO_OVERRULE = "If you read it as recent, record it as recent: the score is then worked out and says so."
_OVERRULED = "The reader's word goes before the measurement: correct it if that was entered by mistake."
_SIGNS = (
    ("fever", "Fever", "infection"),
    ("cancer_history", "History of cancer", "tumour"),
    ("weight_loss", "Unexplained weight loss", "tumour"),
    ("immune_compromise", "Immune compromise", "infection"),
    ("convex_posterior_border", "Convex posterior border", "tumour"),
    ("pedicle_signal", "Signal in the pedicles", "tumour"),
    ("epidural_mass", "Mass in the canal", "tumour"),
    ("paraspinal_mass", "Mass beside the spine", "tumour"),
    ("other_metastases", "Other metastases", "tumour"),
    ("contiguous_levels", "Neighbouring levels with abnormal signal", "infection"),
    ("endplate_disruption", "Eroded endplates", "infection"),
    ("disc_involvement", "Fluid or enhancement in the disc", "infection"),
    ("abscess", "Abscess", "infection"),
    ("residual_marrow", "Normal marrow left", "osteoporosis"),
    ("retropulsed_fragment", "Fragment pushed back", "osteoporosis"),
    ("low_signal_band", "Low-signal band", "osteoporosis"),
)


def urgent_bands(seen: Seen, cite: Cite) -> list[Block]:
    """One red band for each kind: an emergency, what is urgent, an alert."""
    emergency = [s for s in seen.assessment.guidance if s.urgency is Urgency.EMERGENCY]
    urgent = [s for s in seen.assessment.guidance if s.urgency is Urgency.URGENT]
    blocks = []
    if emergency:
        blocks.append(_band("Emergency: possible cord or cauda equina compression", emergency, cite))
    if urgent:
        kinds = seen.applicability.kinds
        doubts = [w for k, w in ((Withholding.TUMOUR, "tumour"), (Withholding.INFECTION, "infection")) if k in kinds]
        what = joined(" and ", doubts)
        title = say("Urgent: {what} suspected or recorded as the cause", what=what) if what else "Urgent"
        blocks.append(_band(title, urgent, cite))
    alerts = [s for s in seen.assessment.guidance if s.alert]
    if alerts:
        blocks.append(_band(say("Alert: {listed}", listed=listed([s.topic for s in alerts]).lower()), alerts, cite))
    return blocks


def _band(title: str, statements: Sequence[Statement], cite: Cite) -> Block:
    return band("urgent", title, *(said(plain(s.text), cited(cite(s.evidence))) for s in statements))


def emergency(seen: Seen, cite: Cite) -> list[Block]:
    """Nerve function beside what was measured, and what is withheld."""
    n = seen.case.neurology
    rows = [
        ("Bladder or bowel", n.bladder_or_bowel, "new dysfunction"),
        ("Saddle area", n.saddle_anaesthesia, "numb"),
        ("Leg strength", n.progressive_weakness, "new or progressive weakness"),
        ("Gait", n.gait_change, "new disturbance"),
        ("Canal on imaging", n.cord_or_cauda_compression, "cord or cauda equina compressed"),
    ]
    nerve = [[said(bold(name)), _fact(value, present)] for name, value, present in rows]
    left = [heading("Nerve function"), table([column("", width=1), column("", width=1.4)], nerve, style="bare")]
    blocks = [split(left, measured(seen, "95% interval"))]
    return [*blocks, *_withheld(cite, "Neurology comes before every score.", "rule-neurology")]


def _fact(value: bool | None, present: str) -> Text:
    if value is None:
        return said(hold("not recorded: examine now"))
    return said(bold(present)) if value else said("no")


def _withheld(cite: Cite, why: str, source: str) -> list[Block]:
    rows = [[said(bold("NASOVCF")), said(say("Total, group, items and rates. {why}", why=why), cited(cite([source])))]]
    rows.append([said(bold("Augmentation")), said("No advice until this is settled.")])
    return [heading("Withheld"), table([column("", width=1), column("", width=3)], rows, style="bare")]


def cause(seen: Seen, cite: Cite) -> list[Block]:
    """Signs for and against a tumour or an infection, beside what was measured, without points."""
    flags = seen.case.red_flags
    rows = []
    for name, words, points_to in _SIGNS:
        value = getattr(flags, name)
        infection_only = points_to == "infection" and Withholding.INFECTION not in seen.applicability.kinds
        if value is None and infection_only:
            continue
        answer = soft("not recorded") if value is None else bold("present") if value else said("absent")
        rows.append([said(bold(words) if value else words), said(answer), said(points_to)])
    if seen.index in seen.case.focal_lesions:
        rows.insert(
            0, [said(bold(say("Focal lesion of {index}", index=seen.index))), said(bold("present")), said("tumour")]
        )
    columns = [column("Sign", width=1.6), column("In this patient", width=1), column("Points to", width=1)]
    left = [heading("Signs for and against", soft("entered by the reader")), table(columns, rows, style="plain")]
    why = "Han 2025 excluded such fractures. Shown again once the cause is recorded as osteoporosis."
    right = [*measured(seen, "95% interval, no points"), *_withheld(cite, why, "rule-red-flags")]
    return [split(left, right, (1.3, 1.0))]


def measured(seen: Seen, sub: str) -> list[Block]:
    """What was measured at the index vertebra, without points."""
    rows = []
    entered = ((seen.case.vhl_percent, "Height loss", "%"), (seen.case.local_kyphosis_deg, "Local kyphosis", "°"))
    by_hand = {name for value, name, _ in entered if value is not None}
    rows += [
        [
            said(bold(name)),
            said(say("{decimal}{sign}", decimal=decimal(value, 1), sign=sign)),
            said(soft("entered by the reader")),
        ]
        for value, name, sign in entered
        if value is not None
    ]
    for method, name in (
        (VERTEBRAL_HEIGHT_LOSS, "Height loss"),
        (LOCAL_KYPHOSIS_ANGLE, "Local kyphosis"),
        (BONE_MARROW_EDEMA, "Edema"),
        (T1_LOW, "Low T1 signal"),
        (WALL_BULGE, "Posterior wall"),
    ):
        m = seen.measured(method.id)
        if m is None or name in by_hand:
            continue
        beside = hold(" near the limit") if method is WALL_BULGE and near(limits_of(m), BULGE_LIMIT_MM) else ""
        behind = " behind its corners" if method is WALL_BULGE else ""
        rows.append([said(bold(name)), said(with_interval(m), behind, beside), said(soft(image_words(m.source)))])
    if seen.case.used_t_score is not None:
        site = seen.case.t_score_site or "site not recorded"
        rows.append([said(bold("T-score")), said(decimal(seen.case.used_t_score, 1)), said(soft(site))])
    if not rows:
        return []
    columns = [column("", width=1), column("", width=1.7), column("", width=1.3)]
    return [
        heading(say("Measured at {index}", index=seen.index) if seen.index else "Measured", soft(sub)),
        table(columns, rows, style="bare"),
    ]


def held_band(seen: Seen, cite: Cite) -> list[Block]:
    """Why there is no score, by what was measured or recorded, and how a reader can overrule it."""
    result = seen.score
    reasons = [plain(reason.text) for reason in seen.applicability.against]
    lines = [said(sentence(joined("; ", reasons)))]
    if Withholding.NOT_RECENT in seen.applicability.kinds:
        signs = [
            say("{name} in {m}", name=name, m=value_text(m))
            for method, name in ((T1_LOW, "T1 low"), (FLUID_HIGH, "STIR high"))
            if (m := seen.measured(method.id)) is not None
        ]
        if signs:
            lines.append(
                said(say("{signs} of the body; a recent fracture shows at least 10% of each.", signs=listed(signs)))
            )
        overruled = seen.case.recent_fracture is False
        lines.append(said(_OVERRULED if overruled else _TO_OVERRULE))
    elif Withholding.TREATED in seen.applicability.kinds:
        lines.append(
            said("If it was not treated, correct the recorded treatment or cement: the score is then worked out.")
        )
    if result is None or not result.withheld:
        return [band("hold", "Score withheld", *lines)]
    lines.insert(1, said(so_made(result), cited(cite(["han-2025"]))))
    return [band("hold", say("Score withheld: {why_withheld}", why_withheld=why_withheld(result)), *lines)]

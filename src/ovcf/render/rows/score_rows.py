"""The five items of NASOVCF as a table, with each value against its limits, and the rates of Han's groups beside it."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

from ovcf.guidance.evidence import evidence
from ovcf.guidance.wilson import wilson
from ovcf.language.worded import in_clauses, joined, say
from ovcf.measures.shape.height import VERTEBRAL_HEIGHT_LOSS
from ovcf.measures.shape.kyphosis import LOCAL_KYPHOSIS_ANGLE
from ovcf.measures.signal.t2_pattern import LOW_T2_AREA
from ovcf.plain_text import either
from ovcf.render import charts
from ovcf.render.blocks import bold, chart, cited, column, heading, hold, paragraph, run, said, soft, table
from ovcf.render.seen import image_words
from ovcf.render.words.score_words import holds, item_name, maximum, probable, span_of
from ovcf.render.words.values import interval_text, limits_of, near, value_text
from ovcf.render.words.wording import decimal, plain, points, typeset
from ovcf.scores.prognosis.nasovcf import KYPHOSIS_LIMIT_DEG, NASOVCF, VHL_LIMIT_PERCENT, group_of
from ovcf.scores.result import Status
from ovcf.scores.tally import at_least
from ovcf.vocabulary import Modality

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ovcf.measures.measurement import Method
    from ovcf.render.blocks import Block, Run, Text
    from ovcf.render.seen import Seen
    from ovcf.scores.result import ScoreItem, ScoreResult

    Cite = Callable[[Iterable[str]], list[str]]

_HALF_OF_BODY = 50.0
_GROUPS = ("low", "medium", "high")
_RULES = {"low": "fewer than 2 points", "medium": "2 to 4 points", "high": "more than 4 points"}


def score_table(seen: Seen, cite: Cite) -> list[Block]:
    """Items, total, probability; nothing of it where the score is withheld."""
    result = seen.score
    if result is None or not result.items:
        return []
    what = []
    if seen.scored.image and (source := seen.source_of(seen.scored.image)) is not None:
        beside = "" if source.modality is Modality.RADIOGRAPH else "; Han used radiographs"
        what.append(say("measured on {source}{beside}", source=image_words(source), beside=beside))
    blocks = [heading("NASOVCF score", soft(in_clauses(what)), _refs(cite, "han-2025"))]
    columns = [
        column("Item"),
        column("Found (95% interval)", width=1),
        column("Against the limit"),
        column("Points", align="right"),
    ]
    rows = [_row(seen, item) for item in result.items]
    rows.append(_total(result))
    blocks.append(table(columns, rows, style="score"))
    blocks += _below(seen, result)
    return blocks


def _refs(cite: Cite, *ids: str) -> Run:
    return cited(cite(ids))


def _row(seen: Seen, item: ScoreItem) -> list[Text]:
    found, drawn = _found(seen, item)
    of = say(" of {max}", max=points(max(item.possible))) if item.possible else ""
    given = said(hold("–"), soft(of)) if item.points is None else said(bold(points(item.points)), soft(of))
    return [said(item_name(item.name)), found, drawn, given]


def _found(seen: Seen, item: ScoreItem) -> tuple[Text, Text]:
    case, scored = seen.case, seen.scored
    if seen.score is not None and item.name in seen.score.missing:
        return said(hold("not recorded")), []
    if item.name == "Vertebral height loss" and scored.vhl_percent is not None:
        entered = case.vhl_percent is not None
        value, ends = (scored.vhl_percent, None) if entered else _of_image(seen, VERTEBRAL_HEIGHT_LOSS, 0)
        return _measured(value, "%", ends, VHL_LIMIT_PERCENT, "15%", (0.0, 30.0), entered=entered)
    if item.name == "Local kyphosis angle" and scored.local_kyphosis_deg is not None:
        entered = case.local_kyphosis_deg is not None
        value, ends = (scored.local_kyphosis_deg, None) if entered else _of_image(seen, LOCAL_KYPHOSIS_ANGLE, 1)
        return _measured(value, "°", ends, KYPHOSIS_LIMIT_DEG, "15°", (0.0, 30.0), entered=entered)
    if item.name == "T2 signal":
        return _t2(seen, item)
    if item.name == "Bone mineral density T-score" and case.used_t_score is not None:
        site = case.t_score_site or ("by level, without fractured ones" if case.used_t_score != case.t_score else "")
        limits = [(v, decimal(v, 1)) for v in NASOVCF.item(item.name).limits]
        drawn = chart(charts.against_limits(case.used_t_score, None, limits, (-5.0, 0.0)), 28, "")
        note = say(", {site}", site=site) if site else ""
        return said(decimal(case.used_t_score, 1), soft(note)), said(drawn)
    note = ", entered by the reader" if item.points is not None else ""
    return said(
        typeset(item.finding), soft(note), soft(say(" ({note})", note=plain(item.note)) if item.note else "")
    ), []


def _measured(
    value: float,
    sign: str,
    ends: tuple[float, float] | None,
    limit: float,
    label: str,
    span: tuple[float, float],
    *,
    entered: bool,
) -> tuple[Text, Text]:
    interval = (
        ""
        if ends is None
        else say(" ({ends} to {ends_2}{sign})", ends=decimal(ends[0], 1), ends_2=decimal(ends[1], 1), sign=sign)
    )
    high = max(span[1], value + 5)
    low = min(span[0], value - 5)
    drawn = chart(charts.against_limits(value, ends, [(limit, label)], (low, high)), 28, "")
    beside = run("hold", " near\u00a0the\u00a0limit") if near(ends, limit) else ""
    note = soft(", entered by the reader") if entered else ""
    return said(say("{decimal}{sign}", decimal=decimal(value, 1), sign=sign), soft(interval), note, beside), said(drawn)


def _of_image(seen: Seen, method: Method, at: int) -> tuple[float, tuple[float, float] | None]:
    """The value on the image that was scored, with its interval: the very figure of the measurements."""
    scored = seen.scored
    own = [m for m in seen.of_index if m.method.id == method.id and m.source.image == scored.image]
    if own:
        return own[0].value, limits_of(own[0])
    value = float((scored.vhl_percent, scored.local_kyphosis_deg)[at] or 0.0)
    if scored.covariance is None:
        return value, None
    half = NormalDist().inv_cdf(0.975) * float(scored.covariance[at][at]) ** 0.5
    return value, (value - half, value + half)


def _t2(seen: Seen, item: ScoreItem) -> tuple[Text, Text]:
    if seen.case.t2_pattern is not None:
        return said(typeset(item.finding), soft(", entered by the reader")), []
    area = seen.measured(LOW_T2_AREA.id)
    if area is None:
        return said(typeset(item.finding)), []
    ends = limits_of(area)
    drawn = chart(charts.against_limits(area.value, ends, [(_HALF_OF_BODY, "50%")], (0.0, 100.0)), 28, "")
    interval = say(" ({interval_text})", interval_text=interval_text(area)) if interval_text(area) else ""
    beside = run("hold", " near\u00a0the\u00a0limit") if near(ends, _HALF_OF_BODY) else ""
    return said(
        say("{finding}, {area} of the body", finding=typeset(item.finding), area=value_text(area)),
        soft(interval),
        beside,
    ), said(drawn)


def _total(result: ScoreResult) -> list[Text]:
    most = maximum(result)
    of = "" if most is None else say(" of {most}", most=points(most))
    if result.status is Status.COMPLETE and result.total is not None:
        rule = _RULES.get(result.group or "")
        group = said(bold(say("{group} group", group=result.group)), soft(say(" ({rule})", rule=rule) if rule else ""))
        return [said(bold("Total")), group, [], said(bold(points(result.total)), soft(of))]
    if result.attainable is not None:
        groups = (
            say("{attainable_groups} group", attainable_groups=either(result.attainable_groups))
            if result.attainable_groups
            else ""
        )
        return [
            said(bold("Total")),
            said(hold(groups), soft(" still possible")),
            [],
            said(bold(span_of(result)), soft(of)),
        ]
    return [said(bold("Total")), said(hold(result.status.value)), [], []]


def _below(seen: Seen, result: ScoreResult) -> list[Block]:
    lines: list[Text] = []
    most, rest = probable(result)
    if most:
        lines.append(said("Allowing for measurement error: ", bold(most), rest, "."))
    if result.conditions:
        names = joined(" and ", (c.value for c in result.conditions))
        lines.append(said(hold(say("Holds only if the fracture is {names}: not recorded.", names=names))))
    lines += [said(line) for line in _beside(seen, result)]
    if seen.case.vhl_percent is not None or seen.case.local_kyphosis_deg is not None:
        lines.append(said(plain(seen.scored.note)))
    return [paragraph(*_joined(lines), small=True)] if lines else []


def _beside(seen: Seen, result: ScoreResult) -> Iterator[str]:
    """What the other images give, and the total that would follow from each."""
    scored = seen.scored
    if scored.vhl_percent is None or scored.local_kyphosis_deg is None or not scored.image:
        return
    here = _points(scored.vhl_percent, scored.local_kyphosis_deg)
    for source in seen.sources:
        own = {m.method.id: m for m in seen.of_index if m.source.image == source.image}
        vhl, angle = own.get(VERTEBRAL_HEIGHT_LOSS.id), own.get(LOCAL_KYPHOSIS_ANGLE.id)
        if source.image == scored.image or vhl is None or angle is None:
            continue
        moved = _points(vhl.value, angle.value) - here
        then = "the points are the same"
        if moved and result.total is not None:
            total = result.total + moved
            group = group_of(total)
            then = say(
                "{total} points, {group} group", total=points(total), group="same" if group == result.group else group
            )
        elif moved:
            then = say("{moved} points {value}", moved=points(abs(moved)), value="more" if moved > 0 else "fewer")
        yield say(
            "On {source}, height loss is {vhl} and kyphosis {angle}: {then}.",
            source=image_words(source),
            vhl=value_text(vhl),
            angle=value_text(angle),
            then=then,
        )


def _points(vhl_percent: float, kyphosis_deg: float) -> float:
    return 2.0 * (at_least(vhl_percent, VHL_LIMIT_PERCENT) + at_least(kyphosis_deg, KYPHOSIS_LIMIT_DEG))


def _joined(lines: list[Text]) -> Text:
    out: Text = []
    for line in lines:
        out += said(" " if out else "", line)
    return out


def rates_of_groups(seen: Seen, cite: Cite) -> list[Block]:
    """What happened to Han's patients of each group; not shown where the score does not hold for this patient."""
    result = seen.score
    if result is None or not holds(result) or result.group not in _GROUPS:
        return []
    table_ = evidence("han-2025-outcomes")
    blocks = [
        heading("What happened to such patients"),
        paragraph(soft("Han 2025, 208 patients, 6 months"), _refs(cite, "han-2025-outcomes"), small=True),
    ]
    for name, key in (("No bony union", "non_union"), ("Kyphosis worse by more than 10°", "progressive_kyphosis")):
        groups = [(group, wilson(*table_.counts(f"{key}_{group}"))) for group in _GROUPS]
        drawn = chart(charts.rates(groups, result.group), 61, charts.alt_of_rates(groups))
        blocks += [paragraph(bold(name), small=True), paragraph(drawn)]
    care = str(evidence("han-2025")["conservative_treatment"])
    blocks.append(
        paragraph(
            soft(
                say(
                    "Care: {care}. Lines: 95% intervals. Rates of groups of one centre, tested only on the "
                    "patients they came from; not a forecast for this patient.",
                    care=care,
                )
            ),
            small=True,
        )
    )
    return blocks

"""Everything a report prints, as blocks in reading order: the HTML page and the PDF show the same content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ovcf.language.spoken import tag
from ovcf.language.worded import capital, in_clauses, joined, say
from ovcf.plain_text import clean
from ovcf.render.blocks import in_words
from ovcf.render.impression import impression
from ovcf.render.seen import Seen, State, modality_words, posture_words
from ovcf.render.sources import Sources
from ovcf.render.words.wording import day, decimal
from ovcf.report.pages.appendix import appendix
from ovcf.report.pages.front import front_page
from ovcf.report.pages.inside import inside_pages
from ovcf.vocabulary import Modality, ReadingStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.assessment.result import Assessment
    from ovcf.report.figure import Figure

    Row = dict[str, Any]

NOTICE = (
    "Research software, not a medical device. A draft for a qualified reader: every landmark, measurement and "
    "statement must be confirmed by that reader before it is used in the care of a patient."
)
_SHORT_NOTICE = "research software, not a medical device"


def content(assessment: Assessment, figures: Sequence[Figure], *, confirmed_by: str = "") -> Row:
    """The whole report as nested dicts, lists and strings.

    ``confirmed_by`` names the reader who has signed it, and when, where the reading of the assessment does not say so;
    without, it is a draft and says so on each page.
    """
    seen, sources = Seen(assessment), Sources(assessment)
    confirmed_by = confirmed_by or _signed(assessment)
    unsure = seen.state is State.LEVEL_UNSURE or bool(assessment.questions)
    at = ": level to be confirmed" if unsure else say(": {index}", index=seen.index) if seen.index else ""
    # Composed in reading order, since sources are numbered as they are met.
    front = front_page(seen, figures, sources)
    inside = inside_pages(seen, figures, sources)
    behind = appendix(seen, figures, sources)
    patient = clean(assessment.case.patient_id) or "patient not named"
    status = (
        say("confirmed by {confirmed_by}", confirmed_by=clean(confirmed_by))
        if confirmed_by
        else "draft until confirmed by a reader"
    )
    return {
        "lang": tag(),
        "title": in_words(say("Vertebral fracture assessment{at}", at=at)),
        "status": in_words(
            say("Confirmed by {confirmed_by}", confirmed_by=clean(confirmed_by))
            if confirmed_by
            else "Draft, not yet confirmed by a reader"
        ),
        "who": _who(seen),
        "footer": in_words(joined(" · ", (patient, assessment.provenance.software, _SHORT_NOTICE, status))),
        "notice": in_words(NOTICE),
        "front": front,
        "inside": inside,
        "appendix": behind,
        "figures": [
            {"title": in_words(f.title), "caption": in_words(f.caption), "svg": f.svg, "share": f.share}
            for f in figures
        ],
        "summary": in_words(joined(" ", (s.text for s in impression(assessment)))),
    }


def _signed(assessment: Assessment) -> str:
    """``A. Reader, 2 March 2026`` where the reading is signed."""
    record = assessment.reading
    if record is None or record.status is not ReadingStatus.CONFIRMED:
        return ""
    return in_clauses(part for part in (record.reader or "a reader", day(record.confirmed_at)) if part)


def _who(seen: Seen) -> list[Row]:
    """Who, when, and which images; what nobody entered is said to stand in the image header."""
    case, header = seen.case, set(seen.assessment.from_header)

    def told(text: str, *fields: str) -> str:
        return say("{text} (from the image header)", text=text) if header >= set(fields) else text

    age = (
        say("{age_years} years", age_years=decimal(case.age_years, 0))
        if case.age_years is not None
        else "age not recorded"
    )
    sex = case.sex or "sex not recorded"
    person = (
        say("{age}, {sex}", age=age, sex=sex)
        if {"age_years", "sex"} <= header
        else say("{told}, {told_2}", told=told(age, "age_years"), told_2=told(sex, "sex"))
    )
    rows = {
        "Patient": told(clean(case.patient_id) or "not named", "patient_id"),
        "Age, sex": told(person, "age_years", "sex"),
        "Examined": told(day(case.visit_date) or "date not recorded", "visit_date"),
    }
    return [
        *({"label": in_words(k), "value": in_words(v), "wide": False} for k, v in rows.items()),
        {"label": in_words("Images"), "value": in_words(_images(seen)), "wide": True},
    ]


def _images(seen: Seen) -> str:
    """``Lateral radiograph, standing; MRI T1, T2, STIR, supine``."""
    roles = [s.role for s in seen.assessment.series]
    held = {s.modality: posture_words(s) for s in reversed(seen.sources)}
    parts = []
    if "lateral radiograph" in roles:
        posture = held.get(Modality.RADIOGRAPH) or seen.case.posture_radiograph or "posture not recorded"
        parts.append(say("lateral radiograph, {posture}", posture=posture))
    series = [role.removeprefix("sagittal ") for role in roles if role.startswith("sagittal ")]
    if series:
        order = [s for s in ("T1", "T2", "STIR", "fat-suppressed T2") if s in series]
        parts.append(
            in_clauses(
                part for part in (say("MRI {join}", join=joined(", ", order)), held.get(Modality.MR, "")) if part
            )
        )
    parts += ["CT"] if "CT" in roles else []
    if not parts and seen.sources and all(s.entered for s in seen.sources):
        parts = ["no image, entered by the reader"]
    if not parts:
        parts = list(
            dict.fromkeys(
                say(
                    "{modality_words}, {posture_words}",
                    modality_words=modality_words(s),
                    posture_words=posture_words(s),
                )
                for s in seen.sources
            )
        )
    shown = joined("; ", parts) or "not given"
    return capital(shown)

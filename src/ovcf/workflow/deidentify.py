"""A study without what tells whose it is: done before anything looks at it, so that no output can hold it.

Kept are sex, age (up to 90), pixels, geometry and timing. Ids, names, descriptions, free text, file names and UIDs are
replaced; dates are moved by one number of days, so that intervals hold. Pixels are not searched for burned-in text.
The rules follow the Basic Application Level Confidentiality Profile of DICOM PS3.15 Annex E with the options Clean
Descriptors, Retain Longitudinal Temporal Information With Modified Dates and Retain Patient Characteristics.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import uuid
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from ovcf.errors import ClinicalDataError
from ovcf.imaging.field_of_view import FieldOfView
from ovcf.imaging.study import Patient
from ovcf.plain_text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ovcf.clinical.case import ClinicalCase
    from ovcf.imaging.stored import StoredImages
    from ovcf.imaging.study import Series, Study
    from ovcf.landmarks import SpineLandmarks
    from ovcf.segmentation.label_map import VertebralBodies

OLDEST_TOLD = 90
"""Years; a higher age is given as this one, since few people reach it."""
MAX_SHIFT_DAYS = 3650
_PIXELS = "de-identified: the pixels were not searched for names burned into them; look at every picture"
_DESCRIPTION_WORD = re.compile(
    r"2d|3d|acq|ap|axi?a?l?|c|corona?l?|ct|cube|dixon|dwi|fast|fat|fatsat|fil?m|flair|fov|fs|fse|hr|ideal|image|in|inv|ir"
    r"|l|lat|lateral|lspine|ls|lumb|lumbar|lumbosacral|bws|lws|mm|mr|mri|out|opp|phase|post|pre|radiograph|rx|sag|sagittal"
    r"|sat|scout|se|seq|sequence|slices?|space|spair|spc|spin|spine|spinal|echo|spir|standing|stir|stack|supine|t|t1|t1w|t2"
    r"|t2w|te|ti|thora[ck]ic|thoracolumbar|thorax|tirm?|tra|tr|tse|turbo|vista|volume|w|wat|water|weighted|x|xr"
    r"|\d{1,3}(mm)?|(th?|l|s)\d{1,2}"
)
"""What descriptions of a spine's images say of how they were taken; any other word may be a name."""


@dataclass(frozen=True, slots=True)
class Pseudonym:
    """What stands for the patient: a name, the days that every date is moved by, and the key of the new UIDs.

    Raises:
        ClinicalDataError: an empty name, or dates moved by more than ten years.
    """

    name: str
    shift_days: int = field(default_factory=lambda: -1 - secrets.randbelow(365))
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[\w.+ -]{1,64}", self.name) or not self.name.strip():
            raise ClinicalDataError(
                "pseudonym", f"{self.name[:64]!r} cannot be one", "Use 1 to 64 letters, digits, spaces, . _ + and -."
            )
        if abs(self.shift_days) > MAX_SHIFT_DAYS:
            raise ClinicalDataError("shift", f"{self.shift_days} days is too far", f"Use at most {MAX_SHIFT_DAYS}.")

    def uid(self, uid: str) -> str:
        """Another UID (of a UUID, DICOM PS3.5 B.2), the same whenever the same one comes; empty stays empty."""
        if not uid:
            return ""
        digest = hmac.new(self.key, uid.encode("utf-8", "surrogateescape"), hashlib.sha256).digest()
        return f"2.25.{uuid.UUID(bytes=digest[:16], version=4).int}"

    def day(self, iso: str) -> str:
        """An ISO date, moved.

        Raises:
            ClinicalDataError: it would leave the calendar.
        """
        try:
            return (date.fromisoformat(iso) + timedelta(days=self.shift_days)).isoformat()
        except OverflowError:
            raise ClinicalDataError("date", f"{iso} cannot be moved", "Use a smaller shift.") from None


def deidentified_study(study: Study, pseudonym: Pseudonym) -> Study:
    """The study with its people, places and days replaced; every reason and doubt is kept in neutral words."""
    files = dict.fromkeys([name for one in study.series for name in one.files] + [name for name, _ in study.skipped])
    numbered = {name: f"file {k}" for k, name in enumerate(files, 1)}
    described = {one.uid: _description(one) for one in study.series}
    told = [text for one in study.series if (text := one.description) and text != described[one.uid]]
    # Words of ours stay; what came from the files is replaced wherever one of our sentences quotes it.
    words = {
        **{PurePath(name).name: new for name, new in numbered.items()},
        **numbered,
        **dict.fromkeys(told, "the series"),
        **{uid: pseudonym.uid(uid) for one in study.series for uid in (one.uid, one.study_uid, *one.instances)},
        **{day: pseudonym.day(day) for one in study.series if (day := one.acquired_on)},
        **({study.patient.id: pseudonym.name} if study.patient.id else {}),
    }
    neutral = Replacer(words)
    series = tuple(
        replace(
            one,
            uid=pseudonym.uid(one.uid),
            study_uid=pseudonym.uid(one.study_uid),
            instances=tuple(map(pseudonym.uid, one.instances)),
            stored=None if one.stored is None else _stored_under(one.stored, pseudonym),
            description=described[one.uid],
            reasons=tuple(map(neutral, one.reasons)),
            acquired_on=None if one.acquired_on is None else pseudonym.day(one.acquired_on),
            files=tuple(numbered[name] for name in one.files),
            field_of_view=_unquoted(one.field_of_view),
        )
        for one in study.series
    )
    person = study.patient
    return replace(
        study,
        series=series,
        skipped=tuple((numbered[name], neutral(why)) for name, why in study.skipped),
        patient=Patient(id=pseudonym.name, sex=person.sex, age=_told_age(person.age)),
        doubts=(*map(neutral, study.doubts), *([_PIXELS] if study.series else [])),
    )


def deidentified_case(case: ClinicalCase, pseudonym: Pseudonym) -> ClinicalCase:
    """The clinical facts with the pseudonym, moved dates and no free text."""
    dates = {f.name: getattr(case, f.name) for f in fields(case) if f.name.endswith("_date")}
    moved: dict[str, Any] = {name: pseudonym.day(day) for name, day in dates.items() if day is not None}
    return replace(case, patient_id=pseudonym.name, age_years=_told_age(case.age_years), notes=(), **moved)


def deidentified_bodies(bodies: VertebralBodies, number: int) -> VertebralBodies:
    """Bodies of a label map without the name of its file."""
    neutral = Replacer({bodies.name: f"label map {number}", PurePath(bodies.name).name: f"label map {number}"})
    return replace(bodies, name=f"{number}", notes=tuple(map(neutral, bodies.notes)))


def deidentified_landmarks(spine: SpineLandmarks, pseudonym: Pseudonym) -> SpineLandmarks:
    """Landmarks of a file, which may name the image and the day; who placed them stays."""
    vertebrae = []
    for vertebra in spine:
        day = vertebra.source.acquired_on
        source = replace(
            vertebra.source, image="landmark file", acquired_on=None if day is None else pseudonym.day(day)
        )
        vertebrae.append(replace(vertebra, source=source))
    return replace(spine, vertebrae=tuple(vertebrae))


def _stored_under(stored: StoredImages, pseudonym: Pseudonym) -> StoredImages:
    """The stored images under the UIDs that :class:`Pseudonym` gives them; their class is no one's."""
    return replace(
        stored,
        series_uid=pseudonym.uid(stored.series_uid),
        frame_of_reference=pseudonym.uid(stored.frame_of_reference),
        frames=tuple(replace(frame, instance=pseudonym.uid(frame.instance)) for frame in stored.frames),
    )


def _told_age(age: float | None) -> float | None:
    return None if age is None else min(age, float(OLDEST_TOLD))


def _description(series: Series) -> str:
    """The description where it says nothing but how an image was taken, else the role of the series."""
    return series.description if harmless_description(series.description) else series.role.value


def harmless_description(text: str) -> bool:
    """Whether a description says how an image was taken, and nothing else."""
    words = re.findall(r"[^\W\d_]+\d*|\d+[^\W\d_]*", clean(text).lower())
    return bool(words) and all(_DESCRIPTION_WORD.fullmatch(word) for word in words)


def _unquoted(field_of_view: FieldOfView) -> FieldOfView:
    """What the scanner wrote about the place, without the words it wrote."""
    said = ("said in the image header",) if field_of_view.said else ()
    return FieldOfView(field_of_view.region, field_of_view.levels, said)


class Replacer:
    """Replaces whole words or runs of words, the longest first."""

    def __init__(self, words: dict[str, str]) -> None:
        known = {clean(old): new for old, new in words.items() if old.strip()}
        self._new = {**known, **{old: new for old, new in words.items() if old.strip()}}
        self._pattern = _any_of(self._new)

    def __call__(self, text: str) -> str:
        """The text with its words replaced."""
        return text if self._pattern is None else self._pattern.sub(lambda found: self._new[found.group()], text)


def _any_of(words: Iterable[str]) -> re.Pattern[str] | None:
    longest = sorted(map(re.escape, words), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(longest)})(?!\w)") if longest else None

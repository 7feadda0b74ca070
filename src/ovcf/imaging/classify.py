"""What a series can be read for, from its tags, its name and its geometry; each decision with its reasons."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ovcf.imaging.mid_sagittal import degrees_from_sagittal, is_sagittal, slice_normal
from ovcf.imaging.study import Role
from ovcf.imaging.volume import Volume
from ovcf.language.worded import joined, say
from ovcf.vocabulary import Modality, Posture

# Words as scanners and technologists write them (English, German, French, Spanish, Italian, Japanese, Chinese);
# text is lower case with every separator turned into a space.
_STIR = re.compile(r"stir|tirm|short tau|short ti\b")
_T1 = re.compile(r"(?<![a-z0-9])t1(?!\d)|t1w")
_T2 = re.compile(r"(?<![a-z0-9])t2(?!\d)|t2w")
_FAT_SUPPRESSED = re.compile(
    r"\bfs\b|t[12]w? ?fs\b|fat ?sat|fat ?sup|\bspair\b|\bspir\b|\bchess\b|\bwater\b|(dixon|ideal)\b.*\bw\b"
    r"|fett ?(ges|sat|unter)|sat\w* (de )?graisse|supres\w* (de )?grasa|soppress\w* (del )?grass|脂肪抑制|压脂"
)
_FAT_ONLY = re.compile(r"\bfat (only|image)\b|(dixon|ideal)\b.*\b(f|fat)\b|\bopp(osed)? ?ph|out of ph|\bopp\b")
_NOT_MEASURED = re.compile(
    r"t2 ?(\*|star)|\bmedic\b|\bmerge\b|\bm ?ffe\b|\bswi\b|\bdwi\b|\badc\b|diffusion|t2 flair|flair t2|\bmip\b|\bmyelo"
    r"|\bphase contrast|subtract|\bperf"
)
_CONTRAST = re.compile(
    r"\bgd\b|gadol|gado\b|\bkm\b|contrast|kontrast|\bmdc\b|post ?c\b|\bt1 c\b|t1 ?\+ ?c|\+ ?c\b|增强|造影"
)
_NO_CONTRAST = re.compile(
    r"(without|ohne|sans|sin|senza|non|pre) ?(iv )?(contrast|kontrast|km\b|gd\b|gado|mdc)|nativ|native"
)
_CT = re.compile(r"\bct\b|computed tomography")
_LOCALIZER = re.compile(r"locali[sz]er|\bloc\b|scout|survey|topogram|scano|\b3 ?plane\b|plan scan")
_LATERAL = re.compile(r"\blat\b|lateral|seitl|profil|zijd|側面|侧位|\b(ll|rl)\b|\blat (ll|rl)")
_FRONTAL = re.compile(r"\bap\b|\bpa\b|a p\b|frontal|\bface\b|正面|正位")
_POSTURES = (
    (
        Posture.STANDING,
        re.compile(r"stand|erect|upright|weight ?bear|stehend|debout|en charge|\bpie\b|ortosta|立位|站立"),
    ),
    (Posture.SITTING, re.compile(r"sitting|seated|sitzend|assis|sentado|seduto|座位|坐位")),
    (Posture.PRONE, re.compile(r"\bprone\b|bauchlage")),
    (Posture.LATERAL_DECUBITUS, re.compile(r"decub|seitenlage|cross ?table")),
    (Posture.SUPINE, re.compile(r"supine|lying|liegend|couch[ée]|臥位|卧位")),
)
_POSITIONS = {"S": Posture.SUPINE, "P": Posture.PRONE, "DR": Posture.LATERAL_DECUBITUS, "DL": Posture.LATERAL_DECUBITUS}

_UNSAID = ("nothing in the file says the contrast; name its role",)
_STIR_TI_MS = (60.0, 300.0)
"""Inversion times that null fat between 0.2 and 3 T (T1 of fat 200-380 ms, nulled at ln 2 of it)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContrastTags:
    """What the tags and the name say of an image's contrast; empty or None where they are silent."""

    modality: Modality = Modality.UNKNOWN
    text: str = ""
    echo_time_ms: float | None = None
    repetition_time_ms: float | None = None
    inversion_time_ms: float | None = None
    gradient_echo: bool = False
    fat_suppressed: bool = False
    kinds: tuple[str, ...] = ()
    contrast_agent: bool | None = None


def plain(*texts: object) -> str:
    """Descriptions and file names as lower-case words between single spaces."""
    return " ".join(re.sub(r"[_\-./\\,;:()\[\]=]+", " ", " ".join(str(t) for t in texts if t)).lower().split())


def is_localizer(text: str, kinds: tuple[str, ...] = ()) -> bool:
    """Whether a series only plans others."""
    return "LOCALIZER" in kinds or _LOCALIZER.search(text) is not None


def contrast_agent(text: str, tag: object) -> bool | None:
    """Whether a contrast agent was given: by tag or name; None where neither says."""
    if tag is not None and str(tag).strip().lower() not in ("", "no", "none"):
        return True
    if _NO_CONTRAST.search(text):
        return False
    return True if _CONTRAST.search(text) else None


def posture_of(text: str, patient_position: str | None) -> tuple[Posture, str | None]:
    """How the patient was held, by name, else by PatientPosition; and the reason, or None where nothing says."""
    for posture, words in _POSTURES:
        if (found := words.search(text)) is not None:
            return posture, say("{posture}: named {group!r}", posture=posture, group=found.group().strip())
    posture = _POSITIONS.get((patient_position or "")[2:].upper(), Posture.UNKNOWN)
    return posture, None if posture is Posture.UNKNOWN else say(
        "{posture}: PatientPosition {patient_position}", posture=posture, patient_position=patient_position
    )


def view_of(text: str) -> str | None:
    """Whether a radiograph's name says lateral or frontal; None where it says neither, or both."""
    lateral, frontal = _LATERAL.search(text), _FRONTAL.search(text)
    return None if (lateral is None) == (frontal is None) else "lateral" if lateral else "frontal"


def modality_of(text: str, lowest: float) -> tuple[Modality, str]:
    """The modality of an image without tags, from its name and its lowest value; and the reason."""
    if _CT.search(text):
        return Modality.CT, "named CT"
    if any(words.search(text) for words in (_STIR, _T1, _T2, re.compile(r"\bmri?\b"))):
        return Modality.MR, "named as MR"
    if lowest <= -900:
        return Modality.CT, say("values down to {lowest:.0f} are Hounsfield units", lowest=lowest)
    return Modality.UNKNOWN, "nothing in the file says the modality"


def role_of(tags: ContrastTags, image: Volume) -> tuple[Role, tuple[str, ...]]:
    """The role of a volume, and why."""
    if tags.modality is Modality.CT:
        thick = max(image.spacing_mm)
        doubt = (say("slices {thick:.1f} mm apart: heights are uncertain", thick=thick),) if thick > 3 else ()
        return Role.CT, ("modality CT", *doubt)
    weighting, reasons = _weighting(tags)
    if weighting is None:
        return Role.OTHER, reasons
    if weighting is Role.T1 and tags.contrast_agent:
        reasons += ("contrast agent given: low T1 signal of a recent fracture may be masked",)
    degrees = degrees_from_sagittal(image)
    if not is_sagittal(image):
        return Role.OTHER, (
            *reasons,
            say("its slices lie {degrees:.0f} degrees off the sagittal plane", degrees=degrees),
        )
    where = (
        "near-isotropic voxels"
        if slice_normal(image) is None
        else say("slices {degrees:.0f} degrees off sagittal", degrees=degrees)
    )
    return weighting, (*reasons, where)


def contrast_unsaid(tags: ContrastTags) -> bool:
    """Whether nothing says which contrast a volume shows, so that somebody must."""
    return tags.modality is not Modality.CT and _weighting(tags)[1] is _UNSAID


def weighting_of(tags: ContrastTags) -> Role | None:
    """T1, T2, STIR or fat-suppressed T2, whatever the plane; None for what no measurement reads."""
    return _weighting(tags)[0]


def _weighting(tags: ContrastTags) -> tuple[Role | None, tuple[str, ...]]:
    """T1, T2, STIR or fat-suppressed T2 by timing, else by name; None for what no measurement reads."""
    if (other := _NOT_MEASURED.search(tags.text)) is not None:
        return None, (say("named {group!r}", group=other.group().strip()),)
    derived = {"ADC", "TRACEW", "FA", "MIP", "PROJECTION IMAGE", "SUBTRACTION", "SUB", "MPR THICK"} & set(tags.kinds)
    if derived:
        return None, (say("a derived image ({derived})", derived=joined(", ", sorted(derived))),)
    if {"F", "FAT", "OP", "OPP_PHASE", "OUT_PHASE", "OUT_OF_PHASE"} & set(tags.kinds) or _FAT_ONLY.search(tags.text):
        return None, ("a fat or opposed-phase image of a Dixon series",)
    by_name, (by_timing, timing) = _named(tags.text), _timed(tags)
    if by_name is Role.STIR and not tags.inversion_time_ms:
        by_timing = None  # without the inversion time, a STIR is timed like a T2
    weighting = by_timing or by_name
    if weighting is None:
        return None, _UNSAID
    reasons: tuple[str, ...] = (timing,) if by_timing else (say("named {short}", short=_short(weighting)),)
    if by_timing and by_name and by_name is not by_timing:
        reasons += (say("although named {short}: the timing is believed", short=_short(by_name)),)
    if weighting is Role.OTHER:
        return None, reasons
    water = {"W", "WATER"} & set(tags.kinds)
    if weighting in (Role.T1, Role.T2) and (tags.fat_suppressed or water or _FAT_SUPPRESSED.search(tags.text)):
        if weighting is Role.T1:
            return None, (*reasons, "fat-suppressed T1: marrow fat, which a recent fracture replaces, cannot be judged")
        return Role.FS_T2, (*reasons, "fat suppressed")
    return weighting, reasons


def _named(text: str) -> Role | None:
    if _STIR.search(text):
        return Role.STIR
    t1, t2 = _T1.search(text), _T2.search(text)
    return None if (t1 is None) == (t2 is None) else Role.T1 if t1 else Role.T2


def _timed(tags: ContrastTags) -> tuple[Role | None, str]:
    """The weighting by timing and a sentence on it; OTHER where it is none we read, None where timing cannot tell."""
    te, tr, ti = tags.echo_time_ms, tags.repetition_time_ms, tags.inversion_time_ms
    shown = joined(
        ", ", (say("{name} {ms:.0f} ms", name=name, ms=ms) for name, ms in (("TR", tr), ("TE", te), ("TI", ti)) if ms)
    )
    if tags.gradient_echo:
        return Role.OTHER, say("a gradient echo, not a spin echo ({shown})", shown=shown)
    if ti and _STIR_TI_MS[0] <= ti <= _STIR_TI_MS[1]:
        return Role.STIR, say("inversion nulls fat ({shown})", shown=shown)
    if not te or not tr:
        return None, ""
    if ti and ti > _STIR_TI_MS[1]:
        t1 = te < 40 and tr < 3500
        return (
            (Role.T1, say("T1 with inversion ({shown})", shown=shown))
            if t1
            else (Role.OTHER, say("fluid-attenuated ({shown})", shown=shown))
        )
    if te < 35:
        t1 = tr < 1300
        return (
            (Role.T1, say("short TR and TE ({shown})", shown=shown))
            if t1
            else (Role.OTHER, say("proton density ({shown})", shown=shown))
        )
    return (Role.T2, say("long TR and TE ({shown})", shown=shown)) if te >= 60 and tr >= 1300 else (None, "")


def _short(role: Role) -> str:
    return role.value.removeprefix("sagittal ")

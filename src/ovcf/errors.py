"""What can go wrong, one type per cause, and what to do about it as data.

Every message names the file or field, says what is wrong with it, and says what to do. It says so for everybody:
neither an option of the command line nor a button of the page is named here. Where such a thing helps, the remedy bears
a code and its arguments, and each surface names its own (:mod:`ovcf.cli.remedies`, :mod:`ovcf.render.words.remedies`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


class RemedyCode(StrEnum):
    """What to do, where a surface has a way of its own to do it; the arguments of each stand behind it."""

    AS_SAID = "as said"
    """Nothing but what the sentence says."""
    NAME_A_LEVEL = "name a level"
    """``label``: number of the body; ``level``: an example; ``image``: the file, or ``radiograph``, it is for."""
    CORRECT_A_LEVEL = "correct a level"
    """A level that was named does not fit. ``image``: as above."""
    NAME_THE_SCHEME = "name the scheme"
    """Which published numbering a label map follows. ``schemes``: those that fit, apart by commas."""
    NAME_SCHEME_OR_LEVEL = "name the scheme or a level"
    """Either; arguments of both."""
    NAME_THE_ROLE = "name the role of a series"
    """``series``: its name; ``role``: the likely one."""
    NAME_THE_INDEX_VERTEBRA = "name the index vertebra"
    """Which vertebra is assessed."""
    CHECK_THE_LEVELS = "check the levels"
    """The index vertebra, or the names of levels on the images."""
    GIVE_A_LABEL_MAP = "give a label map"
    """Which voxels are which vertebra."""
    PLACE_LANDMARKS = "place landmarks"
    """The six points of vertebrae."""
    PLACE_OR_DRAW = "place landmarks or draw the body"
    """Either of the two."""
    SAY_HOW_IT_IS_HELD = "say how the radiograph is held"
    """Where the head is."""
    CHOOSE_THE_ENGINE = "choose the engine"
    """``engine``: the one that is always there."""
    GIVE_BOTH_ERRORS = "give both measurement errors"
    """That of height loss and that of the kyphosis angle."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do: a sentence for everybody, and a code with arguments for a surface that has a way of its own."""

    text: str
    code: RemedyCode = RemedyCode.AS_SAID
    arguments: tuple[tuple[str, str], ...] = ()

    @property
    def given(self) -> dict[str, str]:
        """The arguments by name."""
        return dict(self.arguments)

    def having(self, **arguments: object) -> Remedy:
        """The same with more arguments."""
        more = {name: str(value) for name, value in arguments.items()}
        return Remedy(self.text, self.code, tuple((self.given | more).items()))

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        return bool(self.text)


NONE = Remedy("")
"""Nothing can be done."""


class OvcfError(Exception):
    """An input that cannot be used; its type is the cause.

    ``where`` names the file or field, ``problem`` says what is wrong with it, ``remedy`` what to do.
    """

    def __init__(self, where: object, problem: str, remedy: str | Remedy) -> None:
        self.where: str = where if isinstance(where, str) else str(where)
        self.problem = problem
        self.remedy = remedy if isinstance(remedy, Remedy) else Remedy(remedy)
        super().__init__(f"{self.where}: {problem}. {self.remedy}")

    def __reduce__(self) -> tuple[type[OvcfError], tuple[Any, ...]]:
        return type(self), (self.where, self.problem, self.remedy)


class LevelError(OvcfError):
    """A vertebral level that does not exist or does not fit this spine."""


class LandmarkError(OvcfError):
    """Landmarks that cannot be those of a vertebral body: not finite, out of order, mirrored, degenerate."""


class NeighbourError(OvcfError):
    """A measurement needs a neighbouring vertebra that is missing, fractured, cemented or cut off."""


class MissingFileError(OvcfError):
    """A path that does not exist, or a folder that holds nothing usable."""


class UnreadableFileError(OvcfError):
    """A file that is not what its name says, is truncated, or is compressed in an unsupported way."""


class UnsafeArchiveError(OvcfError):
    """An archive that would write outside its folder, or unpack to an absurd size."""


class SeriesGeometryError(OvcfError):
    """Slices that do not make one volume: gaps, mixed orientations or spacings."""


class ImageValueError(OvcfError):
    """Pixel values that are scaled as no scanner does."""


class SeriesChoiceError(OvcfError):
    """A series that was asked for is not there, or is of the wrong modality."""


class GridMismatchError(OvcfError):
    """A label map that does not lie on the image it is said to belong to."""


class LabelSchemeError(OvcfError):
    """Labels whose meaning is unknown or ambiguous."""


class ClinicalDataError(OvcfError):
    """A clinical value outside what is possible, or of the wrong kind."""


class SeveralClinicalDataError(ClinicalDataError):
    """Several such values in one file; ``each`` are the errors that they would be alone, in the order of the file."""

    def __init__(self, where: object, each: Sequence[ClinicalDataError]) -> None:
        self.each = tuple(each)
        told = [f"({n}) {one.where}: {one.problem}. {one.remedy.text}" for n, one in enumerate(self.each, 1)]
        super().__init__(
            where,
            f"{len(self.each)} entries cannot be used: {' '.join(told)}".removesuffix("."),
            "Correct them all, then give the file again.",
        )

    def __reduce__(self) -> tuple[type[OvcfError], tuple[Any, ...]]:
        return type(self), (self.where, self.each)


class MeasurementInputError(OvcfError):
    """Arrays or values that a measurement cannot be taken from."""


class ScoreInputError(OvcfError):
    """An item value that a score does not know."""


class FhirError(OvcfError):
    """FHIR that cannot be read, written or sent."""


class ReadingError(OvcfError):
    """An edit, or a version of a reading, that does not fit the reading it is for."""


class EvidenceError(OvcfError):
    """A statement whose source is missing or unknown."""


class OutputError(OvcfError):
    """A result that cannot be written where it was asked for."""


class PhantomError(OvcfError):
    """A digital patient that cannot be made as asked."""


class CohortDataError(OvcfError):
    """A table of patients that an analysis cannot be made from."""


class MissingExtraError(OvcfError):
    """An optional part of ovcf whose packages are not installed."""


class EngineError(OvcfError):
    """A segmentation program of others that is not installed, cannot get its weights, fails or takes too long."""


class RegistryError(OvcfError):
    """Something that the registry does not take, or a registry that cannot be used."""


class ConflictError(RegistryError):
    """Somebody else changed the same meanwhile."""


class PacsError(OvcfError):
    """A picture archive that cannot be reached or refuses, or settings by which it could not be."""


class NoWayFromPacsError(PacsError):
    """Nothing can come from an archive to us, whichever study is asked for: settings here or there must be changed."""


class StudyError(OvcfError):
    """A protocol, or a step of a study, that cannot be as it is asked for."""


class LockedError(StudyError):
    """The data of a study are locked."""


class SignedOutError(OvcfError):
    """Nobody is signed in, or no longer."""


class ForbiddenError(OvcfError):
    """A person asks for what their role, or where they ask from, does not allow."""


class NotThereError(RegistryError):
    """Nothing of that name; the same is said of what belongs to another site, so that nobody learns that it exists."""


class TooManyError(OvcfError):
    """Asked too often; ``after_s`` is how many seconds to wait."""

    def __init__(self, where: object, problem: str, remedy: str | Remedy, after_s: int = 60) -> None:
        super().__init__(where, problem, remedy)
        self.after_s = after_s

    def __reduce__(self) -> tuple[type[OvcfError], tuple[Any, ...]]:
        return type(self), (self.where, self.problem, self.remedy, self.after_s)


class FollowUpError(OvcfError):
    """Visits that cannot be followed as one course."""

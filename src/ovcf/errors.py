"""What can go wrong, one type per cause.

Every message names the file or field, says what is wrong with it, and says what to do.
"""

from __future__ import annotations


class OvcfError(Exception):
    """An input that cannot be used.

    ``where`` names the file or field, ``problem`` says what is wrong with it, ``remedy`` what to do.
    """

    def __init__(self, where: object, problem: str, remedy: str) -> None:
        self.where, self.problem, self.remedy = str(where), problem, remedy
        super().__init__(f"{self.where}: {problem}. {remedy}")

    def __reduce__(self) -> tuple[type[OvcfError], tuple[str, str, str]]:
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


class MeasurementInputError(OvcfError):
    """Arrays or values that a measurement cannot be taken from."""


class ScoreInputError(OvcfError):
    """An item value that a score does not know."""


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

"""Files become a study: every series named by what it can be read for, every file left out named with the reason."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import ImageValueError, MissingFileError, SeriesChoiceError, SeriesGeometryError, UnreadableFileError
from ovcf.imaging.classify import ContrastTags, contrast_agent, contrast_unsaid, modality_of, plain, posture_of, role_of
from ovcf.imaging.field_of_view import field_of_view_of
from ovcf.imaging.files.archive import find_files
from ovcf.imaging.files.dicom_files import DICOM_SUFFIXES, looks_like_dicom
from ovcf.imaging.files.dicom_study import DicomStudy
from ovcf.imaging.files.nifti_files import NotOneVolumeError, is_label_map, is_nifti, read_nifti
from ovcf.imaging.files.picture_files import is_picture, read_picture, starts_as_picture
from ovcf.imaging.study import Patient, Role, Series, Study
from ovcf.imaging.volume import ImagePlane
from ovcf.language.worded import joined, say
from ovcf.vocabulary import Modality

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ovcf.errors import OvcfError
    from ovcf.imaging.files.archive import FoundFile


_MODALITIES = {
    Role.RADIOGRAPH: Modality.RADIOGRAPH,
    Role.CT: Modality.CT,
    Role.OTHER: None,
    **dict.fromkeys((Role.T1, Role.T2, Role.STIR, Role.FS_T2), Modality.MR),
}


def read_study(paths: Path | Sequence[Path], *, roles: Mapping[str, Role] | None = None) -> Study:
    """Read folders (with everything below), zip archives and single files of one patient.

    The files are DICOM, NIfTI, or pictures of radiographs (:mod:`ovcf.imaging.files.picture_files`).

    ``roles`` overrides the role of a series, found by its uid, its description or a file name.

    Raises:
        MissingFileError: a path that is not there, or nothing usable in it.
        UnreadableFileError, UnsafeArchiveError: a file that is damaged, or an archive that cannot be trusted.
        SeriesGeometryError: slices that do not make one volume.
        SeriesChoiceError: files of several patients, or a role for a series that is not there or cannot have it.
    """
    roles = dict(roles or {})
    given = [paths] if isinstance(paths, Path | str) else list(paths)
    with ExitStack() as open_until:
        found = {f.path.resolve(): f for path in given for f in find_files(Path(path), open_until)}
        files = sorted(found.values())
        kinds = {f: _kind(f) for f in files}
        skipped = [(f.name, kind) for f, kind in kinds.items() if kind not in ("DICOM", "NIfTI", "picture")]
        unread = [f.name for f, kind in kinds.items() if "cannot be read" in kind]
        series: list[Series] = []
        damaged: list[OvcfError] = []
        for file in (f for f in files if kinds[f] == "NIfTI"):
            one = _nifti_series(file, damaged, named=bool({file.name, file.basename} & set(roles)))
            if isinstance(one, Series):
                series.append(one)
            else:
                skipped.append((file.name, one))
        films, doubts = _films([f for f in files if kinds[f] == "picture"], skipped, damaged)
        dicom = DicomStudy.read([f for f in files if kinds[f] == "DICOM"], wanted=frozenset(roles))
        series += [*dicom.series, *films]
        skipped += dicom.skipped
        damaged += dicom.damaged
    if not series and damaged:
        raise damaged[0]
    if not series:
        raise MissingFileError(
            ", ".join(map(str, given)),
            say("holds no image that can be read{because}", because=_because(skipped)),
            "Give a folder, zip or files with DICOM or NIfTI images of the spine, or a film as PNG, JPEG or TIFF.",
        )
    named = tuple(_with_role(one, roles) for one in sorted(series, key=lambda s: s.uid))
    if unused := [key for key in roles if not any(_is_called(one, key) for one in series)]:
        known = "; ".join(s.description or s.uid for s in named)
        raise SeriesChoiceError(
            say("role of {series!r}", series=unused[0]),
            "no series has this uid, description or file",
            say("Series: {known}.", known=known),
        )
    said = {one.uid for one in named if one.overridden}
    checks = [why for uid, why in doubts.items() if uid not in said]
    checks += [_as_said(one) for one in films if one.uid in said and one.modality is Modality.UNKNOWN]
    lost = (*_unread(unread), *_damaged(damaged))
    return Study(named, tuple(sorted(skipped)), dicom.patient or Patient(), (*dicom.doubts, *checks, *lost))


def is_image(path: Path, name: str | None = None) -> bool:
    """Whether a path leads to a file of DICOM, NIfTI or a picture, by how it begins or is called.

    ``name`` is what the file was called where it came from, if it lies here under another one.
    """
    try:
        return is_nifti(name or path.name) or looks_like_dicom(path) or starts_as_picture(path)
    except (OSError, ValueError):
        return False


def _kind(file: FoundFile) -> str:
    """DICOM, NIfTI, picture, or why the file is left out.

    Raises:
        UnreadableFileError: a file given by name, or named as an image, that is neither.
    """
    if file.unreadable is not None:
        return file.unreadable
    name, suffix = file.basename, PurePosixPath(file.basename).suffix.lower()
    try:
        marked, drawn = looks_like_dicom(file.path), starts_as_picture(file.path)
    except OSError as error:
        if file.asked_for:
            raise UnreadableFileError(
                file.name, say("cannot be read ({strerror})", strerror=error.strerror), "Check who may read it."
            ) from None
        return say("a file that cannot be read ({strerror})", strerror=error.strerror)
    if is_nifti(name):
        return "NIfTI"
    if name.upper() == "DICOMDIR":
        return "the index of a DICOM medium; its images are read directly"
    if name.startswith(".") or "__MACOSX" in file.name:
        return "a hidden file"
    if not marked and (drawn or is_picture(name)):
        return "picture"
    if marked or suffix in DICOM_SUFFIXES:
        return "DICOM"
    if file.asked_for:
        raise UnreadableFileError(
            file.name,
            "is neither DICOM nor NIfTI, nor a picture, nor a zip archive",
            "Give DICOM, .nii, .nii.gz or .zip, or a film as .png, .jpg or .tif.",
        )
    return "neither DICOM nor NIfTI nor a picture"


def _films(
    files: Sequence[FoundFile], skipped: list[tuple[str, str]], damaged: list[OvcfError]
) -> tuple[list[Series], dict[str, str]]:
    """The pictures as series, each image once, and by uid what must be checked; what cannot be read is skipped.

    Raises:
        UnreadableFileError, SeriesGeometryError: a picture given by name that cannot be read.
    """
    films: dict[str, Series] = {}
    doubts: dict[str, str] = {}
    for file in sorted(files, key=lambda f: not f.asked_for):
        try:
            series, found = read_picture(file)
        except (UnreadableFileError, SeriesGeometryError) as error:
            if file.asked_for:
                raise
            skipped.append((file.name, error.problem))
            damaged.append(error)
            continue
        if series.uid in films:
            skipped.append((file.name, say("the same image as {files}", files=films[series.uid].files[0])))
            continue
        films[series.uid] = series
        if found is not None:
            doubts[series.uid] = found
    return list(films.values()), doubts


def _nifti_series(file: FoundFile, damaged: list[OvcfError], *, named: bool) -> Series | str:
    """The series of one file, or why it is left out; one that a reader ``named`` is an image whatever it looks like.

    Raises:
        UnreadableFileError, SeriesGeometryError, ImageValueError: a file given by name cannot be used.
    """
    try:
        volume, doubts = read_nifti(file.path, file.name)
    except NotOneVolumeError as error:
        if file.asked_for:
            raise
        return error.problem
    except (UnreadableFileError, SeriesGeometryError, ImageValueError) as error:
        if file.asked_for or named:
            raise
        damaged.append(error)
        return error.problem
    if not named and is_label_map(volume.voxels, file.basename):
        return "a label map, not an image: give it as the label map of the study"
    text = plain(file.basename)
    modality, why = modality_of(text, float(np.fmin.reduce(volume.voxels, axis=None)))
    agent = contrast_agent(text, None)
    tags = ContrastTags(modality=modality, text=text, contrast_agent=agent)
    role, reasons = role_of(tags, volume)
    posture, held = posture_of(text, None)
    return Series(
        uid=file.name,
        description=file.basename,
        image=volume,
        modality=modality,
        role=role,
        reasons=(why, *reasons, *filter(None, (held,)), *doubts),
        posture=posture,
        contrast_agent=agent,
        files=(file.name,),
        contrast_unsaid=contrast_unsaid(tags),
        field_of_view=field_of_view_of({"file name": file.basename}),
    )


def _as_said(film: Series) -> str:
    """What stays at the top where a reader's word stands against what a picture looks like."""
    return say(
        "{description} looks like a slice of MRI; it is measured as the radiograph that it was said to be",
        description=film.description,
    )


def _unread(names: Sequence[str]) -> list[str]:
    """What stands at the top of the report: a series may be missing without a trace."""
    shown = ", ".join(names[:3]) + (say(" and {names} more", names=len(names) - 3) if len(names) > 3 else "")
    return (
        [say("{shown} cannot be read: images in there are missing from this assessment", shown=shown)] if names else []
    )


def _damaged(errors: Sequence[OvcfError]) -> list[str]:
    """The same of files that are damaged, and of series that make no volume: each with its reason."""
    shown = joined("; ", (say("{where} ({problem})", where=e.where, problem=e.problem) for e in errors[:3]))
    more = say(" and {names} more", names=len(errors) - 3) if len(errors) > 3 else ""
    return (
        [say("left out, as it cannot be used: {shown}{more}. What it shows is not assessed", shown=shown, more=more)]
        if errors
        else []
    )


def _is_called(series: Series, key: str) -> bool:
    return key in (series.uid, series.description) or any(key in (f, PurePosixPath(f).name) for f in series.files)


def _with_role(series: Series, roles: Mapping[str, Role]) -> Series:
    for key, role in roles.items():
        if not _is_called(series, key):
            continue
        modality = _MODALITIES[role] or series.modality
        plane = isinstance(series.image, ImagePlane)
        if series.modality not in (modality, Modality.UNKNOWN) or (role is Role.RADIOGRAPH and not plane):
            raise SeriesChoiceError(
                say("role of {series!r}", series=key),
                say("an image of modality {modality} cannot serve as {role}", modality=series.modality, role=role),
                "Name another role.",
            )
        named = say("named {role} by the reader (was: {role_2})", role=role, role_2=series.role)
        why = (named, *series.reasons)
        return replace(series, role=role, modality=modality, overridden=True, contrast_unsaid=False, reasons=why)
    return series


def _because(skipped: Sequence[tuple[str, str]]) -> str:
    shown = joined("; ", (say("{name}: {why}", name=PurePosixPath(n).name, why=why) for n, why in sorted(skipped)[:3]))
    more = say("; and {skipped} more", skipped=len(skipped) - 3) if len(skipped) > 3 else ""
    return say(" ({shown}{more})", shown=shown, more=more) if skipped else ""

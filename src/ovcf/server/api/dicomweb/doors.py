"""The doors of DICOMweb under /api/v1/dicom-web: QIDO-RS and WADO-RS over the studies of patients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AfterValidator

from ovcf.errors import NotThereError
from ovcf.server.api.dicomweb import answers, search
from ovcf.server.api.dicomweb.holdings import holding, listed, outline
from ovcf.server.api.here import Here, Who, here

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydicom import Dataset

PREFIX = "/dicom-web"
_MOST = 200
router = APIRouter(prefix=PREFIX, include_in_schema=False)
Uid = Annotated[str, Path(max_length=64, pattern=r"^[0-9.]+$")]
Limit = Annotated[int, Query(ge=1), AfterValidator(lambda limit: min(limit, _MOST))]
"""What is asked for beyond that is not refused: a service may answer less (PS3.18 8.3.4), and OHIF asks for 101."""
Many = Annotated[int, Query(ge=1, le=10_000)]
Offset = Annotated[int, Query(ge=0, le=1_000_000)]
_STUDY, _SERIES, _INSTANCE = (
    "/studies/{study}",
    "/studies/{study}/series/{series}",
    "/studies/{study}/series/{series}/instances/{instance}",
)
_OF_LIST = {"StudyInstanceUID", "0020000D", "PatientID", "00100020", "PatientName", "00100010"}
_DICOM = "application/dicom; transfer-syntax=1.2.840.10008.1.2.1"
_BYTES = "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1"


@router.get("/studies")
def studies(request: Request, here: Here, who: Who, limit: Limit = 25, offset: Offset = 0) -> Response:
    """Search for studies. What a study holds is looked at only for those that id, name or UID leave."""
    asked = _asked(request)
    address = _address(request)
    with here.registry.reading() as session:
        every = listed(session, who)
    first = {name: value for name, value in asked.items() if name in _OF_LIST}
    every = [one for one in every if search.matching([search.list_row(one)], first)[0]]
    rows: list[Dataset] = []
    ignored: set[str] = set()
    for one in every:
        row = search.study_row(one, address, outline(here, who, one, whole=len(every) == 1))
        found, unknown = search.matching([row], asked)
        rows, ignored = rows + found, ignored | unknown
        if len(rows) >= offset + limit:
            break
    return answers.as_json(search.plain(rows[offset : offset + limit]), ignored=ignored)


@router.get(f"{_STUDY}/series")
def series_of(request: Request, here: Here, who: Who, study: Uid, limit: Limit = 100, offset: Offset = 0) -> Response:
    """Search for series of a study."""
    return _page(search.series_rows(holding(here, who, study), _address(request)), request, limit, offset)


@router.get(f"{_STUDY}/instances")
def instances_of_study(
    request: Request, here: Here, who: Who, study: Uid, limit: Many = 1000, offset: Offset = 0
) -> Response:
    """Search for instances of a study."""
    held = holding(here, who, study)
    return _page(search.instance_rows(held, held.objects.values(), _address(request)), request, limit, offset)


@router.get(f"{_SERIES}/instances")
def instances_of_series(
    request: Request, here: Here, who: Who, study: Uid, series: Uid, limit: Many = 1000, offset: Offset = 0
) -> Response:
    """Search for instances of a series."""
    held = holding(here, who, study)
    rows = search.instance_rows(held, held.of_series(series).values(), _address(request))
    return _page(rows, request, limit, offset)


@router.get(_STUDY)
def study(here: Here, who: Who, study: Uid) -> Response:
    """Every object of a study."""
    return _files(holding(here, who, study).objects)


@router.get(_SERIES)
def series(here: Here, who: Who, study: Uid, series: Uid) -> Response:
    """Every object of a series."""
    return _files(holding(here, who, study).of_series(series))


@router.get(_INSTANCE)
def instance(here: Here, who: Who, study: Uid, series: Uid, instance: Uid) -> Response:
    """One object."""
    return _files({instance: holding(here, who, study).one(series, instance)})


@router.get(f"{_STUDY}/metadata")
def metadata_of_study(request: Request, here: Here, who: Who, study: Uid) -> Response:
    """Metadata of every object of a study."""
    return _metadata(request, study, holding(here, who, study).objects)


@router.get(f"{_SERIES}/metadata")
def metadata_of_series(request: Request, here: Here, who: Who, study: Uid, series: Uid) -> Response:
    """Metadata of every object of a series."""
    return _metadata(request, study, holding(here, who, study).of_series(series))


@router.get(f"{_INSTANCE}/metadata")
def metadata_of_instance(request: Request, here: Here, who: Who, study: Uid, series: Uid, instance: Uid) -> Response:
    """Metadata of one object."""
    return _metadata(request, study, {instance: holding(here, who, study).one(series, instance)})


@router.get(f"{_INSTANCE}/frames/{{frames}}")
def frames(
    here: Here,
    who: Who,
    study: Uid,
    series: Uid,
    instance: Uid,
    frames: Annotated[str, Path(max_length=10_000, pattern=r"^\d{1,6}(,\d{1,6})*$")],
) -> Response:
    """Stored frames by number, uncompressed."""
    ds = holding(here, who, study).one(series, instance)
    return answers.multipart(answers.frames_of(ds, [int(n) for n in frames.split(",")]), _BYTES)


@router.get(f"{_INSTANCE}/bulkdata/{{tag}}")
def bulk(
    here: Here, who: Who, study: Uid, series: Uid, instance: Uid, tag: Annotated[str, Path(pattern=r"^[0-9A-Fa-f]{8}$")]
) -> Response:
    """A large binary value, such as the pixels or an encapsulated PDF."""
    ds = holding(here, who, study).one(series, instance)
    value = ds[int(tag, 16)].value if int(tag, 16) in ds else None
    if not isinstance(value, bytes):
        raise NotThereError("value", "is not there", "Ask for one that the metadata name.")
    return answers.multipart([value], _BYTES)


@router.get(f"{_INSTANCE}/rendered")
def rendered(here: Here, who: Who, study: Uid, series: Uid, instance: Uid) -> Response:
    """The first frame as a picture."""
    return answers.picture(holding(here, who, study).one(series, instance), 1)


@router.get(f"{_INSTANCE}/frames/{{frame}}/rendered")
def rendered_frame(
    here: Here, who: Who, study: Uid, series: Uid, instance: Uid, frame: Annotated[int, Path(ge=1, le=1_000_000)]
) -> Response:
    """One frame as a picture."""
    return answers.picture(holding(here, who, study).one(series, instance), frame)


@router.get(f"{_STUDY}/thumbnail")
def thumbnail_of_study(here: Here, who: Who, study: Uid) -> Response:
    """The middle image of a study, small."""
    return answers.thumbnail(holding(here, who, study).objects.values())


@router.get(f"{_SERIES}/thumbnail")
def thumbnail_of_series(here: Here, who: Who, study: Uid, series: Uid) -> Response:
    """The middle image of a series, small."""
    return answers.thumbnail(holding(here, who, study).of_series(series).values())


@router.get(f"{_INSTANCE}/thumbnail")
def thumbnail_of_instance(here: Here, who: Who, study: Uid, series: Uid, instance: Uid) -> Response:
    """One image, small."""
    return answers.thumbnail([holding(here, who, study).one(series, instance)])


def _asked(request: Request) -> dict[str, str]:
    return {name: value for name, value in request.query_params.items() if name not in ("limit", "offset")}


def _address(request: Request) -> str:
    """The address of this DICOMweb service, as whoever asks reaches it. Some leave the port out of the name."""
    host, scheme = request.headers["host"], here(request).scheme
    port = (request.scope.get("server") or ("", None))[1]
    if scheme == "http" and ":" not in host and port not in (None, 80):
        host = f"{host}:{port}"
    return f"{scheme}://{host}/api/v1{PREFIX}"


def _page(rows: list[Dataset], request: Request, limit: int, offset: int) -> Response:
    found, ignored = search.matching(rows, _asked(request))
    return answers.as_json(search.plain(found[offset : offset + limit]), ignored=ignored)


def _files(objects: Mapping[str, Dataset]) -> Response:
    return answers.multipart(map(answers.as_file, objects.values()), _DICOM)


def _metadata(request: Request, study: str, objects: Mapping[str, Dataset]) -> Response:
    root = f"{_address(request)}/studies/{study}/series"
    rows = [answers.metadata(ds, f"{root}/{ds.SeriesInstanceUID}/instances/{uid}") for uid, ds in objects.items()]
    return answers.as_json(rows)

"""What is asked of an archive by DICOMweb: QIDO-RS, WADO-RS, STOW-RS."""

from __future__ import annotations

from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

from ovcf.errors import PacsError
from ovcf.pacs.archive_query import RETURNED, Answer, FoundStudy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ovcf.pacs.archive_query import Query
    from ovcf.pacs.settings import Peer

_CONFLICT = 409
_PAGE = 100
_TIMEOUT_S = (10.0, 120.0)


def find(name: str, peer: Peer, query: Query, *, most: int = 1000) -> list[FoundStudy]:
    """The studies that an archive has (QIDO-RS), so many at most.

    Raises:
        PacsError: it cannot be asked, or says no.
    """
    from pydicom import Dataset

    with _said_by(name):
        rows = _client(name, peer).search_for_studies(
            limit=most, search_filters=query.keys(), fields=list(RETURNED), get_remaining=False
        )
    return [FoundStudy.of(Dataset.from_json(row)) for row in rows]


def find_all(name: str, peer: Peer, query: Query) -> list[FoundStudy]:
    """Every study that fits, asked for page by page: archives limit what they answer at once.

    Raises:
        PacsError: it cannot be asked, or says no.
    """
    from pydicom import Dataset

    found: dict[str, FoundStudy] = {}
    while True:
        with _said_by(name):
            rows = _client(name, peer).search_for_studies(
                limit=_PAGE, offset=len(found), search_filters=query.keys(), fields=list(RETURNED)
            )
        before = len(found)
        for row in rows:
            one = FoundStudy.of(Dataset.from_json(row))
            found[one.study_uid] = one
        if len(found) == before:  # the end, or one that heeds no offset
            return list(found.values())


def get(name: str, peer: Peer, study_uid: str, keep: Callable[[str, bytes], None]) -> int:
    """Fetch the instances of a study (WADO-RS), each once; ``keep`` gets each SOP instance UID and file. How many.

    Raises:
        PacsError: it cannot be asked, or says no.
    """
    count = 0
    with _said_by(name):
        for ds in _client(name, peer).iter_study(study_uid):
            out = BytesIO()
            ds.save_as(out, enforce_file_format=True)
            keep(str(ds.SOPInstanceUID), out.getvalue())
            count += 1
    return count


def images_of(name: str, peer: Peer, study_uid: str) -> dict[str, str]:
    """The instances of a study by SOP instance UID, each with its class.

    Raises:
        PacsError: it cannot be asked, or says no.
    """
    from pydicom import Dataset

    with _said_by(name):
        rows = _client(name, peer).search_for_instances(study_uid, fields=["SOPClassUID"], get_remaining=True)
    found = [Dataset.from_json(row) for row in rows]
    return {str(ds.SOPInstanceUID): str(ds.get("SOPClassUID", "")) for ds in found}


def get_one(name: str, peer: Peer, study_uid: str, sop_uid: str) -> bytes:
    """Fetch one instance as a DICOM file.

    Raises:
        PacsError: it cannot be asked, or says no.
    """
    with _said_by(name):
        client = _client(name, peer)
        (row, *_) = client.search_for_instances(study_uid, search_filters={"SOPInstanceUID": sop_uid})
        series = str(row["0020000E"]["Value"][0])
        ds = client.retrieve_instance(study_uid, series, sop_uid)
    out = BytesIO()
    ds.save_as(out, enforce_file_format=True)
    return out.getvalue()


def store(name: str, peer: Peer, files: Sequence[bytes]) -> list[Answer]:
    """Send DICOM files (STOW-RS), one request each, so that what is said of one is said of it alone.

    Raises:
        PacsError: the archive cannot be reached, or refuses us altogether.
    """
    from pydicom import dcmread

    client, answers = _client(name, peer), []
    for data in files:
        ds = dcmread(BytesIO(data))
        answers.append(_one(name, client, ds))
    return answers


def _one(name: str, client: Any, ds: Any) -> Answer:
    from requests.exceptions import HTTPError

    uid = str(ds.SOPInstanceUID)
    try:
        with _said_by(name, HTTPError):
            said = client.store_instances([ds])
    except HTTPError as error:
        code = error.response.status_code if error.response is not None else 0
        if code in (401, 403):
            raise PacsError(name, f"refuses us (HTTP {code})", "Check user, password or token.") from None
        return Answer(uid, False, f"answered HTTP {code}", again=code >= 500 or code in (0, 408, 429))
    failed = {str(i.ReferencedSOPInstanceUID): i for i in said.get("FailedSOPSequence") or ()}
    if uid in failed:
        reason = int(failed[uid].get("FailureReason") or 0)
        return Answer(uid, False, f"failed with reason 0x{reason:04X}", again=reason >> 12 == 0xA)
    return Answer(uid, True)


def _client(name: str, peer: Peer) -> Any:
    from dicomweb_client import DICOMwebClient
    from requests import Session

    if not peer.url:
        raise PacsError(name, "has no url, so it is spoken with by DIMSE only", "Add the url of its DICOMweb service.")
    session = Session()
    if peer.user:
        secret = peer.password_file.read_text(encoding="utf-8").strip() if peer.password_file else ""
        session.auth = (peer.user, secret)
    if peer.token_file is not None:
        session.headers["Authorization"] = f"Bearer {peer.token_file.read_text(encoding='utf-8').strip()}"
    client = DICOMwebClient(url=peer.url.rstrip("/"), session=session, timeout=_TIMEOUT_S)
    client.set_http_retry_params(retry=False)  # the outbox tries again, and remembers
    return client


@contextmanager
def _said_by(name: str, *own: type[Exception]) -> Iterator[None]:
    """Errors of the network and of what was answered, as ours; ``own`` are those that the caller looks at."""
    from requests.exceptions import HTTPError, RequestException

    try:
        yield
    except own:
        raise
    except HTTPError as error:
        code = error.response.status_code if error.response is not None else "?"
        raise PacsError(name, f"answered HTTP {code}", "Check its url, user and rights.") from None
    except RequestException as error:
        raise PacsError(name, f"cannot be reached ({type(error).__name__})", "Check url and network.") from None
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise PacsError(name, f"answered what is no DICOMweb ({error})", "Check its url.") from None

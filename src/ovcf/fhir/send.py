"""A transaction to a FHIR server: all of it or nothing, and the same again doubles nothing."""

from __future__ import annotations

import http.client
import ipaddress
import json
import ssl
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ovcf.errors import FhirError
from ovcf.fhir.out.bundle import MEDIA_TYPE, to_bytes

if TYPE_CHECKING:
    from ovcf.fhir.parts import Json

_WAIT_S = 120.0
_MAX_ANSWER = 64 * 2**20
_FIELD = 2**20
"""Characters that FHIR allows a string to have; some servers hold attachments to it, too."""
_WORDS = {"201": "made", "200": "there already or changed", "204": "there already or changed"}


def send(bundle: Json, address: str, *, token: str = "") -> dict[str, int]:
    """POST a transaction; how many resources were made, and how many the server had.

    Raises:
        FhirError: the address cannot be used, nobody answers, or the server refuses it; then nothing was stored.
    """
    place = urlsplit(address)
    if place.scheme not in ("http", "https") or not place.hostname or place.query or place.fragment or place.username:
        raise FhirError(address, "is not the address of a FHIR server", "Write it as https://HOST/PATH.")
    if place.scheme == "http" and not _here(place.hostname):
        raise FhirError(address, "would carry the reading unencrypted", "Use https, except on this machine.")
    status, body = _post(place.scheme, place.netloc, place.path or "/", to_bytes(bundle), token)
    try:
        answer = json.loads(body)
    except ValueError:
        answer = {}
    if not 200 <= status < 300:
        raise FhirError(
            address, f"refused the bundle ({status}{_why(answer)})", f"Nothing was stored there.{_large(bundle)}"
        )
    entries = answer.get("entry") if isinstance(answer, dict) else None
    if not isinstance(entries, list) or len(entries) != len(bundle["entry"]):
        raise FhirError(address, "did not answer as a FHIR server does", "Check the address: that of its base.")
    codes = [str(entry.get("response", {}).get("status", ""))[:3] for entry in entries]
    if bad := [code for code in codes if not code.startswith("2")]:
        raise FhirError(address, f"did not store {len(bad)} resources ({bad[0]})", "Ask who runs it.")
    return dict(Counter(_WORDS.get(code, "stored") for code in codes))


def _post(scheme: str, host: str, path: str, data: bytes, token: str) -> tuple[int, bytes]:
    headers = {"Content-Type": MEDIA_TYPE, "Accept": MEDIA_TYPE}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    secure = scheme == "https"
    context = ssl.create_default_context() if secure else None
    made = (
        http.client.HTTPSConnection(host, timeout=_WAIT_S, context=context)
        if secure
        else http.client.HTTPConnection(host, timeout=_WAIT_S)
    )
    try:
        made.request("POST", path, data, headers)
        answer = made.getresponse()
        return answer.status, answer.read(_MAX_ANSWER)
    except (OSError, http.client.HTTPException) as error:
        raise FhirError(f"{scheme}://{host}{path}", f"does not answer ({error})", "Send it again later.") from None
    finally:
        made.close()


def _here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _large(bundle: Json) -> str:
    """A word on the PDF, where it is larger than what some servers take in one field."""
    every = [a.get("data", "") for e in bundle["entry"] for a in e.get("resource", {}).get("presentedForm", ())]
    most = max(map(len, every), default=0)
    return (
        f" Some servers take 1 MB in one field, and its PDF has {most / 2**20:.1f} MB: leave it out."
        if most > _FIELD
        else ""
    )


def _why(answer: Any) -> str:
    """What an OperationOutcome says."""
    issues = answer.get("issue", ()) if isinstance(answer, dict) else ()
    told = [str(i.get("diagnostics") or i.get("details", {}).get("text") or i.get("code", "")) for i in issues]
    return f": {told[0][:300]}" if told else ""

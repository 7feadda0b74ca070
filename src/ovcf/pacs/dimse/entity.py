"""Application entities: ours, associations with a peer, what is spoken, TLS."""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000TransferSyntaxes,
    JPEGLSTransferSyntaxes,
    JPEGTransferSyntaxes,
    RLELossless,
)

from ovcf.errors import PacsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pynetdicom import AE
    from pynetdicom.association import Association
    from pynetdicom.presentation import PresentationContext

    from ovcf.pacs.settings import Here, Peer, Settings, Tls

PLAIN: list[str | UID] = [ExplicitVRLittleEndian, ImplicitVRLittleEndian]
SYNTAXES: list[str | UID] = [
    *PLAIN,
    DeflatedExplicitVRLittleEndian,
    *JPEGTransferSyntaxes,
    *JPEGLSTransferSyntaxes,
    *JPEG2000TransferSyntaxes,
    RLELossless,
]
"""What is taken: everything that the images' decoders read. Uncompressed first, so that a sender who can prefers it."""
IMAGES = (
    "1.2.840.10008.5.1.4.1.1.1",
    "1.2.840.10008.5.1.4.1.1.1.1",
    "1.2.840.10008.5.1.4.1.1.1.1.1",
    "1.2.840.10008.5.1.4.1.1.2",
    "1.2.840.10008.5.1.4.1.1.2.1",
    "1.2.840.10008.5.1.4.1.1.2.2",
    "1.2.840.10008.5.1.4.1.1.4",
    "1.2.840.10008.5.1.4.1.1.4.1",
    "1.2.840.10008.5.1.4.1.1.4.3",
    "1.2.840.10008.5.1.4.1.1.4.4",
    "1.2.840.10008.5.1.4.1.1.7",
)
"""Storage classes that are taken: CR, DX (presentation, processing), CT, enhanced CT, converted CT, MR, enhanced MR,
enhanced MR colour, converted MR, secondary capture. Reports and segmentations are not: they would come back to us."""
NO_IMAGES = frozenset({"SR", "SEG", "KO", "PR", "DOC", "REG", "RTSTRUCT", "FID", "M3D"})
"""Modalities of series that hold no images (PS3.3 C.7.3.1.1.1)."""
_REFUSED = {
    1: "refuses us: it does not know our AE title, or we do not name its own",
    2: "refuses us: it is busy or does not speak this",
    3: "refuses us: it is busy",
}


def entity(here: Here) -> AE:
    """Our application entity."""
    from pynetdicom import AE

    ae = AE(ae_title=here.ae_title)
    ae.acse_timeout = ae.dimse_timeout = ae.connection_timeout = here.timeout_s
    ae.network_timeout = 2 * here.timeout_s
    ae.maximum_associations = here.max_associations
    return ae


@contextmanager
def association(
    settings: Settings,
    name: str,
    peer: Peer,
    contexts: Sequence[PresentationContext],
    *,
    roles: Sequence[Any] = (),
    handlers: Sequence[Any] = (),
    patience_s: float = 0.0,
) -> Iterator[Association]:
    """An association with a peer, released at the end. An answer may take ``patience_s``, if that is longer than usual.

    Raises:
        PacsError: it has no AE title, cannot be reached, or refuses.
    """
    if peer.ae_title is None:
        raise PacsError(name, "has no ae_title, so it is spoken with by DICOMweb only", "Add ae_title, host and port.")
    tls = None
    if peer.tls:
        assert settings.here.tls is not None
        tls = (client_context(settings.here.tls), peer.host)
    ours = entity(settings.here)
    ours.dimse_timeout = max(ours.dimse_timeout or 0.0, patience_s)
    ours.network_timeout = max(ours.network_timeout or 0.0, patience_s)
    found: Any = ours.associate(
        peer.host,
        peer.port,
        contexts=list(contexts),
        ae_title=peer.ae_title,
        ext_neg=list(roles) or None,
        tls_args=tls,
        evt_handlers=list(handlers),
    )
    if not found.is_established:
        where = f"{name} ({peer.ae_title} at {peer.host}:{peer.port})"
        if found.is_rejected:
            answer = found.acceptor.primitive
            why = _REFUSED.get(getattr(answer, "result_source", 1), _REFUSED[1])
            raise PacsError(where, why, "Check both AE titles, here and in the settings of the archive.")
        raise PacsError(where, "does not answer, or ended the association", "Check address, port, TLS and network.")
    try:
        yield found
    finally:
        if found.is_established:
            found.release()
        else:
            found.abort()


def heard(settings: Settings) -> list[str]:
    """The AE titles that are listened to; an empty list stands for everybody."""
    if not settings.here.known_only:
        return []
    return [peer.ae_title for peer in settings.peers.values() if peer.ae_title] or ["\\"]


def accepted(found: Association, sop_class: str) -> bool:
    """Whether a peer takes a class in this association."""
    return any(context.abstract_syntax == sop_class for context in found.accepted_contexts)


def server_context(tls: Tls) -> ssl.SSLContext:
    """TLS for those who call us; they show a certificate, too."""
    context = _Patient(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_REQUIRED
    return _loaded(context, tls)


def client_context(tls: Tls) -> ssl.SSLContext:
    """TLS for those whom we call."""
    return _loaded(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), tls)


class _Patient(ssl.SSLContext):
    """Shakes hands when the first bytes are read: pynetdicom wraps a connection in the thread that accepts all others,
    where one that says nothing would keep everybody waiting."""

    def wrap_socket(self, sock: Any, *args: Any, **options: Any) -> Any:
        """Wrap a connection."""
        return super().wrap_socket(sock, *args, **{**options, "do_handshake_on_connect": False})


def _loaded(context: ssl.SSLContext, tls: Tls) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(tls.certificate, tls.key)
        context.load_verify_locations(tls.authority)
    except (OSError, ssl.SSLError) as error:
        raise PacsError(
            "tls", f"the certificate, key or authority cannot be used ({error})", "Check the PEM files."
        ) from None
    return context

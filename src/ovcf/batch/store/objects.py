"""Results in a bucket of object storage (S3, Google Cloud Storage, Azure), through obstore.

Who may write there is told by the environment, as every program of these clouds reads it (``AWS_ACCESS_KEY_ID``,
``AWS_ENDPOINT_URL``, ...).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ovcf.errors import MissingExtraError, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHECK = "Check the address, the credentials in the environment, and that the service is reached."


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """See :class:`ovcf.batch.store.store.Store`."""

    url: str
    inside: Any

    @classmethod
    def at(cls, url: str) -> ObjectStore:
        """The bucket and prefix of an address.

        Raises:
            OutputError: nothing is known of such an address. MissingExtraError: obstore is not installed.
        """
        try:
            from obstore.exceptions import BaseError
            from obstore.store import from_url
        except ImportError:
            raise MissingExtraError(
                url, "needs the extra `batch`", 'Install the extra "batch": pip install ".[batch]" in the source.'
            ) from None
        try:
            return cls(url, from_url(url))
        except (BaseError, ValueError) as error:
            raise OutputError(url, f"is no place to write to ({error})", _CHECK) from None

    def get(self, name: str) -> bytes | None:
        """See the protocol."""
        import obstore
        from obstore.exceptions import BaseError, NotFoundError

        try:
            return bytes(obstore.get(self.inside, name).bytes())
        except (NotFoundError, FileNotFoundError):
            return None
        except (BaseError, OSError) as error:
            raise self._failed(name, error) from None

    def put_new(self, name: str, content: bytes) -> bool:
        """See the protocol."""
        import obstore
        from obstore.exceptions import AlreadyExistsError, BaseError

        try:
            obstore.put(self.inside, name, content, mode="create", use_multipart=False)
        except AlreadyExistsError:
            return False
        except (BaseError, OSError) as error:
            raise self._failed(name, error) from None
        return True

    def put(self, name: str, content: bytes) -> None:
        """See the protocol."""
        import obstore
        from obstore.exceptions import BaseError

        try:
            obstore.put(self.inside, name, content)
        except (BaseError, OSError) as error:
            raise self._failed(name, error) from None

    def names(self, folder: str) -> Iterator[str]:
        """See the protocol."""
        import obstore
        from obstore.exceptions import BaseError

        try:
            for page in obstore.list(self.inside, folder or None):
                yield from (str(one["path"]) for one in page)
        except (BaseError, OSError) as error:
            raise self._failed(folder, error) from None

    def _failed(self, name: str, error: Exception) -> OutputError:
        said = str(error).strip().splitlines()[0][:300]
        return OutputError(f"{self.url.rstrip('/')}/{name}", f"cannot be reached ({said})", _CHECK)

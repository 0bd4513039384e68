"""A bucket that speaks S3: Amazon's, or a server of one's own. Signed here, so nothing in it needs to be public."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import TYPE_CHECKING

import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import S3Store

from backend.attachments.errors import RETRY_AFTER, StorageAwayError
from backend.attachments.schemas import StoredFile

if TYPE_CHECKING:
    from obstore import GetResult

log = structlog.get_logger()
CONNECT = timedelta(seconds=3)
REQUEST = timedelta(seconds=10)
"""People and the worker's lease wait behind a request: better fail, and be tried again from the outside."""
RETRIES = 2
LISTED_AT_ONCE = 1000


class S3Storage:
    """Files as objects of one bucket, under their names."""

    def __init__(self, endpoint: str, bucket: str, region: str, access_key: str, secret_key: str) -> None:
        """Nothing is asked yet. An empty endpoint means Amazon's for the region; `http:` is for servers next door."""
        self._store = S3Store(
            bucket,
            endpoint=endpoint or f"https://s3.{region}.amazonaws.com",
            region=region,
            access_key_id=access_key,
            secret_access_key=secret_key,
            virtual_hosted_style_request=False,
            client_options={"allow_http": True, "connect_timeout": CONNECT, "timeout": REQUEST},
            retry_config={"max_retries": RETRIES, "retry_timeout": REQUEST},
        )

    async def put(self, name: str, content: bytes) -> None:
        """Keep a file. The server checks it against the digest that is part of the signature."""
        try:
            await obstore.put_async(self._store, name, content, use_multipart=False)
        except (BaseError, OSError, ValueError) as error:
            raise _away(error) from error

    async def get(self, name: str) -> StoredFile:
        """A file to read. Raises FileNotFoundError."""
        try:
            found = await obstore.get_async(self._store, name)
        except FileNotFoundError:
            raise
        except (BaseError, OSError, ValueError) as error:
            raise _away(error) from error
        return StoredFile(found.meta["size"], _chunks(found))

    async def delete(self, name: str) -> None:
        """Forget a file."""
        try:
            await obstore.delete_async(self._store, name)
        except FileNotFoundError:
            return
        except (BaseError, OSError, ValueError) as error:
            raise _away(error) from error

    async def exists(self, name: str) -> bool:
        """Whether there is a file of this name."""
        try:
            await obstore.head_async(self._store, name)
        except FileNotFoundError:
            return False
        except (BaseError, OSError, ValueError) as error:
            raise _away(error) from error
        return True

    async def names(self) -> AsyncIterator[str]:
        """The names of all objects of the bucket."""
        try:
            async for page in obstore.list(self._store, chunk_size=LISTED_AT_ONCE):
                for entry in page:
                    yield entry["path"]
        except (BaseError, OSError, ValueError) as error:
            raise _away(error) from error


async def _chunks(found: "GetResult") -> AsyncIterator[bytes]:
    try:
        async for chunk in found.stream():
            yield bytes(chunk)
    except (BaseError, OSError, ValueError) as error:
        raise _away(error) from error


def _away(error: Exception) -> StorageAwayError:
    # The library's messages hold addresses and the server's answer: only the kind goes into the log.
    log.error("storage_failed", error=type(error).__name__)
    return StorageAwayError(headers=RETRY_AFTER)

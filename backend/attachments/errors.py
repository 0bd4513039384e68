"""What can be wrong with a file a citizen sends or an agent adds."""

from backend.core.errors import KomshuError


class PhotoTooLargeError(KomshuError):
    """The file has more bytes or pixels than the office accepts."""

    code = "photo_too_large"
    status = 413


class PhotoTooManyPixelsError(PhotoTooLargeError):
    """The photo has more pixels than the office accepts."""

    code = "photo_too_many_pixels"


class PhotoTypeError(KomshuError):
    """The file is no photo that can be read, whatever its name says."""

    code = "photo_type_unsupported"
    status = 415


class PhotoNotFoundError(KomshuError):
    """There is no such photo for this person."""

    code = "photo_not_found"
    status = 404


class DocumentTooLargeError(KomshuError):
    """The document has more bytes than the office accepts."""

    code = "document_too_large"
    status = 413


class DocumentTypeError(KomshuError):
    """The content is no PDF, JPEG or PNG, whatever the name says."""

    code = "document_type_unsupported"
    status = 415


class DocumentDamagedError(KomshuError):
    """The PDF cannot be read, or is cut off, or something stands before or behind it."""

    code = "document_damaged"
    status = 422


class DocumentLockedError(KomshuError):
    """The PDF is encrypted: nobody at the office could open it."""

    code = "document_locked"
    status = 422


class DocumentActiveError(KomshuError):
    """The PDF holds a program, or starts one."""

    code = "document_active"
    status = 422


class DocumentTooLongError(KomshuError):
    """The PDF has more pages than the office accepts."""

    code = "document_too_long"
    status = 413


class DocumentNotFoundError(KomshuError):
    """The ticket has no such document."""

    code = "document_not_found"
    status = 404


class StorageAwayError(KomshuError):
    """The storage of photos and documents did not do what it was asked; trying again may help."""

    code = "storage_away"
    status = 503


RETRY_AFTER = {"Retry-After": "10"}
"""Seconds: what a storage that was restarted needs."""

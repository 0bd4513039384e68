"""What can be wrong with a file a citizen sends."""

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

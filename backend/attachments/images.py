"""Make a photo safe: sniff its type, bound its pixels, drop its metadata by encoding it anew."""

import io
import warnings
from collections.abc import Iterable

from PIL import Image, ImageOps, UnidentifiedImageError

from backend.attachments.errors import PhotoTooManyPixelsError, PhotoTypeError

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
LONGEST_SIDE = 2048
QUALITY = 85
SQUARE = 16
BLOCK = (90, 90, 90)
Area = tuple[int, int, int, int]
"""Left, top, width, height, in pixels."""


def cleaned_photo(content: bytes, max_pixels: int) -> tuple[bytes, tuple[int, int]]:
    """A JPEG without metadata, at most 2048 pixels a side, and its size (width, height).

    Raises PhotoTypeError for anything but a readable JPEG, PNG, WebP or GIF, PhotoTooLargeError beyond max_pixels.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=FORMATS)
        if image.width * image.height > max_pixels:
            raise PhotoTooManyPixelsError(megapixels=max_pixels / 1_000_000)
        return _encoded(ImageOps.exif_transpose(image))
    except Image.DecompressionBombError as error:
        raise PhotoTooManyPixelsError(megapixels=max_pixels / 1_000_000) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise PhotoTypeError from error


def covered(content: bytes, areas: Iterable[Area] | None) -> bytes:
    """A picture of ours with blocks of one colour over some areas, or all over it; nothing of what was there remains.

    The areas grow to whole squares of 16 pixels: JPEG spreads what is in such a square all over it.
    """
    image = Image.open(io.BytesIO(content), formats=FORMATS).convert("RGB")
    whole = (0, 0, image.width, image.height)
    for x, y, width, height in [whole] if areas is None else areas:
        image.paste(BLOCK, _snapped(x, y, x + width, y + height, image.size))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _snapped(left: int, top: int, right: int, bottom: int, size: tuple[int, int]) -> Area:
    """(left, top, right, bottom) of the whole squares an area touches, within the picture."""
    first = (max(left, 0) // SQUARE * SQUARE, max(top, 0) // SQUARE * SQUARE)
    last = (min(-(-right // SQUARE) * SQUARE, size[0]), min(-(-bottom // SQUARE) * SQUARE, size[1]))
    return (*first, max(last[0], first[0]), max(last[1], first[1]))


def size_of(content: bytes) -> tuple[int, int]:
    """Width and height of a picture of ours, in pixels."""
    return Image.open(io.BytesIO(content), formats=FORMATS).size


def _encoded(image: Image.Image) -> tuple[bytes, tuple[int, int]]:
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    flat = Image.new("RGB", image.size, "white")
    flat.paste(image, mask=image.convert("RGBA").getchannel("A"))
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=QUALITY)
    return out.getvalue(), flat.size

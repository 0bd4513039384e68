"""Make a photo safe: sniff its type, bound its pixels, drop its metadata by encoding it anew."""

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from backend.attachments.errors import PhotoTooManyPixelsError, PhotoTypeError

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
LONGEST_SIDE = 2048
QUALITY = 85


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


def _encoded(image: Image.Image) -> tuple[bytes, tuple[int, int]]:
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    flat = Image.new("RGB", image.size, "white")
    flat.paste(image, mask=image.convert("RGBA").getchannel("A"))
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=QUALITY)
    return out.getvalue(), flat.size

"""Things tests make."""

import io

from PIL import Image


def jpeg(size: tuple[int, int] = (64, 48)) -> bytes:
    """A small photo that carries a position in its EXIF data."""
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (45.0, 45.0, 13.0), 3: "E", 4: (21.0, 13.0, 32.0)}
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, "JPEG", exif=exif)
    return out.getvalue()

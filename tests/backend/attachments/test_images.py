"""Photos made safe."""

import io

import pytest
from hypothesis import given, settings, strategies as st
from PIL import Image

from backend.attachments.errors import PhotoTooLargeError, PhotoTypeError
from backend.attachments.images import LONGEST_SIDE, cleaned_photo
from backend.core.catalogue import backend_catalogue
from tests.backend.attachments.factories import encoded, png_that_claims
from tests.factories import jpeg

PIXELS = 1_000_000


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def test_a_photo_comes_out_without_the_place_it_was_taken_at() -> None:
    sent = jpeg()
    assert 0x8825 in opened(sent).getexif()
    clean, size = cleaned_photo(sent, PIXELS)
    assert dict(opened(clean).getexif()) == {}
    assert "exif" not in opened(clean).info
    assert b"Exif" not in clean
    assert (opened(clean).format, opened(clean).size, size) == ("JPEG", (64, 48), (64, 48))


@pytest.mark.parametrize(
    ("format", "mode"),
    [
        ("JPEG", "RGB"),
        ("JPEG", "L"),
        ("JPEG", "CMYK"),
        ("PNG", "RGB"),
        ("PNG", "RGBA"),
        ("PNG", "LA"),
        ("PNG", "P"),
        ("PNG", "1"),
        ("PNG", "I;16"),
        ("WEBP", "RGB"),
        ("WEBP", "RGBA"),
        ("GIF", "P"),
        ("GIF", "L"),
    ],
)
def test_every_kind_of_photo_comes_out_as_a_jpeg(format: str, mode: str) -> None:
    clean, size = cleaned_photo(encoded(format, mode), PIXELS)
    assert (opened(clean).format, opened(clean).mode, size) == ("JPEG", "RGB", (40, 30))


def test_comments_and_text_inside_a_picture_are_gone() -> None:
    clean, _ = cleaned_photo(encoded("JPEG", comment=b"my secret"), PIXELS)
    assert b"my secret" not in clean


def test_a_picture_turned_by_its_metadata_is_turned_for_good() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert cleaned_photo(encoded("JPEG", exif=exif), PIXELS)[1] == (30, 40)


def test_what_is_transparent_becomes_white() -> None:
    clean, _ = cleaned_photo(encoded("PNG", "RGBA"), PIXELS)
    assert opened(clean).getpixel((5, 5)) == (255, 255, 255)


def test_a_moving_picture_becomes_its_first_frame() -> None:
    out = io.BytesIO()
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "blue")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    clean, _ = cleaned_photo(out.getvalue(), PIXELS)
    red, _, blue = opened(clean).getpixel((5, 5))
    assert red > 200
    assert blue < 50


def test_a_wide_picture_is_made_smaller_in_proportion() -> None:
    assert cleaned_photo(encoded("PNG", "L", (4096, 1024)), 5_000_000)[1] == (LONGEST_SIDE, 512)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"just text",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"\xff\xd8\xff\xe0",
        encoded("BMP"),
        encoded("TIFF"),
        encoded("PNG")[:40],
        jpeg()[: len(jpeg()) // 2],
        jpeg((640, 480))[:-400],
    ],
    ids=["empty", "text", "svg", "pdf", "head only", "bmp", "tiff", "png cut", "jpeg cut in half", "jpeg without end"],
)
def test_what_is_no_whole_photo_is_refused_whatever_its_name(content: bytes) -> None:
    with pytest.raises(PhotoTypeError):
        cleaned_photo(content, PIXELS)


@pytest.mark.parametrize("size", [(1001, 1000), (60_000, 60_000), (2**31 - 1, 1)])
def test_more_pixels_than_allowed_are_refused_before_they_are_read(size: tuple[int, int]) -> None:
    with pytest.raises(PhotoTooLargeError):
        cleaned_photo(png_that_claims(*size), PIXELS)


@pytest.mark.parametrize("language", ["en", "tr", "ro", "mk", "af"])
def test_the_refusal_of_too_many_pixels_is_a_whole_sentence(language: str) -> None:
    with pytest.raises(PhotoTooLargeError) as error:
        cleaned_photo(encoded("PNG", "L", (200, 200)), 10_000)
    said = backend_catalogue().text(f"error.{error.value.code}", language, **error.value.values)
    assert "?" not in said
    assert "{" not in said


def test_exactly_the_allowed_pixels_are_taken() -> None:
    assert cleaned_photo(encoded("PNG", "L", (100, 100)), 10_000)[1] == (100, 100)


@settings(max_examples=80)
@given(
    st.sampled_from([jpeg(), encoded("PNG", "RGBA"), encoded("WEBP"), encoded("GIF", "P")]),
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=6),
    st.integers(0, 5000),
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_damaged_photo_is_read_or_refused(photo: bytes, damage: list[tuple[int, int]], kept: int) -> None:
    damaged = bytearray(photo[: kept or None])
    for place, value in damage:
        damaged[place % len(damaged)] = value
    try:
        clean, size = cleaned_photo(bytes(damaged), PIXELS)
    except (PhotoTypeError, PhotoTooLargeError):
        return
    assert opened(clean).size == size

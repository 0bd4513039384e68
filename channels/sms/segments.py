"""How many SMS a text is, counted as Twilio and the networks bill it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""3GPP TS 23.038, 6.2.1: the default alphabet, one septet a character. It has Ç but no ç."""
GSM_EXTENSION = frozenset("\f^{}\\[~]|€")
"""3GPP TS 23.038, 6.2.1.1: the extension table, two septets (escape and character)."""


@dataclass(frozen=True)
class Segments:
    """A counted text: `units` are septets in GSM-7 and UTF-16 code units in UCS-2."""

    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    segments: int


def counted(text: str) -> Segments:
    """The encoding a text needs and the SMS it takes; an empty text takes none.

    One SMS holds 140 bytes: 160 septets or 70 code units. Joined ones give 6 bytes to the header (3GPP TS 23.040):
    153 septets or 67 code units. Neither an escaped character nor a surrogate pair is split between two.
    """
    if all(sign in GSM_BASIC or sign in GSM_EXTENSION for sign in text):
        widths = [2 if sign in GSM_EXTENSION else 1 for sign in text]
        return Segments("GSM-7", sum(widths), _filled(widths, 160, 153))
    widths = [2 if ord(sign) > 0xFFFF else 1 for sign in text]
    return Segments("UCS-2", sum(widths), _filled(widths, 70, 67))


def _filled(widths: Sequence[int], single: int, joined: int) -> int:
    if sum(widths) <= single:
        return 1 if widths else 0
    segments, room = 0, 0
    for width in widths:
        if width > room:
            segments, room = segments + 1, joined
        room -= width
    return segments

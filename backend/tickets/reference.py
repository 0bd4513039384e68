"""References people can say, hear and type: `TM-4F7-KPX`.

The alphabet leaves out what looks alike (0/O, 1/I/L, 2/Z, 5/S, B, Q, U/V). It has 23 signs, a prime, so that the
weighted sum modulo 23 behind the last sign catches every single wrong sign and every swap of two (the argument
of the ISBN-10 check digit, which works modulo 11).
"""

import re
import secrets

ALPHABET = "346789ACDEFGHJKMNPRTWXY"
RANDOM_SIGNS = 5
CYRILLIC = str.maketrans("АВЕЈКМНОРСТХУ", "ABEJKMHOPCTXY")


def new_reference(prefix: str) -> str:
    """A random reference of an office, `PREFIX-XXX-XXX`."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_SIGNS))
    return written(prefix, body + check_sign(body))


def check_sign(body: str) -> str:
    """The sign that makes the weighted sum of the whole come out at zero modulo 23."""
    weighted = sum(weight * ALPHABET.index(sign) for weight, sign in enumerate(body, start=2))
    return ALPHABET[-weighted % len(ALPHABET)]


def written(prefix: str, signs: str) -> str:
    """Prefix and signs in groups of three."""
    return f"{prefix}-{signs[:3]}-{signs[3:]}"


def find_reference(text: str, prefix: str) -> str | None:
    """The first well-formed reference of an office in a text, whatever its case, spacing or script; else None."""
    plain = text.upper().translate(CYRILLIC)
    signs = rf"[{ALPHABET}]"
    pattern = rf"(?<![A-Z0-9]){prefix}[\s.–-]*((?:{signs}[\s.–-]*){{{RANDOM_SIGNS}}}{signs})(?![A-Z0-9])"
    for match in re.finditer(pattern, plain):
        body = re.sub(r"[^A-Z0-9]", "", match[1])
        if check_sign(body[:-1]) == body[-1]:
            return written(prefix, body)
    return None


def mentions_reference(text: str, prefix: str) -> bool:
    """Whether a text holds something meant as a reference, right or mistyped."""
    return re.search(rf"(?<![A-Z0-9]){prefix}[\s.–-]*[A-Z0-9]{{3}}", text.upper().translate(CYRILLIC)) is not None

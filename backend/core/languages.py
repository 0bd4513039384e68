"""The languages Komshu speaks."""

LANGUAGES: dict[str, str] = {
    "en": "English",
    "tr": "Türkçe",
    "ro": "Română",
    "mk": "Македонски",
    "af": "Afrikaans",
}
"""ISO 639-1 code -> the language's name in itself."""

FALLBACK = "en"


def known_language(code: str | None) -> str | None:
    """The two-letter code if Komshu speaks it (`ro-RO` counts as `ro`), else None."""
    short = (code or "").strip().lower().replace("_", "-").split("-")[0]
    return short if short in LANGUAGES else None

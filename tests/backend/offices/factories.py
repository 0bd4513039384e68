"""A small office, as data and as files."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from backend.core.languages import LANGUAGES
from backend.offices.schemas import Office

WORKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
Parts = dict[str, dict[str, Any]]


def names(name: str) -> dict[str, str]:
    """A name in each language."""
    return {language: f"{name} ({language})" for language in LANGUAGES}


def term(acronym: str, *aliases: str, expansion: str = "") -> dict[str, Any]:
    """A term of the glossary."""
    return {
        "acronym": acronym,
        "aliases": list(aliases),
        "expansion": expansion or f"{acronym} in full",
        "language": "en",
        "meaning": names(acronym),
    }


def news_topic(key: str, **words: list[str]) -> dict[str, Any]:
    """Something people can subscribe to."""
    return {"id": key, "name": names(key), "words": words}


def parts(**profile: Any) -> Parts:
    """The content of an office's files, by the name of the file; `profile` changes office.yml."""
    office = {
        "id": "smallville",
        "country": "RO",
        "time_zone": "Europe/Bucharest",
        "languages": ["ro", "tr"],
        "reference_prefix": "SV",
        "name": names("Smallville"),
        "desk": names("Desk"),
        "address": "Main Street 1",
        "phone": "+40 1",
        "emergency_number": "112",
        "website": "https://smallville.example.org",
        "privacy_url": "https://smallville.example.org/privacy",
        "hours": {day: ["08:00-12:00", "13:00-16:00"] for day in WORKDAYS},
        "extra_holidays": ["2026-11-25"],
        **profile,
    }
    categories = {"noise": {"unit": "police", "priority": "high", "needs": ["place", "time"]}}
    return {
        "office": office,
        "units": {"desk": {"name": names("Desk")}, "police": {"name": names("Police"), "phone": "+40 2"}},
        "categories": {"default_unit": "desk", "categories": categories, "kinds": {"press_enquiry": "police"}},
        "glossary": {"terms": [term("VAT", "V.A.T.", expansion="Value Added Tax")]},
        "announcements": {"topics": [news_topic("events", en=["concert"]), news_topic("emergency")]},
        "gazetteer": {"streets": [{"name": "Strada Mare", "aliases": ["Str. Mare"]}]},
        "taxonomy": {"topics": {"opening_hours": names("Hours")}, "categories": {"noise": names("Noise")}},
    }


def written(folder: Path, content: Parts) -> Path:
    """Write an office's files below a folder; returns the offices' folder. YAML reads JSON."""
    offices = folder / "offices"
    for name, part in content.items():
        path = folder / "taxonomy.yml" if name == "taxonomy" else offices / "smallville" / f"{name}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(part, ensure_ascii=False), encoding="utf-8")
    return offices


def small_office(**profile: Any) -> Office:
    """The small office, checked."""
    content = deepcopy(parts(**profile))
    for key, category in content["categories"]["categories"].items():
        category["name"] = content["taxonomy"]["categories"][key]
    return Office.model_validate(
        {
            "profile": content["office"],
            **{name: content[name] for name in ("units", "categories", "gazetteer", "glossary", "announcements")},
            "topics": content["taxonomy"]["topics"],
        }
    )

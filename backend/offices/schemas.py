"""An office as data: who it is, when it is open, which unit does what."""

import re
from datetime import date, datetime, time
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from babel.localedata import exists as known_to_babel
from holidays import list_supported_countries
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from backend.core.folding import folded_words
from backend.core.languages import LANGUAGES

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Priority = Literal["low", "normal", "high", "urgent", "restricted"]
TicketKind = Literal[
    "complaint", "service_request", "suggestion", "praise", "information_request", "press_enquiry", "housing_dispute"
]
Need = Literal["place", "date", "time", "account_number", "line", "unit_or_person"]
SPAN = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$")
PREFIX = re.compile(r"^[A-Z]{2,3}$")
OFFICE_ID = re.compile(r"^[a-z0-9-]+$")
DOTS_OF_ACRONYM = re.compile(r"(?<=\b\w)\.(?=\w\b)")


def _in_all_languages(names: dict[str, str]) -> dict[str, str]:
    missing = sorted(language for language in LANGUAGES if not names.get(language, "").strip())
    if missing:
        raise ValueError(f"words are missing in {', '.join(missing)}: add them")
    return names


def _office_id(name: str) -> str:
    if not OFFICE_ID.match(name):
        raise ValueError(f"{name!r} is no id: write small letters a-z, digits and hyphens")
    return name


def _prefix(letters: str) -> str:
    if not PREFIX.match(letters):
        raise ValueError(f"{letters!r} is no prefix: write two or three capital letters, such as 'TM'")
    return letters


def _language(code: str) -> str:
    if not known_to_babel(code) or len(code) > 3:
        raise ValueError(f"{code!r} is no language: write its ISO 639 code, such as 'ro'")
    return code


def as_said(text: str) -> str:
    """Folded words with one space between: two ways to say a name are one when this is equal."""
    return " ".join(folded_words(DOTS_OF_ACRONYM.sub("", text)))


def _with_letters(name: str) -> str:
    if not as_said(name):
        raise ValueError(f"{name!r} has no letter or digit: write the name as people say it")
    return name


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        raise ValueError(f"{name!r} is no time zone: write it as 'Europe/Bucharest'") from None
    return name


def _country(code: str) -> str:
    if code not in list_supported_countries():
        raise ValueError(f"the public holidays of {code!r} are not known: write the ISO 3166 code, such as 'RO'")
    return code


def _spoken(codes: tuple[str, ...]) -> tuple[str, ...]:
    if not codes or set(codes) - set(LANGUAGES):
        raise ValueError(f"name one or more of {', '.join(LANGUAGES)}")
    return codes


Names = Annotated[dict[str, str], AfterValidator(_in_all_languages)]
Said = Annotated[str, AfterValidator(_with_letters)]
"""Words by which something is recognised in what people write."""


class Data(BaseModel):
    """Base of office data: unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Span(Data):
    """A time of the day from opening to closing, local time."""

    opens: time
    closes: time

    @model_validator(mode="after")
    def closes_after_opening(self) -> Self:
        """An office does not close before it opens; a night shift is two spans."""
        if self.closes <= self.opens:
            raise ValueError("closes before it opens: write a span over midnight as two")
        return self


def _span(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not SPAN.match(value):
        raise ValueError(f"{value!r} is no span of time: write it as '08:00-16:00'")
    opens, closes = value.split("-")
    return {"opens": opens, "closes": closes}


class Unit(Data):
    """A part of the office that answers for something."""

    name: Names
    room: Names | None = None
    phone: str | None = None


class Category(Data):
    """What a complaint can be about, who answers for it and what must be asked."""

    unit: str
    priority: Priority = "normal"
    needs: tuple[Need, ...] = ()
    optional: tuple[str, ...] = ()
    name: Names


class Categories(Data):
    """The categories and kinds of ticket an office takes."""

    default_unit: str
    categories: dict[str, Category]
    kinds: dict[TicketKind, str] = {}


class Place(Data):
    """A name of the gazetteer and other ways people say it."""

    name: Said
    aliases: tuple[Said, ...] = ()


class Gazetteer(Data):
    """Streets, districts and landmarks of the office's area."""

    streets: tuple[Place, ...] = ()
    squares: tuple[Place, ...] = ()
    districts: tuple[Place, ...] = ()
    landmarks: tuple[Place, ...] = ()


class Term(Data):
    """A word or acronym of the administration, and what it means."""

    acronym: Said
    aliases: tuple[Said, ...] = ()
    expansion: Said
    language: Annotated[str, AfterValidator(_language)]
    """The language of the expansion."""
    meaning: Names

    @property
    def ways_to_say(self) -> tuple[str, ...]:
        """How people name it, folded, without repetition."""
        return tuple(dict.fromkeys(as_said(name) for name in (self.acronym, *self.aliases, self.expansion)))


class Glossary(Data):
    """The content of glossary.yml."""

    terms: tuple[Term, ...] = ()

    @model_validator(mode="after")
    def each_term_once(self) -> Self:
        """An acronym or alias leads to one term."""
        first: dict[str, Term] = {}
        for term in self.terms:
            for name in (term.acronym, *term.aliases):
                if first.setdefault(as_said(name), term) is not term:
                    other = first[as_said(name)].acronym
                    raise ValueError(f"{name!r} of {term.acronym!r} also names {other!r}: keep it in one of them")
        return self


class Profile(Data):
    """The content of office.yml."""

    id: Annotated[str, AfterValidator(_office_id)]
    country: Annotated[str, AfterValidator(_country)]
    time_zone: Annotated[str, AfterValidator(_zone)]
    languages: Annotated[tuple[str, ...], AfterValidator(_spoken)]
    reference_prefix: Annotated[str, AfterValidator(_prefix)]
    name: Names
    desk: Names
    address: str
    phone: str
    emergency_number: str
    website: str
    privacy_url: str
    answer_minutes: int = Field(10, ge=1)
    reopen_days: int = Field(30, ge=0)
    satisfaction_target: float = Field(0.8, gt=0, lt=1)
    hours: dict[Weekday, tuple[Annotated[Span, BeforeValidator(_span)], ...]]
    extra_holidays: tuple[date, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The office's time zone."""
        return ZoneInfo(self.time_zone)


class Taxonomy(BaseModel):
    """The content of data/taxonomy.yml: what can be asked and reported, with names for people."""

    topics: dict[str, Names]
    categories: dict[str, Names]


class Office(Data):
    """One office, whole and checked."""

    profile: Profile
    units: dict[str, Unit]
    categories: Categories
    gazetteer: Gazetteer
    glossary: Glossary = Glossary()
    topics: dict[str, Names]
    """Question topics by id, with their names for people."""

    @model_validator(mode="after")
    def units_exist(self) -> Self:
        """Every unit that is named is described."""
        named = {self.categories.default_unit, *self.categories.kinds.values()}
        named |= {category.unit for category in self.categories.categories.values()}
        unknown = sorted(named - set(self.units))
        if unknown:
            raise ValueError(f"units {', '.join(unknown)} are named in categories.yml but not described in units.yml")
        return self

    def unit_for(self, kind: TicketKind, category: str | None) -> str:
        """The unit that answers for a ticket: by category, then by kind, then the default desk."""
        if category in self.categories.categories:
            return self.categories.categories[category].unit
        return self.categories.kinds.get(kind, self.categories.default_unit)


class Promise(BaseModel):
    """When a person will answer."""

    open_now: bool
    at: datetime | None
    when: str
    """The moment in words, in office time, in the citizen's language."""
    minutes: int | None
    """The usual wait while the desk is open."""
    phone: str
    ending: str = ""
    """The last digits of the number to call back, where it is known."""
    local: str = ""
    """The moment in the citizen's own time, where it is another than the office's."""


class CategoryFacts(BaseModel):
    """What must be asked for a category, and its names."""

    needs: tuple[Need, ...]
    name: Names


class OfficeFacts(BaseModel):
    """What the actions need to know about the office."""

    id: str
    reference_prefix: str
    emergency_number: str
    phone: str
    website: str
    categories: dict[str, CategoryFacts]
    topics: dict[str, Names]


class ExplainedTerm(BaseModel):
    """A term of the glossary in one language."""

    name: str
    expansion: str
    meaning: str

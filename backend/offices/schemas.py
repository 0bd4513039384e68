"""An office as data: who it is, when it is open, which unit does what."""

import re
from datetime import date, datetime, time
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from babel.localedata import exists as known_to_babel
from holidays import list_supported_countries
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, model_validator

from backend.core.languages import LANGUAGES
from backend.offices.announcing import Announcements as Announcements, NewsTopic as NewsTopic
from backend.offices.wording import Data as Data, Names as Names, Said as Said, as_said as as_said

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Priority = Literal["low", "normal", "high", "urgent", "restricted"]
TicketKind = Literal[
    "complaint", "service_request", "suggestion", "praise", "information_request", "press_enquiry", "housing_dispute"
]
Assignment = Literal["none", "least_loaded"]
Need = Literal["place", "date", "time", "account_number", "line", "unit_or_person"]
SPAN = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$")
PREFIX = re.compile(r"^[A-Z]{2,3}$")
OFFICE_ID = re.compile(r"^[a-z0-9-]+$")


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
    assignment: Assignment = "none"
    """Whether its tickets are given to people by themselves, and how."""


class Category(Data):
    """What a complaint can be about, who answers for it and what must be asked."""

    unit: str
    priority: Priority = "normal"
    needs: tuple[Need, ...] = ()
    optional: tuple[str, ...] = ()
    name: Names


class Area(Data):
    """Districts in which another unit answers for some categories."""

    districts: Annotated[tuple[str, ...], Field(min_length=1)]
    """Names of the gazetteer."""
    categories: Annotated[tuple[str, ...], Field(min_length=1)]
    unit: str


class Categories(Data):
    """The categories and kinds of ticket an office takes."""

    default_unit: str
    categories: dict[str, Category]
    areas: tuple[Area, ...] = ()
    """The first that fits a ticket's place decides."""
    kinds: dict[TicketKind, str] = Field(default_factory=dict)


class Place(Data):
    """A name of the gazetteer and other ways people say it."""

    name: Said
    aliases: tuple[Said, ...] = ()
    district: str | None = None
    """Where a street, square or landmark lies, by the name of the district."""

    def named_in(self, said: str) -> int:
        """The length of the longest of its names in folded words with blanks around them; 0 when none is there."""
        names = (as_said(name) for name in (self.name, *self.aliases))
        return max((len(name) for name in names if f" {name} " in said), default=0)


class Gazetteer(Data):
    """Streets, districts and landmarks of the office's area."""

    streets: tuple[Place, ...] = ()
    squares: tuple[Place, ...] = ()
    districts: tuple[Place, ...] = ()
    landmarks: tuple[Place, ...] = ()

    def district_of(self, place: str | None) -> str | None:
        """The district a place is in: the one it names, else that of the street, square or landmark it names."""
        said = f" {as_said(place or '')} "
        for places in (self.districts, (*self.streets, *self.squares, *self.landmarks)):
            found = max(places, key=lambda one: one.named_in(said), default=None)
            if found and found.named_in(said):
                return found.name if places is self.districts else found.district
        return None


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


ToldName = Literal["reference", "party", "office", "phone", "due", "page", "step", "appointment", "text"]
"""What may stand in braces in what parties are told."""


class ToldParties(Data):
    """What each party of a dispute is told; `{name}`s are filled in: see docs/disputes.md."""

    complainant: Names
    respondent: Names


class DisputeStep(Data):
    """One step of a dispute between its registration and its end."""

    name: Names
    then: tuple[str, ...] = ()
    """The steps that may follow."""
    appointment: bool = False
    """Whether both parties have to be there at a time."""
    skip_needs_reason: bool = False
    told: ToldParties


Ending = Literal["solved", "partly", "refused", "forwarded", "withdrawn"]


class DisputeEnd(Data):
    """A way a dispute ends."""

    name: Names
    outcomes: Annotated[tuple[Ending, ...], Field(min_length=1)]
    """What the ticket's outcome may be then, seen by the complainant."""
    after: tuple[str, ...] = ()
    """The steps it may follow; empty: it may come at any time."""
    ruling: bool = False
    """Whether it is decided: both get the text and the way of appeal."""
    told: ToldParties


class Disputes(Data):
    """The content of disputes.yml: what disputes are about, and the steps they go."""

    topics: dict[str, Names]
    papers: Names
    """What people should bring."""
    steps: dict[str, DisputeStep]
    ends: dict[str, DisputeEnd]

    @property
    def first(self) -> str:
        """The step a dispute begins with when it is registered."""
        return next(iter(self.steps))

    @model_validator(mode="after")
    def steps_are_known(self) -> Self:
        """Every step that is named is described, and a dispute can begin and end."""
        named = {step for one in self.steps.values() for step in one.then}
        named |= {step for end in self.ends.values() for step in end.after}
        if unknown := sorted(named - set(self.steps)):
            raise ValueError(f"steps {', '.join(unknown)} are named in disputes.yml but not described there")
        if not self.steps or not self.ends:
            raise ValueError("describe at least one step and one end")
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
    announcements: Announcements = Announcements()
    disputes: Disputes | None = None
    """None: housing disputes go no steps here."""
    topics: dict[str, Names]
    """Question topics by id, with their names for people."""

    @property
    def announcement_topics(self) -> dict[str, Names]:
        """What the office sends announcements about, by id, with the names for people; in the file's order."""
        return {topic.id: topic.name for topic in self.announcements.topics}

    @model_validator(mode="after")
    def units_exist(self) -> Self:
        """Every unit that is named is described."""
        named = {self.categories.default_unit, *self.categories.kinds.values()}
        named |= {category.unit for category in self.categories.categories.values()}
        named |= {area.unit for area in self.categories.areas}
        unknown = sorted(named - set(self.units))
        if unknown:
            raise ValueError(f"units {', '.join(unknown)} are named in categories.yml but not described in units.yml")
        return self

    def unit_for(self, kind: TicketKind, category: str | None, place: str | None = None) -> str:
        """The unit that answers for a ticket: by category and area, by category, by kind, else the default desk."""
        if category in self.categories.categories:
            areas = [area for area in self.categories.areas if category in area.categories]
            district = self.gazetteer.district_of(place) if areas else None
            usual = self.categories.categories[category].unit
            return next((area.unit for area in areas if district in area.districts), usual)
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


class DisputeFacts(BaseModel):
    """What must be asked about a dispute between landlord and tenant."""

    topics: dict[str, Names]
    papers: Names
    roles: dict[str, Names]


class OfficeFacts(BaseModel):
    """What the actions need to know about the office."""

    id: str
    reference_prefix: str
    emergency_number: str
    phone: str
    website: str
    categories: dict[str, CategoryFacts]
    topics: dict[str, Names]
    disputes: DisputeFacts | None = None


class ExplainedTerm(BaseModel):
    """A term of the glossary in one language."""

    name: str
    expansion: str
    meaning: str

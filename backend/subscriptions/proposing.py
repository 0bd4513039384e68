"""From a wish in somebody's words to the sentence they say yes to."""

from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import Conversation
from backend.core.catalogue import backend_catalogue
from backend.offices.schemas import NewsTopic
from backend.offices.service import Office
from backend.subscriptions import naming, repository
from backend.subscriptions.schemas import Named, Proposal, Wish
from backend.subscriptions.service import everywhere


async def propose(session: AsyncSession, office: Office, of: Conversation, wish: Wish) -> Proposal:
    """What a wish comes to with its newest message, and once it is whole the sentence to agree to."""
    topics = {topic.id: topic for topic in office.announcements.topics}
    topic = topics.get(_topic(office, wish) or "")
    areas, is_everywhere = _areas(office, wish)
    if topic and (not topic.districts or not office.gazetteer.districts):
        areas, is_everywhere = [], True
    proposal = Proposal(
        topics=[Named(id=key, title=one.name[wish.language]) for key, one in topics.items()],
        topic=topic.id if topic else None,
        areas=areas,
        everywhere=is_everywhere,
        title=topic.name[wish.language] if topic else "",
        example=office.gazetteer.districts[0].name if office.gazetteer.districts else "",
    )
    return await _whole(session, of, wish.language, topic, proposal) if areas or is_everywhere else proposal


async def _whole(
    session: AsyncSession, of: Conversation, language: str, topic: NewsTopic | None, proposal: Proposal
) -> Proposal:
    area = everywhere(language) if proposal.everywhere else ", ".join(proposal.areas)
    if topic is None:
        return proposal.model_copy(update={"area": area})
    had = {one.area for one in await repository.active(session, of.contact_id) if one.topic == topic.id}
    already = None in had or (not proposal.everywhere and had.issuperset(proposal.areas))
    summary = consent_sentence(of.channel, language, proposal.title, area)
    return proposal.model_copy(update={"area": area, "already": already, "summary": summary})


def consent_sentence(channel: str, language: str, topic: str, area: str) -> str:
    """What a person says yes to: what they get, where, by which way, and how they stop it."""
    texts = backend_catalogue()
    here, way_out = texts.text(f"subscriptions.here.{channel}", language), texts.text("subscriptions.way_out", language)
    return texts.text("subscriptions.consent", language, topic=topic, area=area, here=here, way_out=way_out)


def _topic(office: Office, wish: Wish) -> str | None:
    """The topic of the message when it names one and speaks of no district instead, else the one known before."""
    if wish.topic and (wish.asked == "area" or not wish.text) and any(_areas_said(office, wish)):
        return wish.topic
    found = naming.topic_in(office, wish.text, wish.language) if wish.text else None
    return found or wish.topic


def _areas(office: Office, wish: Wish) -> tuple[list[str], bool]:
    """The districts of the message, or everywhere; when it speaks of neither, what was known before."""
    areas, is_everywhere = _areas_said(office, wish)
    if areas or is_everywhere:
        return areas, is_everywhere
    known = naming.districts_among(office, wish.areas)
    return known, wish.everywhere and not known


def _areas_said(office: Office, wish: Wish) -> tuple[list[str], bool]:
    found = naming.districts_among(office, wish.places)
    if not found and wish.asked in ("area", "confirm"):
        found = naming.districts_in(office, wish.text)
    return found, not found and naming.says_everywhere(wish.text, asked=wish.asked == "area")

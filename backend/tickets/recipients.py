"""Who is to hear of a ticket: who works on it, or stands in; else the head of its unit; else the supervisors.

Nobody hears of a ticket they may not see, and nobody who is away while somebody else can.
"""

from collections.abc import Iterable, Sequence

from backend.accounts.schemas import Agent, Colleague
from backend.tickets.models import Ticket


def fits(colleague: Agent, ticket: Ticket) -> bool:
    """Whether a colleague could work on a ticket: may work on any, and may see this one."""
    sees = colleague.sees_restricted(ticket.unit) if ticket.restricted else colleague.sees_unit(ticket.unit)
    return sees and colleague.may("ticket") and colleague.office_id == ticket.office_id


class Team:
    """Everybody of the desk, as they are at one moment."""

    def __init__(self, colleagues: Sequence[Colleague]) -> None:
        self._by_id = {one.agent.id: one for one in colleagues}

    def working_on(self, ticket: Ticket) -> list[Agent]:
        """Who has it, or their stand-in while they are away; empty for nobody who is there and may see it."""
        mine = self._by_id.get(ticket.assignee_id) if ticket.assignee_id else None
        return self._there([mine] if mine else [], ticket)

    def in_charge(self, ticket: Ticket) -> list[Agent]:
        """The heads of its unit, those who stand in for them, or without any the supervisors."""
        heads = [one for one in self._by_id.values() if ticket.unit in one.agent.heads]
        return self._there(heads, ticket) or self.supervisors(ticket)

    def supervisors(self, ticket: Ticket) -> list[Agent]:
        """Supervisors who may see it: those who are there, or all when all are away."""
        every = [one for one in self._by_id.values() if one.agent.role == "supervisor"]
        return self._there(every, ticket) or [one.agent for one in every if fits(one.agent, ticket)]

    def reminded(self, ticket: Ticket) -> list[Agent]:
        """Who is reminded before the term ends: who works on it, else who is in charge."""
        return self.working_on(ticket) or self.in_charge(ticket)

    def answerable(self, ticket: Ticket) -> list[Agent]:
        """Who hears that the term is over: who works on it and who is in charge."""
        return _each_once([*self.working_on(ticket), *self.in_charge(ticket)])

    def stand_in(self, one: Colleague) -> Colleague | None:
        """Who does the work of somebody who is away, if they are there themselves."""
        other = self._by_id.get(one.away.stand_in) if one.away and one.away.stand_in else None
        return other if other and other.away is None else None

    def _there(self, wanted: Iterable[Colleague], ticket: Ticket) -> list[Agent]:
        found = [self.stand_in(one) if one.away else one for one in wanted]
        return _each_once(one.agent for one in found if one and fits(one.agent, ticket))


def _each_once(agents: Iterable[Agent]) -> list[Agent]:
    return list({one.id: one for one in agents}.values())

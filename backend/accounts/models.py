"""People of the desk, their sign-ins, and who is there now."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database import Base


class Account(Base):
    """Somebody who works at the desk."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("office_id", "login"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    office_id: Mapped[str]
    login: Mapped[str]
    """Lower case; what they sign in with, often their e-mail address."""
    name: Mapped[str]
    """What citizens are told they speak with."""
    role: Mapped[str]
    units: Mapped[list[Any]]
    languages: Mapped[list[Any]]
    language: Mapped[str]
    """The console's."""
    shortcuts: Mapped[bool] = mapped_column(default=True)
    sounds: Mapped[bool] = mapped_column(default=True)
    capacity: Mapped[int] = mapped_column(default=5)
    """How many chats they hold at once before the queue stops offering them more."""
    heads: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'::jsonb"))
    """Units they are head of."""
    assigned_at: Mapped[datetime | None]
    """When they were last given a ticket: among equals who waited longest gets the next one."""
    password_digest: Mapped[str | None]
    """Null for who signs in through the office's own identity provider only."""
    must_change: Mapped[bool] = mapped_column(default=False)
    factor_secret: Mapped[str | None]
    """Sealed; the shared secret of the second factor."""
    factor_confirmed_at: Mapped[datetime | None]
    factor_step: Mapped[int] = mapped_column(default=0)
    """The newest time step a code was accepted for: no code counts twice."""
    subject: Mapped[str | None] = mapped_column(unique=True)
    """Issuer and subject at the identity provider."""
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    signed_in_at: Mapped[datetime | None]


class SignIn(Base):
    """One browser in which somebody is signed in."""

    __tablename__ = "sign_in"

    digest: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    csrf: Mapped[str]
    factor_due: Mapped[bool]
    """The password was right, the code of the second factor is still to come."""
    by_provider: Mapped[bool] = mapped_column(default=False)
    """The office's identity provider vouched for them: password and second factor are its business then."""
    browser: Mapped[str] = mapped_column(default="")
    """Such as `Firefox, Windows`: how its owner recognises it."""
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class SignInTry(Base):
    """A sign-in that failed, for slowing down who guesses."""

    __tablename__ = "sign_in_try"
    __table_args__ = (Index("ix_sign_in_try_login", "login", "at"), Index("ix_sign_in_try_address", "address", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str]
    """A keyed digest: what people type into this field may be their password."""
    address: Mapped[str]
    """A keyed digest of where it came from."""
    at: Mapped[datetime]


class Presence(Base):
    """Who has the console open, and whether they take chats."""

    __tablename__ = "presence"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    available: Mapped[bool]
    seen_at: Mapped[datetime]


class Absence(Base):
    """Days on which somebody is not at work, as moments of the office's time."""

    __tablename__ = "absence"
    __table_args__ = (Index(None, "account_id", "ends_at"), Index(None, "stand_in_id", "ends_at"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    """The beginning of the first day they are there again."""
    stand_in_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    told_at: Mapped[datetime | None]
    """When it was looked whether anything is due meanwhile that nobody would see."""

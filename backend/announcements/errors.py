"""What can go wrong with announcements."""

from backend.core.errors import KomshuError


class AnnouncementNotFoundError(KomshuError):
    """The office has no such announcement."""

    code = "announcement_not_found"
    status = 404


class AnnouncementUnfitError(KomshuError):
    """It cannot be sent like this; `field` says what is wrong: topic, areas, texts, link or valid_until."""

    code = "announcement_unfit"
    status = 422


class AnnouncementChangedError(KomshuError):
    """Somebody changed it since it was looked at: what was previewed is not what would be sent."""

    code = "announcement_changed"
    status = 409


class AnnouncementStateError(KomshuError):
    """It has come too far, or not far enough, for this."""

    code = "announcement_state"
    status = 409


class SecondPersonError(KomshuError):
    """Who wrote or changed an announcement does not release it."""

    code = "second_person_needed"
    status = 403

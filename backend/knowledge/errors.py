"""What can go wrong with articles at the desk."""

from backend.core.errors import KomshuError


class ArticleUnknownError(KomshuError):
    """The office has no such topic, or Komshu does not speak the language."""

    code = "article_unknown"
    status = 404


class ArticleChangedError(KomshuError):
    """Somebody changed the article since it was looked at; `who` and `when` say so."""

    code = "article_changed"
    status = 409


class ArticleUnfitError(KomshuError):
    """The text cannot be published, or not even kept, as it is; the page says why."""

    code = "article_unfit"
    status = 422


class ArticleFileUnreadableError(KomshuError):
    """A file that is no article."""

    code = "article_file_unreadable"
    status = 422


class NothingToDecideError(KomshuError):
    """The article says nothing now, waits for no decision, or has no such draft or version."""

    code = "nothing_to_decide"
    status = 409

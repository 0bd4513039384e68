"""The columns redactions do not go through, by why: whoever adds one that people write into must not add it here."""

COPIES = {
    "api_answer": "body",
    "bot_session": "events",
    "contact": "words",
    "delivery": "part",
    "draft": "text",
    "message_words": "words",
    "saved_filter": "name query",
    "ticket": "words",
    "unanswered": "folded words",
}
"""Cleaned or forgotten by `backend.redaction.copies` without being asked about."""
REACHED = {
    "contact": "phone",
    "conversation": "address",
    "dispute_party": "phone",
    "identity": "external_id",
    "lane": "address",
    "message": "external_id",
}
"""Where people are reached: without it nobody could be answered. Erasing the person removes it."""
OFFICE = {
    "announcement": "areas link texts topic",
    "article": "body link owner title topic words",
    "article_version": "body link owner title topic",
    "canned_reply": "name texts unit",
    "office": "content",
    "subscription": "area sentence topic",
    "usefulness": "topic",
    "webhook_endpoint": "events name units url",
}
"""What the office says to everybody, and how it is set up: in no person's matter."""
COLLEAGUES = {
    "account": "heads languages login name role subject units",
    "announcement": "released_by writers written_by",
    "api_token": "created_by name scopes units",
    "article_version": "actor",
    "audit_entry": "actor",
    "authority": "checked_by",
    "dispute_party": "confirmed_by",
    "document": "added_by",
    "note": "actor",
    "privacy_request": "confirmed_name done_name",
    "redaction": "actor",
    "sign_in": "browser",
    "ticket_event": "actor",
    "ticket_question": "answered_by asked_by",
    "webhook_endpoint": "created_by",
}
"""Who works for the office."""
SECRETS = {
    "account": "factor_secret password_digest",
    "api_answer": "key request",
    "api_token": "digest",
    "article_version": "digest",
    "dispute_party": "pin_digest",
    "lookup_try": "address",
    "privacy_request": "link_digest",
    "sign_in": "csrf digest",
    "sign_in_try": "address login",
    "ticket": "pin_digest",
    "webhook_endpoint": "old_secret secret",
}
"""Digests and what is sealed."""
OURS = {
    "alembic_version": "version_num",
    "announcement": "figures state",
    "announcement_delivery": "reason state",
    "api_answer": "headers",
    "article_version": "origin state",
    "audit_entry": "action content object_id object_kind",
    "authority": "relation state",
    "bot_session": "conversation_id",
    "contact": "time_zone",
    "conversation": "holder language_choice unit",
    "delivery": "detail kind provider_id reason state",
    "delivery_report": "provider_id reason state",
    "dispute": "ended step topic",
    "dispute_notice": "about key",
    "dispute_party": "role side",
    "lookup_try": "reference",
    "message": "author error state",
    "note": "content kind",
    "notice": "kind",
    "office": "id",
    "privacy_notice": "version",
    "privacy_request": "kind state",
    "procrastinate_jobs": "args lock queue_name queueing_lock task_name",
    "procrastinate_periodic_defers": "periodic_id task_name",
    "redaction": "object_kind reason spots",
    "satisfaction": "unit",
    "subscription": "ended_how",
    "ticket": "category kind outcome priority reference reminded request_key source state unit",
    "ticket_event": "kind",
    "ticket_question": "unit",
    "unanswered": "label message_id",
    "visit": "step",
    "webhook_delivery": "data event reason state subject",
    "webhook_endpoint": "disabled_reason",
}
"""Ids, states, names of the office's files, a provider's codes."""
EVERYWHERE = frozenset({"channel", "language", "media_type", "office_id"})
"""Columns that hold the same in every table."""
GROUPS = (COPIES, REACHED, OFFICE, COLLEAGUES, SECRETS, OURS)


def named() -> list[tuple[str, str]]:
    """(table, column) of all of them, in no order."""
    return [(table, column) for group in GROUPS for table, columns in group.items() for column in columns.split()]

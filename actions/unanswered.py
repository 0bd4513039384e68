"""What is noted of a message that no article answers."""

from actions.client import Asked
from actions.heard import Heard


def asked_by(message: Heard, topic: str | None = None) -> Asked:
    """The message with the topic a button named, else with the likeliest label."""
    named = f"faq/{topic}" if topic and "topic" in message.entities else ""
    label, confidence = message.labels[0] if message.labels and not named else (named, None)
    return Asked(message_id=message.message_id, label=label, confidence=confidence)

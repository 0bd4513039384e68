"""Buttons for topics and categories, named as the office names them."""

from actions.client import OfficeFacts


def topic_button(topic: str, title: str) -> dict[str, str]:
    """A button that asks about a topic."""
    return {"title": title, "payload": f'/faq{{"topic": "{topic}"}}'}


def label_button(label: str, office: OfficeFacts, language: str) -> dict[str, str] | None:
    """A button for a label of the classifier, named for people; None for labels that are no topic."""
    base, _, name = label.partition("/")
    if base == "faq" and name in office.topics:
        return topic_button(name, office.topics[name][language])
    if base == "report" and name in office.categories:
        payload = f'/report{{"category": "{name}"}}'
        return {"title": office.categories[name].name[language], "payload": payload}
    return None

"""What WhatsApp does otherwise than SMS."""

from channels.sms.adapter import LIMIT
from channels.whatsapp.adapter import WhatsAppAdapter
from tests.channels.sms.factories import config
from tests.channels.whatsapp.factories import adapter
from tests.peers.twilio import NUMBER, TwilioPeer

ROMANIAN = "Sesizarea dumneavoastră a fost înregistrată și trimisă – “mulțumim”. " * 3
BUTTONS = [{"title": "Da", "payload": "/da"}, {"title": "Nu", "payload": "/nu"}]


def test_nothing_is_folded_and_options_are_numbers() -> None:
    parts = adapter().render({"text": ROMANIAN, "buttons": BUTTONS, "language": "ro"}, 1)
    assert parts == ({"body": f"{ROMANIAN.strip()}\n1 Da\n2 Nu"},)


def test_a_long_text_is_several() -> None:
    parts = adapter().render({"text": ROMANIAN * 12, "buttons": BUTTONS}, 1)
    assert len(parts) == 2
    assert all(len(part["body"]) <= LIMIT for part in parts)
    assert parts[-1]["body"].endswith("\n1 Da\n2 Nu")


def test_it_has_its_own_name_and_pace() -> None:
    assert (adapter().name, adapter().pull, adapter().pace.per_second) == ("whatsapp", False, 80.0)
    assert adapter().callback == "https://komshu.example/channels/whatsapp"


async def test_numbers_are_sent_with_the_prefix() -> None:
    async with TwilioPeer() as peer:
        # A messaging service is for SMS: WhatsApp has its own number.
        sender = WhatsAppAdapter(config(api_url=peer.url, messaging_service="MG1", whatsapp_number=NUMBER))
        sid = await sender.send("+40721123456", {"body": "Bună"})
        await sender.close()
    assert [(sent["sid"], sent["to"], sent["from"]) for sent in peer.sent] == [
        (sid, "whatsapp:+40721123456", f"whatsapp:{NUMBER}")
    ]

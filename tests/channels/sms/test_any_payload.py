"""Whatever is posted, only the errors of a channel come out."""

from urllib.parse import urlencode

import pytest
from hypothesis import given, strategies as st

from channels.adapter import Call
from channels.errors import ForgedError, PayloadError
from channels.message import Parsed
from channels.sms.adapter import SmsAdapter
from channels.whatsapp.adapter import WhatsAppAdapter
from tests.channels.sms import factories as sms
from tests.channels.whatsapp import factories as whatsapp

URL = "https://komshu.example/channels/sms"
ADAPTERS = {"sms": sms.adapter(), "whatsapp": whatsapp.adapter()}
KINDS = ("application/x-www-form-urlencoded", "application/json", "")
NAMES = st.sampled_from(sorted(sms.KINDS | whatsapp.KINDS)) | st.text(max_size=5)
VALUES = st.sampled_from(["", "1", "9" * 5000, "STOP", "received", "failed", "nan", "+40721123456", "image/jpeg", "½"])
FORMS = st.dictionaries(NAMES, VALUES | st.text(max_size=20) | st.lists(VALUES, max_size=2), max_size=12)


def call(body: bytes, kind: str) -> Call:
    headers = {"content-type": kind}
    return Call(URL, sms.signed(URL, headers, body), body)


@pytest.mark.parametrize("name", ADAPTERS)
@given(st.binary(max_size=200), st.sampled_from(KINDS))
def test_any_bytes(name: str, body: bytes, kind: str) -> None:
    adapter = ADAPTERS[name]
    with pytest.raises(ForgedError):  # an account of ours is in none of them
        adapter.verify(call(body, kind))
    assert parsed_or_refused(adapter, call(body, kind))


@pytest.mark.parametrize("name", ADAPTERS)
@given(posted=FORMS)
def test_any_form(name: str, posted: dict[str, str | list[str]]) -> None:
    adapter = ADAPTERS[name]
    form: dict[str, str | list[str]] = {"AccountSid": sms.config().account_sid} | {
        key: posted[key] for key in posted if key != "AccountSid"
    }
    sent = call(urlencode(form, doseq=True, errors="replace").encode(), KINDS[0])
    adapter.verify(sent)
    assert parsed_or_refused(adapter, sent)


def parsed_or_refused(adapter: SmsAdapter | WhatsAppAdapter, sent: Call) -> Parsed | PayloadError:
    try:
        parsed = adapter.parse(sent)
    except PayloadError as error:
        return error
    assert bool(parsed.events) != bool(parsed.ignored)
    return parsed

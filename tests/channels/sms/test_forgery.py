"""Calls that did not come from Twilio as they are."""

from urllib.parse import parse_qsl, urlencode

import pytest

from channels.adapter import Call
from channels.errors import ForgedError, PayloadError
from tests.channels.sms.factories import adapter, signed
from tests.peers.twilio import ACCOUNT

URL = "https://komshu.example/channels/sms?office=timisoara"
FORM = {"content-type": "application/x-www-form-urlencoded"}
PAIRS = [("AccountSid", ACCOUNT), ("MessageSid", "SM1"), ("From", "+40721123456"), ("Body", "çukur"), ("NumMedia", "0")]
BODY = urlencode(PAIRS).encode()


def call(url: str = URL, body: bytes = BODY) -> Call:
    """A call with the signature of the untouched one."""
    return Call(url, signed(URL, FORM, BODY), body)


UNTOUCHED = [
    ("as sent", call()),
    ("with the port of https", call(URL.replace(".example/", ".example:443/"))),
    ("parameters in another order, which the signature sorts", call(body=urlencode(PAIRS[::-1]).encode())),
    ("UTF-8 as it is", call(body=BODY.replace(b"%C3%A7", "ç".encode()))),
]
FORGED = [
    ("http for https", call(URL.replace("https", "http"))),
    ("another host", call(URL.replace("komshu", "komsu"))),
    ("another path", call(URL.replace("/sms", "/whatsapp"))),
    ("another query", call(URL.replace("timisoara", "besiktas"))),
    ("no query", call(URL.partition("?")[0])),
    ("another body", call(body=BODY.replace(b"ukur", b"uval"))),
    ("Latin-1 for UTF-8", call(body=BODY.replace(b"%C3%A7", b"%C3%83%C2%A7"))),
    ("an extra parameter", call(body=BODY + b"&MediaUrl0=https%3A%2F%2Fevil.example")),
    ("an extra empty parameter", call(body=BODY + b"&X=")),
    ("a parameter less", call(body=urlencode(PAIRS[:-1]).encode())),
    ("a second value", call(body=BODY + b"&From=%2B40721123457")),
    (
        "values exchanged",
        call(body=urlencode([*PAIRS[:2], ("From", "çukur"), ("Body", "+40721123456"), PAIRS[4]]).encode()),
    ),
    ("nothing", call(body=b"")),
]


@pytest.mark.parametrize(("about", "untouched"), UNTOUCHED)
def test_twilio_is_believed(about: str, untouched: Call) -> None:
    adapter().verify(untouched)
    event = adapter().parse(untouched).events[0]
    assert event.model_dump()["inbound"]["text"] == "çukur"


@pytest.mark.parametrize(("about", "forged"), FORGED)
def test_nobody_else_is(about: str, forged: Call) -> None:
    with pytest.raises(ForgedError, match="signature_wrong"):
        adapter().verify(forged)


def test_values_signed_in_the_order_of_the_body_are_not_twilios() -> None:
    body = BODY + b"&Z=2&Z=1"
    covered = URL + "".join(name + value for name, value in sorted(parse_qsl(body.decode()), key=lambda pair: pair[0]))
    with pytest.raises(ForgedError, match="signature_wrong"):
        adapter().verify(Call(URL, signed(covered, FORM, b""), body))


def test_a_parameter_twice_is_signed_but_not_read() -> None:
    body = BODY + b"&From=%2B40721123457"
    twice = Call(URL, signed(URL, FORM, body), body)
    adapter().verify(twice)
    with pytest.raises(PayloadError, match="parameter_twice"):
        adapter().parse(twice)


def test_an_error_says_nothing_of_the_person() -> None:
    with pytest.raises(ForgedError) as forged:
        adapter().verify(call(body=BODY + b"&X=1"))
    assert "+40721123456" not in repr(forged.value)
    assert forged.value.__cause__ is None

"""Read and check what Twilio posts."""

import json
from urllib.parse import parse_qs, parse_qsl, urlsplit

from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from channels.adapter import Call
from channels.errors import ForgedError, PayloadError
from channels.sms.config import TwilioConfig

MOST_FIELDS = 500


class Fields(dict[str, list[str]]):
    """Parameters of a call with all their values, as Twilio's validator reads them."""

    def getlist(self, name: str) -> list[str]:
        """Every value of a parameter, in order."""
        return self[name]

    def one(self, name: str) -> str:
        """The value of a parameter, empty when it is absent. Raises PayloadError when there are two."""
        values = self.get(name, [""])
        if len(values) != 1:
            raise PayloadError("parameter_twice")
        return values[0]


def fields(call: Call) -> Fields:
    """The parameters in the body, a UTF-8 form or a flat JSON object. Raises PayloadError."""
    try:
        text = call.body.decode("utf-8")
        return _json_fields(text) if is_json(call) else _form_fields(text)
    except ValueError:
        raise PayloadError("body_unreadable") from None


def is_json(call: Call) -> bool:
    """Whether the body is JSON, which Twilio signs by its hash in the address."""
    return call.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


def check(call: Call, config: TwilioConfig) -> None:
    """Make sure that Twilio sent the call for our account. Raises ForgedError.

    https://www.twilio.com/docs/usage/security#validating-requests: the signature covers the address as Twilio was
    given it and all parameters in order of their names, or the address with the hash of the body.
    """
    signature = call.headers.get("x-twilio-signature", "")
    if not signature:
        raise ForgedError("signature_missing")
    try:
        parameters = fields(call)
    except PayloadError as error:
        raise ForgedError(error.code) from None
    if not _is_signed(call, parameters, signature, config.auth_token.get_secret_value()):
        raise ForgedError("signature_wrong")
    if parameters.get("AccountSid") != [config.account_sid]:
        raise ForgedError("account_wrong")


def _is_signed(call: Call, parameters: Fields, signature: str, token: str) -> bool:
    if not is_json(call):
        return bool(RequestValidator(token).validate(call.url, parameters, signature))
    hashed = "bodySHA256" in parse_qs(urlsplit(call.url).query)
    return hashed and bool(RequestValidator(token).validate(call.url, call.body.decode("utf-8"), signature))


def _form_fields(text: str) -> Fields:
    found = Fields()
    for name, value in parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS):
        found.setdefault(name, []).append(value)
    return found


def _json_fields(text: str) -> Fields:
    read = json.loads(text)
    if not isinstance(read, dict):
        raise ValueError("not an object")
    return Fields({name: [value if isinstance(value, str) else json.dumps(value)] for name, value in read.items()})

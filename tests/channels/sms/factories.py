"""An adapter as an office sets it up, and calls as Twilio signs them."""

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import parse_qs

from pydantic import SecretStr

from channels.sms.adapter import SmsAdapter
from channels.sms.config import TwilioConfig
from tests.peers.twilio import ACCOUNT, NUMBER, TOKEN

PUBLIC_URL = "https://komshu.example"
KINDS = frozenset(
    {"MessageSid", "SmsSid", "Body", "From", "To", "NumMedia", "MediaUrl0", "MediaContentType0", "MediaUrl1"}
    | {"OptOutType", "SmsStatus", "MessageStatus", "ErrorCode", "AccountSid", "RawDlrDoneDate", "MessagingServiceSid"}
)


def config(**changes: Any) -> TwilioConfig:
    """The account the peer serves; settings are replaced by name."""
    account: dict[str, Any] = {"account_sid": ACCOUNT, "auth_token": SecretStr(TOKEN), "number": NUMBER}
    return TwilioConfig(_env_file=None, **(account | changes))


def adapter() -> SmsAdapter:
    return SmsAdapter(config(), PUBLIC_URL)


def signed(url: str, headers: dict[str, str], body: bytes) -> dict[str, str]:
    """The headers with Twilio's signature, computed as its documentation says, not with its library.

    https://www.twilio.com/docs/usage/security#validating-requests
    """
    covered = url
    if "json" not in headers.get("content-type", ""):
        fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, errors="replace")
        covered += "".join(name + value for name in sorted(fields) for value in sorted(set(fields[name])))
    digest = hmac.new(TOKEN.encode(), covered.encode(), hashlib.sha1).digest()
    return headers | {"x-twilio-signature": base64.b64encode(digest).decode()}

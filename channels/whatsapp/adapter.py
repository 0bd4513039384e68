"""WhatsApp through Twilio: the parameters of SMS, with another prefix, buttons, places and profile names."""

from channels.adapter import Pace
from channels.sms.adapter import SmsAdapter
from channels.sms.config import TwilioConfig
from channels.sms.senders import normal
from channels.sms.webhook import Fields

PER_SECOND = 80.0
"""What Twilio lets a WhatsApp sender send: https://www.twilio.com/docs/whatsapp/api#rate-limits."""


class WhatsAppAdapter(SmsAdapter):
    """One WhatsApp number of an account with Twilio; addresses are plain numbers, as for SMS."""

    name = "whatsapp"
    prefix = "whatsapp:"
    filtered = False  # with Advanced Opt-Out Twilio answers, and says so
    metered = False

    def __init__(self, config: TwilioConfig, public_url: str = "") -> None:
        super().__init__(config, public_url)
        self.pace = Pace(per_second=PER_SECOND, per_address_seconds=1.0)

    def _origin(self) -> dict[str, str]:
        return {"from_": f"{self.prefix}{self.config.whatsapp_number}"}

    def _ignored(self, fields: Fields) -> str | None:
        if not fields.one("From").startswith(self.prefix):
            return "other_channel"
        own = {normal(self.config.whatsapp_number), normal(fields.one("To").removeprefix(self.prefix))}
        return "loop" if self._sender(fields) in own else None

"""What a turn can run into."""

BOT_AWAY = "bot_unreachable"


class TurnError(Exception):
    """The bot gave no usable answer. It may be asked again: asking twice for one message answers it once."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

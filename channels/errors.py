"""What can go wrong between a channel and us."""


class PayloadError(Exception):
    """A payload is not what the channel documents: `code` says what is wrong with it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

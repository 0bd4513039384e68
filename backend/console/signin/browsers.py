"""How somebody recognises one of their browsers: its make and the system it runs on."""

MAKES = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser/": "Samsung Internet",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "CriOS/": "Chrome",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
"""In this order: most browsers also say that they are Chrome or Safari."""
SYSTEMS = {
    "Windows": "Windows",
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


def browser_name(user_agent: str) -> str:
    """Such as `Firefox, Windows`, from a User-Agent header; empty when nothing in it is known."""
    found = (next((name for sign, name in known.items() if sign in user_agent), "") for known in (MAKES, SYSTEMS))
    return ", ".join(name for name in found if name)

"""Does a text say when? A lexicon, because the description keeps the citizen's own words."""

import re

WORDS = {
    "en": """since yesterday today tonight morning evening night noon week weeks month months day days hour hours monday
        tuesday wednesday thursday friday saturday sunday always every afternoon""",
    "tr": """bugün dün gece sabah akşam öğlen hafta haftadır haftalardır ay aydır gün gündür saat beri pazartesi salı
        çarşamba perşembe cuma cumartesi pazar hep sürekli öğleden""",
    "ro": """azi ieri noapte noaptea dimineață dimineața seara seară săptămână săptămâni lună luni zi zile oră ore marți
        miercuri joi vineri sâmbătă duminică mereu fiecare aseară astăzi amiază""",
    "mk": """денес вчера синоќа ноќ ноќе утро наутро вечер недела недели месец месеци ден дена часа понеделник вторник
        среда четврток петок сабота секогаш секој секоја попладне denes vcera sinoka nok utro vecer nedela mesec den
        dena ponedelnik vtornik sreda cetvrtok petok sabota sekoj sekoja""",
    "af": """vandag gister oggend aand nag week weke maand maande dag dae uur maandag dinsdag woensdag donderdag vrydag
        saterdag sondag altyd elke sedert middag vanoggend vanmiddag vanaand vannag gisteraand gisteroggend
        gistermiddag""",
}
MONTHS = (
    r"jan|ian|feb|mart|march|maart|apr|mai\b|may|maj|mei|jun|jul|aug|sep|oct|okt|nov|noi|dec|des|iun|iul|ocak|şubat|subat"
    r"|nisan|haziran|temmuz|ağustos|agustos|eylül|eylul|ekim|kasım|kasim|aralık|aralik|јан|фев|мар|апр|мај|јун|јул|авг|сеп|окт|ное|дек"
)
DATE = re.compile(rf"\b\d{{1,2}}\.?\s?({MONTHS})")
CLOCK = re.compile(r"\b\d{1,2}[:.]\d{2}\b|\b\d{1,2}\s?(am|pm|uhr|h)\b")
WITHOUT_MARKS = str.maketrans("üğışöçăâîșțşţ", "ugisocaaistst")
_ALL = {word for words in WORDS.values() for word in words.split()}
_KNOWN = _ALL | {word.translate(WITHOUT_MARKS) for word in _ALL}


def names_time(text: str) -> bool:
    """Whether a text names a day, a time of day, a clock time or a span since when."""
    lowered = text.lower()
    if CLOCK.search(lowered) or DATE.search(lowered):
        return True
    return any(word in _KNOWN for word in re.findall(r"[^\W\d_]+", lowered))

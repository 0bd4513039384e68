"""Does a text say when? A lexicon, because the description keeps the citizen's own words."""

import re

WORDS = {
    "en": """since yesterday today tonight morning evening night noon week weeks month months day days hour hours monday
        tuesday wednesday thursday friday saturday sunday always every""",
    "tr": """bugün dün gece sabah akşam öğlen hafta haftadır haftalardır ay aydır gün gündür saat beri pazartesi salı
        çarşamba perşembe cuma cumartesi pazar hep sürekli her""",
    "ro": """azi ieri noapte noaptea dimineață dimineața seara seară săptămână săptămâni lună luni zi zile oră ore marți
        miercuri joi vineri sâmbătă duminică mereu fiecare aseară""",
    "mk": """денес вчера синоќа ноќ ноќе утро наутро вечер недела недели месец месеци ден дена часа понеделник вторник
        среда четврток петок сабота секогаш секој секоја од denes vcera sinoka nok utro vecer nedela mesec den dena
        ponedelnik vtornik sreda cetvrtok petok sabota sekoj sekoja""",
    "af": """vandag gister oggend aand nag week weke maand maande dag dae uur maandag dinsdag woensdag donderdag vrydag
        saterdag sondag altyd elke sedert""",
}
CLOCK = re.compile(r"\b\d{1,2}[:.]\d{2}\b|\b\d{1,2}\s?(am|pm|uhr|h)\b")
WITHOUT_MARKS = str.maketrans("üğışöçăâîșțşţ", "ugisocaaistst")
_ALL = {word for words in WORDS.values() for word in words.split()}
_KNOWN = _ALL | {word.translate(WITHOUT_MARKS) for word in _ALL}


def names_time(text: str) -> bool:
    """Whether a text names a day, a time of day, a clock time or a span since when."""
    lowered = text.lower()
    return bool(CLOCK.search(lowered)) or any(word in _KNOWN for word in re.findall(r"[^\W\d_]+", lowered))

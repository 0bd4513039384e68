"""What a citizen of each language types on the main way through the chat, and what the answers must show."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Walk:
    """One language's way; nothing is typed with diacritics, Macedonian is in Latin letters."""

    language: str
    question: str
    hours: str
    complaint: str
    interruption: str
    thirty_days: str
    correction: str
    yes: str
    received: str
    status: str
    person: str
    cancel: str
    nonsense: str = "xqzt wkrj plmv"


WALKS = (
    Walk(
        "en",
        "what time do u open on friday",
        "08:00",
        "there is a deep hole in front of Str. Marasesti 12, since Monday",
        "how long does it take?",
        "30 days",
        "no, number 14",
        "yes, send it",
        "Reference",
        "What happened with {reference}?",
        "i want to talk to a person",
        "forget it",
    ),
    Walk(
        "tr",
        "belediye kacta aciliyo cuma gunu",
        "08.00",
        "Str. Marasesti 12 numaranin onunde pazartesiden beri derin bir cukur var",
        "ne kadar surer?",
        "30 gün",
        "hayir, 14 numara",
        "evet gonder",
        "PIN kodu",
        "{reference} numarali basvurum ne oldu?",
        "bir insanla gorusmek istiyorum",
        "vazgectim",
    ),
    Walk(
        "ro",
        "la ce ora deschideti vineri",
        "08:00",
        "e o groapa adanca in fata la Str. Marasesti 12, de luni",
        "cat dureaza?",
        "30 de zile",
        "nu, numarul 14",
        "da, trimite",
        "PIN",
        "Ce s-a intamplat cu {reference}?",
        "vreau sa vorbesc cu un om",
        "renunt, las-o balta",
    ),
    Walk(
        "mk",
        "do kolku saat rabotite vo petok",
        "08:00",
        "ima dlaboka dupka pred Str. Marasesti 12 od ponedelnik",
        "kolku vreme trae toa?",
        "30 дена",
        "ne, broj 14",
        "da, isprati",
        "ПИН",
        "sto stana so {reference}?",
        "sakam da zboruvam so covek",
        "otkazi, ne treba",
    ),
    Walk(
        "af",
        "hoe laat maak julle vrydag oop",
        "08:00",
        "daar is n diep gat voor Str. Marasesti 12 al van maandag af",
        "hoe lank neem dit?",
        "30 dae",
        "nee, nommer 14",
        "ja, stuur dit",
        "PIN",
        "Wat het van {reference} geword?",
        "ek wil met n mens praat",
        "los dit, vergeet daarvan",
    ),
)

"""What the benchmark's citizens say: the same for every side, nine turns a conversation, in five languages.

Each language has the same kinds of turn in the same order: three of small talk, three questions, three that nobody
can understand. None opens a form, so that a turn costs the same wherever it stands. Nine divides 99: the first and the
hundredth turn of a long conversation are the same message.
"""

TURNS = 9
KINDS = ("small talk", "question", "fallback") * 3

SCRIPTS: dict[str, tuple[str, ...]] = {
    "en": (
        "Hello",
        "What time does the town hall open on Friday?",
        "zxqw plomk brrtt",
        "Are you a robot?",
        "How can I pay my property tax online?",
        "vvkk jjpq oouz",
        "thank you very much",
        "which papers do we need to get married",
        "wqxz kkkrt mnbv",
    ),
    "tr": (
        "Merhaba",
        "Belediye cuma günü saat kaçta açılıyor?",
        "zxqw plomk brrtt",
        "Sen robot musun?",
        "Emlak vergimi internetten nasıl ödeyebilirim?",
        "vvkk jjpq oouz",
        "çok teşekkür ederim",
        "evlenmek icin hangi evraklar lazim",
        "wqxz kkkrt mnbv",
    ),
    "ro": (
        "Bună ziua",
        "La ce oră se deschide primăria vineri?",
        "zxqw plomk brrtt",
        "Ești robot?",
        "Cum pot plăti impozitul online?",
        "vvkk jjpq oouz",
        "mulțumesc frumos",
        "ce acte trebuie pentru casatorie",
        "wqxz kkkrt mnbv",
    ),
    "mk": (
        "Здраво",
        "Во колку часот отвора општината во петок?",
        "зџњќ плмк бррт",
        "Дали си робот?",
        "Како да го платам данокот преку интернет?",
        "вввк јјпљ ооуз",
        "многу ви благодарам",
        "koi dokumenti ni trebaat za brak",
        "wqxz kkkrt mnbv",
    ),
    "af": (
        "Goeiedag",
        "Hoe laat maak die stadsaal Vrydag oop?",
        "zxqw plomk brrtt",
        "Is jy 'n robot?",
        "Hoe kan ek my eiendomsbelasting aanlyn betaal?",
        "vvkk jjpq oouz",
        "baie dankie",
        "watter papiere het ons nodig om te trou",
        "wqxz kkkrt mnbv",
    ),
}
LANGUAGES = tuple(SCRIPTS)


def message(language: str, turn: int) -> str:
    """The message of a turn, counted from 0."""
    return SCRIPTS[language][turn % TURNS]

"""Tokens by spaCy's rules, with folded text as their lemma."""

import re
from functools import lru_cache
from typing import Any, Dict, List

import spacy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from spacy.language import Language
from spacy.tokens import Doc

from bot.components.folding import fold

DOC = "komshu_doc"
"""Message property with the spaCy document, for components that come after."""
NO_WORD = re.compile(r"\S{300,}\Z")
"""So long a piece stays whole: spaCy takes its ends off one by one and reads all the rest anew each time."""
FOLDED = "komshu_folded"
"""Message property of a training example: its folded words in order, parted by spaces."""


@Language.component("komshu_fold")
def folded_norm(doc: Doc) -> Doc:
    """Set every token's NORM to its folded text, for matching."""
    for token in doc:
        token.norm_ = fold(token.text) or token.text
    return doc


def folding_pipeline() -> Language:
    """A new pipeline of tokenizer and folding; Turkish suffixes behind an apostrophe become tokens of their own."""
    nlp = spacy.blank("xx")
    infixes = [*nlp.Defaults.infixes, r"(?<=\w)['’ʼ](?=\w)", r"(?<=[^\W\d_])\.(?=[^\W\d_])"]
    nlp.tokenizer.infix_finditer = spacy.util.compile_infix_regex(infixes).finditer
    nlp.tokenizer.suffix_search = spacy.util.compile_suffix_regex([*nlp.Defaults.suffixes, r"(?<=\w)\."]).search
    nlp.tokenizer.url_match, nlp.tokenizer.rules = None, {}
    nlp.tokenizer.token_match = NO_WORD.match
    nlp.add_pipe("komshu_fold")
    return nlp


@lru_cache(maxsize=1)
def base_pipeline() -> Language:
    """The pipeline of this process."""
    return folding_pipeline()


def folded_words(text: str) -> str:
    """The lemmas of a text's tokens, parted by spaces; told piece by piece, because blanks part tokens as well."""
    return " ".join(filter(None, map(_folded_piece, text.split())))


@lru_cache(maxsize=200_000)
def _folded_piece(piece: str) -> str:
    return " ".join(token.norm_ for token in base_pipeline()(piece) if token.text.strip())


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class FoldingTokenizer(Tokenizer):
    """Leaves text and offsets alone; only `Token.lemma` is folded."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """What the base class asks for."""
        return {
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
            "prefix_separator_symbol": None,
        }

    @staticmethod
    def required_packages() -> List[str]:
        """Checked by Rasa before training."""
        return ["spacy", "anyascii"]

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Fold the examples: all that is learnt of them is their folded words."""
        for example in training_data.training_examples:
            if text := example.get(TEXT):
                example.set(FOLDED, folded_words(text))
        return training_data

    def tokenize(self, message: Message, attribute: str) -> List[Token]:
        """Tokens of a message's text."""
        doc = base_pipeline()(message.get(attribute) or "")
        message.set(DOC, doc)
        return [Token(token.text, token.idx, lemma=token.norm_) for token in doc if token.text.strip()]

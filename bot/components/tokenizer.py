"""Tokens by spaCy's rules, with folded text as their lemma."""

from functools import lru_cache
from typing import Any, Dict, List

import spacy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message
from spacy.language import Language
from spacy.tokens import Doc

from bot.components.folding import fold

DOC = "komshu_doc"
"""Message property with the spaCy document, for components that come after."""


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
    nlp.add_pipe("komshu_fold")
    return nlp


@lru_cache(maxsize=1)
def base_pipeline() -> Language:
    """The pipeline of this process."""
    return folding_pipeline()


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

    def tokenize(self, message: Message, attribute: str) -> List[Token]:
        """Tokens of a message's text."""
        doc = base_pipeline()(message.get(attribute) or "")
        message.set(DOC, doc)
        return [Token(token.text, token.idx, lemma=token.norm_) for token in doc if token.text.strip()]

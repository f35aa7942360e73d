"""Words of administrative Russian reduced to roots: lemmas by pymorphy3, suffixes of derivation taken off.

Two registers' authors say «выдача лицензий» and «лицензирование»: the lemmas differ, the root «лиценз» does not. Words
that every card has (министерство, заявление, предоставление) weigh little, abbreviations are read as what they stand
for, and what is done (grant, end, change, check …) is told apart from what it is done to.
"""

import re
import tomllib
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

_WORD: Final = re.compile(r"[a-zа-я]+(?:/[a-zа-я]\b)?|\d+", re.IGNORECASE)
_SHORTEST_ROOT: Final = 4
_KEPT: Final = frozenset({"NOUN", "ADJF", "ADJS", "VERB", "INFN", "PRTF", "PRTS", "GRND", "NUMR", "LATN", None})
_REFLEXIVE: Final = re.compile(r"(?:ся|сь)$")
_ROUNDS: Final = 3
_VOCABULARY: Final = tomllib.loads((Path(__file__).parent / "vocabulary.toml").read_text(encoding="utf-8"))
_SUFFIXES: Final = tuple(sorted(_VOCABULARY["suffixes"].split(), key=len, reverse=True))
_EMPTY: Final = frozenset(_VOCABULARY["empty"].split())
_ABBREVIATIONS: Final[dict[str, str]] = _VOCABULARY["abbreviations"]
_CLIPPED: Final[dict[str, str]] = _VOCABULARY["clipped"]
_MARKED: Final = frozenset(_VOCABULARY["marked"])


@cache
def _analyser() -> Any:
    import pymorphy3

    return pymorphy3.MorphAnalyzer(lang="ru")


@lru_cache(maxsize=200_000)
def lemma(word: str) -> str:
    """Return the lemma of a word; empty for a word that carries no meaning of its own."""
    if not word.isalpha() or word.isascii():
        return word
    parsed = _analyser().parse(word)[0]
    form = str(parsed.normal_form).replace("ё", "е")
    if form in _EMPTY or (parsed.tag.POS is not None and parsed.tag.POS not in _KEPT):
        return ""
    return form


@lru_cache(maxsize=200_000)
def root(form: str) -> str:
    """Return a lemma without suffixes of derivation, never shorter than four letters."""
    stem = _REFLEXIVE.sub("", form)
    for _round in range(_ROUNDS):
        for suffix in _SUFFIXES:
            if stem.endswith(suffix) and len(stem) - len(suffix) >= _SHORTEST_ROOT:
                stem = stem[: -len(suffix)]
                break
        else:
            break
    # «оформить» and «оформление»: after a labial an л is a matter of grammar.
    if len(stem) > _SHORTEST_ROOT and stem[-1] == "л" and stem[-2] in "бвмпф":
        stem = stem[:-1]
    return stem


@cache
def _same_roots() -> dict[str, str]:
    """Return what each root of a group of synonyms is read as."""
    found: dict[str, str] = {}
    for line in _VOCABULARY["synonyms"]:
        first, *others = (root(word) for word in line.split())
        found |= {other: first for other in others if other != first}
    return found


@cache
def deeds() -> dict[str, str]:
    """Return which kind of deed a root names."""
    return {root(word): kind for kind, words in _VOCABULARY["deeds"].items() for word in words.split()}


@cache
def weak_roots() -> frozenset[str]:
    """Return the roots that tell little: what any office does, and what offices are called."""
    weak = {_read(root(word)) for word in _VOCABULARY["organisations"].split()}
    return frozenset(weak | {found for found, kind in deeds().items() if kind in ("grant", "handle")})


@cache
def document_heads() -> frozenset[str]:
    """Return the roots of words for documents as such."""
    return frozenset(_read(root(word)) for word in _VOCABULARY["documents"].split())


@lru_cache(maxsize=50_000)
def _spelt_out(word: str) -> tuple[str, ...]:
    """Return what an abbreviation or a compound with a clipped adjective stands for; else the word itself."""
    known = _ABBREVIATIONS.get(word) or _ABBREVIATIONS.get(lemma(word))
    if known:
        return tuple(known.split())
    for clipped, whole in _CLIPPED.items():
        rest = word.removeprefix(clipped)
        if rest != word and len(rest) > _SHORTEST_ROOT and _analyser().word_is_known(rest):
            return (whole, rest)
    return (word,)


@cache
def report_words() -> frozenset[str]:
    """Return the roots of words with which reports begin."""
    return frozenset(root(word) for word in _VOCABULARY["reports"].split())


def _read(found: str) -> str:
    return _same_roots().get(found, found)


@lru_cache(maxsize=100_000)
def roots(text: str) -> tuple[str, ...]:
    """Return the roots of a text in order, abbreviations spelt out, synonyms as one, empty words left out."""
    found: list[str] = []
    for word in _WORD.findall(text.casefold().replace("ё", "е")):
        for part in _spelt_out(word):
            form = lemma(part)
            if form and (len(form) > 1 or form.isdigit()):
                found.append(_read(root(form)))
    return tuple(found)


def root_set(texts: Iterable[str]) -> frozenset[str]:
    """Return the roots of several texts."""
    return frozenset(one for text in texts for one in roots(text))


def marked_deeds(name: str) -> frozenset[str]:
    """Return the kinds of deed in a name that make it a duty of its own, such as ending or checking."""
    kinds = deeds()
    return frozenset(kinds[one] for one in roots(name) if kinds.get(one) in _MARKED)


def shared_words(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    """Return words of the first texts whose roots are in the second, as dictionaries have them, telling ones first."""
    others = root_set(second)
    little = weak_roots() | document_heads()
    shown: dict[str, str] = {}
    for word in (word for text in first for word in _WORD.findall(text)):
        plain = word.casefold().replace("ё", "е")
        is_short = word.isupper() and len(word) > 1
        for one in roots(plain):
            if one in others:
                shown.setdefault(one, word if is_short else lemma(plain) or plain)
    return tuple(dict.fromkeys(shown[one] for one in sorted(shown, key=lambda one: one in little)))

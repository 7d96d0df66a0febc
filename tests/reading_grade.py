"""The reading grade of a text by Flesch and Kincaid: the school year (in the US) that is needed to read it.

    0.39 × words ÷ sentences + 11.8 × syllables ÷ words − 15.59

Kincaid, Fishburne, Rogers and Chissom 1975, "Derivation of new readability formulas … for Navy enlisted personnel".
Syllables are counted by groups of vowels. A number is one word of one syllable, and so is a unit that has no vowels: they are
looked at, not spelt out. What stands in a name that a user gave is not ours: leave it out.
"""

import re

_ENDS = re.compile(r"[.!?](?=\s|$)")
_WORD = re.compile(r"[^\s]+")
_VOWELS = re.compile(r"[aeiouy]+")


def grade(text: str) -> float:
    """The grade of one or more sentences."""
    words = [word for word in _WORD.findall(text) if re.search(r"[A-Za-z0-9]", word)]
    sentences = max(1, len(_ENDS.findall(text)))
    return 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def syllables(word: str) -> int:
    """Of one word; of one with hyphens of its parts together."""
    if re.search(r"\d", word):
        return 1
    parts = re.findall(r"[a-z]+", word.lower().replace("'", ""))
    return max(1, sum(_of_part(part) for part in parts))


def _of_part(part: str) -> int:
    groups = len(_VOWELS.findall(part))
    if part.endswith("e") and not part.endswith(("le", "ee")) and groups > 1:
        groups -= 1  # silent: make, there
    elif part.endswith("es") and not re.search(r"(s|x|z|ch|sh|c|g)es$", part) and groups > 1:
        groups -= 1  # makes, but not uses
    elif part.endswith("ed") and not part.endswith(("ted", "ded", "eed")) and groups > 1:
        groups -= 1  # measured, but not counted
    return max(1, groups)


def first_paragraph(text: str) -> str:
    """The text up to its first empty line, on one line."""
    return " ".join(text.split("\n\n", maxsplit=1)[0].split())

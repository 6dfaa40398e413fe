"""Build the tables of drug suggestions: words that are no drugs, and how often a drug is sold.

A tool for developers; the app never runs it. Needs the names of the FDA Orange Book, the word list
of Debian's `wamerican` (SCOWL) and the tabular list of ICD-10-CM (public domain; inside
the package simple-icd-10-cm):

    python -m models.build_suggestion_tables NAMES.csv american-english TABULAR.xml FOLDER
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Final

WORD: Final = re.compile(r"[a-z]{2,}")
NOTICE: Final = """\
# Common English words: SCOWL (wordlist.sourceforge.net), size 60, as Debian's wamerican.
# The collective work is Copyright 2000-2011 by Kevin Atkinson as well as any of the copyrights
# mentioned in its README. Permission to use, copy, modify, distribute and sell these word lists,
# the associated scripts, the output created from the scripts, and its documentation for any
# purpose is hereby granted without fee, provided that the above copyright notice appears in all
# copies and that both that copyright notice and this permission notice appear in supporting
# documentation. Kevin Atkinson makes no representations about the suitability of this array for
# any purpose. It is provided "as is" without express or implied warranty.
# With the words of ICD-10-CM (April 2026, US National Center for Health Statistics, public domain).
# And with those of concepts.toml beside this file.
# Made by models/build_suggestion_tables.py: in lower case, without names of drugs.
"""
PRODUCTS: Final = """\
# How many products of a drug are on the US market (FDA Orange Book, November 2024): of two
# names that sound alike, the one that is sold more is meant more often.
# Made by models/build_suggestion_tables.py. `name<TAB>products`; names with one are left out.
"""


def drug_names(folder: Path) -> set[str]:
    """Return the names in drugs.txt and drugs_extra.txt."""
    lines = [
        line
        for name in ("drugs.txt", "drugs_extra.txt")
        for line in (folder / name).read_text(encoding="utf-8").splitlines()
    ]
    return {line.partition("=")[0] for line in lines if line and not line.startswith("#")}


def products(source: Path, names: set[str]) -> Counter[str]:
    """Count the products on the market by name, as an ingredient or in a trade name."""
    counts: Counter[str] = Counter()
    with source.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["type"] == "DISCN":
                continue
            words = set(WORD.findall(f"{row['ingredient']} {row['trade_name']}".lower()))
            for word in words & names:
                counts[word] += int(row["products"])
    return counts


def main(orange_book: Path, words: Path, diseases: Path, folder: Path) -> None:
    """Write both tables."""
    names = drug_names(folder)
    ideas = set(WORD.findall((folder / "concepts.toml").read_text(encoding="utf-8").lower()))
    common = sorted((_plain_words(words) | _disease_words(diseases) | ideas) - names)
    (folder / "common_words.txt").write_text(NOTICE + "\n".join(common) + "\n", encoding="utf-8")
    rows = sorted((name, count) for name, count in products(orange_book, names).items())
    lines = [f"{name}\t{count}" for name, count in rows if count > 1]
    (folder / "drug_products.tsv").write_text(PRODUCTS + "\n".join(lines) + "\n", encoding="utf-8")
    print(len(common), "words,", len(lines), "drugs")


def _plain_words(words: Path) -> set[str]:
    lines = words.read_text(encoding="utf-8").lower().splitlines()
    return {line for line in lines if WORD.fullmatch(line)}


def _disease_words(diseases: Path) -> set[str]:
    text = re.sub(r"<[^>]*>", " ", diseases.read_text(encoding="utf-8"))
    return set(WORD.findall(text.lower()))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:5]))

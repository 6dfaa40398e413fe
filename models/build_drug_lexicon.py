"""Build resources/lexicons/drugs.txt from the names of the FDA Orange Book (public domain).

A tool for developers; the app never runs it. Needs `wordfreq`, in an environment of its own:

    python -m models.build_drug_lexicon ORANGE_BOOK.csv resources/lexicons

Only single words are kept, because speech rarely holds more ("metformin", not "metformin
hydrochloride"). A name that is also an everyday English word ("today", "balance") is left out,
unless `drugs_extra.txt` names it. Lines are `name` for an ingredient or `name=ingredient+…`.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import Final

from wordfreq import zipf_frequency  # type: ignore[import-not-found]

from app.clinical.wording import word_set

EVERYDAY_ZIPF: Final = 3.0
"""1 in a million words. Excluded names and the 260 commonest kept ones were looked through."""

DRUG_WORDS: Final = word_set(
    "aspirin insulin morphine codeine heroin cocaine nicotine penicillin heparin warfarin "
    "ibuprofen cortisone hydrocortisone testosterone estrogen progesterone estradiol lithium "
    "methadone oxycodone fentanyl amphetamine ketamine valium xanax prozac viagra ritalin "
    "adderall botox tylenol acetaminophen amoxicillin antibiotic naloxone metformin melatonin "
    "epinephrine dexamethasone steroid tetracycline methamphetamine hydrocodone "
    "hydroxychloroquine statin cannabidiol quinine chloroquine ivermectin remdesivir "
    "oxycontin vicodin zoloft lipitor plavix crestor nexium gabapentin oxytocin dopamine "
    "adrenaline albuterol prednisone tramadol methotrexate"
)
NOT_DRUGS: Final = word_set(
    "glucose dextrose alcohol ethanol oxygen nitrogen water sodium potassium calcium "
    "magnesium zinc iron copper carbon caffeine sulfur iodine fluoride chloride ammonia "
    "helium xenon urea glycerin lactose sucrose fructose mannitol sorbitol cellulose gelatin "
    "menthol camphor serotonin dopamine hydrogen acetic citric lactic amino peanut soybean "
    "sesame egg flu allergy cold sinus cough tyrosine glycine alanine serine leucine lysine "
    "proline valine arginine histidine acid ammonium aluminum barium bismuth selenium "
    "manganese chromic cupric ferric ferrous sterile dried liquid extended regular ultra "
    "super children adult junior infant pediatric women camila sojourn invert allay tora kyra "
    "tobi yasmin gallium radium krypton indium technetium samarium rubidium strontium "
    "lanthanum flac mili metra rela pred tral doral capex intermezzo polyethylene glutathione "
    "cysteine histamine acetylcholine albumin nitrite phosphates methylene dimethyl phenyl "
    "isopropyl phosphoric methicillin angiotensin tindal gentian polytetrafluoroethylene "
    "xylose fluorescein inulin uridine betaine antitussive sulla glycerol choline tham talc "
    "nitric benzyl tannic tyramine safflower vasopressin norepinephrine"
)
SALTS: Final = word_set(
    "hydrochloride sodium acetate sulfate mesylate phosphate chloride acid maleate citrate "
    "bromide kit fumarate tartrate calcium succinate disodium tosylate potassium hydrobromide "
    "lactate meglumine human synthetic anhydrous base hcl hbr"
)
QUALIFIERS: Final = word_set(
    "xr er sr cr xl la dr ir hct hcl odt es ds ec pf plus forte duo tablets injection oral topical "
    "hydrochloride sodium"
)
WORD: Final = re.compile(r"[a-z]{4,}$")


def is_usable(word: str) -> bool:
    """Return whether a word can stand for a drug in speech."""
    if not WORD.match(word) or word in NOT_DRUGS or word in SALTS:
        return False
    return word in DRUG_WORDS or zipf_frequency(word, "en") < EVERYDAY_ZIPF


def ingredient_words(text: str) -> set[str]:
    """Return the telling words of an ingredient column: the first of each part."""
    found: set[str] = set()
    for part in text.lower().split(";"):
        words = re.findall(r"[a-z]+", part)
        if words and words[0] == "insulin":
            found.update(word for word in words[:2] if word not in SALTS)
        elif words and is_usable(words[0]):
            found.add(words[0])
    return found


def trade_word(text: str) -> str:
    """Return a trade name that is one word beside its qualifiers, else an empty string."""
    words = [word for word in re.findall(r"[a-z0-9]+", text.lower()) if word not in QUALIFIERS]
    return words[0] if len(words) == 1 and is_usable(words[0]) else ""


def build(source: Path, folder: Path) -> int:
    """Write drugs.txt and return how many names it holds."""
    names: dict[str, set[str]] = defaultdict(set)
    with source.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            ingredients = ingredient_words(row["ingredient"])
            for word in ingredients:
                names[word] |= set()
            trade = trade_word(row["trade_name"])
            if trade and trade not in ingredients:
                names[trade] |= ingredients
    lines = [f"{name}={'+'.join(sorted(of))}" if of else name for name, of in sorted(names.items())]
    head = "# Names of drugs. Source: US FDA Orange Book, November 2024, public domain.\n"
    head += "# Made by models/build_drug_lexicon.py; put additions into drugs_extra.txt.\n"
    (folder / "drugs.txt").write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    return len(lines)


if __name__ == "__main__":
    print(build(Path(sys.argv[1]), Path(sys.argv[2])), "names")

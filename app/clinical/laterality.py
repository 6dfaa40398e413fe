"""Which side of the body a text speaks of. Pure; any thread."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from app.clinical.wording import STOPWORDS, Token, stem, tokenize, word_set


class Side(enum.StrEnum):
    """A side of the body."""

    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class SidedWord:
    """A side and the word it belongs to.

    Attributes:
        stem: of the nearest content word after the side, else the one before; may be empty.
        text: as written, for the screen.
    """

    side: Side
    stem: str
    text: str


_SIDES: Final = {
    "left": Side.LEFT, "right": Side.RIGHT, "bilateral": Side.BOTH, "bilaterally": Side.BOTH,
    "both": Side.BOTH, "lt": Side.LEFT, "rt": Side.RIGHT,
}  # fmt: skip
_AFTER_TURN: Final = word_set("now away before after there here okay ok then so")
_BEFORE_TURN: Final = word_set(
    "all that's alright so is it you're are i've be i've thats sounds looks feels just"
)
_LEFT_VERB: Final = word_set("i he she we they has have had been was just who you")
_PLACES: Final = word_set(
    "side hand sided upper lower flank quadrant knee leg arm ear eye foot chest shoulder hip "
    "calf ankle elbow wrist lung breast back neck head kidney thigh groin face cheek heel toe "
    "thumb finger ventricular ventricle atrial bundle iliac temple rib testicle ovary forearm "
    "shin buttock jaw lobe nostril nose cervical lumbar hemibody inguinal testicular testis ductal "
    "axillary axilla coronary carotid abdomen abdominal rotator clavicle scapula pinky extremity "
    "medial lateral lumpectomy mastectomy nephrectomy base tibia femur fibula radius ulna sided "
    "maxillary facial tonsil ankles knees renal pleural bronchus patella heart"
)
_REGIONS: Final = tuple(
    frozenset(stem(word) for word in group.split())
    for group in (
        "shoulder arm elbow wrist hand finger thumb forearm rotator clavicle scapula pinky radius "
        "ulna upper axilla axillary extremity medial lateral",
        "hip thigh knee leg calf ankle foot toe heel shin tibia femur fibula patella lower buttock "
        "groin inguinal extremity medial lateral",
        "flank kidney side back abdomen abdominal quadrant groin rib lung chest breast base iliac "
        "lumbar pleural bronchus lobe renal inguinal ductal lumpectomy mastectomy nephrectomy",
        "eye ear face cheek temple head jaw nostril nose neck cervical facial tonsil carotid",
        "heart coronary ventricular ventricle atrial bundle base",
        "testicle testicular testis ovary groin",
    )
)
"""Parts near each other: who says "my right foot" may mean the toe. Own compilation."""
_PLACE_STEMS: Final = frozenset(stem(word) for word in _PLACES)
_NO_PART: Final = frozenset(
    {stem("side"), stem("sided"), stem("hemibody"), stem("upper"), stem("lower")}
)


def sided_words(text: str) -> tuple[SidedWord, ...]:
    """Return the sides a text speaks of, without "all right", "right now" or "he left"."""
    tokens = [token for token in tokenize(text) if token.is_word]
    found = []
    for index, token in enumerate(tokens):
        side = _SIDES.get(token.text)
        if side is None or not _is_side(tokens, index):
            continue
        near = _near(tokens, index)
        words = f"{token.text} {near.text}" if near else token.text
        found.append(SidedWord(side, near.stem if near else "", words))
    return tuple(found)


def is_near(first: str, second: str) -> bool:
    """Return whether two stems name parts of one region of the body."""
    return any(first in region and second in region for region in _REGIONS)


def _is_side(tokens: list[Token], index: int) -> bool:
    word = tokens[index].text
    before = tokens[index - 1].text if index else ""
    after = [each.text for each in tokens[index + 1 : index + 4]]
    if word in {"bilateral", "bilaterally", "lt", "rt"}:
        return True
    if any(stem(each) in _PLACE_STEMS for each in after) or before in {
        "the",
        "my",
        "your",
        "his",
        "her",
    }:
        return not (after and after[0] in _AFTER_TURN)
    is_first = not before and word != "both"
    if is_first and after and after[0] not in _AFTER_TURN | STOPWORDS:
        return after[0].isalpha()  # "Right testicular nodule."
    if word == "right":
        return before not in _BEFORE_TURN and before in {"on", "to", "upper", "lower", "in"}
    if word == "left":
        return before not in _LEFT_VERB and before in {"on", "to", "upper", "lower", "in"}
    return False


def _near(tokens: list[Token], index: int) -> Token | None:
    after = [each for each in tokens[index + 1 : index + 5] if each.text not in STOPWORDS]
    before = [each for each in tokens[max(0, index - 5) : index] if each.text not in STOPWORDS]
    places = [each for each in after + before[::-1] if each.stem in _PLACE_STEMS - _NO_PART]
    if places:
        return places[0]
    return after[0] if after else before[-1] if before else None

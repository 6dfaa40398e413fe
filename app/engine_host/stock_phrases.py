"""What Whisper writes when it hears next to nothing: phrases of its training videos. Pure.

An utterance that is such a phrase and nothing else is dropped. Only phrases that nobody says to
a patient stand here: "thank you" and "see you next time" are not among them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from app.engine_host.listening import Spoken, plain

_TAIL: Final = r"(?: [a-z'.]+){0,4}"
"""A name or an address. What is longer, or has a number in it, may be talk."""
_PHRASES: Final = re.compile(
    r"(?:(?:ok(?:ay)? |so |and )*"
    r"(?:(?:thank you|thanks)(?: all| everyone| guys)?(?: very much| so much)? for "
    r"(?:watching|viewing)(?: (?:this|the|my|our) (?:video|channel))?"
    r"|(?:please |do not forget to |don't forget to )?(?:like(?: and| ))?subscribe"
    r"(?: to (?:my|our|the) channel)?"
    r"|(?:i'll |i will |we'll )?see you (?:guys )?in the next (?:video|one)"
    r"|i hope you (?:enjoyed|liked) (?:this|the) video"
    r"|(?:subtitles|captions|transcribed|translated) by"
    + _TAIL
    + r"|for more information visit"
    + _TAIL
    + r"))+"
)
"""First seen in our own runs: "Thank you very much for watching this video.", after a question, in
0.4 s of breath. The others are the ones that users of Whisper report most."""


_EMPTY: Final = frozenset(
    re.findall(r"[\w']+", "a an and but i i'm in it it's of oh so that the to uh um you")
)
"""What Whisper guesses in a bang or a clap: "and", "I'm", with 20 hotwords set, in half a second of
applause. Words that may be an answer ("no", "yes", "okay") are not among them."""
_GUESSED: Final = 0.3  # mean probability


def is_guess(words: Sequence[Spoken]) -> bool:
    """Return whether words of a decode that is not fair are next to nothing."""
    if len(words) <= 2 and all(plain(word.text) in _EMPTY for word in words):  # noqa: PLR2004
        return True
    return sum(word.probability for word in words) < _GUESSED * len(words)


def is_stock(text: str) -> bool:
    """Return whether a text is such a phrase and nothing else."""
    plain = " ".join(re.findall(r"[a-z0-9'.]+", text.lower().replace("\u2019", "'"))).rstrip(".")
    return _PHRASES.fullmatch(plain.replace(". ", " ")) is not None

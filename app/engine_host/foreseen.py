"""The request that will probably come next, read while nothing is asked. Main thread of the child.

A request stands behind the transcript, and the transcript still grows. So its tokens stand aside,
and what is said meanwhile is put before them: decision 027.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

from app.domain.errors import EngineFailedError
from app.engine_host.llama_runtime import Aside, LlamaRuntime

PIECE: Final = 32
"""Tokens read at once: so many are lost at most when something else is asked."""
ANEW: Final = 128
"""Tokens of transcript, about half a minute of talk, after which the request is read anew. What it
did not see counts less for the answer: decision 027."""
MOST_UNSEEN: Final = 256
"""So much it may have missed and still be used: where reading is slow, it comes round seldom."""
REST: Final = 3.0
"""It rests three times as long as it read: what people say comes first."""


class Foreseen:
    """Holds the tokens of the request that is expected, and has them read in time.

    Args:
        anew: tokens of transcript after which a request is read anew.
        now_s: a clock that only goes forward.
    """

    def __init__(self, anew: int = ANEW, now_s: Callable[[], float] = time.monotonic) -> None:
        self._anew = anew
        self._now_s = now_s
        self._tokens: list[int] = []
        self._read_s = 0.0  # what the present reading took so far
        self._rests_until_s = 0.0

    def expect(self, tokens: Sequence[int]) -> None:
        """Expect a request that begins with these tokens; none: read nothing more."""
        self._tokens = list(tokens)

    def read(
        self, runtime: LlamaRuntime, prefix: Sequence[int], is_asked: Callable[[], bool]
    ) -> None:
        """Read what is expected behind a prefix that lies in the KV cache, until asked for more."""
        is_ready = bool(self._tokens) and runtime.has_aside and runtime.tokens == prefix
        if not is_ready or len(prefix) + len(self._tokens) > runtime.context:
            return
        if runtime.aside is not None and not self._is_of_use(runtime.aside):
            runtime.drop_aside()
        if _unseen(runtime) > self._anew and self._now_s() >= self._rests_until_s:
            runtime.drop_aside()
        try:
            self._read_on(runtime, is_asked)
        except EngineFailedError:  # a request that fails says so; this is nobody's
            self._tokens = []

    def take(self, runtime: LlamaRuntime, prompt: Sequence[int]) -> None:
        """Put what was read of a request behind the prefix, of which the KV cache holds all.

        At least its last token is left: what comes next is known when a token was evaluated.
        """
        self._tokens = []
        if runtime.aside is None:
            return
        count = shared(runtime.aside.tokens, prompt[:-1])
        if count and _unseen(runtime) <= MOST_UNSEEN:
            runtime.join_aside(count)
        else:
            runtime.drop_aside()

    def _is_of_use(self, aside: Aside) -> bool:
        return aside.tokens == self._tokens[: len(aside.tokens)]

    def _read_on(self, runtime: LlamaRuntime, is_asked: Callable[[], bool]) -> None:
        begun_s = self._now_s()
        while not is_asked():
            done = 0 if runtime.aside is None else len(runtime.aside.tokens)
            piece = self._tokens[done : done + PIECE]
            if not piece or not runtime.evaluate_aside(piece, is_asked):
                break
        now_s = self._now_s()
        self._read_s += now_s - begun_s
        if runtime.aside is not None and len(runtime.aside.tokens) == len(self._tokens):
            self._rests_until_s = max(self._rests_until_s, now_s + REST * self._read_s)
            self._read_s = 0.0


def _unseen(runtime: LlamaRuntime) -> int:
    """Return how many tokens of the transcript the request did not see."""
    aside = runtime.aside
    return 0 if aside is None else len(runtime.tokens) - aside.begun_at


def shared(one: Sequence[int], other: Sequence[int]) -> int:
    """Return how many tokens two lists have in common at their beginning."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count

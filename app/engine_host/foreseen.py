"""The request that will probably come next, read while nothing is asked. Main thread of the child.

A request stands behind the transcript, and the transcript still grows. So its tokens stand aside,
and what is said meanwhile is put before them: decision 027.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from app.domain.errors import EngineFailedError
from app.engine_host.llama_runtime import LlamaRuntime

PIECE: Final = 32
"""Tokens read at once: so many are lost at most when something else is asked."""
MOST_UNSEEN: Final = 512
"""Tokens of transcript, about two minutes of talk, after which the request is read anew."""


class Foreseen:
    """Holds the tokens of the request that is expected, and has them read in time.

    Args:
        most_unseen: a request is used that did not see so many tokens of the transcript.
    """

    def __init__(self, most_unseen: int = MOST_UNSEEN) -> None:
        self._most_unseen = most_unseen
        self._tokens: list[int] = []

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
        aside = runtime.aside
        if aside is not None and (
            aside.tokens != self._tokens[: len(aside.tokens)] or self._is_old(runtime)
        ):
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
        if count and not self._is_old(runtime):
            runtime.join_aside(count)
        else:
            runtime.drop_aside()

    def _read_on(self, runtime: LlamaRuntime, is_asked: Callable[[], bool]) -> None:
        while not is_asked():
            done = 0 if runtime.aside is None else len(runtime.aside.tokens)
            piece = self._tokens[done : done + PIECE]
            if not piece or not runtime.evaluate_aside(piece, is_asked):
                return

    def _is_old(self, runtime: LlamaRuntime) -> bool:
        aside = runtime.aside
        return aside is not None and len(runtime.tokens) - aside.begun_at > self._most_unseen


def shared(one: Sequence[int], other: Sequence[int]) -> int:
    """Return how many tokens two lists have in common at their beginning."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count

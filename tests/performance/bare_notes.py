"""The notes child with nothing but the engine in its loop: the ceiling that `tokens` measures.

Set up, loaded and fed by the product's own code. Only the writing differs: the most probable
token, evaluated, as many times as asked, and nothing else: no grammar, no text, no frames.
"""

from __future__ import annotations

import time

from typing_extensions import override

from app.engine_host import notes
from app.engine_host.answers import Answer
from app.engine_host.llama_runtime import LlamaRuntime
from app.foundation.hardening import harden
from app.foundation.paths import private_umask


class BareChild(notes.NotesChild):
    """Its `ms` of an answer count from the first token, which the prompt gave, to the last."""

    @override
    def _write(self, runtime: LlamaRuntime, answer: Answer) -> None:
        token = int(runtime.logits().argmax())
        answer.begun_s = time.monotonic()
        answer.tokens.append(token)
        while len(answer.tokens) < answer.max_tokens:
            runtime.evaluate([token], _never)
            token = int(runtime.logits().argmax())
            answer.tokens.append(token)
        answer.reason = "length"


def _never() -> bool:
    return False


if __name__ == "__main__":
    private_umask()
    harden(is_child=True)
    notes.main([], BareChild)

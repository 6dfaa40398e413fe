"""llama.cpp behind a small face: tokens into the KV cache, the best next token out.

The one importer of `llama_cpp`. It uses the C functions, not the `Llama` class, because a
kept prefix, rolling back and stopping within 100 ms need them. Main thread of the child.
"""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

# Threads that wait in a busy loop starve each other when other programs want the cores, and
# threads that sleep at once lose more time waking than a small model needs for a step. So they
# look 300 times and then sleep; figures in decision 007. Read when the library is loaded, hence
# before the import.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("GOMP_SPINCOUNT", "300")

import llama_cpp.llama_cpp as llama
import numpy as np
from numpy.typing import NDArray

from app.domain.errors import EngineFailedError

BATCH: Final = 128
"""Tokens evaluated at once. Always the same, for other batches round otherwise and a model might
choose another word. 512 were no faster on a CPU (2 cores, starter model), and the app hears of
the progress every 13 s even where 10 tokens take a second."""
NEAR: Final = 8.0
"""A grammar looks first at tokens whose logit is so near to the best one: a few of 49,000, found by
one comparison in 10 microseconds; to sort out the best 256 takes 480 (2 cores)."""
MANY_CANDIDATES: Final = 256
"""How many of the best tokens it looks at before it looks at the whole vocabulary."""
_MAIN: Final = 0
_ASIDE: Final = 1
"""Sequences of the KV cache; they may share tokens."""
SLOW_S: Final = 0.05
"""Decodes expected to take longer can be stopped in the middle: half of the 100 ms allowed."""

_CANDIDATE: Final = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])

ShouldStop = Callable[[], bool]


@llama.llama_log_callback  # type: ignore[untyped-decorator]  # ctypes makes it at run time
def _swallow(_level: int, _text: bytes, _user: ctypes.c_void_p) -> None:
    """Native libraries print what they hear."""


@dataclass(frozen=True, slots=True)
class Tuning:
    """How to hold a model: `context` tokens, CPU threads, layers on the GPU (-1 = all).

    Attributes:
        cache: of what was read: `f16`, or `q8_0` in half the memory.
    """

    context: int = 0
    threads: int = 0
    gpu_layers: int = 0
    cache: str = "f16"


@dataclass(slots=True)
class Aside:
    """Tokens that were evaluated behind the others and are not among them.

    Attributes:
        begun_at: how many of the others the first of them saw.
        position: of the first of them; the newest saw as many of the others.
    """

    begun_at: int
    position: int
    tokens: list[int]


class Grammar:
    """Says which tokens may come next. Freed by `close`."""

    def __init__(self, vocabulary: Any, text: str) -> None:  # noqa: ANN401 - a C pointer
        self._sampler = llama.llama_sampler_init_grammar(vocabulary, text.encode(), b"root")
        if not self._sampler:
            raise EngineFailedError("grammar")

    def best(self, logits: NDArray[np.float32]) -> int | None:
        """Return the most probable token that may come next, None if none may.

        To ask about every token of a vocabulary costs more than to decode one, and the
        best token is nearly always allowed, so it is asked about first.
        """
        for ids in by_probability(logits):
            allowed = self._allowed(ids, logits)
            if allowed.any():
                return int(ids[int(allowed.argmax())])
        return None

    def accept(self, token: int) -> None:
        """Go on behind this token. It must be one that may come next."""
        llama.llama_sampler_accept(self._sampler, token)

    def close(self) -> None:
        """Give the memory back."""
        llama.llama_sampler_free(self._sampler)

    def _allowed(self, ids: NDArray[np.int64], logits: NDArray[np.float32]) -> NDArray[np.bool_]:
        rows = np.zeros(len(ids), _CANDIDATE)
        rows["id"] = ids
        rows["logit"] = logits[ids]
        candidates = llama.llama_token_data_array(
            data=rows.ctypes.data_as(llama.llama_token_data_p),
            size=len(ids),
            selected=-1,
            sorted=False,
        )
        llama.llama_sampler_apply(self._sampler, ctypes.byref(candidates))
        return np.asarray(np.isfinite(rows["logit"]), dtype=np.bool_)


def by_probability(logits: NDArray[np.float32]) -> Iterator[NDArray[np.int64]]:
    """Yield tokens in groups, each sorted, best first; the last group is the whole vocabulary.

    No token outside a group is better than one in it, so that the first one that may come next is
    the best one that may.
    """
    best = int(logits.argmax())
    yield np.array([best])
    near = np.flatnonzero(logits > logits[best] - NEAR)
    if len(near) <= MANY_CANDIDATES:
        yield near[np.argsort(-logits[near], kind="stable")]
    if len(logits) > MANY_CANDIDATES:
        some = np.argpartition(logits, -MANY_CANDIDATES)[-MANY_CANDIDATES:]
        yield some[np.argsort(-logits[some], kind="stable")]
    yield np.argsort(-logits, kind="stable")


class LlamaRuntime:
    """A loaded model, its context, and the tokens that lie in the KV cache.

    Attributes:
        tokens: in the KV cache, in order.
        aside: others, that were evaluated behind them; None for none.
        has_aside: whether tokens of this model can stand aside.

    Args:
        path: a GGUF file that was verified.

    Raises:
        EngineFailedError: llama.cpp does not take the file, or memory is short.
    """

    def __init__(self, path: str, tuning: Tuning) -> None:
        llama.llama_log_set(_swallow, ctypes.c_void_p(0))
        llama.llama_backend_init()
        self._model = llama.llama_model_load_from_file(
            os.fsencode(path), _model_params(tuning.gpu_layers)
        )
        if not self._model:
            raise EngineFailedError("load")
        self._vocabulary = llama.llama_model_get_vocab(self._model)
        self._vocabulary_size = int(llama.llama_vocab_n_tokens(self._vocabulary))
        self.threads = tuning.threads or _cores()
        self._context = llama.llama_init_from_model(self._model, self._context_params(tuning))
        if not self._context:
            raise EngineFailedError("memory")
        self._memory = llama.llama_get_memory(self._context)
        self.has_aside = int(llama.llama_n_seq_max(self._context)) > 1 and bool(
            llama.llama_memory_can_shift(self._memory)
        )
        self._should_stop: ShouldStop = _never
        self._abort = llama.ggml_abort_callback(lambda _: self._should_stop())
        self._no_abort = llama.ggml_abort_callback()
        self._token_s = {False: 0.0, True: 0.0}  # a token's time of late: alone, in a batch
        self._batch = llama.llama_batch_init(BATCH, 0, 1)
        self.tokens: list[int] = []
        self.aside: Aside | None = None
        self._is_moved = False  # keys in the cache are turned by the next decode

    @property
    def context(self) -> int:
        """Number of tokens the KV cache holds at most."""
        return int(llama.llama_n_ctx(self._context))

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        """Return the tokens of a text; no start token is added.

        With `special`, chat tokens in the text are meant as such; without, as for all that was
        ever said or typed, they are plain letters.
        """
        data = text.encode("utf-8", "replace")
        room = len(data) + 16
        buffer = (llama.llama_token * room)()
        count = llama.llama_tokenize(
            self._vocabulary, data, len(data), buffer, room, False, special
        )
        if count < 0:
            raise EngineFailedError("tokenize")
        return list(buffer[:count])

    def piece(self, token: int) -> bytes:
        """Return what a token stands for; a letter may be spread over several tokens."""
        size = 64
        while True:
            buffer = ctypes.create_string_buffer(size)
            count = llama.llama_token_to_piece(self._vocabulary, token, buffer, size, 0, False)
            if count >= 0:
                return buffer.raw[:count]
            size = -count

    def ends(self, token: int) -> bool:
        """Whether the model says with this token that it is done."""
        return bool(llama.llama_vocab_is_eog(self._vocabulary, token))

    def grammar(self, text: str) -> Grammar:
        """Compile a GBNF grammar.

        Raises:
            EngineFailedError: it cannot be read.
        """
        return Grammar(self._vocabulary, text)

    def evaluate(self, tokens: Sequence[int], should_stop: ShouldStop) -> bool:
        """Append at most `BATCH` tokens to the KV cache.

        Returns:
            False if `should_stop` said so in the middle: none of them was kept.

        Raises:
            EngineFailedError: llama.cpp failed; what was kept before still is.
        """
        if len(self.tokens) + len(tokens) + self._aside_count() > self.context:
            self.drop_aside()
        is_done = False
        try:
            is_done = self._decode(tokens, _MAIN, len(self.tokens), should_stop)
        finally:
            if not is_done:
                self.roll_back(len(self.tokens))
        if is_done:
            self.tokens.extend(tokens)
        return is_done

    def evaluate_aside(self, tokens: Sequence[int], should_stop: ShouldStop) -> bool:
        """Append at most `BATCH` tokens to what stands aside: they see all that `evaluate` kept.

        Returns:
            False if `should_stop` said so in the middle: none of them was kept.

        Raises:
            EngineFailedError: llama.cpp failed; nothing stands aside any more.
        """
        here = len(self.tokens)
        aside = self.aside = self.aside or Aside(here, here, [])
        self._move(aside, here)
        llama.llama_memory_seq_cp(self._memory, _MAIN, _ASIDE, 0, here)
        is_done = False
        try:
            is_done = self._decode(tokens, _ASIDE, here + len(aside.tokens), should_stop)
        except EngineFailedError:
            self.drop_aside()
            raise
        llama.llama_memory_seq_rm(self._memory, _ASIDE, 0, here)
        if is_done:
            aside.tokens.extend(tokens)
        else:
            llama.llama_memory_seq_rm(self._memory, _ASIDE, here + len(aside.tokens), -1)
        return is_done

    def join_aside(self, count: int) -> None:
        """Take the first `count` tokens from aside as the next ones; the others are dropped.

        They keep what they saw: not what was evaluated since.
        """
        aside, here = self.aside, len(self.tokens)
        if aside is None:
            raise EngineFailedError("aside")
        llama.llama_memory_seq_rm(self._memory, _ASIDE, aside.position + count, -1)
        self._move(aside, here)
        llama.llama_memory_seq_cp(self._memory, _ASIDE, _MAIN, here, -1)
        self.tokens.extend(aside.tokens[:count])
        self.drop_aside()

    def drop_aside(self) -> None:
        """Let nothing stand aside."""
        if self.aside is not None:
            llama.llama_memory_seq_rm(self._memory, _ASIDE, -1, -1)
        self.aside = None

    def logits(self) -> NDArray[np.float32]:
        """Return how probable each token is next, unscaled: shape (vocabulary,), a copy-free view.

        Valid until the next `evaluate`.
        """
        pointer = llama.llama_get_logits_ith(self._context, -1)
        if not pointer:
            raise EngineFailedError("logits")
        return np.ctypeslib.as_array(pointer, (self._vocabulary_size,))

    def roll_back(self, count: int) -> None:
        """Keep the first `count` tokens of the KV cache and drop the rest.

        What stands aside goes, too, if it saw some of the rest. Some model families cannot drop a
        part; for them nothing is kept, and `tokens` says so.
        """
        if self.aside is not None and count < self.aside.position:
            self.drop_aside()
        if llama.llama_memory_seq_rm(self._memory, _MAIN, count, -1):
            del self.tokens[count:]
        else:
            self._clear()

    def close(self) -> None:
        """Give the memory back."""
        llama.llama_batch_free(self._batch)
        llama.llama_free(self._context)
        llama.llama_model_free(self._model)

    def _aside_count(self) -> int:
        return 0 if self.aside is None else len(self.aside.tokens)

    def _move(self, aside: Aside, position: int) -> None:
        """Let what stands aside begin at another position."""
        if aside.position != position:
            llama.llama_memory_seq_add(self._memory, _ASIDE, 0, -1, position - aside.position)
            aside.position, self._is_moved = position, True

    def _clear(self) -> None:
        llama.llama_memory_clear(self._memory, True)
        self.tokens.clear()
        self.aside, self._is_moved = None, False

    def _decode(
        self, tokens: Sequence[int], sequence: int, position: int, should_stop: ShouldStop
    ) -> bool:
        """Evaluate tokens at consecutive positions; False if stopped: the caller tidies up."""
        count, batch = len(tokens), self._batch
        is_moved, self._is_moved = self._is_moved, False
        is_slow = is_moved or not 0 < count * self._token_s[count > 1] <= SLOW_S
        self._should_stop = should_stop
        llama.llama_set_abort_callback(
            self._context, self._abort if is_slow else self._no_abort, None
        )
        batch.n_tokens = count
        for at, token in enumerate(tokens):
            batch.token[at], batch.pos[at] = token, position + at
            batch.n_seq_id[at], batch.seq_id[at][0] = 1, sequence
            batch.logits[at] = at == count - 1
        begun_s = time.perf_counter()
        status = llama.llama_decode(self._context, batch)
        if status == 0:
            llama.llama_synchronize(self._context)
            if not is_moved:
                self._measured(count, time.perf_counter() - begun_s)
            return True
        if is_moved:  # some keys may be turned and others not: none is of use
            self._clear()
        if status == 2:  # noqa: PLR2004 - llama.h: aborted
            return False
        raise EngineFailedError("decode")

    def _measured(self, count: int, wall_s: float) -> None:
        took_s, before_s = wall_s / count, self._token_s[count > 1]
        self._token_s[count > 1] = 0.5 * (took_s + before_s) if before_s else took_s

    def _context_params(self, tuning: Tuning) -> Any:  # noqa: ANN401 - a C structure
        params = llama.llama_context_default_params()
        trained = int(llama.llama_model_n_ctx_train(self._model))
        params.n_ctx = min(tuning.context, trained) if tuning.context else trained
        if _lets_tokens_move(self._model):
            params.n_seq_max = 2
            params.kv_unified = True  # one cache, in which they share tokens
        params.n_batch = BATCH
        params.n_ubatch = BATCH
        params.n_threads = self.threads
        params.n_threads_batch = self.threads
        params.no_perf = True
        if tuning.cache == "q8_0":  # llama.cpp reads values that are stored so in no other way
            params.type_k = params.type_v = llama.GGML_TYPE_Q8_0
            params.flash_attn_type = llama.LLAMA_FLASH_ATTN_TYPE_ENABLED
        elif not tuning.gpu_layers and hasattr(params, "flash_attn_type"):
            # on a CPU the fused attention is the slower one: 30 tokens behind 5,000 took 2.1 s
            # with it and 0.5 s without (starter model, 2 cores)
            params.flash_attn_type = llama.LLAMA_FLASH_ATTN_TYPE_DISABLED
        if hasattr(params, "swa_full"):  # else a prefix cannot be rolled back
            params.swa_full = True
        return params


def _model_params(gpu_layers: int) -> Any:  # noqa: ANN401 - a C structure
    params = llama.llama_model_default_params()
    params.n_gpu_layers = gpu_layers
    # Weights laid out anew for the CPU's vectors: Q4_K_M wrote a third faster and read a sixth
    # faster (460 million random weights, 2 cores). What they take beside the file, the file's pages
    # give back. WORKAROUND ggml on AMX CPUs: a build with AMX, which ours is not, crashes at
    # the first decode with them (ARCHITECTURE.md, "Builds"); drop when llama.cpp is cured.
    if hasattr(params, "use_extra_bufts"):
        params.use_extra_bufts = b"AMX_INT8 = 1" not in llama.llama_print_system_info()
    return params


def _lets_tokens_move(model: Any) -> bool:  # noqa: ANN401 - a C pointer
    """Whether tokens of a model can be taken from one place in the cache to another.

    Not where a state is kept instead of a row of tokens. Nor with YaRN and LongRoPE: llama.cpp
    scales the keys of all tokens once more whenever it turns some.
    """
    if llama.llama_model_is_recurrent(model) or llama.llama_model_is_hybrid(model):
        return False
    family = _metadata(model, "general.architecture")
    return _metadata(model, f"{family}.rope.scaling.type") in {"", "none", "linear"}


def _metadata(model: Any, key: str) -> str:  # noqa: ANN401 - a C pointer
    value = ctypes.create_string_buffer(64)
    size = llama.llama_model_meta_val_str(model, key.encode(), value, len(value))
    return value.value.decode("utf-8", "replace") if size >= 0 else ""


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _never() -> bool:
    return False

"""The notes child: keeps a prompt's beginning in the KV cache and writes after it on request.

The main thread owns the model; `cancel` and `forget` run on the reader thread at once. The
chat template is known here, so that what was said can never become a chat token.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

from app.domain.errors import (
    ContextFullError,
    EngineFailedError,
    ModelDamagedError,
    ModelMissingError,
)
from app.domain.ports import ChatTemplate, ModelFile
from app.engine_host.answers import (
    LONGEST_RUN,
    PENALTY,
    PENALTY_GROWTH,
    SHORTEST_RUN,
    Answer,
    Speller,
    is_cycling,
    prolonged,
)
from app.engine_host.foreseen import Foreseen, shared
from app.engine_host.host import Outlet, claim_stdio, serve
from app.engine_host.llama_runtime import BATCH, LlamaRuntime, Tuning
from app.engines.wire import Frame

FRAME_S: Final = 0.08
"""At least this long between two frames of text: 12 a second look like a flow, and each one wakes
the app on a core that the engine uses."""
LEAST_ANSWER: Final = 32
"""A request with less room than this many tokens for its answer is refused: no line fits."""


class NotesChild:
    """Serves the frames of the notes engine: `engines/notes.py` describes them."""

    def __init__(self, outlet: Outlet) -> None:
        self._outlet = outlet
        self._runtime: LlamaRuntime | None = None
        self._chat = ChatTemplate()
        self._stop_tokens: frozenset[int] = frozenset()
        self._mark = 0  # of the newest `begin` that was served
        self._prefix: list[int] = []
        self._refused: ContextFullError | None = None
        self._foreseen = Foreseen()
        self._lock = threading.Lock()  # guards _running, _cancelled, _forgotten
        self._running = ""
        self._cancelled: set[str] = set()
        self._forgotten = 0

    # -- frames that wait for the main thread

    def load(self, frame: Frame) -> None:
        """Verify the one GGUF file and load it."""
        begun_s = time.monotonic()
        self._foreseen.expect(())
        if self._runtime is not None:
            self._runtime.close()
            self._runtime = None
        fields = frame.fields
        self._chat = ChatTemplate(**{**fields["chat"], "stop": tuple(fields["chat"]["stop"])})
        tuning = Tuning(
            int(fields["context"]),
            int(fields["threads"]),
            int(fields["gpu_layers"]),
            fields["cache"],
        )
        with open_verified(
            Path(fields["folder"]), _only_file(fields["files"]), fields.get("known")
        ) as (file, stamp):
            runtime = LlamaRuntime(_path_of(file), tuning)
        self._runtime = runtime
        self._stop_tokens = frozenset(_stop_tokens(runtime, self._chat.stop))
        self._outlet.send(
            Frame(
                "loaded",
                {
                    "ms": _ms_since(begun_s),
                    "context": runtime.context,
                    "threads": runtime.threads,
                    "stamp": stamp,
                },
            )
        )

    def begin(self, frame: Frame) -> None:
        """Start a prefix; what the KV cache shares with it stays."""
        runtime = self._loaded()
        chat = self._chat
        self._mark = frame.fields["mark"]
        self._refused = None
        self._foreseen.expect(())
        system = frame.fields["system"]
        tokens = runtime.tokenize(chat.bos, special=True)
        if system:
            tokens += runtime.tokenize(chat.system_prefix, special=True)
            tokens += runtime.tokenize(system, special=False)
            tokens += runtime.tokenize(chat.system_suffix, special=True)
        tokens += runtime.tokenize(chat.user_prefix, special=True)
        tokens += _line_tokens(runtime, _text(frame))
        self._prefix = []
        self._grow_prefix(tokens, frame.fields["mark"])

    def extend(self, frame: Frame) -> None:
        """Append to the prefix."""
        if self._refused is None:
            tokens = _line_tokens(self._loaded(), _text(frame))
            self._grow_prefix(tokens, frame.fields["mark"])

    def foresee(self, frame: Frame) -> None:
        """Expect a request; an empty one: none, and what was read of one stays as it is."""
        self._foreseen.expect(self._loaded().tokenize(_text(frame), special=False))

    def rest(self, is_asked: Callable[[], bool]) -> None:
        """Use the time while nothing is asked."""
        if self._runtime is not None and self._refused is None:
            self._foreseen.read(self._runtime, self._prefix, is_asked)

    def generate(self, frame: Frame) -> None:
        """Answer one request behind the prefix, then roll the KV cache back to its end."""
        fields = frame.fields
        with self._lock:
            if fields["request"] in self._cancelled:  # it was answered on arrival
                self._cancelled.discard(fields["request"])
                return
            self._running = fields["request"]
        try:
            self._answer(frame)
        finally:
            with self._lock:
                self._running = ""
                self._cancelled.discard(fields["request"])

    # -- frames that do not wait: reader thread

    def cancel(self, frame: Frame) -> None:
        """Stop a request, or answer for it if its turn has not come."""
        request = frame.fields["request"]
        with self._lock:
            self._cancelled.add(request)
            is_running = request == self._running
        if not is_running:
            self._outlet.send(_done(request, "cancelled", 0, 0))

    def forget(self, frame: Frame) -> None:
        """Stop evaluating what belongs to a prefix older than this mark."""
        with self._lock:
            self._forgotten = frame.fields["mark"]

    # -- prefix

    def _loaded(self) -> LlamaRuntime:
        if self._runtime is None:
            raise EngineFailedError("no_model")
        return self._runtime

    def _grow_prefix(self, tokens: list[int], mark: int) -> None:
        runtime = self._loaded()
        wanted = self._prefix + tokens
        if len(wanted) > runtime.context:
            self._refused = ContextFullError(len(wanted), runtime.context)
            raise self._refused
        self._prefix = wanted
        is_whole = self._bring_to(
            wanted,
            lambda: self._mark < self._forgotten,
            lambda: self._outlet.send(_evaluated(runtime, mark, is_done=False)),
        )
        self._outlet.send(_evaluated(runtime, mark, is_done=is_whole))

    def _bring_to(
        self,
        wanted: list[int],
        should_stop: Callable[[], bool],
        report: Callable[[], object],
    ) -> bool:
        """Make the KV cache hold these tokens and no others; False if stopped half-way."""
        runtime = self._loaded()
        runtime.roll_back(shared(runtime.tokens, wanted))
        while (count := len(runtime.tokens)) < len(wanted):
            piece = wanted[count : count + BATCH]
            if should_stop() or not runtime.evaluate(piece, should_stop):
                return False
            report()
        return True

    # -- answers

    def _answer(self, frame: Frame) -> None:
        runtime = self._loaded()
        if self._refused is not None:
            raise self._refused
        answer, prompt = self._prepare(frame)

        def is_over() -> bool:
            return self._is_over(answer)

        def report() -> None:
            self._outlet.send(Frame("busy", {"request": answer.request}))

        try:
            if self._bring_to(self._prefix, is_over, report):
                self._foreseen.take(runtime, prompt)
                if self._bring_to(self._prefix + prompt, is_over, report):
                    self._write(runtime, answer)
            self._send_text(answer, is_last=True)
        finally:
            if answer.grammar is not None:
                answer.grammar.close()
            runtime.roll_back(min(len(self._prefix), len(runtime.tokens)))
        self._outlet.send(
            _done(answer.request, answer.reason, len(answer.tokens), _ms_since(answer.begun_s))
        )

    def _prepare(self, frame: Frame) -> tuple[Answer, list[int]]:
        """Return the request and the tokens between the prefix and its answer."""
        runtime, chat, fields = self._loaded(), self._chat, frame.fields
        begun_s = time.monotonic()
        prompt = runtime.tokenize(_text(frame), special=False)
        prompt += runtime.tokenize(chat.user_suffix, special=True)
        prompt += runtime.tokenize(chat.assistant_prefix, special=True)
        if not prompt:  # something must be evaluated to know what comes next
            prompt = runtime.tokenize("\n", special=False)
        room = runtime.context - len(self._prefix) - len(prompt)
        if room < min(LEAST_ANSWER, fields["max_tokens"]):
            needed = len(self._prefix) + len(prompt) + fields["max_tokens"]
            raise ContextFullError(needed, runtime.context)
        grammar = runtime.grammar(fields["grammar"]) if fields["grammar"] else None
        answer = Answer(
            fields["request"],
            min(room, fields["max_tokens"]),
            Speller((*fields["stop"], *chat.stop)),
            grammar,
            begun_s,
            fields["timeout_s"],
        )
        return answer, prompt

    def _is_over(self, answer: Answer) -> bool:
        """Whether a request was cancelled or its time is up; notes the reason."""
        if answer.request in self._cancelled:
            answer.reason = "cancelled"
        elif answer.is_late():
            answer.reason = "timeout"
        return bool(answer.reason)

    def _write(self, runtime: LlamaRuntime, answer: Answer) -> None:
        """Add tokens, always the most probable one, until there is a reason to end."""
        while not self._is_over(answer):
            token = self._next_token(runtime, answer)
            if token is None:
                return
            piece = runtime.piece(token)
            answer.tokens.append(token)
            answer.speller.take(piece)
            if any(mark in piece for mark in (b"\n", b"[", b"]")):
                answer.breaks.add(token)
            self._send_text(answer, is_last=False)
            if answer.speller.has_stopped:
                answer.reason = "stop"
            elif len(answer.tokens) >= answer.max_tokens:
                answer.reason = "length"
            elif len(answer.tokens) % 8 == 0 and is_cycling(answer.speller.tail):
                answer.reason = "loop"
            else:
                runtime.evaluate([token], lambda: self._is_over(answer))

    def _next_token(self, runtime: LlamaRuntime, answer: Answer) -> int | None:
        logits = runtime.logits()
        for repeated, run in prolonged(answer.tokens, answer.breaks).items():
            logits[repeated] -= PENALTY * PENALTY_GROWTH ** (min(run, LONGEST_RUN) - SHORTEST_RUN)
        if answer.grammar is None:
            token: int | None = int(logits.argmax())
        else:
            token = answer.grammar.best(logits)
        if token is None or runtime.ends(token) or token in self._stop_tokens:
            answer.reason = "stop"
            return None
        if answer.grammar is not None:
            answer.grammar.accept(token)
        return token

    def _send_text(self, answer: Answer, *, is_last: bool) -> None:
        now_s = time.monotonic()
        if is_last or now_s - answer.sent_s >= FRAME_S:
            answer.sent_s = now_s
            if text := answer.speller.text(is_last=is_last):
                fields = {"request": answer.request, "text": text}
                self._outlet.send(Frame("token", fields))


# -- files


@contextlib.contextmanager
def open_verified(
    folder: Path, wanted: ModelFile, known: Sequence[int] | None
) -> Iterator[tuple[BinaryIO, list[int]]]:
    """Open a model file once, hold it against its published size and hash, and lend it.

    Args:
        folder: where the model lies.
        wanted: what the catalogue says.
        known: the stamp of a file that was hashed in this session, to spare hashing it again.

    Raises:
        ModelMissingError: it is not there.
        ModelDamagedError: it is another file. Not a byte of it was parsed.
    """
    try:
        file = (folder / wanted.path).open("rb")
    except OSError:
        raise ModelMissingError(folder.name) from None
    with file:
        stamp = _stamp(file)
        if stamp[2] != wanted.size:
            raise ModelDamagedError(folder.name, "size")
        if list(known or ()) != stamp:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            if digest != wanted.sha256:
                raise ModelDamagedError(folder.name, "hash")
        yield file, stamp


def _stamp(file: BinaryIO) -> list[int]:
    """Device, inode, size, times: SECURITY.md 10."""
    status = os.fstat(file.fileno())
    return [
        status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns,
    ]  # fmt: skip


def _only_file(files: Sequence[dict[str, Any]]) -> ModelFile:
    if len(files) != 1:
        raise EngineFailedError("files")
    return ModelFile(files[0]["path"], int(files[0]["size"]), files[0]["sha256"])


def _path_of(file: BinaryIO) -> str:
    """Return a path that leads to this very file, whatever happens to its name."""
    if Path("/proc/self/fd").is_dir():
        return f"/proc/self/fd/{file.fileno()}"
    return str(file.name)


# -- small things


def _text(frame: Frame) -> str:
    return frame.payload.decode("utf-8", "replace")


def _line_tokens(runtime: LlamaRuntime, text: str) -> list[int]:
    """Return the tokens of a text, line by line.

    A line that is appended later then has the tokens it would have had from the beginning, and
    what the KV cache holds of it stays.
    """
    tokens: list[int] = []
    for line in text.splitlines(keepends=True):
        tokens += runtime.tokenize(line, special=False)
    return tokens


def _stop_tokens(runtime: LlamaRuntime, stops: Sequence[str]) -> list[int]:
    marks = [runtime.tokenize(stop, special=True) for stop in stops]
    return [each[0] for each in marks if len(each) == 1]


def _evaluated(runtime: LlamaRuntime, mark: int, *, is_done: bool) -> Frame:
    fields = {"mark": mark, "tokens": len(runtime.tokens), "context": runtime.context}
    return Frame("evaluated", {**fields, "is_done": is_done})


def _done(request: str, reason: str, tokens: int, ms: int) -> Frame:
    return Frame("done", {"request": request, "reason": reason, "tokens": tokens, "ms": ms})


def _ms_since(begun_s: float) -> int:
    return int((time.monotonic() - begun_s) * 1000)


def main(
    argv: list[str],  # noqa: ARG001 - every child is called with its arguments
    make: Callable[[Outlet], NotesChild] = NotesChild,
) -> None:
    """Serve until the app closes its end."""
    stdin, outlet = claim_stdio()
    child = make(outlet)
    serve(
        stdin,
        outlet,
        handlers={
            "load": child.load,
            "begin": child.begin,
            "extend": child.extend,
            "foresee": child.foresee,
            "generate": child.generate,
        },
        urgent={"cancel": child.cancel, "forget": child.forget},
        rest=child.rest,
    )

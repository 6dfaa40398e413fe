"""The app's side of the notes child: it keeps the prompt, so a dead child loses nothing.

Frames to the child: `load`, `begin`, `extend`, `foresee`, `generate`, and at once `cancel`,
`forget`. Frames from it: `ready`, `loaded`, `evaluated`, `busy`, `token`, `done`, `failed`.
Texts to the child travel as payload. All methods may be called from any thread and none waits.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from typing_extensions import override

from app.domain.errors import ChildBusyError, ChildGoneError, ContextFullError
from app.domain.events import (
    ChildFailed,
    ChildReady,
    GenerationEnded,
    PrefixEvaluated,
    TextGenerated,
)
from app.domain.ports import ChatTemplate, GenerationPlan, InstalledModel, NotesPort
from app.engines.child_life import ChildLife, Kin
from app.engines.supervisor import child_command
from app.engines.wire import Frame

CHILD: Final = "notes"
LOAD_SILENCE_S: Final = 300.0
"""Hashing and loading 8 GB from a slow disk (50 MB/s) takes 160 s; twice that is a hang."""
SILENCE_S: Final = 30.0
"""A child at work says something about every 0.4 s; 30 s also allow for a swapping machine."""
OVERTIME_S: Final = 10.0
"""How much longer than its budget a request may talk before its child is ended."""
GRACE_S: Final = 1.0
"""For leaving, until a llama.cpp step ends."""

Publish = Callable[[object], object]


@dataclass(slots=True)
class _Prefix:
    """The prompt so far, and what of it the child was given."""

    system: str = ""
    texts: list[str] = field(default_factory=list)
    born: int = 0  # frames with a mark up to this one belong to older prefixes
    mark: int = 0  # of the newest frame that carried a part of it
    sent: int = 0  # how many of the texts the child was given
    is_begun: bool = False
    foreseen: str = ""  # how the next request will probably begin
    is_owed: bool = False  # the child has not yet said that it evaluated the newest frame
    is_refused: bool = False  # it is longer than the window

    @property
    def text(self) -> str:
        return "".join(self.texts)

    def goes_on_as(self, text: str, system: str) -> bool:
        """Whether the child has the beginning of another prompt: then its rest will do.

        A draft takes over what was read ahead without stopping the words that are being read.
        """
        is_sound = self.is_begun and not self.is_refused and system == self.system
        return is_sound and self.text.endswith("\n") and text.startswith(self.text)


@dataclass(slots=True)
class _Request:
    plan: GenerationPlan
    is_sent: bool = False
    began_s: float = 0.0  # first text, by the monotonic clock; 0 = none came yet


class Notes(NotesPort):
    """Own the notes child. What was begun is begun again in a new one when it dies.

    Args:
        publish: takes events, on any thread.
        command: how to start the child; None = as installed.
        threads: CPU threads, 0 = as many as there are cores.
        gpu_layers: layers on the GPU, -1 = all.
        silence_s: a child that owes something and says nothing for so long is ended.
    """

    def __init__(
        self,
        publish: Publish,
        command: Sequence[str] | None = None,
        *,
        threads: int = 0,
        gpu_layers: int = 0,
        silence_s: float = SILENCE_S,
    ) -> None:
        self._publish = publish
        self._threads = threads
        self._gpu_layers = gpu_layers
        self._silence_s = silence_s
        self._lock = threading.RLock()  # guards all below
        kin = Kin(self._send_load, self._on_frame, self._on_lost, publish)
        self._life = ChildLife(CHILD, command or child_command(CHILD), self._lock, kin, GRACE_S)
        self._model: InstalledModel | None = None
        self._stamp: list[int] | None = None
        self._trouble = ChildGoneError.code  # why nobody will answer, while there is no child
        self._context = 0
        self._prefix: _Prefix | None = None
        self._marks = 0
        self._requests: dict[str, _Request] = {}

    @property
    def context(self) -> int:
        """Tokens of the loaded model's window; 0 while none is loaded."""
        return self._context

    @override
    def load(self, model: InstalledModel) -> None:
        with self._lock:
            if model == self._model and self._life.is_coming:
                if self._life.is_loaded:
                    self._publish(ChildReady(CHILD, model.card.id))
                return
            if self._model is None or model.card.sha256 != self._model.card.sha256:
                self._stamp = None
            self._reset()
            self._model = model
            self._life.begin()

    @override
    def begin(self, prefix: str, system: str = "") -> None:
        with self._lock:
            for request in list(self._requests):
                self._cancel(request)
            self._marks += 1
            if self._prefix is not None and self._prefix.goes_on_as(prefix, system):
                self._prefix.texts.append(prefix[len(self._prefix.text) :])
                self._prefix.born = self._marks
                if self._life.is_loaded:
                    self._send_prefix()
                return
            self._prefix = _Prefix(system, [prefix], born=self._marks)
            if self._life.is_loaded:
                self._send(Frame("forget", {"mark": self._marks}))
                self._send_prefix()

    @override
    def extend(self, text: str) -> None:
        with self._lock:
            if self._prefix is None:
                self.begin("")
            if self._prefix is not None and text:
                self._prefix.texts.append(text)
                if self._life.is_loaded and not self._prefix.is_owed:
                    self._send_prefix()

    @override
    def foresee(self, suffix: str) -> None:
        with self._lock:
            if self._prefix is not None and suffix != self._prefix.foreseen:
                self._prefix.foreseen = suffix
                self._send_foreseen()

    @override
    def generate(self, plan: GenerationPlan) -> None:
        with self._lock:
            if not self._life.is_coming:
                self._publish(ChildFailed(CHILD, self._trouble, plan.request))
                return
            self._requests[plan.request] = _Request(plan)
            if self._life.is_loaded:
                self._send_requests()

    @override
    def cancel(self) -> None:
        with self._lock:
            for request in list(self._requests):
                self._cancel(request)

    @override
    def close(self) -> None:
        with self._lock:
            old = self._life.part()
            self._reset()
            self._model = None
            self._prefix = None
        self._life.end(old)

    # -- life and death

    def _on_lost(self, is_for_good: bool) -> None:
        self._fail_requests(ChildGoneError.code, only_sent=not is_for_good)

    def _reset(self) -> None:
        """Answer what the child owed: it is let go of."""
        self._context = 0
        self._trouble = ChildGoneError.code
        self._fail_requests(ChildGoneError.code)

    def _fail_requests(self, code: str, *, only_sent: bool = False) -> None:
        for request, each in list(self._requests.items()):
            if each.is_sent or not only_sent:
                del self._requests[request]
                self._publish(ChildFailed(CHILD, code, request))

    # -- to the child

    def _send_load(self) -> None:
        if self._model is None:
            return
        card = self._model.card
        fields = {
            "folder": self._model.folder,
            "files": [asdict(each) for each in card.files],
            "context": card.context,
            "cache": card.cache,
            "threads": self._threads,
            "gpu_layers": self._gpu_layers,
            "chat": asdict(card.chat or ChatTemplate()),
            "known": self._stamp,
        }
        self._send(Frame("load", fields))
        self._life.expect(max(LOAD_SILENCE_S, self._silence_s))

    def _send(self, frame: Frame) -> None:
        """Queue a frame. A child that died is no matter: its successor gets it all again."""
        try:
            self._life.send(frame)
        except ChildGoneError:
            return
        except ChildBusyError:  # it takes nothing: it hangs
            self._life.expect(0.0)

    def _send_prefix(self) -> None:
        """Give the child what it lacks of the prefix, in one frame."""
        prefix = self._prefix
        if prefix is None or (prefix.is_begun and prefix.sent == len(prefix.texts)):
            return
        text = "".join(prefix.texts[prefix.sent :])
        self._marks += 1
        fields: dict[str, Any] = {"mark": self._marks, "request": ""}
        kind = "extend"
        if not prefix.is_begun:
            kind, fields["system"] = "begin", prefix.system
        prefix.mark = self._marks
        prefix.sent = len(prefix.texts)
        prefix.is_begun = prefix.is_owed = True
        self._send(Frame(kind, fields, text.encode("utf-8", "replace")))
        self._expect()

    def _send_foreseen(self) -> None:
        """Tell the child what will be asked. It owes no answer."""
        if self._prefix is not None and self._prefix.is_begun and self._life.is_loaded:
            suffix = self._prefix.foreseen.encode("utf-8", "replace")
            self._send(Frame("foresee", {"request": ""}, suffix))

    def _send_requests(self) -> None:
        if self._prefix is None:
            self._prefix = _Prefix()
        self._send_prefix()
        for each in self._requests.values():
            if not each.is_sent:
                plan = each.plan
                fields = {
                    "request": plan.request,
                    "grammar": plan.grammar,
                    "max_tokens": plan.max_tokens,
                    "timeout_s": plan.timeout_s,
                    "stop": list(plan.stop),
                }
                each.is_sent = True
                self._prefix.foreseen = ""
                self._send(Frame("generate", fields, plan.suffix.encode("utf-8", "replace")))
        self._expect()

    def _cancel(self, request: str) -> None:
        if self._requests[request].is_sent:
            self._send(Frame("cancel", {"request": request}))
        else:
            del self._requests[request]
            self._publish(GenerationEnded(request, "cancelled", 0, 0))

    def _expect(self) -> None:
        """Tell the watchdog whether the child owes us something."""
        if self._life.is_loaded:
            is_owed = bool(self._requests) or (self._prefix is not None and self._prefix.is_owed)
            self._life.expect(self._silence_s if is_owed else None)

    # -- from the child: its reader thread

    def _on_frame(self, frame: Frame) -> None:
        match frame.kind:
            case "loaded":
                self._on_loaded(frame.fields)
            case "evaluated":
                self._on_evaluated(frame.fields)
            case "token":
                self._on_token(frame.fields)
            case "done":
                self._on_done(frame.fields)
            case "failed":
                self._on_failed(frame.fields)
            case _:  # `ready`, `busy`: signs of life, which the supervisor has seen
                pass

    def _on_loaded(self, fields: dict[str, Any]) -> None:
        if self._model is None:
            return
        self._life.is_loaded = True
        self._context = fields["context"]
        self._stamp = fields["stamp"]
        self._publish(ChildReady(CHILD, self._model.card.id, fields["ms"]))
        if self._prefix is not None:
            self._prefix.is_begun = self._prefix.is_owed = False
            self._prefix.sent = 0
            self._send_prefix()
            self._send_foreseen()
        if self._requests:
            self._send_requests()
        self._expect()

    def _on_evaluated(self, fields: dict[str, Any]) -> None:
        prefix = self._prefix
        if prefix is None or fields["mark"] <= prefix.born:
            return
        self._publish(PrefixEvaluated(fields["tokens"], fields["context"]))
        if fields["is_done"] and fields["mark"] == prefix.mark:
            prefix.is_owed = False
            self._send_prefix()
        self._expect()

    def _on_token(self, fields: dict[str, Any]) -> None:
        request = self._requests.get(fields["request"])
        if request is None:
            return
        now_s = time.monotonic()
        request.began_s = request.began_s or now_s
        if now_s - request.began_s > request.plan.timeout_s + OVERTIME_S:
            self._life.expect(0.0)  # it does not keep to its budget: end it
            return
        self._publish(TextGenerated(fields["request"], fields["text"]))

    def _on_done(self, fields: dict[str, Any]) -> None:
        if self._requests.pop(fields["request"], None) is not None:
            self._publish(
                GenerationEnded(fields["request"], fields["reason"], fields["tokens"], fields["ms"])
            )
        self._expect()

    def _on_failed(self, fields: dict[str, Any]) -> None:
        code, facts = fields["code"], tuple(fields.get("facts", {}).items())
        request = fields.get("request")
        if not self._life.is_loaded:  # the model cannot be used: another try would end the same
            self._fail_requests(code)
            self._life.dismiss()
            self._reset()
            self._trouble = code
        elif request:
            self._requests.pop(request, None)
        elif self._prefix is not None:
            self._prefix.is_owed = False
            self._prefix.is_refused = code == ContextFullError.code
        self._publish(ChildFailed(CHILD, code, request or "", facts))
        self._expect()

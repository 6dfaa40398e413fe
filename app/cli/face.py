"""What every command needs: services, waiting with Ctrl-C, words for errors, exit codes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

import typer
from rich.console import Console

from app.domain.errors import (
    AppError,
    EngineError,
    MachineError,
    NoAccountError,
    NotFoundError,
    StoreError,
    UserError,
)
from app.domain.ids import VisitId
from app.domain.people import Account
from app.foundation import texts
from app.foundation.i18n import _
from app.foundation.inbox import Inbox

if TYPE_CHECKING:
    from app.workflow.services import Services

R = TypeVar("R")

EXIT_CODES: Final = ((UserError, 3), (MachineError, 4), (EngineError, 5), (StoreError, 6))
"""0 done, 1 our mistake, 2 wrong usage, 3 the user can mend it, 4 the machine, 5 an engine,
6 a damaged or newer file."""

FOREVER_S: Final = 86_400.0
SHORT_ID: Final = 8


@dataclass(frozen=True, slots=True)
class Running:
    """One built app: its services and the inbox that brings their results home."""

    services: Services
    inbox: Inbox

    def result(self, future: Future[R]) -> R:
        """Serve events until the future is done; return its result or raise its error."""
        over: list[bool] = []
        self.inbox.deliver(future, self, lambda _: over.append(True), lambda _: over.append(True))
        self.inbox.run_until(lambda: bool(over) or future.cancelled(), FOREVER_S)
        return future.result()

    def wait_until(self, is_over: Callable[[], bool]) -> None:
        """Serve events until something is over."""
        self.inbox.run_until(is_over, FOREVER_S)


class ToldError(Exception):
    """Something an event told by its code: it has words and an exit code like an error."""

    def __init__(self, code: str, facts: dict[str, str | int | float]) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


Maker = Callable[[bool], Running]
"""Builds the app; True = with a throw-away profile."""


def console(*, is_stderr: bool = False) -> Console:
    """Return where to print. Text never carries rich's markup: it may be what was said."""
    return Console(stderr=is_stderr, markup=False, highlight=False, emoji=False)


@contextmanager
def running(context: typer.Context, *, is_demo: bool = False) -> Iterator[Running]:
    """Build the app, run a command in it, and turn errors into words and exit codes."""
    maker: Maker = context.obj
    try:
        app = maker(is_demo)
        try:
            yield app
        finally:
            app.services.close()
    except AppError as error:
        fail(error)
    except ToldError as told:
        console(is_stderr=True).print(texts.words_for(told.code, told.facts), soft_wrap=True)
        raise typer.Exit(_exit_code(_kind_of(told.code, AppError))) from None
    except KeyboardInterrupt:
        console(is_stderr=True).print(_("Stopped. Nothing that was recorded is lost."))
        raise typer.Exit(130) from None


def fail(error: AppError) -> NoReturn:
    """Say what went wrong and leave with the code of its kind."""
    console(is_stderr=True).print(texts.words(error), soft_wrap=True)
    raise typer.Exit(_exit_code(type(error))) from None


def _exit_code(kind: type[AppError]) -> int:
    return next((code for base, code in EXIT_CODES if issubclass(kind, base)), 1)


def _kind_of(code: str, base: type[AppError]) -> type[AppError]:
    """Return the error of that code below `base`; `base` itself when there is none."""
    for each in base.__subclasses__():
        found = each if each.code == code else _kind_of(code, each)
        if found.code == code:
            return found
    return base


def print_json(value: Any) -> None:  # noqa: ANN401 - any JSON value
    """Print one JSON document on stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def read_password(fd: int | None, prompt: str) -> str:
    """Return a password from an open file descriptor, or ask for it; never from arguments.

    One line break at the end is dropped, nothing else.
    """
    if fd is None:
        return str(typer.prompt(prompt, hide_input=True, err=True))
    with os.fdopen(os.dup(fd), "r", encoding="utf-8", newline="") as stream:
        text = stream.read(4096)
    return text.removesuffix("\n").removesuffix("\r")


def unlock(app: Running, user: str, fd: int | None) -> Account:
    """Unlock the account of that name, or the only one there is.

    Raises:
        NoAccountError: none, or several and no name was given.
    """
    accounts = app.result(app.services.unlocking.accounts())
    chosen = [each for each in accounts if not user or each.name.lower() == user.lower()]
    if len(chosen) != 1:
        raise NoAccountError
    password = read_password(fd, _("Password of {name}").format(name=chosen[0].name))
    return app.result(app.services.unlocking.unlock(chosen[0].uid, password))


def find_visit(app: Running, given: str) -> VisitId:
    """Return the visit whose id begins with what was given.

    Raises:
        NotFoundError: none or several.
    """
    rows = app.result(app.services.visiting.visits())
    found = [each.visit.id for each in rows if each.visit.id.startswith(given.lower())]
    if len(found) != 1:
        raise NotFoundError("visit")
    return found[0]


UserOption = typer.Option("", "--user", help="Name of the account, if there are several.")
PasswordOption = typer.Option(
    None, "--password-fd", help="Read the password from this open file descriptor."
)
JsonOption = typer.Option(False, "--json", help="Print JSON for another program.")

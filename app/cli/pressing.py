"""`press`: a key for the window that runs, for shortcuts of the system and foot pedals."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.face import EXIT_CODES
from app.domain.errors import UserError
from app.foundation import paths
from app.foundation.i18n import _
from app.foundation.instance import WORDS, call


def press(
    word: Annotated[str, typer.Argument(help=f"One of: {', '.join(sorted(WORDS))}.")],
) -> None:
    """Press a key of the window that runs, from anywhere on this workstation."""
    if word not in WORDS:
        raise typer.BadParameter(", ".join(sorted(WORDS)))
    if not call(paths.root(), word):
        typer.echo(_("No window of Stethoscribe is open. Start it first."), err=True)
        code = next(code for kind, code in EXIT_CODES if kind is UserError)
        raise typer.Exit(code)

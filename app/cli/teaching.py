"""What the program learns of a clinician, from the command line: words, and their voice."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import typer

from app.cli.face import (
    JsonOption,
    PasswordOption,
    Running,
    UserOption,
    console,
    print_json,
    running,
    unlock,
)
from app.domain.errors import AutoTextError, FileAccessError, NotFoundError
from app.domain.vocabulary import Macro, Replacement, Vocabulary
from app.foundation.i18n import _
from app.workflow import auto_texts

words_cli = typer.Typer(help="Words that speech should know.", no_args_is_help=True)
voice_cli = typer.Typer(help="Your voice, so that the program knows you.", no_args_is_help=True)


@words_cli.command("list")
def list_words(
    context: typer.Context,
    user: str = UserOption,
    password_fd: int | None = PasswordOption,
    as_json: bool = JsonOption,
) -> None:
    """List your terms, replacements and macros."""
    with running(context) as app:
        unlock(app, user, password_fd)
        taught = app.result(app.services.teaching.vocabulary())
        if as_json:
            print_json(_shape(taught))
            return
        out = console()
        for term in taught.terms:
            out.print(term)
        for each in taught.replacements:
            out.print(f"{each.spoken} → {each.written}")
        for macro in taught.macros:
            out.print(f"{macro.name}: {macro.text}")
        if taught == Vocabulary():
            out.print(_("Nothing yet."))


@words_cli.command("add")
def add_word(
    context: typer.Context,
    word: str = typer.Argument(help="A term; or what is written, with --heard or --macro."),
    heard: str = typer.Option("", "--heard", help="What is heard; it is written as the term."),
    macro: str = typer.Option("", "--macro", help="Name: `insert NAME` puts the text in."),
    shortcut: str = typer.Option("", "--shortcut", help="With --macro: what expands when typed."),
    user: str = UserOption,
    password_fd: int | None = PasswordOption,
) -> None:
    """Teach a term, a replacement or a macro (auto-text, with [[fields]])."""
    with running(context) as app:
        unlock(app, user, password_fd)
        taught = app.result(app.services.teaching.vocabulary())
        if heard:
            new = (*taught.replacements, Replacement(heard, word))
            taught = replace(taught, replacements=new)
        elif macro:
            taught = with_macros(taught, (Macro(macro, word, shortcut),))
        else:
            taught = replace(taught, terms=(*taught.terms, word))
        app.result(app.services.teaching.save_vocabulary(taught))


@words_cli.command("import")
def import_texts(
    context: typer.Context,
    file: Path = typer.Argument(help="Auto-texts (TOML), as `words export` writes them."),
    user: str = UserOption,
    password_fd: int | None = PasswordOption,
) -> None:
    """Take over auto-texts of a colleague; one of the same name takes the place of yours."""
    try:
        data = file.read_bytes()
    except OSError:
        data = None
    with running(context) as app:
        if data is None:
            raise FileAccessError
        unlock(app, user, password_fd)
        taught = app.result(app.services.teaching.vocabulary())
        new = auto_texts.from_file(data)
        app.result(app.services.teaching.save_vocabulary(with_macros(taught, new)))
        console().print(_("{count} auto-texts taken over.").format(count=len(new)))


@words_cli.command("export")
def export_texts(
    context: typer.Context, user: str = UserOption, password_fd: int | None = PasswordOption
) -> None:
    """Print your auto-texts as a file for colleagues."""
    with running(context) as app:
        unlock(app, user, password_fd)
        taught = app.result(app.services.teaching.vocabulary())
        typer.echo(auto_texts.as_file(taught.macros).decode(), nl=False)


@words_cli.command("remove")
def remove_word(
    context: typer.Context,
    word: str = typer.Argument(help="The term, what is heard, or the name of the macro."),
    user: str = UserOption,
    password_fd: int | None = PasswordOption,
) -> None:
    """Forget a term, a replacement or a macro."""
    with running(context) as app:
        unlock(app, user, password_fd)
        taught = app.result(app.services.teaching.vocabulary())
        left = Vocabulary(
            tuple(each for each in taught.terms if each != word),
            tuple(each for each in taught.replacements if each.spoken != word),
            tuple(each for each in taught.macros if each.name != word),
        )
        if left == taught:
            raise NotFoundError("word")
        app.result(app.services.teaching.save_vocabulary(left))


@voice_cli.command("status")
def voice_status(
    context: typer.Context, user: str = UserOption, password_fd: int | None = PasswordOption
) -> None:
    """Say whether your voice is known."""
    with running(context) as app:
        unlock(app, user, password_fd)
        _print_voice(app)


@voice_cli.command("learn")
def learn_voice(
    context: typer.Context,
    file: Path = typer.Argument(help="A recording in which you alone speak, 30 s or more."),
    agreed: bool = typer.Option(
        False, "--agree", help="I agree that my voice is kept as numbers in my own vault."
    ),
    user: str = UserOption,
    password_fd: int | None = PasswordOption,
) -> None:
    """Learn your voice from an audio file."""
    if not agreed:
        raise typer.BadParameter(_("Say --agree: a voice is biometric data."))
    with running(context) as app:
        unlock(app, user, password_fd)
        agreed_at = datetime.now().astimezone()
        app.result(app.services.teaching.learn_from_file(file, agreed_at))
        _print_voice(app)


@voice_cli.command("forget")
def forget_voice(
    context: typer.Context, user: str = UserOption, password_fd: int | None = PasswordOption
) -> None:
    """Erase your voice for good."""
    with running(context) as app:
        unlock(app, user, password_fd)
        app.result(app.services.teaching.forget_voice())
        _print_voice(app)


def with_macros(taught: Vocabulary, new: tuple[Macro, ...]) -> Vocabulary:
    """Return a vocabulary with some auto-texts more, each in the place of its namesake.

    Raises:
        AutoTextError: one of them cannot be kept: which, and why.
    """
    for number, each in enumerate(new, 1):
        if words := auto_texts.refusal(each):
            raise AutoTextError(number, words)
    names = {each.name.casefold() for each in new}
    kept = (each for each in taught.macros if each.name.casefold() not in names)
    return replace(taught, macros=(*kept, *new))


def _print_voice(app: Running) -> None:
    voice = app.result(app.services.teaching.voice())
    if voice is None:
        console().print(_("Your voice is not known."))
    else:
        console().print(
            _("Your voice is known since {day}, from {seconds:.0f} s of speech.").format(
                day=f"{voice.consented_at:%Y-%m-%d}", seconds=voice.speech_s
            )
        )


def _shape(taught: Vocabulary) -> dict[str, object]:
    return {
        "terms": list(taught.terms),
        "replacements": [{"heard": r.spoken, "written": r.written} for r in taught.replacements],
        "macros": [{"name": m.name, "text": m.text, "shortcut": m.shortcut} for m in taught.macros],
    }

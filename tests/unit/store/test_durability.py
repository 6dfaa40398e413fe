"""What was acknowledged is on disk, whatever dies; and nothing there can be read: A1, A5, A17."""

from __future__ import annotations

import random
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.domain.visit import VisitState
from app.store import migrate
from app.store.connection import Place, open_database
from app.store.keys import OpenKeys
from app.store.vault import Vault, create_vault, open_vault
from tests.canary import find_canary, plant
from tests.unit.store import writer
from tests.unit.store.conftest import random_keys

TOP = Path(__file__).parents[3]
SAVE_KILLS = 12
MIGRATE_KILLS = 8


@contextmanager
def writing(
    what: str, root: Path, keys: OpenKeys, word: str = "word", rounds: int = 10_000
) -> Iterator[subprocess.Popen[str]]:
    """Run the writer; it is killed at the end."""
    command = [sys.executable, "-m", "tests.unit.store.writer", what, str(root), word, str(rounds)]
    with subprocess.Popen(
        command, cwd=TOP, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None
        child.stdin.write(writer.keys_as_text(keys) + "\n")
        child.stdin.flush()
        try:
            yield child
        finally:
            child.kill()


def read_until(child: subprocess.Popen[str], number: int) -> None:
    assert child.stdout is not None
    for line in child.stdout:
        if line == f"safe {number}\n":
            return
    pytest.fail("the writer ended early")


def last_safe(child: subprocess.Popen[str], seen: int) -> int:
    """Return the last number a killed writer acknowledged."""
    assert child.stdout is not None
    numbers = re.findall(r"^safe (\d+)\n", child.stdout.read(), re.MULTILINE)
    return int(numbers[-1]) if numbers else seen


def numbers_in(vault: Vault, word: str) -> tuple[int, int, int]:
    """Return how many segments, drafts and versions there are; check that they are whole."""
    (summary,) = vault.visits()
    visit = summary.visit.id
    segments = [each.text for each in vault.transcript(visit).segments]
    drafts = [each.claims[0].text for each in vault.drafts(visit)]
    versions = [each.draft.claims[0].text for each in vault.versions(visit)]
    for texts in (segments, drafts, versions):
        assert texts == [f"{word} {number}" for number in range(1, len(texts) + 1)]
    if versions:
        assert summary.visit.state is VisitState.SIGNED
    return len(segments), len(drafts), len(versions)


@pytest.mark.parametrize("seed", range(SAVE_KILLS))
def test_no_acknowledged_save_or_signature_is_lost_by_a_kill(tmp_path: Path, seed: int) -> None:
    keys = random_keys()
    create_vault(tmp_path, keys)
    chance = random.Random(seed)
    with writing("save", tmp_path, keys) as child:
        stop = chance.randint(1, 12)
        read_until(child, stop)
        child.send_signal(signal.SIGKILL)
        child.wait(10)
        safe = last_safe(child, stop)
    vault = open_vault(tmp_path, keys)
    segments, drafts, versions = numbers_in(vault, "word")
    vault.close()
    assert safe <= versions <= drafts <= segments <= safe + 1


@pytest.mark.parametrize("seed", range(MIGRATE_KILLS))
def test_a_killed_migration_stops_between_two_steps(tmp_path: Path, seed: int) -> None:
    keys = random_keys()
    with writing("migrate", tmp_path, keys) as child:
        stop = random.Random(seed).randint(1, 12)
        read_until(child, stop)
        child.send_signal(signal.SIGKILL)
        child.wait(10)
        safe = last_safe(child, stop)
    place = Place(tmp_path / "many.db", "vault", "me", None, writer.STEPS, keys.vault)
    database = open_database(place)
    version = migrate.version_of(database)
    tables = database.rows("SELECT name FROM sqlite_schema WHERE name LIKE 'step%'")
    assert safe <= version <= safe + 1
    assert {str(name) for (name,) in tables} == {f"step_{each}" for each in range(1, version + 1)}
    assert database.rows(f"SELECT count(*) FROM step_{version}") == [(5,)]
    migrate.migrate(database, place, [writer.step(each) for each in range(1, version + 3)])
    assert migrate.version_of(database) == version + 2
    database.close()


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_the_disk_is_told_before_each_acknowledgment(tmp_path: Path) -> None:
    keys, rounds = random_keys(), 6
    create_vault(tmp_path, keys)
    log = tmp_path / "trace"
    tracer = ["strace", "-f", "-y", "-o", str(log), "-e", "trace=fdatasync,fsync,write"]
    program = [sys.executable, "-m", "tests.unit.store.writer"]
    done = subprocess.run(
        [*tracer, *program, "save", str(tmp_path), "word", str(rounds)],
        cwd=TOP,
        input=writer.keys_as_text(keys) + "\n",
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.count("safe") == rounds
    synced, acknowledged = 0, 0
    for line in log.read_text(encoding="utf-8").splitlines():
        if re.search(r"f(data)?sync\(\d+<[^>]*vault\.db-wal>\) += 0", line):
            synced += 1
        elif re.search(r'write\(1<[^>]*>, "safe', line):
            assert synced >= 3, "segments, draft and version are three commits"
            synced, acknowledged = 0, acknowledged + 1
    assert acknowledged == rounds


def test_nothing_on_disk_can_be_read_while_open_after_a_kill_and_after_closing(
    tmp_path: Path,
) -> None:
    keys, word = random_keys(), plant()
    create_vault(tmp_path, keys)
    log = tmp_path / "users" / keys.uid / "vault.db-wal"
    with writing("save", tmp_path, keys, word, rounds=5) as child:
        read_until(child, 5)
        assert log.stat().st_size > 0
        assert find_canary([tmp_path], word) == []
    assert log.stat().st_size > 0
    assert find_canary([tmp_path], word) == []
    vault = open_vault(tmp_path, keys)
    assert numbers_in(vault, word) == (5, 5, 5)
    assert len(vault.find(word)) == 1
    vault.close()
    assert not log.exists()
    assert find_canary([tmp_path], word) == []
    (tmp_path / "control").write_text(f"a {word} b", encoding="utf-8")
    assert find_canary([tmp_path], word) == [tmp_path / "control"]

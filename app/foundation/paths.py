"""Where files live, and the safe ways to make them. Any thread; the only caller of PlatformDirs.

Folders are 0700, files 0600. Layout: SECURITY.md, section 1. `STETHOSCRIBE_ROOT` names another
root (tests, throw-away profiles), `STETHOSCRIBE_MODELS` the one folder of models.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from filelock import FileLock
from platformdirs import PlatformDirs

from app.domain.errors import DiskFullError, FileAccessError
from app.domain.ids import UserId
from app.foundation import registry
from app.foundation.letterbox import take_lease

_DIRS: Final = PlatformDirs("stethoscribe", appauthor=False, roaming=False, multipath=True)
_PRIVATE_FOLDER: Final = 0o700
_PRIVATE_FILE: Final = 0o600
_PUBLIC_FOLDER: Final = 0o755
_WRITABLE_BY_OTHERS: Final = 0o022
_DEMO_PREFIX: Final = "stethoscribe-demo-"
_DEMO_LEASE: Final = "demo.lease"
_DISK_FULL: Final = frozenset(
    {errno.ENOSPC, errno.EDQUOT} if sys.platform != "win32" else {errno.ENOSPC}
)
_NETWORK_KINDS: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "fuse.sshfs", "fuse.davfs2"}
)
"""File systems of Linux that live on another machine: SQLite's WAL needs shared memory."""
_MOUNTS: Final = Path("/proc/self/mountinfo")
_NOT_CONTENT_INDEXED: Final = 0x2000
"""FILE_ATTRIBUTE_NOT_CONTENT_INDEXED: Windows Search stays out."""


# -- places


def root() -> Path:
    """Return the folder everything we keep lies in. It need not exist yet."""
    named = os.environ.get("STETHOSCRIBE_ROOT")
    return Path(named).absolute() if named else Path(_DIRS.user_data_dir)


def config_folder() -> Path:
    """Return the folder of `settings.toml`; inside the root when that is named."""
    named = os.environ.get("STETHOSCRIBE_ROOT")
    return Path(named).absolute() / "config" if named else Path(_DIRS.user_config_dir)


def org_file(root: Path) -> Path:
    """Return the organization database."""
    return root / "org.db"


def org_key_file(root: Path) -> Path:
    """Return the file with the key of the organization database."""
    return root / "org.key"


def log_folder(root: Path) -> Path:
    """Return the folder of log and crash files."""
    return root / "logs"


def user_folder(root: Path, uid: UserId) -> Path:
    """Return the folder of one user.

    Raises:
        ValueError: `uid` is no UUID in canonical form.
    """
    if str(uuid.UUID(uid)) != uid:
        raise ValueError("uid")
    return root / "users" / uid


def vault_file(root: Path, uid: UserId) -> Path:
    """Return a user's vault."""
    return user_folder(root, uid) / "vault.db"


def keys_file(root: Path, uid: UserId) -> Path:
    """Return the database of a user's recording keys: never copied, never backed up."""
    return user_folder(root, uid) / "keys.db"


def vault_lease(root: Path, uid: UserId) -> Path:
    """Return the lock file of a user's vault."""
    return user_folder(root, uid) / "vault.lease"


def audio_folder(root: Path, uid: UserId) -> Path:
    """Return the folder of a user's journals."""
    return user_folder(root, uid) / "audio"


def template_folder(root: Path, uid: UserId) -> Path:
    """Return where the account's own note templates lie: plain files without patient data."""
    return user_folder(root, uid) / "templates"


def quarantine_folder(root: Path, uid: UserId) -> Path:
    """Return the folder damaged files are copied or moved to."""
    return user_folder(root, uid) / "quarantine"


def model_folders() -> tuple[Path, ...]:
    """Return the folders models are looked for, in order. They need not exist.

    The user's data folder, then the machine's: the same defaults as the tool in `models/`. On
    Windows the installer may have been told another folder for the machine's.
    """
    named = os.environ.get("STETHOSCRIBE_MODELS")
    if named:
        return (Path(named).absolute(),)
    told = None
    with contextlib.suppress(OSError):  # the registry cannot be read: as if nothing was told
        told = told_models(registry.of_machine(registry.PRODUCT))
    machine = [told] if told else [each / "models" for each in _machine_folders()]
    return tuple(dict.fromkeys([Path(_DIRS.user_data_dir) / "models", *machine]))


def told_models(product: registry.Branch | None) -> Path | None:
    """Return the folder of models that the Windows installer was told, None when it was not."""
    told = product.values.get("ModelDir") if product is not None else None
    return Path(told) if isinstance(told, str) and Path(told).is_absolute() else None


def machine_folder() -> Path:
    """Return the folder of what lies here for everybody: below ProgramData on Windows."""
    return _machine_folders()[0]


def _machine_folders() -> list[Path]:
    return [Path(each) for each in _DIRS.site_data_dir.split(os.pathsep)]


def resources() -> Path:
    """Return the folder of templates, lexicons, icons and translations."""
    return _shipped("resources")


def translations() -> Path:
    """Return the folder of catalogs: `<language>/LC_MESSAGES/stethoscribe.mo`."""
    return resources() / "translations"


def catalogue() -> Path:
    """Return the model catalogue that came with the program."""
    return _shipped("models") / "catalogue.toml"


def product_key() -> Path:
    """Return the public key that packs of this product are signed with; absent in a checkout."""
    return _shipped("models") / "product.pub"


def shared_models() -> Path:
    """Return the folder of models for everybody: the machine's own, if there is one."""
    folders = model_folders()
    return folders[1] if len(folders) > 1 else folders[0]


def pack_root(system: str = sys.platform) -> Path:
    """Return the folder of packs with native code: only administrators may write there."""
    if system == "win32":
        return Path(os.environ.get("PROGRAMFILES", r"C:\Program Files")) / "Stethoscribe Packs"
    return Path("/opt/stethoscribe-packs")


def is_kept(folder: Path) -> bool:
    """Whether only an administrator can have written here. Windows keeps Program Files itself."""
    try:
        state = folder.stat()
    except OSError:
        return False
    if sys.platform == "win32":
        return True
    return state.st_uid == 0 and not state.st_mode & _WRITABLE_BY_OTHERS


def _shipped(name: str) -> Path:
    checkout = Path(__file__).resolve().parents[2]
    places = [checkout, Path(sys.executable).parent]
    if bundle := getattr(sys, "_MEIPASS", None):
        places.insert(0, Path(bundle))
    found = (place / name for place in places if (place / name).is_dir())
    return next(found, checkout / name)


# -- making


def private_umask() -> None:
    """Let no new file be readable by others. Before the first file; the whole process."""
    os.umask(0o077)


def private_folder(path: Path) -> Path:
    """Make a folder and what is missing above it, each 0700; tighten it if it exists.

    Raises:
        DiskFullError: no space left.
        FileAccessError: not possible here.
    """
    with file_errors():
        missing = [each for each in (path, *path.parents) if not each.exists()]
        for each in reversed(missing):
            with contextlib.suppress(FileExistsError):
                each.mkdir(mode=_PRIVATE_FOLDER)
            sync_folder(each.parent)
        if not path.is_dir():
            raise NotADirectoryError
        if stat.S_IMODE(path.stat().st_mode) != _PRIVATE_FOLDER:
            path.chmod(_PRIVATE_FOLDER)
        _keep_out_of_search(path)
    return path


def public_folder(path: Path) -> Path:
    """Make a folder that everybody may read, and what is missing above it; leave one that exists.

    For what an administrator installs for all users. The umask does not count.

    Raises:
        DiskFullError: no space left.
        FileAccessError: not possible here.
    """
    with file_errors():
        for each in reversed([each for each in (path, *path.parents) if not each.exists()]):
            with contextlib.suppress(FileExistsError):
                each.mkdir()
                each.chmod(_PUBLIC_FOLDER)
            sync_folder(each.parent)
        if not path.is_dir():
            raise NotADirectoryError
    return path


def atomic_write(path: Path, data: bytes) -> None:
    """Replace a file so that a crash leaves the old one or the new one, never half of it.

    Permissions, write, fsync, replace, fsync of the folder, in this order.

    Raises:
        DiskFullError: no space left; the old file stands.
        FileAccessError: the folder is missing or cannot be written.
    """
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex}.partial")
    with file_errors():
        try:
            _write_new(partial, data)
            partial.replace(path)
        except OSError:
            partial.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make names in a folder survive a power cut. Nothing to do on Windows."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def file_errors() -> Iterator[None]:
    """Turn an `OSError` inside into ours; paths and texts of the system stay behind.

    Raises:
        DiskFullError: no space left.
        FileAccessError: any other trouble; `errno` tells which.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _DISK_FULL:
            raise DiskFullError from None
        raise FileAccessError(errno=error.errno or 0) from None


def _write_new(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as file:
        if sys.platform != "win32":
            os.fchmod(file.fileno(), _PRIVATE_FILE)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _keep_out_of_search(path: Path) -> None:
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - only there

        ctypes.windll.kernel32.SetFileAttributesW(str(path), _NOT_CONTENT_INDEXED)


# -- what a root may be


def refuse_network_share(folder: Path, mounts: Path = _MOUNTS) -> None:
    """Refuse a root on another machine: there is no WAL there. Linux only so far.

    Raises:
        FileAccessError: `reason` is `network`.
    """
    if file_system_of(folder, mounts) in _NETWORK_KINDS:
        raise FileAccessError(reason="network")


def file_system_of(folder: Path, mounts: Path = _MOUNTS) -> str:
    """Return the kind of file system a path is on as Linux names it, empty when unknown."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    best, kind = -1, ""
    for line in lines:  # proc(5): id, parent, device, root, mount point, …, "-", type, …
        before, _, after = line.partition(" - ")
        point = before.split(" ")[4].replace("\\040", " ")
        if folder.absolute().is_relative_to(point) and len(point) >= best:
            best, kind = len(point), after.split(" ")[0]
    return kind


# -- throw-away profiles


@contextlib.contextmanager
def throwaway_root() -> Iterator[Path]:
    """Make a private temporary root that is removed at exit: for `--demo`.

    What a crashed demo left is removed first; a demo that still runs is left alone.
    """
    base = _runtime_folder()
    for leftover in sorted(base.glob(_DEMO_PREFIX + "*")):
        _remove_if_dead(leftover)
    folder, lease = _make_demo(base)
    try:
        yield folder
    finally:
        lease.release()
        shutil.rmtree(folder, ignore_errors=True)


def _runtime_folder() -> Path:
    named = os.environ.get("XDG_RUNTIME_DIR", "")
    if named and Path(named).is_dir() and os.access(named, os.W_OK | os.X_OK):
        return Path(named)
    return Path(tempfile.gettempdir())


def _make_demo(base: Path) -> tuple[Path, FileLock]:
    while True:  # another start may take the folder for a leftover before we hold its lease
        folder = Path(tempfile.mkdtemp(prefix=_DEMO_PREFIX, dir=base))
        with contextlib.suppress(OSError):
            lease = take_lease(folder / _DEMO_LEASE)
            if lease is not None and (folder / _DEMO_LEASE).exists():
                return folder, lease


def _remove_if_dead(folder: Path) -> None:
    with contextlib.suppress(OSError):
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or not _is_ours(status):
            return
        if (lease := take_lease(folder / _DEMO_LEASE)) is not None:
            if sys.platform == "win32":
                lease.release()  # an open file cannot be removed there
            shutil.rmtree(folder, ignore_errors=True)
            lease.release()


def _is_ours(status: os.stat_result) -> bool:
    return sys.platform == "win32" or status.st_uid == os.getuid()

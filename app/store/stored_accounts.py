"""`AccountsPort` over the org database and vaults below one root. Org lane, but for the vault."""

from __future__ import annotations

from pathlib import Path

from typing_extensions import override

from app.domain.errors import BugError
from app.domain.ids import UserId
from app.domain.people import Account
from app.domain.store_ports import AccountsPort, VaultPort
from app.foundation import paths
from app.store import accounts, vault
from app.store.keys import OpenKeys


class StoredAccounts(AccountsPort):
    """The accounts of one profile."""

    def __init__(self, root: Path, min_password: int) -> None:
        self._root = root
        self._min_password = min_password

    @override
    def accounts(self) -> tuple[Account, ...]:
        return accounts.list_accounts(self._root)

    @override
    def create(self, name: str, password: str) -> tuple[Account, str]:
        return accounts.create_account(self._root, name, password, self._min_password)

    @override
    def unlock(self, uid: UserId, password: str) -> OpenKeys:
        return accounts.unlock(self._root, uid, password)

    @override
    def recover(self, uid: UserId, recovery_key: str, new_password: str) -> OpenKeys:
        return accounts.recover(self._root, uid, recovery_key, new_password, self._min_password)

    @override
    def open_vault(self, uid: UserId, keys: object) -> VaultPort:
        if not isinstance(keys, OpenKeys) or keys.uid != uid:
            raise BugError
        return vault.open_vault(self._root, keys)

    @override
    def audio_folder(self, uid: UserId) -> str:
        return str(paths.audio_folder(self._root, uid))

    @override
    def audio_folders(self) -> tuple[str, ...]:
        users = self._root / "users"
        if not users.is_dir():
            return ()
        return tuple(str(each / "audio") for each in users.iterdir() if (each / "audio").is_dir())

    @override
    def close(self) -> None:
        """Nothing stays open between calls."""

"""First run, unlock and recovery: what stands before the vault. Main thread."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.foundation import texts
from app.foundation.i18n import _
from app.ui.viewmodels.session import SessionModel, asked_groups, is_group, judge, key_groups
from app.ui.views.refusals import Refusals
from app.ui.widgets.choice import Choice
from app.ui.widgets.gate import GateBox, card_column, error_label, fields_form, in_the_middle
from app.ui.widgets.key_groups import KeyGroups
from app.ui.widgets.parts import (
    button,
    frame,
    label,
    set_kind,
    wrapped,
)
from app.ui.widgets.password_edit import PasswordEdit


class Card(QWidget):
    """One step. `first` gets the focus; a focus proxy would hide what stands before it from Tab."""

    first: QWidget


class UnlockPage(QWidget):
    """Shows the card that fits: first run, recovery key, unlock, or recovery.

    Signals:
        guide_asked: how things are done.
    """

    guide_asked = Signal()

    def __init__(self, model: SessionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("unlockPage")
        self._model = model
        self.creation = CreateCard(model)
        self.key = KeyCard(model)
        self.unlock = UnlockCard(model)
        self.recover = RecoverCard(model)
        self._cards = (self.unlock, self.creation, self.key, self.recover)
        self._place()
        model.accounts_loaded.connect(self._on_accounts)
        model.key_made.connect(self._on_key)
        self.unlock.recovery_asked.connect(lambda: self._show(self.recover))
        self.recover.back_asked.connect(lambda: self._show(self.unlock))

    def _place(self) -> None:
        inner = QVBoxLayout()
        for card in self._cards:
            inner.addWidget(card)
            card.hide()
        note = label(_("Everything stays on this computer."), "muted", 0.92)
        guide = button("openGuide", _("Guide"), "help", "quiet", "Shift+F1")
        guide.clicked.connect(self.guide_asked)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(in_the_middle(GateBox(inner), note, guide))

    def _on_accounts(self) -> None:
        if self._model.accounts:
            self.unlock.show_accounts()
            self.recover.show_accounts()
            self._show(self.unlock)
        else:
            self._show(self.creation)

    def _on_key(self, recovery_key: str) -> None:
        self.key.show_key(recovery_key)
        self._show(self.key)

    def _show(self, card: Card) -> None:
        for each in self._cards:
            each.setVisible(each is card)
        card.first.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_note(self, words: str) -> None:
        """Say something above the password, e.g. that a recorder still runs."""
        self.unlock.show_note(words)

    def clear(self) -> None:
        """Forget what was typed."""
        self.creation.clear()
        self.unlock.clear()
        self.recover.clear()
        self.key.clear()


class CreateCard(Card):
    """First run, screen one: name and password."""

    def __init__(self, model: SessionModel) -> None:
        super().__init__()
        self._model = model
        self.name = QLineEdit()
        self.name.setObjectName("newName")
        self.name.setAccessibleName(_("Your name"))
        self.name.setPlaceholderText(_("Dr. Ada Miller"))
        self.password = PasswordEdit("newPassword", _("Password"))
        self.again = PasswordEdit("newPasswordAgain", _("Password again"))
        self._strength = wrapped(judge("", model.minimum).words, "muted", 0.92)
        self._strength.setObjectName("strength")
        self._error = error_label()
        self.go = button("createAccount", _("Continue"), kind="primary")
        self.go.setDefault(True)
        self._place()
        self._connect()
        self._judge()

    def _place(self) -> None:
        column = card_column(
            self,
            _("Welcome"),
            _("Your name stands under the notes you sign. The password opens your notes on this "
              "computer; nobody can read them without it."),
        )  # fmt: skip
        form = fields_form()
        form.addRow(_("Your name"), self.name)
        form.addRow(_("Password"), self.password)
        form.addRow("", self._strength)
        form.addRow(_("Again"), self.again)
        column.addLayout(form)
        column.addWidget(self._error)
        column.addWidget(self.go)
        self.first = self.name

    def _connect(self) -> None:
        self.password.changed.connect(self._judge)
        self.again.changed.connect(self._judge)
        self.name.textChanged.connect(self._judge)
        self.again.entered.connect(self._on_go)
        self.go.clicked.connect(self._on_go)
        self._model.refused.connect(self._on_refused)
        self._model.busy_changed.connect(lambda _busy: self._judge())

    def clear(self) -> None:
        """Forget what was typed."""
        self.password.clear()
        self.again.clear()
        self._error.setText("")

    def _judge(self) -> None:
        strength = judge(self.password.text(), self._model.minimum)
        same = self.password.text() == self.again.text()
        words = strength.words
        if strength.is_enough and self.again.text() and not same:
            words = _("The two passwords differ.")
        self._strength.setText(words)
        set_kind(self._strength, "kind", "good" if strength.is_enough and same else "muted")
        is_ready = strength.is_enough and same and bool(self.name.text().strip())
        self.go.setEnabled(is_ready and not self._model.is_busy)
        self.go.setText(_("Making your vault…") if self._model.is_busy else _("Continue"))

    def _on_go(self) -> None:
        if self.go.isEnabled():
            self._error.setText("")
            self._model.create(self.name.text().strip(), self.password.text())

    def _on_refused(self, error: BaseException) -> None:
        if self.isVisible():
            self._error.setText(texts.words(error))


class KeyCard(Card):
    """First run, screen two: the recovery key, shown once and confirmed by two of its groups."""

    def __init__(self, model: SessionModel) -> None:
        super().__init__()
        self._model = model
        self._groups: list[str] = []
        self._asked: tuple[int, ...] = ()
        self._key = KeyGroups()
        self._form = fields_form()
        self.fields: list[QLineEdit] = []
        self.first = self._key
        self._error = error_label()
        self.go = button("confirmKey", _("I have written it down"), kind="primary")
        self.go.setEnabled(False)
        column = card_column(
            self,
            _("Your recovery key"),
            _("If you forget your password, only this key opens your notes. Write it on paper and "
              "keep it away from this computer. It is shown once."),
        )  # fmt: skip
        inner = QVBoxLayout()
        inner.addWidget(self._key)
        column.addWidget(frame("sunken", inner, (2, 2, 2, 2)))
        column.addWidget(wrapped(_("Type two of its groups, so that we know it is on paper.")))
        column.addLayout(self._form)
        column.addWidget(self._error)
        column.addWidget(self.go)
        self.go.clicked.connect(self._on_go)

    def show_key(self, recovery_key: str) -> None:
        """Show the key and ask for two groups."""
        self._groups = key_groups(recovery_key)
        self._asked = asked_groups(recovery_key)
        self._key.show_groups(self._groups)
        while self._form.rowCount():
            self._form.removeRow(0)
        self.fields = []
        for number in self._asked:
            field = QLineEdit()
            field.setObjectName(f"keyGroup{number + 1}")
            title = _("Group {number}").format(number=number + 1)
            field.setAccessibleName(title)
            field.textChanged.connect(self._compare)
            field.returnPressed.connect(self._on_go)
            self._form.addRow(title, field)
            self.fields.append(field)
        if self.fields:
            self.first = self.fields[0]

    def clear(self) -> None:
        """Forget the key."""
        self._groups = []
        self._key.show_groups(())
        for field in self.fields:
            field.clear()

    def _compare(self) -> None:
        typed = [field.text().strip() for field in self.fields]
        wanted = [self._groups[number] for number in self._asked if self._groups]
        wrong = [
            number + 1
            for number, each, want in zip(self._asked, typed, wanted, strict=False)
            if not is_group(each, want)
        ]
        is_right = bool(wanted) and not wrong
        long_enough = all(len(each) >= len(want) for each, want in zip(typed, wanted, strict=False))
        words = _("Group {number} is not the same.").format(number=wrong[0]) if wrong else ""
        self._error.setText(words if long_enough else "")
        self.go.setEnabled(is_right)

    def _on_go(self) -> None:
        if self.go.isEnabled():
            self.clear()
            self._model.confirm_key()


class UnlockCard(Card):
    """Account and password.

    Signals:
        recovery_asked: the password is forgotten.
    """

    recovery_asked = Signal()

    def __init__(self, model: SessionModel) -> None:
        super().__init__()
        self._model = model
        self.account = _account_choice("account")
        self.password = PasswordEdit("password", _("Password"))
        self._error = error_label()
        self._note = wrapped("", "accent")
        self._note.setObjectName("unlockNote")
        self._note.hide()
        self.go = button("unlock", _("Unlock"), "lock", "primary")
        self.forgot = button("forgotPassword", _("I forgot my password"), kind="quiet")
        column = card_column(self, _("Unlock"), "")
        column.addWidget(self._note)
        form = fields_form()
        form.addRow(_("Name"), self.account)
        form.addRow(_("Password"), self.password)
        column.addLayout(form)
        column.addWidget(self._error)
        column.addWidget(self.go)
        column.addWidget(self.forgot)
        self.first = self.password
        self.password.entered.connect(self._on_go)
        self.password.changed.connect(lambda _text: self._enable())
        self.go.clicked.connect(self._on_go)
        self.forgot.clicked.connect(self.recovery_asked)
        Refusals(model, self, self.password, self._error).changed.connect(self._enable)
        self._enable()

    def show_accounts(self) -> None:
        """List who has a vault here."""
        _fill_accounts(self.account, self._model)

    def show_note(self, words: str) -> None:
        """Say something above the fields."""
        self._note.setText(words)
        self._note.setVisible(bool(words))

    def clear(self) -> None:
        """Forget what was typed."""
        self.password.clear()
        self._error.setText("")

    def _enable(self) -> None:
        is_ready = bool(self.password.text()) and not self._model.is_busy
        self.go.setEnabled(is_ready and self._model.wait_s == 0)
        self.go.setText(_("Unlocking…") if self._model.is_busy else _("Unlock"))

    def _on_go(self) -> None:
        uid = self.account.currentData()
        if self.go.isEnabled() and uid:
            self._error.setText("")
            self._model.unlock(uid, self.password.text())


class RecoverCard(Card):
    """Recovery key and a new password.

    Signals:
        back_asked: back to the password.
    """

    back_asked = Signal()

    def __init__(self, model: SessionModel) -> None:
        super().__init__()
        self._model = model
        self.account = _account_choice("recoverAccount")
        self.key = QLineEdit()
        self.key.setObjectName("typedKey")
        self.key.setAccessibleName(_("Recovery key"))
        self.password = PasswordEdit("recoverPassword", _("New password"))
        self._strength = wrapped(judge("", model.minimum).words, "muted", 0.92)
        self._error = error_label()
        self.go = button("recover", _("Set the new password"), kind="primary")
        self.back = button("recoverBack", _("Back"), kind="quiet")
        column = card_column(
            self, _("Forgotten password"), _("Type the recovery key you wrote down at the start.")
        )
        form = fields_form()
        form.addRow(_("Name"), self.account)
        form.addRow(_("Recovery key"), self.key)
        form.addRow(_("New password"), self.password)
        form.addRow("", self._strength)
        column.addLayout(form)
        column.addWidget(self._error)
        column.addWidget(self.go)
        column.addWidget(self.back)
        self.first = self.key
        self.go.clicked.connect(self._on_go)
        self.password.entered.connect(self._on_go)
        self.password.changed.connect(self._judge)
        self.back.clicked.connect(self.back_asked)
        model.refused.connect(self._on_refused)

    def show_accounts(self) -> None:
        """List who has a vault here."""
        _fill_accounts(self.account, self._model)

    def clear(self) -> None:
        """Forget what was typed."""
        self.key.clear()
        self.password.clear()
        self._error.setText("")

    def _judge(self, password: str) -> None:
        strength = judge(password, self._model.minimum)
        self._strength.setText(strength.words)
        set_kind(self._strength, "kind", "good" if strength.is_enough else "muted")

    def _on_go(self) -> None:
        uid = self.account.currentData()
        if uid and self.key.text().strip():
            self._error.setText("")
            self._model.recover(uid, self.key.text().strip(), self.password.text())

    def _on_refused(self, error: BaseException) -> None:
        if self.isVisible():
            self._error.setText(texts.words(error))


def _account_choice(name: str) -> Choice:
    return Choice(name, _("Name"))


def _fill_accounts(choice: QComboBox, model: SessionModel) -> None:
    chosen = choice.currentData()
    choice.clear()
    for account in model.accounts:
        choice.addItem(account.name, account.uid)
    choice.setCurrentIndex(max(0, choice.findData(chosen)))

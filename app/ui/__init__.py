"""Everything visible: Qt Widgets. Main thread only."""

import builtins

_import = builtins.__import__
import PySide6.QtCore  # noqa: E402, F401 - the first import of Qt anywhere

builtins.__import__ = _import
"""As it was: PySide6 puts an `import` of its own in the place of Python's. It reads the source of
each module that is imported from then on, in search of features we do not use (`__feature__`), and
keeps the text; in a frozen product it searches the disk for what is not there (decision 028)."""

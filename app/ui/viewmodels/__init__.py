"""What the pages show and do, without a widget: QtCore only. Main thread."""

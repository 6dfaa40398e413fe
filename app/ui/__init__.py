"""Everything visible: Qt Widgets. Main thread only."""

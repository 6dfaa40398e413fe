"""Tools that make installers. Nothing here is part of the product, but for `entry.py`."""

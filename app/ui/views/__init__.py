"""The pages of the window. A view places widgets and connects them; it decides nothing."""

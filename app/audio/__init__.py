"""Sound as data: no sound card, no model."""

"""Code that runs inside the children. Nothing in the app process imports it."""

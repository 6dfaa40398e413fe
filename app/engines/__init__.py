"""The app's side of the children: wire, life and death, ports, model catalogue."""

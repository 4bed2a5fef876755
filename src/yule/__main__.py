"""``python -m yule``: the same as ``yule``."""

from yule.cli.main import main

main()

"""`python -m orchestration` is the `passnum` command."""

from orchestration.cli import main

main()

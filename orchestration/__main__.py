"""`passnum`, and `python -m orchestration`: the command, in a process of its own.

It is imported only to be run: the processes of a run (apart.py) import this module too, and pay for nothing.
"""


def main() -> None:
    """Entry point."""
    from orchestration.cli import main as run

    run()


if __name__ == "__main__":
    main()

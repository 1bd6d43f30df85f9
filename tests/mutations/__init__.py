"""Each rule broken on purpose, once: `python -m tests.mutations` says which tests notice. Not part of `make test`."""

"""What happens to a home when the machine, the disk or another process does its worst, tried hundreds of times.

`make chaos` runs it and writes the table of docs/chaos.md. Does not live here: the same in seconds, as a test
(tests/integration/road/test_chaos.py).
"""

"""The commands of `passnum`, one module each: arguments in, French text and an exit code out."""

"""What its owner alone may read: the secrets, the user's own folder, the mode of what is written.

Every secret of the house (pseudonyms, cookie, client, mail) is read here, so that one readable by others is refused the
same way. Does not live here: what a secret serves for.
"""

from __future__ import annotations

import itertools
import math
import os
import shlex
import stat
from pathlib import Path

#: No bit for the group nor for others, on whatever this process writes from now on.
PRIVATE_MASK = 0o077
SHORTEST_SECRET = 16
#: A secret of which less is to be guessed is refused: 16 hexadecimal digits drawn at random have 50 to 64.
FEWEST_BITS = 48
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
#: What a person in a hurry writes; it brings nothing to a secret.
_COMMON = (b"motdepasse", b"password", b"changeme", b"azertyuiop", b"qwertyuiop", b"azerty", b"qwerty", b"123456789")


class SecretRefused(Exception):
    """A secret that must not be used as it is; the French message says what to do."""


def user_folder() -> Path:
    """`passnum` in the user's configuration folder (XDG): secrets and access, outside the code and the data."""
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "passnum"


def write_for_owner() -> None:
    """From now on, whatever this process and those it starts write is for its owner alone."""
    os.umask(PRIVATE_MASK)


def is_shared(path: Path) -> bool:
    """Whether the mode of a file or folder gives anything to others than its owner."""
    return bool(path.stat().st_mode & _OTHERS)


def close_to_others(root: Path, *, but: Path) -> None:
    """Take from others every right on a folder and what it holds, but on the content of the folder `but`.

    Links are not followed. The folder itself comes last: a walk that was cut short is done again. Raises OSError.
    """
    for folder, subfolders, names in os.walk(root, topdown=True):
        here = Path(folder)
        if here == but:
            subfolders.clear()
            continue
        for path in (here / name for name in (*subfolders, *names)):
            status = path.lstat()
            if status.st_mode & _OTHERS and (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
                path.chmod(stat.S_IMODE(status.st_mode) & ~_OTHERS)
    root.chmod(stat.S_IMODE(root.stat().st_mode) & ~_OTHERS)


def read_secret(path: Path, what: str) -> bytes:
    """The secret in a file, blanks around it dropped. `what`: its French name, « Le secret du cookie ».

    Raises OSError when it cannot be read, SecretRefused when others can read it.
    """
    handle = os.open(path, os.O_RDONLY)
    with os.fdopen(handle, "rb") as stream:
        # The file that is open is the one looked at: it may be replaced meanwhile.
        if os.fstat(stream.fileno()).st_mode & _OTHERS:
            order = f"chmod 600 {shlex.quote(str(path))}"
            raise SecretRefused(f"{what} ({path}) est lisible par d'autres : faites « {order} ».")
        return stream.read().strip()


def read_strong_secret(path: Path, what: str, mend: str = "") -> bytes:
    """`read_secret`, of a secret that cannot be guessed: raises SecretRefused for a short or an easy one too.

    `mend`: what to do then, in French, where it is not to draw another one.
    """
    secret = read_secret(path, what)
    renew = mend or f"Tirez-en un autre : « openssl rand -hex 32 > {shlex.quote(str(path))} »."
    if len(secret) < SHORTEST_SECRET:
        raise SecretRefused(f"{what} ({path}) est trop court : {SHORTEST_SECRET} caractères au moins. {renew}")
    if guessing_bits(secret) < FEWEST_BITS:
        raise SecretRefused(f"{what} ({path}) se devine trop facilement (répétition, suite ou mot courant). {renew}")
    return secret


def guessing_bits(secret: bytes) -> float:
    """About how many bits are to be guessed: those of its different characters, over what is not a repetition."""
    kept = secret.lower()
    for word in _COMMON:
        kept = kept.replace(word, b"")
    steps = {after - before for before, after in itertools.pairwise(kept)}
    if not kept or len(steps) <= 1:
        return 0.0
    period = next(n for n in range(1, len(kept) + 1) if kept.startswith(kept[n:]))
    return period * math.log2(len(set(kept)))

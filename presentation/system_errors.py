"""What the system says when it refuses, in French. Does not live here: what to do about it (the caller knows)."""

from __future__ import annotations

import errno
import os

_TOLD = {
    errno.ENOENT: "fichier ou dossier introuvable",
    errno.EACCES: "accès refusé : vérifiez les droits",
    errno.EPERM: "opération non permise : vérifiez les droits",
    errno.EISDIR: "c’est un dossier",
    errno.ENOTDIR: "ce n’est pas un dossier",
    errno.EEXIST: "la place est déjà prise",
    errno.ENOTEMPTY: "le dossier n’est pas vide",
    errno.ENOSPC: "le disque est plein",
    errno.EDQUOT: "l’espace alloué est épuisé",
    errno.EFBIG: "fichier trop grand pour le système",
    errno.EROFS: "disque en lecture seule",
    errno.EIO: "erreur de lecture ou d’écriture du disque",
    errno.EBUSY: "fichier utilisé par un autre programme",
    errno.ENAMETOOLONG: "nom trop long",
    errno.ELOOP: "liens qui tournent en rond",
    errno.ESTALE: "partage réseau perdu",
    errno.ETIMEDOUT: "partage réseau sans réponse",
    errno.EMFILE: "trop de fichiers ouverts",
}


def tell_error(error: OSError) -> str:
    """The reason of a refusal of the system, in French where it is a usual one."""
    return _TOLD.get(error.errno or 0, error.strerror or str(error))


def explain_error(error: Exception) -> str:
    """Why something failed, with the file it is about where the system names one; else the error's own words."""
    cause = find_system_error(error)
    if cause is None:
        return f"{type(error).__name__}, {error}"
    return tell_error(cause) + (f" ({cause.filename})" if cause.filename else "")


def find_system_error(error: BaseException) -> OSError | None:
    """The refusal of the system that `error` is, or tells of; None where it is of another kind.

    DuckDB, Polars and dbt raise errors of their own, which hold the system's words: « No space left on device ».
    """
    if isinstance(error, OSError):
        return error
    said = str(error)
    for number in _TOLD:
        words = os.strerror(number)
        if words in said:
            return OSError(number, words)
    return None

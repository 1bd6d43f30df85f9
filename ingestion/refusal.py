"""Why a file is not loaded: one reason of exports §3, with the French words that explain it and mend it."""

from __future__ import annotations

from ingestion.receipt import Reason


class Refusal(Exception):
    """A file is rejected. `explanation` says what is wrong and where; `remedy` how to mend it (French).

    What it quotes of the file is masked where it is somebody's. `dataset`, `missing` and `unknown` are given where a
    layout was nearly recognised.
    """

    def __init__(
        self,
        reason: Reason,
        explanation: str,
        remedy: str,
        *,
        layout: str | None = None,
        missing: tuple[str, ...] = (),
        unknown: tuple[str, ...] = (),
    ) -> None:
        from ingestion.personal_text import mask_sentence  # imports Polars, which a run with nothing new does without

        super().__init__(mask_sentence(explanation))
        self.reason: Reason = reason
        self.explanation = mask_sentence(explanation)
        self.remedy = remedy
        self.layout = layout
        self.missing = missing
        self.unknown = unknown

    def in_sheet(self, sheet: str) -> Refusal:
        """The same, told of one sheet of a workbook."""
        explanation = f"{sheet[0].upper()}{sheet[1:]} : {self.explanation[0].lower()}{self.explanation[1:]}"
        return Refusal(
            self.reason, explanation, self.remedy, layout=self.layout, missing=self.missing, unknown=self.unknown
        )


def unreadable(explanation: str, remedy: str) -> Refusal:
    """The refusal of a file whose bytes cannot be trusted (exports §3)."""
    return Refusal("unreadable", explanation, remedy)


def too_large() -> Refusal:
    """The refusal of a file that the memory of this machine cannot hold; the others go on."""
    return unreadable(
        "Le fichier, une fois ouvert, est trop grand pour la mémoire de cette machine : il n’est pas lu.",
        "Découpez-le en plusieurs fichiers, ou lancez le passage sur une machine qui a plus de mémoire.",
    )

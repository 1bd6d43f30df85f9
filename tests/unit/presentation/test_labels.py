"""What a label reads like by itself."""

from __future__ import annotations

import pytest

from presentation import labels


@pytest.mark.parametrize(
    ("label", "read"),
    [
        ("dont recettes de l'État", "Recettes de l'État"),
        ("Recettes reçues", "Recettes reçues"),
        ("pass dont le délai court", "Pass dont le délai court"),
    ],
)
def test_a_label_without_its_total_stands_alone(label: str, read: str) -> None:
    """« dont » follows a total: where there is none, it is not said, and the label opens its sentence."""
    assert labels.alone(label) == read

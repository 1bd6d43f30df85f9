"""What was prepared for the passes to save: read again as it was written, or told in French where it is damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from reporting.to_save.state import STATE, Post, PostsUnreadable, read_posts, write_posts

POST = Post("prescripteur", "21940080900014", "CCAS", "29 pass", "ccas.xlsx", {"ccas@ville.example": "envoye"}, {})


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert read_posts(tmp_path) == []
    write_posts(tmp_path, [POST])
    assert read_posts(tmp_path) == [POST]


@pytest.mark.parametrize("content", [b"", b"[{", b'[{"kind": "prescripteur"}]'])
def test_a_damaged_one_says_how_to_have_it_again(tmp_path: Path, content: bytes) -> None:
    (tmp_path / STATE).write_bytes(content)
    with pytest.raises(PostsUnreadable, match=r"abîmé.*passnum report expiring"):
        read_posts(tmp_path)

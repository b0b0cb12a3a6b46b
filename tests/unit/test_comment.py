"""The comment of a pull request: found again by its marker, and never longer than GitHub takes."""

from hypothesis import given
from hypothesis import strategies as st

from tools import comment


def test_the_answers_stand_in_their_order_under_the_marker():
    assert comment.body(["one\n", "", "two"]) == f"{comment.MARKER}\none\n\ntwo\n"


def test_a_long_answer_is_cut_at_a_line_and_the_missing_lines_are_counted():
    rows = [f"| gains | `person{number:05}@example.com` |" for number in range(3000)]
    body = comment.body(["\n".join(rows)])
    shown = [row for row in rows if row in body]

    assert 60_000 < len(body) <= 65_536
    assert shown == rows[: len(shown)]
    assert f"\n{3000 - len(shown)} more lines: " in body


def test_a_line_that_is_too_long_alone_is_counted_and_not_sent():
    body = comment.body(["first\n" + "x" * 70_000 + "\nlast"])

    assert body.startswith(f"{comment.MARKER}\nfirst\n\n2 more lines: ")


@given(st.lists(st.text(alphabet="ab\n", max_size=40_000), max_size=5))
def test_no_body_is_longer_than_github_takes(answers):
    body = comment.body(answers)

    assert len(body) <= 65_536
    assert body.startswith(comment.MARKER + "\n")

"""Names: every script is kept as it was typed; what nobody could see or what turns a sentence around is told of."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from small_graphs import chain

from engine.errors import GraphError
from engine.graph import drawing, edits, naming
from engine.graph.design import Design
from engine.project import codec

UNSEEN = ("\u200b", "\u200d\u200c", "\ufeff", "\u00ad\u2060", "\u3164", "\u2800", "\ufe0f", "\u200e \u200f", "\u034f")
GOOD = (
    "größe",
    "слой 1",
    "畳み込み層",
    "طبقة",
    "שכבה",
    "می‌خواهم",
    "👩‍🔬",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "é",
    "a\u200eb",
    "x\u00a0y",
    "ﷺ",
    "\ue000",
    "क्ष",
)
NASTY = "a\u200b\u202e\u2066\n\x07\ud800\ufe0f "
any_text = st.text(st.characters(codec=None), max_size=12) | st.text(NASTY, max_size=6)


def chain_of_one() -> Design:
    return chain(("ReLU", {}))


@pytest.mark.parametrize("name", GOOD)
def test_any_script_is_kept(name: str) -> None:
    assert naming.accept(name) == naming.show(name) == name


@pytest.mark.parametrize("name", UNSEEN)
def test_a_name_that_shows_nothing_is_refused_in_a_sentence(name: str) -> None:
    with pytest.raises(GraphError, match=r"^A name needs a character that can be seen"):
        naming.accept(name)
    assert naming.show(name) == naming.REPLACEMENT * len(name)


@pytest.mark.parametrize("letter", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
def test_what_turns_the_text_around_it_is_refused_by_its_name(letter: str) -> None:
    with pytest.raises(GraphError, match=f"U.{ord(letter):04X} ") as told:
        naming.accept(f"conv{letter}1vnoc")
    assert letter not in str(told.value), "the sentence would be turned by it"
    assert naming.show(f"a{letter}b") == "a\ufffdb"


def test_a_pasted_line_break_is_a_space_and_any_other_control_character_is_refused() -> None:
    assert naming.accept(" first\r\n\tsecond\u2028 ") == "first second"
    for letter in "\x00\x07\x1b\x7f\x9b\ud800":
        with pytest.raises(GraphError, match="control character U"):
            naming.accept(f"a{letter}b")


def test_nothing_is_cut() -> None:
    node = next(iter(chain_of_one().graph.nodes))
    long = "x" * naming.LONGEST_NAME
    assert edits.rename(chain_of_one(), node, long).graph.nodes[node].label == long
    with pytest.raises(GraphError, match=r"at most 10.000 characters; this one has 10.001"):
        edits.rename(chain_of_one(), node, long + "x")


@given(any_text)
@example("\u202e")
@example("\x85")
def test_a_name_is_kept_whole_or_refused_and_always_shown(text: str) -> None:
    shown = naming.show(text)
    assert len(shown) == len(text) and naming.show(shown) == shown
    assert naming.accept(shown) == shown.strip()
    try:
        kept = naming.accept(text)
    except GraphError as error:
        assert str(error).isprintable() or "\u2009" in str(error) or "\u202f" in str(error)
        assert shown != text
    else:
        assert naming.show(kept) == kept and kept.split() == text.split()


@given(any_text)
def test_a_file_with_any_name_opens_and_shows_it(text: str) -> None:
    design = chain_of_one()
    node = next(iter(design.graph.nodes.values()))
    odd = design.graph.nodes.with_item(node.id, dataclasses.replace(node, label=text))
    design = dataclasses.replace(design, graph=dataclasses.replace(design.graph, nodes=odd))
    opened = codec.plain_to_design(codec.design_to_plain(design))
    assert opened.graph.nodes[node.id].label == naming.show(text)
    assert codec.plain_to_design(codec.design_to_plain(opened)) == opened


@given(any_text)
def test_edits_give_names_that_a_file_keeps(text: str) -> None:
    design = chain_of_one()
    node = next(iter(design.graph.nodes))
    for edit in (
        lambda: edits.rename(design, node, text),
        lambda: drawing.add_frame(design, text, (0, 0, 200, 200))[0],
    ):
        try:
            after = edit()
        except GraphError:
            continue
        assert codec.plain_to_design(codec.design_to_plain(after)) == after

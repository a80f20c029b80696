"""Messages come out whole however the bytes come in; what never ends costs a bounded piece of memory and one connection."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pln_sim.gateway.framing import LONGEST_MESSAGE, FrameReader, frame
from pln_sim.gateway.messages import MessageError, OversizedMessage, UnbuildableMessage

MESSAGES = st.lists(st.binary(max_size=60).map(lambda data: data.replace(b"\xff", b"\x00")), max_size=8)


def drained(reader):
    messages = []
    while (message := reader.next_message()) is not None:
        messages.append(message)
    return messages


@given(messages=MESSAGES, rest=st.binary(max_size=20), data=st.data())
def test_any_split_gives_the_same_messages(messages, rest, data):
    rest = rest.replace(b"\xff", b"")
    stream = b"".join(map(frame, messages)) + rest
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    reader, seen = FrameReader(), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        reader.receive(stream[start:end])
        if data.draw(st.booleans()):
            seen += drained(reader)
    assert seen + drained(reader) == messages
    assert reader.unfinished == len(rest)


@given(stream=st.binary(max_size=300))
def test_garbage_is_cut_at_every_closing_byte(stream):
    whole, bytewise = FrameReader(), FrameReader()
    whole.receive(stream)
    for byte in stream:
        bytewise.receive(bytes([byte]))
    assert drained(whole) == drained(bytewise) == stream.split(b"\xff")[:-1]


def test_two_closing_bytes_in_a_row_are_an_empty_message():
    reader = FrameReader()
    reader.receive(b"\xff\xffA\xff")
    assert drained(reader) == [b"", b"", b"A"]


def test_it_tells_whether_there_is_one():
    reader = FrameReader(longest=3)
    told = [reader.has_message]
    for data in (b"A", b"\xffBB", b"BB"):
        reader.receive(data)
        told.append(reader.has_message)
    assert told == [False, False, True, True]
    reader.next_message()
    assert reader.has_message  # an error
    with pytest.raises(OversizedMessage):
        reader.next_message()


def test_thousands_of_messages_take_no_more_room_than_their_bytes():
    reader, stream = FrameReader(), b"ab\xff" * 100_000
    tracemalloc.start()
    try:
        reader.receive(stream)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 2 * len(stream)
    assert len(drained(reader)) == 100_000


class TestOversized:
    @pytest.mark.parametrize("size", [1, 7, 4096, 100_000])
    def test_whatever_the_pieces(self, size):
        reader, received = FrameReader(), 0
        while received <= LONGEST_MESSAGE:
            assert reader.next_message() is None
            reader.receive(b"A" * size)
            received += size
        for _ in range(2):
            with pytest.raises(OversizedMessage) as caught:
                reader.next_message()
            assert caught.value.position == LONGEST_MESSAGE

    def test_the_longest_is_taken_and_one_more_is_not(self):
        reader = FrameReader()
        reader.receive(b"A" * LONGEST_MESSAGE + b"\xff" + b"B" * (LONGEST_MESSAGE + 1) + b"\xffC\xff")
        assert reader.next_message() == b"A" * LONGEST_MESSAGE
        with pytest.raises(OversizedMessage):
            reader.next_message()

    def test_what_was_complete_in_front_of_it_is_handed_out(self):
        reader = FrameReader(longest=3)
        reader.receive(b"abc\xffd\xffefgh")
        assert [reader.next_message(), reader.next_message()] == [b"abc", b"d"]
        with pytest.raises(OversizedMessage):
            reader.next_message()

    def test_it_keeps_nothing_and_stays_dead(self):
        reader = FrameReader(longest=3)
        for _ in range(1000):
            reader.receive(b"abcdefgh")
            assert reader.unfinished == 0
        reader.receive(b"abc\xff")
        with pytest.raises(OversizedMessage):
            reader.next_message()

    @given(pieces=st.lists(st.binary(max_size=30), max_size=20))
    def test_never_more_is_kept_than_the_longest(self, pieces):
        reader = FrameReader(longest=10)
        for piece in pieces:
            reader.receive(piece)
            assert reader.unfinished <= 10

    def test_it_is_of_the_family(self):
        assert issubclass(OversizedMessage, MessageError)


def test_a_message_that_holds_the_closing_byte_is_not_framed():
    with pytest.raises(UnbuildableMessage) as caught:
        frame(b"28\xff00")
    assert caught.value.position == 2

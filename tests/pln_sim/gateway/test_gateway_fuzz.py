"""Whatever bytes come, the gateway answers the next one who asks, and says the improper back."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pln_sim.gateway.messages import ImproperMessage, Mti, read, write

REPLY_OF = {b"2800": b"2810", b"2100": b"2110", b"2200": b"2210", b"2220": b"2230", b"2221": b"2231"}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_mutated_messages(shared, helpers, data):
    requests = [
        helpers.sign_on(),
        *(helpers.request(mti, meter="14100000109") for mti in (Mti.INQUIRY_REQUEST, Mti.PURCHASE_REQUEST, Mti.ADVICE_REQUEST)),
    ]
    stream = bytearray(write(data.draw(st.sampled_from(requests))))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(stream) - 1))
        stream[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3)).replace(b"\xff", b"")
        if not stream:
            break
    peer = shared.peer()
    peer.send(bytes(stream))
    answer = peer.stream()
    try:
        request = read(bytes(stream))
    except ImproperMessage:
        assert answer == bytes(stream)
    else:
        assert answer == bytes(stream) or answer[:4] == REPLY_OF[request.mti.encode()]
        read(answer)
    assert peer.ask(helpers.sign_on(action="301")).is_successful
    peer.close()


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=9000))
def test_random_bytes(shared, helpers, noise):
    peer = shared.peer()
    peer.socket.sendall(noise + b"\xff")
    for _ in range(noise.count(b"\xff") + 1):
        if peer.stream() is None:
            break
    peer.close()
    other = shared.peer()
    assert other.ask(helpers.sign_on(action="301")).is_successful
    other.close()

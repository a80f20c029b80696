#!/bin/sh
# From purchase to light: a token is made for a meter, keyed in, answered BENAR, and the credit rises. Run by `make demo`.
set -eu
export METER_EMU_HOME="$(mktemp -d)"
trap 'rm -rf "$METER_EMU_HOME"' EXIT
PATH="$(cd "$BIN" && pwd):$PATH"
METER=12345678911

say() { printf '\n%s\n' "$*"; }
show() { printf '$ %s\n' "$*"; "$@"; }

say "1. A meter on the wall: it knows its own key, and nothing of the utility's."
show meter-emu install $METER
show meter-emu status

say "2. The utility sells power for it, through PLN's gateway over TCP: a real 20-digit STS token."
pln-sim gateway --listen 127.0.0.1:0 > "$METER_EMU_HOME/gateway.log" 2>&1 &
GATEWAY=$!
trap 'kill $GATEWAY 2>/dev/null; wait $GATEWAY 2>/dev/null; rm -rf "$METER_EMU_HOME"' EXIT
until ADDRESS=$(sed -n 's/^listening on //p' "$METER_EMU_HOME/gateway.log") && [ -n "$ADDRESS" ]; do
    kill -0 $GATEWAY || { cat "$METER_EMU_HOME/gateway.log" >&2; exit 1; }
    sleep 0.1
done
printf '$ pln-sim gateway --listen 127.0.0.1:0 &\nlistening on %s\n' "$ADDRESS"
printf '$ pln-sim buy %s 50.000 --gateway %s\n' $METER "$ADDRESS"
pln-sim buy $METER 50.000 --gateway "$ADDRESS" > "$METER_EMU_HOME/sold.txt"
cat "$METER_EMU_HOME/sold.txt"
TOKEN=$(tail -n 1 "$METER_EMU_HOME/sold.txt")

say "3. What is in those digits."
show meter-emu sts explain "$TOKEN" --meter $METER

say "4. Key it in. The meter decrypts it, checks it, and says BENAR."
show meter-emu enter "$TOKEN"

say "5. A token works once."
show meter-emu enter "$TOKEN" || true

say "6. The light is on: an hour at 500 W, at 3600 times the speed."
show meter-emu run --load 500 --speed 3600 --for 3600
# The meter has lived an hour in a second, so its next key comes at its own time.
CLOCK=$(meter-emu status --json 2>/dev/null | sed -n 's/.*"clock": "\([^"]*\)".*/\1/p')
printf "$ meter-emu press '37<E>' --at %s\n" "$CLOCK"
meter-emu press '37<E>' --at "$CLOCK"

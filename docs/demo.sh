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

say "2. The utility sells 32.5 kWh for it: a 20-digit STS token."
printf '$ pln-sim token credit %s --kwh 32.5 --json\n' $METER
pln-sim token credit $METER --kwh 32.5 --json > "$METER_EMU_HOME/sold.json"
TOKEN=$(python -c 'import json, sys; print(json.load(open(sys.argv[1]))["token"])' "$METER_EMU_HOME/sold.json")
printf '%s\n' "$(cat "$METER_EMU_HOME/sold.json")"

say "3. What is in those digits."
show meter-emu sts explain "$TOKEN" --meter $METER

say "4. Key it in. The meter decrypts it, checks it, and says BENAR."
show meter-emu enter "$TOKEN"

say "5. A token works once."
show meter-emu enter "$TOKEN" || true

say "6. The light is on: an hour at 500 W, at 3600 times the speed."
show meter-emu run --load 500 --speed 3600 --for 3600
printf "$ meter-emu press '37<E>'\n"
meter-emu press '37<E>'

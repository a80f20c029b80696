"""The factory: makes a new meter and puts it into the memory."""

from meter_emu.meter.access import DEFAULT_ACCESS, Access
from meter_emu.meter.clock import Seconds
from meter_emu.meter.key_register import KeyRegister
from meter_emu.meter.meter import Meter
from meter_emu.meter.profiles import PROFILES
from meter_emu.meter.state import State
from meter_emu.shell.console import note
from meter_emu.store import Entry, Store
from meter_emu.sts.ciphers import SAMPLE_TABLES, StaTables
from meter_emu.sts.keys.key_store import KeyStore, MeterCard


def install_meter(
    store: Store,
    keys: KeyStore,
    card: MeterCard,
    at: Seconds,
    profile: str | None,
    tables: StaTables = SAMPLE_TABLES,
    *,
    access: Access = DEFAULT_ACCESS,
    replace: bool = False,
) -> dict[str, object]:
    """Install a meter as a factory does: it learns its decoder key and never sees the vending key. What was installed."""
    issued = keys.key_of(card)
    state = State(
        drn=card.drn,
        clock=at,
        key=KeyRegister.install(card, issued.decoder_key, tables),
        profile=profile or PROFILES["pln"].name,
        access=access,
    )
    parameters = card.parameters
    details: dict[str, object] = {
        "sgc": parameters.sgc,
        "ti": parameters.ti,
        "krn": parameters.krn,
        "kt": parameters.kt,
        "ken": card.ken,
        "base_date": parameters.base_date.value,
        "ea": parameters.ea.value,
        "dkga": parameters.dkga.value,
        "test_keys": issued.is_test_key,
    }
    store.install(Meter(state), Entry(at, "installed", details), replace=replace)
    if issued.is_test_key:
        note(f"meter {card.drn} has published test keys: good for tests, no secret")
    return {"meter": card.drn, "profile": state.profile, **details}

"""``pln-sim gateway``: the gateway that switchings connect to. Only options are declared here; see pln_sim.gateway.service."""

from typing import Any

import click

from meter_emu.shell import console
from meter_emu.shell.duration import Duration
from meter_emu.shell.network_address import Address, is_loopback, listen_option, require_loopback
from meter_emu.sts.errors import StsError
from pln_sim import DEFAULT_GATEWAY
from pln_sim.cli.database import db_option, opened
from pln_sim.cli.token_request import home_folder, home_option, tables_option

LOG_LEVELS = ("debug", "info", "warning")
DEPOT_SECONDS = 10
"""How long the gateway waits for the database at a time: less than it takes until a request is answered 0068."""
TEST_KEYS_TOO = "test keys: meters that the key file does not name, test meters too, have published keys, which protect nothing"


class FaultRate(click.ParamType[Any]):
    """A fault and how likely it is: ``lost-reply=0.1``."""

    name = "fault"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The pair; a usage error for anything else."""
        from pln_sim.gateway.faults import rate

        try:
            return rate(value) if isinstance(value, str) else value
        except StsError as error:
            self.fail(str(error), param, ctx)


SECONDS = Duration()


@click.command()
@listen_option(DEFAULT_GATEWAY)
@click.option("--allow-remote", is_flag=True, help="Allow an address that other machines can reach.")
@db_option
@click.option(
    "--config",
    type=console.PATH,
    metavar="FILE",
    help="Put switchings, customers, products and tariffs of a TOML file into the database; test meters.",
)
@click.option("--show-config", is_flag=True, help="Print the built-in configuration, a file to start from, then stop.")
@click.option("--list-test-meters", is_flag=True, help="Print the test meters and what each provokes, then stop.")
@click.option("--honest-bit-map", is_flag=True, help="Do not announce field 15 in a 2110, which has none.")
@click.option(
    "--fault", "rates", type=FaultRate(), multiple=True, metavar="FAULT=RATE", help="Like lost-reply=0.1; repeatable."
)
@click.option("--seed", type=int, metavar="N", help="Make the faults of a run repeatable.")
@click.option("--late-seconds", type=SECONDS, default=45, show_default=True, help="How late a late reply is.")
@click.option("--read-timeout", type=SECONDS, default=30, show_default=True, help="For one message to come whole.")
@click.option("--idle-timeout", type=SECONDS, default=3600, show_default=True, help="Between two messages.")
@click.option(
    "--connections", type=click.IntRange(1, 60000), default=1000, show_default=True, metavar="N", help="Open at once, at most."
)
@click.option("--metrics", type=Address(), metavar="HOST:PORT", help="Serve Prometheus text there, on loopback only.")
@click.option("--control", type=console.PATH, metavar="FILE", help="Socket file for `pln-sim faults`.")
@click.option("--log-level", type=click.Choice(LOG_LEVELS), default="info", show_default=True, help="debug shows tokens.")
@click.option("--key-file", metavar="FILE", help="Vending keys and meters (TOML, mode 0600); default: keys.toml in the home.")
@click.option("--tariffs", type=console.PATH, metavar="FILE", help="Put other rates and rules (TOML) into it.")
@tables_option
@home_option
@console.json_option
def gateway(listen: tuple[str, int], allow_remote: bool, metrics: tuple[str, int] | None, **options: Any) -> None:
    """Be the gateway: take messages of switchings over TCP and sell tokens.

    Prints `listening on HOST:PORT` when ready. SIGTERM finishes what is under way. A new database has the switching 10000D3
    with bank 0110000, the specification's meter 12345678911 and fourteen others; --config replaces them, once and for all.
    """
    require_loopback([listen[0]], allow_remote)
    if metrics and not is_loopback(metrics[0]):
        raise click.UsageError(f"metrics are served on loopback only, not on {metrics[0]}")
    _run(listen, metrics, options)


def _run(listen: tuple[str, int], metrics: tuple[str, int] | None, options: dict[str, Any]) -> None:
    from pln_sim.gateway.configuration import built_in_configuration, built_in_text, read_configuration
    from pln_sim.vending.tariff import read_tariffs

    if options["show_config"]:
        click.echo(built_in_text(), nl=False)
        return
    tariffs = read_tariffs(options["tariffs"]) if options["tariffs"] else None
    configuration = read_configuration(options["config"], tariffs) if options["config"] else built_in_configuration()
    if options["list_test_meters"]:
        for meter in configuration.test_meters.values():
            if options["as_json"]:
                console.echo_json({"meter": meter.meter, "provokes": meter.description})
            else:
                click.echo(f"{meter.meter}  {meter.description}")
        return
    import asyncio

    from meter_emu.shell.key_file import TEST_KEYS, key_store
    from meter_emu.shell.tables_file import read_tables_file
    from meter_emu.sts.ciphers import SAMPLE_TABLES
    from pln_sim.gateway import log
    from pln_sim.gateway.descriptors import allow_connections
    from pln_sim.gateway.faults import together
    from pln_sim.gateway.patience import Patience
    from pln_sim.gateway.service import Service

    rates = together(dict(options["rates"]))
    allow_connections(options["connections"])
    home = home_folder(options["home"])
    keys = key_store(options["key_file"], home)
    console.note(TEST_KEYS_TOO if keys.vending_keys else TEST_KEYS)
    service = Service(
        host=listen[0],
        port=listen[1],
        open_depot=lambda: opened(options["db"], home, DEPOT_SECONDS),
        configuration=configuration,
        replaces=options["config"] is not None,
        tariffs=tariffs,
        keys=keys,
        sta_tables=read_tables_file(options["tables"]) if options["tables"] else SAMPLE_TABLES,
        now=console.now,
        honest_bit_map=options["honest_bit_map"],
        rates=rates,
        seed=options["seed"],
        patience=Patience(
            read=options["read_timeout"],
            idle=options["idle_timeout"],
            late=options["late_seconds"],
            connections=options["connections"],
        ),
        metrics=metrics,
        control=options["control"],
    )
    with log.to_stderr(options["log_level"]):
        asyncio.run(service.run(click.echo))

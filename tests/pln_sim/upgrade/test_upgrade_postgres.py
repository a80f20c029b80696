"""The same on a PostgreSQL server, where the tables are made on the way."""

import json


def test_upgrade_on_a_server(postgres, pln_sim, some):
    db = ("--db", postgres.url, "--json")
    voucher = json.loads(pln_sim("upgrade", "voucher", some.METER, "A1", *db).stdout)["voucher"]
    first = pln_sim("upgrade", some.METER, "--va", "900", "--voucher", voucher, *db)
    assert first.exit_code == 0, first.output
    again = json.loads(pln_sim("upgrade", some.METER, "--va", "900", "--voucher", voucher, *db).stdout)
    assert again == json.loads(first.stdout) | {"repeated": True}
    assert "was used" in pln_sim.complaint("upgrade", some.METER, "--va", "1300", "--voucher", voucher, *db[:2], exit_code=1)
    sold = json.loads(pln_sim("vend", some.METER, "20000", *db).stdout)
    assert sold["va"] == 900
    diagnosed = pln_sim("desk", "diagnose", some.METER, sold["token"], *db)
    causes = [json.loads(line)["cause"] for line in diagnosed.stdout.splitlines()]
    assert causes == ["key change first", "sold"], diagnosed.output

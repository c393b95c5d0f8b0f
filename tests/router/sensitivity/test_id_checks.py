"""Each national number: a published example (or one computed by its rule), and a neighbour that fails."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from router.sensitivity import id_checks as check


@pytest.mark.parametrize(
    ("function", "good", "bad"),
    [
        (check.nir, "185057800608491", "185057800608492"),
        (check.steuer_id, "86095742719", "86095742718"),
        (check.rentenversicherung, "15070649C103", "15070649C104"),
        (check.dni, "12345678Z", "12345678A"),
        (check.nie, "X1234567L", "X1234567M"),
        (check.ssn, "219-09-9999", "000-09-9999"),
        (check.misread, "219-O9-9999", "219-09-9999"),
        (check.nhs, "943 476 5919", "943 476 5918"),
        (check.bsn, "111222333", "111222334"),
        (check.nif, "123456789", "123456788"),
        (check.belgian, "85.07.30-033.28", "85.07.30-033.29"),
        (check.pesel, "44051401359", "44051401358"),
        (check.turkish, "10000000146", "10000000147"),
        (check.cpf, "111.444.777-35", "111.444.777-36"),
        (check.ahv, "756.9217.0769.85", "756.9217.0769.84"),
        (check.hetu, "131052-308T", "131052-308U"),
        (check.pps, "1234567T", "1234567A"),
        (check.sin, "130 692 544", "130 692 545"),
        (check.aadhaar, "2341 2341 2346", "2341 2341 2347"),
        (check.tfn, "876543210", "876543211"),
        (check.south_african, "8001015009087", "8001015009088"),
        (check.thai, "1-1017-00230-70-8", "1-1017-00230-70-7"),
        (check.nordic, "811228-9874", "811328-9875"),
        (check.any_id, "1234567", "2023-10-27"),
    ],
)
def test_check(function: Callable[[str], bool], good: str, bad: str) -> None:
    assert function(good)
    assert not function(bad)

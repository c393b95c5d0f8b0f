"""If these fail, a secret is printed, or a bound is not one."""

from __future__ import annotations

import subprocess
import sys
from typing import Annotated

import pytest
from pydantic import TypeAdapter, ValidationError

from gateway.config.kinds import Secret, Within


def test_a_secret_is_not_shown() -> None:
    secret = Secret("sk-1")
    assert secret.get_secret_value() == "sk-1"
    assert "sk-1" not in f"{secret} {secret!r} {[secret]}"
    assert b"sk-1" not in TypeAdapter(Secret).dump_json(secret)
    assert repr(Secret("")) == "Secret('')"  # so that it can be seen that none is set


def test_the_same_secret_is_the_same() -> None:
    assert Secret("a") == Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2


def test_a_secret_is_a_text() -> None:
    adapter = TypeAdapter(Secret)
    assert adapter.validate_python("a") == Secret("a")
    with pytest.raises(ValidationError):
        adapter.validate_python(1)


def test_bounds_are_those_of_the_number() -> None:
    adapter: TypeAdapter[int] = TypeAdapter(Annotated[int, Within(ge=1, le=3)])
    assert adapter.validate_python("3") == 3
    for outside in (0, 4):
        with pytest.raises(ValidationError):
            adapter.validate_python(outside)
    assert adapter.json_schema() == {"type": "integer", "minimum": 1, "maximum": 3}


def test_whoever_is_handed_settings_needs_no_pydantic() -> None:
    """It would cost each worker and the parent some 10 MB."""
    program = "import sys, gateway.config.snapshot; assert not {'pydantic', 'pydantic_core', 'yaml'} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0

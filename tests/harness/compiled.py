"""Whether what is tested is compiled: there, nothing can be put in the place of a class that modules share."""

from __future__ import annotations

import pytest

from router.sensitivity import scanner

IS_COMPILED = not str(scanner.__file__).endswith(".py")
PURE_ONLY = pytest.mark.skipif(
    IS_COMPILED, reason="needs pure Python: TIDEGATE_PURE=1, as in the last part of `make test`"
)

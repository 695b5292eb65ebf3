import json

import pytest

from tests.golden.network import DIGESTS, SOCS, digests


@pytest.mark.parametrize("soc", SOCS)
def test_the_default_model_has_its_golden_integers(soc):
    assert digests(soc) == json.loads(DIGESTS.read_text(encoding="utf-8"))[soc]

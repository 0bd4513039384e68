"""What providers post, one table for all channels."""

from pathlib import Path

import pytest

import channels as channels_package
from channels.errors import ForgedError, PayloadError
from tests.channels.cases import Case, cases, channels, factories, names

FOLDERS = sorted(path.parent.name for path in Path(channels_package.__path__[0]).glob("*/adapter.py"))
OUTCOMES = {"parsed", "forged", "error"}
PAYLOADS = {"json", "form", "body"}
KEYS = OUTCOMES | PAYLOADS | {"about", "headers", "url", "sender", "unsigned"}


@pytest.mark.parametrize("case", [case for channel in channels() for case in cases(channel)], ids=str)
def test_a_payload_means_what_the_table_says(case: Case) -> None:
    adapter, call = case.adapter(), case.call()
    if code := case.told.get("forged"):
        with pytest.raises(ForgedError) as forged:
            adapter.verify(call)
        assert forged.value.code == code
        return
    if "unsigned" not in case.told:
        adapter.verify(call)
    if code := case.told.get("error"):
        with pytest.raises(PayloadError) as refused:
            adapter.parse(call)
        assert refused.value.code == code
        return
    assert adapter.parse(call).model_dump(mode="json", exclude_defaults=True) == case.told["parsed"]


@pytest.mark.parametrize("channel", channels())
def test_a_table_is_complete_and_nothing_stands_in_it_twice(channel: str) -> None:
    table = list(cases(channel))
    assert len({str(case) for case in table}) == len(table)
    for case in table:
        assert case.told.keys() <= KEYS, case
        assert len(case.told.keys() & OUTCOMES) == 1, case
        assert len(case.told.keys() & PAYLOADS) == 1, case


@pytest.mark.parametrize("channel", FOLDERS)
def test_every_channel_has_a_table_with_every_kind_of_payload(channel: str) -> None:
    assert channel in channels()
    told = {name for case in cases(channel) for name in names(case.told.get("json") or case.told.get("form") or {})}
    assert set(getattr(factories(channel), "KINDS", ())) - told == set()


@pytest.mark.parametrize("case", [case for channel in channels() for case in cases(channel)], ids=str)
def test_a_repeated_payload_has_the_same_ids(case: Case) -> None:
    if "parsed" in case.told:
        assert case.adapter().parse(case.call()) == case.adapter().parse(case.call())

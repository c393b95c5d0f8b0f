"""What stands behind `password =`."""

from __future__ import annotations

import pytest

from router.sensitivity.detectors.credentials import CREDENTIALS
from router.sensitivity.view import view_of


def credentials(text: str) -> list[str]:
    return [text[span.start : span.end] for span in CREDENTIALS.find(view_of(text), [0, 1])]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("password = " + "Gr8nite!Fox", "Gr8nite!Fox"),
        ("DB_PASS='" + "x9%kQ2!mzz" + "'", "x9%kQ2!mzz"),
        ("mein Passwort ist " + "Birke77!", "Birke77!"),
        ("mon mot de passe " + "Foug3re!9" + " ne marche plus", "Foug3re!9"),
        ("gpg --passphrase " + "N7kkQ2d31Zx" + " --output x", "N7kkQ2d31Zx"),
        ("Client secret " + "AQhq5Xyb8Gga9Q0", "AQhq5Xyb8Gga9Q0"),
        ('setopt(curl, CURLOPT_PASSWORD, "' + "k2ASRCRi8FLPDi" + '");', "k2ASRCRi8FLPDi"),
        ('props.put("password", "' + "k2ASRCRi8FLPDi" + '");', "k2ASRCRi8FLPDi"),
        ("CREATE USER x IDENTIFIED BY '" + "Sq7pa5sW0rD" + "';", "Sq7pa5sW0rD"),
        ("<password>" + "Sq7pa5sW0rD" + "</password>", "Sq7pa5sW0rD"),
        ("curl -u " + "joe:P@ssw8rd$1" + " https://x", "joe:P@ssw8rd$1"),
        ("BUNDLE_GEMS__ACME__COM=" + "cafe12ab:beef99cd", "cafe12ab:beef99cd"),
        ("Authorization: Basic " + "am9lOnM=QQ", "am9lOnM=QQ"),
        ("Activation key: " + "ZAQWS-XCDER-VBGTR-FRTGU", "ZAQWS-XCDER-VBGTR-FRTGU"),
        ("my password: " + "Fuchs88!x" + ", user name: uhu_7", "Fuchs88!x"),
        ('api_key: "' + "9f8e7d6c5b4a39281706" + '"', "9f8e7d6c5b4a39281706"),
    ],
)
def test_finds(text: str, value: str) -> None:
    assert value in credentials(text)


def test_the_user_name_beside_a_password_goes_with_it() -> None:
    assert credentials("user name: uhu_7, password: " + "Fuchs88!x") == ["Fuchs88!x", "uhu_7"]
    assert credentials("user name: uhu_7, please") == []


@pytest.mark.parametrize(
    "text",
    [
        "password = os.environ['DB_PASSWORD']",
        "token = get_token(user)",
        "password: ${PASSWORD}",
        "password = 'changeme'",
        "my password is not accepted",
        "max_tokens: 4096",
        'tokenizer = AutoTokenizer.from_pretrained("acme/llm-t5-3b-v1.0")',
        'words = ["token", "c098f218-face-c0fe"]',
        "curl -u user:[PASSWORD] https://x",
        "pwdump=n8NeKreD",
        "csrf_token = 7SWaFo1hsC6oovfBsJ",
        "how do I hash a password in Python?",
    ],
)
def test_leaves_code_and_words_alone(text: str) -> None:
    assert credentials(text) == []

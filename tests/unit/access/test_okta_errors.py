"""What Okta says of a refused request is shown, with what to do about it."""

import httpx
import pytest

from access.verification.okta_org import Org, complaint
from settings import SettingsError

NO_PROOF = "The DPoP proof JWT header is missing."
ANSWERS = [
    (401, {"errorCode": "E0000011", "errorSummary": "Wrong"}, "401 E0000011 Wrong; check the"),
    (403, {"errorCode": "E0000006", "errorSummary": "No"}, "403 E0000006 No; the token needs okta"),
    (
        400,
        {"error": "invalid_dpop_proof", "error_description": NO_PROOF},
        f"400 invalid_dpop_proof {NO_PROOF}; clear Require Demonstrating",
    ),
    (400, {"error": "invalid_client", "error_description": "None."}, "400 invalid_client None."),
    (
        400,
        {"errorCode": "E1", "errorSummary": "no", "errorCauses": [{"errorSummary": "why"}]},
        "400 E1 why",
    ),
    (500, None, "500 Internal Server Error"),
    (502, ["not", "an", "object"], "502 Bad Gateway"),
]


@pytest.mark.parametrize(("status", "body", "begins"), ANSWERS)
def test_oktas_words_and_what_to_do(status, body, begins):
    content = {"text": "<html>"} if body is None else {"json": body}
    answer = httpx.Response(status, **content)

    assert complaint(answer).startswith(begins)


def test_a_page_in_place_of_json_is_one_line(monkeypatch):
    """As a proxy with a sign-in page of its own answers: 200 and HTML."""
    page = httpx.Response(200, html="<html>sign in</html>")
    monkeypatch.setenv("OKTA_ORG_NAME", "acme")
    monkeypatch.setenv("OKTA_API_TOKEN", "token")
    monkeypatch.setattr(httpx.Client, "request", lambda *_, **__: page)

    for ask in (lambda: Org().get("/x"), lambda: list(Org().every("/x"))):
        with pytest.raises(
            SettingsError, match=r"/x: the answer is no JSON \(text/html"
        ) as refused:
            ask()
        assert "\n" not in str(refused.value)

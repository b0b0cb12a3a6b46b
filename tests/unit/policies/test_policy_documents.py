import pytest
from pulumi_policy.proxy import unknown_checking_proxy

import documents


@pytest.mark.parametrize(
    ("pattern", "text", "taken"),
    [
        ("s3:GetObject", "S3:getobject", True),
        ("s3:Get*", "s3:GetObject", True),
        ("s3:*", "s3:", True),
        ("*", "s3:GetObject", True),
        ("s3:Get?bject", "s3:GetObject", True),
        ("s3:Get?bject", "s3:Getbject", False),
        ("s3:Get*", "s3:PutObject", False),
        ("s3.GetObject", "s3:GetObject", False),
        ("s3:Get[O]bject", "s3:GetObject", False),
    ],
)
def test_a_pattern_takes_what_iam_says_it_takes(pattern, text, taken):
    assert documents.matches(pattern, text) is taken


def test_a_document_may_be_an_object_behind_the_engines_proxy():
    statement = {"Effect": "Allow", "Action": ["s3:*", "sqs:*"], "Resource": "*"}
    proxied = unknown_checking_proxy({"policy": {"Statement": [statement]}})["policy"]
    [read] = documents.allows(proxied)
    assert read.actions == ("s3:*", "sqs:*")
    assert read.resources == ("*",)


def test_a_condition_on_a_boolean_reads_as_iam_writes_it():
    statement = {"Effect": "Allow", "Condition": {"Bool": {"aws:SecureTransport": True}}}
    [read] = documents.statements({"Statement": statement})
    assert read.conditions_on("AWS:securetransport") == [("Bool", ("true",))]


@pytest.mark.parametrize("principal", [{"Principal": "*"}, {"NotPrincipal": {"AWS": "111"}}])
def test_everybody_includes_every_identity_provider(principal):
    [read] = documents.statements({"Statement": principal})
    assert read.federated == ("*",)


@pytest.mark.parametrize(
    ("words", "sentence"), [("a", "a"), ("ab", "a and b"), ("abc", "a, b and c")]
)
def test_words_are_listed_as_in_a_sentence(words, sentence):
    assert documents.join_words(words) == sentence

from datetime import date

import pytest
from pulumi_policy import StackValidationArgs
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

import findings
from findings import Finding

FOUND = Finding("audit", "s3:*", "IAM policy 'audit' must not allow s3:*.", "urn:audit")
EXCUSE = {
    "resource": "audit",
    "finding": "s3:*",
    "reason": "moves to single actions with the new backup",
    "until": "2026-03-31",
}
TODAY = date(2026, 3, 31)


def test_a_finding_is_reported_with_its_key_in_brackets():
    assert (
        findings.format_finding(FOUND, [], TODAY)
        == "IAM policy 'audit' must not allow s3:*. [s3:*]"
    )


def test_an_exception_counts_on_its_last_day():
    assert findings.format_finding(FOUND, [EXCUSE], TODAY) is None


def test_an_exception_no_longer_counts_on_the_day_after_and_says_so():
    assert findings.format_finding(FOUND, [EXCUSE], date(2026, 4, 1)) == (
        "IAM policy 'audit' must not allow s3:*. [s3:*] "
        "Its exception ended on 2026-03-31: moves to single actions with the new backup"
    )


@pytest.mark.parametrize("change", [{"resource": "backup"}, {"finding": "sqs:*"}])
def test_an_exception_is_for_one_finding_on_one_resource(change):
    assert findings.format_finding(FOUND, [EXCUSE | change], TODAY) is not None


def test_a_renewed_exception_counts_beside_the_one_that_ended():
    renewed = [EXCUSE | {"until": "2026-01-31"}, EXCUSE]
    assert findings.format_finding(FOUND, renewed, TODAY) is None


def test_a_last_day_that_no_calendar_has_is_an_error_that_names_the_exception():
    with pytest.raises(ValueError, match=r"until, in the exception of 'audit' \[s3:\*\]: day is"):
        findings.format_finding(FOUND, [EXCUSE | {"until": "2026-02-30"}], TODAY)


def test_a_rule_reads_its_exceptions_from_the_configuration():
    other = FOUND._replace(key="sqs:*", urn="urn:other")
    validate = findings.as_validator(lambda args: [FOUND, other])
    said = []
    args = StackValidationArgs([], {"exceptions": [EXCUSE | {"until": "2999-12-31"}]})
    validate(args, lambda *given: said.append(given))
    assert said == [("IAM policy 'audit' must not allow s3:*. [sqs:*]", "urn:other")]


def test_what_is_found_before_an_unknown_value_is_reported():
    def find(args):
        yield FOUND
        raise UnknownValueError(UNKNOWN_STRING_VALUE, ["arn"])

    said = []
    with pytest.raises(UnknownValueError):
        findings.as_validator(find)(StackValidationArgs([]), lambda *given: said.append(given))
    assert len(said) == 1

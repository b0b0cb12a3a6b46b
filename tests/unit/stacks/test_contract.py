"""What a stack exports is what was promised: today's stacks, yesterday's consumers, and back."""

import json
import runpy
from contextlib import suppress
from pathlib import Path

import jsonschema
import pulumi
import pulumi_aws as aws
import pytest
import yaml

from okta_aws_federation import stack_outputs
from okta_aws_federation.stack_reference import READABLE, ContractError, Federation

ROOT = Path(__file__).parents[3]
STACKS = sorted([*ROOT.glob("Pulumi.*.yaml"), *ROOT.glob("examples/*/Pulumi.*.yaml")])
TODAY = json.loads((ROOT / "docs" / "reference" / "outputs.schema.json").read_text())
RELEASED = {version: Path(__file__).parent / f"contract_v{version}" for version in (1, 2)}
SCHEMAS = {v: json.loads((path / "schema.json").read_text()) for v, path in RELEASED.items()}
SAMPLES = {v: json.loads((path / "outputs.json").read_text()) for v, path in RELEASED.items()}
SCHEMA = SCHEMAS[stack_outputs.VERSION]
NAME = "organization/okta-aws-federation/dev"
SECRET = "provisioningSecretAccessKey"


def config_of(stack):
    return yaml.safe_load(stack.read_text())["config"]


@pytest.fixture
def outputs_of(deploy, monkeypatch):
    """Run the program with a stack's configuration; answers with what it exported."""

    def outputs_of(config):
        found = {}

        def export(name, value):
            pulumi.Output.from_input(value).apply(lambda plain: found.update({name: plain}))

        monkeypatch.setattr(pulumi, "export", export)
        deploy(config)
        return found

    return outputs_of


@pytest.fixture
def read(cloud, run):
    """What a consumer makes of a stack's outputs: `read(lambda: Federation(NAME).app_id)`."""

    def read(reading, outputs, *, make=Federation):
        cloud.stacks[NAME] = outputs
        found = {}

        async def keep(output):
            found.update(value=await output.future(), secret=await output.is_secret())

        run(lambda: pulumi.Output.from_input(keep(reading(make(NAME)))).apply(lambda _: None))
        return found["value"], found["secret"]

    return read


@pytest.mark.parametrize("stack", STACKS, ids=lambda path: path.stem)
def test_a_stack_exports_what_is_promised_and_nothing_besides(outputs_of, stack):
    outputs = outputs_of(config_of(stack))

    jsonschema.validate(outputs, TODAY)
    jsonschema.validate(outputs, SCHEMA)
    assert set(outputs) <= set(stack_outputs.Outputs.__annotations__)


def test_each_output_is_of_the_resource_that_it_names(outputs_of):
    account, role = "123456789012", "Developer"
    provider = f"arn:aws:iam::{account}:saml-provider/Okta"

    outputs = outputs_of(
        {
            f"okta-aws-federation:{section}": value
            for section, value in {
                "accounts": {"main": {"id": account, "region": "us-east-1"}},
                "roles": {role: {}},
                "groups": {"AWSDeveloper": {"roles": [role]}},
                "provisioning": {"keys": ["2026-05", "2026-11"]},
            }.items()
        }
    )

    assert outputs == {
        "contractVersion": 2,
        "appId": "federation-app-id",
        "signInUrl": "https://dev-1.okta.test/home/amazon_aws/federation-app-id/272",
        "certificateExpires": "2999-01-01T00:00:00Z",
        "samlProviderArns": {"main": provider},
        "roles": {role: "arn:Developer-role"},
        "membershipResources": "person",
        "groupIds": {"AWSDeveloper": "AWSDeveloper-group-id"},
        "provisioningAccessKeyId": "provisioning-key-2026-11-id",
        SECRET: "secret of provisioning-key-2026-11",
    }


def lines_of(value):
    """How many lines the engine prints for an output: it prints JSON in a text as a mapping."""
    with suppress(TypeError, ValueError):
        value = json.loads(value)
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(lines_of, inner)) + (1 if isinstance(value, dict | list) else 0)


@pytest.mark.parametrize("mode", ["saml-roles", "group-mapping"])
def test_a_role_adds_at_most_two_lines_to_what_an_update_prints(outputs_of, mode):
    def lines(*roles):
        sections = {
            "mode": mode,
            "accounts": {"main": {"id": "123456789012", "region": "us-east-1"}},
            "roles": {role: {} for role in roles},
            "groups": {"People": {"roles": list(roles), "members": ["ada@example.com"]}},
        }
        return lines_of(outputs_of({f"okta-aws-federation:{k}": v for k, v in sections.items()}))

    assert 1 <= lines("One", "Two") - lines("One") <= 2


@pytest.mark.parametrize("name", SCHEMA["properties"])
def test_an_output_of_this_version_is_there_and_has_its_form(name):
    assert TODAY["properties"][name]["type"] == SCHEMA["properties"][name]["type"]
    assert (name in TODAY["required"]) == (name in SCHEMA["required"])


@pytest.mark.parametrize("version", SAMPLES)
def test_a_sample_keeps_the_contract_of_its_version(version):
    jsonschema.validate(SAMPLES[version], SCHEMAS[version])
    assert SAMPLES[version]["contractVersion"] == version
    assert set(SCHEMAS) == set(READABLE)


def test_a_consumer_of_version_1_reads_its_own_and_refuses_a_stack_of_today(outputs_of, read):
    outputs = outputs_of(config_of(ROOT / "Pulumi.dev.yaml"))
    earlier = runpy.run_path(str(RELEASED[1] / "consumer.py"))["Federation"]

    name, _ = read(lambda stack: stack.role_name("OktaDeveloper"), SAMPLES[1], make=earlier)

    assert name == "OktaDeveloper"
    with pytest.raises(ValueError, match="have version 2; this project reads version 1"):
        read(lambda stack: stack.role_name("OktaDeveloper"), outputs, make=earlier)


TRUST = SAMPLES[1]["trustPolicies"]["OktaDeveloper"]
PAIR = SAMPLES[1]["roles"]["OktaDeveloper"]["pair"]
READINGS = {
    "appId": lambda stack: stack.app_id,
    "signInUrl": lambda stack: stack.sign_in_url,
    "certificateExpires": lambda stack: stack.certificate_expires,
    "metadata": lambda stack: stack.metadata,
    "samlProviderArns": lambda stack: stack.saml_provider_arn("main"),
    "roles": lambda stack: stack.role_arn("OktaDeveloper"),
    "groupIds": lambda stack: stack.group_id("AWSDeveloper"),
    "provisioningAccessKeyId": lambda stack: stack.provisioning_access_key_id,
    SECRET: lambda stack: stack.provisioning_secret_access_key,
}
"""Output -> how a consumer reads it, or an entry of it."""
PLAIN = SAMPLES[2] | {
    "metadata": "<EntityDescriptor/>",
    "samlProviderArns": SAMPLES[2]["samlProviderArns"]["main"],
    "roles": SAMPLES[2]["roles"]["OktaDeveloper"],
    "groupIds": SAMPLES[2]["groupIds"]["AWSDeveloper"],
}


@pytest.mark.parametrize("version", SAMPLES)
@pytest.mark.parametrize("output", READINGS)
def test_a_consumer_of_today_reads_each_version(read, output, version):
    value, secret = read(READINGS[output], SAMPLES[version] | {"metadata": PLAIN["metadata"]})

    assert value == PLAIN[output]
    assert secret == (output == SECRET), "one secret makes no secret of everything"


@pytest.mark.parametrize("version", SAMPLES)
def test_the_value_of_the_attribute_role_and_the_trust_policy_are_read_of_each_version(
    cloud, read, version
):
    """Of version 2 the first follows from two ARNs, and AWS is asked for the other."""
    cloud.trust_policies["OktaDeveloper"] = TRUST

    assert read(lambda stack: stack.role_pair("OktaDeveloper"), SAMPLES[version]) == (PAIR, False)
    assert read(lambda stack: stack.trust_policy("OktaDeveloper"), SAMPLES[version]) == (
        TRUST,
        False,
    )
    assert len(cloud.lookups) == version - 1


def test_of_several_accounts_a_role_is_paired_with_the_provider_of_its_own(read):
    role = "arn:aws:iam::222222222222:role/Audit"
    providers = {
        name: f"arn:aws:iam::{account}:saml-provider/Okta"
        for name, account in (("one", "111111111111"), ("two", "222222222222"))
    }
    outputs = {"contractVersion": 2, "samlProviderArns": providers, "roles": {"two/Audit": role}}

    value, _ = read(lambda stack: stack.role_pair("two/Audit"), outputs)

    assert value == f"{providers['two']},{role}"


def test_a_trust_policy_is_read_with_the_provider_of_the_role_s_account(cloud, read):
    cloud.trust_policies["OktaDeveloper"] = TRUST

    def reading(stack):
        provider = aws.Provider("other", allowed_account_ids=["123456789012"])
        return stack.trust_policy("OktaDeveloper", pulumi.InvokeOptions(provider=provider))

    assert read(reading, SAMPLES[2])[0] == TRUST
    assert cloud.lookup_providers == {"other"}


def test_every_output_can_be_read():
    assert READINGS.keys() == set(SCHEMA["properties"]) - {"contractVersion", "membershipResources"}


@pytest.mark.parametrize(
    ("change", "reading", "said"),
    [
        (
            {"appId": None},
            READINGS["appId"],
            f"{NAME} has no output appId (it has contractVersion, groupIds, roles); deploy it with "
            "a program and in a mode that exports appId",
        ),
        (
            {},
            lambda stack: stack.role_arn("OktaDevelper"),
            f"{NAME} has no OktaDevelper in its output roles (it has OktaDeveloper); did you mean "
            "OktaDeveloper?",
        ),
        (
            {},
            lambda stack: stack.group_id("Auditors"),
            f"{NAME} has no Auditors in its output groupIds (it has AWSDeveloper); add Auditors to "
            "the stack file, and deploy it",
        ),
        (
            {"contractVersion": 3},
            READINGS["appId"],
            f"{NAME} has outputs of version 3, and this package reads 1 and 2; install the "
            "okta-aws-federation that the stack is deployed with",
        ),
        (
            {"contractVersion": None},
            READINGS["appId"],
            f"{NAME} has no output contractVersion, so it is no stack of okta-aws-federation (it "
            "has appId, groupIds, roles); name one that is",
        ),
    ],
)
def test_what_is_not_there_is_said_in_one_line(read, change, reading, said):
    kept = ("appId", "contractVersion", "groupIds", "roles")
    outputs = {name: SAMPLES[2][name] for name in kept} | change
    outputs = {name: value for name, value in outputs.items() if value is not None}

    with pytest.raises(ContractError) as refused:
        read(reading, outputs)

    assert str(refused.value) == said


def test_a_stack_that_was_never_deployed_says_so(read):
    with pytest.raises(ContractError, match="has no outputs yet; deploy it first: pulumi up"):
        read(READINGS["appId"], {})
